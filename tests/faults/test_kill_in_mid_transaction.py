"""A transaction of every kind of change, killed at each of its statements, or losing what was not yet on the disk:
afterwards all of it is there, or nothing."""

import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from concord.app import App
from concord.base import SystemIds
from concord.fhir import PatchOperation
from concord.ingest.feeds import parse_feed
from concord.ingest.mllp import Receiver
from concord.record import Change, Deletion, Patch, Submission
from tests.mllp_client import admission
from tests.small_system import PRACTICE, condition, patient, send, small_system

FEED = "organisation: ZZA\nmessages: [ADT]\norder: by-person\n"


def changes() -> Sequence[Change]:
    """Create (with an item that waits), update, patch, delete a person whole: labels, links, index and feed follow."""
    operation = PatchOperation(op="replace", path=("code", "text"), value="Patched")
    finding = {"detail": [{"reference": "Condition/c2"}]}
    locked = {"security": [{"system": "https://concord.example/CodeSystem/seal", "code": "locked"}]}
    return [
        Deletion(type="Patient", source_id="p2", position="0"),
        Submission(resource=patient("p3", number="9990003203"), source_id="p3", position="1"),
        Submission(resource=condition("c2", "p1", "Sealed", meta=locked), source_id="c2", position="2"),
        Patch(type="Condition", source_id="c1", operations=[operation], position="3"),
        Submission(resource=condition("c5", "p1", "New", evidence=[finding]), source_id="c5", position="4"),
        Deletion(type="Condition", source_id="c4", position="5"),
    ]


def prepare(folder: Path) -> None:
    with small_system(folder) as app:
        kept = send(app, PRACTICE, patient("p1"), patient("p2", number=None), condition("c1", "p1"),
                    condition("c2", "p1"), condition("c4", "p2"), condition("c3", "p3"))  # fmt: skip
        assert [each.status for each in kept] == ["stored"] * 5 + ["waiting"]


def carry_out(app: App) -> None:
    outcomes = app.records.write(changes(), by=PRACTICE, atomic=True, assurance="traced")
    assert [each.status for each in outcomes] == [
        "deleted", "stored", "updated", "updated", "stored", "deleted", "stored",
    ]  # fmt: skip


def take(message: bytes, became: str, app: App) -> None:
    """Take a message in, as over a connection: what is said of it after this is durable."""
    feed = parse_feed(FEED, filename="ward.yaml", folder=Path())
    receiver = Receiver(feed, app.records, services=(), clock=app.clock, ids=SystemIds())
    with patch.object(app.records, "arrived"):  # counting what came is another transaction, after this one
        assert receiver.take(message).became == became


LOSSES = 30
WRITES = {
    "every kind of change": (carry_out, 31),
    "a message, and that it was taken in": (partial(take, admission(1), "stored"), 31),
    "a message held, and that it was taken in": (partial(take, admission(1, at="never"), "rejected"), 8),
}


def state(folder: Path) -> str:
    """A hash of every row, whatever was half done having been undone; audit rows and ids made by chance count alone."""
    connection = sqlite3.connect(folder / "concord.db")
    try:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        by_chance = {
            "audit": 1,
            "link": 1,
            "policy": 0,
            "traffic": 0,
            "sqlite_sequence": 0,
            "sqlite_stat1": 0,
            "sqlite_stat4": 0,
        }
        content: list[Any] = []
        for table in sorted(tables):
            rows = sorted(map(repr, connection.execute(f"SELECT * FROM {table}")))
            content.append((table, len(rows) if by_chance.get(table) else [] if table in by_chance else rows))
        return sha256(repr(content).encode()).hexdigest()
    finally:
        connection.close()


class Doomed(sqlite3.Connection):
    """A connection that kills its process before its n-th statement, once it is armed."""

    left = 0

    def _count(self) -> None:
        if Doomed.left:
            Doomed.left -= 1
            if not Doomed.left:
                os.kill(os.getpid(), signal.SIGKILL)

    def execute(self, *asked: Any) -> sqlite3.Cursor:
        self._count()
        return super().execute(*asked)

    def executemany(self, *asked: Any) -> sqlite3.Cursor:
        self._count()
        return super().executemany(*asked)


def killed_at(folder: Path, statement: int, write: Callable[[App], None]) -> bool:
    """Carry a transaction out in a process that dies before a statement; whether it came so far."""
    child = os.fork()
    if not child:
        try:
            sqlite3.connect = partial(sqlite3.connect, factory=Doomed)  # type: ignore[assignment]  # a connection that dies
            with small_system(folder) as app:
                Doomed.left = statement
                write(app)
                Doomed.left = 0
            os._exit(0)
        finally:
            os._exit(1)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == 0
    return False


@pytest.mark.parametrize(("write", "statements"), WRITES.values(), ids=WRITES)
def test_killed_at_any_statement_nothing_is_half_done(
    tmp_path: Path, write: Callable[[App], None], statements: int
) -> None:
    whole = tmp_path / "whole"
    whole.mkdir()
    prepare(whole)
    before = state(whole)
    statement, done = 0, False
    while not done:
        statement += 1
        folder = tmp_path / str(statement)
        shutil.copytree(whole, folder)
        done = not killed_at(folder, statement, write)
        after = state(folder)
        assert (after != before) is done, f"killed before statement {statement}"
        shutil.rmtree(folder)
    assert statement >= statements, "the kills should lie within the transaction"


def test_what_was_not_yet_on_the_disk_is_lost_whole(tmp_path: Path) -> None:
    """The log cut, or filled with zeros, anywhere behind the last commit that was acknowledged."""
    source = tmp_path / "source"
    source.mkdir()
    prepare(source)
    names = ("concord.db", "concord.db-wal")
    with small_system(source) as app:
        send(app, PRACTICE, condition("c6", "p1"))
        acknowledged = (source / names[1]).stat().st_size
        before = _copied(source, tmp_path / "before")
        carry_out(app)
        written = (source / names[1]).stat().st_size
        after = _copied(source, tmp_path / "after")
    assert written > acknowledged > 0
    chance = random.Random(11)
    for number in range(LOSSES):
        folder = tmp_path / f"lost{number}"
        folder.mkdir()
        shutil.copy(tmp_path / "after" / names[0], folder)
        log = (tmp_path / "after" / names[1]).read_bytes()[:written]
        cut = chance.randrange(acknowledged, written)
        rest = b"" if number % 2 else bytes(written - cut)
        (folder / names[1]).write_bytes(log[:cut] + rest)
        assert state(folder) == before, cut
    assert after != before


def _copied(source: Path, folder: Path) -> str:
    """The files as they lie on the disk at this moment, and what they say."""
    folder.mkdir()
    for name in ("concord.db", "concord.db-wal"):
        shutil.copy(source / name, folder)
    looked = folder.with_suffix(".looked")
    shutil.copytree(folder, looked)
    return state(looked)
