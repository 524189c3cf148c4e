"""The small chart beside a number: the same two years for every one of a card, so that they can be read together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

WIDTH, HEIGHT = 72, 24
_EDGE = 3.5  # room for the ring around the last point
_SPAN = timedelta(days=731)


class Plotted(Protocol):
    """A value of a series; `text` is the value with its unit, `outside` asks for a ring."""

    @property
    def at(self) -> datetime: ...
    @property
    def value(self) -> Decimal: ...
    @property
    def text(self) -> str: ...
    @property
    def outside(self) -> bool: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Sparkline:
    """Coordinates as they stand in the SVG. `band_height` is "" when there is no range."""

    points: str
    last_x: str
    last_y: str
    outside: bool
    band_y: str
    band_height: str
    label: str


def sparkline(
    title: str, series: Sequence[Plotted], low: Decimal | None, high: Decimal | None, until: datetime
) -> Sparkline | None:
    """Values, oldest first, over the two years before `until`, with the range as a band. None for fewer than two."""
    start = until - _SPAN
    shown = [point for point in series if start <= point.at <= until]
    if len(shown) < 2:
        return None
    values = [float(point.value) for point in shown]
    limits = [float(limit) for limit in (low, high) if limit is not None]
    bottom, top = min(values + limits), max(values + limits)
    scale = (HEIGHT - 2 * _EDGE) / ((top - bottom) or 1.0)

    def height_of(value: float) -> float:
        return HEIGHT - _EDGE - (value - bottom) * scale

    def across(at: datetime) -> float:
        return _EDGE + (at - start) / _SPAN * (WIDTH - 2 * _EDGE)

    places = [(across(point.at), height_of(value)) for point, value in zip(shown, values, strict=True)]
    band_top = height_of(float(high)) if high is not None else 0.0
    band_bottom = height_of(float(low)) if low is not None else float(HEIGHT)
    return Sparkline(
        points=" ".join(f"{x:.1f},{y:.1f}" for x, y in places),
        last_x=f"{places[-1][0]:.1f}",
        last_y=f"{places[-1][1]:.1f}",
        outside=shown[-1].outside,
        band_y=f"{band_top:.1f}",
        band_height=f"{max(band_bottom - band_top, 0.6):.1f}" if limits else "",
        label=f"{title}: {len(shown)} values over two years, latest {shown[-1].text}",
    )
