"""Room on the disk that is kept for audit rows: on a full disk, reading goes on, and says so, while writing is refused.

The room is a file of its own. When the disk is nearly full the file is emptied, so that what must be written to read at
all (audit rows, sessions) still can be; an empty file is how every process knows. It is filled again once there is
space. Only when all of it is spent do reads fail.
"""

import logging
import os
import time
from pathlib import Path

from concord.base import Unavailable

MEGABYTE = 1024 * 1024
_LOOKED_EVERY_S = 1.0
_log = logging.getLogger("concord.store")
FULL = (
    "The disk is full: nothing more is taken in, while what is held can still be read. "
    "Ring whoever runs Concord here; it goes on by itself once there is space."
)


class Reserve:
    """`size` bytes in the file `path`; `low` bytes of free space are what counts as full."""

    def __init__(self, path: Path, *, size: int = 64 * MEGABYTE, low: int = 16 * MEGABYTE) -> None:
        self._path = path
        self._folder = str(path.parent)
        self._size = size
        self._low = low
        self._looked_at = 0.0

    @property
    def spent(self) -> bool:
        """Whether the reserve was given up. One that was never made is not spent."""
        try:
            return self._path.stat().st_size == 0
        except FileNotFoundError:
            return False

    def make(self) -> None:
        """Set the room aside, if it is not and the disk has it to spare."""
        held = self._path.stat().st_size if self._path.exists() else 0
        if held >= self._size or self._free() < self._size + 2 * self._low:
            return
        with self._path.open("ab") as file:
            os.posix_fallocate(file.fileno(), 0, self._size)
        if self._looked_at:
            _log.warning("There is space on the disk again: Concord takes in what is sent.")

    def before_writing(self) -> None:
        """Raises Unavailable on a full disk."""
        self._look_again()
        if self.spent or self._free() < self._low:
            raise Unavailable(FULL)

    def before_appending(self) -> None:
        """Gives the reserve up when the disk is full."""
        if self._free() >= self._low:
            self._look_again()
        elif self._path.exists() and not self.spent:
            os.truncate(self._path, 0)
            self._looked_at = time.monotonic()
            _log.error("THE DISK IS FULL. Nothing is taken in; reads go on from a reserve of %d MB, and then stop too. "
                       "Free space now.", self._size // MEGABYTE)  # fmt: skip

    def _look_again(self) -> None:
        """Fill the reserve again where it was spent and can be; now and then, since every append comes by here."""
        if time.monotonic() - self._looked_at >= _LOOKED_EVERY_S:
            self._looked_at = time.monotonic()
            if self.spent:
                self.make()

    def _free(self) -> int:
        disk = os.statvfs(self._folder)
        return disk.f_bavail * disk.f_frsize
