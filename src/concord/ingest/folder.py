"""A drop folder: files that arrive are taken in once they are whole, and moved aside with a report beside them.

Whenever it is cut short, the file still lies where it arrived and is taken in again, which changes nothing.
"""

import contextlib
import json
import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from concord.base import Clock, Incorrect
from concord.ingest.feeds import FeedDescription
from concord.ingest.mllp import NEVER_PASS
from concord.ingest.report import LoadReport, Reject

_LOG = logging.getLogger("concord.folder")
DONE, FAILED = "done", "failed"
STILL_S = 10.0
"""A file that has neither grown nor changed for so long is whole."""
_UNFINISHED = (".part", ".partial", ".tmp", ".filepart", ".crdownload", ".ok")
_MARKER, _REPORT = ".ok", ".report.json"


@dataclass(frozen=True, kw_only=True, slots=True)
class Taken:
    """A file that was taken in: where it lies now, and what became of it."""

    path: Path
    failed: bool
    report: LoadReport


class DropFolder:
    """Of one feed. `take` takes a file in; what it raises is a fault that may pass: the file stays where it is."""

    def __init__(
        self,
        feed: FeedDescription,
        take: Callable[[Path], LoadReport],
        clock: Clock,
        *,
        still_s: float = STILL_S,
        elapsed: Callable[[], float] = time.monotonic,
    ) -> None:
        assert feed.folder is not None
        self._feed = feed
        self._folder = feed.folder
        self._take = take
        self._clock = clock
        self._still_s = still_s
        self._elapsed = elapsed
        self._seen: dict[Path, tuple[tuple[int, int], float]] = {}

    def prepare(self) -> None:
        """Make the folders that are missing. Raises Incorrect."""
        try:
            for folder in (self._folder, self._folder / DONE, self._folder / FAILED):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Incorrect(f"The folder {error.filename} cannot be made: {error.strerror}.") from None

    def ready(self) -> list[Path]:
        """The files that are whole, by name."""
        found = self.lying()
        self._seen = {path: seen for path, seen in self._seen.items() if path in found}
        return [path for path in found if self._is_whole(path)]

    def run_once(self, stopped: Callable[[], bool] = lambda: False) -> list[Taken]:
        """Take in what is whole, in order of name, until `stopped`."""
        taken: list[Taken] = []
        for path in self.ready():
            if stopped():
                break
            taken.append(self._taken(path))
        return taken

    def lying(self) -> list[Path]:
        """The files that have arrived, whole or not, by name. Raises Incorrect for a folder that cannot be read."""
        return _files(self._folder)

    def _is_whole(self, path: Path) -> bool:
        if self._feed.ready == "marker":
            return _marker(path).exists()
        try:
            stat = path.stat()
        except OSError:  # it was taken back, or another process was first
            return False
        looks_like, now = (stat.st_size, stat.st_mtime_ns), self._elapsed()
        before = self._seen.get(path)
        if before is None or before[0] != looks_like:
            self._seen[path] = (looks_like, now)
            return False
        return now - before[1] >= self._still_s

    def _taken(self, path: Path) -> Taken:
        try:
            report = self._take(path)
        except NEVER_PASS as error:
            # Again it would block all that comes after it. What the error says might tell of a person.
            _LOG.error("%s: a file could not be read: %s", self._feed.name, type(error).__name__)
            report = _unreadable(path)
        whole_refused = any(reject.entry is None for reject in report.rejects)
        failed = whole_refused or (self._feed.on_reject == "refuse" and report.rejected > 0)
        now_at = self._move(path, FAILED if failed else DONE, report)
        self._seen.pop(path, None)
        return Taken(path=now_at, failed=failed, report=report)

    def _move(self, path: Path, where: str, report: LoadReport) -> Path:
        """The report first: a file that has moved always has one."""
        stamp = self._clock.now().strftime("%Y%m%dT%H%M%SZ")
        to = self._folder / where / f"{stamp}-{path.name}"
        number = 1
        while to.exists():
            number += 1
            to = to.with_name(f"{stamp}-{number}-{path.name}")
        written = to.with_name(f".{to.name}.report")
        written.write_text(json.dumps(_shown(report, path), indent=2) + "\n", encoding="utf-8")
        written.replace(to.with_name(f"{to.name}{_REPORT}"))
        with contextlib.suppress(FileNotFoundError):  # another process took it in too, and was first
            path.replace(to)
        with contextlib.suppress(FileNotFoundError):
            _marker(path).unlink()
        return to


def _unreadable(path: Path) -> LoadReport:
    reason = "Concord could not read this file. That is a fault of Concord's."
    return LoadReport(
        files=1, read=1, stored=0, updated=0, unchanged=0, waiting=0, deleted=0, rejected=1,
        rejects=[Reject(file=str(path), entry=None, position="file", reason=reason)],
        by_type={}, held={}, unresolved=(), findings={}, passed_over={},
    )  # fmt: skip


def counts_in(feed: FeedDescription) -> tuple[int, int]:
    """How many files have arrived and wait, and how many failed. Raises Incorrect for a folder that cannot be read."""
    assert feed.folder is not None
    failed = [path for path in _files(feed.folder / FAILED) if not path.name.endswith(_REPORT)]
    return len(_files(feed.folder)), len(failed)


def _files(folder: Path) -> list[Path]:
    try:
        return sorted(
            path
            for path in folder.iterdir()
            if path.is_file() and not path.name.startswith(".") and path.suffix.lower() not in _UNFINISHED
        )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise Incorrect(f"The folder {folder} cannot be read: {error.strerror}.") from None


def _marker(path: Path) -> Path:
    return path.with_name(f"{path.name}{_MARKER}")


def _shown(report: LoadReport, path: Path) -> Mapping[str, object]:
    """The report, with the file called by its name alone: it lies elsewhere now."""
    told = report.as_json()
    for reject in (*told["rejects"], *told["unresolved"]):
        reject["file"] = path.name
    return told
