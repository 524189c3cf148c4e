"""Times that are blocked and opened come to the same Slots in whatever order the messages arrive."""

import pytest

from concord.fhir import parse
from tests.properties.every_order import Held, after, ends, message


def told(event: str, day: str, *segments: str, number: str = "", block: str = "F77", why: str = "") -> str:
    """One message of a day of January."""
    return message(f"SIU^{event}", day, f"SCH||{block}|||||{why}", "RGS|1", *segments, number=number, version="2.5")


def clinic(start: str, minutes: int, name: str = "Clinic 4") -> str:
    return f"AIL|1||{name}|||202402{start}00|||{minutes}|min"


CLINIC = clinic("0109", 240)
SURGEON = "AIP|1||D1^Shah^Amira"
THAT_MORNING = "TQ1|1||||||20240201090000|20240201130000"
BUSY, FREE = "busy-unavailable", "free"

# messages in order of time -> (start, status, comment) of each Slot then
STORIES: dict[str, tuple[list[str], list[tuple[str, str, str]]]] = {
    "blocked, opened, blocked again": (
        [told("S23", "01", CLINIC, why="FIRE^Fire drill"), told("S24", "02", CLINIC), told("S23", "03", CLINIC)],
        [("2024-02-01T09", BUSY, "")],
    ),
    "blocked, blocked for another reason, opened, for a clinician too": (
        [told("S23", "01", CLINIC, SURGEON), told("S23", "02", CLINIC, why="X^Flood"), told("S24", "03", CLINIC)],
        [("2024-02-01T09", BUSY, ""), ("2024-02-01T09", FREE, "")],
    ),
    "one time, told as a length, as an end, and by an hour of another zone": (
        [told("S23", "01", CLINIC), told("S24", "02", THAT_MORNING, "AIL|1||Clinic 4"),
         told("S23", "03", "AIL|1||Clinic 4|||202402011000+0100|||4|h")],
        [("2024-02-01T10", BUSY, "")],
    ),
    "opened in part: the block stands": (
        [told("S23", "01", CLINIC), told("S24", "02", clinic("0109", 60)), told("S23", "03", clinic("0112", 60))],
        [("2024-02-01T09", FREE, ""), ("2024-02-01T09", BUSY, ""), ("2024-02-01T12", BUSY, "")],
    ),
    "blocked twice, one block opened": (
        [told("S23", "01", CLINIC), told("S23", "01", CLINIC, block="F78", number="7"), told("S24", "02", CLINIC)],
        [("2024-02-01T09", BUSY, ""), ("2024-02-01T09", FREE, "")],
    ),
    "two of one moment: the higher number counts": (
        [told("S23", "01", CLINIC, number="9"), told("S24", "01", CLINIC, number="10")],
        [("2024-02-01T09", FREE, "")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", STORIES)
def test_every_order_however_often_each_is_told_comes_to_the_same_slots(name: str) -> None:
    story, becomes = STORIES[name]
    in_order = after(story)
    assert slots(in_order) == sorted(becomes)
    found, _ = ends(story)
    assert found == [in_order]


def slots(held: Held) -> list[tuple[str, str, str]]:
    found = [parse(body) for (type_, _), body in held.items() if type_ == "Slot"]
    return sorted((one["start"][:13], one["status"], one.get("comment", "")) for one in found)
