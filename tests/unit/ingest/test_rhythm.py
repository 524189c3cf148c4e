"""When silence counts: at night and at weekends only where something is expected then."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from concord.base import Incorrect, read_entry
from concord.ingest.rhythm import Rhythm, read_rhythm

LONDON = ZoneInfo("Europe/London")


def rhythm(text: str) -> Rhythm | None:
    fields = read_entry(text, filename="pas.yaml").fields("a feed", required=[], optional=["rhythm", "hours", "days"])
    return read_rhythm(fields)


def at(text: str) -> datetime:
    """Of November 2026, which began on a Sunday, in London."""
    day, _, clock = text.partition(" ")
    return datetime.fromisoformat(f"2026-11-{int(day):02d}T{clock}").replace(tzinfo=LONDON)


CLINIC = "rhythm: 15min\nhours: 07:00-20:00\ndays: [mon, tue, wed, thu, fri]"
NIGHTS = "rhythm: 1h\nhours: 22:00-06:00\ndays: [fri]"

# rhythm, last heard, now, how many minutes of silence count
COUNTED = [
    ("rhythm: 15min", "2 19:55", "3 03:00", 425),
    (CLINIC, "2 19:55", "3 03:00", 5),
    (CLINIC, "2 19:55", "3 07:00", 5),
    (CLINIC, "2 19:55", "3 07:11", 16),
    (CLINIC, "6 19:50", "9 07:00", 10),  # Friday to Monday
    (CLINIC, "7 09:00", "8 21:00", 0),
    (CLINIC, "2 08:00", "2 08:15", 15),
    (NIGHTS, "6 21:00", "7 05:00", 7 * 60),  # Friday's hours end on Saturday morning
    (NIGHTS, "7 05:00", "7 23:30", 60),
    ("rhythm: 1d\ndays: [mon, tue, wed, thu, fri]", "6 23:00", "9 01:00", 120),
    ("rhythm: 1d", "2 08:00", "1 08:00", 0),  # a clock that was put back
]


@pytest.mark.parametrize(("text", "last", "now", "minutes"), COUNTED)
def test_silence_counts_where_something_is_expected(text: str, last: str, now: str, minutes: int) -> None:
    found = rhythm(text)
    assert found is not None
    assert found.counted(at(last), at(now)) == timedelta(minutes=minutes)
    assert found.is_exceeded(at(last), at(now)) is (timedelta(minutes=minutes) > found.every)


def test_the_hour_that_the_clocks_repeat_counts_twice() -> None:
    nightly = rhythm("rhythm: 1h\nhours: 00:00-06:00")
    assert nightly is not None
    autumn = [datetime(2026, 10, day, 12, tzinfo=LONDON) for day in (24, 25)]
    assert nightly.counted(*autumn) == timedelta(hours=7)


WORDS = [
    ("rhythm: 15min", "15 minutes"),
    ("rhythm: 1d", "day"),
    (CLINIC, "15 minutes from 07:00 to 20:00, Monday to Friday"),
    ("rhythm: 4h\ndays: [sat, sun]", "4 hours, Saturday and Sunday"),
    ("rhythm: 1w\ndays: [wed]", "week, Wednesday"),
    ("rhythm: 2h\ndays: [mon, wed, fri]", "2 hours, Monday, Wednesday and Friday"),
]


@pytest.mark.parametrize(("text", "words"), WORDS)
def test_in_words(text: str, words: str) -> None:
    found = rhythm(text)
    assert found is not None
    assert found.in_words == words


def test_how_much_of_a_day_counts_by_the_week_before() -> None:
    clinic = rhythm(CLINIC)
    assert clinic is not None
    assert clinic.share(at("15 21:00")) == 0  # Sunday evening
    assert clinic.share(at("18 21:00")) == pytest.approx(7 / 5)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("hours: 07:00-20:00", '"hours" needs "rhythm"'),
        ("days: [mon]", '"days" needs "rhythm"'),
        ("rhythm: 15min\nhours: 7-20", "written like 07:00-20:00"),
        ("rhythm: 15min\nhours: 07:00-24:30", "written like 07:00-20:00"),
        ("rhythm: 15min\ndays: [mon, tues]", 'unknown day "tues"'),
        ("rhythm: often", "rhythm must be a span"),
    ],
)
def test_what_is_no_rhythm(text: str, why: str) -> None:
    with pytest.raises(Incorrect, match=why):
        rhythm(text)
