"""A copy of the whole database: equal, or refused."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.app import App
from concord.base import Conflict, Incorrect, Unavailable
from concord.store import backups, open_store
from concord.store.contents import Contents, Tally, contents, tables
from tests.conftest import new_database
from tests.small_system import HOSPITAL, PRACTICE, attendance, condition, patient, send, small_system, statuses


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as app:
        send(app, PRACTICE, patient("p1"), *(condition(f"c{n}", "p1") for n in range(600)))
        send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        send(app, HOSPITAL, attendance("e1", "h1", status="finished"))
        yield app


@pytest.fixture
def copy(app: App, tmp_path: Path) -> Path:
    app.back_up(tmp_path / "copy")
    return tmp_path / "copy"


@pytest.fixture
def empty(engine: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path | str]:
    """Another database, of the other engine than the one that was backed up."""
    with new_database(
        "sqlite" if engine == "postgresql" else "postgresql", request, _folder(tmp_path / "other")
    ) as where:
        yield where


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def restored(copy: Path, into: Path | str) -> Contents:
    store = open_store(into)
    try:
        with store.writing() as writing:
            return backups.read_backup(writing, copy, backups.read_manifest(copy))
    finally:
        store.close()


def held(database: Path | str) -> Contents:
    store = open_store(database)
    with store.reading() as reading:
        found = contents(reading)
    store.close()
    return found


def test_what_is_restored_is_what_was_held_whichever_engine_held_it(
    app: App, copy: Path, empty: Path | str, tmp_path: Path
) -> None:
    done = restored(copy, tmp_path / "restored.db")
    assert restored(copy, empty) == done
    assert held(empty) == done
    assert done.tables["item"].rows == 603
    assert done.tables["item_version"].rows == 1
    with app.store.reading() as reading:
        assert done == contents(reading)
    assert held(tmp_path / "restored.db") == done


def test_what_was_restored_goes_on_where_it_stopped(copy: Path, empty: Path | str) -> None:
    restored(copy, empty)
    with small_system(empty) as again:
        assert statuses(send(again, PRACTICE, patient("p2", number=None), condition("n1", "p2"))) == ["stored"] * 2
        found = again.verify(whole=True)
        assert (list(found.wrong), found.looked_at and found.looked_at.items) == ([], 605)


def test_the_fingerprint_tells_one_changed_byte_and_not_the_order() -> None:
    def told(*rows: tuple[object, ...]) -> str:
        tally = Tally()
        tally.pack(rows)
        return tally.held().fingerprint

    assert told((1, "a"), (2, b"b")) == told((2, b"b"), (1, "a"))
    assert told((1, "a"), (2, b"b")) != told((1, "a"), (2, b"c"))
    assert told((1, "a"), (1, "a")) != told((1, "a"))
    assert told((1, "ab")) != told((1, "a", "b"))


def test_every_table_is_copied(copy: Path) -> None:
    assert {file.name for file in copy.glob("*.zst")} == {f"{table.name}.rows.zst" for table in tables()}


def test_a_database_that_holds_something_is_left_as_it_is(app: App, copy: Path) -> None:
    with app.store.reading() as reading:
        before = contents(reading)
    with pytest.raises(Conflict, match="not empty"), app.store.writing() as writing:
        backups.read_backup(writing, copy, backups.read_manifest(copy))
    with app.store.reading() as reading:
        assert contents(reading) == before


@pytest.mark.parametrize("damage", ["cut", "gone", "other rows", "flipped"])
def test_a_damaged_backup_is_told_and_nothing_is_kept(copy: Path, tmp_path: Path, damage: str) -> None:
    file = copy / "item.rows.zst"
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-100])
    elif damage == "gone":
        file.unlink()
    elif damage == "other rows":
        file.write_bytes((copy / "waiting.rows.zst").read_bytes())
    else:
        whole = bytearray(file.read_bytes())
        whole[len(whole) // 2] ^= 1
        file.write_bytes(whole)
    with pytest.raises(Unavailable, match=r"The backup is damaged: .*item"):
        restored(copy, tmp_path / "restored.db")
    assert held(tmp_path / "restored.db").tables["source_patient"].rows == 0


def test_a_manifest_that_tells_another_content_is_not_believed(copy: Path, tmp_path: Path) -> None:
    path = copy / backups.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | {"content": "0" * 64}), "utf-8")
    with pytest.raises(Unavailable, match="damaged"):
        restored(copy, tmp_path / "restored.db")


@pytest.mark.parametrize("text", [None, "{", '{"form": 1}'])
def test_where_no_manifest_stands_there_is_no_backup(copy: Path, text: str | None) -> None:
    path = copy / backups.MANIFEST
    if text is None:
        path.unlink()
    else:
        path.write_text(text, "utf-8")
    with pytest.raises(Incorrect, match="manifest"):
        backups.read_manifest(copy)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"layout": 99}, "later version of Concord"),
        ({"form": 2}, "later version of Concord"),
        ({"layout": 1}, "then open the folder with this one"),
        ({"dictionary": "other"}, "then open the folder with this one"),
    ],
)
def test_a_backup_of_another_layout_says_which_version_restores_it(
    copy: Path, change: dict[str, object], said: str
) -> None:
    path = copy / backups.MANIFEST
    path.write_text(json.dumps(json.loads(path.read_text("utf-8")) | change), "utf-8")
    with pytest.raises(Incorrect, match=f"the version that took it.*{said}|{said}.*the version that took it"):
        backups.read_manifest(copy)


def test_what_lies_on_disk_is_told_by_table_whole(app: App) -> None:
    """Not by partition; `size` is asked of the whole database."""
    sizes = app.store.sizes()
    assert {"item", "locator", "audit"} <= sizes.keys()
    assert not {name for name in sizes if name.startswith("item_") and name[5:].isdigit()}
    with app.store.reading() as reading:
        ((held,),) = reading.rows("SELECT sum(length(body)) FROM item")
    assert sizes["item"] > held
