"""Spans of time in which something holds. Days begin and end in the United Kingdom."""

from calendar import monthrange
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_UK = ZoneInfo("Europe/London")
END_OF_TIME = datetime.max.replace(tzinfo=UTC)

Span = tuple[datetime, datetime]
"""From an instant up to, not including, another."""


def common_spans(one: Sequence[Span], other: Sequence[Span]) -> tuple[Span, ...]:
    """What lies in a span of both."""
    pairs = ((max(a[0], b[0]), min(a[1], b[1])) for a in one for b in other)
    return tuple(sorted(pair for pair in pairs if pair[0] < pair[1]))


def is_within(spans: Sequence[Span], now: datetime) -> bool:
    """Whether one of the spans holds the instant."""
    return any(start <= now < end for start, end in spans)


def start_of_day(day: date) -> datetime:
    """Midnight in the United Kingdom, in UTC."""
    return datetime.combine(day, time(), tzinfo=_UK).astimezone(UTC)


def instant_of(text: str, *, end: bool) -> datetime:
    """The instant of a FHIR dateTime, or of a day, month or year the one at which it begins or (`end`) is over.

    Raises ValueError, also for a time without an offset; OverflowError.
    """
    if "T" in text:
        instant = datetime.fromisoformat(text)
        if instant.tzinfo is None:
            raise ValueError("a time without an offset")
        return instant
    first, last = days_of(text)
    return end_of_day(last) if end else start_of_day(first)


def days_of(text: str) -> tuple[date, date]:
    """The first and the last day that a FHIR date (a day, a month or a year) may mean. Raises ValueError."""
    year, month, day = [*map(int, text.split("-")), 0, 0][:3]
    return date(year, month or 1, day or 1), date(year, month or 12, day or monthrange(year, month or 12)[1])


def day_of(instant: datetime) -> date:
    """The day in the United Kingdom."""
    return instant.astimezone(_UK).date()


def end_of_day(day: date) -> datetime:
    return start_of_day(day + timedelta(days=1)) if day < date.max else END_OF_TIME
