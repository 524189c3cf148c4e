"""Feeds that nobody here wrote."""

from pathlib import Path

from concord.fhir import check, parse
from tests.unit.ingest.fake_records import FakeRecords, loaded

# What waits for a later version: leave of absence, pending moves, accounts, bills, dispensing, reactions of their own.
HELD = {
    "ADT-A15", "ADT-A16", "ADT-A25", "ADT-A26", "ADT-A27", "ADT-A29", "ADT-A41",
    "ADT-A60", "BAR-P01", "BAR-P02", "BAR-P12", "DFT-P03", "DFT-P11", "RDS-O13",
}  # fmt: skip
MAIN = {"MDM": "DocumentReference", "SIU": "Appointment", "REF": "ServiceRequest", "ORM": "ServiceRequest",
        "OML": "ServiceRequest", "OMG": "ServiceRequest", "RDE": "MedicationRequest", "VXU": "Immunization",
        "ORU": "DiagnosticReport", "OUL": "DiagnosticReport", "ADT": "Patient"}  # fmt: skip


def breaches(records: FakeRecords) -> list[str]:
    found = ((key, breach) for key, body in records.held.items() for breach in check(parse(body) | {"id": "anything"}))
    return [f"{key}: {breach}" for key, breach in found]


def test_every_message_of_the_simulated_hospital(shared_data: Path) -> None:
    records = FakeRecords()
    report = loaded(records, shared_data / "hl7v2" / "simulated-hospital")
    assert report.rejects == ()
    assert report.held == {}
    assert report.waiting == 0
    assert {type_: sum(counts.values()) for type_, counts in report.by_type.items()} == {
        "AllergyIntolerance": 162,
        "DiagnosticReport": 610,
        "DocumentReference": 2,
        "Encounter": 400,
        "Observation": 3323,
        "Patient": 459,
    }
    assert len([key for key in records.held if key[0] == "Patient"]) == 403
    assert breaches(records) == []

    again = loaded(records, shared_data / "hl7v2" / "simulated-hospital")
    assert (again.stored, again.updated, again.waiting, again.rejected) == (0, 0, 0, 0)


def test_messages_of_many_types(shared_data: Path) -> None:
    paths = sorted((shared_data / "hl7v2" / "pairs" / "input").iterdir())
    for path in paths:
        records = FakeRecords()
        report = loaded(records, path)
        assert report.rejects == (), path.name
        assert bool(report.held) == (path.name[:7] in HELD), path.name
        assert breaches(records) == [], path.name
        assert records.waiting == {}, path.name
        if not report.held:
            assert MAIN[path.name[:3]] in {type_ for type_, _ in records.held}, path.name
    assert len(paths) == 57
