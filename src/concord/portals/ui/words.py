"""How a date, a time, an age and a number are written on screen. Times of day are those of the clocks in London."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def day(value: date) -> str:
    """`9 Nov 2026`. An instant is taken as its day in London."""
    local = value.astimezone(LONDON).date() if isinstance(value, datetime) else value
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def clock(at: datetime) -> str:
    """`03:12`."""
    return at.astimezone(LONDON).strftime("%H:%M")


def moment(at: datetime) -> str:
    """`22 Nov 2026 03:12`."""
    return f"{day(at)} {clock(at)}"


def lately(at: datetime, now: datetime) -> str:
    """An instant before `now`, as short as is plain: `18:12` today, `Sat 18:12` in the last six days, else the day."""
    then, today = at.astimezone(LONDON), now.astimezone(LONDON).date()
    days = (today - then.date()).days
    if days == 0:
        return clock(at)
    return f"{_WEEKDAYS[then.weekday()]} {clock(at)}" if 0 < days < 7 else day(at)
