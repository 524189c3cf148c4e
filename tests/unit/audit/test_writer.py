"""Nothing comes out before its row is durable, and when the row cannot be written nothing comes out."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from concord.audit import AuditEvent
from concord.base import NhsNumber, NotFound, Unavailable
from concord.fhir import parse_search
from concord.record import PersonQuery
from concord.store import SqliteStore, Writing
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    NOW,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
)
from tests.unit.audit.writers import audit_writer


def event(who: str = "a.user") -> AuditEvent:
    return AuditEvent(at=NOW, action="read", outcome="shown", who=who)


def test_the_value_comes_out_with_its_row_on_disk(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db")
    writer = audit_writer(store)
    assert writer.record("the value", [event()]).wait() == "the value"
    other = sqlite3.connect(tmp_path / "a.db")
    assert other.execute("SELECT who, action FROM audit").fetchall() == [("a.user", "read")]
    other.close()
    writer.close()
    store.close()


class FullDisk(SqliteStore):
    """A store whose disk is full for whoever writes."""

    @contextmanager
    def appending(self, *, at_once: bool = False) -> Iterator[Writing]:
        raise Unavailable("full")
        yield


def test_when_the_row_cannot_be_written_the_value_stays_locked(tmp_path: Path) -> None:
    store = FullDisk(tmp_path / "a.db")
    writer = audit_writer(store)
    with pytest.raises(Unavailable, match="nothing is shown"):
        writer.record("the value", [event()]).wait()
    writer.close()
    store.close()


def test_an_event_has_an_author() -> None:
    with pytest.raises(ValueError, match="author"):
        event(who="")


def test_many_readers_at_once_each_have_their_row(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db")
    writer = audit_writer(store)

    def read(number: int) -> None:
        for _ in range(25):
            writer.record(None, [event(f"user-{number}")]).wait()

    threads = [threading.Thread(target=read, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.reading() as reading:
        assert reading.row("SELECT count(*) FROM audit") == (200,)
    writer.close()
    store.close()


def test_every_way_to_a_person_leaves_a_row(tmp_path: Path) -> None:
    """Writing, searching, reading, opening, finding, listing, looking at looks: each is there, under its author."""
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
        send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        found = app.records.find(PersonQuery(nhs_number=NhsNumber("9990003114")), ED_DOCTOR).wait()
        app.records.open(found[0].person, ED_DOCTOR).wait()
        app.records.lists(ED_DOCTOR, None).wait()
        item = app.records.search(parse_search("Condition", []), GP).wait().items[0]
        app.records.read("Condition", item.id, GP).wait()
        patient_id = app.records.search(parse_search("Patient", []), GP).wait().items[0].id
        app.records.everything(patient_id, GP).wait()
        with app.store.reading() as reading:
            rows = reading.rows("SELECT DISTINCT who, action FROM audit WHERE person = ?", (found[0].person,))
    assert set(rows) == {
        ("system:ZZP01", "write"), ("system:ZZA", "write"),
        ("doctor.zza", "find"), ("doctor.zza", "open"), ("doctor.zza", "list"),
        ("gp.zzp01", "search"), ("gp.zzp01", "read"), ("gp.zzp01", "open"),
    }  # fmt: skip


def test_a_refusal_comes_out_with_its_row_on_disk(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db")
    writer = audit_writer(store)
    locked = writer.refuse(NotFound("nobody"), [event()])
    with pytest.raises(NotFound, match="nobody"):
        asyncio.run(locked.released())
    with store.reading() as reading:
        assert reading.row("SELECT count(*) FROM audit") == (1,)
    writer.close()
    store.close()


def test_who_goes_away_while_waiting_stops_nobody_else(tmp_path: Path) -> None:
    """A request that is cancelled must not take the audit writer with it: every later read would wait for ever."""
    store = SqliteStore(tmp_path / "a.db")
    writer = audit_writer(store)

    async def leave() -> None:
        with store.writing():  # so that the row cannot be written before the request is cancelled
            waiting = asyncio.ensure_future(writer.record(None, [event("gone")]).released())
            await asyncio.sleep(0.01)
            waiting.cancel()
            await asyncio.gather(waiting, return_exceptions=True)

    asyncio.run(leave())
    assert writer.record("the value", [event("stays")]).wait() == "the value"
    with store.reading() as reading:
        assert reading.rows("SELECT who FROM audit ORDER BY number") == [("gone",), ("stays",)]
    writer.close()
    store.close()


def test_a_row_that_cannot_be_made_is_its_own_requests_fault(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db")
    writer = audit_writer(store)
    with pytest.raises(TypeError):
        writer.record(None, [AuditEvent(at=NOW, action="read", outcome="shown", who="a", detail={"odd": object()})])
    assert writer.record("the value", [event()]).wait() == "the value"
    writer.close()
    store.close()


def test_after_closing_nothing_is_shown_and_nobody_waits_for_ever(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db")
    writer = audit_writer(store)
    writer.close()
    writer.close()
    with pytest.raises(Unavailable, match="stopping"):
        writer.record("the value", [event()])
    store.close()


class Watched(SqliteStore):
    """A store that tells which thread wrote, and whose next write can be made to take long."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.wrote: list[str] = []
        self.slow = False

    @contextmanager
    def appending(self, *, at_once: bool = False) -> Iterator[Writing]:
        with super().appending(at_once=at_once) as writing:
            yield writing
            self.wrote.append(threading.current_thread().name)
            if self.slow:
                time.sleep(0.02)


def links(store: SqliteStore) -> int:
    with store.reading() as reading:
        row = reading.row("SELECT count(*) FROM audit_link")
    assert row is not None
    return int(row[0])


def test_what_comes_in_one_turn_of_a_loop_is_written_together_and_by_the_loop(tmp_path: Path) -> None:
    store = Watched(tmp_path / "a.db")
    writer = audit_writer(store)

    async def read(number: int) -> int:
        return await writer.record(number, [event(f"user-{number}")]).released()

    async def at_once() -> list[int]:
        return await asyncio.gather(*map(read, range(8)))

    assert asyncio.run(at_once()) == list(range(8))
    assert (links(store), store.wrote) == (1, [threading.current_thread().name])
    writer.close()
    store.close()


def test_after_a_slow_write_the_loop_leaves_the_next_to_the_writers_thread(tmp_path: Path) -> None:
    store = Watched(tmp_path / "a.db")
    writer = audit_writer(store)

    async def twice() -> None:
        await writer.record(None, [event()]).released()
        store.slow = False
        await writer.record(None, [event()]).released()

    store.slow = True
    asyncio.run(twice())
    assert store.wrote == [threading.current_thread().name, "audit-writer"]
    writer.close()
    store.close()


def test_while_somebody_writes_the_loop_goes_on(tmp_path: Path) -> None:
    store = Watched(tmp_path / "a.db")
    writer = audit_writer(store)

    async def read_beside_a_writer() -> str:
        with store.writing():
            waiting = asyncio.ensure_future(writer.record("the value", [event()]).released())
            for _ in range(3):
                await asyncio.sleep(0)
            assert not waiting.done()
        return await waiting

    assert asyncio.run(read_beside_a_writer()) == "the value"
    assert store.wrote == ["audit-writer"]
    writer.close()
    store.close()


def test_a_row_is_written_though_nobody_waits_for_it(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db")
    writer = audit_writer(store)

    async def turn_away() -> None:
        writer.record(None, [event("turned away")])

    async def stop() -> None:
        writer.record(None, [event("stopped")])
        writer.close()

    asyncio.run(turn_away())
    asyncio.run(stop())
    with store.reading() as reading:
        assert reading.rows("SELECT who FROM audit ORDER BY number") == [("turned away",), ("stopped",)]
    store.close()


def test_to_wait_on_the_loop_itself_is_to_write(tmp_path: Path) -> None:
    store = SqliteStore(tmp_path / "a.db")
    writer = audit_writer(store)

    async def block() -> str:
        return writer.record("the value", [event()]).wait()

    assert asyncio.run(block()) == "the value"
    writer.close()
    store.close()
