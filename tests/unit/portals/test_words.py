"""Dates, ages, differences and small charts, each as it stands on the screen."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from concord.portals.professional.differences import differences
from concord.portals.professional.search_form import read_date
from concord.portals.ui import words
from concord.portals.ui.sparkline import sparkline
from tests.unit.portals.made_up import NOW, margaret


@pytest.mark.parametrize(
    "typed",
    ["14 2 1942", "14/02/1942", "14-2-1942", "14.02.1942", "14 Feb 1942", "14th February 1942", "1942-02-14",
     "14021942", " 14  feb  1942 "],
)  # fmt: skip
def test_a_date_is_read_however_it_is_written(typed: str) -> None:
    assert read_date(typed) == date(1942, 2, 14)


@pytest.mark.parametrize("typed", ["", "1942", "31 2 1942", "14 2 42", "2 1942", "today", "14 2 1492", "14 Fob 1942"])
def test_what_is_no_whole_date_is_not_guessed(typed: str) -> None:
    assert read_date(typed) is None


def test_instants_are_those_of_london() -> None:
    summer = datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert words.moment(summer) == "1 Jul 2026 00:30"
    assert words.day(date(2026, 11, 9)) == "9 Nov 2026"


@pytest.mark.parametrize(
    ("before", "said"),
    [(timedelta(hours=1), "02:12"), (timedelta(hours=9), "Sat 18:12"), (timedelta(days=7), "15 Nov 2026")],
)
def test_lately_is_never_ambiguous(before: timedelta, said: str) -> None:
    assert words.lately(NOW - before, NOW) == said


def test_what_differs_is_marked_word_by_word() -> None:
    marked = differences(["14 Feb 1942", "14 Sep 1947"])
    assert [[(s.text, s.differs) for s in row if s.text.strip()] for row in marked] == [
        [("14", False), ("Feb", True), (" 194", False), ("2", True)],
        [("14", False), ("Sep", True), (" 194", False), ("7", True)],
    ]
    assert not any(stretch.differs for stretch in differences(["HOLROYD, Margaret"])[0])


def test_a_spark_lies_within_its_box_and_rings_what_is_outside() -> None:
    potassium = margaret().results.laboratory[1]
    spark = sparkline(potassium.test, potassium.series, potassium.low, potassium.high, NOW)
    assert spark is not None
    assert spark.outside
    assert spark.label == "Potassium: 5 values over two years, latest 5.9 mmol/L"
    for place in spark.points.split():
        x, y = (Decimal(number) for number in place.split(","))
        assert 0 <= x <= 72
        assert 0 <= y <= 24


def test_a_single_value_is_no_chart() -> None:
    potassium = margaret().results.laboratory[1]
    assert sparkline("Potassium", potassium.series[-1:], None, None, NOW) is None
