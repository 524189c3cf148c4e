"""Whose rows an asker may read: for a user a decided person, for a source system what its organisation contributed."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from concord.base import Keys, PersonId
from concord.fhir import Criterion, Search
from concord.governance import Asker, Decided, Gate, SourceSystem, Viewer, may_trace, permit_source
from concord.identity import tested_person
from concord.record.tracing import TRACING, Tracer
from concord.store import Permitted, Reading, items, people, versions

Timings = dict[str, float]
_WHOSE = ("patient", "subject")
_NOWHERE = items.Place(0, 0, 0)


@dataclass(frozen=True, slots=True)
class Scope:
    """What one asker may read of one person or contributor; `decided` for users alone, who get items cut.

    `person`: whom it is about, for the audit; None for a contributor's whole.
    """

    permitted: Permitted
    person: PersonId | None = None
    decided: Decided | None = None
    _patients: list[str] = field(default_factory=list, repr=False)

    def patients(self, reading: Reading) -> list[str]:
        """Ids of the Patients that the asker may see; read once."""
        if not self._patients:
            self._patients.extend(item.id for item in items.read(reading, self.permitted, types=["Patient"]))
        return self._patients

    @property
    def whole(self) -> bool:
        """Whether items go out as their source wrote them: to that source alone."""
        return self.decided is None


class Scopes:
    def __init__(self, gate: Gate, keys: Keys) -> None:
        self._gate = gate
        self._keys = keys
        self._tracer = Tracer(gate)

    def of_person(self, reading: Reading, person: PersonId, viewer: Viewer, timings: Timings) -> Scope | None:
        started = time.perf_counter()
        decided = self._gate.decide(reading, viewer, person)
        timings["decide"] = timings.get("decide", 0.0) + (time.perf_counter() - started) * 1000
        return None if decided is None else Scope(decided.permitted, person, decided)

    def of_item(
        self, reading: Reading, type_: str, id_: str, asker: Asker, timings: Timings
    ) -> tuple[Scope, items.Place] | None:
        """The scope in which an item may be open; what names no person is in no user's."""
        place = self.locate(reading, type_, id_, asker)
        person = None if place is None else person_at(reading, place, asker)
        if isinstance(asker, SourceSystem):
            return None if place is None else (Scope(permit_source(asker), person), place)
        scope = None if person is None else self.of_person(reading, person, asker, timings)
        if place is None or scope is None:
            self.work_in_vain(reading, type_, [id_], asker)
            return None
        return scope, place

    def work_in_vain(self, reading: Reading, type_: str, ids: Sequence[str], viewer: Viewer) -> None:
        """For what is not there, or is nobody's, the work that what is hidden takes: a decision about somebody, and a
        look where nothing lies. Else how long the answer takes would tell hidden from absent."""
        if not ids:
            return
        anybody = people.near(reading, self._keys.logical_id("in vain", type_, ids[0]))
        scope = None if anybody is None else self.of_person(reading, anybody, viewer, {})
        if scope is not None:
            for _ in ids:
                items.read_one(reading, scope.permitted, _NOWHERE)

    def locate(self, reading: Reading, type_: str, id_: str, asker: Asker) -> items.Place | None:
        """Where an item lies. A source system may use its own ids, and meets nobody else's items under any."""
        if not isinstance(asker, SourceSystem):
            return items.locate(reading, type_, id_)
        for name in self._names(type_, id_, asker):
            place = items.locate(reading, type_, name)
            if place is not None and self._gate.organisation_of(reading, place.source) == asker.organisation:
                return place
        return None

    def _names(self, type_: str, id_: str, asker: SourceSystem) -> Iterator[str]:
        """The logical ids that a source system may mean: as it was told, or the one made of its own id."""
        yield id_
        yield self._keys.logical_id(asker.organisation, type_, id_)

    def former(self, reading: Reading, type_: str, id_: str, asker: SourceSystem) -> tuple[str, list[items.Place]]:
        """Where what a source system contributed under an id lay before it was deleted, and its logical id."""
        for name in self._names(type_, id_, asker):
            places = [
                place
                for place in versions.locate_deleted(reading, [f"{type_}/{name}"]).get(f"{type_}/{name}", ())
                if people.contributor(reading, place.source) == asker.organisation
            ]
            if places:
                return name, places
        return id_, []

    def of_patient(self, reading: Reading, patient: str, asker: Asker, timings: Timings) -> Scope | None:
        """The person of a Patient, if the asker may see that Patient; for its source system that Patient alone."""
        found = self.of_item(reading, "Patient", patient, asker, timings)
        if found is None or items.read_one(reading, found[0].permitted, found[1]) is None:
            return None
        scope, place = found
        if isinstance(asker, SourceSystem):
            return Scope(permit_source(asker, (place.home, place.source_patient)), scope.person)
        return scope

    def of_search(
        self, reading: Reading, search: Search, asker: Asker, timings: Timings
    ) -> tuple[list[Scope] | None, list[Criterion]]:
        """The scopes that a search runs in, each once, and the criteria that say whose items are sought.

        None for one that names nobody: it runs across the viewer's list, or across what the source contributed.
        """
        whose = [criterion for criterion in search.criteria if names_patients(criterion)]
        if whose:
            named = [self._of_patients(reading, criterion, asker, timings) for criterion in whose]
            return [scope for key, scope in named[0].items() if all(key in others for others in named[1:])], whose
        if isinstance(asker, SourceSystem):
            return None, []
        persons = self._sought(reading, search, asker)
        if persons is None:
            return None, []
        return [scope for person in persons if (scope := self.of_person(reading, person, asker, timings))], []

    def _of_patients(
        self, reading: Reading, criterion: Criterion, asker: Asker, timings: Timings
    ) -> dict[object, Scope]:
        """The scopes of the Patients that a criterion names; two Patients of one person are one for a user."""
        found: dict[object, Scope] = {}
        for value in criterion.values:
            scope = self.of_patient(reading, value.id or "", asker, timings)
            if scope is not None:
                found[scope.permitted.source_patient or scope.person] = scope
        return found

    def _sought(self, reading: Reading, search: Search, viewer: Viewer) -> list[PersonId] | None:
        """Whom a search is about that names no Patient: those whom tracing finds; else None."""
        if search.type == "Patient":
            traced = self._tracer.by_criteria(reading, search.criteria, viewer.user)
            if traced is not None and may_trace(viewer, self._gate.policy(reading)):
                return traced
        return None


def person_at(reading: Reading, place: items.Place, asker: Asker) -> PersonId | None:
    """Whose an item is; None of what names no person, and for all but its testers of what is on trial."""
    person = people.person_of(reading, place.source)
    if person is None and isinstance(asker, Viewer):
        return tested_person(reading, TRACING, asker.user, place.source)
    return person


def names_patients(criterion: Criterion) -> bool:
    """Whether it says whose items are sought; else (a Group, `:missing`) it is a criterion like others."""
    return (
        criterion.name in _WHOSE
        and criterion.modifier is None
        and all(value.id is not None and value.type in (None, "Patient") for value in criterion.values)
    )
