"""Who is linked without a number, who waits for a human and who stays apart: a table a data-quality officer can read.

Known is Margaret Ann Holroyd, female, born 14 February 1942, of 17 Weavers Fold, NF4 2ZZ, at her practice. The hospital
sends somebody without an NHS number, who says the same but for what stands here.
"""

from typing import Any

import pytest

from concord.base import NhsNumber, PersonId
from concord.store.people import Demographics
from tests.spec.identity.people_alike import COUNCIL, HOSPITAL, PEGGY, PRACTICE, Known, judged, saying

NUMBER, OTHER_NUMBER = NhsNumber("9990003114"), NhsNumber("9990003203")

MOVED = {"postcode": "nf11aa", "address": "3 Canal Row, Northfield, NF1 1AA"}
# what differs | what becomes of it
TABLE = [
    ({}, "link"),
    ({"shown_name": "HOLROYD, Margaret"}, "link"),
    ({"given": "peggy", "shown_name": "HOLROYD, Peggy"}, "link"),
    ({"family": "holroyde"}, "link"),
    ({"family": "holroydsmith"}, "link"),
    ({"address": "NF4 2ZZ"}, "link"),
    ({"sex": ""}, "link"),
    # A slip, or another person? A human looks.
    ({"given": "margret"}, "wait"),
    ({"given": "m"}, "wait"),
    ({"shown_name": "HOLROYD, Margaret Joan"}, "wait"),
    ({"family": "ackroyd"}, "wait"),
    ({"born_on": "1942-02-15"}, "wait"),
    ({"born_on": "1924-02-14"}, "wait"),
    ({"born_on": ""}, "wait"),
    ({"born_on": "1942"}, "wait"),
    ({"sex": "male"}, "wait"),
    (MOVED, "wait"),
    ({"postcode": "", "address": ""}, "wait"),
    # Whose whereabouts are protected is never linked by likeness.
    ({"protected": True}, "wait"),
    # A sister, a daughter, a stranger.
    ({"given": "doris", "shown_name": "HOLROYD, Doris", "born_on": "1944-06-01"}, "apart"),
    ({"given": "susan", "shown_name": "HOLROYD, Susan", "born_on": "1967-03-30"}, "apart"),
    ({"family": "patel", "given": "sunita", "shown_name": "PATEL, Sunita", "born_on": "1980-01-01"} | MOVED, "apart"),
    ({"family": "ackroyd"} | MOVED, "apart"),
]


@pytest.mark.parametrize(("differs", "expected"), TABLE)
def test_somebody_without_a_number_beside_one_who_is_known(differs: dict[str, object], expected: str) -> None:
    assert judged(saying(**differs), Known()).decision == expected


ADAM = saying(
    family="okafor", given="adam", sex="male", born_on="2019-05-06", shown_name="OKAFOR, Adam",
    address="9 Tenter Lane, Northfield, NF2 1ZZ", postcode="nf21zz",
)  # fmt: skip
NEWBORN = saying(ADAM, given="baby", shown_name="OKAFOR, Baby", born_on="2026-05-30")
FATHER = saying(ADAM, born_on="1984-11-20")
# who is known | who comes | what becomes of it, and why
PEOPLE: list[tuple[str, Demographics, Any, str]] = [
    ("twins", ADAM, {"given": "david", "shown_name": "OKAFOR, David"}, "wait"),
    ("twins whose names sound alike", ADAM, {"given": "adan", "shown_name": "OKAFOR, Adan"}, "wait"),
    ("twin brother and sister", ADAM, {"given": "amara", "shown_name": "OKAFOR, Amara", "sex": "female"}, "wait"),
    ("twins of one first name", saying(ADAM, shown_name="OKAFOR, Adam Obi"), {"shown_name": "OKAFOR, Adam Jo"}, "wait"),
    ("newborn twins without names", NEWBORN, NEWBORN, "wait"),
    ("a newborn, named since", NEWBORN, {"given": "leo", "shown_name": "OKAFOR, Leo", "born_on": "2026-05-30"}, "wait"),
    ("father and son of one name", FATHER, {}, "wait"),
    ("grandfather and grandson of one name, not of one house", FATHER, {"postcode": "nf11aa", "address": ""}, "apart"),
    ("a date that stands for none", saying(ADAM, born_on="1900-01-01"), {"born_on": "1900-01-01"}, "wait"),
    ("no fixed abode", saying(ADAM, postcode="zz993vz", address=""), {"postcode": "zz993vz", "address": ""}, "wait"),
]  # fmt: skip


@pytest.mark.parametrize(("known", "comes", "expected"), [row[1:] for row in PEOPLE], ids=[row[0] for row in PEOPLE])
def test_those_who_are_easily_taken_for_one(known: Demographics, comes: Any, expected: str) -> None:
    new = saying(ADAM, **comes) if isinstance(comes, dict) else comes
    assert judged(new, Known(demographics=known)).decision == expected


def test_two_valid_numbers_are_two_people_however_alike() -> None:
    known = Known(demographics=saying(nhs_number=NUMBER))
    assert judged(saying(nhs_number=OTHER_NUMBER), known).decision == "apart"
    assert judged(PEGGY, known).decision == "link"


def test_what_one_organisation_holds_as_two_it_must_join_itself() -> None:
    assert judged(PEGGY, Known(), organisation=PRACTICE).decision == "wait"
    elsewhere = Known(organisation=COUNCIL, source=(1, 2))
    assert judged(PEGGY, Known(demographics=saying(**MOVED)), elsewhere, organisation=PRACTICE).decision == "wait"


def test_who_may_be_either_of_two_is_neither() -> None:
    other = Known(person=PersonId("another"), base=PersonId("another"), organisation=COUNCIL, source=(1, 2))
    found = judged(PEGGY, Known(), other)
    assert (found.decision, found.why) == ("wait", "alike; so is another person")
    assert judged(PEGGY, other, Known()) == found


def test_nobody_joins_what_waits_itself() -> None:
    assert judged(PEGGY, Known(held=True)).decision == "wait"


@pytest.mark.parametrize(
    ("beside", "expected"),
    [
        (MOVED, "link"),
        ({"family": "ackroyd"} | MOVED, "link"),
        ({"given": "m", "born_on": ""}, "link"),
        ({"nhs_number": NUMBER}, "link"),
        ({"born_on": "1942-02-15"}, "wait"),
        ({"sex": "male"}, "wait"),
        ({"given": "joan", "shown_name": "HOLROYD, Joan"}, "wait"),
    ],
)
def test_another_source_of_the_person_may_be_old_but_not_contradict(beside: dict[str, object], expected: str) -> None:
    other = Known(demographics=saying(**beside), organisation=COUNCIL, source=(1, 2))
    assert judged(PEGGY, Known(), other).decision == expected


def test_the_reason_names_what_was_compared_and_never_a_value() -> None:
    assert judged(saying(born_on="1942-02-15"), Known()).why == "alike; Date of birth: one digit differs"
    assert judged(PEGGY, Known(), organisation=HOSPITAL).why == "alike: names, date of birth and address agree"
