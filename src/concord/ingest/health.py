"""How the feeds of an installation do: when each was last heard, how much comes, what is rejected, what waits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal, Protocol

from concord.base import Clock, Incorrect
from concord.ingest.feeds import FeedDescription, read_feed
from concord.ingest.folder import counts_in
from concord.record import FeedTraffic, Quarantine, Traffic

State = Literal["never heard", "silent", "slow", "heard"]
_FEW = 10  # where fewer come in a day, half of it is chance
_SLOW = 0.5
_SPANS = ((timedelta(weeks=1), "week"), (timedelta(days=1), "day"), (timedelta(hours=1), "hour"))
_MINUTE = timedelta(minutes=1)


class WatchedDoor(Protocol):
    """What the health of feeds is read from."""

    @property
    def rejects(self) -> Quarantine: ...
    @property
    def traffic(self) -> Traffic: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedHealth:
    """Of one feed. `last_at`: when something came last; by the FHIR API, before anything has come by this feed: when
    its organisation wrote last, whichever way.

    `silence`: since then. `state`: "silent" beyond its rhythm, "slow" when in the last 24 hours less than half of what
    is usual came. `traffic`: None where nothing came. `held` in quarantine; `waiting` and `failed` files of its folder,
    None where there is no folder, or none that can be read.
    """

    feed: FeedDescription
    state: State
    last_at: datetime | None
    silence: timedelta | None
    traffic: FeedTraffic | None
    held: int
    waiting: int | None
    failed: int | None

    @property
    def is_overdue(self) -> bool:
        """Whether somebody should ask its sender: something should have come by its rhythm, and did not."""
        return self.feed.rhythm is not None and self.state in ("never heard", "silent")

    @property
    def silence_in_words(self) -> str:
        """Such as "3 hours": whole ones of the largest unit that there is one of; empty for what was never heard."""
        return "" if self.silence is None else span_in_words(self.silence)

    @property
    def lag_in_words(self) -> str:
        """Such as "0.4 s"; empty where nothing said when it was sent."""
        lag = self.traffic.lag if self.traffic else None
        return "" if lag is None else span_in_words(lag)

    @property
    def longest_lag_in_words(self) -> str:
        longest = self.traffic.longest_lag if self.traffic else None
        return "" if longest is None else span_in_words(longest)


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedsInHealth:
    """All feeds by name, and why some files that should describe one cannot be read."""

    feeds: Sequence[FeedHealth]
    refused: Sequence[str]


class FeedWatch:
    """`folder`: where the feeds are described; None: an installation without any. It is read at each question."""

    def __init__(self, folder: Path | None, records: WatchedDoor, clock: Clock) -> None:
        self._folder = folder
        self._records = records
        self._clock = clock

    def health(self) -> FeedsInHealth:
        now = self._clock.now()
        traffic, held, heard = self._records.traffic.by_feed(), self._records.rejects.count_by_feed(), None
        feeds: list[FeedHealth] = []
        refused: list[str] = []
        for path in sorted(self._folder.glob("*.yaml")) if self._folder else ():
            try:
                feed = read_feed(path)
            except Incorrect as error:
                refused.append(error.message)
                continue
            came = traffic.get(feed.name)
            last_at = came.last_at if came else None
            if feed.transport == "fhir" and last_at is None:  # what came before the feed was described counts too
                heard = heard or self._records.traffic.heard()
                last_at = heard.get(feed.organisation)
            waiting, failed = _files_of(feed)
            feeds.append(
                FeedHealth(
                    feed=feed, state=_state(feed, last_at, came, now), last_at=last_at,
                    silence=None if last_at is None else max(now - last_at, timedelta()), traffic=came,
                    held=held.get(feed.name, 0), waiting=waiting, failed=failed,
                )
            )  # fmt: skip
        return FeedsInHealth(feeds=feeds, refused=refused)


def span_in_words(span: timedelta) -> str:
    if span < _MINUTE:
        return f"{span.total_seconds():.1f} s"
    size, word = next(((size, word) for size, word in _SPANS if span >= size), (_MINUTE, "minute"))
    count = span // size
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _state(feed: FeedDescription, last_at: datetime | None, came: FeedTraffic | None, now: datetime) -> State:
    if last_at is None:
        return "never heard"
    if feed.rhythm is not None and feed.rhythm.is_exceeded(last_at, now):
        return "silent"
    if came is not None and came.usual is not None:
        usual = came.usual * (feed.rhythm.share(now) if feed.rhythm else 1)
        if usual >= _FEW and came.messages < usual * _SLOW:
            return "slow"
    return "heard"


def _files_of(feed: FeedDescription) -> tuple[int | None, int | None]:
    if feed.folder is None:
        return None, None
    try:
        return counts_in(feed)
    except Incorrect:  # of a folder that is away nothing is known; `concord feed run` says so
        return None, None
