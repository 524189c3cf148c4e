"""Reading items for programs: by id, everything of a person, and by search."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, NamedTuple

from concord.audit import Action, Audited, AuditEvent, AuditWriter
from concord.base import Clock, Keys, NotFound, PersonId
from concord.fhir import Criterion, Search, Value, matches, parse
from concord.fhir import included as included_by
from concord.governance import Asker, Gate, SourceSystem, Viewer, permit_source
from concord.record.asking import asked
from concord.record.paging import Key, Pager
from concord.record.rows import Rows
from concord.record.scopes import Scope, Scopes, Timings
from concord.record.tracing import TRACING
from concord.record.wire import cut, version_id, whole
from concord.store import Reading, SqliteStore, body, people
from concord.store.items import StoredItem
from concord.terminology import HEADINGS

_PAGE = 100
_REVERSED = {code: 158 - code for code in range(32, 127)}  # the characters of ids, for an order the other way round


class Served(NamedTuple):
    """An item as it goes out: `wire` is the whole resource in JSON, cut for the asker. A tuple, as `StoredItem` is."""

    type: str
    id: str
    version: str
    stored_micros: int
    wire: bytes

    @property
    def stored_at(self) -> datetime:
        return body.instant(self.stored_micros)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of an answer; `next` is the sealed token of the next, None on the last."""

    items: Sequence[Served]
    included: Sequence[Served]
    total: int | None
    next: str | None


class Hit(NamedTuple):
    """A row found, where it stands in the order asked for, and the scope that opens it."""

    key: Key
    item: StoredItem
    scope: Scope


class ItemReader:
    """Read, everything, search: one decision, one snapshot, one audit row a person."""

    def __init__(self, store: SqliteStore, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._keys = keys
        self._clock = clock
        self._codec = body.Codec()
        self._pager = Pager(keys, clock)
        self._rows = Rows(gate, keys)
        self._scopes = Scopes(gate, keys)

    # -- the three questions -------------------------------------------------------------------------------------------

    def read(self, type_: str, id_: str, asker: Asker) -> Audited[Served]:
        """One item by id. NotFound, in the same words, for what is absent and what is hidden."""
        timings: Timings = {}
        with self._store.reading() as reading:
            found = self._scopes.of_item(reading, type_, id_, asker, timings)
            item = None if found is None else self._rows.one(reading, *found)
            if found is None or item is None:
                nothing = asked(self._clock.now(), asker, "read", "nothing", detail={"type": type_})
                return self._audit.refuse(NotFound(f"There is no {type_} with this id here."), [nothing])
            served = self.serve(reading, item, found[0])
        return self._audit.record(served, [self._shown(asker, "read", found[0], [item], type=type_)], timings)

    def everything(self, patient: str, asker: Asker, *, count: int | None, page: str | None) -> Audited[Found]:
        """All open items of a person, Patients first (for a system: of that source patient). NotFound as for `read`."""
        timings: Timings = {}
        with self._store.reading() as reading:
            scope = self._scopes.of_patient(reading, patient, asker, timings)
            if scope is None:
                nothing = asked(self._clock.now(), asker, "open", "nothing")
                return self._audit.refuse(NotFound("There is no Patient with this id here."), [nothing])
            first = reading.words.number(reading, "Patient")

            def key(item: StoredItem) -> Key:
                return int(item.type != first), item.id

            found = sorted(self._rows.of(reading, scope), key=attrgetter("id"))
            found.sort(key=lambda item: item.type != first)
            query = f"everything/{patient}"
            shown, following = self._pager.page(found, key, count=count, token=page, query=query, asker=asker)
            served = [self.serve(reading, item, scope) for item in shown]
        event = self._shown(asker, "open", scope, shown)
        return self._audit.record(Found(served, (), len(found), following), [event], timings)

    def search(self, search: Search, asker: Asker) -> Audited[Found]:
        """Items that match, in the order asked for. Nothing that is hidden is found, counted, sorted or included."""
        timings: Timings = {}
        counting = search.summary == "count"
        with self._store.reading() as reading:
            scopes, whose = self._scopes.of_search(reading, search, asker, timings)
            hits = {hit.item[:3]: hit for scope in scopes for hit in self._hits(reading, scope, search, whose)}
            found = sorted(hits.values(), key=_key)
            shown, following = self._pager.page(
                found, _key, count=0 if counting else search.count or _PAGE, token=search.page,
                query=repr((search.type, search.criteria, search.sort)), asker=asker,
            )  # fmt: skip
            served = [self.serve(reading, hit.item, hit.scope) for hit in shown]
            included = list(self._included(reading, search, shown, asker))
            events = self._search_events(reading, search, asker, found if counting else shown)
        return self._audit.record(Found(served, included, len(found), following), events, timings)

    # -- for the pages, which have a scope already ---------------------------------------------------------------------

    def scope_of_person(self, reading: Reading, person: PersonId, viewer: Viewer, timings: Timings) -> Scope | None:
        """None for whom no source knows."""
        return self._scopes.of_person(reading, person, viewer, timings)

    def rows(self, reading: Reading, scope: Scope) -> Iterator[StoredItem]:
        """Every row of a person that the scope opens."""
        return self._rows.of(reading, scope)

    def resource(self, reading: Reading, item: StoredItem, scope: Scope) -> dict[str, Any]:
        """A row as the resource that this asker may have."""
        return parse(self.serve(reading, item, scope).wire)

    def serve(self, reading: Reading, item: StoredItem, scope: Scope) -> Served:
        """A row as it goes out, cut for whoever asked."""
        type_ = reading.words.text(reading, item.type)
        version = version_id(self._keys, item.id, item.version)
        locates = scope.decided is None or scope.decided.locates
        source = self._gate.organisation_of(reading, item.source_patient) if locates else None
        wire = whole(type_, item, self._codec, version, source)
        if not scope.whole:
            others = [one for one in scope.patients(reading) if one != item.id] if type_ == "Patient" else ()
            wire = cut(wire, plain=bool(item.plain), locates=locates, seealso=others)
        return Served(type_, item.id, version, item.stored_at, wire)

    # -- search --------------------------------------------------------------------------------------------------------

    def _hits(self, reading: Reading, scope: Scope, search: Search, whose: Sequence[Criterion]) -> Iterator[Hit]:
        """What one scope opens that meets the criteria: those of `whose` by being there, the others by its content."""
        criteria = [criterion for criterion in search.criteria if criterion not in whose]
        for item in self._rows.of(reading, scope, search.type, criteria):
            # What names several people may be there for another reason than the one that is asked for.
            to_meet = [*criteria, *_of_whole_person(reading, scope, whose)] if item.several else criteria
            resource = self.resource(reading, item, scope) if to_meet else {}
            if all(matches(resource, criterion, item.stored_at) for criterion in to_meet):
                yield Hit(_sort_key(search, item), item, scope)

    def _included(self, reading: Reading, search: Search, shown: Sequence[Hit], asker: Asker) -> Iterator[Served]:
        """What the matches refer to by the asked parameters, each once, as far as it is open."""
        already = {hit.item.place for hit in shown}
        for include in search.includes:
            for _, item, its_scope in shown:
                # A source system that named a Patient still has what names nobody.
                scope = Scope(permit_source(asker)) if isinstance(asker, SourceSystem) else its_scope
                for target in included_by(self.resource(reading, item, scope), include):
                    type_, _, id_ = target.partition("/")
                    place = self._scopes.locate(reading, type_, id_, asker)
                    if place is None or place in already:
                        continue
                    referred = self._rows.referred(reading, scope, place, by=item)
                    if referred is not None:
                        already.add(place)
                        yield self.serve(reading, referred, scope)

    def _search_events(self, reading: Reading, search: Search, asker: Asker, told: Sequence[Hit]) -> list[AuditEvent]:
        """A row for each person of whom something is told, or one row that nothing was."""
        detail = {"type": search.type, "asked": [criterion.name for criterion in search.criteria]}
        if not told:
            return [asked(self._clock.now(), asker, "search", "nothing", detail=detail)]
        shown: dict[PersonId | None, list[StoredItem]] = {}
        scopes: dict[PersonId | None, Scope] = {}
        for _, item, scope in told:
            person = scope.person or people.person_of(reading, item.source_patient)
            shown.setdefault(person, []).append(item)
            scopes[person] = replace(scope, person=person)
        return [self._shown(asker, "search", scopes[person], items, **detail) for person, items in shown.items()]

    def _shown(
        self, asker: Asker, action: Action, scope: Scope, items: Sequence[StoredItem], **detail: object
    ) -> AuditEvent:
        """The row that tells of items: how many, and to a user of which headings (a source's own it knows)."""
        person, decided = scope.person, scope.decided
        detail["count"] = len(items)
        if decided is not None:
            detail["headings"] = sorted(HEADINGS[number] for number in {item.heading for item in items})
        return asked(self._clock.now(), asker, action, "shown", person=person, decided=decided, detail=detail)


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
