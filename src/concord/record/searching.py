"""Search for programs: items that match, as far as the asker may have them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import Clock, Keys, PersonId
from concord.fhir import Search, encode
from concord.fhir.searches import descending, place_of, subset
from concord.governance import Asker, Gate, SourceSystem
from concord.record.across import AcrossPeople, part_of
from concord.record.asking import asked
from concord.record.bringing import Bringing
from concord.record.following import Following, with_aliases
from concord.record.paging import Key, Pager
from concord.record.reading import Found, ItemReader, Opened, Served
from concord.record.rows import Rows
from concord.record.scopes import Scope, Timings
from concord.record.seeking import Seeker
from concord.record.seen import Seen
from concord.store import Reading, Store, people
from concord.store.across import Match, Part
from concord.store.items import Place

_PAGE = 100


class Hit(NamedTuple):
    """An item found, and where it stands in the order asked for; not yet opened when it was found across people."""

    key: Key
    found: Opened | Match


class Searcher:
    """One snapshot, one decision and one audit row a person."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock, reader: ItemReader
    ) -> None:
        self._store = store
        self._audit = audit
        self._keys = keys
        self._clock = clock
        self._reader = reader
        self._pager = Pager(keys, clock)
        self._rows = Rows(gate, keys)
        self._seeker = Seeker(reader, self._rows, AcrossPeople(gate, keys), keys)

    def search(self, search: Search, asker: Asker) -> Audited[Found]:
        """Items that match, in the order asked for. Nothing that is hidden is found, counted, sorted or included.

        Raises Incorrect for what can be asked of one person alone and names none, and for too much at once.
        """
        timings: Timings = {}
        counting = search.summary == "count"
        if isinstance(asker, SourceSystem):
            search = _with_aliases(search, asker, self._keys)
        with self._store.reading() as reading:
            following = Following(reading, asker, self._reader, self._rows)
            query = repr([(part.type, part.criteria, part.sort) for part in search.by_type] + [search.compartment])
            count = 0 if counting else search.count or _PAGE
            behind = self._pager.behind(search.page, query, asker)
            wanted = None if counting else part_of(search, count, behind)
            found, beyond = self._found(reading, search, asker, following, timings, wanted)
            page, following_page = self._pager.page(
                found, _key, count=count, token=search.page, query=query, asker=asker
            )
            shown = self._opened(reading, page, asker, following, timings)
            brought = Bringing(reading, asker, self._reader, self._rows, following).brought(search, shown)
            whole = replace(search, elements=())  # which speak of the matches
            items = [_in_part(each, search) for each in shown]
            included = [_in_part(each, whole) for each in brought]
            sent = zip([*shown, *brought], [*items, *included], strict=True)
            told: list[tuple[Opened | Match, bytes]] = (
                [(hit.found, b"") for hit in found] if counting else [(each, out.wire) for each, out in sent]
            )
            events = self._events(reading, search, asker, told)
            answer = Found(
                items,
                included,
                None if search.total == "none" and not counting else len(found) + beyond,
                following_page,
            )
        return self._audit.record(answer, events, timings)

    def _found(
        self,
        reading: Reading,
        search: Search,
        asker: Asker,
        following: Following,
        timings: Timings,
        wanted: Part | None,
    ) -> tuple[list[Hit], int]:
        """Each item that matches once, in the order asked for; or those of the part that is wanted, and how many more
        there are."""
        hits: dict[Place, Hit] = {}
        beyond = 0
        for part in search.by_type:
            found, more = self._seeker.found(reading, part, asker, following, timings, wanted)
            beyond += more
            for each in found:
                hits[_place(each)] = Hit(_sort_key(search, each), each)
        return sorted(hits.values(), key=_key), beyond

    def _opened(
        self, reading: Reading, page: Sequence[Hit], asker: Asker, following: Following, timings: Timings
    ) -> list[Opened]:
        """What a page shows, in its order."""
        matches = (hit.found for hit in page if isinstance(hit.found, Match))
        opened = self._seeker.opened(reading, matches, asker, following, timings)
        shown = (hit.found if isinstance(hit.found, Opened) else opened.get(_place(hit.found)) for hit in page)
        return [each for each in shown if each is not None]

    def _events(
        self, reading: Reading, search: Search, asker: Asker, told: Sequence[tuple[Opened | Match, bytes]]
    ) -> list[AuditEvent]:
        """A row for each person of whom something is told, and in which bytes; or one row that nothing was."""
        types = ",".join(part.type for part in search.by_type)
        detail = {"type": types, "asked": [each.name for each in search.by_type[0].criteria]}
        now = self._clock.now()
        if not told:
            return [asked(now, asker, "search", "nothing", detail=detail)]
        shown: dict[PersonId | None, Seen] = {}
        scopes: dict[PersonId | None, Scope] = {}
        counted: Counter[PersonId | None] = Counter()
        whose = people.persons_of(reading, {_place(each).source for each, _ in told if _person_in(each) is None})
        for each, wire in told:
            person = _person_in(each) or whose.get(_place(each).source)
            if isinstance(each, Match):
                counted[person] += 1
                continue
            item, scope = each.item, each.scope
            shown.setdefault(person, Seen()).add(item, wire)
            if person not in scopes:
                scopes[person] = replace(scope, person=person)
        return [
            *(self._reader.shown(asker, "search", scopes[person], seen, **detail) for person, seen in shown.items()),
            *(
                asked(now, asker, "search", "shown", person=person, detail={**detail, "count": count})
                for person, count in counted.items()
            ),
        ]


def _place(found: Opened | Match) -> Place:
    place = found.place if isinstance(found, Match) else found.item.place
    assert place is not None, "a person on a list is no item"
    return place


def _person_in(found: Opened | Match) -> PersonId | None:
    """Whose it is, where that was asked to find it."""
    return found.person if isinstance(found, Match) else found.scope.person


def _with_aliases(search: Search, by: SourceSystem, keys: Keys) -> Search:
    """The same search where a source system calls things by its own ids."""
    criteria = tuple(with_aliases(each, search.type, by, keys) for each in search.criteria)
    return replace(search, criteria=criteria, parts=tuple(_with_aliases(part, by, keys) for part in search.parts))


def _in_part(opened: Opened, search: Search) -> Served:
    """What goes out, as much of it as was asked for."""
    served = opened.served
    if not search.elements and search.summary in (None, "count"):
        return served
    return served._replace(wire=encode(subset(opened.resource, search.summary, search.elements)))


def _key(hit: Hit) -> Key:
    return hit.key


def _sort_key(search: Search, found: Opened | Match) -> Key:
    """Where an item stands: what lacks a value last in either direction, ties in the order of ids."""
    key: list[int | str] = []
    item = found if isinstance(found, Match) else found.item
    for sort in search.sort:
        sign = -1 if sort.descending else 1
        if sort.by == "_lastUpdated":
            key.append(sign * item.stored_at)
        elif sort.by == "_id":
            key.append(descending(item.id) if sort.descending else item.id)
        elif sort.by == "date":
            key += (int(item.starts_at is None), sign * (item.starts_at or 0))
        elif isinstance(found, Opened):
            key += place_of(found.resource, sort)
    return *key, item.id
