"""What users assert so that a record opens: an override, or a relationship of their own word.

They are facts of decisions about a person, and a worklist of the organisation that the user works for (`oddities` has
its reviews). Instants are microseconds since 1970 UTC.
"""

from dataclasses import dataclass

from concord.store.face import Reading, Row, Writing


@dataclass(frozen=True, kw_only=True, slots=True)
class AssertionRow:
    """One assertion. `words`: what the user wrote; `clauses`: those that give way, one a line."""

    reference: str
    kind: str
    person: str
    holder: str
    staff_id: str
    shown_name: str
    organisation: str
    service: str | None
    role: str
    reason: str
    words: str
    clauses: str
    starts_at: int
    ends_at: int
    number: int = 0


_COLUMNS = (
    "reference, kind, person, holder, staff_id, shown_name, organisation, service, role, reason, words, clauses, "
    "starts_at, ends_at"
)


def add(writing: Writing, row: AssertionRow) -> None:
    values = [getattr(row, name.strip()) for name in _COLUMNS.split(",")]
    writing.run(f"INSERT INTO assertion ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?)", values)


def lasting(reading: Reading, person: str, now: int) -> list[AssertionRow]:
    """Those about a person that have not ended, oldest first."""
    sql = f"SELECT {_COLUMNS}, number FROM assertion WHERE person = ? AND ends_at > ? ORDER BY number"
    return [_row(row) for row in reading.rows(sql, (person, now))]


def end(writing: Writing, person: str, holder: str, now: int) -> int:
    """End those of one user about a person; how many."""
    return writing.run(
        "UPDATE assertion SET ends_at = ? WHERE person = ? AND holder = ? AND ends_at > ?", (now, person, holder, now)
    )


def with_reference(reading: Reading, reference: str) -> AssertionRow | None:
    row = reading.row(f"SELECT {_COLUMNS}, number FROM assertion WHERE reference = ?", (reference,))
    return None if row is None else _row(row)


def of_organisation(reading: Reading, organisation: str, since: int) -> list[AssertionRow]:
    """Those of an organisation's users that began at `since` or later, newest first."""
    sql = f"SELECT {_COLUMNS}, number FROM assertion WHERE organisation = ? AND starts_at >= ? ORDER BY number DESC"
    return [_row(row) for row in reading.rows(sql, (organisation, since))]


def _row(row: Row) -> AssertionRow:
    names = [*(name.strip() for name in _COLUMNS.split(",")), "number"]
    return AssertionRow(**dict(zip(names, row, strict=True)))
