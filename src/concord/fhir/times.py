"""Dates and periods of FHIR as half-open ranges of microseconds since 1970-01-01T00:00Z.

A partial date covers all it may mean: `2025-02` is the month. What bears no offset is taken in UTC
(http://hl7.org/fhir/R4/search.html#date).
"""

import re
from calendar import monthrange
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from typing import Any

Range = tuple[int, int]

BEGINNING, END = -(2**62), 2**62  # of periods that are open at that side
_DAY = 86_400_000_000
_EPOCH = date(1970, 1, 1).toordinal()
_WRITTEN = re.compile(
    r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d+))?)?(Z|[+-]\d\d:\d\d)?)?)?)?", re.ASCII
)


@lru_cache(maxsize=8192)  # one visit's items share its moments
def range_of(text: str) -> Range:
    """What a date, dateTime or instant covers: a year, month, day, minute, second or fraction of one.

    Raises ValueError for what is not a date, or a day that does not exist.
    """
    found = _WRITTEN.fullmatch(text)
    if found is None:
        raise ValueError("not a date")
    year, month, day, hour, minute, second, fraction, offset = found.groups()
    first = date(int(year), int(month or 1), int(day or 1)).toordinal() - _EPOCH
    if day is None:
        days = monthrange(int(year), int(month))[1] if month else date(int(year), 12, 31).timetuple().tm_yday
        return first * _DAY, (first + days) * _DAY
    if hour is None:
        return first * _DAY, (first + 1) * _DAY
    if int(hour) > 23 or int(minute) > 59 or int(second or 0) > 60:
        raise ValueError("not a time")
    low = first * _DAY + ((int(hour) * 60 + int(minute)) * 60 + int(second or 0)) * 1_000_000 - _offset(offset)
    if second is None:
        return low, low + 60_000_000
    if fraction is None:
        return low, low + 1_000_000
    low += int(fraction[:6].ljust(6, "0"))
    return low, low + 10 ** max(0, 6 - len(fraction))


def _offset(text: str | None) -> int:
    if text is None or text == "Z":
        return 0
    minutes = int(text[1:3]) * 60 + int(text[4:6])
    return (-minutes if text[0] == "-" else minutes) * 60_000_000


def day_of(found: Range) -> str | None:
    """YYYY-MM-DD when the range is one day of UTC; else None."""
    low, high = found
    return date.fromordinal(low // _DAY + _EPOCH).isoformat() if low % _DAY == 0 and high == low + _DAY else None


def range_of_value(value: Any, of: str) -> Range | None:
    """What a value of that FHIR type covers; None for other types, and for what does not say."""
    try:
        if of == "Period":
            return _period(value)
        if of == "Timing":
            return _timing(value)
        if of in ("dateTime", "date", "instant"):
            return range_of(value)
    except (ValueError, TypeError, AttributeError):
        return None  # not of that type after all: kept before it was checked, and says no time
    return None


def hull(ranges: Iterable[Range | None]) -> Range | None:
    """The least range that covers them all."""
    told = [each for each in ranges if each is not None]
    return (min(low for low, _ in told), max(high for _, high in told)) if told else None


def _period(value: dict[str, Any]) -> Range | None:
    start, end = value.get("start"), value.get("end")
    if start is None and end is None:
        return None
    low, high = range_of(start)[0] if start else BEGINNING, range_of(end)[1] if end else END
    return (low, high) if low < high else None  # what ends before it began says no time


def _timing(value: dict[str, Any]) -> Range | None:
    """From the first event to the last; else the bounds of the repetition."""
    events = hull(range_of(each) for each in value.get("event", ()) if each is not None)
    bounds = value.get("repeat", {}).get("boundsPeriod")
    return events or (_period(bounds) if bounds else None)
