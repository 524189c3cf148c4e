"""Dates and times as extracts write them: `DD/MM/YYYY`, `D MMM YYYY HH:mm`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PARTS = {
    "YYYY": r"(?P<year>\d{4})",
    "MMM": r"(?P<name>[A-Za-z]{3})",
    "MM": r"(?P<month>\d\d)",
    "M": r"(?P<month>\d{1,2})",
    "DD": r"(?P<day>\d\d)",
    "D": r"(?P<day>\d{1,2})",
    "HH": r"(?P<hour>\d\d)",
    "mm": r"(?P<minute>\d\d)",
    "ss": r"(?P<second>\d\d)",
}
_PART = re.compile("|".join(_PARTS))
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class DateFormat:
    """One way of writing a date, with a time or without. `shown` is what the mapping says."""

    shown: str
    pattern: re.Pattern[str]

    @classmethod
    def of(cls, shown: str) -> "DateFormat | None":
        """None for what says no year, month and day, or one of its parts twice."""
        pieces: list[str] = []
        at = 0
        for part in _PART.finditer(shown):
            pieces += [re.escape(shown[at : part.start()]), _PARTS[part[0]]]
            at = part.end()
        try:
            pattern = re.compile("".join([*pieces, re.escape(shown[at:])]), re.ASCII)
        except re.error:  # a part stands twice
            return None
        said = pattern.groupindex.keys()
        if not {"year", "day"} <= said or not said & {"month", "name"} or re.search("[A-Za-z]", _PART.sub("", shown)):
            return None
        return cls(shown, pattern)

    def read(self, text: str) -> date | datetime | None:
        """None for what is not written so. Raises ValueError for what no calendar knows."""
        found = self.pattern.fullmatch(text)
        if found is None:
            return None
        said = found.groupdict()
        month = _MONTHS.index(said["name"].lower()) + 1 if said.get("name") else int(said["month"])
        day = date(int(said["year"]), month, int(said["day"]))
        if "hour" not in said:
            return day
        hour, minute, second = (int(said.get(part) or 0) for part in ("hour", "minute", "second"))
        return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=_LONDON)


def read_date(text: str, formats: Sequence[DateFormat]) -> str:
    """As a FHIR date; of a date and time, its day. Raises ValueError."""
    if formats:
        return _read(text, formats).strftime("%Y-%m-%d")
    if not _DATE.fullmatch(text):
        raise ValueError(text)
    return date.fromisoformat(text).isoformat()


def read_instant(text: str, formats: Sequence[DateFormat]) -> str:
    """As a FHIR dateTime; without an offset it is London's, without a time a day. Raises ValueError."""
    value = _read(text, formats) if formats else datetime.fromisoformat(text)
    if not isinstance(value, datetime):
        return value.isoformat()
    return (value if value.tzinfo else value.replace(tzinfo=_LONDON)).isoformat(timespec="seconds")


def _read(text: str, formats: Sequence[DateFormat]) -> date | datetime:
    for each in formats:
        if (value := each.read(text)) is not None:
            return value
    raise ValueError(text)
