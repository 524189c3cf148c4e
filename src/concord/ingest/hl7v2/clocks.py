"""Times as HL7 v2 writes them (HL7 v2.4, 2.9.47 TS), told apart where the clocks change.

A time without an offset is one of Europe/London. In autumn an hour comes twice: of the time at which a message was sent
the order of the feed's messages tells which is meant, of any other time in a message the time at which that was sent.
In spring an hour is left out: who names it has not put their clock forward.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")
_TIME = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:(?P<hour>\d\d)(?P<minute>\d\d)?(?P<second>\d\d)?"
    r"(?P<fraction>\.\d{1,4})?)?)?)?(?P<offset>[+-]\d\d:?\d\d|Z)?"
)
_MAY_BE_OPEN = re.compile(r"(?<![\d.+-])\d{8}0[0-3](?:\d\d){0,2}(?:\.\d{1,4})?(?![\d.+Z-])")
_HOUR = timedelta(hours=1)
# A sender with several threads is out of step by less, and the hour comes again after more.
_OUT_OF_STEP = timedelta(minutes=5)


class Order:
    """The messages of one feed in the order in which they come: it tells the two hours of autumn apart."""

    def __init__(self) -> None:
        self._latest: datetime | None = None

    def sent_at(self, text: str) -> datetime | None:
        """When the next message was sent, by its MSH-7; None where that names no minute."""
        try:
            found = _local(text)
            if found is None:
                return None
            at, latest = found.astimezone(UTC), self._latest
        except (ValueError, OverflowError):
            return None
        if latest is not None and _is_twice(found) and _OUT_OF_STEP < latest - at < 2 * _HOUR:
            at += _HOUR
        self._latest = at if latest is None else max(at, latest)
        return at


def fhir_time(text: str, sent_at: datetime | None) -> str:
    """A FHIR dateTime as precise as `text`. ValueError or OverflowError where the calendar does not know it."""
    value = _local(text, sent_at)
    found = _TIME.fullmatch(text)
    assert found is not None
    if value is None:
        return "-".join(part for part in (found["year"], found["month"], found["day"]) if part)
    zone = value.strftime("%z")
    fhir = f"{value:%Y-%m-%dT%H:%M:%S}{found['fraction'] or ''}{zone[:3]}:{zone[3:]}"
    moment(fhir)  # neither before the first nor after the last instant that can be compared
    return fhir


def open_times(fields: Iterable[str], sent_at: datetime | None) -> set[str]:
    """The times of these fields, as `fhir_time` tells them, whose hour comes twice or not at all."""
    found = set()
    for field in fields:
        for sent in _MAY_BE_OPEN.findall(field):
            try:
                value = _local(sent, sent_at)
                if value is not None and value.utcoffset() != value.replace(fold=1 - value.fold).utcoffset():
                    found.add(fhir_time(sent, sent_at))
            except (ValueError, OverflowError):
                continue  # a number that looks like a time
    return found


def moment(fhir: str) -> datetime:
    """The earliest instant that a FHIR dateTime may mean, in UTC, for comparing."""
    text = fhir + "-01-01"[len(fhir) - 4 :] if len(fhir) < 10 else fhir
    value = datetime.fromisoformat(text)
    return (value if value.tzinfo else value.replace(tzinfo=_LONDON)).astimezone(UTC)


def _is_twice(value: datetime) -> bool:
    """Whether the clocks of London show this time of day twice."""
    first, second = (value.replace(fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second


def _local(text: str, sent_at: datetime | None = None) -> datetime | None:
    """The time in its own offset, else London's; None where no hour is named."""
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError
    year, month, day, hour = (found[part] for part in ("year", "month", "day", "hour"))
    minute, second, offset = int(found["minute"] or 0), int(found["second"] or 0), found["offset"]
    zone = _LONDON if offset is None else _zone(offset)
    value = datetime(int(year), int(month or 1), int(day or 1), int(hour or 0), minute, second, tzinfo=zone)
    if hour is None:
        return None
    if sent_at is not None and _is_twice(value):
        since = sent_at - value.replace(fold=1).astimezone(UTC)
        if -_OUT_OF_STEP <= since < _HOUR:  # the last such time before the message was sent
            return value.replace(fold=1)
    return value


def _zone(offset: str) -> timezone:
    """Of "+0100"; of "+01:00" and "Z" too, which are ISO 8601's and which some send."""
    hours, minutes = (int(offset[1:3]), int(offset[-2:])) if offset != "Z" else (0, 0)
    if minutes > 59 or hours * 60 + minutes > 14 * 60:
        raise ValueError
    span = timedelta(hours=hours, minutes=minutes)
    return timezone(-span if offset[0] == "-" else span)
