"""The rules of a database that is spread over nodes by `home` (Citus), held by the tables and by every query.

No test runs Citus: these hold what can be held without it (docs/explanation/store.md).
"""

import re
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from concord.store import postgresql as engine
from concord.store.layouts import LAYOUTS
from concord.store.postgresql_ddl import SPREAD_OTHERWISE, translated
from tests.postgresql_server import Lease
from tests.twin_worlds.catalogue import catalogue
from tests.twin_worlds.comparing import known_to_viewer
from tests.twin_worlds.scenarios import SCENARIOS
from tests.twin_worlds.test_twin_worlds import twins

BY_HOME = {
    "source_patient", "link", "item", "item_version", "search_index", "named", "relationship", "choice", "proxy",
}  # fmt: skip
MINE = "mine"  # a person's source patients, where a query gathers them first; from there on as spread as they are
EACH = 3  # requests of a route

# Joins of two spread tables by something else than `home`: each is a question that Citus would have to be asked in two.
ASKED_IN_TWO = {
    "items.read_named: an item lies with somebody else than whom it names": "named n CROSS JOIN item i",
    "across.find: the people of a list, and what lies with each of them": "standing AS MATERIALIZED (",
    "facts: the same NHS number may stand under another home": "source_patient o WHERE o.nhs_number",
}
STAND_IN = "CREATE FUNCTION create_distributed_table(text, text) RETURNS void LANGUAGE sql AS ''"


@pytest.fixture
def made(postgresql: Lease) -> Iterator[psycopg.Connection]:
    """The tables as they are made where there is Citus, whose one function is a stand-in that notes nothing."""
    with postgresql.database("template0") as url, psycopg.connect(url) as connection:
        connection.execute(STAND_IN.encode())
        for statements in LAYOUTS:
            for statement in statements:
                for each in translated(statement, citus=True):
                    connection.execute(each.encode())
        yield connection


def spread() -> dict[str, str]:
    """The distribution column of each table that is spread, under its last name."""
    found: dict[str, str] = {}
    for statement in (each for statements in LAYOUTS for each in statements):
        for each in translated(statement, citus=True):
            if told := re.fullmatch(r"SELECT create_distributed_table\('(\w+)', '(\w+)'\)", each):
                found[told[1]] = told[2]
        if renamed := re.match(r"ALTER TABLE (\w+) RENAME TO (\w+)", statement):
            found[renamed[2]] = found.pop(renamed[1])
        if dropped := re.match(r"DROP TABLE (\w+)", statement):
            found.pop(dropped[1], None)
    return found


def test_what_is_a_persons_is_spread_by_home_and_the_locator_by_id() -> None:
    assert set(spread()) >= BY_HOME
    assert {table for table, by in spread().items() if by != "home"} == set(SPREAD_OTHERWISE)


def test_every_unique_key_of_a_spread_table_carries_its_column(made: psycopg.Connection) -> None:
    keys = made.execute(
        "SELECT c.relname, array_agg(a.attname::text) FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (i.indkey) "
        "WHERE i.indisunique AND c.relnamespace = 'public'::regnamespace GROUP BY c.relname, i.indexrelid"
    ).fetchall()
    columns = spread()
    assert {table for table, _ in keys} >= set(columns)
    assert [table for table, key in keys if table in columns and columns[table] not in key] == []


def test_every_join_of_spread_tables_is_by_home(
    postgresql: Lease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of all that writing, and every route of the server, asks of the database."""
    asked: set[str] = set()
    spelt = engine._spelt

    def heard(sql: str) -> str:
        asked.add(sql)
        return spelt(sql)

    monkeypatch.setattr(engine, "_spelt", heard)
    counted: dict[str, int] = {}
    with twins(SCENARIOS[0], tmp_path, postgresql) as (world, _), world.client() as client:
        for request in list(catalogue(known_to_viewer(SCENARIOS[0], world, client))):
            counted[request.route] = counted.get(request.route, 0) + 1
            if counted[request.route] <= EACH:
                client(request.method, request.path, headers=dict(request.headers), content=request.body)
    joins = {sql for sql in asked if len(_tables(sql)) > 1}
    assert len(joins) > 5
    wrong = {sql for sql in joins if not _by_home(sql)}
    assert [sql for sql in wrong if not any(part in sql for part in ASKED_IN_TWO.values())] == []
    assert [why for why, part in ASKED_IN_TWO.items() if not any(part in sql for sql in wrong)] == [], "no longer so"


def _tables(sql: str) -> list[str]:
    """The spread tables that a query names, each as often as it does."""
    spread_tables = BY_HOME | {MINE} | set(SPREAD_OTHERWISE)
    return [table for table in re.findall(r"\b(?:FROM|JOIN) (\w+)", sql) if table in spread_tables]


def _by_home(sql: str) -> bool:
    """Whether each part of a query joins its spread tables by home."""
    return all(
        len(_tables(part)) - 1
        <= len(re.findall(r"\b\w+\.home = \w+\.home\b", part)) + part.count("(s.home, s.number) IN")
        for part in re.split(r" UNION ALL |\) SELECT ", sql)
    )
