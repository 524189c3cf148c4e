"""Counts as they may leave a report."""

import pytest

from concord.governance.agreements import disclosed

FEW = "7 or fewer"


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, FEW), (1, FEW), (7, FEW), (8, "10"), (12, "10"), (13, "15"), (1234, "1,235"), (1237, "1,235")],
)
def test_no_small_count_is_told_and_no_exact_one(count: int, told: str) -> None:
    """Nobody and somebody read alike: that nobody is counted may tell of one who was not."""
    assert disclosed(count) == told
