"""FHIR's dates and times, which may be partial: the span that one covers, and how it stands on a page.

A dateTime without an offset, and every date, is read in Europe/London. Instants are aware and in UTC.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True, kw_only=True, slots=True)
class When:
    """A point in time as precisely as its source says. It covers [low, high). `iso` is the source's own text.

    `text` is "2019", "Jun 2019", "9 Nov 2026" or "22 Nov 2026 01:20"; `has_time` tells the last form.
    """

    low: datetime
    high: datetime
    text: str
    iso: str
    has_time: bool


def when(value: Any) -> When | None:
    """A FHIR date, dateTime or instant; None when it is absent or no such thing."""
    return _read(value) if isinstance(value, str) and value else None


@lru_cache(maxsize=8192)  # one visit's items share its moments
def _read(value: str) -> When | None:
    try:
        return _instant(value) if "T" in value else _day_or_longer(value)
    except (ValueError, OverflowError):  # no such day, or beyond what a datetime holds
        return None


def day_text(day: date) -> str:
    """`9 Nov 2026`."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"


def time_text(instant: datetime) -> str:
    """`22 Nov 2026 01:20`, in London."""
    local = instant.astimezone(LONDON)
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year} {local.hour:02}:{local.minute:02}"


def _instant(value: str) -> When:
    try:
        instant = datetime.fromisoformat(value)
    except ValueError:
        # FHIR allows a leap second, Python does not.
        instant = datetime.fromisoformat(value.replace(":60", ":59", 1))
    low = (instant if instant.tzinfo else instant.replace(tzinfo=LONDON)).astimezone(UTC)
    return When(low=low, high=low + timedelta(seconds=1), text=time_text(low), iso=value, has_time=True)


def _day_or_longer(value: str) -> When:
    if len(value) == 10:
        first = date.fromisoformat(value)
        text, after = day_text(first), first + timedelta(days=1)
    elif len(value) == 7:
        first = date.fromisoformat(value + "-01")
        text, after = f"{_MONTHS[first.month - 1]} {first.year}", (first + timedelta(days=31)).replace(day=1)
    elif len(value) == 4:
        first = date.fromisoformat(value + "-01-01")
        text, after = value, date(first.year + 1, 1, 1)
    else:
        raise ValueError("not a date")
    return When(low=_midnight(first), high=_midnight(after), text=text, iso=value, has_time=False)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=LONDON).astimezone(UTC)
