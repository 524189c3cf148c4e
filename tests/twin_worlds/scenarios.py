"""What one world hides: the table of hidden things. Each row is a person-sized story, told in source systems' words."""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from concord.base import NhsNumber, OdsCode
from concord.fhir import parse_search
from concord.governance import OWN_ACCESS, PATIENT, SourceSystem, Viewer
from concord.ingest.hl7v2 import Message, map_message, original_of
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id
from concord.record import Deletion, PersonQuery
from tests.small_system import (
    COMMUNITY,
    COMMUNITY_NURSE,
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


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """`hide` adds to one world what `viewer` may not know of; `hidden` names it by organisation, type and source id.

    `before` and, a while later, `after` happen in both.
    """

    hides: str
    hide: Callable[[World], None]
    hidden: tuple[tuple[str, str, str], ...] = ()
    before: Callable[[World], None] = lambda _: None
    after: Callable[[World], None] | None = None
    viewer: Viewer = ED_DOCTOR


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


def hears(diagnoses: bytes) -> Callable[[World], None]:
    """The hospital sends a message of the same name about its patient, with these diagnoses; its file is loaded."""
    head = "MSH|^~\\&|PAS|ZZA|CONCORD|NN|20261122030000||ADT^A31|C1|P|2.4\rEVN|A31|20261122030000\r"
    about = f"PID|1||hx-1^^^PAS~{NHS_NUMBER}^^^NHS^NH||Holroyd^Margaret||19420214|F\r"

    def act(world: World) -> None:
        of = OdsCode(HOSPITAL.organisation)
        records = world.app.records
        read_against = Feed(organisation=of, earlier=records.earlier(of), snapshots=records.snapshots(of))
        message = Message.parse((head + about).encode() + diagnoses)
        made = map_message(message, read_against)
        sent = original_of(message, made, read_against)
        outcomes = records.write(made, by=HOSPITAL, atomic=False, assurance="traced", sent=[sent])
        assert {each.status for each in outcomes} <= {"stored", "updated", "unchanged"}, outcomes

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


def on_trial(world: World) -> None:
    """The community trust would share with the emergency department, and is on trial."""
    clause = (
        "  - id: community-shares\n    from: {organisations: community}\n    shares: [core]\n"
        "    with: {organisations: hospital, roles: [doctor]}\n    when: [attending, referred, care-team]\n"
        "  - id: community-sees-its-own\n    from: {organisations: community}\n    shares: [core]\n"
        "    with: {organisations: community, roles: [district-nurse]}\n    when: [on-caseload, attending]\n"
    )
    text = POLICY.agreements["direct-care.yaml"] + clause
    enforce(world.app, replace(POLICY, agreements={"direct-care.yaml": text}))
    world.app.records.trials.begin(COMMUNITY.organisation, ["somebody-else"])


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


INFIRMARY = SourceSystem(organisation=OdsCode("ZZN"))


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


SCENARIOS = (
    Scenario(
        hides="an item that the person has locked, from who breaks the glass",
        before=breakable,
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        hidden=ONE,
    ),
    Scenario(
        hides="an item with a label that the override does not lift, from who breaks the glass",
        before=breakable,
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SENSITIVITY, "sexual-health"))),
        hidden=ONE,
    ),
    Scenario(
        hides="an item under a heading that no clause opens",
        hide=sends(PRACTICE, BEYOND),
        hidden=(("ZZP01", "DocumentReference", "gp-x1"),),
    ),
    Scenario(
        hides="an item with a label that the clause does not allow",
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SENSITIVITY, "sexual-health"))),
        hidden=ONE,
    ),
    Scenario(
        hides="an item with a label that nobody knows",
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged("https://elsewhere.example/tags", "odd"))),
        hidden=ONE,
    ),
    Scenario(
        hides="an item that the person has locked",
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        hidden=ONE,
    ),
    Scenario(
        hides="a later version of a locked item",
        before=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"), onsetDateTime="2001-01-01")),
        hidden=ONE,
    ),
    Scenario(
        hides="a version between two that the viewer may see",
        before=sends(PRACTICE, condition("gp-x1", "gp-1", "Before")),
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        after=sends(PRACTICE, condition("gp-x1", "gp-1", "After")),
        hidden=ONE,
    ),
    Scenario(
        hides="that an item was hidden before it could be seen",
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SENSITIVITY, "sexual-health"))),
        after=sends(PRACTICE, condition("gp-x1", "gp-1", "After")),
        hidden=ONE,
    ),
    Scenario(
        hides="an item that was deleted",
        hide=both(sends(PRACTICE, secret("gp-x1")), deletes(PRACTICE, "Condition", "gp-x1")),
        hidden=ONE,
    ),
    Scenario(
        hides="that an item could be seen before the person locked it",
        before=looked,
        hide=both(
            sends(PRACTICE, secret("gp-x1")), looked, sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked")))
        ),
        hidden=ONE,
    ),
    Scenario(
        hides="that a withheld item was deleted",
        before=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        hide=deletes(PRACTICE, "Condition", "gp-x1"),
        hidden=ONE,
    ),
    Scenario(
        hides="that an item was deleted and came back",
        before=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        hide=deletes(PRACTICE, "Condition", "gp-x1"),
        after=sends(PRACTICE, condition("gp-x1", "gp-1", "After")),
        hidden=ONE,
    ),
    Scenario(
        hides="an item that was labelled while it was held, because its service was",
        hide=sends(HOSPITAL, secret("gp-x1", "hx-1", **OF_THE_DEPARTMENT)),
        after=labels_the_department,
        hidden=(("ZZA", "Condition", "gp-x1"),),
    ),
    Scenario(
        hides="another label on an item that is withheld already",
        before=sends(PRACTICE, secret("gp-x1", meta=tagged(SENSITIVITY, "sexual-health"))),
        hide=sends(
            PRACTICE,
            secret(
                "gp-x1",
                meta={
                    "security": [*tagged(SENSITIVITY, "sexual-health")["security"], *tagged(SEAL, "locked")["security"]]
                },
            ),
        ),
        hidden=ONE,
    ),
    Scenario(
        hides="what a visible item refers to",
        before=sends(PRACTICE, POINTS_AT_IT),
        hide=sends(PRACTICE, HIDDEN_CONTACT),
        hidden=(("ZZP01", "Encounter", "gp-x1"),),
    ),
    Scenario(
        hides="an item, and the practitioner whom it alone names",
        hide=sends(
            PRACTICE,
            {"resourceType": "Practitioner", "id": "gp-x2", "name": [{"family": CANARY}]},
            secret(
                "gp-x1",
                meta=tagged(SENSITIVITY, "sexual-health"),
                recorder={"reference": "Practitioner/gp-x2"},
                encounter={"reference": "Encounter/gp-x3"},
            ),
        ),
        hidden=(("ZZP01", "Condition", "gp-x1"), ("ZZP01", "Practitioner", "gp-x2")),
    ),
    Scenario(
        hides="a person whose whereabouts are protected",
        hide=sends(COMMUNITY, STRANGER, secret("gp-x1", "cx-9")),
        hidden=(("ZZC", "Patient", "cx-9"), ("ZZC", "Condition", "gp-x1")),
    ),
    Scenario(
        hides="a source that does not share with the viewer",
        hide=sends(COMMUNITY, patient("cx-1", telecom=[{"value": CANARY}]), secret("gp-x1", "cx-1")),
        hidden=(("ZZC", "Patient", "cx-1"), ("ZZC", "Condition", "gp-x1")),
    ),
    Scenario(
        hides="all that an organisation on trial says of people whom others know",
        before=on_trial,
        hide=sends(COMMUNITY, *OF_THE_TRIAL),
        hidden=(("ZZC", "Patient", "cx-1"), ("ZZC", "Condition", "cx-c1"), ("ZZC", "Consent", "cx-x1")),
    ),
    Scenario(
        hides="from a nurse of an organisation on trial who does not test it, all that it sends",
        viewer=COMMUNITY_NURSE,
        before=on_trial,
        hide=sends(COMMUNITY, *OF_THE_TRIAL),
        hidden=(("ZZC", "Patient", "cx-1"), ("ZZC", "Condition", "cx-c1"), ("ZZC", "Consent", "cx-x1")),
    ),
    Scenario(
        hides="people of an organisation on trial who come before those whose number or likeness they have",
        before=on_trial,
        hide=sends(
            COMMUNITY,
            patient("cx-2", number=OTHER_NUMBER, birthDate="1942-02-15"),
            patient("cx-3", number=None, link=[{"type": "seealso", "other": {"reference": "Patient/cx-2"}}]),
            attendance("cx-e1", "cx-2"),
            secret("cx-c1", "cx-3"),
        ),
        after=both(
            sends(HOSPITAL, patient("hx-2", number=OTHER_NUMBER), attendance("hx-e2", "hx-2")),
            sends(PRACTICE, patient("gp-3", number=None)),
        ),
        hidden=(("ZZC", "Patient", "cx-2"), ("ZZC", "Patient", "cx-3"), ("ZZC", "Condition", "cx-c1")),
    ),
    Scenario(
        hides="from who reviews labels, words in what another organisation contributed",
        viewer=viewer("ig-lead", "ZZA"),
        hide=sends(PRACTICE, secret("gp-x1", note=[{"text": f"Suicidal, and {CANARY}"}])),
        hidden=(("ZZP01", "Condition", "gp-x1"),),
    ),
    Scenario(
        hides="from who reviews labels, what the person has sealed, and words in it",
        viewer=viewer("ig-lead", "ZZP01"),
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "flagged"), note=[{"text": f"Suicidal, and {CANARY}"}])),
        hidden=(("ZZP01", "Condition", "gp-x1"),),
    ),
    Scenario(
        hides="from who reviews labels, what the law bars, and words in it",
        viewer=viewer("privacy-officer", "ZZP01"),
        hide=sends(
            PRACTICE, secret("gp-x1", meta=tagged(SENSITIVITY, "adoption"), note=[{"text": CANARY + " suicidal"}])
        ),
        hidden=(("ZZP01", "Condition", "gp-x1"),),
    ),
    Scenario(
        hides="what a message brought beside an open item, and the message that brought it",
        before=hears(b"DG1|1||J18.9^Pneumonia^I10"),
        hide=hears(b"DG1|1||J18.9^Pneumonia^I10\rDG1|2||B24^" + CANARY.encode() + b"^I10\rNTE|1||" + CANARY.encode()),
        hidden=(("ZZA", "Condition", fhir_id("DG1", "hx-1", "I10", "B24")),),
    ),
    Scenario(
        hides="an item that waits for its Patient",
        hide=sends(COMMUNITY, secret("gp-x1", "cx-nobody")),
        hidden=(("ZZC", "Condition", "gp-x1"), ("ZZC", "Patient", "cx-nobody")),
    ),
    Scenario(
        hides="an item of somebody who had shut out an organisation that the viewer's has taken over",
        before=succeeded,
        hide=sends(PRACTICE, secret("gp-x1", "gp-9")),
        hidden=(("ZZP01", "Condition", "gp-x1"),),
    ),
    Scenario(
        hides="a choice, kept silent, against an organisation that is not the viewer's",
        hide=sends(PRACTICE, consent("gp-x1", "gp-1", "organisation-prohibited", organisation="ZZC")),
        hidden=(("ZZP01", "Consent", "gp-x1"),),
    ),
    Scenario(
        hides="a choice, kept silent, that the person made against an organisation that is not the viewer's",
        hide=chooses("organisation-prohibited", "ZZC"),
    ),
    Scenario(
        hides="from the person, what a source keeps from them, and a choice that it recorded so",
        viewer=THE_PERSON,
        hide=sends(
            PRACTICE,
            secret("gp-x1", meta=tagged(SENSITIVITY, "restricted")),
            consent("gp-x2", "gp-1", "share-in") | {"meta": tagged(SENSITIVITY, "domestic-abuse")},
        ),
        hidden=(*ONE, ("ZZP01", "Consent", "gp-x2")),
    ),
    Scenario(
        hides="from who counts, a person whose whereabouts are protected, and what somebody has sealed",
        viewer=viewer("population-analyst", "ZZA"),
        before=lets_count,
        hide=both(sends(COMMUNITY, STRANGER), sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked")))),
        hidden=(*ONE, ("ZZC", "Patient", "cx-9")),
    ),
    Scenario(
        hides="from who counts, one more person among few",
        viewer=viewer("population-analyst", "ZZA"),
        before=lets_count,
        hide=sends(
            PRACTICE,
            patient("gp-2", number=OTHER_NUMBER, name=[{"family": CANARY}], birthDate="1970-01-01"),
            secret("gp-x1", "gp-2"),
        ),
        hidden=(*ONE, ("ZZP01", "Patient", "gp-2")),
    ),
    Scenario(
        hides="everything of a person with whom the viewer has no relationship",
        viewer=COMMUNITY_NURSE,
        hide=sends(PRACTICE, secret("gp-x1")),
        hidden=ONE,
    ),
    Scenario(
        hides="a person whose only Patient was deleted",
        hide=both(
            sends(COMMUNITY, patient("cx-9", number=OTHER_NUMBER, name=[{"family": CANARY}], birthDate="1970-01-01")),
            deletes(COMMUNITY, "Patient", "cx-9"),
        ),
        hidden=(("ZZC", "Patient", "cx-9"),),
    ),
    Scenario(
        hides="a list that the person has locked",
        hide=sends(PRACTICE, GATHERING),
        hidden=(("ZZP01", "List", "gp-x1"),),
    ),
    Scenario(
        hides="from the person, what is about somebody else",
        viewer=THE_PERSON,
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SENSITIVITY, "third-party"))),
        hidden=ONE,
    ),
    Scenario(
        hides="from the person, what would do serious harm to read",
        viewer=THE_PERSON,
        hide=sends(HOSPITAL, secret("gp-x1", "hx-1", meta=tagged(ACT_CODE, "NOPAT"))),
        hidden=(("ZZA", "Condition", "gp-x1"),),
        after=looked,
    ),
    Scenario(
        hides="from the person, that a doctor saw what is about somebody else",
        viewer=THE_PERSON,
        hide=sends(HOSPITAL, BEYOND_HER),
        hidden=(("ZZA", "DocumentReference", "hx-x1"),),
        after=opened,
    ),
    Scenario(
        hides="from an attorney, what they are not to see of the person for whom they act",
        viewer=ATTORNEY,
        before=sends(PRACTICE, acts_for("gp-r1")),
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SENSITIVITY, "sexual-health"))),
        after=opened,
        hidden=ONE,
    ),
    Scenario(
        hides="from somebody who acts for nobody, a person for whom another acts",
        viewer=ATTORNEY,
        hide=sends(PRACTICE, acts_for("gp-x1", number="9990003300", name=[{"family": CANARY}])),
        hidden=(("ZZP01", "RelatedPerson", "gp-x1"),),
    ),
    Scenario(
        hides="from whom a person shuts out, that they were to act for them",
        viewer=ATTORNEY,
        before=sends(PRACTICE, consent("gp-k1", "gp-1", "proxy-access")),
        hide=sends(PRACTICE, acts_for("gp-x1", name=[{"family": CANARY}])),
        after=opened,
        hidden=(("ZZP01", "RelatedPerson", "gp-x1"),),
    ),
    Scenario(
        hides="from a privacy officer, a source that knows the person too",
        viewer=PRIVACY_OFFICER,
        hide=sends(COMMUNITY, patient("cx-1", telecom=[{"value": CANARY}])),
        after=looked,
        hidden=(("ZZC", "Patient", "cx-1"),),
    ),
    Scenario(
        hides="from a privacy officer, one more item of what others saw",
        viewer=PRIVACY_OFFICER,
        hide=sends(PRACTICE, secret("gp-x1")),
        after=looked,
        hidden=ONE,
    ),
    Scenario(
        hides="from a reviewer of links, a source that knows the person too",
        viewer=viewer("data-quality-officer", "ZZA"),
        before=sends(HOSPITAL, patient("hx-2", birthDate="1942-02-15")),
        hide=sends(COMMUNITY, patient("cx-1", address=[{"line": [CANARY], "postalCode": "NF4 2ZZ"}])),
        hidden=(("ZZC", "Patient", "cx-1"),),
    ),
    Scenario(
        hides="from an information governance lead, an item and the person whose it is",
        viewer=viewer("ig-lead", "ZZA"),
        hide=sends(COMMUNITY, patient("cx-1", number=OTHER_NUMBER, name=[{"family": CANARY}]), secret("cx-c1", "cx-1")),
        hidden=(("ZZC", "Patient", "cx-1"), ("ZZC", "Condition", "cx-c1")),
    ),
    Scenario(
        hides="from an information governance lead, an item among those whose quality is measured",
        viewer=viewer("ig-lead", "ZZA"),
        hide=sends(PRACTICE, secret("gp-x1", onsetDateTime="2062-03-01")),
        after=measured,
        hidden=ONE,
    ),
    Scenario(
        hides="from an information governance lead, a draft of another organisation",
        viewer=viewer("ig-lead", "ZZA"),
        hide=drafts(viewer("ig-lead", "ZZC"), CANARY, f"agreement: {CANARY}"),
    ),
    Scenario(
        hides="from an information governance lead who tries a draft, an item that it opens to nobody",
        viewer=viewer("ig-lead", "ZZA"),
        before=drafts(viewer("ig-lead", "ZZA"), "Wider", WIDER),
        hide=sends(PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked"))),
        hidden=ONE,
        after=looked,
    ),
)
