"""A comparison in words, as a reviewer reads it: a table."""

import pytest

from concord.identity.explaining import explained, in_words
from tests.spec.identity.people_alike import COUNCIL, SCORER, Known, saying
from tests.spec.identity.test_likeness import MOVED

# bits | in words
TABLE = [
    (0.0, "says little or nothing"),
    (0.9, "says little or nothing"),
    (-0.9, "says little or nothing"),
    (1.0, "2 to 1 for one person"),
    (3.0, "8 to 1 for one person"),
    (-3.3, "10 to 1 for two people"),
    (7.6, "190 to 1 for one person"),
    (12.0, "4,100 to 1 for one person"),
    (14.5, "23,000 to 1 for one person"),
    (-17.1, "140,000 to 1 for two people"),
    (40.0, "more than a million to 1 for one person"),
    (-400.0, "more than a million to 1 for two people"),
]


@pytest.mark.parametrize(("bits", "words"), TABLE)
def test_bits_are_odds(bits: float, words: str) -> None:
    assert in_words(bits) == words


def test_the_waterfall_names_what_was_compared_and_adds_up() -> None:
    found = explained(Known(), Known(demographics=saying(**MOVED), organisation=COUNCIL, source=(1, 2)), SCORER)
    assert [(line.compared, line.found) for line in found.lines] == [
        ("Before", "any two records"), ("NHS number", "not known"), ("Given name", "the same"),
        ("Family name", "the same"), ("Date of birth", "the same"), ("Sex", "the same"), ("Address", "elsewhere"),
    ]  # fmt: skip
    assert sum(line.bits for line in found.lines) == pytest.approx(found.bits)
    assert found.follows == "Not linked by likeness alone: Address: elsewhere."


def test_what_may_not_be_known_is_left_out_whole() -> None:
    found = explained(Known(), Known(organisation=COUNCIL, source=(1, 2)), SCORER)
    told = found.without("place")
    assert "Address" not in [line.compared for line in told.lines]
    assert told.bits == pytest.approx(found.bits - found.steps[-1].bits)
