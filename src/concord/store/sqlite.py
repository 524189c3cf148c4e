"""SQLite: one file, many readers at their own snapshots, one writer at a time.

Write-ahead log, synchronous=FULL: what is acknowledged survives a power cut. Several processes may open the file;
a write transaction begins IMMEDIATE and waits its turn.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import Any

from concord.base import STOP, Busy, Incorrect, Stop, Unavailable
from concord.store.body import dictionary_name
from concord.store.face import TOO_LONG, Reading, Row, Words, Writing
from concord.store.layouts import LAYOUTS, NEWEST
from concord.store.reserve import FULL, Reserve

PATIENCE_S = 30.0
_SHORTEST_NAP_S, _LONGEST_NAP_S = 0.0002, 0.01
# KB of pages that a connection keeps. What a search over a department of 100,000 people looks at fits into WIDE. Every
# connection that keeps so much may fill it, so of those that are lent one does: searches at once gain nothing by more.
_WIDE, _NARROW = 49_152, 8_192
_DISK = {sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}


class SqliteReading(Reading):
    def __init__(self, connection: sqlite3.Connection, words: Words, stop: Stop | None = None) -> None:
        self._connection = connection
        self._stop = stop
        self._streams: list[sqlite3.Cursor] = []
        self.words = words

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        return self._begun(sql, parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        row: Row | None = self._begun(sql, parameters).fetchone()
        return row

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        cursor = self._begun(sql, parameters)
        self._streams.append(cursor)
        return cursor

    def _begun(self, sql: str, parameters: Sequence[Any]) -> sqlite3.Cursor:
        """A statement under way; an interruption ends those under way and not the next, which must not begin."""
        if self._stop is not None:
            self._stop.check()
        return self._connection.execute(sql, parameters)

    def end_streams(self) -> None:
        """A statement left half read would hold its snapshot for whoever reads next on the connection."""
        for cursor in self._streams:
            cursor.close()


class SqliteWriting(SqliteReading, Writing):
    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        return self._connection.execute(sql, parameters).rowcount

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        self._connection.executemany(sql, rows)

    def number_on(self, table: str, column: str) -> None:
        """SQLite gives the number after the highest by itself."""


class SqliteStore:
    """The record's database in one file. Safe to use from several threads.

    Connections are lent out, to read and to append, and come back; the one that writes is kept for whose turn it is.
    """

    waits = False  # a short read from the file is done sooner than it is handed to another thread

    def __init__(self, path: Path) -> None:
        self.path = path
        self._reserve = Reserve(path.with_name(path.name + "-reserve"))
        self._local = threading.local()
        self._turn = threading.Lock()
        self._words = Words()
        self._opened: list[sqlite3.Connection] = []
        self._idle: list[sqlite3.Connection] = []
        self._wide: sqlite3.Connection | None = None
        self._opening = threading.Lock()
        self._writer = self._connect(_WIDE)
        self._migrate()

    @contextmanager
    def reading(self) -> Iterator[SqliteReading]:
        """A snapshot; inside one already open on this thread, that same snapshot. Raises Unavailable."""
        current: SqliteReading | None = getattr(self._local, "reading", None)
        if current is not None:
            yield current
            return
        connection = self._lent()
        _patiently(lambda: _begin_reading(connection))
        stop = STOP.get()
        reading = self._local.reading = SqliteReading(connection, self._words, stop)
        try:
            with stop.telling(connection.interrupt) if stop else nullcontext():
                yield reading
        except sqlite3.OperationalError as error:
            if stop is not None and error.sqlite_errorcode == sqlite3.SQLITE_INTERRUPT:
                stop.check()
            raise
        finally:
            self._local.reading = None
            reading.end_streams()
            connection.execute("ROLLBACK")
            self._back(connection)

    @contextmanager
    def writing(self) -> Iterator[Writing]:
        """A transaction: committed and durable when the block ends, undone when it raises.

        Raises Busy when no turn comes, Unavailable when the disk does not take it.
        """
        self._reserve.before_writing()
        with self._transaction() as writing:
            yield writing

    @contextmanager
    def appending(self, *, at_once: bool = False) -> Iterator[Writing]:
        """The same, from a reserve on a full disk. It takes its turn: the file has one writer, whatever it writes."""
        self._reserve.before_appending()
        with self._transaction(appends=True, patience_s=0 if at_once else PATIENCE_S) as writing:
            yield writing

    def keep_reserve(self) -> None:
        self._reserve.make()

    def alarm(self) -> str | None:
        return FULL if self._reserve.spent else None

    @contextmanager
    def _transaction(self, *, appends: bool = False, patience_s: float = PATIENCE_S) -> Iterator[Writing]:
        """`appends`: on the connection that was read from last, which need not read anew what it wrote itself."""
        with self._own_turn(patience_s):
            connection = self._lent() if appends else self._writer
            try:
                _patiently(lambda: connection.execute("BEGIN IMMEDIATE"), patience_s)
                writing = SqliteWriting(connection, self._words.copy())
                try:
                    yield writing
                finally:
                    writing.end_streams()
                _patiently(lambda: connection.execute("COMMIT"))
                self._words.learn(writing.words)
            except BaseException as error:
                if connection.in_transaction:
                    connection = self._undone(connection)
                if isinstance(error, sqlite3.OperationalError) and error.sqlite_errorcode & 0xFF in _DISK:
                    mend = "Free space on its disk, or make the file writable."
                    raise Unavailable(f"The database could not be written: {error}. {mend}") from error
                raise
            finally:
                if appends:
                    self._back(connection)
                else:
                    self._writer = connection

    def checkpoint(self) -> None:
        """Fold the write-ahead log into the file and let the planner see the tables as they are."""
        with self._own_turn():
            _patiently(lambda: self._writer.execute("PRAGMA optimize"))
            self._writer.execute("PRAGMA wal_checkpoint(PASSIVE)")

    def size(self) -> int:
        """Bytes of the file and of its write-ahead log."""
        log = self.path.with_name(self.path.name + "-wal")
        return sum(file.stat().st_size for file in (self.path, log) if file.exists())

    def sizes(self) -> dict[str, int]:
        """Bytes on disk by table, its indexes included; "(log)" is the write-ahead log, "(free)" what may be reused."""
        with self.reading() as reading:
            found = reading.rows(
                "SELECT m.tbl_name, sum(d.pgsize) FROM dbstat d JOIN sqlite_master m ON m.name = d.name "
                "GROUP BY m.tbl_name ORDER BY m.tbl_name"
            )
            ((free,),) = reading.rows(
                "SELECT f.freelist_count * p.page_size FROM pragma_freelist_count f, pragma_page_size p"
            )
        log = self.path.with_name(self.path.name + "-wal")
        return {**dict(found), "(free)": free, "(log)": log.stat().st_size if log.exists() else 0}

    def damage(self) -> list[str]:
        """What is wrong with the file itself, in SQLite's words; empty when it is whole."""
        try:
            with self.reading() as reading:
                said = [str(row[0]) for row in reading.rows("PRAGMA quick_check(20)")]
        except sqlite3.DatabaseError as error:
            said = [str(error)]
        return [] if said == ["ok"] else said

    def close(self) -> None:
        with self._own_turn():
            for connection in self._opened:
                connection.close()
            self._opened.clear()
            self._idle.clear()
            self._wide = None

    @contextmanager
    def _own_turn(self, patience_s: float = PATIENCE_S) -> Iterator[None]:
        if not self._turn.acquire(timeout=patience_s):
            raise Busy(TOO_LONG)
        try:
            yield
        finally:
            self._turn.release()

    def _lent(self) -> sqlite3.Connection:
        """The one that keeps many pages, or any other, or, when all are lent, one more."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._one_more()

    def _one_more(self) -> sqlite3.Connection:
        with self._opening:
            if self._wide is not None:
                return self._connect(_NARROW)
            self._wide = self._connect(_WIDE)
            return self._wide

    def _back(self, connection: sqlite3.Connection) -> None:
        """For whoever comes next; one that keeps few pages only for whom no other is left."""
        if connection is self._wide:
            self._idle.append(connection)
        else:
            self._idle.insert(0, connection)

    def _undone(self, connection: sqlite3.Connection) -> sqlite3.Connection:
        """Roll back; where even that fails, closing the connection does, and a fresh one takes its place."""
        try:
            connection.execute("ROLLBACK")
        except sqlite3.Error:
            self._opened.remove(connection)
            if connection is self._wide:
                self._wide = None
            connection.close()
            return self._connect(_WIDE) if connection is self._writer else self._one_more()
        return connection

    def _connect(self, pages_kb: int) -> sqlite3.Connection:
        try:
            connection = sqlite3.connect(
                self.path, timeout=0, isolation_level=None, check_same_thread=False, cached_statements=512
            )
            # Of a new file: so that a body, which lies in the tree of its table, seldom spills onto pages of its own.
            connection.execute("PRAGMA page_size = 8192")
            _patiently(lambda: connection.execute("PRAGMA journal_mode = WAL"))
        except sqlite3.DatabaseError as error:
            mend = "If it is damaged, restore the last backup."
            raise Unavailable(f"The database {self.path.name} could not be opened: {error}. {mend}") from error
        for pragma in (
            "synchronous = FULL",
            f"cache_size = -{pages_kb}",
            "temp_store = MEMORY",
            "journal_size_limit = 8388608",
        ):
            connection.execute(f"PRAGMA {pragma}")
        self._opened.append(connection)
        return connection

    def _migrate(self) -> None:
        connection = self._writer
        _patiently(lambda: connection.execute("BEGIN IMMEDIATE"))
        try:
            layout = connection.execute("PRAGMA user_version").fetchone()[0]
            if layout > NEWEST or (layout > 0 and not _is_readable(connection)):
                raise Incorrect(
                    f"The database {self.path.name} has a later layout ({layout}) or other compressed bodies than "
                    f"this version of Concord reads (up to layout {NEWEST}). Use the version that wrote it."
                )
            for statements in LAYOUTS[layout:]:
                for statement in statements:
                    connection.execute(statement)
            if layout == 0:
                connection.execute("INSERT INTO setting VALUES ('dictionary', ?)", (dictionary_name(),))
            connection.execute(f"PRAGMA user_version = {NEWEST}")
            connection.execute("COMMIT")
        except BaseException:
            with suppress(sqlite3.Error):
                connection.execute("ROLLBACK")
            connection.close()
            raise


def _is_readable(connection: sqlite3.Connection) -> bool:
    """Whether bodies were compressed with the dictionary at hand: with another they would read as something else."""
    row = connection.execute("SELECT value FROM setting WHERE name = 'dictionary'").fetchone()
    return bool(row == (dictionary_name(),))


def _begin_reading(connection: sqlite3.Connection) -> None:
    """Take the snapshot now, not at whatever is read first."""
    if not connection.in_transaction:
        connection.execute("BEGIN")
    connection.execute("SELECT 1 FROM sqlite_master LIMIT 1").fetchone()  # of the page that every snapshot reads anyhow


def _patiently(act: Callable[[], object], patience_s: float = PATIENCE_S) -> None:
    """Try until another writer has finished. SQLite's own waiting naps up to 100 ms; a reader's audit row cannot."""
    nap, deadline = _SHORTEST_NAP_S, time.monotonic() + patience_s
    while True:
        try:
            act()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                raise
            if time.monotonic() >= deadline:
                raise Busy(TOO_LONG) from error
        time.sleep(nap)
        nap = min(nap * 2, _LONGEST_NAP_S)
