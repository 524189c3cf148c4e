"""How surely a Patient in hand means a person who is known: a table a records manager can read."""

from dataclasses import replace

import pytest

from concord.identity import grade
from tests.spec.identity.test_linking import FIRST

OTHER = "9990003203"

# what the Patient in hand says differently from the one source patient known | grade
TABLE = [
    ({}, "certain"),
    ({"given": "peggy"}, "certain"),
    ({"postcode": ""}, "certain"),
    ({"given": "peggy", "postcode": "nf11aa"}, "possible"),
    ({"family": "holroyde"}, "possible"),
    ({"born_on": "1942-02-15"}, "possible"),
    ({"nhs_number": None}, "probable"),
    ({"nhs_number": None, "postcode": ""}, "possible"),
    ({"nhs_number": None, "given": "peggy"}, "possible"),
    ({"nhs_number": None, "given": "peggy", "postcode": "nf11aa"}, None),
    ({"nhs_number": None, "family": "holroyde"}, None),
    ({"nhs_number": None, "born_on": ""}, None),
    ({"nhs_number": OTHER}, "possible"),
    ({"nhs_number": OTHER, "given": "peggy", "postcode": "nf11aa"}, None),
]


@pytest.mark.parametrize(("differs", "expected"), TABLE)
def test_a_patient_in_hand_beside_one_who_is_known(differs: dict[str, str], expected: str | None) -> None:
    assert grade(replace(FIRST, **differs), [FIRST]) == expected


def test_it_is_certain_only_beside_every_one_that_bears_the_number() -> None:
    moved = replace(FIRST, given="peggy", postcode="nf11aa")
    assert grade(FIRST, [FIRST, moved]) == "possible"
    assert grade(FIRST, [FIRST, replace(moved, nhs_number=None)]) == "certain"


def test_it_is_probable_by_one_source_that_agrees_in_all() -> None:
    unnumbered = replace(FIRST, nhs_number=None)
    halves = [replace(unnumbered, given="peggy"), replace(unnumbered, postcode="nf11aa")]
    assert grade(unnumbered, halves) == "possible"
    assert grade(unnumbered, [*halves, unnumbered]) == "probable"


def test_nobody_known_is_nobody() -> None:
    assert grade(FIRST, []) is None
