"""Counts as they may leave a report."""

import pytest

from concord.governance import disclosed


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, "0"), (1, "1 to 7"), (7, "1 to 7"), (8, "10"), (12, "10"), (13, "15"), (1234, "1,235"), (1237, "1,235")],
)
def test_no_small_count_is_told_and_no_exact_one(count: int, told: str) -> None:
    assert disclosed(count) == told
