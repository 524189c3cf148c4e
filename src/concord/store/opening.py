"""Which engine: a path is a file of SQLite's, a `postgresql://` address a database on a PostgreSQL server."""

from pathlib import Path

from concord.base import Incorrect
from concord.store.face import Store
from concord.store.postgresql import PostgresqlStore
from concord.store.sqlite import SqliteStore


def open_store(where: Path | str) -> Store:
    """Open the database, made or brought to the newest layout. Raises Incorrect, Unavailable, Busy."""
    if isinstance(where, Path):
        return SqliteStore(where)
    if not where.startswith(("postgresql://", "postgres://")):
        raise Incorrect("A database is named like postgresql://user@host/name.")
    return PostgresqlStore(where)
