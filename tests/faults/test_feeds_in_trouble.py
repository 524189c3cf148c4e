"""Feeds in trouble: a message of which a part is refused, a full disk, a database that goes away and comes back.

What was acknowledged is there, once; what was not, its sender repeats, and the record ends as without the trouble.
"""

import resource
import signal
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import SystemIds, Unavailable
from concord.governance import SourceSystem
from concord.ingest import Receiver, ToKeep, parse_feed
from concord.record import Receipt
from tests.faults.test_kill_the_listener import CONCORD, ITEMS, count, listener, stream
from tests.faults.test_postgresql_goes_away import server  # noqa: F401 - a fixture
from tests.mllp_client import Sender, admission, result
from tests.postgresql_server import Server
from tests.small_system import small_system

ANYHOW = "organisation: ZZA\nmessages: [ADT, ORU]\n"


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as system:
        yield system


def receiver(app: App, text: str = ANYHOW) -> Receiver:
    feed = parse_feed(text, filename="pas.yaml", folder=Path())
    return Receiver(feed, app.records, services=(), clock=app.clock, ids=SystemIds())


def held(app: App) -> list[tuple[Any, ...]]:
    """All items with how often they were written, and what is in quarantine."""
    with app.store.reading() as reading:
        rows = reading.rows(
            "SELECT word.text, item.version, count(*) FROM item JOIN word ON word.number = item.type "
            "GROUP BY word.text, item.version ORDER BY word.text, item.version"
        )
        receipts = reading.rows("SELECT 'receipts', 0, count(*) FROM receipt")
    kept = [(each.position, 0, each.size) for each in app.records.quarantined()]
    return [tuple(row) for row in [*rows, *receipts, *kept]]


# The first result is another person's by what is held, and refused; the second is new.
PARTLY = result(1, 2) + b"\r" + result(9, 2).split(b"\r", 2)[2].replace(b"OBR|1", b"OBR|2")
STORY = (admission(1), admission(2), result(1, 1).replace(b"|R1|", b"|R0|"))


@pytest.mark.parametrize("more", ["", "order: by-person\n", "on_reject: refuse\n"])
def test_cut_short_between_what_is_stored_and_what_is_held(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str
) -> None:
    """What is refused of a message is kept after what is not, in a transaction of its own. Between the two nothing is
    acknowledged; the message comes again, changes nothing of what is stored, and is held."""
    text = ANYHOW + more
    with small_system(tmp_path / "whole.db") as whole:
        assert [receiver(whole, text).take(message).became for message in (*STORY, PARTLY)][-1] == "rejected"
        expected = held(whole)
    assert ("Observation", 1, 2) in expected
    taking = receiver(app, text)
    assert {taking.take(message).became for message in STORY} == {"stored"}
    keep = app.records.quarantine

    def gone(kept: Sequence[ToKeep], *, by: SourceSystem, receipt: Receipt | None = None) -> None:
        raise Unavailable("The database is away.")

    monkeypatch.setattr(app.records, "quarantine", gone)
    for _ in range(3):
        with pytest.raises(Unavailable):
            taking.take(PARTLY)
    assert app.records.quarantined() == []
    monkeypatch.setattr(app.records, "quarantine", keep)
    for _ in range(2):
        assert taking.take(PARTLY).became in ("rejected", "known")
    assert held(app) == expected


def test_the_disk_is_full_and_has_space_again(tmp_path: Path) -> None:
    data, feed = tmp_path / "data", tmp_path / "feed.yaml"
    subprocess.run([*CONCORD, "init", str(data), "--organisation", "ZZA"], check=True, capture_output=True)
    feed.write_text(ANYHOW, encoding="utf-8")
    room = max(path.stat().st_size for path in data.iterdir() if path.is_file()) + 100_000
    acknowledged = 0
    with listener(data, feed) as (process, port), Sender(port, wait_s=30) as sender:
        resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (room, room))
        for message in stream():
            try:
                assert sender.code(message) == "AA"
                acknowledged += 1
            except (EOFError, OSError):  # no answer: the connection was closed
                break
    assert 0 < acknowledged < len(stream())
    assert count(data, "SELECT count(*) FROM receipt") == acknowledged
    with listener(data, feed) as (_, port), Sender(port) as sender:
        assert {sender.code(message) for message in stream()} == {"AA"}
    assert count(data, "SELECT count(*) FROM item") == ITEMS
    assert count(data, "SELECT count(*) FROM item WHERE version > 1") == 0


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGQUIT], ids=["stopped", "as if the power went"])
def test_the_database_goes_away_and_comes_back(server: Server, sign: signal.Signals) -> None:  # noqa: F811 - the fixture
    messages: list[Any] = [admission(number) for number in range(4)] + [result(number, number) for number in range(4)]
    with small_system(server.url("postgres")) as app:
        taking = receiver(app)
        for number, message in enumerate(messages):
            if number in (2, 5):
                server.stop(sign)
                for _ in range(2):
                    with pytest.raises(Unavailable):
                        taking.take(message)
                server.start()
            assert taking.take(message).became == "stored"
        assert {taking.take(message).became for message in messages} == {"known"}
        assert held(app) == [
            ("DiagnosticReport", 1, 4), ("Encounter", 1, 4), ("Observation", 1, 4), ("Patient", 1, 4),
            ("receipts", 0, 8),
        ]  # fmt: skip
