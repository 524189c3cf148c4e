"""What is said of whose record is whose, beside what the rules find: by sources (ties) and by reviewers (words).

The rules link source patients to bases; words and ties join bases into persons. Here lie both, and every change.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from concord.base import NhsNumber, PersonId
from concord.store.face import Reading, Row, Writing
from concord.store.items import portions
from concord.store.people import Source
from concord.store.permitted import Permitted


class Member(NamedTuple):
    """A source patient as joining sees it. `patient` is the logical id of its Patient."""

    home: int
    number: int
    patient: str
    nhs_number: NhsNumber | None
    base: PersonId
    person: PersonId
    held_for: PersonId | None

    @property
    def source(self) -> Source:
        return self.home, self.number


class Tie(NamedTuple):
    """A source says that its Patient `target` (a logical id) is the same human's, or even has `replaced` this one.

    `held`: why no link came of it, else empty.
    """

    home: int
    source_patient: int
    target: str
    replaced: bool
    held: str


_TIE = "home, source_patient, target, replaced, held"


def members(reading: Reading, permitted: Permitted, base: PersonId) -> list[Member]:
    """The source patients of a base, oldest first; only for a duty (matching)."""
    if permitted.duty is None:
        return []
    rows = reading.rows(
        "SELECT s.home, s.number, s.patient, s.nhs_number, l.base, l.person, l.held_for FROM link l "
        "JOIN source_patient s ON s.home = l.home AND s.number = l.source_patient WHERE l.base = ? ORDER BY s.number",
        (base,),
    )
    return [Member._make(row) for row in rows]


def bases(reading: Reading, person: PersonId) -> list[PersonId]:
    """The bases that are joined in a person, and those that go by its id."""
    rows = reading.rows("SELECT DISTINCT base FROM link WHERE person = ? OR base = ? ORDER BY base", (person, person))
    return [PersonId(row[0]) for row in rows]


def base_of(reading: Reading, source: Source) -> PersonId | None:
    row = reading.row("SELECT base FROM link WHERE home = ? AND source_patient = ?", source)
    return None if row is None else PersonId(row[0])


def out_of(reading: Reading, source: Source) -> list[Tie]:
    """What the Patient of a source patient says of others."""
    sql = f"SELECT {_TIE} FROM tie WHERE home = ? AND source_patient = ? ORDER BY target"
    return [Tie._make(row) for row in reading.rows(sql, source)]


def into(reading: Reading, patient: str) -> list[Tie]:
    """What others say of a Patient."""
    sql = f"SELECT {_TIE} FROM tie WHERE target = ? ORDER BY home, source_patient"
    return [Tie._make(row) for row in reading.rows(sql, (patient,))]


def words(reading: Reading, patient: str) -> list[Row]:
    """(one, other, says) of every word about a Patient, oldest first."""
    sql = "SELECT one, other, says FROM identity_word WHERE one = ? OR other = ? ORDER BY number"
    return reading.rows(sql, (patient, patient))


def waiting(reading: Reading) -> list[tuple[Source, PersonId | None, str, str]]:
    """What waits for a reviewer, oldest source patient first: (source patient, the base that it was held for or None,
    the Patient that it is tied to or "", why)."""
    held = reading.rows(
        "SELECT home, source_patient, held_for, '', how FROM link WHERE held_for IS NOT NULL "
        "UNION ALL SELECT home, source_patient, NULL, target, held FROM tie WHERE held <> '' ORDER BY 2, 4"
    )
    return [((home, number), base, target, why) for home, number, base, target, why in held]


def said(reading: Reading, one: str, other: str) -> list[Row]:
    """(says, author, at, why) of what reviewers said of two Patients, oldest first."""
    sql = "SELECT says, author, at, why FROM identity_word WHERE one = ? AND other = ? ORDER BY number"
    return reading.rows(sql, (min(one, other), max(one, other)))


def changes(reading: Reading, since: int) -> list[Row]:
    """(at, person before, person after, author, why, home, source patient) of every change of a link since an
    instant, newest first."""
    sql = (
        "SELECT at, person_before, person_after, author, why, home, source_patient FROM link_change WHERE at >= ? "
        "ORDER BY number DESC"
    )
    return reading.rows(sql, (since,))


def changes_of(reading: Reading, persons: Iterable[str], since: int) -> list[Row]:
    """(at, person before, person after) of changes that touched one of these persons, oldest first."""
    found: set[Row] = set()
    for some in portions(persons):
        marks = ",".join("?" * len(some))
        for column in ("person_before", "person_after"):
            sql = f"SELECT at, person_before, person_after FROM link_change WHERE {column} IN ({marks}) AND at >= ?"
            found.update(reading.rows(sql, (*some, since)))
    return sorted(found)


def history(reading: Reading, source: Source) -> list[tuple[int, PersonId]]:
    """(until when, whose it was) of each change of the link of a source patient, oldest first."""
    sql = "SELECT at, person_before FROM link_change WHERE home = ? AND source_patient = ? ORDER BY number"
    return [(at, PersonId(before)) for at, before in reading.rows(sql, source)]


def spoken_of(reading: Reading, source: Source, patient: str) -> bool:
    """Whether anything is said of a source patient: of most, nothing is."""
    sql = (
        "SELECT 1 FROM tie WHERE home = ? AND source_patient = ? UNION ALL SELECT 1 FROM tie WHERE target = ? "
        "UNION ALL SELECT 1 FROM identity_word WHERE one = ? UNION ALL SELECT 1 FROM identity_word WHERE other = ? "
        "LIMIT 1"
    )
    return reading.row(sql, (*source, patient, patient, patient)) is not None


def any_spoken_of(reading: Reading, patients: Iterable[str]) -> set[str]:
    """Those of several Patients of whom others say anything."""
    found: set[str] = set()
    for some in portions(patients):
        marks = ",".join("?" * len(some))
        sql = " UNION ".join(
            f"SELECT {column} FROM {table} WHERE {column} IN ({marks})"
            for table, column in (("tie", "target"), ("identity_word", "one"), ("identity_word", "other"))
        )
        found.update(patient for (patient,) in reading.rows(sql, [*some, *some, *some]))
    return found


# -- writing ---------------------------------------------------------------------------------------------------------


def replace(writing: Writing, source: Source, targets: Mapping[str, bool]) -> bool:
    """Keep exactly these Patients (and whether they replace it) as what the Patient of a source patient says of others.

    Whether that is news.
    """
    before = {tie.target: tie.replaced for tie in out_of(writing, source)}
    if before == targets:
        return False
    writing.run("DELETE FROM tie WHERE home = ? AND source_patient = ?", source)
    for target, replaced in sorted(targets.items()):
        writing.run("INSERT INTO tie VALUES (?, ?, ?, ?, '')", (*source, target, int(replaced)))
    return True


def hold(writing: Writing, tie: Tie, why: str) -> None:
    """Note why no link came of a tie; empty: one did."""
    writing.run(
        "UPDATE tie SET held = ? WHERE home = ? AND source_patient = ? AND target = ?",
        (why, tie.home, tie.source_patient, tie.target),
    )


def join(writing: Writing, source: Source, person: PersonId) -> None:
    writing.run("UPDATE link SET person = ? WHERE home = ? AND source_patient = ?", (person, *source))


def settled(writing: Writing, source: Source) -> None:
    """What the rules held for review of a source patient is answered."""
    writing.run("UPDATE link SET held_for = NULL WHERE home = ? AND source_patient = ?", source)


def say(writing: Writing, one: str, other: str, says: str, *, author: str, at: int, why: str) -> None:
    """Keep a reviewer's word about two Patients."""
    writing.run(
        "INSERT INTO identity_word (one, other, says, author, at, why) VALUES (?, ?, ?, ?, ?, ?)",
        (min(one, other), max(one, other), says, author, at, why),
    )


def note_change(
    writing: Writing, source: Source, before: PersonId, after: PersonId, *, at: int, author: str, why: str
) -> None:
    """Keep that a source patient went from one person to another."""
    writing.run(
        "INSERT INTO link_change (home, source_patient, at, person_before, person_after, author, why) "
        "VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*source, at, before, after, author, why),
    )
