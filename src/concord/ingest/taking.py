"""A file of a feed, taken in as the feed says: messages one at a time, as over a connection; all else in bulk."""

from collections import Counter
from collections.abc import Callable, Collection
from pathlib import Path

from concord.base import Clock, IdSource, Incorrect
from concord.ingest.feeds import FeedDescription
from concord.ingest.files import opened
from concord.ingest.hl7v2 import messages
from concord.ingest.loading import load
from concord.ingest.mllp import Judged, Receiver, ReceivingDoor
from concord.ingest.report import LoadReport, Reject
from concord.ingest.tables import read_mapping
from concord.record import Arrival

_STATUS = {"stored": "stored", "known": "unchanged", "waits": "waiting", "behind": "waiting"}


def taker(
    feed: FeedDescription, records: ReceivingDoor, *, services: Collection[str], clock: Clock, ids: IdSource
) -> Callable[[Path], LoadReport]:
    """What takes in a file of this feed. What it raises is a fault that may pass, or a mapping that cannot be read."""
    if feed.kind == "hl7v2":
        receiver = Receiver(feed, records, services=services, clock=clock, ids=ids)
        return lambda path: _messages_in(path, receiver)

    def take(path: Path) -> LoadReport:
        return load(
            [path], records, organisation=feed.organisation, service=feed.service, services=services,
            assurance=feed.nhs_numbers, feed=feed.name, allowed=feed.resources,
            mapping=read_mapping(feed.mapping) if feed.mapping else None,
        )  # fmt: skip

    return counted(feed, take, records)


def counted(
    feed: FeedDescription, take: Callable[[Path], LoadReport], records: ReceivingDoor
) -> Callable[[Path], LoadReport]:
    """Takes in a file as `take` does, and notes how much came by the feed. A file does not say when it was sent."""

    def take_and_note(path: Path) -> LoadReport:
        report = take(path)
        arrival = Arrival(feed=feed.name, messages=report.read, rejected=report.rejected)
        records.arrived(arrival)
        return report

    return take_and_note


def _messages_in(path: Path, receiver: Receiver) -> LoadReport:
    """Of messages the report counts messages, by what they are; of one that was taken in before, as unchanged."""
    by_type: dict[str, Counter[str]] = {}
    rejects: list[Reject] = []
    unmapped: Counter[str] = Counter()
    number = 0
    try:
        for _, stream in opened([path]):
            stream.head(1)
            for raw in messages(stream):
                number += 1
                judged = receiver.take(raw)
                status = _STATUS.get(judged.became, "rejected")
                unmapped.update(judged.unmapped)
                by_type.setdefault(judged.kind, Counter())[status] += 1
                if status == "rejected":
                    rejects.append(_reject(path, number, judged))
        if not number:
            rejects.append(Reject(file=str(path), entry=None, position="file", reason="The file holds no message."))
    except Incorrect as error:
        rejects.append(Reject(file=str(path), entry=None, position=f"after message {number}", reason=error.message))
    counts = sum(by_type.values(), Counter[str]())
    whole = sum(reject.entry is None for reject in rejects)
    return LoadReport(
        files=1, read=number + whole, stored=counts["stored"], updated=0, unchanged=counts["unchanged"],
        waiting=counts["waiting"], deleted=0, rejected=counts["rejected"] + whole, rejects=rejects, by_type=by_type,
        held={}, unresolved=(), findings={}, passed_over=dict(unmapped.most_common()),
    )  # fmt: skip


def _reject(path: Path, number: int, judged: Judged) -> Reject:
    position = ", ".join(part for part in (f"message {number}", judged.where) if part)
    return Reject(file=str(path), entry=number, position=position, reason=judged.reason)
