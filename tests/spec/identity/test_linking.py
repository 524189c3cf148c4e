"""Which source patients are one person, by NHS number: a table a records manager can read."""

from dataclasses import dataclass, replace

import pytest

from concord.identity.matching import compare


@dataclass(frozen=True)
class Known:
    nhs_number: str | None = "9990003114"
    family: str = "holroyd"
    given: str = "margaret"
    born_on: str = "1942-02-14"
    postcode: str = "nf42zz"


FIRST = Known()

# what the new source patient says differently | traced feed | stated feed
TABLE = [
    ({}, "link", "link"),
    ({"given": "peggy"}, "link", "link"),
    ({"given": "margret"}, "link", "link"),
    ({"given": "m"}, "link", "link"),
    ({"given": "baby"}, "link", "link"),
    ({"given": "doris"}, "hold", "hold"),  # her twin's number, written down for hers?
    ({"postcode": "nf11aa"}, "link", "link"),
    ({"given": "peggy", "postcode": "nf11aa"}, "link", "hold"),
    ({"given": "", "postcode": ""}, "link", "hold"),
    ({"family": "holroyde"}, "hold", "hold"),
    ({"family": ""}, "hold", "hold"),
    ({"born_on": "1942-02-15"}, "hold", "hold"),
    ({"born_on": ""}, "hold", "hold"),
    ({"nhs_number": None}, "apart", "apart"),
]


@pytest.mark.parametrize(("differs", "traced", "stated"), TABLE)
def test_a_second_source_patient_under_the_same_number(differs: dict[str, str], traced: str, stated: str) -> None:
    new = replace(FIRST, **differs)
    assert compare(new, [FIRST], "traced").decision == traced
    assert compare(new, [FIRST], "stated").decision == stated


def test_the_first_one_founds_the_person() -> None:
    assert compare(FIRST, [], "stated").decision == "link"


def test_it_must_agree_with_every_one_already_linked() -> None:
    moved = replace(FIRST, given="peggy", postcode="nf11aa")
    assert compare(moved, [FIRST, moved], "stated").decision == "hold"


def test_the_reason_names_what_was_compared_and_never_a_value() -> None:
    why = compare(replace(FIRST, family="holroyde"), [FIRST], "traced").why
    assert why == "traced number; family name differs"
