"""On a full disk what must be written to read is written from a reserve, and nothing else; it goes on by itself."""

import logging
from pathlib import Path

import pytest

from concord.base import Unavailable
from concord.store import reserve as reserves
from concord.store.reserve import MEGABYTE, Reserve


class Disk:
    """A disk of 10 MB, of which others hold so much."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.others = 0
        self._path = path
        monkeypatch.setattr(Reserve, "_free", lambda _: self.free())
        monkeypatch.setattr(reserves, "_LOOKED_EVERY_S", 0.0)

    def free(self) -> int:
        return 10 * MEGABYTE - self.others - (self._path.stat().st_size if self._path.exists() else 0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "concord.db-reserve"


@pytest.fixture
def disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    return Disk(path, monkeypatch)


@pytest.fixture
def reserve(disk: Disk, path: Path) -> Reserve:
    made = Reserve(path, size=4 * MEGABYTE, low=MEGABYTE)
    made.make()
    return made


def test_it_is_given_up_when_the_disk_is_full_and_taken_again_when_there_is_space(
    disk: Disk, reserve: Reserve, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert path.stat().st_size == 4 * MEGABYTE
    for _ in range(2):
        reserve.before_writing()
        reserve.before_appending()
        assert not reserve.spent

    disk.others = 5 * MEGABYTE + MEGABYTE // 2
    with pytest.raises(Unavailable, match="Ring whoever runs"):
        reserve.before_writing()
    assert not reserve.spent, "reading alone may use it"
    with caplog.at_level(logging.INFO):
        reserve.before_appending()
    assert (reserve.spent, disk.free()) == (True, 4 * MEGABYTE + MEGABYTE // 2)
    assert "THE DISK IS FULL" in caplog.text
    with pytest.raises(Unavailable, match="can still be read"):
        reserve.before_writing()  # what the reserve gave is not for this
    reserve.before_appending()

    disk.others = MEGABYTE
    with caplog.at_level(logging.INFO):
        reserve.before_writing()
    assert (reserve.spent, path.stat().st_size) == (False, 4 * MEGABYTE)
    assert "There is space on the disk again" in caplog.text


def test_another_process_sees_that_it_is_spent(disk: Disk, reserve: Reserve, path: Path) -> None:
    disk.others = 6 * MEGABYTE
    reserve.before_appending()
    other = Reserve(path, size=4 * MEGABYTE, low=MEGABYTE)
    assert other.spent
    with pytest.raises(Unavailable):
        other.before_writing()


def test_where_there_is_no_room_for_it_there_is_none(disk: Disk, path: Path) -> None:
    disk.others = 5 * MEGABYTE
    reserve = Reserve(path, size=4 * MEGABYTE, low=MEGABYTE)
    reserve.make()
    assert not path.exists()
    reserve.before_writing()
    disk.others = 10 * MEGABYTE
    reserve.before_appending()
    with pytest.raises(Unavailable):
        reserve.before_writing()
