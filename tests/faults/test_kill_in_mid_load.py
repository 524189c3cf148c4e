"""Killed in the middle of a transaction: nothing is half-written, nothing acknowledged is lost, a rerun completes."""

import json
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.small_system import condition, patient

PEOPLE, ITEMS_EACH = 12, 30
EVERYTHING = PEOPLE * (ITEMS_EACH + 1)

# `concord` on a database connection that kills the process with its n-th row.
DOOMED = """\
import functools, os, signal, sqlite3, sys

class Doomed(sqlite3.Connection):
    rows_left = int(sys.argv.pop(1))

    def execute(self, sql, *parameters):
        self.count(sql, 1)
        return super().execute(sql, *parameters)

    def executemany(self, sql, rows):
        rows = list(rows)
        self.count(sql, len(rows))
        return super().executemany(sql, rows)

    def count(self, sql, rows):
        if "INSERT" in sql:
            Doomed.rows_left -= rows
            if Doomed.rows_left <= 0:
                os.kill(os.getpid(), signal.SIGKILL)

sqlite3.connect = functools.partial(sqlite3.connect, factory=Doomed)
"""
CONCORD = "from concord.cli import main; main()"


def concord(*words: str | Path, dies_after: int | None = None) -> subprocess.CompletedProcess[str]:
    program = [CONCORD] if dies_after is None else [DOOMED + CONCORD, str(dies_after)]
    command = [sys.executable, "-c", *program, *map(str, words)]
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    assert done.returncode == (0 if dies_after is None else -signal.SIGKILL), done.stderr
    return done


def column(database: Path, sql: str) -> list[int]:
    connection = sqlite3.connect(database)
    try:
        return [int(row[0]) for row in connection.execute(sql)]
    finally:
        connection.close()


def rows(database: Path) -> dict[str, int]:
    tables = ("source_patient", "link", "item", "item_version", "locator", "search_index", "relationship", "waiting")
    return {table: column(database, f"SELECT count(*) FROM {table}")[0] for table in tables}


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


def test_killed_again_and_again_and_run_once_more(tmp_path: Path, feed: Path) -> None:
    data, report = tmp_path / "data", tmp_path / "report.json"
    concord("init", data)
    load: list[str | Path] = ["load", "--data", data, "--organisation", "ZZZ01", feed]
    database = data / "concord.db"
    kept = 0
    for dies_after in (1, 100, 250):
        concord(*load, dies_after=dies_after)
        held = column(database, "SELECT count(*) FROM item")[0]
        assert held % (ITEMS_EACH + 1) == 0, "a transaction is half-written"
        assert held >= kept, "what was acknowledged is lost"
        kept = held
    assert 0 < kept < EVERYTHING, "the moments of the kills should lie within the load"
    concord(*load[:-1], "--report", report, feed)
    counted = json.loads(report.read_text(encoding="utf-8"))
    assert (counted["stored"], counted["unchanged"]) == (EVERYTHING - kept, kept)

    concord("init", tmp_path / "other")
    concord("load", "--data", tmp_path / "other", *load[3:])
    assert rows(database) == rows(tmp_path / "other" / "concord.db"), "a load that was never killed leaves other rows"


def test_a_demo_killed_while_it_is_made_is_taken_up_again(tmp_path: Path) -> None:
    """Whatever it had of each feed: it ends with the rows of one that was never killed."""
    for dies_after in (4_000, 8_000):
        concord("init", tmp_path / "demo", "--demo", "--people", "40", dies_after=dies_after)
    assert (tmp_path / "demo" / "demo-unfinished").exists()
    concord("init", tmp_path / "demo", "--demo", "--people", "40")
    assert not (tmp_path / "demo" / "demo-unfinished").exists()
    concord("init", tmp_path / "whole", "--demo", "--people", "40")
    found, expected = (rows(tmp_path / name / "concord.db") for name in ("demo", "whole"))
    without_history = {table for table in expected if table != "item_version"}
    assert {table: found[table] for table in without_history} == {table: expected[table] for table in without_history}
    users = [concord("users", "--data", tmp_path / name).stdout for name in ("demo", "whole")]
    assert users[0] == users[1]
