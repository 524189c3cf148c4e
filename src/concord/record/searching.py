"""Search for programs: items that match, as far as the asker may have them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import Clock, Keys, PersonId
from concord.fhir import Search, encode
from concord.fhir.searches import descending, place_of, subset
from concord.governance import Asker, Gate, SourceSystem
from concord.record.asking import asked
from concord.record.bringing import Bringing
from concord.record.following import Following, with_aliases
from concord.record.paging import Key, Pager
from concord.record.reading import Found, ItemReader, Opened, Served
from concord.record.rows import Rows
from concord.record.scopes import Scope, Timings
from concord.record.seeking import Seeker
from concord.store import Reading, Store, people
from concord.store.items import StoredItem

_PAGE = 100


class Hit(NamedTuple):
    """An item found, and where it stands in the order asked for."""

    key: Key
    opened: Opened


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
        self._seeker = Seeker(reader, self._rows, keys)

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
            found = self._found(reading, search, asker, following, timings)
            page, following_page = self._pager.page(
                found, _key, count=0 if counting else search.count or _PAGE, token=search.page,
                query=repr([(part.type, part.criteria, part.sort) for part in search.by_type] + [search.compartment]),
                asker=asker,
            )  # fmt: skip
            shown = [hit.opened for hit in page]
            brought = Bringing(reading, asker, self._reader, self._rows, following).brought(search, shown)
            told = [hit.opened for hit in found] if counting else [*shown, *brought]
            events = self._events(reading, search, asker, told)
            whole = replace(search, elements=())  # which speak of the matches
            answer = Found(
                [_in_part(each, search) for each in shown],
                [_in_part(each, whole) for each in brought],
                None if search.total == "none" and not counting else len(found),
                following_page,
            )
        return self._audit.record(answer, events, timings)

    def _found(
        self, reading: Reading, search: Search, asker: Asker, following: Following, timings: Timings
    ) -> list[Hit]:
        """Each item that matches once, in the order asked for."""
        hits: dict[tuple[int, ...], Hit] = {}
        for part in search.by_type:
            for opened in self._seeker.found(reading, part, asker, following, timings):
                hits[opened.item.place] = Hit(_sort_key(search, opened), opened)
        return sorted(hits.values(), key=_key)

    def _events(self, reading: Reading, search: Search, asker: Asker, told: Sequence[Opened]) -> list[AuditEvent]:
        """A row for each person of whom something is told, or one row that nothing was."""
        types = ",".join(part.type for part in search.by_type)
        detail = {"type": types, "asked": [each.name for each in search.by_type[0].criteria]}
        if not told:
            return [asked(self._clock.now(), asker, "search", "nothing", detail=detail)]
        shown: dict[PersonId | None, list[StoredItem]] = {}
        scopes: dict[PersonId | None, Scope] = {}
        for opened in told:
            item, scope = opened.item, opened.scope
            person = scope.person or people.person_of(reading, item.source)
            shown.setdefault(person, []).append(item)
            if person not in scopes:
                scopes[person] = replace(scope, person=person)
        return [self._reader.shown(asker, "search", scopes[person], items, **detail) for person, items in shown.items()]


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


def _sort_key(search: Search, opened: Opened) -> Key:
    """Where an item stands: what lacks a value last in either direction, ties in the order of ids."""
    key: list[int | str] = []
    item = opened.item
    for sort in search.sort:
        sign = -1 if sort.descending else 1
        if sort.by == "_lastUpdated":
            key.append(sign * item.stored_at)
        elif sort.by == "_id":
            key.append(descending(item.id) if sort.descending else item.id)
        elif sort.by == "date":
            key += (int(item.starts_at is None), sign * (item.starts_at or 0))
        else:
            key += place_of(opened.resource, sort)
    return *key, item.id
