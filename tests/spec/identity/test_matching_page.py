"""docs/reference/matching.md says what is so: the weights that Concord comes with, and the thresholds."""

from pathlib import Path

from concord.identity.training import LINK, REVIEW
from tests.spec.identity.people_alike import SCORER

PAGE = (Path(__file__).resolve().parents[3] / "docs/reference/matching.md").read_text(encoding="utf-8")


def test_the_page_lists_the_weights_that_concord_comes_with() -> None:
    expected = [
        f"| {title} | {level} | {rates.m:.4f} | {rates.u:.7f} | {rates.bits:+.1f} |"
        for title, level, rates in SCORER.weights.listed()
    ]
    assert [line for line in expected if line not in PAGE.splitlines()] == []


def test_the_thresholds_are_those_of_the_page() -> None:
    weights = SCORER.weights
    assert (weights.link, weights.review) == (LINK, REVIEW)
    assert f"{LINK:g} bits or more;" in PAGE
    assert f"for who has {REVIEW:g} bits or more" in PAGE
