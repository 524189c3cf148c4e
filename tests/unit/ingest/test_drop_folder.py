"""A drop folder: which files are whole, where they go, and what a fault leaves."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from concord.base import FixedClock, Unavailable
from concord.ingest import DropFolder, LoadReport, Reject, parse_feed

CLOCK = FixedClock(datetime(2026, 11, 22, 3, 12, tzinfo=UTC))
FEED = "organisation: ZZL\nkind: table\nmapping: m.yaml\n"


def report(*rejects: Reject) -> LoadReport:
    return LoadReport(
        files=1, read=3, stored=3 - len(rejects), updated=0, unchanged=0, waiting=0, deleted=0, rejected=len(rejects),
        rejects=rejects, by_type={}, held={}, unresolved=(), findings={}, passed_over={},
    )  # fmt: skip


class Folder:
    """A drop folder over a clock that is moved by hand."""

    def __init__(self, path: Path, text: str = "") -> None:
        self.now_s = 0.0
        self.taken: list[str] = []
        self.becomes: LoadReport | Exception = report()
        self.path = path / "council"
        feed = parse_feed(FEED + text, filename="council.yaml", folder=path)
        self.folder = DropFolder(feed, self._take, CLOCK, still_s=10, elapsed=lambda: self.now_s)
        self.folder.prepare()

    def _take(self, path: Path) -> LoadReport:
        if isinstance(self.becomes, Exception):
            raise self.becomes
        self.taken.append(path.name)
        return self.becomes

    def run(self, after_s: float = 0) -> list[str]:
        """The names of what was taken in."""
        self.now_s += after_s
        self.taken = []
        self.folder.run_once()
        return self.taken

    def lies(self) -> list[str]:
        """All files, by their paths below the folder."""
        return sorted(path.relative_to(self.path).as_posix() for path in self.path.rglob("*") if path.is_file())


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def test_a_file_is_taken_once_it_has_stopped_growing(folder: Folder) -> None:
    file = folder.path / "people.csv"
    file.write_text("a", encoding="utf-8")
    assert folder.run() == []
    assert folder.run(9) == []
    file.write_text("ab", encoding="utf-8")
    assert folder.run(5) == [], "it grew"
    assert folder.run(9) == []
    assert folder.run(1) == ["people.csv"]
    assert folder.lies() == [
        "done/20261122T031200Z-people.csv",
        "done/20261122T031200Z-people.csv.report.json",
    ]
    assert json.loads((folder.path / folder.lies()[1]).read_text(encoding="utf-8"))["stored"] == 3


def test_where_a_marker_says_so_nothing_else_does(tmp_path: Path) -> None:
    folder = Folder(tmp_path, "ready: marker\n")
    (folder.path / "people.csv").write_text("a", encoding="utf-8")
    assert folder.run(1000) == []
    (folder.path / "people.csv.ok").touch()
    assert folder.run() == ["people.csv"]
    assert [name for name in folder.lies() if name.endswith(".ok")] == []


@pytest.mark.parametrize(
    "name", [".people.csv", "people.csv.part", "people.csv.filepart", "people.tmp", "people.csv.OK"]
)
def test_what_is_not_a_file_to_take(folder: Folder, name: str) -> None:
    (folder.path / name).write_text("a", encoding="utf-8")
    folder.run()
    assert folder.run(20) == []


def test_files_are_taken_in_order_of_name(folder: Folder) -> None:
    for name in ("b.csv", "a.csv", "c.csv"):
        (folder.path / name).write_text("a", encoding="utf-8")
    folder.run()
    assert folder.run(20) == ["a.csv", "b.csv", "c.csv"]


ROW = Reject(file="/in/people.csv", entry=3, position="line 3, born", reason="No date.")
WHOLE = Reject(file="/in/people.csv", entry=None, position="file", reason="The file is empty.")


@pytest.mark.parametrize(
    ("on_reject", "becomes", "where"),
    [
        ("accept-and-hold", report(ROW), "done"),
        ("accept-and-hold", report(WHOLE), "failed"),
        ("refuse", report(ROW), "failed"),
        ("refuse", report(), "done"),
    ],
)
def test_where_it_goes(tmp_path: Path, on_reject: str, becomes: LoadReport, where: str) -> None:
    folder = Folder(tmp_path, f"on_reject: {on_reject}\n")
    folder.becomes = becomes
    (folder.path / "people.csv").write_text("a", encoding="utf-8")
    folder.run()
    folder.run(20)
    file, told = folder.lies()
    assert (file, told) == (f"{where}/20261122T031200Z-people.csv", f"{file}.report.json")
    rejects = json.loads((folder.path / told).read_text(encoding="utf-8"))["rejects"]
    assert {reject["file"] for reject in rejects} <= {"people.csv"}


def test_a_fault_leaves_the_file_where_it_is(folder: Folder) -> None:
    (folder.path / "people.csv").write_text("a", encoding="utf-8")
    folder.run()
    folder.becomes = Unavailable("The disk is full.")
    with pytest.raises(Unavailable):
        folder.run(20)
    assert folder.lies() == ["people.csv"]
    folder.becomes = report()
    assert folder.run() == ["people.csv"]


def test_a_file_that_concord_stumbles_over_does_not_block_those_after_it(folder: Folder) -> None:
    (folder.path / "a.csv").write_text("a", encoding="utf-8")
    folder.run()
    folder.becomes = KeyError("Holroyd")
    folder.run(20)
    file, told = folder.lies()
    assert file == "failed/20261122T031200Z-a.csv"
    assert "a fault of Concord's" in (folder.path / told).read_text(encoding="utf-8")
    assert "Holroyd" not in (folder.path / told).read_text(encoding="utf-8")


def test_the_same_name_at_the_same_second_replaces_nothing(folder: Folder) -> None:
    for text in ("a", "b"):
        (folder.path / "people.csv").write_text(text, encoding="utf-8")
        folder.run()
        folder.run(20)
    texts = [(folder.path / name).read_text(encoding="utf-8") for name in folder.lies() if name.endswith(".csv")]
    assert sorted(texts) == ["a", "b"]
