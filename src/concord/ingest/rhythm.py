"""How often something is expected, at which hours of which days: silence is measured in the time that counts alone."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from concord.base import Entry

_LONDON = ZoneInfo("Europe/London")
_SPAN = re.compile(r"([1-9]\d{0,4})(min|h|d|w)")
_HOURS = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)")
_UNITS = {
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_IN_WORDS = tuple(zip(reversed(_UNITS.values()), ("week", "day", "hour", "minute"), strict=True))
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SHORT = [day[:3].lower() for day in _DAYS]
_A_DAY = timedelta(days=1)


@dataclass(frozen=True, kw_only=True, slots=True)
class Rhythm:
    """Something comes at least `every` so long, in the `hours` (of London: from, to, perhaps past midnight) of the
    `days` (0: Monday; those on which hours begin). None, and no days: at all hours, on all days."""

    every: timedelta
    hours: tuple[time, time] | None = None
    days: frozenset[int] = frozenset()

    def counted(self, since: datetime, until: datetime) -> timedelta:
        """How much of this span counts."""
        if self.hours is None and not self.days:
            return max(until - since, timedelta())
        opens, closes = self.hours or (time(), time())
        found, day = timedelta(), since.astimezone(_LONDON).date() - _A_DAY
        while day <= until.astimezone(_LONDON).date():
            if not self.days or day.weekday() in self.days:
                last = day if closes > opens else day + _A_DAY
                start, end = (datetime.combine(on, at, _LONDON) for on, at in ((day, opens), (last, closes)))
                found += max(min(end.astimezone(UTC), until) - max(start.astimezone(UTC), since), timedelta())
            day += _A_DAY
        return found

    def is_exceeded(self, last_at: datetime, now: datetime) -> bool:
        """Whether more than `every` of the time that counts has gone since something came."""
        return self.counted(last_at, now) > self.every

    def share(self, now: datetime) -> float:
        """How much of the last 24 hours counts, by what counts of 24 hours in the week before."""
        usual = self.counted(now - 8 * _A_DAY, now - _A_DAY) / 7
        return self.counted(now - _A_DAY, now) / usual if usual else 0.0

    @property
    def in_words(self) -> str:
        """Such as "15 minutes" or "hour from 07:00 to 20:00, Monday to Friday", to follow "every"."""
        size, word = next((size, word) for size, word in _IN_WORDS if not self.every % size)
        count = self.every // size
        words = word if count == 1 else f"{count} {word}s"
        if self.hours is not None:
            words += " from {:%H:%M} to {:%H:%M}".format(*self.hours)
        return f"{words}, {self._days_in_words()}" if self.days else words

    def _days_in_words(self) -> str:
        days = sorted(self.days)
        if len(days) > 2 and days[-1] - days[0] == len(days) - 1:
            return f"{_DAYS[days[0]]} to {_DAYS[days[-1]]}"
        return " and ".join(", ".join(_DAYS[day] for day in days).rsplit(", ", 1))


def read_rhythm(fields: Mapping[str, Entry]) -> Rhythm | None:
    """Of a feed's `rhythm`, `hours` and `days`. Raises FileRefused."""
    if "rhythm" not in fields:
        for name in ("hours", "days"):
            if name in fields:
                raise fields[name].refused(f'"{name}" needs "rhythm": they say when it counts')
        return None
    span = _SPAN.fullmatch(fields["rhythm"].text("rhythm"))
    if span is None:
        raise fields["rhythm"].refused("rhythm must be a span such as 15min, 4h, 1d or 1w")
    every = int(span[1]) * _UNITS[span[2]]
    days = fields["days"].one_or_more("the list of days") if "days" in fields else ()
    return Rhythm(
        every=every,
        hours=_hours(fields["hours"]) if "hours" in fields else None,
        days=frozenset(_SHORT.index(each.one_of("day", _SHORT)) for each in days),
    )


def _hours(entry: Entry) -> tuple[time, time]:
    found = _HOURS.fullmatch(entry.text("hours"))
    if found is None:
        raise entry.refused("hours must be written like 07:00-20:00")
    return time(int(found[1]), int(found[2])), time(int(found[3]), int(found[4]))
