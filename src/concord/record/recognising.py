"""Whom a Patient that somebody holds in hand may mean, and how surely: `Patient/$match`."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import NHS_NUMBER_SYSTEM, Clock, Incorrect, Keys, PersonId
from concord.fhir import Resource, encode
from concord.governance import Asker, Gate, SourceSystem, Viewer, may_trace, permit_source
from concord.identity import Grade, recognised, tested_sources
from concord.record.asking import asked
from concord.record.finding import known_as
from concord.record.prepare import describe
from concord.record.reading import ItemReader
from concord.record.rows import Rows
from concord.record.scopes import Scope, Timings
from concord.record.tracing import TRACING, Tracer
from concord.store import Reading, Store, items, people

_SURELY: Mapping[Grade, int] = {"certain": 0, "probable": 1, "possible": 2}
_TOO_LITTLE = "Give the Patient's NHS number; or family name, given name and whole date of birth."


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognised:
    """A Patient that may be meant. `id` None: of one whose record is not open, as tracing shows them."""

    grade: Grade
    id: str | None
    wire: bytes


class _Candidate(NamedTuple):
    grade: Grade
    recognised: Recognised
    person: PersonId | None


class Recogniser:
    """Reads narrow rows under the duty of tracing, as finding does; location-protected people are not among them."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock, reader: ItemReader
    ) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._reader = reader
        self._rows = Rows(gate, keys)
        self._tracer = Tracer(gate)

    def match(self, patient: Resource, asker: Asker, *, certain: bool, count: int | None) -> Audited[list[Recognised]]:
        """The people meant, the surest first, at most `count`; `certain`: the one who certainly is, or nobody.

        For a user those whom tracing finds (nobody, if the role does not trace), as much as is open of each; for a
        source system its own Patients. Raises Incorrect for a Patient that says too little. `patient` is valid R4.
        """
        wanted = describe(patient, False)
        if wanted.nhs_number is None and not (wanted.family and wanted.given and len(wanted.born_on) == 10):
            raise Incorrect(_TOO_LITTLE)
        with self._store.reading() as reading:
            if isinstance(asker, SourceSystem):
                found = sorted(self._own(reading, wanted, asker), key=_order)
            else:
                found = sorted(self._traced(reading, wanted, asker), key=_order)
        if certain:
            sure = [each for each in found if each.grade == "certain"]
            found = sure if len(sure) == 1 else []
        found = found[:count]
        return self._audit.record([each.recognised for each in found], self._events(asker, found))

    def _traced(self, reading: Reading, wanted: people.Demographics, viewer: Viewer) -> Iterator[_Candidate]:
        """Each person once, by the first of their Patients that is open; else as tracing shows them."""
        if not may_trace(viewer, self._gate.policy(reading)):
            return

        def whom(alike: Sequence[people.TracedSource]) -> Iterator[Sequence[people.TracedSource]]:
            found = dict.fromkeys(each.person for each in alike if each.person is not None)
            for person in found:
                if self._tracer.finds(reading, person):
                    yield people.of_person(reading, TRACING, person)
            for person in self._tracer.tested(reading, wanted, viewer.user):
                if person not in found:
                    yield people.of_person(reading, TRACING, person) or tested_sources(
                        reading, TRACING, viewer.user, person
                    )

        timings: Timings = {}
        for graded, sources in recognised(reading, TRACING, wanted, whom):
            person = sources[0].person
            assert person is not None
            scope = self._reader.scope_of_person(reading, person, viewer, timings)
            patients = [] if scope is None else sorted(self._rows.of(reading, scope, "Patient"), key=lambda row: row.id)
            if scope is not None and patients:
                served = self._reader.serve(reading, patients[0], scope)
                yield _Candidate(graded, Recognised(grade=graded, id=served.id, wire=served.wire), person)
            else:
                shown = encode(_narrow(known_as(sources)))
                yield _Candidate(graded, Recognised(grade=graded, id=None, wire=shown), person)

    def _own(self, reading: Reading, wanted: people.Demographics, by: SourceSystem) -> Iterator[_Candidate]:
        """Each of the organisation's Patients, whole."""

        def whom(alike: Sequence[people.TracedSource]) -> Iterator[Sequence[people.TracedSource]]:
            return ([each] for each in alike if each.organisation == by.organisation)

        for graded, (source,) in recognised(reading, TRACING, wanted, whom):
            place = items.locate(reading, "Patient", source.patient)
            item = None if place is None else items.read_one(reading, permit_source(by), place)
            if item is not None:
                served = self._reader.serve(reading, item, Scope(permit_source(by), source.person))
                yield _Candidate(graded, Recognised(grade=graded, id=served.id, wire=served.wire), source.person)

    def _events(self, asker: Asker, found: list[_Candidate]) -> list[AuditEvent]:
        now = self._clock.now()
        events = [
            asked(now, asker, "find", "shown", person=each.person, detail={"grade": each.grade}) for each in found
        ]
        return events or [asked(now, asker, "find", "nothing")]


def _order(candidate: _Candidate) -> tuple[int, str, str]:
    return _SURELY[candidate.grade], candidate.recognised.id or "~", candidate.person or ""


def _narrow(known: people.Demographics) -> dict[str, Any]:
    """A Patient of what tracing shows, without an id: it can be told from others, and not be read."""
    family, _, given = known.shown_name.partition(", ")
    name = {"text": known.shown_name, "family": family} | ({"given": given.split(" ")} if given else {})
    patient: dict[str, Any] = {"resourceType": "Patient"}
    if known.nhs_number is not None:
        patient["identifier"] = [{"system": NHS_NUMBER_SYSTEM, "value": known.nhs_number}]
    if known.shown_name:
        patient["name"] = [name]
    if known.sex:
        patient["gender"] = known.sex
    if known.born_on:
        patient["birthDate"] = known.born_on
    if known.address:
        patient["address"] = [{"text": known.address}]
    return patient
