"""Source patients, and the persons that link them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from concord.base import NhsNumber, OdsCode, PersonId
from concord.store.face import Reading, Row, Writing
from concord.store.items import portions
from concord.store.permitted import Permitted

Source = tuple[int, int]
"""A source patient: (home, number)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Demographics:
    """What finding and linking a person needs. Names and postcode folded (lower case, letters and digits only);
    `shown_name` and `address` as the source wrote them. Dates as FHIR dates, possibly partial."""

    nhs_number: NhsNumber | None
    family: str
    given: str
    born_on: str
    postcode: str
    sex: str
    shown_name: str
    address: str
    died_on: str | None
    protected: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class TracedSource:
    """One source patient as matching and finding see it.

    `base`: what the rules alone link it to; `person` is what words about it make of that. `held_for`: the base of
    which a human must say whether it is theirs; `replaced`: its source uses another one instead.
    """

    number: int
    home: int
    organisation: OdsCode
    patient: str
    demographics: Demographics
    person: PersonId | None
    base: PersonId | None
    held_for: PersonId | None
    replaced: bool

    @property
    def held(self) -> bool:
        return self.held_for is not None

    @property
    def source(self) -> Source:
        return self.home, self.number


SAID = (
    "s.number, s.home, s.organisation, s.patient, s.nhs_number, s.family, s.given, s.born_on, s.postcode, "
    "s.sex, s.shown_name, s.address, s.died_on, s.protected"
)
LINKED = (
    "l.person, l.base, l.held_for, EXISTS (SELECT 1 FROM tie t WHERE t.home = s.home AND t.source_patient = s.number "
    "AND t.replaced = 1 AND t.held = '')"
)
ITS_LINK = "LEFT JOIN link l ON l.home = s.home AND l.source_patient = s.number"
_TRACED = f"SELECT {SAID}, {LINKED} FROM source_patient s {ITS_LINK} WHERE s.patient IS NOT NULL AND "
SUPERSEDES = "(s.home, s.number) IN (SELECT o.home, o.source_patient FROM superseded o WHERE o.nhs_number = ?)"


_BEGINS = "substr(s.family, 1, CAST(? AS INTEGER)) = ?"  # PostgreSQL has no substr by a 64-bit length
_HELD = "s.family IS NOT NULL"  # of a Patient that was deleted nothing is told: see `forget`


def new_source_patient(
    writing: Writing, home: int, organisation: OdsCode, patient: str | None, demographics: Demographics | None = None
) -> int:
    """A source patient (or, without `patient`, the organisation's shelf), with what it is found by; its number."""
    values = (home, writing.word(organisation), patient, *(() if demographics is None else _described(demographics)))
    columns = "home, organisation, patient" + (f", {', '.join(_DESCRIBED)}" if demographics is not None else "")
    marks = ", ".join("?" * len(values))
    row = writing.row(f"INSERT INTO source_patient ({columns}) VALUES ({marks}) RETURNING number", values)
    assert row is not None
    return int(row[0])


def shelf(reading: Reading, organisation: OdsCode) -> tuple[int, int] | None:
    """(home, number) under which what names no person lies."""
    number = reading.words.number(reading, organisation)
    row = reading.row(
        "SELECT home, number FROM source_patient WHERE organisation = ? AND patient IS NULL", (number or -1,)
    )
    return None if row is None else (row[0], row[1])


def describe(writing: Writing, source: Source, demographics: Demographics) -> None:
    told = ", ".join(f"{column} = ?" for column in _DESCRIBED)
    writing.run(f"UPDATE source_patient SET {told} WHERE home = ? AND number = ?", (*_described(demographics), *source))


_DESCRIBED = (
    "nhs_number", "family", "given", "born_on", "postcode", "sex", "shown_name", "address", "died_on", "protected"
)  # fmt: skip


def _described(d: Demographics) -> tuple[object, ...]:
    return (
        d.nhs_number, d.family, d.given, d.born_on, d.postcode, d.sex,
        d.shown_name, d.address, d.died_on, int(d.protected),
    )  # fmt: skip


def supersede(writing: Writing, source: Source, numbers: Sequence[NhsNumber]) -> None:
    """Keep exactly these as the superseded numbers of a source patient."""
    writing.run("DELETE FROM superseded WHERE home = ? AND source_patient = ?", source)
    writing.run_many("INSERT INTO superseded VALUES (?, ?, ?)", [(*source, number) for number in numbers])


def forget(writing: Writing, source: Source) -> None:
    """Take away what a source patient is found and matched by: its Patient was deleted. Links stay."""
    supersede(writing, source, ())
    writing.run(
        "UPDATE source_patient SET nhs_number = NULL, family = NULL, given = NULL, born_on = NULL, postcode = NULL, "
        "sex = NULL, shown_name = NULL, address = NULL, died_on = NULL, protected = 0 WHERE home = ? AND number = ?",
        source,
    )


def described(reading: Reading, permitted: Permitted, source: Source) -> TracedSource | None:
    """One source patient; only for a duty (matching)."""
    return next(iter(_traced(reading, permitted, "s.home = ? AND s.number = ?", source)), None)


def with_nhs_number(reading: Reading, permitted: Permitted, nhs_number: NhsNumber) -> list[TracedSource]:
    return _traced(reading, permitted, "s.nhs_number = ?", (nhs_number,))


def that_supersede(reading: Reading, permitted: Permitted, nhs_number: NhsNumber) -> list[TracedSource]:
    """Those of whom their source says that this number of theirs has been superseded."""
    return _traced(reading, permitted, SUPERSEDES, (nhs_number,))


def with_name(
    reading: Reading, permitted: Permitted, born_on: str, family: str, *, begins: bool = False
) -> list[TracedSource]:
    """Those of a birth date whose (folded) family name is this one, or `begins` with it."""
    if begins:
        return _traced(
            reading,
            permitted,
            f"s.born_on = ? AND {_BEGINS}",
            (born_on, len(family), family),
        )
    return _traced(reading, permitted, "s.born_on = ? AND s.family = ?", (born_on, family))


def at_postcode(reading: Reading, permitted: Permitted, postcode: str, family: str) -> list[TracedSource]:
    """Those of a (folded) postcode whose family name begins so; an empty `family` begins every name."""
    return _traced(reading, permitted, f"s.postcode = ? AND {_BEGINS}", (postcode, len(family), family))


def every(reading: Reading, permitted: Permitted) -> Iterator[TracedSource]:
    """Every source patient that is not deleted; only for a duty."""
    if permitted.duty is not None:
        yield from (traced_source(reading, row) for row in reading.stream(f"{_TRACED}{_HELD} ORDER BY s.number"))


def numbered_after(reading: Reading, permitted: Permitted, after: int, most: int) -> list[TracedSource]:
    """The next source patients behind a number, in their order; only for a duty."""
    return _traced(reading, permitted, f"s.number > ? AND {_HELD}", (after,), most)


def of_person(reading: Reading, permitted: Permitted, person: PersonId) -> list[TracedSource]:
    return _traced(reading, permitted, f"l.person = ? AND {_HELD}", (person,))


def here_with_family(
    reading: Reading, permitted: Permitted, organisations: Sequence[OdsCode], family: str
) -> list[TracedSource]:
    """Those of a (folded) family name whose attendance or stay at one of the organisations is open."""
    stays = (
        "SELECT r.home, r.source_patient FROM relationship r "
        f"WHERE r.organisation IN ({','.join('?' * len(organisations))}) "
        "AND r.kind IN ('attending', 'inpatient') AND r.ends_at IS NULL"
    )
    return _traced(reading, permitted, f"s.family = ? AND (s.home, s.number) IN ({stays})", (family, *organisations))


def _traced(
    reading: Reading, permitted: Permitted, condition: str, values: Sequence[object], most: int = -1
) -> list[TracedSource]:
    """Rows for whoever holds a duty over all source patients, `most` at most; others get none (default deny)."""
    if permitted.duty is None:
        return []
    sql = f"{_TRACED}{condition} ORDER BY s.number" + (f" LIMIT {most}" if most >= 0 else "")
    return [traced_source(reading, row) for row in reading.rows(sql, values)]


def traced_source(reading: Reading, row: Row) -> TracedSource:
    """A row of `SAID` and `LINKED`."""
    return TracedSource(
        number=row[0], home=row[1], organisation=OdsCode(reading.words.text(reading, row[2])), patient=row[3],
        demographics=Demographics(
            nhs_number=row[4], family=row[5] or "", given=row[6] or "", born_on=row[7] or "", postcode=row[8] or "",
            sex=row[9] or "", shown_name=row[10] or "", address=row[11] or "", died_on=row[12],
            protected=bool(row[13]),
        ),
        person=row[14], base=row[15], held_for=row[16], replaced=bool(row[17]),
    )  # fmt: skip


class Contributed(NamedTuple):
    """A source patient as its contributor exports it. `shelf`: what lies there names no person."""

    number: int
    home: int
    person: PersonId | None
    shelf: bool


def contributed(reading: Reading, permitted: Permitted, *, after: int, most: int) -> list[Contributed]:
    """The next of a contributor's source patients behind a number, in their order; nobody else gets any."""
    return [
        Contributed(number, home, None if person is None else PersonId(person), bool(shelf))
        for number, home, person, shelf in reading.rows(
            "SELECT s.number, s.home, l.person, CASE WHEN s.patient IS NULL THEN 1 ELSE 0 END FROM source_patient s "
            "LEFT JOIN link l ON l.home = s.home AND l.source_patient = s.number "
            "WHERE s.organisation = ? AND s.number > ? ORDER BY s.number LIMIT ?",
            (_contributor(reading, permitted), after, most),
        )
    ]


def count_contributed(reading: Reading, permitted: Permitted, most: int | None = None) -> int:
    """How many source patients a contributor has; counted up to one more than `most`."""
    limit = "" if most is None else f" LIMIT {most + 1}"
    sql = f"SELECT count(*) FROM (SELECT 1 FROM source_patient WHERE organisation = ?{limit}) few"
    row = reading.row(sql, (_contributor(reading, permitted),))
    return 0 if row is None else int(row[0])


def _contributor(reading: Reading, permitted: Permitted) -> int:
    number = None if permitted.contributor is None else reading.words.number(reading, permitted.contributor)
    return -1 if number is None else number  # no row carries that


# -- links: which source patients are one person. They hold no fact about anyone. --------------------------------------


def link(writing: Writing, source: Source, base: PersonId, how: str, held_for: PersonId | None = None) -> None:
    """Link a source patient by the rules. Its person is that base until it is settled what words make of it."""
    writing.run(
        "INSERT INTO link (home, source_patient, person, base, how, held_for) VALUES (?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (home, source_patient) DO UPDATE SET person = excluded.person, base = excluded.base, "
        "how = excluded.how, held_for = excluded.held_for",
        (*source, base, base, how, held_for),
    )


def hold(writing: Writing, source: Source, held_for: PersonId, how: str) -> None:
    """A source patient that was linked waits for a human to say whether it is another base's."""
    writing.run("UPDATE link SET held_for = ?, how = ? WHERE home = ? AND source_patient = ?", (held_for, how, *source))


def persons_of(reading: Reading, sources: Collection[Source]) -> dict[Source, PersonId]:
    """The same of several that are linked."""
    found: dict[Source, PersonId] = {}
    for some in portions(sources):
        sql = (
            f"WITH wanted (home, number) AS (VALUES {', '.join(['(?, ?)'] * len(some))}) "
            "SELECT l.home, l.source_patient, l.person FROM wanted w "
            "CROSS JOIN link l ON l.home = w.home AND l.source_patient = w.number"
        )
        rows = reading.rows(sql, [value for source in some for value in source])
        found |= {(home, number): PersonId(person) for home, number, person in rows}
    return found


def person_of(reading: Reading, source: Source) -> PersonId | None:
    row = reading.row("SELECT person FROM link WHERE home = ? AND source_patient = ?", source)
    return None if row is None else PersonId(row[0])


def near(reading: Reading, person: str) -> PersonId | None:
    """Somebody: whose id is this one or the next in order, else the first of all; None if there is nobody."""
    row = reading.row("SELECT person FROM link WHERE person >= ? ORDER BY person LIMIT 1", (person,))
    row = row or reading.row("SELECT person FROM link ORDER BY person LIMIT 1")
    return None if row is None else PersonId(row[0])


def linked_to(reading: Reading, person: PersonId) -> list[Source]:
    """The source patients of a person, those whose Patient was deleted among them."""
    sql = "SELECT home, source_patient FROM link WHERE person = ? ORDER BY home, source_patient"
    return [(home, number) for home, number in reading.rows(sql, (person,))]


def count_linked(reading: Reading, base: PersonId) -> int:
    """How many source patients the rules link to a base, those whose Patient was deleted among them."""
    row = reading.row("SELECT count(*) FROM link WHERE base = ?", (base,))
    return 0 if row is None else int(row[0])


def count_of_person(reading: Reading, person: PersonId) -> int:
    """How many source patients a person has."""
    row = reading.row("SELECT count(*) FROM link WHERE person = ?", (person,))
    return 0 if row is None else int(row[0])


def linked(reading: Reading, person: PersonId) -> list[tuple[int, int, OdsCode]]:
    """(home, number, organisation) of each source patient of a person whose Patient is held, oldest first."""
    return [
        (row[0], row[1], OdsCode(reading.words.text(reading, row[2])))
        for row in reading.rows(
            "SELECT s.home, s.number, s.organisation FROM link l JOIN source_patient s ON s.home = l.home "
            f"AND s.number = l.source_patient WHERE l.person = ? AND {_HELD} ORDER BY s.number",
            (person,),
        )
    ]


def with_proxy(reading: Reading, number: str) -> list[PersonId]:
    """Everybody of whom a source says that whoever has this NHS number acts for them."""
    sql = (
        "SELECT DISTINCT l.person FROM proxy p JOIN link l ON l.home = p.home AND l.source_patient = p.source_patient "
        "WHERE p.nhs_number = ? AND p.given = 1 ORDER BY l.person"
    )
    return [PersonId(row[0]) for row in reading.rows(sql, (number,))]


def contributor(reading: Reading, source: Source) -> OdsCode:
    """The organisation whose record of a person (or shelf) this is."""
    row = reading.row("SELECT organisation FROM source_patient WHERE home = ? AND number = ?", source)
    assert row is not None, "a source patient that was never made"
    return OdsCode(reading.words.text(reading, row[0]))


def held_for_review(reading: Reading) -> list[tuple[OdsCode, str, str]]:
    """(organisation, logical id of the Patient, why) of each link that waits for a human."""
    return [
        (OdsCode(reading.words.text(reading, row[0])), row[1], row[2])
        for row in reading.rows(
            "SELECT s.organisation, s.patient, l.how FROM link l JOIN source_patient s ON s.home = l.home "
            "AND s.number = l.source_patient WHERE l.held_for IS NOT NULL ORDER BY s.number"
        )
    ]
