"""Killed at any statement of a transaction: on each engine all of it is there afterwards, or nothing."""

import subprocess
import sys
from pathlib import Path

from tests.small_system import small_system

# Writes one transaction again and again, in a process of its own that is killed at its n-th statement, for each n until
# it comes through; prints after each how many rows of each kind there are, and at how many statements it came through.
PROGRAM = """\
import os, signal, sys
from pathlib import Path
from concord.store import open_store
from concord.store.postgresql import PostgresqlWriting
from concord.store.sqlite import SqliteWriting
from tests.small_system import PRACTICE, attendance, condition, patient, send, small_system

where = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
TABLES = ("item", "locator", "search_index", "relationship", "source_patient", "link", "heard")
left = 0

def doomed(act):
    def counted(writing, *words):
        global left
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return act(writing, *words)
    return counted

for kind in (SqliteWriting, PostgresqlWriting):
    for name in ("run", "run_many"):
        setattr(kind, name, doomed(getattr(kind, name)))

def write():
    with small_system(where) as app:
        global left
        left = statements
        send(app, PRACTICE, patient("p"), *(condition(f"c{n}", "p") for n in range(12)), attendance("e", "p"),
             atomic=True)
        left = 0  # what closing signs is another transaction

statements, died = 0, True
while died:
    statements += 1
    pid = os.fork()
    if pid == 0:
        try:
            write()
        finally:
            os._exit(0)
    died = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL
    store = open_store(where)
    with store.reading() as reading:
        print(*(reading.row(f"SELECT count(*) FROM {table}")[0] for table in TABLES))
    store.close()
"""
CHECKOUT = Path(__file__).resolve().parents[2]


def test_all_or_nothing(database: Path | str) -> None:
    with small_system(database):
        pass
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(database)], capture_output=True, text=True, cwd=CHECKOUT, check=False
    )
    assert done.returncode == 0, done.stderr
    *killed, whole = [list(map(int, line.split())) for line in done.stdout.splitlines()]
    assert len(killed) > 8, "the transaction should have several statements to be killed at"
    assert {tuple(counts) for counts in killed} == {(0,) * len(whole)}
    assert whole[:2] == [14, 14]
    assert min(whole) > 0
