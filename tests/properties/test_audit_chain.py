"""Whatever is written in whatever groups is proved; whatever one row is changed in, the proof names its link."""

import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from concord.audit import AuditEvent, AuditProof, verify
from concord.base import PersonId
from concord.store import SqliteStore
from tests.small_system import NOW
from tests.unit.audit.writers import audit_writer

WORDS = st.text('abz09 é😀"\\\n\x01', min_size=1, max_size=12)
EVENTS = st.builds(
    AuditEvent,
    at=st.just(NOW),
    action=st.sampled_from(["open", "read", "search", "list"]),
    outcome=st.sampled_from(["shown", "refused", "nothing"]),
    who=WORDS,
    person=st.none() | WORDS.map(PersonId),
    context=st.dictionaries(WORDS, WORDS, max_size=2),
    detail=st.dictionaries(WORDS, st.integers(0, 9) | WORDS, max_size=2),
)
GROUPS = st.lists(st.tuples(st.booleans(), st.lists(EVENTS, min_size=1, max_size=5)), min_size=1, max_size=6)
CHANGES = {
    "at": "at + 1", "action": "action || 'x'", "outcome": "outcome || 'x'", "who": "who || 'x'",
    "person": "coalesce(person, '') || 'x'", "digest": "zeroblob(31)", "link": "link + 1", "context": "-1",
}  # fmt: skip


def written(path: Path, groups: list[tuple[bool, list[AuditEvent]]]) -> None:
    """`groups`: whether a group is part of a write, and what it holds."""
    store = SqliteStore(path)
    writer = audit_writer(store)
    for of_a_write, events in groups:
        if of_a_write:
            with store.writing() as writing:
                writer.append(writing, events)
        else:
            writer.record(None, events).wait()
    writer.close()
    store.close()


def proved(path: Path) -> AuditProof:
    store = SqliteStore(path)
    try:
        with store.reading() as reading:
            return verify(reading)
    finally:
        store.close()


@settings(max_examples=40, deadline=None)
@given(groups=GROUPS)
def test_what_is_written_is_proved(groups: list[tuple[bool, list[AuditEvent]]]) -> None:
    with TemporaryDirectory() as folder:
        written(Path(folder) / "a.db", groups)
        proof = proved(Path(folder) / "a.db")
    assert proof.breaks == ()
    assert proof.rows == sum(len(events) for _, events in groups)
    assert proof.links == len(groups)


@settings(max_examples=60, deadline=None)
@given(groups=GROUPS, column=st.sampled_from([*CHANGES, "drop", "twice"]), data=st.data())
def test_whatever_is_changed_the_link_is_named(
    groups: list[tuple[bool, list[AuditEvent]]], column: str, data: st.DataObject
) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        written(path, groups)
        connection = sqlite3.connect(path)
        rows = connection.execute("SELECT number, chain, link FROM audit ORDER BY number").fetchall()
        number, chain, link = data.draw(st.sampled_from(rows))
        names = dict(connection.execute("SELECT number, name FROM audit_chain"))
        if column == "drop":
            connection.execute("DELETE FROM audit WHERE number = ?", (number,))
        elif column == "twice":
            columns = "at, action, outcome, who, person, detail, salt, digest, chain, link, context"
            connection.execute(f"INSERT INTO audit ({columns}) SELECT {columns} FROM audit WHERE number = ?", (number,))
        else:
            connection.execute(f"UPDATE audit SET {column} = {CHANGES[column]} WHERE number = ?", (number,))
        connection.commit()
        connection.close()
        breaks = " ".join(proved(path).breaks)
    assert names[chain] in breaks
    assert f"link {link}" in breaks or f"links {link}" in breaks or f"says link {link}" in breaks, breaks
