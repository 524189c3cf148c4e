"""Nothing comes out before its row is durable, and when the row cannot be written nothing comes out."""

import asyncio
import sqlite3
import threading
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
    def appending(self) -> Iterator[Writing]:
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
