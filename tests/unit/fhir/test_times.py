"""Dates as ranges, against the standard library's calendar."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.fhir import BEGINNING, END, relevant_time
from concord.fhir.primitives import PATTERNS
from concord.fhir.times import day_of, range_of

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@given(st.datetimes(timezones=st.sampled_from([UTC])), st.integers(-14 * 60, 14 * 60))
def test_an_instant_is_the_calendar_s(at: datetime, minutes: int) -> None:
    sign, (hours, rest) = "-" if minutes < 0 else "+", divmod(abs(minutes), 60)
    text = f"{at:%H:%M:%S}.{at.microsecond:06}{sign}{hours:02}:{rest:02}"
    low = (at - EPOCH) // MICROSECOND - minutes * 60_000_000
    assert range_of(f"{at.year:04}-{at:%m-%d}T{text}") == (low, low + 1)


@given(st.dates())
def test_a_day_a_month_a_year(day: date) -> None:
    text = day.isoformat()
    low, high = range_of(text)
    assert day_of((low, high)) == text
    assert low == (datetime(day.year, day.month, day.day, tzinfo=UTC) - EPOCH) // MICROSECOND
    month, year = range_of(text[:7]), range_of(text[:4])
    assert year[0] <= month[0] <= low < high <= month[1] <= year[1]
    assert (month[1] - month[0]) // 86_400_000_000 in (28, 29, 30, 31)
    assert (year[1] - year[0]) // 86_400_000_000 in (365, 366)


@given(st.integers(0, 9999), st.integers(0, 13), st.integers(0, 32))
def test_the_pattern_of_a_date_knows_the_calendar(year: int, month: int, day: int) -> None:
    text = f"{year:04}-{month:02}-{day:02}"
    try:
        date(year, month, day)
        real = True
    except ValueError:
        real = False
    assert bool(re.fullmatch(PATTERNS["date"], text)) is real


@pytest.mark.parametrize(
    "text", ["", "x", "2025-02-30", "2025-1-1", "2025-01-01T25:00:00Z", "2025-01-01T10:60", "٢٠٢٥"]
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        range_of(text)


def micros(text: str) -> int:
    return range_of(text)[0]


@pytest.mark.parametrize(
    ("resource", "low", "high"),
    [
        ({"resourceType": "Observation", "effectiveDateTime": "2025-03"}, "2025-03-01", "2025-04-01"),
        ({"resourceType": "Observation", "issued": "2025-03-10T10:00:00Z"}, "2025-03-10T10:00", "2025-03-10T10:00:01"),
        (
            {"resourceType": "Observation", "issued": "2026-01-01T00:00:00Z", "effectiveDateTime": "2025"},
            "2025-01-01",
            "2026-01-01",
        ),
        (
            {"resourceType": "Encounter", "period": {"start": "2025-03-10", "end": "2025-03-12"}},
            "2025-03-10",
            "2025-03-13",
        ),
        ({"resourceType": "Condition", "recordedDate": "2025-03-10"}, "2025-03-10", "2025-03-11"),
        (
            {"resourceType": "Condition", "recordedDate": "2025-03-10", "onsetDateTime": "2019"},
            "2019-01-01",
            "2020-01-01",
        ),
        ({"resourceType": "MedicationRequest", "authoredOn": "2025-03-10"}, "2025-03-10", "2025-03-11"),
        ({"resourceType": "MedicationDispense", "whenPrepared": "2025-03-10"}, "2025-03-10", "2025-03-11"),
        ({"resourceType": "ServiceRequest", "authoredOn": "2025-03-10"}, "2025-03-10", "2025-03-11"),
        ({"resourceType": "Appointment", "start": "2025-03-10T10:00:00Z"}, "2025-03-10T10:00", "2025-03-10T10:00:01"),
        ({"resourceType": "AllergyIntolerance", "onsetDateTime": "2025-03-10"}, "2025-03-10", "2025-03-11"),
        (
            {"resourceType": "Observation", "effectiveTiming": {"event": ["2025-03-12", "2025-03-10"]}},
            "2025-03-10",
            "2025-03-13",
        ),
    ],
)
def test_relevant_time(resource: dict[str, object], low: str, high: str) -> None:
    assert relevant_time(resource) == (micros(low), micros(high))


def test_a_period_open_at_one_side_has_no_bound_there() -> None:
    assert relevant_time({"resourceType": "Flag", "period": {"start": "2025-03-10"}}) == (micros("2025-03-10"), END)
    assert relevant_time({"resourceType": "Flag", "period": {"end": "2025-03-10"}}) == (BEGINNING, micros("2025-03-11"))


def test_what_says_no_time_has_none() -> None:
    assert relevant_time({"resourceType": "Patient", "birthDate": "1950-03-01"}) is None
    assert relevant_time({"resourceType": "Observation", "effectiveDateTime": 7}) is None
    assert relevant_time({"resourceType": "Observation", "effectivePeriod": {}}) is None
    assert relevant_time({}) is None
