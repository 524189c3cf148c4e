"""Links as Patients come, change and go apart: nothing is lost, and a person keeps their name in the audit."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any, Literal

import pytest

from concord.base import NhsNumber, OdsCode, PersonId
from concord.governance import Duty, permit_duty
from concord.identity import link_source_patient, persons_with_number
from concord.store import Store, people

NUMBER, OTHER = NhsNumber("9990003114"), NhsNumber("9990003203")
MATCHING = permit_duty(Duty(name="matching"))
PEGGY = people.Demographics(
    nhs_number=NUMBER, family="holroyd", given="margaret", born_on="1942-02-14", postcode="nf42zz", sex="female",
    shown_name="HOLROYD, Margaret", address="", died_on=None, protected=False,
)  # fmt: skip
Says = Callable[..., PersonId]


class Counted:
    """Ids in order, so that a person made anew is seen."""

    def __init__(self) -> None:
        self._numbers = count(1)

    def fresh(self) -> str:
        return f"person-{next(self._numbers)}"


@pytest.fixture
def says(store: Store) -> Says:
    """A source patient (1, 2, ...) as its source describes it now; the person it belongs to."""
    ids = Counted()

    def act(number: int, assurance: Literal["traced", "stated"] = "traced", **now: Any) -> PersonId:
        demographics = replace(PEGGY, **now)
        with store.writing() as writing:
            while (writing.row("SELECT max(number) FROM source_patient") or (0,))[0] in (None, *range(number)):
                people.new_source_patient(writing, 1, OdsCode("ZZP01"), f"p{number}")
            person = link_source_patient(writing, MATCHING, (1, number), demographics, assurance, ids).base
            people.describe(writing, (1, number), demographics)
        return person

    return act


def persons(store: Store, number: NhsNumber) -> list[PersonId]:
    with store.reading() as reading:
        return persons_with_number(reading, MATCHING, number)


def test_what_agrees_is_one_person_and_what_does_not_is_held_apart(store: Store, says: Says) -> None:
    first = says(1)
    assert says(2) == first
    apart = says(3, born_on="1947-09-14")
    assert apart != first
    assert persons(store, NUMBER) == [first, apart]
    with store.reading() as reading:
        (held,) = people.held_for_review(reading)
        waits_for = reading.row("SELECT person, held_for FROM link WHERE source_patient = 3")
    assert held[2] == "traced number; date of birth differs"
    assert waits_for == (apart, first)


def test_what_is_held_joins_nobody_and_nobody_joins_it(says: Says) -> None:
    first = says(1)
    held = says(2, born_on="1947-09-14")
    assert says(3, born_on="1947-09-14") not in (first, held)


def test_a_name_changed_after_linking_keeps_the_link(says: Says) -> None:
    first = says(1)
    says(2)
    assert says(2, family="ackroyd", postcode="nf11aa") == first


@pytest.mark.parametrize("corrected", [{}, {"given": "peggy"}])
def test_what_is_held_is_judged_anew_when_its_source_corrects_it(
    store: Store, says: Says, corrected: dict[str, str]
) -> None:
    first = says(1)
    assert says(2, family="holroyde") != first
    assert says(2, **corrected) == first
    with store.reading() as reading:
        assert people.held_for_review(reading) == []


def test_what_is_held_and_says_the_same_again_is_the_same_person(says: Says) -> None:
    says(1)
    held = says(2, family="holroyde")
    assert says(2, family="holroyde") == held
    assert says(2, family="holroyde", given="meg") == held


def test_another_number_takes_it_out_and_the_first_again_brings_it_back(store: Store, says: Says) -> None:
    first = says(1)
    says(2)
    apart = says(2, nhs_number=OTHER)
    assert apart != first
    assert (persons(store, NUMBER), persons(store, OTHER)) == ([first], [apart])
    assert says(2) == first
    with store.reading() as reading:
        assert [number for _, number, _ in people.linked(reading, first)] == [1, 2]


def test_the_founder_may_leave_and_the_rest_stay_together(says: Says) -> None:
    first = says(1)
    assert says(2) == says(3) == first
    assert says(1, nhs_number=OTHER) != first
    assert says(4) == first
    assert says(1, born_on="1900-01-01") != first


@pytest.mark.parametrize("change", [{"born_on": "1942-02-15"}, {"nhs_number": OTHER}, {"nhs_number": None}])
def test_whoever_stands_alone_stays_the_same_person_when_corrected(says: Says, change: dict[str, object]) -> None:
    """The audit knows them by this id: a corrected birth date must not cut them off from who has looked."""
    first = says(1)
    assert says(1, **change) == first


def test_without_a_number_each_is_a_person_of_their_own(says: Says) -> None:
    assert says(1, nhs_number=None) != says(2, nhs_number=None)
