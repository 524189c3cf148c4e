"""Who lives in Northfield: valid test numbers, stable protagonists, illness that rises with age."""

import re
from collections.abc import Sequence
from datetime import date
from random import Random
from statistics import mean

import pytest

from concord.base import nhs_number
from concord.demo import PROTAGONISTS
from concord.demo.conditions import held_by
from concord.demo.copies import misspelt
from concord.demo.names import FAMILY, GIVEN_FEMALE, GIVEN_MALE
from concord.demo.people import Person, population

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def people() -> Sequence[Person]:
    return population(300, 1, TODAY)


def test_there_are_as_many_people_as_were_asked_for(people: Sequence[Person]) -> None:
    assert len(people) == 300
    assert [each.key for each in people[: len(PROTAGONISTS)]] == list(PROTAGONISTS)


def test_every_nhs_number_is_valid_unique_and_of_the_range_kept_for_tests(people: Sequence[Person]) -> None:
    numbers = [each.nhs_number for each in people if each.key != "unidentified"]
    assert all(nhs_number(each) == each and each.startswith("999") for each in numbers)
    assert len(set(numbers)) == len(numbers)


def test_protagonists_are_the_same_for_every_seed() -> None:
    one, other = population(60, 1, TODAY), population(60, 2, TODAY)
    count = len(PROTAGONISTS)
    told = [(each.key, each.nhs_number, each.given, each.family, each.born_on) for each in one[:count]]
    assert told == [(each.key, each.nhs_number, each.given, each.family, each.born_on) for each in other[:count]]
    assert {each.nhs_number for each in one[count:]}.isdisjoint({each.nhs_number for each in other[count:]})


def test_more_people_leave_the_first_as_they_were() -> None:
    assert population(80, 1, TODAY)[:60] == population(60, 1, TODAY)


def test_telephones_are_those_kept_for_drama(people: Sequence[Person]) -> None:
    for each in people:
        assert re.fullmatch(r"01632 960\d{3}", each.telephone)
        assert re.fullmatch(r"(07700 900\d{3})?", each.mobile)


def test_illness_rises_with_age(people: Sequence[Person]) -> None:
    def conditions(youngest: int, oldest: int) -> float:
        chosen = [each for each in people if youngest <= each.age(TODAY) <= oldest]
        return mean(len(held_by(each, Random(each.key), TODAY)) for each in chosen)

    assert conditions(0, 17) < 0.5 < conditions(40, 59) < conditions(60, 74) < conditions(75, 99)


def test_nobody_has_had_a_condition_since_before_birth(people: Sequence[Person]) -> None:
    for each in people:
        assert all(each.born_on < held.since < TODAY for held in held_by(each, Random(each.key), TODAY))


def test_a_misspelling_is_always_another_name() -> None:
    rng = Random(1)
    names = [*GIVEN_FEMALE, *GIVEN_MALE, *FAMILY]
    assert [each for each in names if misspelt(each, rng) == each] == []
