"""HL7 v2 times to FHIR's (HL7 v2.4, 2.9.47 TS): YYYY[MM[DD[HH[MM[SS[.S[S[S[S]]]]]]]]][+/-ZZZZ]."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from concord.ingest.hl7v2.message import NotMapped, Segment

_LONDON = ZoneInfo("Europe/London")
_TIME = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?:(?P<day>\d\d)(?:(?P<hour>\d\d)(?P<minute>\d\d)?(?P<second>\d\d)?"
    r"(?P<fraction>\.\d{1,4})?)?)?)?(?P<offset>[+-]\d{4})?"
)


def date_time(segment: Segment, number: int, component: int = 1) -> str | None:
    """The field (a component of it) as a FHIR dateTime as precise as it was sent; None when absent. Raises NotMapped.

    A time without an offset is one of London; of an hour that the clocks repeat, the first is meant.
    """
    text = segment.text(number, component)
    if not text:
        return None
    try:
        return _fhir(text)
    except (ValueError, OverflowError):
        raise NotMapped(segment.where(number), "The field is not a time that the calendar knows.") from None


def date(segment: Segment, number: int) -> str | None:
    """The field's date as a FHIR date; its time, if any, is passed over. Raises NotMapped."""
    found = date_time(segment, number)
    return found and found[:10]


def instant(segment: Segment, number: int) -> str | None:
    """The field as a FHIR instant; None when it is absent or less precise than a minute. Raises NotMapped."""
    found = date_time(segment, number)
    return found if found and "T" in found else None


def instant_of(text: str) -> datetime | None:
    """The instant that the text of a field names; None where it names none, or is less precise than a minute."""
    try:
        found = _fhir(text)
    except (ValueError, OverflowError):
        return None
    return moment(found) if "T" in found else None


def moment(fhir: str) -> datetime:
    """The earliest instant that a FHIR dateTime may mean, in UTC, for comparing."""
    text = fhir + "-01-01"[len(fhir) - 4 :] if len(fhir) < 10 else fhir
    value = datetime.fromisoformat(text)
    return (value if value.tzinfo else value.replace(tzinfo=_LONDON)).astimezone(UTC)


def _fhir(text: str) -> str:
    found = _TIME.fullmatch(text)
    if found is None:
        raise ValueError
    year, month, day, hour = (found[part] for part in ("year", "month", "day", "hour"))
    minute, second = found["minute"] or "00", found["second"] or "00"
    value = datetime(
        int(year), int(month or 1), int(day or 1), int(hour or 0), int(minute), int(second), tzinfo=_LONDON
    )
    if hour is None:
        return "-".join(part for part in (year, month, day) if part)
    zone = found["offset"] or value.strftime("%z")
    if zone[1:] > "1400" or int(zone[3:]) > 59:
        raise ValueError
    fhir = f"{value:%Y-%m-%dT%H:%M:%S}{found['fraction'] or ''}{zone[:3]}:{zone[3:]}"
    moment(fhir)  # neither before the first nor after the last instant that can be compared
    return fhir
