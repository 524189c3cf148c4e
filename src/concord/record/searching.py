"""Search for programs: items that match, as far as the asker may have them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import Clock, Keys, PersonId
from concord.fhir import Criterion, Search, Value, matches
from concord.fhir import included as included_by
from concord.governance import Asker, Gate, SourceSystem, permit_source
from concord.record.asking import asked
from concord.record.paging import Key, Pager
from concord.record.reading import Found, ItemReader, Served
from concord.record.rows import Rows
from concord.record.scopes import Scope, Timings
from concord.record.tracing import TRACING
from concord.store import Reading, Store, people
from concord.store.items import StoredItem

_PAGE = 100
_REVERSED = {code: 158 - code for code in range(32, 127)}  # the characters of ids, for an order the other way round


class Hit(NamedTuple):
    """A row found, where it stands in the order asked for, and the scope that opens it."""

    key: Key
    item: StoredItem
    scope: Scope


class Searcher:
    """One snapshot, one decision and one audit row a person."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock, reader: ItemReader
    ) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._reader = reader
        self._pager = Pager(keys, clock)
        self._rows = Rows(gate, keys)

    def search(self, search: Search, asker: Asker) -> Audited[Found]:
        """Items that match, in the order asked for. Nothing that is hidden is found, counted, sorted or included."""
        timings: Timings = {}
        counting = search.summary == "count"
        with self._store.reading() as reading:
            scopes, whose = self._reader.scopes.of_search(reading, search, asker, timings)
            hits = {hit.item[:3]: hit for scope in scopes for hit in self._hits(reading, scope, search, whose)}
            found = sorted(hits.values(), key=_key)
            shown, following = self._pager.page(
                found, _key, count=0 if counting else search.count or _PAGE, token=search.page,
                query=repr((search.type, search.criteria, search.sort)), asker=asker,
            )  # fmt: skip
            served = [self._reader.serve(reading, hit.item, hit.scope) for hit in shown]
            included = list(self._included(reading, search, shown, asker))
            events = self._search_events(reading, search, asker, found if counting else shown)
        return self._audit.record(Found(served, included, len(found), following), events, timings)

    def _hits(self, reading: Reading, scope: Scope, search: Search, whose: Sequence[Criterion]) -> Iterator[Hit]:
        """What one scope opens that meets the criteria: those of `whose` by being there, the others by its content."""
        criteria = [criterion for criterion in search.criteria if criterion not in whose]
        for item in self._rows.of(reading, scope, search.type, criteria):
            # What names several people may be there for another reason than the one that is asked for.
            to_meet = [*criteria, *_of_whole_person(reading, scope, whose)] if item.several else criteria
            resource = self._reader.resource(reading, item, scope) if to_meet else {}
            if all(matches(resource, criterion, item.stored_at) for criterion in to_meet):
                yield Hit(_sort_key(search, item), item, scope)

    def _included(self, reading: Reading, search: Search, shown: Sequence[Hit], asker: Asker) -> Iterator[Served]:
        """What the matches refer to by the asked parameters, each once, as far as it is open."""
        already = {hit.item.place for hit in shown}
        for include in search.includes:
            for _, item, its_scope in shown:
                # A source system that named a Patient still has what names nobody.
                scope = Scope(permit_source(asker)) if isinstance(asker, SourceSystem) else its_scope
                for target in included_by(self._reader.resource(reading, item, scope), include):
                    type_, _, id_ = target.partition("/")
                    place = self._reader.scopes.locate(reading, type_, id_, asker)
                    if place is None or place in already:
                        continue
                    referred = self._rows.referred(reading, scope, place, by=item)
                    if referred is not None:
                        already.add(place)
                        yield self._reader.serve(reading, referred, scope)

    def _search_events(self, reading: Reading, search: Search, asker: Asker, told: Sequence[Hit]) -> list[AuditEvent]:
        """A row for each person of whom something is told, or one row that nothing was."""
        detail = {"type": search.type, "asked": [criterion.name for criterion in search.criteria]}
        if not told:
            return [asked(self._clock.now(), asker, "search", "nothing", detail=detail)]
        shown: dict[PersonId | None, list[StoredItem]] = {}
        scopes: dict[PersonId | None, Scope] = {}
        for _, item, scope in told:
            person = scope.person or people.person_of(reading, item.source)
            shown.setdefault(person, []).append(item)
            scopes[person] = replace(scope, person=person)
        return [self._reader.shown(asker, "search", scopes[person], items, **detail) for person, items in shown.items()]


def _of_whole_person(reading: Reading, scope: Scope, whose: Sequence[Criterion]) -> Sequence[Criterion]:
    """The criteria that name Patients, naming all the Patients of the same person: a user means the person."""
    if scope.person is None or scope.whole or not whose:
        return whose
    sources = people.of_person(reading, TRACING, scope.person)
    values = tuple(Value(text="", type="Patient", id=source.patient) for source in sources)
    return [replace(criterion, values=values) for criterion in whose]


def _key(hit: Hit) -> Key:
    return hit.key


def _sort_key(search: Search, item: StoredItem) -> Key:
    """Where an item stands: the undated last in either direction, ties in the order of ids."""
    key: list[int | str] = []
    for sort in search.sort:
        sign = -1 if sort.descending else 1
        if sort.by == "_lastUpdated":
            key.append(sign * item.stored_at)
        elif sort.by == "_id":
            key.append(item.id.translate(_REVERSED) if sort.descending else item.id)
        else:
            key += (int(item.starts_at is None), sign * (item.starts_at or 0))
    return *key, item.id
