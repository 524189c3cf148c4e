"""A drop folder that is killed at every step: what is in is in once, what is not is taken in by the next run."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.mllp_client import admission, result

PEOPLE = 30
MAPPING = """\
tables:
  people:
    columns: {key: {needed: yes}, born: date, state: {codes: {Open: active}}}
    deletes: {by: absence, at_most: 20%}
    makes:
      - {resource: Patient, id: $key, gone: {active: false}, elements: {birthDate: $born}}
      - {resource: Flag, id: $key, elements: {status: $state, code: {text: x}, subject: {reference: Patient/$key}}}
"""
# `concord` that is killed by its n-th INSERT, or before or after its n-th move of a file.
DOOMED = """\
import functools, os, pathlib, signal, sqlite3, sys

what, left = sys.argv.pop(1), [int(sys.argv.pop(1))]

def step(kind):
    if kind == what:
        left[0] -= 1
        if left[0] <= 0:
            os.kill(os.getpid(), signal.SIGKILL)

class Doomed(sqlite3.Connection):
    def execute(self, sql, *parameters):
        if "INSERT" in sql or "DELETE" in sql:
            step("row")
        return super().execute(sql, *parameters)

    def executemany(self, sql, rows):
        step("row")
        return super().executemany(sql, rows)

sqlite3.connect = functools.partial(sqlite3.connect, factory=Doomed)
moved = pathlib.Path.replace

def replace(self, to):
    step("move")
    there = moved(self, to)
    step("moved")
    return there

pathlib.Path.replace = replace
import concord.ingest.folder
concord.ingest.folder.STILL_S = 0.0
import concord.cli.running
concord.cli.running.STILL_S = 0.05
concord.ingest.folder.DropFolder.__init__.__kwdefaults__["still_s"] = 0.0
"""
CONCORD = "from concord.cli import main; main()"
NEVER = ("row", 10**9)


def concord(*words: str | Path, dies: tuple[str, int] = NEVER) -> int:
    command = [sys.executable, "-c", DOOMED + CONCORD, dies[0], str(dies[1]), *map(str, words)]
    return subprocess.run(command, check=False, capture_output=True, text=True).returncode


def rows(data: Path, sql: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(data / "concord.db")
    try:
        return list(connection.execute(sql))
    finally:
        connection.close()


ITEMS = (
    "SELECT word.text, count(*), max(item.version) FROM item JOIN word ON word.number = item.type GROUP BY 1 ORDER BY 1"
)
HELD = "SELECT position, reason, count(*) FROM quarantine WHERE ended_at IS NULL GROUP BY 1, 2 ORDER BY 1"
SEEN = "SELECT type, id FROM snapshot ORDER BY 1, 2"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("made") / "data"
    assert concord("init", data, "--organisation", "ZZA") == 0
    (data / "feeds" / "mappings").mkdir(parents=True)
    (data / "feeds" / "mappings" / "people.yaml").write_text(MAPPING, encoding="utf-8")
    return data


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """An installation of ZZA, just made."""
    return shutil.copytree(made, tmp_path / "data")


def drop(data: Path, feed: str, described: str, files: dict[str, bytes]) -> None:
    (data / "feeds" / f"{feed}.yaml").write_text("organisation: ZZA\n" + described, encoding="utf-8")
    (data / "feeds" / feed).mkdir(exist_ok=True)
    for name, content in files.items():
        (data / "feeds" / feed / name).write_bytes(content)


def lies(data: Path, feed: str) -> dict[str, list[str]]:
    """The names of the files, without their stamps, by where they lie; each file that was moved with its report."""
    folder = data / "feeds" / feed
    found: dict[str, list[str]] = {}
    for where in (".", "done", "failed"):
        files = [
            path for path in sorted((folder / where).glob("*")) if path.is_file() and path.suffix in (".csv", ".hl7")
        ]
        found[where] = [path.name.rpartition("Z-")[2] for path in files]
        assert where == "." or all(path.with_name(f"{path.name}.report.json").exists() for path in files)
    return found


def table(*keys: int) -> bytes:
    lines = [f"{key},1941-02-{'31' if key == 7 else '03'},Open" for key in keys]
    return "\n".join(["key,born,state", *lines]).encode()


STEPS = [("row", 100), ("move", 2), ("moved", 2)]
MORE = [("row", count) for count in range(1, 280, 19)] + [
    (what, count) for what in ("move", "moved") for count in (1, 3)
]


def full_extracts(data: Path) -> None:
    """The second lacks three of the first and has two more; one row of each is wrong."""
    files = {"1.csv": table(*range(PEOPLE)), "2.csv": table(*range(3, PEOPLE + 2))}
    drop(data, "council", "kind: table\nmapping: mappings/people.yaml\n", files)


@pytest.fixture(scope="module")
def never_killed(made: Path, tmp_path_factory: pytest.TempPathFactory) -> list[list[tuple[object, ...]]]:
    data = shutil.copytree(made, tmp_path_factory.mktemp("never") / "data")
    full_extracts(data)
    assert concord("feed", "run", "--once", "--data", data) == 3
    return [rows(data, sql) for sql in (ITEMS, HELD, SEEN)]


@pytest.mark.parametrize("dies", [*STEPS, *(pytest.param(each, marks=pytest.mark.soak) for each in MORE)], ids=str)
def test_tables(data: Path, never_killed: list[list[tuple[object, ...]]], dies: tuple[str, int]) -> None:
    full_extracts(data)
    assert concord("feed", "run", "--once", "--data", data, dies=dies) == -signal.SIGKILL
    assert concord("feed", "run", "--once", "--data", data) in (0, 3)
    assert lies(data, "council") == {".": [], "done": ["1.csv", "2.csv"], "failed": []}
    assert [rows(data, sql) for sql in (ITEMS, HELD, SEEN)] == never_killed


MESSAGES = [admission(number) for number in range(8)] + [result(number, number % 8) for number in range(24)]


@pytest.mark.parametrize(
    "dies",
    [("row", 120), ("move", 2), *(pytest.param(("row", count), marks=pytest.mark.soak) for count in range(1, 121, 17))],
    ids=str,
)
def test_messages(data: Path, dies: tuple[str, int]) -> None:
    poison = admission(99, at="2024011025")
    content = b"\r\r".join([*MESSAGES[:10], poison, *MESSAGES[10:]])
    drop(data, "pas", "transport: folder\nmessages: [ADT, ORU]\n", {"1.hl7": content})
    assert concord("feed", "run", "--once", "--data", data, dies=dies) == -signal.SIGKILL
    assert concord("feed", "run", "--once", "--data", data) in (0, 3)
    assert lies(data, "pas") == {".": [], "done": ["1.hl7"], "failed": []}
    assert rows(data, ITEMS) == [
        ("DiagnosticReport", 24, 1),
        ("Encounter", 8, 1),
        ("Observation", 24, 1),
        ("Patient", 8, 1),
    ]
    assert len(rows(data, HELD)) == 1
    assert rows(data, "SELECT count(*) FROM receipt") == [(len(MESSAGES) + 1,)]
