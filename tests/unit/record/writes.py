"""What the tests of writing look at afterwards."""

from typing import Any

from concord.app import App
from concord.base import PersonId
from concord.fhir import parse_search
from concord.record import OpenRecord, ShutRecord
from tests.small_system import NHS_NUMBER, PRACTICE


def person_of(app: App, number: str = NHS_NUMBER) -> PersonId:
    found = app.records.search(parse_search("Patient", [("identifier", number)]), PRACTICE).wait()
    assert found.items
    with app.store.reading() as reading:
        row = reading.row(
            "SELECT l.person FROM link l JOIN source_patient s ON s.number = l.source_patient WHERE s.nhs_number = ?",
            (number,),
        )
    assert row is not None
    return PersonId(row[0])


def shown(app: App, viewer: Any) -> list[str]:
    """Words of the conditions that a user sees on the page."""
    record = app.records.open(person_of(app), viewer).wait()
    if isinstance(record, ShutRecord):
        return []
    assert isinstance(record, OpenRecord)
    return sorted(item.resource["code"]["text"] for item in record.items if item.type == "Condition")


def medicine_for(reason: str, source_id: str = "m1") -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest", "id": source_id, "status": "active", "intent": "order",
        "medicationCodeableConcept": {"text": "a medicine"}, "subject": {"reference": "Patient/p1"},
        "reasonReference": [{"reference": reason}],
    }  # fmt: skip
