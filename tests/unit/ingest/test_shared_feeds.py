"""Feeds that nobody here wrote."""

from pathlib import Path

from concord.fhir import check, parse
from tests.unit.ingest.fake_records import FakeRecords, loaded

MAPPED = {"ADT-A01", "ADT-A02", "ADT-A03", "ADT-A04", "ADT-A08", "ADT-A28", "ADT-A31", "ORU-R01"}


def breaches(records: FakeRecords) -> list[str]:
    found = ((key, breach) for key, body in records.held.items() for breach in check(parse(body) | {"id": "anything"}))
    return [f"{key}: {breach}" for key, breach in found]


def test_every_message_of_the_simulated_hospital(shared_data: Path) -> None:
    records = FakeRecords()
    report = loaded(records, shared_data / "hl7v2" / "simulated-hospital")
    assert report.rejects == ()
    assert report.held == {"MDM^T02": 2, "ADT^A34": 1}
    assert report.waiting == 3
    assert {type_: sum(counts.values()) for type_, counts in report.by_type.items()} == {
        "DiagnosticReport": 610,
        "Encounter": 400,
        "Observation": 3323,
        "Patient": 456,
    }
    assert len([key for key in records.held if key[0] == "Patient"]) == 401
    assert breaches(records) == []

    again = loaded(records, shared_data / "hl7v2" / "simulated-hospital")
    assert (again.stored, again.updated, again.waiting, again.rejected) == (0, 0, 3, 0)


def test_messages_of_many_types(shared_data: Path) -> None:
    folder = shared_data / "hl7v2" / "pairs" / "input"
    for path in sorted(folder.iterdir()):
        records = FakeRecords()
        report = loaded(records, path)
        assert report.rejects == (), path.name
        assert bool(report.held) == (path.name[:7] not in MAPPED), path.name
        assert breaches(records) == [], path.name
