"""Days and times of the story: told in London's local time, relative to the day on which the story ends."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_LONDON = ZoneInfo("Europe/London")


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """That local time of that day, without an offset: how everyone in the story tells the time."""
    return datetime.combine(day, time(hour, minute))


def ago(today: date, days: int) -> date:
    return today - timedelta(days=days)


def instant(local: datetime) -> str:
    """As a FHIR instant with London's offset: `2026-11-21T23:47:00+00:00`."""
    return local.replace(tzinfo=_LONDON).isoformat()
