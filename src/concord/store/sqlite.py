"""SQLite: one file, many readers at their own snapshots, one writer at a time.

Write-ahead log, synchronous=FULL: what is acknowledged survives a power cut. Several processes may open the file;
a write transaction begins IMMEDIATE and waits its turn.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from concord.base import Busy, Incorrect, Unavailable
from concord.store.schema import SCHEMA_VERSION, TABLES

Row = tuple[Any, ...]
PATIENCE_S = 30.0
_SHORTEST_NAP_S, _LONGEST_NAP_S = 0.0002, 0.01


class Reading:
    """One consistent snapshot of the database."""

    def __init__(self, connection: sqlite3.Connection, words: "Words") -> None:
        self._connection = connection
        self.words = words

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._connection.execute(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        row: Row | None = self._connection.execute(sql, parameters).fetchone()
        return row

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        return iter(self._connection.execute(sql, parameters))


class Writing(Reading):
    """A snapshot that may be changed: all of it, or nothing."""

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Carry out one statement; the number of rows it touched."""
        return self._connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)

    def word(self, text: str) -> int:
        """The number of a recurring word, given on first use."""
        number = self.words.number(self, text)
        if number is None:
            self.run("INSERT INTO word (text) VALUES (?)", (text,))
            number = self.words.number(self, text)
            assert number is not None
        return number


class Words:
    """Recurring words and their numbers. Rows of `word` are only ever added, so what was read stays true.

    A number given in a transaction that is rolled back is forgotten with `forget`.
    """

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._text: dict[int, str] = {}

    def number(self, reading: Reading, text: str) -> int | None:
        if text not in self._number:
            row = reading.row("SELECT number FROM word WHERE text = ?", (text,))
            if row is None:
                return None
            self._number[text], self._text[row[0]] = row[0], text
        return self._number[text]

    def text(self, reading: Reading, number: int) -> str:
        if number not in self._text:
            row = reading.row("SELECT text FROM word WHERE number = ?", (number,))
            assert row is not None, "a row names a word that the word table lacks"
            self._number[row[0]], self._text[number] = number, row[0]
        return self._text[number]

    def forget(self) -> None:
        self._number, self._text = {}, {}


class SqliteStore:
    """The record's database in one file. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._turn = threading.Lock()
        self._words = Words()
        self._opened: list[sqlite3.Connection] = []
        with self._turn:
            self._migrate()

    @contextmanager
    def reading(self) -> Iterator[Reading]:
        """A snapshot; inside one already open on this thread, that same snapshot."""
        current: Reading | None = getattr(self._local, "reading", None)
        if current is not None:
            yield current
            return
        connection = self._connection("reader")
        connection.execute("BEGIN")
        self._local.reading = Reading(connection, self._words)
        try:
            yield self._local.reading
        finally:
            self._local.reading = None
            connection.execute("ROLLBACK")

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """A transaction: committed and durable when the block ends, undone when it raises."""
        connection = self._connection("writer")
        with self._turn:
            _patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
            try:
                yield Writing(connection, self._words)
                _patiently(lambda: connection.execute("COMMIT"))
            except BaseException as error:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                self._words.forget()
                if isinstance(error, sqlite3.OperationalError) and _is_disk(error):
                    raise Unavailable(f"The database could not be written: {error}. Free space on its disk.") from error
                raise

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file and let the planner see the tables as they are."""
        connection = self._connection("writer")
        with self._turn:
            connection.execute("PRAGMA optimize")
            connection.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def close(self) -> None:
        with self._turn:
            for connection in self._opened:
                connection.close()
            self._opened.clear()

    def _connection(self, kind: str) -> sqlite3.Connection:
        connection: sqlite3.Connection | None = getattr(self._local, kind, None)
        if connection is None:
            connection = self._connect()
            setattr(self._local, kind, connection)
        return connection

    def _connect(self) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self.path, timeout=0, isolation_level=None, check_same_thread=False, cached_statements=512
            )
            _patiently(lambda: connection.execute("PRAGMA journal_mode = WAL"))
        except sqlite3.DatabaseError as error:
            raise Unavailable(f"The database {self.path.name} could not be opened: {error}.") from error
        for pragma in ("synchronous = FULL", "cache_size = -32768", "temp_store = MEMORY", "mmap_size = 268435456"):
            connection.execute(f"PRAGMA {pragma}")
        self._opened.append(connection)
        return connection

    def _migrate(self) -> None:
        connection = self._connection("writer")
        _patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
        try:
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if version == 0:
                for statement in TABLES:
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
            elif version != SCHEMA_VERSION:
                raise Incorrect(
                    f"The database {self.path.name} has layout {version}; this version of Concord reads layout "
                    f"{SCHEMA_VERSION}. Use the version of Concord that wrote it."
                )
            connection.execute("COMMIT")
        except BaseException:
            connection.execute("ROLLBACK")
            raise


def _patiently(act: Callable[[], object]) -> None:
    """Try until another writer has finished. SQLite's own waiting naps up to 100 ms; a reader's audit row cannot."""
    nap, deadline = _SHORTEST_NAP_S, time.monotonic() + PATIENCE_S
    while True:
        try:
            act()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() > deadline:
                raise Busy("Another writer has held the database for too long. Try again.") from error
        time.sleep(nap)
        nap = min(nap * 2, _LONGEST_NAP_S)


def _is_disk(error: sqlite3.OperationalError) -> bool:
    return error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY)
