"""Walking, decompressing, reading ahead."""

import bz2
import gzip
import os
import threading
import time
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import pytest
import zstandard

from concord.base import Incorrect
from concord.ingest import files
from concord.ingest.files import opened, walk
from tests.unit.ingest.fake_records import FakeRecords, loaded

TEXT = b"".join(b"line %d of a file that compresses\n" % number for number in range(50_000))
PACKED: dict[str, Callable[[bytes], bytes]] = {
    "plain": bytes,
    "gz": gzip.compress,
    "bz2": bz2.compress,
    "zst": zstandard.ZstdCompressor(write_checksum=True).compress,
}


def contents(*paths: Path) -> list[tuple[str, bytes]]:
    found = []
    for path, stream in opened(walk(paths)):
        stream.head(1)
        found.append((path.name, stream.rest()))
    return found


def test_folders_in_order_of_name(tmp_path: Path) -> None:
    for name in ("b", "a/z", "a/y", "c", ".hidden", "10", "9"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(name.encode())
    assert [str(path.relative_to(tmp_path)) for path in walk([tmp_path])] == ["10", "9", "a/y", "a/z", "b", "c"]
    assert [path.name for path in walk([tmp_path / "c", tmp_path / "a", tmp_path / ".hidden"])] == [
        "c",
        "y",
        "z",
        ".hidden",
    ]


def test_what_is_no_file_is_named_and_never_waited_for(tmp_path: Path) -> None:
    """A pipe in a folder would be waited for; a link may lead nowhere."""
    os.mkfifo(tmp_path / "1")
    (tmp_path / "2").symlink_to("nowhere")
    (tmp_path / "3").write_bytes(b'{"resourceType": "Patient", "id": "a"}')
    records = FakeRecords()
    report = loaded(records, tmp_path)
    assert [(Path(one.file).name, one.entry, one.position) for one in report.rejects] == [
        ("1", None, "file"),
        ("2", None, "file"),
    ]
    assert (report.read, report.stored) == (3, 1)
    assert [kept.original for kept in records.kept] == [b"", b""]


def test_a_folder_that_cannot_be_listed_is_wrong_usage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(self: Path) -> Iterator[Path]:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "iterdir", denied)
    with pytest.raises(Incorrect, match=f"{tmp_path} cannot be read: Permission denied"):
        list(walk([tmp_path]))


def test_what_does_not_exist_is_wrong_usage(tmp_path: Path) -> None:
    with pytest.raises(Incorrect, match="no file and no folder"):
        list(walk([tmp_path / "nowhere"]))


@pytest.mark.parametrize("packing", PACKED)
def test_decompressed_as_the_first_bytes_say(tmp_path: Path, packing: str) -> None:
    (tmp_path / "data").write_bytes(PACKED[packing](TEXT))
    assert contents(tmp_path) == [("data", TEXT)]


@pytest.mark.parametrize("packing", ["gz", "bz2", "zst"])
def test_several_members_one_after_the_other(tmp_path: Path, packing: str) -> None:
    pack = PACKED[packing]
    (tmp_path / "data").write_bytes(pack(TEXT) + pack(b"") + pack(b"the end"))
    assert contents(tmp_path) == [("data", TEXT + b"the end")]


@pytest.mark.parametrize("packing", ["gz", "bz2", "zst"])
@pytest.mark.parametrize("spoil", ["cut", "flipped"])
def test_a_damaged_file_says_so_and_the_next_is_read(tmp_path: Path, packing: str, spoil: str) -> None:
    packed = bytearray(PACKED[packing](TEXT))
    middle = len(packed) // 2
    if spoil == "cut":
        del packed[middle:]
    else:
        packed[middle : middle + 8] = bytes(byte ^ 0xFF for byte in packed[middle : middle + 8])
    (tmp_path / "1").write_bytes(packed)
    (tmp_path / "2").write_bytes(b"whole")
    streams = opened(walk([tmp_path]))
    _, stream = next(streams)
    with pytest.raises(Incorrect, match="cut short or damaged"):
        stream.rest()
    _, stream = next(streams)
    assert stream.rest() == b"whole"


def test_what_a_reader_leaves_unread_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "1").write_bytes(TEXT * 20)
    (tmp_path / "2").write_bytes(b"second")
    found = [(path.name, stream.head(6)) for path, stream in opened(walk([tmp_path]))]
    assert found == [("1", b"line 0"), ("2", b"second")]


def test_reads_ahead_but_no_further_than_its_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[int] = []

    def blocks(path: Path) -> Iterator[bytes]:
        for number in range(1000):
            handed.append(number)
            yield b"x"

    monkeypatch.setattr(files, "_blocks", blocks)
    (tmp_path / "1").write_bytes(b"")
    streams = opened(walk([tmp_path]))
    _, stream = next(streams)
    stream.head(1)
    before = -1
    while len(handed) != before:
        before = len(handed)
        time.sleep(0.05)
    assert files._BLOCKS_AHEAD <= before <= files._BLOCKS_AHEAD + 10
    assert isinstance(streams, Generator)
    streams.close()
    deadline = time.monotonic() + 5
    while any(thread.name == "ingest reading ahead" for thread in threading.enumerate()):
        assert time.monotonic() < deadline, "the reading thread goes on after its reader has gone"
        time.sleep(0.02)


def test_a_mistake_while_reading_is_raised_where_the_file_is_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def blocks(path: Path) -> Iterator[bytes]:
        yield b"first"
        raise RuntimeError("a mistake of ours")

    monkeypatch.setattr(files, "_blocks", blocks)
    (tmp_path / "1").write_bytes(b"")
    _, stream = next(iter(opened(walk([tmp_path]))))
    with pytest.raises(RuntimeError, match="a mistake of ours"):
        stream.rest()
