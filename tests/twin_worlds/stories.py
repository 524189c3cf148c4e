"""What happens in twin worlds: what sources send, people choose and viewers do, told as it comes in, and who looks."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from typing import Any

from concord.base import NhsNumber, OdsCode
from concord.fhir import parse_search
from concord.governance import OWN_ACCESS, PATIENT, SourceSystem, Viewer
from concord.record import Deletion, PersonQuery
from tests.small_system import (
    COMMUNITY,
    ED_DOCTOR,
    GP,
    HOSPITAL,
    NHS_NUMBER,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
    send,
    viewer,
)
from tests.spec.governance.test_headcount import COUNTING
from tests.twin_worlds.worlds import World

SEAL = "https://concord.example/CodeSystem/seal"
CHOICE = "https://concord.example/CodeSystem/choice"
SILENT = "https://concord.example/StructureDefinition/silent"
PROXY = "https://concord.example/CodeSystem/proxy"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
SENSITIVITY = "https://concord.example/CodeSystem/sensitivity"
FINDING = "https://concord.example/CodeSystem/clinical-finding"
OTHER_NUMBER = "9990003203"

CANARY = "canary-kestrel"
WIDER = (
    POLICY.agreements["direct-care.yaml"]
    .replace("version: 1", "version: 2")
    .replace("[mental-health]", "[mental-health, sexual-health]")
)
GUESS = "a-guessable-code"  # what the viewer suspects, and searches for

BLOCKED: tuple[dict[str, Any], ...] = (
    {"resourceType": "Schedule", "id": "hx-2", "actor": [{"type": "Location", "display": CANARY}]},
    {
        "resourceType": "Slot", "id": "hx-1", "status": "busy-unavailable", "comment": CANARY,
        "schedule": {"reference": "Schedule/hx-2"},
        "start": "2026-11-22T09:00:00Z", "end": "2026-11-22T13:00:00Z",
    },
)  # fmt: skip


def seed(world: World) -> None:
    """What both worlds hold: a person whom practice and hospital know, and what the viewer may see of her."""
    stored = send(
        world.app,
        PRACTICE,
        patient("gp-1"),
        condition("gp-c1", "gp-1", "Heart failure", code=coded("heart-failure", "Heart failure")),
        condition("gp-c2", "gp-1", "Asthma", onsetDateTime="2019-06-03"),
        observation("gp-o1", "gp-1", "2026-03-01", "5.50"),
        observation("gp-o2", "gp-1", "2026-10-01", "7.25"),
        {"resourceType": "Practitioner", "id": "gp-d1", "name": [{"family": "Okafor"}]},
    )
    stored += send(world.app, HOSPITAL, patient("hx-1"), attendance("hx-e1", "hx-1"))
    assert {each.status for each in stored} == {"stored"}, [each.reason for each in stored]


def drafts(author: Viewer, title: str, text: str) -> Callable[[World], None]:
    def act(world: World) -> None:
        world.app.agreements.begin(author, title, text)

    return act


# -- words of the stories --------------------------------------------------------------------------------------------


def coded(code: str, display: str) -> dict[str, Any]:
    return {"coding": [{"system": FINDING, "code": code, "display": display}], "text": display}


def observation(source_id: str, of: str, on: str, value: str, **more: Any) -> dict[str, Any]:
    category = {"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}
    return {
        "resourceType": "Observation",
        "id": source_id,
        "status": "final",
        "category": [{"coding": [category]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}], "text": "HbA1c"},
        "subject": {"reference": f"Patient/{of}"},
        "effectiveDateTime": on,
        "valueQuantity": {"value": Decimal(value), "unit": "%"},
        "performer": [{"reference": "Practitioner/gp-d1"}],
    } | more


def secret(source_id: str, of: str = "gp-1", **more: Any) -> dict[str, Any]:
    """A problem that carries the canary, in words, display and narrative, under a code that may be guessed."""
    narrative = {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{CANARY}</div>'}
    return condition(
        source_id, of, CANARY, code=coded(GUESS, CANARY), text=narrative, recordedDate="2026-11-01", **more
    )


def tagged(system: str, code: str) -> dict[str, Any]:
    return {"security": [{"system": system, "code": code}]}


def consent(source_id: str, of: str, category: str, *, organisation: str | None = None) -> dict[str, Any]:
    """A choice that withholds, and of which the person asked that it be not told."""
    provision: dict[str, Any] = {"type": "deny"}
    if organisation is not None:
        actor = {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": organisation}}
        role = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "IRCP"}]}
        provision["actor"] = [{"role": role, "reference": actor}]
    return {
        "resourceType": "Consent",
        "id": source_id,
        "status": "active",
        "extension": [{"url": SILENT, "valueBoolean": True}],
        "scope": {
            "coding": [{"system": "http://terminology.hl7.org/CodeSystem/consentscope", "code": "patient-privacy"}]
        },
        "category": [{"coding": [{"system": CHOICE, "code": category}], "text": CANARY}],
        "patient": {"reference": f"Patient/{of}"},
        "policyRule": {"text": CANARY},
        "provision": provision,
    }


def sends(by: SourceSystem, *resources: Mapping[str, Any]) -> Callable[[World], None]:
    """A story of one line: a source system sends these, and they are kept."""

    def act(world: World) -> None:
        outcomes = send(world.app, by, *deepcopy(resources))  # what is written is rewritten in place
        assert {each.status for each in outcomes} <= {"stored", "updated", "waiting"}, [e.reason for e in outcomes]

    return act


def chooses(kind: str, organisation: str) -> Callable[[World], None]:
    """The person herself chooses, and asks that it be not told."""

    def act(world: World) -> None:
        world.app.records.choosing.make(THE_PERSON, kind, organisation, silent=True).wait()

    return act


def deletes(by: SourceSystem, type_: str, source_id: str) -> Callable[[World], None]:
    def act(world: World) -> None:
        deletion = Deletion(type=type_, source_id=source_id)
        (outcome,) = world.app.records.write([deletion], by=by, atomic=True, assurance="stated")
        assert outcome.status == "deleted", outcome.reason

    return act


def both(*acts: Callable[[World], None]) -> Callable[[World], None]:
    def act(world: World) -> None:
        for each in acts:
            each(world)

    return act


# -- the table -------------------------------------------------------------------------------------------------------

STRANGER = patient(
    "cx-9", number=OTHER_NUMBER, name=[{"family": CANARY, "given": ["Nobody"]}], birthDate="1970-01-01",
    meta=tagged(CONFIDENTIALITY, "R"),
)  # fmt: skip
BEYOND = {
    "resourceType": "DocumentReference", "id": "gp-x1", "status": "current", "description": CANARY,
    "type": {"text": CANARY}, "subject": {"reference": "Patient/gp-1"},
    "content": [{"attachment": {"contentType": "text/plain", "data": "Y2FuYXJ5LWtlc3RyZWw=", "title": CANARY}}],
}  # fmt: skip
BEYOND_HER = BEYOND | {
    "id": "hx-x1", "subject": {"reference": "Patient/hx-1"}, "meta": tagged(SENSITIVITY, "third-party"),
}  # fmt: skip
POINTS_AT_IT = observation("gp-o3", "gp-1", "2026-11-02", "6.5", encounter={"reference": "Encounter/gp-x1"})
HIDDEN_CONTACT = {
    "resourceType": "Encounter", "id": "gp-x1", "status": "finished", "meta": tagged(SENSITIVITY, "sexual-health"),
    "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
    "type": [{"text": CANARY}], "subject": {"reference": "Patient/gp-1"}, "period": {"start": "2026-11-02T09:00:00Z"},
}  # fmt: skip
GATHERING = {
    "resourceType": "List", "id": "gp-x1", "status": "current", "mode": "snapshot", "title": CANARY,
    "meta": tagged(SEAL, "locked"), "subject": {"reference": "Patient/gp-1"},
    "entry": [{"item": {"reference": f"Condition/{each}"}} for each in ("gp-c8", "gp-c9")],
}  # fmt: skip
OF_THE_DEPARTMENT = {
    "meta": {"tag": [{"system": "https://concord.example/CodeSystem/service", "code": "emergency-department"}]}
}
ONE = (("ZZP01", "Condition", "gp-x1"),)

THE_PERSON = viewer(PATIENT, "ZZP01", purpose=OWN_ACCESS, nhs_number=NHS_NUMBER)
PRIVACY_OFFICER = viewer("privacy-officer", "ZZA")
ATTORNEY = viewer(PATIENT, "ZZP01", user="attorney", purpose=OWN_ACCESS, nhs_number=OTHER_NUMBER)


def looked(world: World) -> None:
    """Somebody looks, and sees what there is; the privacy officer reads that they looked."""
    gp, doctor = GP, ED_DOCTOR
    for search in (parse_search("Condition", []), parse_search("Patient", [])):
        for asker in (gp, doctor):
            world.app.records.search(search, asker).wait()


def opened(world: World) -> None:
    """A doctor opens the whole record, and sees what there is."""
    (found,) = world.app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), ED_DOCTOR).wait()
    world.app.records.open(found.person, ED_DOCTOR).wait()


def acts_for(source_id: str, *, number: str = OTHER_NUMBER, **more: Any) -> dict[str, Any]:
    """Somebody whom the practice names as an attorney, by their NHS number."""
    return {
        "resourceType": "RelatedPerson", "id": source_id, "patient": {"reference": "Patient/gp-1"},
        "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": number}],
        "relationship": [{"coding": [{"system": PROXY, "code": "health-and-welfare-attorney"}]}],
        "period": {"start": "2024-01-01"},
    } | more  # fmt: skip


def breakable(world: World) -> None:
    """The viewer's clause gives way to an override: to flagged seals and one label, and to nothing else."""
    clause = (
        "    override: {roles: [doctor], lifts: [relationship, flagged-seals, {labels: [substance-misuse]}], for: 4h}\n"
    )
    text = POLICY.agreements["direct-care.yaml"].replace(
        "    allows_labels: [mental-health]\n", f"    allows_labels: [mental-health]\n{clause}", 1
    )
    enforce(world.app, replace(POLICY, agreements={"direct-care.yaml": text}))


def lets_count(world: World) -> None:
    """The hospital's analyst may count who has which problems."""
    counting = COUNTING.format(purpose="public-health")
    enforce(world.app, replace(POLICY, agreements={**POLICY.agreements, "counting.yaml": counting}))


def labels_the_department(world: World) -> None:
    """The emergency department is given a label, and what it has contributed by now takes it."""
    unlabelled = "name: Emergency department}"
    labelled = "name: Emergency department, labels: [sexual-health]}"
    enforce(world.app, replace(POLICY, directory=POLICY.directory.replace(unlabelled, labelled)))
    world.app.records.labelling.apply(lambda looked_at, changed: None)


INFIRMARY = SourceSystem(organisation=OdsCode("ZZN"))
_INFIRMARY = "  - {code: ZZN, name: Northfield Infirmary, short: Hospital, kind: acute-trust}\n"


def on_trial(world: World) -> None:
    """The community trust would share with the emergency department, and is on trial."""
    clause = (
        "  - id: community-shares\n    from: {organisations: community}\n    shares: [core]\n"
        "    with: {organisations: hospital, roles: [doctor]}\n    when: [attending, referred, care-team]\n"
        "  - id: community-sees-its-own\n    from: {organisations: community}\n    shares: [core]\n"
        "    with: {organisations: community, roles: [district-nurse]}\n    when: [on-caseload, attending]\n"
    )
    text = POLICY.agreements["direct-care.yaml"] + clause
    policy = replace(POLICY, directory=POLICY.directory + _INFIRMARY, agreements={"direct-care.yaml": text})
    enforce(world.app, policy)
    world.app.records.trials.begin(COMMUNITY.organisation, ["somebody-else"])


def on_two_trials(world: World) -> None:
    """The same, and the infirmary is on trial too, with the viewer as its tester."""
    on_trial(world)
    world.app.records.trials.begin(INFIRMARY.organisation, [ED_DOCTOR.user])
    send(world.app, INFIRMARY, patient("in-1"), attendance("in-e1", "in-1"))


REFERRED = {
    "resourceType": "ServiceRequest", "id": "cx-s1", "status": "active", "intent": "order",
    "category": [{"coding": [{"system": "https://concord.example/CodeSystem/service-request-category",
                              "code": "referral"}]}],
    "subject": {"reference": "Patient/cx-9"},
    "performer": [{"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "ZZA"}}],
}  # fmt: skip
ON_THE_CASELOAD = {
    "resourceType": "EpisodeOfCare", "id": "cx-k1", "status": "active", "patient": {"reference": "Patient/cx-1"},
    "period": {"start": "2026-11-01"},
}  # fmt: skip
OF_THE_TRIAL = (
    patient("cx-1", telecom=[{"value": CANARY}], meta=tagged(CONFIDENTIALITY, "R")),
    secret("cx-c1", "cx-1"),
    consent("cx-x1", "cx-1", "objection"),
    attendance("cx-e1", "cx-1"),
    ON_THE_CASELOAD,
    patient("cx-9", number=OTHER_NUMBER, name=[{"family": CANARY, "given": ["Nobody"]}], birthDate="1970-01-01"),
    secret("cx-c9", "cx-9"),
    REFERRED,
    secret("cx-c8", "cx-1", meta=tagged(SEAL, "flagged")),
)


def succeeded(world: World) -> None:
    """The infirmary was taken over by the viewer's hospital, where somebody attends who had silently shut it out."""
    old = (
        "  - {code: ZZN, name: Northfield Infirmary, short: Hospital, kind: acute-trust, "
        "succeeded_by: {code: ZZA, on: 2026-11-22}}\n"
    )
    enforce(world.app, replace(POLICY, directory=POLICY.directory + old))
    stored = send(
        world.app,
        PRACTICE,
        patient("gp-9", number=OTHER_NUMBER, name=[{"family": "Aldous", "given": ["Nobody"]}], birthDate="1970-01-01"),
        consent("gp-x9", "gp-9", "organisation-prohibited", organisation="ZZN"),
    )
    stored += send(
        world.app,
        INFIRMARY,
        patient("nx-9", number=OTHER_NUMBER, name=[{"family": "Aldous", "given": ["Nobody"]}], birthDate="1970-01-01"),
        attendance("nx-e9", "nx-9"),
    )
    assert {each.status for each in stored} == {"stored"}, [each.reason for each in stored]


def measured(world: World) -> None:
    """What the data of each organisation are like is counted."""
    for code in world.app.directory().organisations:
        world.app.quality.measure(code, lambda people: None)
