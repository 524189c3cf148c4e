"""The rota, as whoever keeps one can write it out: CSV, one row a shift.

user,starts_at,ends_at
yara.haddad,2026-11-22T07:00:00Z,2026-11-22T15:30:00Z
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from concord.base import Incorrect

_COLUMNS = ["user", "starts_at", "ends_at"]
_EITHER_SIDE = timedelta(hours=1)
"""Handing over, and writing up."""
_SPEAKS_FOR = timedelta(days=14)
"""A rota that names nobody's shift for so long has left that time, or that user, out."""
_LONGEST = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Rota:
    """Shifts by user, in order."""

    shifts: Mapping[str, Sequence[tuple[datetime, datetime]]]

    def on_shift(self, user: str, at: datetime) -> bool | None:
        """Whether the user was at work; None where the rota does not say."""
        shifts = self.shifts.get(user, ())
        near = [(start, end) for start, end in shifts if start - _SPEAKS_FOR <= at <= end + _SPEAKS_FOR]
        if not near:
            return None
        return any(start - _EITHER_SIDE <= at <= end + _EITHER_SIDE for start, end in near)


def parse_rota(text: str) -> Rota:
    """An empty text says nothing of anybody. Raises Incorrect, naming the line."""
    if not text.strip():
        return Rota({})
    rows = csv.reader(text.splitlines())
    if next(rows, None) != _COLUMNS:
        raise Incorrect(f"A rota begins with the line {','.join(_COLUMNS)}.")
    found: dict[str, list[tuple[datetime, datetime]]] = {}
    for number, row in enumerate(rows, start=2):
        if len(row) != len(_COLUMNS):
            raise Incorrect(f"The rota, line {number}: a shift is {','.join(_COLUMNS)}.")
        start, end = _instant(row[1], number), _instant(row[2], number)
        if not start < end <= start + _LONGEST:
            raise Incorrect(f"The rota, line {number}: a shift ends after it starts, within 36 hours.")
        found.setdefault(row[0], []).append((start, end))
    return Rota({user: sorted(shifts) for user, shifts in found.items()})


def _instant(text: str, line: int) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise Incorrect(f"The rota, line {line}: an instant must be such as 2026-11-22T07:00:00Z.")
    return instant
