"""PostgreSQL: many processes and machines on one database; readers at their own snapshots, writers in turn.

A reader's snapshot is REPEATABLE READ, READ ONLY. A writer holds an advisory lock from its first statement to its
commit, so that what it read before it wrote stays true, and rows become visible in the order in which they were made.
Commits wait for the disk (`synchronous_commit = on`): what is acknowledged survives a power cut.
"""

import re
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import lru_cache
from itertools import count
from typing import Any

import psycopg
from psycopg import Connection, RawCursor, errors
from psycopg.pq import TransactionStatus
from psycopg.types.numeric import Int8BinaryDumper, Int8Dumper

from concord.base import STOP, Abandoned, Busy, ConcordError, Incorrect, Stop, Unavailable
from concord.store.body import dictionary_name
from concord.store.face import TOO_LONG, Reading, Row, Words, Writing
from concord.store.layouts import LAYOUTS, NEWEST
from concord.store.postgresql_ddl import translated

PATIENCE_S = 30.0
MOST_CONNECTIONS = 24  # of one process: more threads than that wait for one another
_TURN = 0x436F6E63  # of writers, among the advisory locks of the database
_SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SELECT 1"  # the snapshot is taken by the SELECT
_APPENDING = "BEGIN ISOLATION LEVEL READ COMMITTED"
_COPIED_FROM = 8  # rows, from which on COPY is the faster
_FETCHED = 2000  # rows of a stream at a time
# Plans as SQLite makes them, for which the statements are written: few rows, found by their keys, one table after the
# other. PostgreSQL's own choice errs, since it charges a look-up by `home` for all eight partitions, of which it skips
# seven: it reads every source patient through for each person on a list, in place of three. And it plans anew for each
# value what it has prepared, which over so many partitions takes longer than the work; so do workers for a few rows.
_PLANS = (
    "-c random_page_cost=1.1 -c enable_hashjoin=off -c enable_mergejoin=off -c plan_cache_mode=force_generic_plan "
    "-c max_parallel_workers_per_gather=0 -c jit=off"
)
_SETTINGS = f"-c synchronous_commit=on -c client_encoding=UTF8 {_PLANS}"

_QUOTED_OR_MARK = re.compile(r"'(?:[^']|'')*'|\?")
_JOINED_IN_ORDER = re.compile(r"\bCROSS JOIN (\w+(?: \w+)?) ON\b")
_INSERTED = re.compile(r"INSERT INTO (\w+)(?: \(([\w, ]+)\))? VALUES \([?, ]+\)( ON CONFLICT DO NOTHING)?")


@lru_cache(4096)
def _spelt(sql: str) -> str:
    """The SQL of the house as PostgreSQL spells it: `$1` for `?`; in which order to join it knows by itself."""
    numbers = count(1)
    marked = _QUOTED_OR_MARK.sub(lambda found: f"${next(numbers)}" if found[0] == "?" else found[0], sql)
    return _JOINED_IN_ORDER.sub(r"JOIN \1 ON", marked)


class PostgresqlReading(Reading):
    def __init__(self, connection: Connection[Row], words: Words, stop: Stop | None = None) -> None:
        self._connection = connection
        self._stop = stop
        self._cursor = RawCursor[Row](connection)
        self._cursor.format = psycopg.pq.Format.BINARY
        self._streams = 0
        self._ended = False
        self.words = words

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]:
        self._check()
        return self._cursor.execute(_spelt(sql).encode(), parameters).fetchall()

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        self._check()
        return self._cursor.execute(_spelt(sql).encode(), parameters).fetchone()

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Few rows are fetched at once, by a statement that is prepared; a cursor's is planned anew each time."""
        few = self.rows(f"SELECT * FROM ({sql}) AS streamed LIMIT {_FETCHED + 1}", parameters)
        if len(few) <= _FETCHED:
            return self._while_open(few)
        self._streams += 1
        name = f"stream_{self._streams}"
        self._cursor.execute(f"DECLARE {name} NO SCROLL CURSOR FOR {_spelt(sql)}".encode(), parameters)
        return self._fetched(name)

    def end(self) -> None:
        """Of the connection, which others use next, nothing more is read here."""
        self._ended = True

    def _check(self) -> None:
        """Cancelling ends the statement under way and not the next, which must not begin."""
        if self._stop is not None:
            self._stop.check()

    def _fetched(self, name: str) -> Iterator[Row]:
        full = True
        while full:
            self._refuse_when_ended()
            rows = self.rows(f"FETCH {_FETCHED} FROM {name}")
            yield from rows
            full = len(rows) == _FETCHED

    def _while_open(self, rows: list[Row]) -> Iterator[Row]:
        self._refuse_when_ended()
        yield from rows

    def _refuse_when_ended(self) -> None:
        if self._ended:
            raise RuntimeError("The snapshot that this was read in has ended.")


class PostgresqlWriting(PostgresqlReading, Writing):
    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        return self._cursor.execute(_spelt(sql).encode(), parameters).rowcount

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        inserted = _INSERTED.fullmatch(sql) if len(rows) >= _COPIED_FROM else None
        if inserted is None:
            if rows:
                self._cursor.executemany(_spelt(sql).encode(), rows)
            return
        table, columns, once = inserted.groups()
        named = f" ({columns})" if columns else ""
        if once is None:
            self._copy(table + named, rows)
            return
        self.run(f"CREATE TEMPORARY TABLE IF NOT EXISTS coming_{table} (LIKE {table}) ON COMMIT DELETE ROWS")
        self._copy(f"coming_{table}{named}", rows)
        self.run(f"INSERT INTO {table}{named} SELECT {columns or '*'} FROM coming_{table} ON CONFLICT DO NOTHING")
        self.run(f"TRUNCATE coming_{table}")

    def number_on(self, table: str, column: str) -> None:
        highest = f"(SELECT max({column}) FROM {table})"
        self.rows(f"SELECT setval(pg_get_serial_sequence('{table}', '{column}'), {highest})")

    def _copy(self, into: str, rows: Sequence[Sequence[Any]]) -> None:
        with self._cursor.copy(f"COPY {into} FROM STDIN".encode()) as copy:
            for row in rows:
                copy.write_row(row)


class PostgresqlStore:
    """The record's database on a PostgreSQL server. Safe to use from several threads.

    `url`: a connection string as libpq takes it. What it leaves out (a password, say) libpq finds in its own places.
    Connections are lent out and come back; one that the server has closed meanwhile is made anew.
    """

    waits = True

    def __init__(self, url: str) -> None:
        self._url = url
        self._local = threading.local()
        self._turn = threading.Lock()
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._words = Words()
        self._idle: list[Connection[Row]] = []
        self._closed = False
        self._migrate()

    @contextmanager
    def reading(self) -> Iterator[PostgresqlReading]:
        """A snapshot; inside one already open on this thread, that same snapshot. Raises Busy, Unavailable."""
        current: PostgresqlReading | None = getattr(self._local, "reading", None)
        if current is not None:
            yield current
            return
        stop = STOP.get()
        with self._lent(_SNAPSHOT) as connection, stop.telling(connection.cancel) if stop else nullcontext():
            reading = self._local.reading = PostgresqlReading(connection, self._words, stop)
            try:
                yield reading
            finally:
                self._local.reading = None
                reading.end()

    @contextmanager
    def writing(self) -> Iterator[PostgresqlWriting]:
        """A transaction of which there is one at a time, whichever process writes: see the face."""
        if not self._turn.acquire(timeout=PATIENCE_S):
            raise Busy(TOO_LONG)
        try:
            with self._transaction(f"{_APPENDING}; {_take_turn()}") as writing:
                yield writing
        finally:
            self._turn.release()

    @contextmanager
    def appending(self, *, at_once: bool = False) -> Iterator[PostgresqlWriting]:  # noqa: ARG002 - there is no turn
        """A transaction that takes no turn: see the face."""
        with self._transaction(_APPENDING) as writing:
            yield writing

    def keep_reserve(self) -> None:
        """The disk is the server's, and whoever runs it looks after it."""

    def alarm(self) -> str | None:
        return None

    def checkpoint(self) -> None:
        """Let the planner see the tables as they are."""
        with self._transaction(_APPENDING) as writing:
            writing.run("ANALYZE")

    def size(self) -> int:
        """Bytes of the database on the server's disk."""
        with self.reading() as reading:
            ((size,),) = reading.rows("SELECT pg_database_size(current_database())")
        return int(size)

    def sizes(self) -> dict[str, int]:
        """Bytes on disk by table, all its partitions, indexes and what lies beside them included."""
        with self.reading() as reading:
            return {
                name: int(size)
                for name, size in reading.rows(
                    "SELECT CAST(coalesce(whole.relname, part.relname) AS TEXT), "
                    "sum(pg_total_relation_size(part.oid)) FROM pg_class part "
                    "LEFT JOIN pg_inherits i ON i.inhrelid = part.oid "
                    "LEFT JOIN pg_class whole ON whole.oid = i.inhparent "
                    "WHERE part.relkind = 'r' AND part.relnamespace = CAST(current_schema() AS regnamespace) "
                    "GROUP BY 1 ORDER BY 1"
                )
            }

    def damage(self) -> list[str]:
        """Nothing: the server looks after its files itself (data checksums, amcheck)."""
        return []

    def close(self) -> None:
        self._closed = True
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[PostgresqlWriting]:
        with self._lent(begin) as connection:
            writing = PostgresqlWriting(connection, self._words.copy())
            try:
                yield writing
            finally:
                writing.end()
            if connection.execute("COMMIT").statusmessage != "COMMIT":
                raise Unavailable("A statement failed and nothing was written. Try again.")
            self._words.learn(writing.words)

    @contextmanager
    def _lent(self, begin: str) -> Iterator[Connection[Row]]:
        """A connection in the transaction that `begin` opens. Whatever is not committed is undone."""
        if not self._places.acquire(timeout=PATIENCE_S):
            raise Busy(TOO_LONG)
        connection: Connection[Row] | None = None
        try:
            connection = self._begun(begin)
            yield connection
        except psycopg.Error as error:
            told = _told(error)
            if told is None:
                raise
            raise told from error
        finally:
            if connection is not None:
                self._back(connection)
            self._places.release()

    def _begun(self, begin: str) -> Connection[Row]:
        while self._idle:
            connection = self._idle.pop()
            try:
                connection.execute(begin.encode())
                return connection
            except psycopg.OperationalError:
                if not connection.broken:
                    self._back(connection)
                    raise
                connection.close()  # the server went away meanwhile, and with it all that waited here
        connection = self._connect()
        connection.execute(begin.encode())
        return connection

    def _back(self, connection: Connection[Row]) -> None:
        """Ready for whoever comes next, unless it broke."""
        try:
            if connection.info.transaction_status is not TransactionStatus.IDLE:
                connection.execute("ROLLBACK")
        except psycopg.Error:
            connection.close()
        if not connection.closed and not self._closed:
            self._idle.append(connection)
        else:
            connection.close()

    def _connect(self) -> Connection[Row]:
        connection = Connection[Row].connect(
            self._url, autocommit=True, prepare_threshold=2, options=_SETTINGS, application_name="concord",
            connect_timeout=5,
        )  # fmt: skip
        # Each number as 64 bits, so that a statement is prepared once and not for each width of its parameters.
        connection.adapters.register_dumper(int, Int8Dumper)
        connection.adapters.register_dumper(int, Int8BinaryDumper)
        connection.prepared_max = 400
        return connection

    def _migrate(self) -> None:
        with self.reading() as reading:
            if _layout(reading) == NEWEST:
                return
        with self.writing() as writing:
            citus = writing.row("SELECT 1 FROM pg_extension WHERE extname = 'citus'") is not None
            for statements in LAYOUTS[_layout(writing) :]:
                for statement in statements:
                    for each in translated(statement, citus=citus):
                        writing.run(each)
            for name, value in (("dictionary", dictionary_name()), ("layout", str(NEWEST))):
                writing.run(
                    "INSERT INTO setting VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                    (name, value),
                )


def _layout(reading: Reading) -> int:
    """The layout that the database has; 0 when it is new. Raises Incorrect for one that cannot be read."""
    if reading.row("SELECT to_regclass('setting') IS NOT NULL") != (True,):
        return 0
    settings: dict[str, str] = dict(
        reading.rows("SELECT name, value FROM setting WHERE name IN ('layout', 'dictionary')")
    )
    layout = int(settings["layout"])
    if layout > NEWEST or settings["dictionary"] != dictionary_name():
        raise Incorrect(
            f"The database has a later layout ({layout}) or other compressed bodies than this version of Concord "
            f"reads (up to layout {NEWEST}). Use the version that wrote it."
        )
    return layout


def _take_turn() -> str:
    return f"SET LOCAL lock_timeout = {round(PATIENCE_S * 1000)}; SELECT pg_advisory_xact_lock({_TURN})"


def _told(error: psycopg.Error) -> ConcordError | None:
    """The error as the house knows it; None for one that only a mistake of ours can cause."""
    if isinstance(error, errors.QueryCanceled):
        return Abandoned("Nobody waits for this answer any more, so it was left unfinished.")
    if isinstance(error, errors.LockNotAvailable | errors.DeadlockDetected | errors.SerializationFailure):
        return Busy(TOO_LONG)
    why = (error.diag.message_primary or type(error).__name__).rstrip(".")
    if isinstance(error, errors.DiskFull | errors.ReadOnlySqlTransaction):
        return Unavailable(f"The database could not be written: {why}. Free space on its disk, or make it writable.")
    if isinstance(error, psycopg.OperationalError | errors.InsufficientPrivilege):
        return Unavailable(f"The database does not answer as it should: {why}. See that it runs, then try again.")
    return None
