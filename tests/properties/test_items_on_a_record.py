"""The record that messages lead to, ids and references of its own included, is the same backwards, and told twice."""

from pathlib import Path
from typing import Any

import pytest

from concord.ingest import load
from tests.properties.every_order import Name, after
from tests.properties.test_items_in_every_order import REGISTERED, STORIES
from tests.small_system import HOSPITAL, small_system

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
