"""What the data of each organisation are like, day by day, as counts: nothing of any one person."""

from typing import NamedTuple

from concord.base import OdsCode
from concord.store.face import Reading, Writing


class Measured(NamedTuple):
    """`day` is a FHIR date; `figures` are JSON."""

    organisation: OdsCode
    day: str
    figures: str


def keep(writing: Writing, measured: Measured) -> None:
    """Keep a day's figures, in the place of those that there are; the pass that made them has ended."""
    writing.run(
        "INSERT INTO quality VALUES (?, ?, ?) ON CONFLICT (organisation, day) DO UPDATE SET figures = excluded.figures",
        measured,
    )
    writing.run("DELETE FROM quality_pass WHERE organisation = ?", (measured.organisation,))


def kept(reading: Reading, organisation: OdsCode, most: int) -> list[Measured]:
    """The newest of an organisation, newest first."""
    sql = "SELECT organisation, day, figures FROM quality WHERE organisation = ? ORDER BY day DESC LIMIT ?"
    return [Measured(OdsCode(row[0]), row[1], row[2]) for row in reading.rows(sql, (organisation, most))]


def newest(reading: Reading) -> list[Measured]:
    """The newest of each organisation that was ever measured."""
    sql = (
        "SELECT q.organisation, q.day, q.figures FROM quality q JOIN (SELECT organisation, max(day) AS day "
        "FROM quality GROUP BY organisation) n ON n.organisation = q.organisation AND n.day = q.day "
        "ORDER BY q.organisation"
    )
    return [Measured(OdsCode(row[0]), row[1], row[2]) for row in reading.rows(sql, ())]


def note(writing: Writing, measured: Measured, after: int) -> None:
    """Note how far a pass has come: to the source patient of a number."""
    writing.run(
        "INSERT INTO quality_pass VALUES (?, ?, ?, ?) ON CONFLICT (organisation) DO UPDATE SET day = excluded.day, "
        "after = excluded.after, figures = excluded.figures",
        (measured.organisation, measured.day, after, measured.figures),
    )


def noted(reading: Reading, organisation: OdsCode, day: str) -> tuple[int, str] | None:
    """How far a pass of that day had come, and its figures; None when none was cut short."""
    row = reading.row("SELECT after, figures FROM quality_pass WHERE organisation = ? AND day = ?", (organisation, day))
    return None if row is None else (int(row[0]), str(row[1]))


def sharing_a_number(reading: Reading, organisation: OdsCode) -> int:
    """How many source patients of an organisation bear an NHS number that another of its own bears."""
    sql = (
        "SELECT coalesce(sum(n), 0) FROM (SELECT count(*) AS n FROM source_patient WHERE organisation = ? "
        "AND nhs_number IS NOT NULL GROUP BY nhs_number HAVING count(*) > 1) twice"
    )
    row = reading.row(sql, (reading.words.number(reading, organisation) or -1,))
    return int(row[0]) if row else 0
