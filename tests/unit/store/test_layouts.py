"""A database of an earlier layout opens, is brought to the newest, and keeps all that it held."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import zstandard

from concord.base import OdsCode, PersonId
from concord.governance import Duty, permit_duty
from concord.store import Store, body, open_store, originals, people
from concord.store.items import Place
from concord.store.layouts import LAYOUTS, NEWEST
from concord.store.postgresql_ddl import translated
from tests.postgresql_server import Lease

# Two source patients of one person and a third that may be the same; what layout 1 wrote of them.
HELD: Sequence[tuple[str, Sequence[object]]] = (
    ("INSERT INTO setting VALUES ('dictionary', ?)", (body.dictionary_name(),)),
    ("INSERT INTO word (text) VALUES (?)", ("ZZP01",)),
    *(
        (
            (
                "INSERT INTO source_patient (home, organisation, patient, nhs_number, born_on, family) VALUES "
                "(?, 1, ?, '9990003114', '1942-02-14', 'holroyd')"
            ),
            (home, f"p{number}"),
        )
        for number, home in ((1, -7), (2, -7), (3, 9))
    ),
    ("INSERT INTO link VALUES (1, 'peggy', 'founded', NULL)", ()),
    ("INSERT INTO link VALUES (2, 'peggy', 'number and date of birth agree', NULL)", ()),
    ("INSERT INTO link VALUES (3, 'other', 'the dates of birth differ', 'peggy')", ()),
)


# A message that layout 29 kept, compressed by itself.
MESSAGE = b"MSH|^~\\&|PAS|ZZA|CONCORD|NN|20240110090000||ADT^A01|C1|P|2.4"
KEPT: Sequence[tuple[str, Sequence[object]]] = (
    ("INSERT INTO setting VALUES ('dictionary', ?)", (body.dictionary_name(),)),
    ("INSERT INTO word (text) VALUES (?)", ("HL7 v2 ADT^A01",)),
    (
        "INSERT INTO original VALUES (-7, 1, 'ADT^A01 C1', ?, 1, 'pas', 5, ?)",
        (b"sixteen bytes ..", zstandard.compress(MESSAGE, 3)),
    ),
)


@contextmanager
def written_under(
    newest: int,
    held: Sequence[tuple[str, Sequence[object]]],
    engine: str,
    request: pytest.FixtureRequest,
    folder: Path,
) -> Iterator[Path | str]:
    statements = [statement for layout in LAYOUTS[:newest] for statement in layout]
    if engine == "sqlite":
        path = folder / "concord.db"
        connection = sqlite3.connect(path)
        for statement in statements:
            connection.execute(statement)
        for sql, values in held:
            connection.execute(sql, values)
        connection.execute(f"PRAGMA user_version = {newest}")
        connection.commit()
        connection.close()
        yield path
        return
    lease: Lease = request.getfixturevalue("postgresql")
    with lease.database("template0") as url:
        with psycopg.connect(url) as made:
            for statement in statements:
                for each in translated(statement):
                    made.execute(each.encode())
            for sql, values in (*held, (f"INSERT INTO setting VALUES ('layout', '{newest}')", ())):
                made.execute(sql.replace("?", "%s").encode(), values)
        yield url


def test_what_layout_1_held_is_held(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with written_under(1, HELD, engine, request, tmp_path) as where:
        for _ in range(2):  # brought to the newest layout, then opened as it is
            store = open_store(where)
            _check(store)
            store.close()


def _check(store: Store) -> None:
    duty = permit_duty(Duty(name="matching"))
    with store.reading() as reading:
        assert people.linked(reading, PersonId("peggy")) == [(-7, 1, "ZZP01"), (-7, 2, "ZZP01")]
        assert people.person_of(reading, (9, 3)) == "other"
        assert people.held_for_review(reading) == [("ZZP01", "p3", "the dates of birth differ")]
        traced = people.with_name(reading, duty, "1942-02-14", "hol", begins=True)
        assert [(each.number, each.person, each.held) for each in traced] == [
            (1, "peggy", False),
            (2, "peggy", False),
            (3, "other", True),
        ]
    with store.writing() as writing:
        before = writing.rows("SELECT max(number) FROM source_patient")
        assert people.new_source_patient(writing, 5, OdsCode("ZZP01"), "new") > before[0][0]


def test_a_message_that_layout_29_kept_is_kept(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    with written_under(29, KEPT, engine, request, tmp_path) as where:
        store = open_store(where)
        with store.reading() as reading:
            (found,) = originals.of_item(reading, [Place(-7, 1, 9)], ["ADT^A01 C1"], body.Codec())
        store.close()
    assert found == originals.OriginalRow("HL7 v2 ADT^A01", "pas", 5, "", MESSAGE)


def test_each_layout_has_its_number() -> None:
    assert len(LAYOUTS) == NEWEST
    assert len(set(map(id, LAYOUTS))) == NEWEST
