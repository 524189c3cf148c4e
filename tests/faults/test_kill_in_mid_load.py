"""A load that is killed leaves nothing half-written, and the same command again completes it."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.small_system import condition, patient

CONCORD = [sys.executable, "-c", "from concord.cli import main; main()"]
PEOPLE, ITEMS_EACH = 40, 100


def concord(*words: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*CONCORD, *map(str, words)], check=check, capture_output=True, text=True)


def rows(database: Path, sql: str) -> int:
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    """One transaction a person."""
    folder = tmp_path / "feed"
    folder.mkdir()
    for number in range(PEOPLE):
        resources = [patient(f"p{number}", number=None)]
        resources += [condition(f"c{number}-{item}", f"p{number}") for item in range(ITEMS_EACH)]
        entries = [
            {
                "fullUrl": f"urn:uuid:{number}-{place}",
                "resource": resource,
                "request": {"method": "POST", "url": resource["resourceType"]},
            }
            for place, resource in enumerate(resources)
        ]
        bundle = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
        (folder / f"{number:03}.json").write_text(json.dumps(bundle), encoding="utf-8")
    return folder


@pytest.mark.parametrize("moment", [0.15, 0.5, 0.85])
def test_killed_and_run_again(tmp_path: Path, feed: Path, moment: float) -> None:
    data, report = tmp_path / "data", tmp_path / "report.json"
    concord("init", data)
    database, everything = data / "concord.db", PEOPLE * (ITEMS_EACH + 1)
    load = subprocess.Popen(
        [*CONCORD, "load", "--data", str(data), "--organisation", "ZZZ01", str(feed)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    while load.poll() is None and rows(database, "SELECT count(*) FROM item") < moment * everything:
        time.sleep(0.002)
    os.kill(load.pid, signal.SIGKILL)
    load.wait()

    assert rows(database, "SELECT count(*) FROM item") % (ITEMS_EACH + 1) == 0, "a transaction is half-written"
    kept = rows(database, "SELECT count(*) FROM item")
    concord("load", "--data", data, "--organisation", "ZZZ01", "--report", report, feed)
    counted = json.loads(report.read_text(encoding="utf-8"))
    assert (counted["stored"], counted["unchanged"]) == (everything - kept, kept)
    assert rows(database, "SELECT count(*) FROM item") == everything
    assert rows(database, "SELECT count(*) FROM locator") == everything
    assert rows(database, "SELECT count(*) FROM link") == PEOPLE
