"""Rows of drafts of agreements, each of one organisation."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from concord.base import OdsCode
from concord.store.face import Reading, Writing

_COLUMNS = "reference, organisation, title, content, revision, kept_by, kept_at, proposed_at"


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftRow:
    """`revision` counts from 1; `kept_by` is a name to show; instants in microseconds since 1970 UTC."""

    reference: str
    organisation: OdsCode
    title: str
    content: str
    revision: int
    kept_by: str
    kept_at: int
    proposed_at: int | None = None


def add(writing: Writing, row: DraftRow) -> None:
    writing.run(
        f"INSERT INTO draft ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            row.reference, row.organisation, row.title, row.content, row.revision, row.kept_by, row.kept_at,
            row.proposed_at,
        ),
    )  # fmt: skip


def one(reading: Reading, reference: str) -> DraftRow | None:
    row = reading.row(f"SELECT {_COLUMNS} FROM draft WHERE reference = ?", (reference,))
    return None if row is None else _row(row)


def of_organisation(reading: Reading, organisation: OdsCode) -> list[DraftRow]:
    """Newest first."""
    rows = reading.rows(
        f"SELECT {_COLUMNS} FROM draft WHERE organisation = ? ORDER BY kept_at DESC, reference", (organisation,)
    )
    return [_row(row) for row in rows]


def proposed(reading: Reading) -> list[DraftRow]:
    """Of any organisation, the one proposed first, first."""
    rows = reading.rows(f"SELECT {_COLUMNS} FROM draft WHERE proposed_at IS NOT NULL ORDER BY proposed_at, reference")
    return [_row(row) for row in rows]


def propose(writing: Writing, reference: str, at: int | None) -> None:
    """None: it is proposed no longer."""
    writing.run("UPDATE draft SET proposed_at = ? WHERE reference = ?", (at, reference))


def keep(writing: Writing, row: DraftRow) -> bool:
    """Put `row` in the place of the revision before it; False when that is not the last any more, or is proposed."""
    return bool(
        writing.run(
            "UPDATE draft SET title = ?, content = ?, revision = ?, kept_by = ?, kept_at = ? "
            "WHERE reference = ? AND revision = ? AND proposed_at IS NULL",
            (row.title, row.content, row.revision, row.kept_by, row.kept_at, row.reference, row.revision - 1),
        )
    )


def discard(writing: Writing, reference: str) -> None:
    writing.run("DELETE FROM draft WHERE reference = ?", (reference,))


def _row(row: Sequence[Any]) -> DraftRow:
    reference, organisation, title, content, revision, kept_by, kept_at, proposed_at = row
    return DraftRow(
        reference=reference, organisation=OdsCode(organisation), title=title, content=content, revision=revision,
        kept_by=kept_by, kept_at=kept_at, proposed_at=proposed_at,
    )  # fmt: skip
