"""Loads beside each other and beside readers: every item once, nobody turned away, a look never waits for a load."""

import json
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import NhsNumber
from concord.record import OpenRecord, PersonQuery
from tests.small_system import GP, NHS_NUMBER, PRACTICE, condition, patient, send, small_system

CHECKOUT = Path(__file__).resolve().parents[2]
CONCORD = [sys.executable, "-c", "from concord.cli import main; main()"]
PEOPLE, ITEMS_EACH = 15, 40
EVERYTHING = PEOPLE * (ITEMS_EACH + 1) + 1


# Another process that loads into the small system.
LOADER = """\
import sys
from pathlib import Path
from concord.app import compose
from concord.base import FixedClock, OdsCode, SystemIds
from concord.ingest import load
from concord.store import SqliteStore
from tests.small_system import KEYS, NOW
app = compose(SqliteStore(Path(sys.argv[1])), clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS)
report = load([Path(sys.argv[2])] * 3, app.records, organisation=OdsCode("ZZP01"))
assert report.rejected == 0 and report.stored > 600, report
app.close()
"""


def transaction(number: int) -> dict[str, Any]:
    """A person, whose items name a practitioner that every transaction would create."""
    doctor = {"resourceType": "Practitioner", "identifier": [{"system": "urn:x", "value": "1"}]}
    entries: list[dict[str, Any]] = [
        {
            "fullUrl": "urn:uuid:d",
            "resource": doctor,
            "request": {"method": "POST", "url": "Practitioner", "ifNoneExist": "identifier=urn:x|1"},
        },
        {
            "fullUrl": "urn:uuid:p",
            "resource": patient(f"p{number}", number=None),
            "request": {"method": "PUT", "url": f"Patient/p{number}"},
        },
    ]
    for item in range(ITEMS_EACH):
        resource = condition(f"c{number}-{item}", "x") | {
            "subject": {"reference": "urn:uuid:p"},
            "recorder": {"reference": "urn:uuid:d"},
        }
        url = f"Condition/c{number}-{item}"
        entries.append({"fullUrl": f"urn:uuid:{item}", "resource": resource, "request": {"method": "PUT", "url": url}})
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    folder = tmp_path / "feed"
    folder.mkdir()
    for number in range(PEOPLE):
        (folder / f"{number:02}.json").write_text(json.dumps(transaction(number)), encoding="utf-8")
    return folder


@pytest.fixture
def data(tmp_path: Path) -> Path:
    run("init", tmp_path / "data")
    run("organisations", "add", "ZZP02", "--data", tmp_path / "data", "--name", "Another", "--kind", "gp-practice")
    return tmp_path / "data"


def run(*words: str | Path) -> None:
    subprocess.run([*CONCORD, *map(str, words)], check=True, capture_output=True)


def loads_at_once(data: Path, feed: Path, *organisations: str) -> list[dict[str, int]]:
    reports = [data.parent / f"{number}.json" for number in range(len(organisations))]
    running = [
        subprocess.Popen(
            [*CONCORD, "load", "--data", data, "--organisation", organisation, "--report", report, feed],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        )
        for organisation, report in zip(organisations, reports, strict=True)
    ]
    for load in running:
        _, said = load.communicate(timeout=60)
        assert (load.returncode, said) == (0, b"")
    return [json.loads(report.read_text("utf-8")) for report in reports]


def test_of_one_organisation_store_everything_once(data: Path, feed: Path) -> None:
    one, other = loads_at_once(data, feed, "ZZZ01", "ZZZ01")
    assert one["stored"] + other["stored"] == EVERYTHING
    assert one["read"] == other["read"] == one["stored"] + one["unchanged"]
    (again,) = loads_at_once(data, feed, "ZZZ01")
    assert again["unchanged"] == again["read"]


def test_of_two_organisations_keep_to_themselves(data: Path, feed: Path) -> None:
    reports = loads_at_once(data, feed, "ZZZ01", "ZZP02")
    assert [report["stored"] for report in reports] == [EVERYTHING, EVERYTHING]


class TestBesideReaders:
    @pytest.fixture
    def app(self, tmp_path: Path) -> Iterator[App]:
        with small_system(tmp_path) as app:
            send(app, PRACTICE, patient("own"), *(condition(f"k{number}", "own") for number in range(50)))
            yield app

    def test_a_look_does_not_wait_for_the_load(self, app: App, tmp_path: Path, feed: Path) -> None:
        """Another process loads a thousand items; each look here writes its audit row between two transactions."""
        command: list[str | Path] = [sys.executable, "-c", LOADER, tmp_path / "concord.db", feed]
        load = subprocess.Popen(command, stderr=subprocess.PIPE, cwd=CHECKOUT)
        took: list[float] = []
        while load.poll() is None or len(took) < 20:
            started = time.perf_counter()
            (found,) = app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), GP).wait()
            record = app.records.open(found.person, GP).wait()
            took.append(time.perf_counter() - started)
            assert isinstance(record, OpenRecord)
            assert len(record.items) == 51
        _, said = load.communicate()
        assert (load.returncode, said) == (0, b"")
        assert statistics.median(took) < 0.25
        assert max(took) < 5  # the machine may be busy; a writer that never lets go would take 30
