"""Evidence as a waterfall: a bar for each piece, beginning where the one before it ended, then one for all together."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

WIDTH, HEIGHT = 240, 16
_EDGE = 2.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Bar:
    """Coordinates as they stand in the SVG; `against` when it leads to the left."""

    x: str
    width: str
    against: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Waterfall:
    """`bars` in the order of the pieces, the last for their sum; `nought` and `marks`: where lines stand."""

    bars: Sequence[Bar]
    nought: str
    marks: Sequence[str]


def waterfall(pieces: Sequence[float], marks: Sequence[float]) -> Waterfall:
    """All on one scale, that reaches from the least to the greatest of what is passed on the way and of the marks."""
    sums = list(accumulate(pieces, initial=0.0))
    low, high = min(*sums, *marks), max(*sums, *marks)
    scale = (WIDTH - 2 * _EDGE) / ((high - low) or 1.0)

    def across(value: float) -> float:
        return _EDGE + (value - low) * scale

    spans = [*pairwise(sums), (0.0, sums[-1])]
    return Waterfall(
        bars=[
            Bar(x=f"{across(min(span)):.1f}", width=f"{abs(span[1] - span[0]) * scale:.1f}", against=span[1] < span[0])
            for span in spans
        ],
        nought=f"{across(0.0):.1f}",
        marks=[f"{across(mark):.1f}" for mark in marks],
    )
