"""Counts that leave a report: so that a small one, or the difference of two reports, tells of nobody.

As NHS England publishes its hospital statistics: 1 to 7 are not told, all else to the nearest 5 (HES analysis guide).
None is told like 1 to 7, which is more than that guide asks: that there is nobody may tell of somebody, too.
"""

LARGEST_SMALL = 7
_STEP = 5
SMALL_NUMBERS = (
    "Counts of 7 or fewer, none among them, read alike, and all others are to the nearest 5, "
    "so that they tell of nobody."
)


def disclosed(count: int) -> str:
    """`7 or fewer`, `10`, `1,235`."""
    if count <= LARGEST_SMALL:
        return f"{LARGEST_SMALL} or fewer"
    return f"{(count + _STEP // 2) // _STEP * _STEP:,}"
