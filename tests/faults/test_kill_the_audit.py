"""Killed at any moment, the audit is whole: a row and its link are one transaction."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from concord.audit import verify
from concord.store import SqliteStore

PROGRAM = """
import sys, threading
from pathlib import Path
from concord.audit import AuditEvent
from concord.store import SqliteStore
from tests.small_system import NOW
from tests.unit.audit.writers import audit_writer

store = SqliteStore(Path(sys.argv[1]))
writer = audit_writer(store)
event = AuditEvent(at=NOW, action="read", outcome="shown", who="a", detail={"count": 1})

def read():
    while True:
        writer.record(None, [event]).wait()
        print("released", flush=True)

for _ in range(3):
    threading.Thread(target=read, daemon=True).start()
while True:
    with store.writing() as writing:
        writer.append(writing, [event, event])
    print("written", flush=True)
"""


def test_a_process_that_is_killed_leaves_a_whole_audit(tmp_path: Path) -> None:
    path, chance = tmp_path / "a.db", random.Random(12)
    told = 0
    for _ in range(4):
        output = tmp_path / "output"
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM, path], stdout=file, env=os.environ | {"PYTHONPATH": _python_path()}
            )
            while output.stat().st_size < 200 and process.poll() is None:
                time.sleep(0.01)
            time.sleep(chance.random() * 0.2)
            process.send_signal(signal.SIGKILL)
            process.wait()
        lines = output.read_text(encoding="utf-8").splitlines()
        told += lines.count("released") + 2 * lines.count("written")
        store = SqliteStore(path)
        with store.reading() as reading:
            proof = verify(reading)
        store.close()
        assert proof.whole, proof.breaks
        assert proof.rows >= told, "what was acknowledged is there"
    assert told > 0


def _python_path() -> str:
    root = Path(__file__).resolve().parents[2]
    return f"{root / 'src'}{os.pathsep}{root}"
