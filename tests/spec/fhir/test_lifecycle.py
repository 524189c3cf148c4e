"""Which resources still stand: by their status, whatever their type calls it."""

from typing import Any

import pytest

from concord.fhir import lifecycle


def concept(code: str) -> dict[str, Any]:
    return {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": code}]}


@pytest.mark.parametrize(
    ("resource", "state"),
    [
        ({"resourceType": "Observation", "status": "final"}, "current"),
        ({"resourceType": "Observation", "status": "entered-in-error"}, "entered-in-error"),
        ({"resourceType": "Observation", "status": "cancelled"}, "cancelled"),
        ({"resourceType": "Encounter", "status": "finished"}, "current"),
        ({"resourceType": "Encounter", "status": "cancelled"}, "cancelled"),
        ({"resourceType": "Appointment", "status": "noshow"}, "current"),
        ({"resourceType": "ServiceRequest", "status": "revoked"}, "current"),
        ({"resourceType": "MedicationStatement", "status": "stopped"}, "current"),
        ({"resourceType": "Condition", "verificationStatus": concept("confirmed")}, "current"),
        ({"resourceType": "Condition", "verificationStatus": concept("entered-in-error")}, "entered-in-error"),
        ({"resourceType": "AllergyIntolerance", "verificationStatus": concept("refuted")}, "current"),
        ({"resourceType": "Goal", "lifecycleStatus": "entered-in-error"}, "entered-in-error"),
        ({"resourceType": "Goal", "lifecycleStatus": "cancelled"}, "cancelled"),
        (
            {"resourceType": "DocumentReference", "status": "current", "docStatus": "entered-in-error"},
            "entered-in-error",
        ),
        ({"resourceType": "Patient"}, "current"),
    ],
)
def test_lifecycle(resource: dict[str, Any], state: str) -> None:
    assert lifecycle(resource) == state
