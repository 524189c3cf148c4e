"""Reading items for programs: by id, everything of a person, and by search."""

import hmac
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import Clock, Incorrect, Keys, NotFound, PersonId
from concord.fhir import Criterion, Search, index_keys, matches, parse
from concord.fhir import included as included_by
from concord.governance import Asker, Decided, Gate, SourceSystem, Viewer, may_trace, permit_source
from concord.record.prepare import UNINDEXED
from concord.record.asking import author, event_detail
from concord.record.tracing import Tracer
from concord.record.wire import cut, version_id, whole
from concord.store import Permitted, Reading, SqliteStore, body, items, people
from concord.store.items import StoredItem

_PAGE = 100
_PAGE_LIFE = timedelta(hours=1)
_WHOSE = ("patient", "subject")


class Served(NamedTuple):
    """An item as it goes out: `wire` is the whole resource in JSON, cut for the asker. A record is a thousand of them."""

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


@dataclass(frozen=True, slots=True)
class Scope:
    """What one asker may read of one person or contributor, and how it is to be cut."""

    permitted: Permitted
    whole: bool
    person: PersonId | None = None
    decided: Decided | None = None
    seealso: tuple[str, ...] = ()


class ItemReader:
    """Read, everything, search: one decision, one snapshot, one audit row a person."""

    def __init__(self, store: SqliteStore, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._keys = keys
        self._clock = clock
        self._codec = body.Codec()
        self._tracer = Tracer(gate)

    # -- the three questions ---------------------------------------------------------------------------------------------

    def read(self, type_: str, id_: str, asker: Asker) -> Audited[Served]:
        """One item by id. NotFound, in the same words, for what is absent and what is hidden."""
        timings: dict[str, float] = {}
        with self._store.reading() as reading:
            scope, place = self._scope_of_item(reading, type_, id_, asker, timings)
            item = items.read_one(reading, scope.permitted, place) if scope and place else None
            if item is None or scope is None or not self._open_for_all(reading, item, scope):
                self._note(asker, "read", "nothing", None, {"type": type_}).wait()
                raise NotFound(f"There is no {type_} with this id here.")
            served = self._serve(reading, item, scope)
        events = [self._event(asker, "read", "shown", scope, {"type": type_, "count": 1})]
        return self._audit.record(served, events, timings)

    def everything(self, patient: str, asker: Asker, *, count: int | None, page: str | None) -> Audited[Found]:
        """All open items of a person (a source system: of that one source patient). NotFound as for `read`."""
        timings: dict[str, float] = {}
        with self._store.reading() as reading:
            scope = self._scope_of_patient(reading, patient, asker, timings)
            if scope is None:
                self._note(asker, "open", "nothing", None, {}).wait()
                raise NotFound("There is no Patient with this id here.")
            found = list(self._candidates(reading, scope, None, None))
            query = f"everything/{patient}"
            found.sort(key=lambda item: item.id) if count is not None or page is not None else None
            shown, following = self._page(found, count, page, query, asker, lambda item: item.id)
            served = [self._serve(reading, item, scope) for item in shown]
        events = [self._event(asker, "open", "shown", scope, {"count": len(served)})]
        return self._audit.record(Found(served, (), len(found), following), events, timings)

    def search(self, search: Search, asker: Asker) -> Audited[Found]:
        """Items that match, newest or by id as asked. Nothing that is hidden is found, counted, sorted or included."""
        timings: dict[str, float] = {}
        with self._store.reading() as reading:
            criteria, scopes = self._scopes_of_search(reading, search, asker, timings)
            found: list[tuple[Any, StoredItem, Scope]] = []
            for scope in scopes:
                for item in self._candidates(reading, scope, search.type, criteria):
                    resource = self.resource(reading, item, scope) if criteria else None
                    if resource is None or all(matches(resource, criterion, item.stored_at) for criterion in criteria):
                        found.append((_sort_key(search, item), item, scope))
            found.sort(key=lambda entry: entry[0])
            _reverse_where_asked(search, found)
            counting = search.summary == "count"
            shown, following = self._page(
                found, 0 if counting else search.count or _PAGE, search.page, repr((search.type, search.criteria, search.sort)),
                asker, lambda entry: entry[1].id,
            )  # fmt: skip
            served = [self._serve(reading, item, scope) for _, item, scope in shown]
            included = self._included(reading, search, [(item, scope) for _, item, scope in shown], asker)
        people_shown: dict[int, int] = {}
        for _, _, scope in shown:
            people_shown[id(scope)] = people_shown.get(id(scope), 0) + 1
        detail = {"type": search.type, "asked": [criterion.name for criterion in search.criteria]}
        events = [
            self._event(asker, "search", "shown", scope, {**detail, "count": people_shown.get(id(scope), 0)})
            for scope in scopes
            if id(scope) in people_shown or len(scopes) == 1
        ] or [self._event(asker, "search", "nothing", None, detail)]
        total = len(found)
        return self._audit.record(Found(served, included, total, None if counting else following), events, timings)

    # -- for the pages, which have a scope already -----------------------------------------------------------------------

    def rows(self, reading: Reading, scope: Scope) -> Iterator[StoredItem]:
        """Every row of a person that the scope opens."""
        return self._candidates(reading, scope, None, None)

    def resource(self, reading: Reading, item: StoredItem, scope: Scope) -> dict[str, Any]:
        """A row as the resource that this viewer may have."""
        return parse(self._serve(reading, item, scope).wire)

    # -- whose rows ------------------------------------------------------------------------------------------------------

    def _scope_of_item(
        self, reading: Reading, type_: str, id_: str, asker: Asker, timings: dict[str, float]
    ) -> tuple[Scope | None, items.Place | None]:
        place = self._locate(reading, type_, id_, asker)
        if place is None:
            return None, None
        if isinstance(asker, SourceSystem):
            return Scope(permit_source(asker), whole=True), place
        person = people.person_of(reading, place.source_patient)
        return (None if person is None else self.scope_of_person(reading, person, asker, timings)), place

    def _locate(self, reading: Reading, type_: str, id_: str, asker: Asker) -> items.Place | None:
        place = items.locate(reading, type_, id_)
        if place is None and isinstance(asker, SourceSystem):
            place = items.locate(reading, type_, self._keys.logical_id(asker.organisation, type_, id_))
        return place

    def scope_of_person(
        self, reading: Reading, person: PersonId, viewer: Viewer, timings: dict[str, float]
    ) -> Scope | None:
        started = time.perf_counter()
        decided = self._gate.decide(reading, viewer, person)
        timings["decide"] = timings.get("decide", 0.0) + (time.perf_counter() - started) * 1000
        if decided is None:
            return None
        patients = tuple(item.id for item in items.read(reading, decided.permitted, types=["Patient"], current_only=False))
        return Scope(decided.permitted, whole=False, person=person, decided=decided, seealso=patients)

    def _scope_of_patient(
        self, reading: Reading, patient: str, asker: Asker, timings: dict[str, float]
    ) -> Scope | None:
        """The person whom a Patient names, if the asker may see that Patient; for its source system that Patient's own."""
        scope, place = self._scope_of_item(reading, "Patient", patient, asker, timings)
        if scope is None or place is None or items.read_one(reading, scope.permitted, place) is None:
            return None
        if isinstance(asker, SourceSystem):
            own = replace(scope.permitted, source_patient=(place.home, place.source_patient))
            return replace(scope, permitted=own)
        return scope

    def _scopes_of_search(
        self, reading: Reading, search: Search, asker: Asker, timings: dict[str, float]
    ) -> tuple[list[Criterion], list[Scope]]:
        whose = [criterion for criterion in search.criteria if criterion.name in _WHOSE and not criterion.modifier]
        rest = [criterion for criterion in search.criteria if criterion not in whose]
        if whose:
            named = [_named_patients(criterion) for criterion in whose]
            common = [patient for patient in named[0] if all(patient in others for others in named[1:])]
            scopes = [
                scope for patient in common if (scope := self._scope_of_patient(reading, patient, asker, timings))
            ]
            return rest, _each_once(scopes)
        if isinstance(asker, SourceSystem):
            return rest, [Scope(permit_source(asker), whole=True)]
        if search.type == "Patient":
            persons = self._persons_sought(reading, rest, asker)
        else:
            persons = self._tracer.related(reading, asker)
        scopes = [scope for person in persons if (scope := self.scope_of_person(reading, person, asker, timings))]
        return rest, scopes

    def _persons_sought(self, reading: Reading, criteria: Sequence[Criterion], viewer: Viewer) -> list[PersonId]:
        """Whom a search for Patients may be about: one named by id, those whom tracing finds, else the viewer's own."""
        for criterion in criteria:
            if criterion.name == "_id":
                ids = [value.code for value in criterion.values if value.code]
                places = [items.locate(reading, "Patient", id_) for id_ in ids]
                return _persons(reading, [place.source_patient for place in places if place])
        traced = self._tracer.by_criteria(reading, criteria)
        if traced is not None and may_trace(viewer, self._gate.policy(reading)):
            return traced
        return self._tracer.related(reading, viewer)

    # -- rows ------------------------------------------------------------------------------------------------------------

    def _candidates(
        self, reading: Reading, scope: Scope, type_: str | None, criteria: Sequence[Criterion] | None
    ) -> Iterator[StoredItem]:
        """Permitted rows that may match, narrowed by the index where one of the criteria stands in it."""
        types = None if type_ is None else [type_]
        if type_ is None and scope.decided is not None:
            found: Iterable[StoredItem] = items.read(reading, scope.permitted, current_only=False)
        else:
            found = self._narrowed(reading, scope, types, type_, criteria or ())
        for item in found:
            if not item.several or self._open_for_all(reading, item, scope):
                yield item
        if scope.decided is not None:
            for item in items.read_named(reading, scope.permitted, types=types):
                if self._open_for_all(reading, item, scope):
                    yield item

    def _narrowed(
        self,
        reading: Reading,
        scope: Scope,
        types: list[str] | None,
        type_: str | None,
        criteria: Sequence[Criterion],
    ) -> Iterator[StoredItem]:
        for criterion in criteria:
            keys = None if type_ is None or criterion.name in UNINDEXED else index_keys(criterion)
            if keys and type_ is not None:
                seen: set[tuple[int, int, int]] = set()
                for organisation, permitted in _by_organisation(scope):
                    for key in keys:
                        value = items.index_value(self._keys, organisation, type_, criterion.name, key)
                        for item in items.read(reading, permitted, types=types, value=value):
                            place = (item.home, item.source_patient, item.item)
                            if place not in seen:
                                seen.add(place)
                                yield item
                return
        yield from items.read(reading, scope.permitted, types=types)

    def _open_for_all(self, reading: Reading, item: StoredItem, scope: Scope) -> bool:
        """An item that names several people is shown only if it is open for each of them."""
        if scope.decided is None or not item.several:
            return True
        named = {item.source_patient, *(number for _, number in items.also_named(reading, item))}
        for number in named:
            person = people.person_of(reading, number)
            if person is None:
                return False
            decided = scope.decided if person == scope.person else self._gate.decide(reading, scope.decided.decision.viewer, person)
            if decided is None or not decided.opens(reading, item, number):
                return False
        return True

    def _included(
        self, reading: Reading, search: Search, shown: Sequence[tuple[StoredItem, Scope]], asker: Asker
    ) -> list[Served]:
        """What the matches refer to by the asked parameters, each once, as far as it is open."""
        already = {item.place for item, _ in shown}
        included: list[Served] = []
        for include in search.includes:
            for item, scope in shown:
                for target in included_by(self.resource(reading, item, scope), include):
                    type_, _, id_ = target.partition("/")
                    place = self._locate(reading, type_, id_, asker)
                    if place is None or place in already:
                        continue
                    found = self._reachable(reading, place, scope)
                    if found is not None:
                        already.add(place)
                        included.append(self._serve(reading, *found))
        return included

    def _reachable(
        self, reading: Reading, place: items.Place, scope: Scope
    ) -> tuple[StoredItem, Scope] | None:
        """A target: open under the same scope, or, naming no person, on the shelf of the same contributor."""
        item = items.read_one(reading, scope.permitted, place)
        if item is not None:
            return (item, scope) if self._open_for_all(reading, item, scope) else None
        if scope.whole or people.person_of(reading, place.source_patient) is not None:
            return None
        shelf = self._gate.shelf(reading, place.source_patient)
        item = items.read_one(reading, shelf, place)
        return None if item is None else (item, replace(scope, permitted=shelf, seealso=()))

    # -- out -------------------------------------------------------------------------------------------------------------

    def _serve(self, reading: Reading, item: StoredItem, scope: Scope) -> Served:
        """A row as it goes out, cut for whoever asked."""
        type_ = reading.words.text(reading, item.type)
        version = version_id(self._keys, item.id, item.version)
        locates = scope.whole or (scope.decided is not None and scope.decided.locates)
        source = self._gate.organisation_of(reading, item.source_patient) if locates else None
        wire = whole(type_, item, self._codec, version, source)
        if not scope.whole:
            others = tuple(other for other in scope.seealso if other != item.id) if type_ == "Patient" else ()
            wire = cut(wire, plain=bool(item.plain), locates=locates, seealso=others)
        return Served(type_, item.id, version, item.stored_at, wire)

    def _page(
        self, found: list[Any], count: int | None, page: str | None, query: str, asker: Asker, name: Any
    ) -> tuple[list[Any], str | None]:
        """The page that `page` asks for, decided anew, and the sealed token of the next."""
        start = 0
        if page is not None:
            last = self._unseal(page, query, asker)
            names = [name(entry) for entry in found]
            start = next((i + 1 for i, known in enumerate(names) if known == last["after"]), int(last["shown"]))
        shown = found[start:] if count is None else found[start : start + count]
        more = count is not None and count > 0 and start + count < len(found)
        return shown, self._seal(name(shown[-1]), start + len(shown), query, asker) if more else None

    def _seal(self, after: str, shown: int, query: str, asker: Asker) -> str:
        until = body.microseconds(self._clock.now() + _PAGE_LIFE)
        text = msgspec.json.encode({"after": after, "shown": shown, "until": until})
        return urlsafe_b64encode(text + self._stamp(text, query, asker)).decode().rstrip("=")

    def _unseal(self, token: str, query: str, asker: Asker) -> dict[str, Any]:
        try:
            sealed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            sealed = b""
        text, stamp = sealed[:-16], sealed[-16:]
        if not hmac.compare_digest(stamp, self._stamp(text, query, asker)):
            raise Incorrect("This page link does not belong to this search. Start the search again.")
        content: dict[str, Any] = msgspec.json.decode(text)
        if content["until"] < body.microseconds(self._clock.now()):
            raise PageGone("This page link is older than an hour. Start the search again.")
        return content

    def _stamp(self, text: bytes, query: str, asker: Asker) -> bytes:
        return self._keys.hashed("page", text.decode("latin-1"), query, author(asker), size=16)

    def _event(self, asker: Asker, action: Any, outcome: Any, scope: Scope | None, detail: dict[str, Any]) -> AuditEvent:
        decided = scope.decided if scope else None
        return AuditEvent(
            at=self._clock.now(),
            action=action,
            outcome=outcome,
            who=author(asker),
            person=scope.person if scope else None,
            detail={**event_detail(asker, decided), **detail},
        )

    def _note(self, asker: Asker, action: Any, outcome: Any, scope: Scope | None, detail: dict[str, Any]) -> Audited[None]:
        return self._audit.record(None, [self._event(asker, action, outcome, scope, detail)])


class PageGone(Incorrect):
    """A page link that has outlived its hour."""


def _named_patients(criterion: Criterion) -> list[str]:
    """Logical ids of the Patients that a `patient` or `subject` criterion names."""
    return [value.id for value in criterion.values if value.id is not None and value.type in (None, "Patient")]


def _persons(reading: Reading, numbers: Iterable[int]) -> list[PersonId]:
    found = (people.person_of(reading, number) for number in numbers)
    return list(dict.fromkeys(person for person in found if person is not None))


def _each_once(scopes: list[Scope]) -> list[Scope]:
    """One scope a person: two Patients of the same person open the same items."""
    return list({scope.person or scope.permitted.source_patient: scope for scope in scopes}.values())


def _by_organisation(scope: Scope) -> Iterator[tuple[Any, Permitted]]:
    """The scope in parts of one contributor each, since the index is kept by contributor."""
    if scope.permitted.contributor is not None:
        yield scope.permitted.contributor, scope.permitted
    elif scope.decided is not None:
        for organisation, openings in scope.decided.openings_by_organisation.items():
            yield organisation, replace(scope.permitted, openings=tuple(openings))


def _sort_key(search: Search, item: StoredItem) -> tuple[Any, ...]:
    for sort in search.sort:
        if sort.by == "_lastUpdated":
            return (item.stored_at, item.id)
        if sort.by == "_id":
            return (item.id,)
        return (item.starts_at is None, item.starts_at or 0, item.id)
    return (item.id,)


def _reverse_where_asked(search: Search, found: list[Any]) -> None:
    """Descending order, with what has no value still last."""
    if search.sort and search.sort[0].descending:
        dated = [entry for entry in found if not (len(entry[0]) == 3 and entry[0][0])]
        undated = found[len(dated) :] if len(found[0][0] if found else ()) == 3 else []
        found[:] = [*reversed(dated), *undated]
