"""The chain proves itself, and tells where it was tampered with: an edit, a drop, a swap, a cut each have a test."""

import logging
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from concord.audit import (
    AuditEvent,
    AuditProof,
    AuditWriter,
    Checkpoint,
    Checkpoints,
    Kept,
    Signer,
    looks,
    proofs,
    verify,
)
from concord.base import FixedClock, Incorrect, PersonId, Unavailable
from concord.store import SqliteStore, Store, Writing, audit_rows, body
from concord.store.audit_rows import Span
from concord.store.body import dictionary_name
from concord.store.layouts import layout_1
from tests.small_system import NOW
from tests.unit.audit.writers import SIGNER, audit_writer

PERSON = PersonId("a" * 24)


def event(number: int, person: PersonId | None = PERSON) -> AuditEvent:
    context = {"organisation": "ZZA", "role": "doctor", "policy_hash": "0" * 64}
    return AuditEvent(
        at=NOW, action="read", outcome="shown", who=f"user-{number % 3}", person=person, context=context,
        detail={"count": number},
    )  # fmt: skip


def filled(path: Path, groups: int = 6) -> None:
    """An audit of several links, in two chains, with a checkpoint at its end."""
    store = SqliteStore(path)
    writer = audit_writer(store)
    for number in range(groups):
        writer.record(None, [event(number), event(number + 100)]).wait()
    with store.writing() as writing:
        writer.append(writing, [event(500), event(501)])
    writer.close()
    store.close()


@contextmanager
def opened(path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(path)
    try:
        yield store
    finally:
        store.close()


def proof(path: Path, kept: Checkpoint | None = None) -> AuditProof:
    with opened(path) as store, store.reading() as reading:
        return verify(reading, public_key=SIGNER.public, kept=kept)


def tamper(path: Path, *statements: str) -> None:
    connection = sqlite3.connect(path)
    with connection:
        for statement in statements:
            assert connection.execute(statement).rowcount, statement
    connection.close()


def test_an_audit_that_nobody_touched_is_whole(tmp_path: Path) -> None:
    filled(tmp_path / "a.db")
    proved = proof(tmp_path / "a.db")
    assert proved.whole
    assert (proved.rows, proved.links, proved.chains, proved.checkpoints) == (14, 7, 2, 1)
    assert (proved.older, proved.erased, proved.unsigned) == (0, 0, 0)
    assert proof(tmp_path / "a.db").root == proved.root


@pytest.mark.parametrize(
    ("what", "statements", "told"),
    [
        ("an edited row", ["UPDATE audit SET who = 'nobody' WHERE number = 5"], "link 3 (rows 5 to 6) does not fit"),
        ("a person taken out", ["UPDATE audit SET person = NULL WHERE number = 6"], "link 3 (rows 5 to 6) does not"),
        ("an edited instant", ["UPDATE audit SET at = at + 1 WHERE number = 3"], "link 2 (rows 3 to 4) does not fit"),
        ("edited details", ["UPDATE audit SET detail = '{}' WHERE number = 4"], "details of row 4 were changed"),
        ("an edited context", ["UPDATE audit_context SET content = '{}'"], "under the number 1 was changed"),
        ("a dropped row", ["DELETE FROM audit WHERE number = 7"], "link 4 (row 8) does not fit"),
        ("an added row", [
            "INSERT INTO audit (at, action, outcome, who, detail, chain, link) VALUES (1, 'read', 'shown', 'x','',1,6)",
        ], "link 6 (rows 11 to 15) does not fit"),
        ("a row beside the chain", [
            "INSERT INTO audit (at, action, outcome, who, detail) VALUES (1, 'read', 'shown', 'x', '{}')",
        ], "Row 15 stands in no chain"),
        ("swapped rows", [
            "UPDATE audit SET number = 99 WHERE number = 5", "UPDATE audit SET number = 5 WHERE number = 6",
            "UPDATE audit SET number = 6 WHERE number = 99",
        ], "link 3 (rows 5 to 6) does not fit"),
        ("rows swapped between links", [
            "UPDATE audit SET link = 9 WHERE number = 5", "UPDATE audit SET link = 3 WHERE number = 7",
            "UPDATE audit SET link = 4 WHERE number = 5",
        ], "link 3"),
        ("a whole link dropped", [
            "DELETE FROM audit WHERE link = 3", "DELETE FROM audit_link WHERE position = 3",
        ], "gap before link 4"),
        ("a link's rows dropped at the end", ["DELETE FROM audit WHERE number IN (11, 12)"], "6 to 6 have lost their"),
        ("the end cut off", [
            "DELETE FROM audit WHERE number IN (11, 12)",
            "DELETE FROM audit_link WHERE position = 6",
        ], "was cut off: checkpoint 1 signed link 6, which is gone"),
        ("a whole chain dropped", [
            "DELETE FROM audit WHERE chain = 2", "DELETE FROM audit_link WHERE chain = 2",
            "DELETE FROM audit_chain WHERE number = 2",
        ], "was cut off: checkpoint 1 signed link 1, which is gone"),
        ("an edited link", ["UPDATE audit_link SET hash = zeroblob(32) WHERE chain = 1 AND position = 2"], "link 2"),
        ("a forged checkpoint", [
            "UPDATE audit_checkpoint SET content = replace(content, '2026', '2025')",
        ], "Checkpoint 1 is not signed by the key"),
    ],
)  # fmt: skip
def test_tampering_is_told_where_it_is(what: str, statements: list[str], told: str, tmp_path: Path) -> None:
    filled(tmp_path / "a.db")
    tamper(tmp_path / "a.db", *statements)
    breaks = proof(tmp_path / "a.db").breaks
    assert told in " ".join(breaks), (what, breaks)


def test_it_is_proved_on_each_engine(store: Store) -> None:
    writer = audit_writer(store)
    for number in range(3):
        writer.record(None, [event(number), event(number + 100)]).wait()
    with store.writing() as writing:
        writer.append(writing, [event(500, None)])
    writer.close()
    checkpoints = Checkpoints(store, FixedClock(NOW), SIGNER)
    checkpoints.keep(checkpoints.cosigned(checkpoints.last()))
    with store.reading() as reading:
        proved = verify(reading, public_key=SIGNER.public, kept=checkpoints.last())
        newest = looks(reading, person=PERSON, most=2)
    assert (proved.breaks, proved.rows, proved.chains, proved.cosignatures, proved.unsigned) == ((), 7, 2, 1, 0)
    assert [each.event.detail["count"] for each in newest] == [102, 2]
    assert looks_behind(store, newest[-1]) == [101, 1, 100, 0]
    with store.writing() as writing:
        writing.run("UPDATE audit SET who = 'nobody' WHERE number = ?", (newest[0].number,))
    with store.reading() as reading:
        assert "does not fit its rows" in verify(reading).breaks[0]


def test_what_was_noted_under_several_ids_is_found_once_each_on_each_engine(store: Store) -> None:
    writer, other, hour = audit_writer(store), PersonId("b" * 24), 3_600_000_000
    for number in range(4):
        at = NOW + timedelta(hours=number)
        writer.record(None, [replace(event(number), at=at), replace(event(number + 100, other), at=at)]).wait()
    writer.close()
    first = body.microseconds(NOW)
    spans = [
        Span(PERSON, first + hour, first + 2 * hour),
        Span(other, first, first),
        Span(PERSON, first + 3 * hour, 2**62),
    ]
    with store.reading() as reading:
        found = audit_rows.looks_at(reading, spans, most=9)
        behind = audit_rows.looks_at(reading, spans, most=1, before=4, until=first + 2 * hour)
        listed = audit_rows.found(reading, spans=spans, most=9)
    assert [(nth, row.detail) for nth, row in found] == [(4, told(3)), (3, told(2)), (2, told(1)), (1, told(100))]
    assert [row.detail for _, row in behind] == [told(1)]
    assert listed == [row for _, row in found]


def told(count: int) -> str:
    return f'{{"count":{count}}}'


def looks_behind(store: Store, kept: Kept) -> list[int]:
    with store.reading() as reading:
        found = looks(reading, person=PERSON, most=10, since=NOW, behind=kept.position)
    return [each.event.detail["count"] for each in found]


def test_one_break_hides_no_other_and_feigns_none(tmp_path: Path) -> None:
    filled(tmp_path / "a.db")
    tamper(tmp_path / "a.db", "UPDATE audit SET who = 'x' WHERE number IN (3, 9)")
    breaks = proof(tmp_path / "a.db").breaks
    assert len(breaks) == 2
    assert "link 2" in breaks[0]
    assert "link 5" in breaks[1]


def test_a_chain_that_is_forged_anew_shows_against_the_checkpoint(tmp_path: Path) -> None:
    """Whoever can write the database can compute every hash; what they lack is the key."""
    filled(tmp_path / "a.db")
    tamper(tmp_path / "a.db", "UPDATE audit SET who = 'nobody' WHERE number = 3")
    forger = sqlite3.connect(tmp_path / "a.db")
    (name,) = forger.execute("SELECT name FROM audit_chain WHERE number = 1").fetchone()
    previous = proofs.NOTHING_BEFORE
    for position in range(1, 7):
        rows = forger.execute(
            "SELECT at, action, outcome, who, person, c.digest, a.digest FROM audit a "
            "JOIN audit_context c ON c.number = a.context WHERE chain = 1 AND link = ? ORDER BY a.number",
            (position,),
        )
        leaves = [proofs.leaf(*row[:5], context=row[5], detail=row[6]) for row in rows]
        previous = proofs.link(name, position, previous, proofs.root(leaves))
        forger.execute("UPDATE audit_link SET hash = ? WHERE chain = 1 AND position = ?", (previous, position))
    forger.commit()
    forger.close()
    assert proof(tmp_path / "a.db").breaks == (f"Chain {name}, link 6 is not the one that checkpoint 1 signed.",)


def test_a_kept_checkpoint_shows_that_the_newest_were_cut_off(tmp_path: Path) -> None:
    filled(tmp_path / "a.db")
    filled(tmp_path / "a.db", groups=1)
    with opened(tmp_path / "a.db") as store:
        kept = Checkpoints(store, FixedClock(NOW), SIGNER).last()
    assert kept.number == 2
    assert proof(tmp_path / "a.db", kept).whole
    tamper(
        tmp_path / "a.db",
        "DELETE FROM audit_checkpoint WHERE number = 2",
        "DELETE FROM audit WHERE chain > 2",
        "DELETE FROM audit_link WHERE chain > 2",
        "DELETE FROM audit_chain WHERE number > 2",
    )
    assert proof(tmp_path / "a.db").whole, "nothing inside tells it"
    assert "kept outside" in proof(tmp_path / "a.db", kept).breaks[0]


def test_erased_details_leave_the_proof(tmp_path: Path) -> None:
    filled(tmp_path / "a.db")
    tamper(tmp_path / "a.db", "UPDATE audit SET detail = '', salt = NULL WHERE number IN (1, 2, 3)")
    proved = proof(tmp_path / "a.db")
    assert proved.whole
    assert proved.erased == 3


def test_a_partner_cosigns_and_the_owner_keeps_it(tmp_path: Path) -> None:
    filled(tmp_path / "a.db")
    partner = Checkpoints(
        SqliteStore(tmp_path / "partner.db"), FixedClock(NOW), Signer(b"a partner's seed, 32 bytes long.")
    )
    with opened(tmp_path / "a.db") as store:
        ours = Checkpoints(store, FixedClock(NOW), SIGNER)
        cosigned = partner.cosigned(ours.last())
        assert ours.keep(cosigned) == 1
        assert ours.last() == cosigned
        with pytest.raises(Incorrect, match="not one of this installation"):
            partner.keep(cosigned)
    assert proof(tmp_path / "a.db").cosignatures == 1
    tamper(tmp_path / "a.db", "UPDATE audit_cosignature SET signature = '00'")
    assert "partner's signature of checkpoint 1" in proof(tmp_path / "a.db").breaks[0]


def test_a_write_that_is_rolled_back_leaves_its_chain_as_it_was(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as store:
        writer = audit_writer(store)

        def write(number: int, *, fails: bool) -> None:
            with store.writing() as writing:
                writer.append(writing, [event(number)])
                if fails:
                    raise RuntimeError

        for number, fails in enumerate([True, False, True, True, False]):
            if fails:
                with pytest.raises(RuntimeError):
                    write(number, fails=True)
            else:
                write(number, fails=False)
        writer.close()
    proved = proof(tmp_path / "a.db")
    assert proved.whole
    assert (proved.rows, proved.links, proved.chains) == (2, 2, 1)


def test_each_writing_thread_has_its_chain_and_all_are_signed(tmp_path: Path) -> None:
    with opened(tmp_path / "a.db") as store:
        writer = audit_writer(store)

        def write() -> None:
            for number in range(5):
                with store.writing() as writing:
                    writer.append(writing, [event(number)])

        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        writer.close()
    proved = proof(tmp_path / "a.db")
    assert proved.whole
    assert (proved.rows, proved.links, proved.chains, proved.unsigned) == (20, 20, 4, 0)


def test_a_checkpoint_that_cannot_be_written_stops_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    class FullForCheckpoints(SqliteStore):
        full = False

        @contextmanager
        def writing(self) -> Iterator[Writing]:
            if self.full:
                raise Unavailable("full")
            with super().writing() as writing:
                yield writing

        @contextmanager
        def appending(self, *, at_once: bool = False) -> Iterator[Writing]:
            with self.writing() as writing:
                yield writing

    store = FullForCheckpoints(tmp_path / "a.db")
    writer: AuditWriter = audit_writer(store)
    writer.record(None, [event(1)]).wait()
    store.full = True
    with caplog.at_level(logging.ERROR, logger="concord.audit"):
        writer.close()
    assert "no audit checkpoint could be signed" in caplog.text
    store.close()
    proved = proof(tmp_path / "a.db")
    assert (proved.whole, proved.unsigned) == (True, 1)


def test_an_audit_of_the_first_layout_opens_and_is_told_apart(tmp_path: Path) -> None:
    old = sqlite3.connect(tmp_path / "a.db")
    for statement in layout_1.STATEMENTS:
        old.execute(statement)
    old.execute(
        "INSERT INTO audit (at, action, outcome, who, person, detail) VALUES (1, 'open', 'shown', 'x', ?, ?)",
        (PERSON, '{"organisation":"ZZA","count":3}'),
    )
    old.execute("INSERT INTO setting VALUES ('dictionary', ?)", (dictionary_name(),))
    old.execute("PRAGMA user_version = 1")
    old.commit()
    old.close()
    filled(tmp_path / "a.db", groups=1)
    proved = proof(tmp_path / "a.db")
    assert proved.whole
    assert (proved.rows, proved.older) == (5, 1)
    with opened(tmp_path / "a.db") as store, store.reading() as reading:
        oldest = looks(reading, person=PERSON, most=10)[-1]
    assert oldest.event.context["organisation"] == "ZZA"
    assert oldest.chain is None
