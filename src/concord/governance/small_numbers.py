"""Counts that leave a report: so that a small one, or the difference of two reports, tells of nobody.

As NHS England publishes its hospital statistics: 1 to 7 are not told, all else to the nearest 5 (HES analysis guide).
"""

_LARGEST_SMALL = 7
_STEP = 5
SMALL_NUMBERS = "Counts of 1 to 7 are not told, and all others are to the nearest 5, so that they tell of nobody."


def disclosed(count: int) -> str:
    """`0`, `1 to 7`, `10`, `1,235`."""
    if count <= 0:
        return "0"
    return f"1 to {_LARGEST_SMALL}" if count <= _LARGEST_SMALL else f"{(count + _STEP // 2) // _STEP * _STEP:,}"
