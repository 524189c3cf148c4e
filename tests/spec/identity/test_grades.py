"""How surely a Patient in hand means a person who is known (`$match`): tables a records manager can read.

Known is Margaret Ann Holroyd, NHS number 999 000 3114, female, born 14 February 1942, of 17 Weavers Fold, NF4 2ZZ.
"""

import pytest

from concord.base import NhsNumber
from concord.identity.grading import Grade, grade, grade_all
from tests.spec.identity.people_alike import PEGGY, SCORER, Known, saying
from tests.spec.identity.test_likeness import MOVED as AT_CANAL_ROW
from tests.spec.identity.test_likeness import NUMBER, OTHER_NUMBER

MOVED: dict[str, object] = dict(AT_CANAL_ROW)
HELD = saying(nhs_number=NUMBER)
JOAN: dict[str, object] = {"given": "joan", "shown_name": "HOLROYD, Joan"}
SUNITA = {
    "family": "patel",
    "given": "sunita",
    "shown_name": "PATEL, Sunita",
    "born_on": "1980-05-05",
    "sex": "",
} | MOVED

# what the Patient in hand says differently | grade
NUMBERED: list[tuple[dict[str, object], Grade | None]] = [
    ({}, "certain"),
    ({"given": "peggy", "shown_name": "HOLROYD, Peggy"}, "certain"),
    ({"postcode": "", "address": ""}, "certain"),
    (MOVED, "certain"),
    # The number is theirs, and something else is not: likely, and a human would be asked.
    ({"given": "peggy", "shown_name": "HOLROYD, Peggy"} | MOVED, "probable"),
    ({"family": "holroyde"}, "probable"),
    ({"born_on": "1942-02-15"}, "probable"),
    (JOAN, "probable"),
    (SUNITA, "possible"),
    # Another valid number is another person, unless it was written down wrongly.
    ({"nhs_number": OTHER_NUMBER}, "possible"),
    ({"nhs_number": OTHER_NUMBER} | MOVED, "possible"),
    ({"nhs_number": OTHER_NUMBER} | SUNITA, None),
]
UNNUMBERED: list[tuple[dict[str, object], Grade | None]] = [
    ({}, "certain"),
    ({"given": "peggy", "shown_name": "HOLROYD, Peggy"}, "certain"),
    ({"family": "holroyde"}, "certain"),
    ({"given": "margret"}, "probable"),
    ({"shown_name": "HOLROYD, Margaret Joan"}, "probable"),
    ({"born_on": "1942-02-15"}, "probable"),
    ({"sex": "male"}, "probable"),
    ({"born_on": "1924-02-14"}, "possible"),
    (MOVED, "possible"),
    ({"postcode": "", "address": ""}, "probable"),
    (JOAN, "probable"),
    ({"family": "ackroyd"} | MOVED, None),
    (SUNITA, None),
]


@pytest.mark.parametrize(("differs", "expected"), NUMBERED)
def test_a_patient_in_hand_with_a_number(differs: dict[str, object], expected: Grade | None) -> None:
    assert grade(saying(HELD, **differs), [HELD], SCORER) == expected


@pytest.mark.parametrize(("differs", "expected"), UNNUMBERED)
def test_a_patient_in_hand_without_one(differs: dict[str, object], expected: Grade | None) -> None:
    assert grade(saying(**differs), [HELD], SCORER) == expected


def test_a_number_makes_certain_only_beside_every_source_that_bears_it() -> None:
    moved = saying(HELD, given="peggy", shown_name="HOLROYD, Peggy", **MOVED)
    assert grade(HELD, [HELD, moved], SCORER) == "probable"
    assert grade(HELD, [HELD, saying(moved, nhs_number=None)], SCORER) == "certain"


def test_likeness_makes_certain_only_where_no_source_of_theirs_contradicts() -> None:
    assert grade(PEGGY, [PEGGY, saying(**MOVED)], SCORER) == "certain"
    assert grade(PEGGY, [PEGGY, saying(born_on="1942-02-15")], SCORER) == "probable"
    assert grade(PEGGY, [PEGGY, saying(nhs_number=OTHER_NUMBER)], SCORER) == "certain"


def test_whoever_is_protected_is_never_certain_by_likeness_alone() -> None:
    assert grade(PEGGY, [saying(protected=True)], SCORER) == "probable"
    assert grade(PEGGY, [PEGGY, saying(protected=True)], SCORER) == "probable"
    assert grade(HELD, [saying(HELD, protected=True)], SCORER) == "certain"


def test_one_is_certain_or_none() -> None:
    """Twins whose first names are one: nobody can tell which; a number can."""
    ann, joan = (
        [Known(demographics=saying(shown_name=f"HOLROYD, Margaret {name}", nhs_number=number))]
        for name, number in (("Ann", NUMBER), ("Joan", NhsNumber(OTHER_NUMBER)))
    )
    in_hand = saying(shown_name="HOLROYD, Margaret")
    assert grade_all(in_hand, [ann, joan], SCORER) == ["probable", "probable"]
    assert grade_all(in_hand, [ann], SCORER) == ["certain"]
    assert grade_all(saying(in_hand, nhs_number=NUMBER), [ann, joan], SCORER) == ["certain", "possible"]
    assert grade_all(HELD, [ann, [Known()]], SCORER) == ["certain", "probable"]
    assert grade_all(PEGGY, [], SCORER) == []
