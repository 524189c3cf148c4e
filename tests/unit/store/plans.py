"""How each engine would carry queries out."""

from collections.abc import Iterator, Sequence
from typing import Any

from concord.store.face import Row
from concord.store.postgresql import PostgresqlReading
from concord.store.sqlite import SqliteReading


class Plans(SqliteReading):
    """A reading that asks how each query would be carried out, and gives nothing."""

    def __init__(self, reading: SqliteReading) -> None:
        super().__init__(reading._connection, reading.words)
        self.plans: list[str] = []

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        self.plans += [row[3] for row in super().rows(f"EXPLAIN QUERY PLAN {sql}", parameters)]
        return []

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        return iter(self.rows(sql, parameters))


class PostgresqlPlans(PostgresqlReading):
    """The same of PostgreSQL."""

    def __init__(self, reading: PostgresqlReading) -> None:
        super().__init__(reading._connection, reading.words)
        self.plans: list[str] = []

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        self.plans += [row[0] for row in super().rows(f"EXPLAIN {sql}", parameters)]
        return []
