"""What each resource of GP Connect (FHIR STU3) becomes: left what a practice's system sends, right what is kept."""

from typing import Any

import pytest

from concord.fhir import check
from concord.ingest.gpconnect import Converted, convert

Json = dict[str, Any]
SCT = "http://snomed.info/sct"
CARE_CONNECT = "https://fhir.nhs.uk/STU3/StructureDefinition/Extension-CareConnect-GPC-"
UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
SUBJECT = {"reference": "Patient/p"}


def record(*resources: Json) -> Converted:
    patient = {"resourceType": "Patient", "id": "p", "birthDate": "1942-02-14"}
    return convert({"resourceType": "Bundle", "entry": [{"resource": each} for each in (patient, *resources)]})


def one(resource: Json) -> Json:
    """What a resource becomes, which R4 accepts."""
    converted = record(resource)
    assert list(converted.refused) == []
    kept = converted.entries[-1].resource
    assert check(kept) == []
    return kept


def code(text: str) -> Json:
    return {"text": text}


def coding(system: str, value: str) -> Json:
    return {"coding": [{"system": system, "code": value}]}


CASES: dict[str, tuple[Json, Json]] = {
    "an allergy: its states become concepts, the day of writing is recordedDate": (
        {
            "resourceType": "AllergyIntolerance", "id": "a", "clinicalStatus": "active",
            "verificationStatus": "unconfirmed", "category": ["medication"], "code": code("Penicillin"),
            "patient": SUBJECT, "assertedDate": "2010-01-13T11:41:26+00:00",
            "extension": [{
                "url": "http://hl7.org/fhir/StructureDefinition/encounter-associatedEncounter",
                "valueReference": {"reference": "Encounter/e"},
            }],
        },
        {
            "resourceType": "AllergyIntolerance", "id": "a",
            "clinicalStatus": coding(TERMINOLOGY + "allergyintolerance-clinical", "active"),
            "verificationStatus": coding(TERMINOLOGY + "allergyintolerance-verification", "unconfirmed"),
            "category": ["medication"], "code": code("Penicillin"), "patient": SUBJECT,
            "recordedDate": "2010-01-13T11:41:26+00:00", "encounter": {"reference": "Encounter/e"},
        },
    ),
    "a problem: significance and links stay, the encounter has its new name": (
        {
            "resourceType": "Condition", "id": "c", "clinicalStatus": "active", "code": code("Asthma"),
            "subject": SUBJECT, "context": {"reference": "Encounter/e"}, "assertedDate": "2010-01-13",
            "extension": [{
                "url": "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-ProblemSignificance-1",
                "valueCode": "major",
            }],
        },
        {
            "resourceType": "Condition", "id": "c",
            "clinicalStatus": coding(TERMINOLOGY + "condition-clinical", "active"), "code": code("Asthma"),
            "subject": SUBJECT, "encounter": {"reference": "Encounter/e"}, "recordedDate": "2010-01-13",
            "extension": [{
                "url": "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-ProblemSignificance-1",
                "valueCode": "major",
            }],
        },
    ),
    "a medicine on the list: the last issue is a day, and saying nothing of taking says nothing": (
        {
            "resourceType": "MedicationStatement", "id": "m", "status": "active", "taken": "unk",
            "medicationReference": {"reference": "Medication/x"}, "subject": SUBJECT, "dosage": [{"text": "One a day"}],
            "extension": [{
                "url": CARE_CONNECT + "MedicationStatementLastIssueDate-1",
                "valueDateTime": "2026-11-02T00:00:00+00:00",
            }],
        },
        {
            "resourceType": "MedicationStatement", "id": "m", "status": "active",
            "medicationReference": {"reference": "Medication/x"}, "subject": SUBJECT, "dosage": [{"text": "One a day"}],
            "extension": [{"url": UK_CORE + "MedicationStatementLastIssueDate", "valueDateTime": "2026-11-02"}],
        },
    ),
    "a plan to prescribe: acute or repeat is its course of therapy, the requester one reference": (
        {
            "resourceType": "MedicationRequest", "id": "r", "status": "active", "intent": "plan",
            "medicationReference": {"reference": "Medication/x"}, "subject": SUBJECT,
            "requester": {"agent": {"reference": "Practitioner/d"}},
            "extension": [{
                "url": CARE_CONNECT + "PrescriptionType-1",
                "valueCodeableConcept": {"coding": [{"system": "x", "code": "acute", "display": "Acute"}]},
            }],
        },
        {
            "resourceType": "MedicationRequest", "id": "r", "status": "active", "intent": "plan",
            "medicationReference": {"reference": "Medication/x"}, "subject": SUBJECT,
            "requester": {"reference": "Practitioner/d"},
            "courseOfTherapyType": coding(TERMINOLOGY + "medicationrequest-course-of-therapy", "acute")
            | {"text": "Acute"},
        },
    ),
    "a finding: its comment is a note, its members have an element of their own": (
        {
            "resourceType": "Observation", "id": "o", "status": "final", "code": code("Full blood count"),
            "subject": SUBJECT, "comment": "Fasting", "specimen": {"reference": "Specimen/s"},
            "related": [{"type": "has-member", "target": {"reference": "Observation/hb"}}],
        },
        {
            "resourceType": "Observation", "id": "o", "status": "final", "code": code("Full blood count"),
            "subject": SUBJECT, "note": [{"text": "Fasting"}], "specimen": {"reference": "Specimen/s"},
            "hasMember": [{"reference": "Observation/hb"}],
            "category": [coding(TERMINOLOGY + "observation-category", "laboratory")],
        },
    ),
    "a vaccination: the procedure given stays, the giver is a performer, the protocol has doses": (
        {
            "resourceType": "Immunization", "id": "i", "status": "completed", "notGiven": False, "patient": SUBJECT,
            "vaccineCode": coding("http://hl7.org/fhir/v3/NullFlavor", "UNK"), "date": "2010-01-18",
            "practitioner": [{"actor": {"reference": "Practitioner/d"}}],
            "vaccinationProtocol": [{"doseSequence": 1, "doseStatus": coding("x", "count")}],
            "extension": [{
                "url": "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-DateRecorded-1",
                "valueDateTime": "2010-01-19",
            }],
        },
        {
            "resourceType": "Immunization", "id": "i", "status": "completed", "patient": SUBJECT,
            "vaccineCode": coding(TERMINOLOGY + "v3-NullFlavor", "UNK"), "occurrenceDateTime": "2010-01-18",
            "performer": [{"actor": {"reference": "Practitioner/d"}}],
            "protocolApplied": [{"doseNumberPositiveInt": 1}],
            "recorded": "2010-01-19",
            "extension": [{
                "url": "https://concord.example/StructureDefinition/unmapped",
                "valueString": '{"vaccinationProtocol.doseStatus":{"coding":[{"system":"x","code":"count"}]}}',
            }],
        },
    ),
    "a referral: what the practice coded as its reason says what was asked for": (
        {
            "resourceType": "ReferralRequest", "id": "f", "status": "unknown", "intent": "order", "subject": SUBJECT,
            "reasonCode": [code("Orthopaedic referral")], "description": "Knee", "recipient": [{"display": "Dr Dave"}],
            "requester": {"agent": {"reference": "Practitioner/d"}},
        },
        {
            "resourceType": "ServiceRequest", "id": "f", "status": "unknown", "intent": "order", "subject": SUBJECT,
            "category": [coding("https://concord.example/CodeSystem/service-request-category", "referral")],
            "code": code("Orthopaedic referral"), "note": [{"text": "Knee"}], "performer": [{"display": "Dr Dave"}],
            "requester": {"reference": "Practitioner/d"},
        },
    ),
    "a diary entry is a planned request": (
        {
            "resourceType": "ProcedureRequest", "id": "d", "status": "suspended", "intent": "plan",
            "code": code("Medication review"), "subject": SUBJECT, "context": {"reference": "Encounter/e"},
        },
        {
            "resourceType": "ServiceRequest", "id": "d", "status": "on-hold", "intent": "plan",
            "code": code("Medication review"), "subject": SUBJECT, "encounter": {"reference": "Encounter/e"},
        },
    ),
    "a consultation has the class that its type tells": (
        {"resourceType": "Encounter", "id": "e", "status": "finished", "type": [code("Home visit note")],
         "subject": SUBJECT},
        {"resourceType": "Encounter", "id": "e", "status": "finished", "type": [code("Home visit note")],
         "subject": SUBJECT, "class": {"system": TERMINOLOGY + "v3-ActCode", "code": "HH"}},
    ),
    "a report: its performers are references, and a request has its new type": (
        {
            "resourceType": "DiagnosticReport", "id": "t", "status": "final", "code": code("Report"),
            "subject": SUBJECT, "performer": [{"actor": {"reference": "Organization/7"}}],
            "basedOn": [{"reference": "ProcedureRequest/d"}], "category": code("Haematology"),
        },
        {
            "resourceType": "DiagnosticReport", "id": "t", "status": "final", "code": code("Report"),
            "subject": SUBJECT, "performer": [{"reference": "Organization/7"}],
            "basedOn": [{"reference": "ServiceRequest/d"}], "category": [code("Haematology")],
        },
    ),
    "a document: made and filed have their places": (
        {
            "resourceType": "DocumentReference", "id": "n", "status": "current", "type": code("Letter"),
            "subject": SUBJECT, "created": "2010-01-19", "indexed": "2010-01-20T11:40:15+00:00",
            "content": [{"attachment": {"contentType": "image/bmp"}}],
            "context": {"encounter": {"reference": "Encounter/e"}},
        },
        {
            "resourceType": "DocumentReference", "id": "n", "status": "current", "type": code("Letter"),
            "subject": SUBJECT, "date": "2010-01-20T11:40:15+00:00",
            "content": [{"attachment": {"contentType": "image/bmp", "creation": "2010-01-19"}}],
            "context": {"encounter": [{"reference": "Encounter/e"}]},
        },
    ),
    "a list of the record goes by patient and code, and keeps its warning": (
        {
            "resourceType": "List", "status": "current", "mode": "snapshot", "title": "Problems",
            "code": coding(SCT, "717711000000103"), "subject": {"identifier": {"value": "9990003114"}},
            "extension": [{"url": CARE_CONNECT + "ListWarningCode-1", "valueCode": "confidential-items"}],
        },
        {
            "resourceType": "List", "status": "current", "mode": "snapshot", "title": "Problems",
            "code": coding(SCT, "717711000000103"), "subject": SUBJECT, "id": "p.-list.-717711000000103",
            "extension": [{"url": UK_CORE + "ListWarningCode", "valueCode": "confidential-items"}],
        },
    ),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "kept"), CASES.values(), ids=CASES.keys())
def test_becomes(sent: Json, kept: Json) -> None:
    assert one(sent) == kept


def test_ended_allergies_leave_their_list_as_items_of_their_own() -> None:
    ended = {
        "resourceType": "AllergyIntolerance", "id": "28", "clinicalStatus": "resolved", "code": code("Peanut"),
        "verificationStatus": "unconfirmed", "patient": SUBJECT,
    }  # fmt: skip
    held = {
        "resourceType": "List", "status": "current", "mode": "snapshot", "code": coding(SCT, "1103671000000101"),
        "contained": [ended], "entry": [{"item": {"reference": "#28"}}],
    }  # fmt: skip
    allergy, list_ = (entry.resource for entry in record(held).entries[1:])
    assert list_["entry"] == [{"item": {"reference": f"AllergyIntolerance/{allergy['id']}"}}]
    assert "contained" not in list_
    assert check(allergy) == check(list_) == []


def test_what_has_no_place_is_counted_by_name() -> None:
    converted = record({"resourceType": "MedicationStatement", "id": "m", "status": "active", "taken": "na"})
    assert converted.entries[-1].unmapped == ["MedicationStatement.taken"]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"resourceType": "Sequence", "id": "s"}, "Sequence is no resource type that FHIR R4 has."),
        ({"id": "s"}, "The entry has no resource, or the resource does not say its type."),
        ({"resourceType": "Condition"}, "The Condition has no id: loaded again it could not be found."),
        (
            {"resourceType": "Observation", "id": "o", "related": "x"},
            "It is not FHIR STU3: something that is an object or a list there is not here.",
        ),
    ],
)
def test_what_cannot_be_read_is_refused_by_itself(wrong: Json, reason: str) -> None:
    converted = record(wrong)
    assert list(converted.refused) == [(2, reason)]
    assert len(converted.entries) == 1
