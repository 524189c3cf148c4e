"""A listener that is killed while messages come: nothing acknowledged is lost, nothing is doubled by repeating all."""

import os
import re
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.mllp_client import Sender, admission, result

CONCORD = [sys.executable, "-c", "from concord.cli import main; main()"]
PEOPLE, RESULTS_EACH = 12, 10


@contextmanager
def listener(data: Path, feed: Path) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """`concord listen` as a process of its own, and its port."""
    command = [*CONCORD, "listen", "--data", str(data), "--feed", str(feed), "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert process.stdout is not None
        told = process.stdout.readline()
        port = re.search(r":(\d+)\. Stop", told)
        assert port, told
        yield process, int(port[1])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        assert process.stdout is not None
        process.stdout.close()


def stream() -> list[bytes]:
    """Admissions and results of some people, as they come in a day."""
    messages = []
    for person in range(PEOPLE):
        messages.append(admission(person))
        messages += [result(person * RESULTS_EACH + number, person) for number in range(RESULTS_EACH)]
    return messages


def count(data: Path, sql: str) -> int:
    connection = sqlite3.connect(data / "concord.db")
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


ITEMS = PEOPLE * (2 + 2 * RESULTS_EACH)  # Patient and Encounter; Observation and DiagnosticReport


@pytest.mark.parametrize("moment", [1, 40, 90])
def test_killed_and_everything_sent_again(tmp_path: Path, moment: int) -> None:
    data, feed = tmp_path / "data", tmp_path / "feed.yaml"
    subprocess.run([*CONCORD, "init", str(data), "--organisation", "ZZA"], check=True, capture_output=True)
    feed.write_text("organisation: ZZA\nmessages: [ADT, ORU]\n", encoding="utf-8")
    messages = stream()

    acknowledged = 0
    with listener(data, feed) as (process, port), Sender(port) as sender:
        for message in messages:
            try:
                if acknowledged == moment:  # the next is on its way when the listener dies
                    sender.write(b"\x0b" + message + b"\x1c\r")
                    os.kill(process.pid, signal.SIGKILL)
                    sender.answer()
                else:
                    assert sender.code(message) == "AA"
                acknowledged += 1
            except (EOFError, OSError):
                break
    assert acknowledged in (moment, moment + 1)
    kept = count(data, "SELECT count(*) FROM item")
    assert kept in (2 * acknowledged, 2 * acknowledged + 2)  # each message makes two items
    receipts = count(data, "SELECT count(*) FROM receipt")
    assert receipts == kept // 2, "what is kept and that it was taken in are of one transaction"

    with listener(data, feed) as (_, port), Sender(port) as sender:
        assert {sender.code(message) for message in messages} == {"AA"}
        assert {sender.code(message) for message in reversed(messages)} == {"AA"}
    assert count(data, "SELECT count(*) FROM item") == ITEMS
    assert count(data, "SELECT count(*) FROM item WHERE version > 1") == 0, "something was written twice"
    assert count(data, "SELECT count(*) FROM receipt") == len(messages)
    assert count(data, "SELECT count(*) FROM quarantine") == 0
