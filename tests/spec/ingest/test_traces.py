"""A file followed through every step: how far each entry came, and where what it makes stands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.app import App
from concord.base import SystemIds
from concord.ingest import Receiver, parse_feed, traces
from tests.mllp_client import admission, result
from tests.small_system import small_system

FEED = parse_feed("organisation: ZZA\nmessages: [ADT, ORU]\n", filename="pas.yaml", folder=Path())
WRONG = admission(2, at="2024011025")


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as system:
        yield system


def followed(app: App, folder: Path, *messages: bytes, entry: int | None = None) -> dict[int, dict[str, list[str]]]:
    """What is said of each step, by entry."""
    (folder / "sent.hl7").write_bytes(b"\r\r".join(messages))
    told: dict[int, dict[str, list[str]]] = {}
    for found in traces(folder / "sent.hl7", FEED, app.records, entry=entry):
        for step, said in found.steps:
            told.setdefault(found.entry, {}).setdefault(step, []).append(said)
    return told


def test_before_and_after_it_was_taken_in(app: App, tmp_path: Path) -> None:
    before = followed(app, tmp_path, admission(1), WRONG)
    assert list(before[1]) == ["receive", "parse", "map", "from", "validate", "store"]
    assert before[1]["receive"] == ["no message by this sender, time and number was acknowledged"]
    assert before[1]["map"] == ["Patient/70001, Encounter/V1"]
    assert before[1]["from"][0].startswith("Patient/70001: Message ")
    assert "name PID-5" in before[1]["from"][0]
    assert any(said.startswith("Encounter/V1: ") and "location PV1-3" in said for said in before[1]["from"])
    assert before[1]["validate"] == ["Patient/70001: R4", "Encounter/V1: R4"]
    assert before[1]["store"] == ["Patient/70001: nothing is held", "Encounter/V1: nothing is held"]
    assert list(before[2]) == ["receive", "parse"]
    assert "not a time" in before[2]["parse"][0]

    receiver = Receiver(FEED, app.records, services=(), clock=app.clock, ids=SystemIds())
    assert [receiver.take(message).became for message in (admission(1), WRONG)] == ["stored", "rejected"]
    after = followed(app, tmp_path, admission(1), WRONG)
    assert list(after[1]) == ["receive", "parse", "map", "from", "validate", "label", "identify", "store"]
    assert after[1]["receive"] == ["it was acknowledged"]
    assert after[1]["label"][0] == "Patient/70001: person-demographics, no labels"
    assert after[1]["identify"] == ["Patient/70001: linked"]
    assert all("version 1 since 2026-11-22 03:12" in said for said in after[1]["store"])
    (held,) = app.records.quarantined()
    assert after[2]["quarantine"] == [f"held under the number {held.number}"]


def test_one_entry_alone_and_nothing_is_taken_in(app: App, tmp_path: Path) -> None:
    assert list(followed(app, tmp_path, admission(1), result(1, 1), entry=2)) == [2]
    assert app.records.earlier(FEED.organisation).resource("Patient", "70001") is None
    assert app.records.quarantined() == []
