"""Organisations on trial: what they send is held, linked to nobody, and shown to testers alone.

A source patient of theirs has no link and nothing that it could be found or matched by, so that no query about anybody
else meets it. What it will be found by lies here.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from concord.base import NhsNumber, OdsCode, PersonId
from concord.store.face import Reading, Row, Writing
from concord.store.people import Demographics, Source, TracedSource
from concord.store.permitted import Permitted

# PostgreSQL has no substr by a 64-bit length.
_GIVEN, _FAMILY = (f"substr(t.{name}, 1, CAST(? AS INTEGER)) = ?" for name in ("given", "family"))


class Trial(NamedTuple):
    """Instants in microseconds; `ended_at` None: it lasts."""

    organisation: OdsCode
    begun_at: int
    ended_at: int | None
    testers: Sequence[str]


class Apart(NamedTuple):
    """A source patient of an organisation on trial, and the person that it is by itself."""

    source: TracedSource
    itself: PersonId
    assurance: str


class Called(NamedTuple):
    """What somebody is called, folded: the given name begins so, and the family name too if it only `begins` so; an
    empty one begins every name. Born on one of the days and living at the postcode, as far as these are given."""

    family: str
    given: str = ""
    begins: bool = False
    born_on: Collection[str] = ()
    postcode: str = ""


def begin(writing: Writing, organisation: OdsCode, testers: Iterable[str], at: int) -> None:
    """Begin a trial; of one that lasts, name its testers anew."""
    writing.run(
        "INSERT INTO trial VALUES (?, ?, NULL) ON CONFLICT (organisation) DO UPDATE SET begun_at = "
        "CASE WHEN trial.ended_at IS NULL THEN trial.begun_at ELSE excluded.begun_at END, ended_at = NULL",
        (organisation, at),
    )
    writing.run("DELETE FROM trial_tester WHERE organisation = ?", (organisation,))
    for tester in sorted(set(testers)):
        writing.run("INSERT INTO trial_tester VALUES (?, ?)", (tester, organisation))


def end(writing: Writing, organisation: OdsCode, at: int) -> None:
    writing.run("UPDATE trial SET ended_at = ? WHERE organisation = ? AND ended_at IS NULL", (at, organisation))


def of(reading: Reading, organisation: OdsCode) -> Trial | None:
    """The organisation's trial, lasting or ended; None when there never was one."""
    return next(iter(_trials(reading, "WHERE organisation = ?", (organisation,))), None)


def lasting(reading: Reading) -> list[Trial]:
    return _trials(reading, "WHERE ended_at IS NULL ORDER BY organisation", ())


def is_on_trial(reading: Reading, organisation: OdsCode) -> bool:
    sql = "SELECT 1 FROM trial WHERE organisation = ? AND ended_at IS NULL"
    return reading.row(sql, (organisation,)) is not None


def tested_by(reading: Reading, user: str) -> list[OdsCode]:
    """The organisations whose trial lasts and which a user tests."""
    rows = reading.rows(
        "SELECT t.organisation FROM trial_tester r JOIN trial t ON t.organisation = r.organisation "
        "AND t.ended_at IS NULL WHERE r.user_name = ? ORDER BY t.organisation",
        (user,),
    )
    return [OdsCode(row[0]) for row in rows]


def is_linked(reading: Reading, organisation: OdsCode) -> bool:
    """Whether a source patient of an organisation is linked: then what it sent is in use."""
    row = reading.row(
        "SELECT 1 FROM source_patient s JOIN link l ON l.home = s.home AND l.source_patient = s.number "
        "WHERE s.organisation = ? LIMIT 1",
        (reading.words.number(reading, organisation) or -1,),
    )
    return row is not None


# -- source patients that are set apart --------------------------------------------------------------------------------


def set_apart(
    writing: Writing, source: Source, organisation: OdsCode, demographics: Demographics, assurance: str, new: PersonId
) -> None:
    """Keep what a source patient will be linked by; `new` is whoever it is until then, unless it is somebody."""
    d = demographics
    writing.run(
        "INSERT INTO trial_patient VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?) ON CONFLICT (home, source_patient) DO UPDATE "
        "SET assurance = excluded.assurance, nhs_number = excluded.nhs_number, family = excluded.family, "
        "given = excluded.given, born_on = excluded.born_on, postcode = excluded.postcode, sex = excluded.sex, "
        "shown_name = excluded.shown_name, address = excluded.address, died_on = excluded.died_on, "
        "protected = excluded.protected",
        (
            *source, organisation, assurance, new, d.nhs_number, d.family, d.given, d.born_on, d.postcode, d.sex,
            d.shown_name, d.address, d.died_on, int(d.protected),
        ),
    )  # fmt: skip


def let_in(writing: Writing, source: Source) -> None:
    """A source patient is set apart no more: it is linked, or was deleted."""
    writing.run("DELETE FROM trial_patient WHERE home = ? AND source_patient = ?", source)


def apart_of(reading: Reading, permitted: Permitted, organisation: OdsCode, most: int) -> list[Apart]:
    """The first of an organisation's that are set apart; only for a duty, as all of these."""
    return _apart(reading, permitted, "t.contributor = ? ORDER BY t.source_patient LIMIT ?", (organisation, most))


def apart_at(reading: Reading, permitted: Permitted, source: Source) -> Apart | None:
    return next(iter(_apart(reading, permitted, "t.home = ? AND t.source_patient = ?", source)), None)


def apart_as(reading: Reading, permitted: Permitted, person: PersonId) -> list[Apart]:
    return _apart(reading, permitted, "t.person = ? ORDER BY t.source_patient", (person,))


def apart_under(reading: Reading, permitted: Permitted, numbers: Collection[NhsNumber]) -> list[Apart]:
    """Those that bear one of these NHS numbers."""
    if not numbers:
        return []
    marks = ",".join("?" * len(numbers))
    return _apart(reading, permitted, f"t.nhs_number IN ({marks}) ORDER BY t.source_patient", sorted(numbers))


def apart_named(reading: Reading, permitted: Permitted, called: Called) -> list[Apart]:
    values: list[object] = [len(called.given), called.given]
    condition = _GIVEN
    if called.begins:
        condition += f" AND {_FAMILY}"
        values += [len(called.family), called.family]
    else:
        condition += " AND t.family = ?"
        values.append(called.family)
    if called.born_on:
        condition += f" AND t.born_on IN ({','.join('?' * len(called.born_on))})"
        values += sorted(called.born_on)
    if called.postcode:
        condition += " AND t.postcode = ?"
        values.append(called.postcode)
    return _apart(reading, permitted, f"{condition} ORDER BY t.source_patient", values)


def count_apart(reading: Reading, organisation: OdsCode) -> int:
    row = reading.row("SELECT count(*) FROM trial_patient WHERE contributor = ?", (organisation,))
    return int(row[0]) if row else 0


def _apart(reading: Reading, permitted: Permitted, condition: str, values: Sequence[object]) -> list[Apart]:
    if permitted.duty is None:
        return []
    sql = (
        "SELECT t.source_patient, t.home, t.contributor, s.patient, t.person, t.assurance, t.nhs_number, t.family, "
        "t.given, t.born_on, t.postcode, t.sex, t.shown_name, t.address, t.died_on, t.protected FROM trial_patient t "
        f"JOIN source_patient s ON s.home = t.home AND s.number = t.source_patient WHERE {condition}"
    )
    return [_read(row) for row in reading.rows(sql, values)]


def _read(row: Row) -> Apart:
    number, home, organisation, patient, person, assurance, nhs_number, *told = row
    family, given, born_on, postcode, sex, shown_name, address, died_on, protected = told
    return Apart(
        source=TracedSource(
            number=number, home=home, organisation=OdsCode(organisation), patient=patient, person=PersonId(person),
            base=None, held_for=None, replaced=False,
            demographics=Demographics(
                nhs_number=nhs_number, family=family, given=given, born_on=born_on, postcode=postcode, sex=sex,
                shown_name=shown_name, address=address, died_on=died_on, protected=bool(protected),
            ),
        ),
        itself=PersonId(person),
        assurance=assurance,
    )  # fmt: skip


def _trials(reading: Reading, condition: str, values: Sequence[object]) -> list[Trial]:
    found = reading.rows(f"SELECT organisation, begun_at, ended_at FROM trial {condition}", values)
    testers = "SELECT user_name FROM trial_tester WHERE organisation = ? ORDER BY user_name"
    return [
        Trial(OdsCode(code), begun_at, ended_at, [row[0] for row in reading.rows(testers, (code,))])
        for code, begun_at, ended_at in found
    ]
