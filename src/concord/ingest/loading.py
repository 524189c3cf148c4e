"""The load: files in, submissions to the record in writes of a fitting size, rejects into quarantine, all counted.

Memory holds the document being read, one write's submissions and what is read ahead, however many files come.
"""

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from concord.base import Incorrect, OdsCode
from concord.fhir import service_of
from concord.governance import SourceSystem
from concord.ingest.files import opened, walk
from concord.ingest.model import Assurance, Feed, Group, Piece, RecordsDoor, Refusal, Sent, ToKeep, Withdrawn
from concord.ingest.reading import pieces
from concord.ingest.report import LoadReport, Tally
from concord.ingest.stream import Stream
from concord.ingest.tables import TableMapping
from concord.record import Original, Outcome, to_blame

_A_PATIENT = 8  # with a Patient may come all that waited for it: it counts as this many submissions
_A_WRITE = 200  # submissions: well under a tenth of a second, so that a server beside the load stays quick
_KEPT_AT_ONCE = 100
_BYTES_AT_ONCE = 16 * 1024 * 1024
_LARGEST_KEPT = 64 * 1024 * 1024  # bytes of an unreadable file that go into quarantine
_PLACE = re.compile(r"line \d+, column \d+(?: \(byte \d+\))?|byte \d+")

# (file, position): what to try again after the rest.
Deferred = dict[Path, set[str]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Progress:
    """How far a load has come. `items` counts what is settled; `again` is True while deferred items are retried."""

    files: int
    files_in_all: int
    items: int
    again: bool


def load(
    paths: Sequence[Path],
    records: RecordsDoor,
    *,
    organisation: OdsCode,
    service: str | None = None,
    services: Collection[str] = (),
    assurance: Assurance = "stated",
    progress: Callable[[Progress], None] | None = None,
    feed: str = "",
    mapping: TableMapping | None = None,
    allowed: Collection[str] = (),
) -> LoadReport:
    """Take in all that the files and folders hold.

    `service` is that of items that name none, `services` are those that the directory knows of the organisation.
    `feed` is the name of the feed that they are of, `mapping` what its tables are read by, `allowed` the types of
    resources that may come (none: any).
    What is rejected because something it needs is not there yet is tried again after the rest. Loading the same
    again changes nothing. Raises Incorrect for a path that does not exist, before anything is read.
    """
    read_by = _ReadBy(
        feed=Feed(
            organisation=organisation,
            earlier=records.earlier(organisation),
            snapshots=records.snapshots(organisation),
            service=service,
            services=frozenset(services),
            name=feed,
        ),
        name=feed,
        mapping=mapping,
        allowed=frozenset(allowed),
    )
    return _Load(records, read_by, assurance, progress).run(paths)


@dataclass(frozen=True, kw_only=True, slots=True)
class _ReadBy:
    """What files are read by; of a feed, by its `name`."""

    feed: Feed
    name: str
    mapping: TableMapping | None
    allowed: frozenset[str]


class _Load:
    def __init__(
        self,
        records: RecordsDoor,
        read_by: _ReadBy,
        assurance: Assurance,
        progress: Callable[[Progress], None] | None,
    ) -> None:
        self._records = records
        self._by = SourceSystem(organisation=read_by.feed.organisation)
        self._assurance: Assurance = assurance
        self._progress = progress
        self._tally = Tally()
        self._pending: list[tuple[Path, Sent]] = []
        self._messages: list[Original] = []
        self._weight = 0
        self._newest: dict[tuple[str, str], dict[str, Any]] = {}
        self._to_keep: list[ToKeep] = []
        self._deferred: Deferred = {}
        self._unreadable: set[Path] = set()
        self._last_try = False
        self._files_in_all = 0
        self._written_before = read_by.feed.earlier
        self._read_by = replace(read_by, feed=replace(read_by.feed, earlier=self))

    def run(self, paths: Sequence[Path]) -> LoadReport:
        self._files_in_all = sum(1 for _ in walk(paths))
        for path, stream in opened(walk(paths)):
            self._file(path, stream)
            self._tally.files += 1
            self._tell()
        self._flush()
        while self._deferred:
            self._again()
        self._keep()
        return self._tally.report()

    def resource(self, type_: str, source_id: str) -> dict[str, Any] | None:
        """What this source last said of it: in this load, not yet written, or before (the door `Earlier`)."""
        return self._newest.get((type_, source_id)) or self._written_before.resource(type_, source_id)

    def told_of_visit(self, visit: str, besides: Collection[tuple[str, str]]) -> Sequence[tuple[str, dict[str, Any]]]:
        """The same; what of it is not written yet is written first, so that it is found."""
        if named := {service_of(each) for each in self._newest.values()} - {None}:
            stay = self._written_before.resource("Encounter", visit) or {}  # what was read here names it as it is held
            if not named.isdisjoint((f"Encounter/{visit}", f"Encounter/{stay.get('id')}")):
                self._flush()
        return self._written_before.told_of_visit(visit, besides)

    # -- reading ------------------------------------------------------------------------------------------------------

    def _file(self, path: Path, stream: Stream, only: set[str] | None = None) -> None:
        """Take in a file; of one that is read again, `only` what stands at these positions."""
        for piece in _until_unreadable(path, stream, self._read_by):
            if isinstance(piece, Group):
                self._group(path, self._allowed(path, piece, only), only)
            elif isinstance(piece, Withdrawn):
                if only is None:
                    self._withdraw(path, piece)
            elif isinstance(piece, Refusal):
                if only is None or (piece.entry is None and path not in self._unreadable):
                    self._refuse(path, piece)
            elif only is None:
                self._tally.remarked(piece)

    def _allowed(self, path: Path, group: Group, only: set[str] | None) -> Group:
        """What of a group the feed allows to come; of an atomic one all or nothing."""
        allowed = self._read_by.allowed
        strange = [each for each in group.sent if allowed and each.submission.resource["resourceType"] not in allowed]
        if not strange:
            return group
        for sent in group.sent if group.atomic else strange:
            if only is None:
                self._refuse(
                    path,
                    Refusal(
                        entry=sent.entry,
                        position=sent.submission.position,
                        reason="The feed does not allow resources of this type.",
                        kind=sent.kind,
                        original=sent.original if sent is strange[0] or not group.atomic else None,
                    ),
                )
        left = [] if group.atomic else [each for each in group.sent if each not in strange]
        return replace(group, sent=left, kept=group.kept if left else None)

    def _refuse(self, path: Path, refusal: Refusal) -> None:
        if refusal.entry is None:
            self._unreadable.add(path)
        self._tally.refused(str(path), refusal)
        self._set_aside(path, refusal.entry, refusal.position, refusal.reason, refusal.kind, refusal.original)

    def _group(self, path: Path, group: Group, only: set[str] | None) -> None:
        if group.atomic:
            if group.sent and (only is None or group.position in only):
                self._flush()
                self._write([(path, sent) for sent in group.sent], atomic=group)
            return
        chosen = [sent for sent in group.sent if only is None or sent.submission.position in only]
        by_name = any((sent.submission.full_url or "").startswith("urn:") for sent in group.sent)
        together = by_name or group.kept is not None
        if together and self._weight + len(chosen) > _A_WRITE:
            self._flush()  # entries that name each other by urn go in one write, and a message with all that it brought
        if group.kept is not None and (chosen or only is None):
            self._messages.append(group.kept)
            self._weight += not chosen
        for sent in chosen:
            self._add(path, sent)
            if self._weight >= _A_WRITE and not together:
                self._flush()
        if self._weight >= _A_WRITE:
            self._flush()

    def _add(self, path: Path, sent: Sent) -> None:
        submission = sent.submission
        if submission.source_id is not None:
            key = (str(submission.resource.get("resourceType")), submission.source_id)
            if submission.full_url is not None and key in self._newest:
                self._flush()  # another Bundle has said something of the same: that comes first
            self._newest[key] = submission.resource
        self._pending.append((path, sent))
        self._weight += _A_PATIENT if submission.resource.get("resourceType") == "Patient" else 1

    def _withdraw(self, path: Path, withdrawn: Withdrawn) -> None:
        """At once, after all that was said before it."""
        self._flush()
        kept = [] if withdrawn.kept is None else [withdrawn.kept]
        outcomes = self._records.write(
            withdrawn.changes, by=self._by, atomic=False, assurance=self._assurance, sent=kept
        )
        for outcome in outcomes:
            self._tally.withdrawn(str(path), withdrawn, outcome)
            if outcome.status == "rejected":
                self._set_aside(
                    path, withdrawn.entry, outcome.position, outcome.reason, withdrawn.kind, withdrawn.original
                )

    def _again(self) -> None:
        """Read again what was deferred; when that moves nothing any more, for the last time."""
        deferred, self._deferred = self._deferred, {}
        before = self._tally.taken_in
        for path, stream in opened(deferred):
            self._file(path, stream, deferred[path])
        self._flush()
        self._last_try = self._tally.taken_in == before

    # -- writing ------------------------------------------------------------------------------------------------------

    def _flush(self) -> None:
        pending, self._pending, self._weight = self._pending, [], 0
        self._newest = {}
        messages, self._messages = self._messages, []
        if pending or messages:
            self._write(pending, messages=messages)

    def _write(
        self, written: Sequence[tuple[Path, Sent]], atomic: Group | None = None, messages: Sequence[Original] = ()
    ) -> None:
        outcomes = self._records.write(
            [sent.submission for _, sent in written],
            by=self._by,
            atomic=atomic is not None,
            assurance=self._assurance,
            sent=messages,
        )
        if atomic is not None and self._to_be_tried_again(outcomes):
            self._deferred.setdefault(written[0][0], set()).add(atomic.position)
            return
        for (path, sent), outcome in zip(written, outcomes, strict=False):
            if atomic is None and self._to_be_tried_again([outcome]):
                self._deferred.setdefault(path, set()).add(sent.submission.position)
                continue
            self._tally.came_of(str(path), sent, outcome)
        rejected = [pair for pair in zip(written, outcomes, strict=False) if pair[1].status == "rejected"]
        for (path, sent), outcome in rejected if atomic is None else _guilty(rejected):
            if not self._to_be_tried_again([outcome]):
                position = sent.submission.position
                self._set_aside(path, sent.entry, position, outcome.reason, sent.kind, sent.original)
        for outcome in outcomes[len(written) :]:
            self._tally.admitted(outcome)
        self._tell()

    def _to_be_tried_again(self, outcomes: Sequence[Outcome]) -> bool:
        return not self._last_try and any(outcome.status == "rejected" and outcome.retry for outcome in outcomes)

    def _set_aside(
        self,
        path: Path,
        entry: int | None,
        position: str,
        reason: str,
        kind: str,
        original: Callable[[], bytes] | None,
    ) -> None:
        if original is None:
            return
        self._to_keep.append(
            ToKeep(
                feed=self._read_by.name,
                file=str(path),
                entry=entry,
                position=position,
                reason=reason,
                kind=kind,
                original=original(),
            )
        )
        if len(self._to_keep) >= _KEPT_AT_ONCE or sum(len(kept.original) for kept in self._to_keep) > _BYTES_AT_ONCE:
            self._keep()

    def _keep(self) -> None:
        if self._to_keep:
            self._records.quarantine(self._to_keep, by=self._by)
            self._to_keep = []

    def _tell(self) -> None:
        if self._progress is not None:
            self._progress(
                Progress(
                    files=self._tally.files,
                    files_in_all=self._files_in_all,
                    items=self._tally.settled,
                    again=self._tally.files == self._files_in_all and bool(self._deferred),
                )
            )


_Judged = tuple[tuple[Path, Sent], Outcome]


def _guilty(rejected: list[_Judged]) -> list[_Judged]:
    """The first entry that was wrong itself: a rejected transaction is kept once, under its reason."""
    blamed = to_blame([outcome for _, outcome in rejected])[:1]
    return [judged for judged in rejected if judged[1] in blamed][:1]


def _until_unreadable(path: Path, stream: Stream, read_by: _ReadBy) -> Iterator[Piece]:
    """The pieces of a file; should it turn out unreadable, a refusal of the whole of it comes last."""
    try:
        yield from pieces(stream, read_by.feed, path.name, read_by.mapping)
    except Incorrect as error:
        place = _PLACE.search(error.message)
        yield Refusal(
            entry=None,
            position=place[0] if place else "file",
            reason=error.message,
            kind="file",
            original=partial(_bytes_of, path),
        )


def _bytes_of(path: Path) -> bytes:
    """The file as it lies on disk; nothing of one that is too large to keep or cannot be read."""
    try:
        return path.read_bytes() if path.is_file() and path.stat().st_size <= _LARGEST_KEPT else b""
    except OSError:
        return b""
