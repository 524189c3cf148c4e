"""The record that messages lead to, ids and references of its own included, is the same backwards, and told twice."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from concord.base import NhsNumber
from concord.ingest import load
from concord.record import OpenRecord, PersonQuery
from tests.properties.every_order import Name, after, message
from tests.properties.test_items_in_every_order import REGISTERED, STORIES
from tests.small_system import ED_DOCTOR, HOSPITAL, NHS_NUMBER, small_system

NAMES = (
    "an allergy: severe, mild, severe again",
    "a result: preliminary, final, corrected, and back to what it was first",
    "an appointment: booked, moved, cancelled without a time",
    "a document: replaced, and its replacement replaced",
)


def record(folder: Path, messages: list[str], names: list[Name]) -> list[dict[str, Any]]:
    """What is held after each message came as a file of its own, and all of them once more, which changes nothing."""
    folder.mkdir()
    with small_system(folder / "concord.db") as app:
        changed = []
        for number, text in enumerate(messages * 2):
            file = folder / f"{number}.hl7"
            file.write_text(text, newline="")
            report = load([file], app.records, organisation=HOSPITAL.organisation, assurance="stated")
            assert not report.rejected
            changed.append(report.stored + report.updated)
        assert not any(changed[len(messages) :])
        earlier = app.records.earlier(HOSPITAL.organisation)
        return [_bare(earlier.resource(*name)) for name in names]


def _bare(resource: dict[str, Any] | None) -> dict[str, Any]:
    """Without the number and the time of its version."""
    assert resource is not None
    return {name: value for name, value in resource.items() if name != "meta"}


@pytest.mark.parametrize("name", NAMES)
def test_the_record_is_the_same_backwards(tmp_path: Path, name: str) -> None:
    story = [REGISTERED, *STORIES[name][0]]
    names = list(after(story))
    assert record(tmp_path / "backwards", story[::-1], names) == record(tmp_path / "forwards", story, names)


PID = f"PID|1||70001^^^PAS~{NHS_NUMBER}^^^NHS||Holroyd^Margaret||19420214|F"
ATTENDED = message("ADT^A04", "01", PID, f"PV1|1|E|Majors{'|' * 16}V1")
TOLD = message("ADT^A08", "02", PID, f"PV1|1|O{'|' * 17}V7", "DG1|1||A54^Diagnosis^I10", "AL1|1|DA|PEN^Penicillin^L")
REPORTED = message("ORU^R01", "02", PID, f"PV1|1|O{'|' * 17}V7", "OBR|1||F1|T^Test^L", "OBX|1|ST|T^Test^L||seen||||||F")
OPENED = message("ADT^A04", "03", PID, f"PV1|1|O{'|' * 8}sexual-health{'|' * 9}V7")
MOVED = message("ADT^A02", "04", PID, f"PV1|1|O{'|' * 8}emergency-department{'|' * 9}V7")


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("order", list(permutations((TOLD, REPORTED, OPENED, MOVED))))
def test_what_is_told_of_a_visit_is_as_withheld_as_the_visits_service(
    tmp_path: Path, order: tuple[str, ...], *, together: bool
) -> None:
    """Whenever the service is told: in files one after the other, and in one."""
    files = ["\r\r".join((ATTENDED, *order))] if together else [ATTENDED, *order]
    with small_system(tmp_path / "concord.db") as app:
        for number, text in enumerate(files):
            file = tmp_path / f"{number}.hl7"
            file.write_text(text, newline="")
            report = load(
                [file], app.records, organisation=HOSPITAL.organisation, assurance="traced",
                services={"sexual-health", "emergency-department"},
            )  # fmt: skip
            assert not report.rejected
        found = app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), ED_DOCTOR).wait()
        shown = app.records.open(found[0].person, ED_DOCTOR).wait()
        assert isinstance(shown, OpenRecord)
        types = {item.type for item in shown.items}
        assert "Patient" in types
        assert not types & {"Condition", "AllergyIntolerance", "Observation", "DiagnosticReport"}
