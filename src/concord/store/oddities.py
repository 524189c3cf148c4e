"""Accesses that nothing explains, put before a reviewer; and what is read to judge accesses by.

They are a worklist of the organisation that the user works for. Instants are microseconds since 1970 UTC.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from concord.store.face import Reading, Row, Writing
from concord.store.permitted import Permitted


@dataclass(frozen=True, kw_only=True, slots=True)
class OddityRow:
    """One user's looks at one person on one day. `whys`, `explanation`: words, parted by blanks."""

    reference: str
    person: str
    holder: str
    shown_name: str
    organisation: str
    service: str | None
    role: str
    at: int
    looks: int
    points: int
    whys: str
    explanation: str


_COLUMNS = "reference, person, holder, shown_name, organisation, service, role, at, looks, points, whys, explanation"
_NAMES = tuple(_COLUMNS.split(", "))


def add(writing: Writing, row: OddityRow) -> bool:
    """False for one that stands there already."""
    values = [getattr(row, name) for name in _NAMES]
    marks = ",".join("?" * len(values))
    added = writing.run(f"INSERT INTO odd_access ({_COLUMNS}) VALUES ({marks}) ON CONFLICT DO NOTHING", values)
    return added == 1


def with_reference(reading: Reading, reference: str) -> OddityRow | None:
    row = reading.row(f"SELECT {_COLUMNS} FROM odd_access WHERE reference = ?", (reference,))
    return None if row is None else _row(row)


def of_organisation(reading: Reading, organisation: str, since: int) -> list[OddityRow]:
    """Those of an organisation's users at `since` or later, the oddest first."""
    sql = f"SELECT {_COLUMNS} FROM odd_access WHERE organisation = ? AND at >= ? ORDER BY points DESC, at DESC, number"
    return [_row(row) for row in reading.rows(sql, (organisation, since))]


def every(reading: Reading) -> list[OddityRow]:
    return [_row(row) for row in reading.rows(f"SELECT {_COLUMNS} FROM odd_access ORDER BY number")]


def _row(row: Row) -> OddityRow:
    return OddityRow(**dict(zip(_NAMES, row, strict=True)))


# -- reviews of alerts of any kind -------------------------------------------------------------------------------------


def review(writing: Writing, reference: str, at: int, reviewer: str, step: str, note: str) -> None:
    writing.run(
        "INSERT INTO alert_review (reference, at, reviewer, step, note) VALUES (?,?,?,?,?)",
        (reference, at, reviewer, step, note),
    )


def reviews(reading: Reading, references: Iterable[str]) -> dict[str, list[Row]]:
    """(at, reviewer, step, note) of each alert, oldest first."""
    sql = "SELECT at, reviewer, step, note FROM alert_review WHERE reference = ? ORDER BY number"
    return {reference: reading.rows(sql, (reference,)) for reference in references}


# -- what accesses are judged by ---------------------------------------------------------------------------------------


class Related(NamedTuple):
    """A relationship, with the service that contributed the item which says so (a word's number, 0 for none)."""

    kind: str
    organisation: str | None
    service: str | None
    team: str | None
    holder: str | None
    starts_at: int | None
    ends_at: int | None
    of_service: int


def relationships(reading: Reading, source: tuple[int, int]) -> list[Related]:
    sql = (
        "SELECT r.kind, r.organisation, r.service, r.team, r.holder, r.starts_at, r.ends_at, coalesce(i.service, 0) "
        "FROM relationship r LEFT JOIN item i ON i.home = r.home AND i.source_patient = r.source_patient "
        "AND i.item = r.item WHERE r.home = ? AND r.source_patient = ? ORDER BY r.item, r.part"
    )
    return [Related._make(row) for row in reading.rows(sql, source)]


def moments(reading: Reading, permitted: Permitted, source: tuple[int, int]) -> list[int]:
    """When what lies with a source patient and carries no label happened, else was stored; for a duty alone."""
    if permitted.duty is None:
        return []
    sql = (
        "SELECT coalesce(starts_at, stored_at) FROM item WHERE home = ? AND source_patient = ? AND labels = 0 "
        "AND lifecycle = 0 ORDER BY 1"
    )
    return [row[0] for row in reading.rows(sql, source)]


def everybodys_names(reading: Reading, permitted: Permitted) -> Iterator[Row]:
    """(person, folded family name, name as shown) of every source patient that is linked; for a duty alone."""
    if permitted.duty is None:
        return iter(())
    return reading.stream(
        "SELECT l.person, s.family, s.shown_name FROM link l JOIN source_patient s ON s.home = l.home "
        "AND s.number = l.source_patient WHERE s.family IS NOT NULL ORDER BY s.number"
    )
