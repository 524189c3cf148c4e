"""What people choose themselves about the sharing of their record: facts of decisions, with their history.

They are held under the NHS number that the person's account proves, and act for whoever is held under it, in doubt too:
a source patient that comes later, or waits for review, is spoken of as well. Instants are microseconds since 1970 UTC.
"""

from collections.abc import Collection
from dataclasses import dataclass

from concord.base import NhsNumber
from concord.store.face import Reading, Row, Writing
from concord.store.items import portions


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnChoiceRow:
    """One choice, from when it was made to when it was taken back (None: it stands). `body`: the Consent, as JSON.

    `contributor`: the organisation whose data it is about; `organisation`: the one that it names as a viewer.
    """

    nhs_number: NhsNumber
    reference: str
    kind: str
    given: bool
    contributor: str | None
    organisation: str | None
    silent: bool
    starts_at: int
    ends_at: int | None
    author: str
    ended_by: str | None
    body: bytes


_COLUMNS = (
    "nhs_number, reference, kind, given, contributor, organisation, silent, starts_at, ends_at, author, ended_by, body"
)
_FACTS = "kind, given, contributor, organisation, silent, starts_at, ends_at, 0"


def add(writing: Writing, row: OwnChoiceRow) -> None:
    values = [getattr(row, name.strip()) for name in _COLUMNS.split(",")]
    kept = [int(value) if isinstance(value, bool) else value for value in values]
    writing.run(f"INSERT INTO own_choice ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?)", kept)


def end(writing: Writing, number: NhsNumber, reference: str, *, at: int, by: str) -> bool:
    """Take one back; False when there is none that stands."""
    sql = "UPDATE own_choice SET ends_at = ?, ended_by = ? WHERE nhs_number = ? AND reference = ? AND ends_at IS NULL"
    return writing.run(sql, (at, by, number, reference)) == 1


def under(reading: Reading, number: NhsNumber) -> list[OwnChoiceRow]:
    """All that was ever chosen under a number, the latest first."""
    sql = f"SELECT {_COLUMNS} FROM own_choice WHERE nhs_number = ? ORDER BY starts_at DESC, reference"
    return [_row(row) for row in reading.rows(sql, (number,))]


def facts_of(reading: Reading, sources: Collection[tuple[int, int]]) -> list[Row]:
    """kind, given, contributor, organisation, silent, starts_at, ends_at, firm of every choice of whoever is held under
    a number that one of these source patients carries."""
    numbers: set[str] = set()
    for some in portions(sources):
        any_of = " OR ".join(["(s.home = ? AND s.number = ?)"] * len(some))
        sql = f"SELECT s.nhs_number FROM source_patient s WHERE s.nhs_number IS NOT NULL AND ({any_of})"
        numbers.update(row[0] for row in reading.rows(sql, [value for source in some for value in source]))
    chosen = f"SELECT {_FACTS} FROM own_choice WHERE nhs_number = ? ORDER BY starts_at, reference"
    return [row for number in sorted(numbers) for row in reading.rows(chosen, (number,))]


def _row(row: Row) -> OwnChoiceRow:
    made = dict(zip((name.strip() for name in _COLUMNS.split(",")), row, strict=True))
    return OwnChoiceRow(**made | {"given": bool(made["given"]), "silent": bool(made["silent"])})
