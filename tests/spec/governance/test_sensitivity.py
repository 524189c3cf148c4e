"""Which labels does an item carry? Examples by what its source sent."""

from typing import Any

import pytest

from concord.fhir import codings
from concord.governance.labels import labels_of_resource
from concord.governance.labels.tables import NO_ROWS, Sensitivity, shipped_table
from concord.terminology import Label, label_mask, labels_of
from tests.spec.governance.northfield import directory

CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
OURS = "https://concord.example/CodeSystem/"
ICD_10 = "http://hl7.org/fhir/sid/icd-10"
SHIPPED = Sensitivity(shipped=shipped_table(), site=NO_ROWS)


def tagged(system: str | None, code: str | None, type_: str = "Observation") -> dict[str, Any]:
    tag = {name: value for name, value in (("system", system), ("code", code)) if value is not None}
    return {"resourceType": type_, "meta": {"security": [tag]}, "status": "final", "code": {"text": "something"}}


def coded(system: str, code: str) -> dict[str, Any]:
    return {
        "resourceType": "Condition",
        "subject": {"reference": "Patient/1"},
        "code": {"coding": [{"system": system, "code": code}]},
    }


EXAMPLES: list[tuple[str, dict[str, Any], str]] = [
    ("ordinary", tagged(CONFIDENTIALITY, "N"), ""),
    ("low", tagged(CONFIDENTIALITY, "L"), ""),
    ("restricted", tagged(CONFIDENTIALITY, "R"), "restricted"),
    ("very restricted", tagged(CONFIDENTIALITY, "V"), "restricted"),
    ("a Patient's R protects the location and is no label", tagged(CONFIDENTIALITY, "R", "Patient"), ""),
    ("a Patient's unknown tag is unknown", tagged(CONFIDENTIALITY, "X", "Patient"), "unknown"),
    ("an unknown degree", tagged(CONFIDENTIALITY, "X"), "unknown"),
    ("HIV", tagged(ACT, "HIV"), "hiv"),
    ("psychiatry", tagged(ACT, "PSY"), "mental-health"),
    ("sexual assault, abuse or domestic violence", tagged(ACT, "SDV"), "sexual-assault domestic-abuse"),
    ("an unknown sensitivity", tagged(ACT, "NEWONE"), "unknown"),
    ("a system of the source's own", tagged("https://example.org/secret", "x"), "unknown"),
    ("a tag without a system", tagged(None, "R"), "unknown"),
    ("a tag without a code", tagged(ACT, None), "unknown"),
    ("test data", tagged("http://terminology.hl7.org/CodeSystem/v3-ActReason", "HTEST"), ""),
    ("our own label", tagged(OURS + "sensitivity", "genetic"), "genetic"),
    ("no label of ours", tagged(OURS + "sensitivity", "gossip"), "unknown"),
    ("about somebody else", tagged(OURS + "sensitivity", "third-party"), "third-party"),
    ("to be kept from the patient", tagged(ACT, "NOPAT"), "not-for-the-person"),
    ("first to be told by a physician", tagged(ACT, "TBOO"), "not-for-the-person"),
    ("a flagged seal", tagged(OURS + "seal", "flagged"), "sealed-flagged"),
    ("a locked seal", tagged(OURS + "seal", "locked"), "sealed-locked"),
    ("a seal that nobody knows", tagged(OURS + "seal", "half"), "unknown"),
    ("ICD-10 with the full stop", coded(ICD_10, "B20.1"), "hiv"),
    ("ICD-10 without it", coded(ICD_10, "B201"), "hiv"),
    ("ICD-10 in small letters", coded(ICD_10, "z21"), "hiv"),
    ("a longer row wins", coded(ICD_10, "F02.4"), "hiv"),
    ("dementia is no secret", coded(ICD_10, "F03"), ""),
    ("tobacco is no secret", coded(ICD_10, "F17.2"), ""),
    ("alcohol", coded(ICD_10, "F10.2"), "substance-misuse"),
    ("depression", coded(ICD_10, "F32.1"), "mental-health"),
    ("termination", coded(ICD_10, "O04.9"), "termination"),
    ("sexually transmitted", coded(ICD_10, "A56.0"), "sexual-health"),
    ("gender", coded(ICD_10, "F64.0"), "gender-history"),
    ("a heart attack", coded(ICD_10, "I21.9"), ""),
    ("a local finding", coded(OURS + "clinical-finding", "gonorrhoea"), "sexual-health"),
    ("a local procedure", coded(OURS + "procedure", "termination-of-pregnancy"), "termination"),
    ("a child protection plan", coded(OURS + "alert-type", "child-protection-plan"), "child-protection"),
    ("the same word in another system", coded("https://example.org/findings", "gonorrhoea"), ""),
    (
        "what an item contains",
        {"resourceType": "Observation", "contained": [tagged(ACT, "HIV")], "status": "final", "code": {"text": "x"}},
        "hiv",
    ),
    (
        "an unknown tag of what it contains",
        {"resourceType": "Observation", "contained": [tagged(ACT, "ODD")], "status": "final", "code": {"text": "x"}},
        "unknown",
    ),
    (
        "a document's own security label",
        {
            "resourceType": "DocumentReference",
            "status": "current",
            "securityLabel": [{"coding": [{"system": CONFIDENTIALITY, "code": "V"}]}],
            "content": [{"attachment": {"url": "https://example.org/letter"}}],
        },
        "restricted",
    ),
]


@pytest.mark.parametrize(("what", "resource", "labels"), EXAMPLES)
def test_labels(what: str, resource: dict[str, Any], labels: str) -> None:
    mask = labels_of_resource(resource, codings(resource), 0, SHIPPED)
    assert labels_of(mask) == {Label(word) for word in labels.split()}


def test_everything_of_a_clinic_carries_the_clinics_labels() -> None:
    clinic = directory().service_labels(
        next(code for code in directory().organisations if code == "ZZA"), "sexual-health"
    )
    resource = coded(ICD_10, "B20")
    assert labels_of(labels_of_resource(resource, codings(resource), clinic, SHIPPED)) == {
        Label.HIV,
        Label.SEXUAL_HEALTH,
    }


@pytest.mark.parametrize("security", ["R", ["R"], [None], {"system": ACT}, [[]]])
def test_a_malformed_tag_is_unknown(security: Any) -> None:
    resource = {"resourceType": "Observation", "meta": {"security": security}}
    assert labels_of_resource(resource, [], 0, SHIPPED) == label_mask([Label.UNKNOWN])
