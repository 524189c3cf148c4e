"""The audit as FHIR AuditEvents (IHE Basic Audit Log Patterns), for privacy officers: made when asked for, never kept.

They say who, in which role, from where, why and with which outcome. What was shown they do not say, neither ids nor
counts nor kinds, nor which clauses opened it, which hangs on who knows the person: a privacy officer need not be
allowed to know what the record holds. To whoever runs Concord the clauses are `exported`.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from concord.audit import Audited, AuditEvent, AuditWriter, Kept, looks_at
from concord.base import NHS_NUMBER_SYSTEM, Clock, Incorrect, Keys, PersonId, nhs_number
from concord.fhir import Criterion, Search, encode
from concord.governance import Decided, Directory, Gate, Policy, Viewer, may_audit, purposes
from concord.identity import persons_with_number
from concord.record.asking import asked
from concord.record.faces import Look
from concord.record.finding import Finder
from concord.record.looking import look_of, shows
from concord.record.paging import Pager
from concord.record.reading import Found, Served
from concord.record.tracing import TRACING
from concord.store import Reading, Store, body, items, people

Named = Mapping[str, Any]
_PAGE = 50
_PROFILE = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit"
_REASONS = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_DICOM = "http://dicom.nema.org/resources/ontology/DCM"
_PERSON = "https://concord.example/Id/person"
_SUBTYPES = {
    "open": ("search-type", "E"), "search": ("search-type", "E"), "find": ("search-type", "E"),
    "list": ("search-type", "E"), "look-at-audit": ("search-type", "E"), "read": ("read", "R"),
    "write": ("transaction", "C"),
}  # fmt: skip
_SUPPORTED = ("patient", "date")
_BOUNDS = ("eq", "ge", "gt", "lt", "le")


class AuditEvents:
    """Searches; the search is audited like any other look at who has looked."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, *, keys: Keys, clock: Clock, finder: Finder
    ) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._keys = keys
        self._clock = clock
        self._finder = finder
        self._pager = Pager(keys, clock)

    def serves(self, search: Search, viewer: Viewer) -> bool:
        """Whether this search is for the audit: it asks for AuditEvents, and the viewer may see who has looked."""
        if search.type != "AuditEvent":
            return False
        with self._store.reading() as reading:
            return may_audit(viewer, self._gate.policy(reading))

    def search(self, search: Search, viewer: Viewer) -> Audited[Found]:
        """Looks at one person's record, latest first. Nothing of who may not be known of. Raises Incorrect."""
        patient, since, until = _asked_for(search)
        now = self._clock.now()
        with self._store.reading() as reading:
            policy = self._gate.policy(reading)
            decided = self._decided(reading, patient, viewer, policy)
            if decided is None:
                nothing = asked(now, viewer, "look-at-audit", "nothing")
                return self._audit.record(Found((), (), None, None), [nothing])
            query = repr((search.type, search.criteria))
            place = self._pager.behind(search.page, query, viewer)
            behind = None if place is None else int(place[0])
            told, named = shows(viewer, decided), _reference(patient)
            found = looks_at(
                reading, decided.person, since=since, until=until, before=behind, most=(search.count or _PAGE) + 1
            )
            shown = found[: search.count or _PAGE]
            following = self._pager.after(shown[-1][0], query, viewer) if len(found) > len(shown) else None
            served = [
                self._served(nth, decided.person, kept.event, look_of(kept.event, policy.directory, told), named)
                for nth, kept in shown
            ]
        event = asked(now, viewer, "look-at-audit", "shown", person=decided.person)
        return self._audit.record(Found(served, (), None, following), [event])

    def _decided(self, reading: Reading, patient: str, viewer: Viewer, policy: Policy) -> Decided | None:
        """The decision about whom `patient` names, if the viewer may know of them; else None, whatever the reason."""
        person = self._person(reading, patient, viewer)
        decided = None if person is None else self._gate.decide(reading, viewer, person)
        known = (
            decided is not None
            and not decided.own_but_shut
            and self._finder.may_know_of(reading, viewer, policy, decided)
        )
        return decided if known else None

    def _person(self, reading: Reading, patient: str, viewer: Viewer) -> PersonId | None:
        """Of a `Patient/id` of the viewer's organisation, since whom others have is not to be learned by asking; or of
        an NHS number after its system and a bar: one person, or nobody."""
        if patient.startswith(f"{NHS_NUMBER_SYSTEM}|"):
            number = nhs_number(patient.partition("|")[2])
            found = [] if number is None else persons_with_number(reading, TRACING, number)
            return found[0] if len(found) == 1 else None
        place = items.locate(reading, "Patient", patient.removeprefix("Patient/"))
        if place is None or self._gate.organisation_of(reading, place.source) != viewer.organisation:
            return None
        return people.person_of(reading, place.source)

    def _served(self, nth: int, person: PersonId, event: AuditEvent, look: Look, named: Named) -> Served:
        id_ = self._keys.logical_id("audit", person, str(nth))
        wire = encode(audit_event(id_, event, look, named))
        return Served("AuditEvent", id_, "1", body.microseconds(event.at), wire)


def exported(kept: Kept, directory: Directory) -> bytes:
    """A row of any kind as an AuditEvent, for whoever runs Concord; it names the person by Concord's own id."""
    person = kept.event.person
    named = None if person is None else {"identifier": {"system": _PERSON, "value": person}}
    look = look_of(kept.event, directory, lambda _: True)
    clauses = kept.event.context.get("clauses", ())
    return encode(audit_event(f"audit-{kept.number}", kept.event, look, named, clauses))


def audit_event(
    id_: str, event: AuditEvent, look: Look, patient: Named | None, clauses: Sequence[str] = ()
) -> dict[str, Any]:
    """Pure. `patient`: a Reference to whom it is about, if anybody; `clauses`: those to be named as its policy."""
    subtype, action = _SUBTYPES.get(event.action, ("operation", "E"))
    profile = {"R": "PatientRead", "C": "PatientCreate"}.get(action, "PatientQuery")
    purpose = purposes().get(str(event.context.get("purpose")))
    codes = [] if purpose is None else list(purpose.codes[:1])
    why = [
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActReason", "code": each}]} for each in codes
    ]
    user: dict[str, Any] = {
        "type": _coded("http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "IRCP", "information recipient"),
        "who": {"display": f"{look.who}, {look.organisation}"},
        "role": [{"text": look.role}],
        "requestor": True,
    }
    if clauses:
        user["policy"] = [f"urn:concord:clause:{each.replace(' ', ':')}" for each in clauses]
    return {
        "resourceType": "AuditEvent",
        "id": id_,
        "meta": {"profile": [f"{_PROFILE}.{profile}"]},
        "type": _coding("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "Restful Operation"),
        "subtype": [_coding("http://hl7.org/fhir/restful-interaction", subtype, subtype)],
        "action": action,
        "recorded": body.fhir_instant(body.microseconds(event.at)),
        "outcome": "4" if event.outcome in ("refused", "nothing") else "0",
        "outcomeDesc": look.why,
        **({"purposeOfEvent": why} if why else {}),
        "agent": [
            user,
            {"type": _coded(_DICOM, "110153", "Source Role ID"), "who": {"display": look.source}, "requestor": False},
            {
                "type": _coded(_DICOM, "110152", "Destination Role ID"),
                "who": {"display": "Concord"},
                "requestor": False,
            },
        ],
        "source": {"observer": {"display": "Concord"}},
        **({} if patient is None else {"entity": [_patient(patient)]}),
    }


def _reference(patient: str) -> Named:
    """As the search named them: a reference, or an identifier after its system and a bar."""
    system, _, value = patient.rpartition("|")
    return {"identifier": {"system": system, "value": value}} if system else {"reference": patient}


def _asked_for(search: Search) -> tuple[str, datetime | None, datetime | None]:
    """The patient, and the span [since, until). Raises Incorrect for what is not supported."""
    if any(criterion.name not in _SUPPORTED for criterion in search.criteria):
        raise Incorrect(f"A search of the audit takes {' and '.join(_SUPPORTED)}, _count, and no other parameter.")
    if search.sort or search.includes or search.summary:
        raise Incorrect("The audit comes latest first, whole: leave out _sort, _include and _summary.")
    named = [criterion for criterion in search.criteria if criterion.name == "patient"]
    if len(named) != 1 or len(named[0].values) != 1:
        raise Incorrect("Say whose record was looked at: patient=Patient/[id], or patient=[system]|[NHS number].")
    since: int | None = None
    until: int | None = None
    for low, high in (_span(criterion) for criterion in search.criteria if criterion.name == "date"):
        since = low if since is None or (low is not None and low > since) else since
        until = high if until is None or (high is not None and high < until) else until
    value = named[0].values[0]
    patient = f"Patient/{value.id}" if value.id else value.text
    return patient, None if since is None else body.instant(since), None if until is None else body.instant(until)


def _span(criterion: Criterion) -> tuple[int | None, int | None]:
    if len(criterion.values) != 1 or criterion.values[0].prefix not in _BOUNDS:
        raise Incorrect(f"A date of the audit is one day or instant, after one of {', '.join(_BOUNDS)} or alone.")
    value = criterion.values[0]
    return {
        "eq": (value.low, value.high),
        "ge": (value.low, None),
        "gt": (value.high, None),
        "lt": (None, value.low),
        "le": (None, value.high),
    }[value.prefix]


def _patient(reference: Named) -> dict[str, Any]:
    return {
        "what": reference,
        "type": _coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "1", "Person"),
        "role": _coding("http://terminology.hl7.org/CodeSystem/object-role", "1", "Patient"),
    }


def _machine(code: str, role: str, name: str) -> dict[str, Any]:
    return {"type": _coded(_DICOM, code, role), "who": {"display": name}, "requestor": False}


def _coding(system: str, code: str, display: str) -> dict[str, str]:
    return {"system": system, "code": code, "display": display}


def _coded(system: str, code: str, display: str) -> dict[str, Any]:
    return {"coding": [_coding(system, code, display)]}
