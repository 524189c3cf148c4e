"""The database file: snapshots that stand still, transactions that are whole, errors that say what to do."""

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.base import Busy, Incorrect, Unavailable
from concord.store import Reading, SqliteStore, sqlite
from concord.store.layouts import NEWEST

COUNT = "SELECT count(*) FROM setting WHERE name LIKE 'n%'"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteStore]:
    store = SqliteStore(tmp_path / "concord.db")
    yield store
    store.close()


def put(store: SqliteStore, name: str) -> None:
    with store.writing() as writing:
        writing.run("INSERT INTO setting VALUES (?, 'x')", (name,))


def count(reading: Reading) -> int:
    row = reading.row(COUNT)
    assert row is not None
    return int(row[0])


def test_a_snapshot_stands_from_its_beginning_also_where_nothing_was_read_yet(store: SqliteStore) -> None:
    with store.reading() as reading:
        put(store, "n1")
        assert count(reading) == 0
        with store.reading() as inner:
            assert inner is reading
    with store.reading() as reading:
        assert count(reading) == 1


def test_a_query_left_half_read_holds_no_old_snapshot(store: SqliteStore) -> None:
    for number in range(5):
        put(store, f"n{number}")
    with store.reading() as reading:
        half_read = reading.stream("SELECT name FROM setting")
        next(half_read)
    put(store, "n5")
    with store.reading() as reading:
        assert count(reading) == 6
    with pytest.raises(sqlite3.ProgrammingError):
        next(half_read)


def test_what_raises_leaves_nothing_behind_and_the_next_writer_goes_on(store: SqliteStore) -> None:
    def fail(error: type[BaseException]) -> None:
        with store.writing() as writing:
            writing.run("INSERT INTO setting VALUES ('n1', 'x')")
            raise error

    for error in (ValueError, KeyboardInterrupt, sqlite3.IntegrityError):
        with pytest.raises(error):
            fail(error)
    put(store, "n1")
    with store.reading() as reading:
        assert count(reading) == 1


def test_a_word_of_a_transaction_that_failed_is_nobodys(store: SqliteStore) -> None:
    given: list[int] = []

    def fail() -> None:
        with store.writing() as writing:
            given.append(writing.word("ZZA"))
            with store.reading() as reading:
                assert reading.words.number(reading, "ZZA") is None
            raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        fail()
    (number,) = given
    with store.writing() as writing:
        assert writing.word("ZZP01") == number
        assert writing.words.number(writing, "ZZA") is None
    with store.reading() as reading:
        assert (reading.words.number(reading, "ZZA"), reading.words.text(reading, number)) == (None, "ZZP01")


def test_a_full_disk_is_told_and_undone(store: SqliteStore) -> None:
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages}")
    rows = [(f"n{number}", "x" * 1000) for number in range(1000)]
    with pytest.raises(Unavailable, match="Free space"), store.writing() as writing:
        writing.run_many("INSERT INTO setting VALUES (?, ?)", rows)
    store._writer.execute("PRAGMA max_page_count = 100000")
    put(store, "n1")
    with store.reading() as reading:
        assert count(reading) == 1


def test_another_process_waits_its_turn(store: SqliteStore, monkeypatch: pytest.MonkeyPatch) -> None:
    other = sqlite3.connect(store.path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.1, other.execute, ("COMMIT",))
    release.start()
    put(store, "n1")
    release.join()
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(sqlite, "PATIENCE_S", 0.05)
    with pytest.raises(Busy):
        put(store, "n2")
    other.close()
    put(store, "n3")


def test_a_thread_that_waits_for_itself_is_told_and_not_hung(
    store: SqliteStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite, "PATIENCE_S", 0.05)
    with store.writing(), pytest.raises(Busy):
        put(store, "n1")


def test_threads_come_and_go_and_connections_stay_few(store: SqliteStore) -> None:
    def read_and_write(number: int) -> None:
        with store.reading() as reading:
            reading.row("SELECT 1")
        put(store, f"n{number}")

    for number in range(20):
        thread = threading.Thread(target=read_and_write, args=(number,))
        thread.start()
        thread.join()
    assert len(store._opened) == 2
    with store.reading() as reading:
        assert count(reading) == 20


def test_of_many_at_once_one_keeps_many_pages_and_whoever_comes_alone_is_given_it(store: SqliteStore) -> None:
    def pages(reading: Reading) -> int:
        ((kept,),) = reading.rows("PRAGMA cache_size")
        return -int(kept)

    together = threading.Barrier(5)
    kept: list[int] = []

    def read() -> None:
        with store.reading() as reading:
            together.wait(60)
            kept.append(pages(reading))

    threads = [threading.Thread(target=read) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(kept) == [8_192] * 4 + [49_152]
    for _ in range(5):
        with store.reading() as reading:
            assert pages(reading) == 49_152


def test_readers_at_once_each_have_their_own_snapshot(store: SqliteStore) -> None:
    seen: list[tuple[int, int]] = []
    begun, go_on = threading.Barrier(5), threading.Event()

    def read() -> None:
        with store.reading() as reading:
            before = count(reading)
            begun.wait()
            go_on.wait()
            seen.append((before, count(reading)))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    begun.wait()
    put(store, "n1")
    go_on.set()
    for thread in threads:
        thread.join()
    assert seen == [(0, 0)] * 4


def test_a_file_of_another_layout_or_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "concord.db"
    SqliteStore(path).close()
    for change in ("PRAGMA user_version = 99", "UPDATE setting SET value = 'another' WHERE name = 'dictionary'"):
        other = sqlite3.connect(path)
        other.execute(change)
        other.commit()
        with pytest.raises(Incorrect, match="version that wrote it"):
            SqliteStore(path)
        other.execute(f"PRAGMA user_version = {NEWEST}")
        other.close()
    (tmp_path / "odd.db").write_bytes(b"this is no database, whatever its name may say" * 100)
    with pytest.raises(Unavailable, match="could not be opened"):
        SqliteStore(tmp_path / "odd.db")


def test_what_is_acknowledged_survives_the_end_of_its_process(tmp_path: Path) -> None:
    path = tmp_path / "concord.db"
    program = (
        "import os, sys; from pathlib import Path; from concord.store import SqliteStore\n"
        "store = SqliteStore(Path(sys.argv[1]))\n"
        "with store.writing() as writing: writing.run(\"INSERT INTO setting VALUES ('n1', 'x')\")\n"
        "with store.writing() as writing:\n"
        "    writing.run(\"INSERT INTO setting VALUES ('n2', 'x')\")\n"
        "    os._exit(9)\n"
    )
    assert subprocess.run([sys.executable, "-c", program, str(path)], check=False).returncode == 9
    store = SqliteStore(path)
    with store.reading() as reading:
        assert reading.rows("SELECT name FROM setting WHERE name LIKE 'n%'") == [("n1",)]
    store.close()
