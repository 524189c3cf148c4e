"""What is held in quarantine, taken in again: after a mapping was edited, a feed or the directory mended.

What waits behind another for the same person follows it, in the order in which it came, until one is held again. What
a source has said of an item since stands: what was held before it is older, unless it says itself when it was recorded.
"""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, Protocol

from concord.base import Clock, IdSource, OdsCode
from concord.fhir import encode, parse
from concord.governance import SourceSystem
from concord.ingest.feeds import FeedDescription
from concord.ingest.gpconnect import ENTRY
from concord.ingest.loading import load
from concord.ingest.mllp import Receiver, ReceivingDoor
from concord.ingest.model import Assurance, Earlier, Snapshots, ToKeep
from concord.ingest.naming import RECORDED
from concord.ingest.tables import read_mapping
from concord.record import Arrival, Change, Held, Original, Outcome, Quarantine, Receipt, Submission

Became = Literal["replayed", "held", "waits"]


class Since(Earlier, Protocol):
    def since(self, type_: str, source_id: str, at: datetime) -> dict[str, Any] | None:
        """As `resource`, if it was stored after `at`."""
        ...


class QuarantineDoor(ReceivingDoor, Protocol):
    """What replaying needs of the record."""

    def earlier(self, organisation: OdsCode) -> Since: ...

    @property
    def rejects(self) -> Quarantine: ...

    def services(self, organisation: OdsCode) -> frozenset[str]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Replayed:
    """What became of one: it is in ("replayed"), "held" still for this `reason`, or "waits" behind an earlier one."""

    held: Held
    became: Became
    reason: str = ""


class Replays:
    """`feed` gives the description of the feed of a name as its file says now. Raises what it raises."""

    def __init__(
        self, records: QuarantineDoor, *, feed: Callable[[str], FeedDescription], clock: Clock, ids: IdSource
    ) -> None:
        self._records = records
        self._feed = feed
        self._clock = clock
        self._ids = ids

    def one(self, number: int) -> Iterator[Replayed]:
        """What is held under a number, then what waits behind it. NotFound for a number under which nothing is."""
        held, original = self._records.rejects.one(number)
        if self._behind_another(held):
            yield Replayed(held=held, became="waits", reason="An earlier one of the same person is held before it.")
            return
        became = self._again(held, original)
        yield became
        if became.became == "replayed":
            yield from self.released(held)

    def every(self, wanted: Callable[[Held], bool]) -> Iterator[Replayed]:
        """All that is held and wanted, oldest first."""
        for held in self._records.rejects.held():
            if wanted(held) and self._records.rejects.is_held(held.number):  # not released by one before it
                yield from self.one(held.number)

    def released(self, held: Held) -> Iterator[Replayed]:
        """What waited behind one that is held no more, until one of it is held for itself."""
        for number in self._records.rejects.held_up_with(held):
            behind, original = self._records.rejects.one(number)
            became = self._again(behind, original)
            yield became
            if became.became != "replayed":
                return

    def _behind_another(self, held: Held) -> bool:
        return bool(held.patient) and self._records.rejects.held_up_with(held)[0] != held.number

    def _again(self, held: Held, original: bytes) -> Replayed:
        feed = self._feed(held.feed) if held.feed else None
        if feed is not None and feed.shadow:
            return Replayed(held=held, became="held", reason=f"The feed {feed.name} is in its shadow.")
        kept = self._kept_anew(held, original, feed)
        same = [each for each in kept if each.original == original]
        if others := [replace(each, file=held.file) for each in kept if each.original != original]:
            self._records.quarantine(others, by=SourceSystem(organisation=held.organisation))
        if not same:
            self._records.rejects.end(held.number, "replayed", "It was taken in again.")
            return Replayed(held=held, became="replayed")
        if same[0].reason != held.reason:
            self._records.rejects.retell(held.number, same[0].position, same[0].reason)
        return Replayed(held=held, became="held", reason=same[0].reason)

    def _kept_anew(self, held: Held, original: bytes, feed: FeedDescription | None) -> Sequence[ToKeep]:
        """What of it is rejected again; nothing of that is in quarantine yet."""
        aside = _Aside(self._records, held, messages=feed is not None and feed.kind == "hl7v2")
        services = self._records.services(held.organisation)
        if feed is not None and feed.kind == "hl7v2":
            receiver = Receiver(feed, aside, services=services, clock=self._clock, ids=self._ids)
            receiver.replay(original)
            return aside.kept
        if held.kind == ENTRY:
            reason = "An entry of a GP Connect record says nothing without it. Have the record sent again, mended."
            return [_kept(held, original, reason)]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / (Path(held.file).name or "held")
            path.write_bytes(alone(held, original))
            load(
                [path], aside, organisation=held.organisation, services=services, feed=held.feed,
                service=feed.service if feed else None, assurance=feed.nhs_numbers if feed else "stated",
                mapping=read_mapping(feed.mapping).of_some_rows() if feed and feed.mapping else None,
                allowed=feed.resources if feed else (),
            )  # fmt: skip
        return [replace(each, original=original) for each in aside.kept[:1]] if len(aside.kept) == 1 else aside.kept


def alone(held: Held, original: bytes) -> bytes:
    """An original as a file that can be read by itself: an entry of a Bundle in a Bundle of its own."""
    if held.kind != "FHIR entry":
        return original
    entry = parse(original)
    type_ = "batch" if "request" in entry else "collection"
    return encode({"resourceType": "Bundle", "type": type_, "entry": [entry]})


def _kept(held: Held, original: bytes, reason: str) -> ToKeep:
    return ToKeep(
        feed=held.feed, file=held.file, entry=None, position=held.position, reason=reason, kind=held.kind,
        original=original,
    )  # fmt: skip


def _says_when(resource: dict[str, Any]) -> bool:
    """Whether it says when its source recorded it: then that was weighed against what is held when it was read."""
    extensions = resource.get("extension")
    return isinstance(extensions, list) and any(isinstance(e, dict) and e.get("url") == RECORDED for e in extensions)


def _unchanged(change: Change) -> Outcome:
    type_ = change.resource["resourceType"] if isinstance(change, Submission) else change.type
    return Outcome(status="unchanged", position=change.position, type=type_)


class _Aside:
    """The record, but for what goes into quarantine, which is for the replay to settle, and for what is older than what
    its source has said since it was `held`."""

    def __init__(self, records: QuarantineDoor, held: Held, *, messages: bool) -> None:
        """`messages`: of HL7 v2, which weigh each against what is held."""
        self._records = records
        self._held_at = None if messages else held.held_at
        self._earlier = records.earlier(held.organisation)
        self.kept: list[ToKeep] = []

    def write(
        self,
        changes: Sequence[Change],
        *,
        by: SourceSystem,
        atomic: bool,
        assurance: Assurance,
        receipt: Receipt | None = None,
        sent: Sequence[Original] = (),
    ) -> Sequence[Outcome]:
        timely = [self._timely(change) for change in changes]
        written = [change for change in timely if change is not None]
        outcomes = iter(
            self._records.write(written, by=by, atomic=atomic, assurance=assurance, receipt=receipt, sent=sent)
        )
        return [
            _unchanged(old) if new is None else next(outcomes) for old, new in zip(changes, timely, strict=True)
        ] + [*outcomes]

    def _timely(self, change: Change) -> Change | None:
        """The change, unless it is older than what is held: then what is held, so that what else is said can refer to
        it, or nothing where it would be taken away."""
        at = self._held_at
        if at is None or change.source_id is None:
            return change
        if not isinstance(change, Submission):
            newer = self._earlier.since(change.type, change.source_id, at)
            return change if newer is None or _says_when(newer) else None
        if _says_when(change.resource):
            return change
        newer = self._earlier.since(str(change.resource.get("resourceType")), change.source_id, at)
        return change if newer is None else replace(change, resource=newer)

    def earlier(self, organisation: OdsCode) -> Earlier:
        return self._records.earlier(organisation)

    def snapshots(self, organisation: OdsCode) -> Snapshots:
        return self._records.snapshots(organisation)

    def quarantine(
        self,
        kept: Sequence[ToKeep],
        *,
        by: SourceSystem,  # noqa: ARG002 - the door has it; here nothing is written
        receipt: Receipt | None = None,  # noqa: ARG002 - the door has it; here nothing is written
    ) -> None:
        self.kept += kept

    def arrived(self, arrival: Arrival) -> None:
        self._records.arrived(arrival)

    def received(self, message: bytes, *, by: SourceSystem) -> bytes | None:
        return self._records.received(message, by=by)

    def holding_up(self, organisation: OdsCode, patient: str) -> list[int]:
        return self._records.holding_up(organisation, patient)
