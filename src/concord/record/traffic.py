"""How much comes by each feed, hour by hour: of messages alone, never of whom they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from concord.base import Clock, OdsCode
from concord.store import Store, Writing, body, registers, traffic

_HOUR = timedelta(hours=1)
_DAY, _WEEK = 24, 7 * 24  # in hours


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """Messages (or rows, or entries) that came together by a feed, by its name. `sent_at`: when their sender wrote
    them, where it says so."""

    feed: str
    messages: int = 1
    rejected: int = 0
    sent_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class FeedTraffic:
    """Of one feed: when something came last; in the last 24 hours how many messages, how many of them rejected, and how
    long after they were sent they could be seen, on average and at the longest (None: none said when it was sent).

    `usual`: messages in 24 hours, by the week before; None before there was a whole day of it.
    """

    last_at: datetime
    messages: int
    rejected: int
    lag: timedelta | None
    longest_lag: timedelta | None
    usual: float | None


def _note(writing: Writing, arrival: Arrival, now: datetime) -> None:
    lag = None if arrival.sent_at is None else max(now - arrival.sent_at, timedelta())  # a sender's clock may be fast
    traffic.add(
        writing,
        arrival.feed,
        traffic.Hour(
            hour=_hour(now),
            messages=arrival.messages,
            rejected=arrival.rejected,
            timed=0 if lag is None else arrival.messages,
            lag=0 if lag is None else _milliseconds(lag) * arrival.messages,
            longest_lag=0 if lag is None else _milliseconds(lag),
            last_at=body.microseconds(now),
        ),
    )


class Traffic:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def arrived(self, arrival: Arrival) -> None:
        """Note durably that something came."""
        with self._store.writing() as writing:
            _note(writing, arrival, self._clock.now())

    def by_feed(self) -> Mapping[str, FeedTraffic]:
        """Of every feed by which anything ever came, by its name."""
        now = _hour(self._clock.now())
        with self._store.reading() as reading:
            ever = traffic.sums(reading, 0, now)
            today = traffic.sums(reading, now - _DAY + 1, now)
            before = traffic.sums(reading, now - _DAY - _WEEK + 1, now - _DAY)
        return {feed: _told(ever[feed], today.get(feed), before.get(feed), now) for feed in ever}

    def heard(self) -> Mapping[OdsCode, datetime]:
        """When each organisation last wrote anything, whichever way."""
        with self._store.reading() as reading:
            return {organisation: body.instant(at) for organisation, at in registers.heard(reading).items()}


def _told(ever: traffic.Hour, today: traffic.Hour | None, before: traffic.Hour | None, now: int) -> FeedTraffic:
    known_hours = min(now - _DAY + 1 - ever.hour, _WEEK)  # of the week before, since the feed's first hour
    usual = (before.messages if before else 0) * _DAY / known_hours if known_hours >= _DAY else None
    timed = today.timed if today else 0
    return FeedTraffic(
        last_at=body.instant(ever.last_at),
        messages=today.messages if today else 0,
        rejected=today.rejected if today else 0,
        lag=timedelta(milliseconds=today.lag / timed) if today and timed else None,
        longest_lag=timedelta(milliseconds=today.longest_lag) if today and timed else None,
        usual=usual,
    )


def _hour(at: datetime) -> int:
    return int(at.timestamp()) // int(_HOUR.total_seconds())


def _milliseconds(span: timedelta) -> int:
    return span // timedelta(milliseconds=1)
