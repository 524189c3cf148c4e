"""What could not be taken in: rows that are kept whole, and what became of them."""

from collections.abc import Sequence

from concord.base import OdsCode
from concord.store.face import Reading, Row, Writing

_COLUMNS = "number, organisation, feed, kind, file, entry, position, reason, held_at, length(original), patient"
_HELD = "ended_at IS NULL"


def keep(writing: Writing, row: Sequence[object]) -> None:
    """Keep a reject whole, once: (organisation, feed, kind, file, entry, position, reason, patient, held_at, digest,
    original). One that had ended and comes again is held again."""
    writing.run(
        "INSERT INTO quarantine "
        "(organisation, feed, kind, file, entry, position, reason, patient, held_at, digest, original) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (organisation, digest, reason) DO UPDATE SET "
        "ended_at = NULL, ended = '', ended_why = '', held_at = excluded.held_at, feed = excluded.feed, "
        "patient = excluded.patient WHERE quarantine.ended_at IS NOT NULL",
        row,
    )


def held(reading: Reading) -> list[Row]:
    """(number, organisation, feed, kind, file, entry, position, reason, held_at, size of the original, patient) of
    all that is held, oldest first."""
    return reading.rows(f"SELECT {_COLUMNS} FROM quarantine WHERE {_HELD} ORDER BY held_at, number")


def count_by_feed(reading: Reading) -> dict[str, int]:
    """How much is held of each feed; under "" what came by none."""
    rows = reading.rows(f"SELECT feed, count(*) FROM quarantine WHERE {_HELD} GROUP BY feed ORDER BY feed")
    return {str(row[0]): int(row[1]) for row in rows}


def one(reading: Reading, number: int) -> Row | None:
    """The same of one that is held, with its original at the end."""
    return reading.row(f"SELECT {_COLUMNS}, original FROM quarantine WHERE number = ? AND {_HELD}", (number,))


def of_patient(reading: Reading, organisation: OdsCode, patient: str) -> list[int]:
    """The numbers of what is held and holds up a patient's messages, oldest first."""
    rows = reading.rows(
        f"SELECT number FROM quarantine WHERE organisation = ? AND patient = ? AND {_HELD} ORDER BY held_at, number",
        (organisation, patient),
    )
    return [row[0] for row in rows]


def with_digest(reading: Reading, organisation: OdsCode, digest: str) -> list[int]:
    """The numbers under which these bytes are held."""
    rows = reading.rows(
        f"SELECT number FROM quarantine WHERE organisation = ? AND digest = ? AND {_HELD} ORDER BY number",
        (organisation, digest),
    )
    return [row[0] for row in rows]


def retell(writing: Writing, number: int, position: str, reason: str) -> None:
    """Held for another reason. What ended for that reason with the same bytes makes way; what is held for it stays, and
    so does this one as it is."""
    same = "o.organisation = quarantine.organisation AND o.digest = quarantine.digest"
    writing.run(
        "DELETE FROM quarantine WHERE ended_at IS NOT NULL AND reason = ? "
        f"AND EXISTS (SELECT 1 FROM quarantine o WHERE o.number = ? AND {same})",
        (reason, number),
    )
    writing.run(
        "UPDATE quarantine SET position = ?, reason = ? WHERE number = ? "
        f"AND NOT EXISTS (SELECT 1 FROM quarantine o WHERE o.reason = ? AND {same})",
        (position, reason, number, reason),
    )


def end(writing: Writing, number: int, at: int, how: str, why: str) -> None:
    """It is held no more, and why."""
    writing.run(
        f"UPDATE quarantine SET ended_at = ?, ended = ?, ended_why = ? WHERE number = ? AND {_HELD}",
        (at, how, why, number),
    )


def ended(reading: Reading, number: int) -> Row | None:
    """(when, how, why) of one that is held no more."""
    return reading.row(
        "SELECT ended_at, ended, ended_why FROM quarantine WHERE number = ? AND ended_at IS NOT NULL", (number,)
    )
