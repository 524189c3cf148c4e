"""Those who are easily taken for one, or for two: a table a data-quality officer can read.

Somebody is known at a practice, and the hospital, whose numbers are traced, sends somebody. `link`: one person.
`wait`: a human looks, and they are two meanwhile. `apart`: two, and nobody is asked.
"""

import pytest

from concord.base import NhsNumber, PersonId
from concord.identity.matching import compare
from concord.store.people import Demographics
from tests.spec.identity.people_alike import COUNCIL, PEGGY, Known, judged, saying

ONE, TWO = NhsNumber("9990003114"), NhsNumber("9990003203")
ELSEWHERE = {"postcode": "nf11aa", "address": "3 Canal Row, Northfield, NF1 1AA"}
HELD = saying(nhs_number=ONE)
BABY = saying(given="baby", shown_name="HOLROYD, Baby", born_on="2026-05-30", sex="female")
MOTHER = saying(nhs_number=ONE, born_on="1994-03-08")
ADAM = saying(given="adam", shown_name="HOLROYD, Adam", sex="male", born_on="1958-01-20")
YOUNG = saying(ADAM, born_on="1986-07-03")


def becomes(known: Demographics, comes: Demographics) -> str:
    """By the number, if both have the same; else by likeness."""
    if known.nhs_number is not None and known.nhs_number == comes.nhs_number:
        return {"link": "link", "hold": "wait", "apart": "apart"}[compare(comes, [known], "traced").decision]
    return judged(comes, Known(demographics=known)).decision


TABLE: list[tuple[str, Demographics, Demographics, str]] = [
    # Names change.
    ("married since, no number", HELD, saying(family="ackroyd", shown_name="ACKROYD, Margaret Ann"), "wait"),
    ("married, and moved", HELD, saying(family="ackroyd", **ELSEWHERE), "apart"),
    ("married, under the number", HELD, saying(HELD, family="ackroyd"), "wait"),
    ("a double name since", HELD, saying(family="holroydackroyd"), "link"),
    ("known by the second name", HELD, saying(given="ann", shown_name="HOLROYD, Ann"), "wait"),
    ("names changed round", HELD, saying(family="margaret", given="holroyd"), "wait"),
    # Sex changes, and with it often the number: nothing then may tell the one record of the other.
    ("another sex, the number kept", HELD, saying(HELD, sex="male"), "link"),
    ("another sex and first name, the number kept", HELD, saying(HELD, sex="male", given="martin"), "wait"),
    ("another sex, no number", HELD, saying(sex="male"), "wait"),
    ("another sex, first name and number", HELD, saying(nhs_number=TWO, sex="male", given="martin"), "apart"),
    # Newborns, written down under their mothers.
    ("a newborn, under its mother's number", MOTHER, saying(BABY, nhs_number=ONE), "wait"),
    ("a newborn, under its mother's name and number", MOTHER, saying(MOTHER, born_on="2026-05-30"), "wait"),
    ("a newborn beside its mother", MOTHER, BABY, "apart"),
    ("a newborn with a number beside its mother", MOTHER, saying(BABY, nhs_number=TWO), "apart"),
    ("a newborn, named since, under its number", saying(BABY, nhs_number=TWO),
     saying(BABY, nhs_number=TWO, given="leo", shown_name="HOLROYD, Leo"), "link"),
    ("newborn twins, one with a number", saying(BABY, nhs_number=TWO), BABY, "wait"),
    # Senior and junior.
    ("a son of his father's name", ADAM, YOUNG, "wait"),
    ("a son of his father's name, with a number", saying(ADAM, nhs_number=ONE), saying(YOUNG, nhs_number=TWO), "apart"),
    ("a son under his father's number", saying(ADAM, nhs_number=ONE), saying(YOUNG, nhs_number=ONE), "wait"),
    ("Junior, in the family name", ADAM, saying(YOUNG, family="holroydjr"), "wait"),
    ("Senior, in the given names", saying(ADAM, shown_name="HOLROYD, Adam Senior"),
     saying(YOUNG, shown_name="HOLROYD, Adam Junior"), "apart"),
    ("a father or his son, of no birth date", ADAM, saying(ADAM, born_on=""), "wait"),
    # Twins, and their numbers.
    ("a twin under the other's number", HELD, saying(HELD, given="doris", shown_name="HOLROYD, Doris"), "wait"),
    ("a twin without a number", HELD, saying(given="doris", shown_name="HOLROYD, Doris"), "wait"),
    ("a twin with a number", HELD, saying(nhs_number=TWO, given="doris"), "apart"),
    # Strangers of one name.
    ("a namesake of the same birth date, in another town", HELD,
     saying(postcode="m11aa", address="1 Mill Row, Manchester, M1 1AA"), "wait"),
    ("a namesake of another birth date, next door", HELD,
     saying(born_on="1951-09-09", address="19 Weavers Fold, NF4 2ZZ"), "apart"),
    # Whom a source protects.
    ("protected, under the number", saying(HELD, protected=True), HELD, "link"),
    ("protected, no number", saying(HELD, protected=True), PEGGY, "wait"),
    ("protected where they come from", HELD, saying(protected=True), "wait"),
]  # fmt: skip


@pytest.mark.parametrize(("known", "comes", "expected"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_somebody_known_and_somebody_who_comes(known: Demographics, comes: Demographics, expected: str) -> None:
    assert becomes(known, comes) == expected


def test_between_a_father_and_his_son_whoever_has_no_birth_date_is_neither() -> None:
    father, son = (
        Known(demographics=each, person=PersonId(name), base=PersonId(name), organisation=COUNCIL, source=(1, at))
        for at, (name, each) in enumerate((("father", ADAM), ("son", YOUNG)))
    )
    assert judged(saying(ADAM, born_on=""), father, son).decision == "wait"
    assert judged(ADAM, father, son).base == "father"
    assert judged(YOUNG, father, son).base == "son"
