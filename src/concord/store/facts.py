"""Facts: what a decision reads about a person. Narrow rows, written with the items they derive from.

They hold no clinical content; `governance` alone reads them, in order to make a decision.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cache

from concord.store.face import Reading, Row, Writing
from concord.store.items import Place, portions
from concord.store.people import Source
from concord.store.registers import POLICY_VERSION


@dataclass(frozen=True, kw_only=True, slots=True)
class FactRows:
    """Relationship rows (kind, organisation, service, team, holder, starts_at, ends_at), choice rows
    (kind, given, contributor, organisation, silent, starts_at, ends_at, firm) and proxy rows
    (nhs_number, kind, given, contributor, starts_at, ends_at); instants in microseconds."""

    relationships: Sequence[Row] = ()
    choice: Row | None = None
    proxy: Row | None = None


def keep_facts(writing: Writing, arrived: Iterable[tuple[Place, FactRows]]) -> None:
    """Keep the facts of items of which none are kept."""
    relationships, choices, proxies = list[Row](), list[Row](), list[Row]()
    for place, facts in arrived:
        relationships += [(*place, part, *row) for part, row in enumerate(facts.relationships)]
        choices += [(*place, *facts.choice)] if facts.choice is not None else []
        proxies += [(*place, *facts.proxy)] if facts.proxy is not None else []
    writing.run_many("INSERT INTO relationship VALUES (?,?,?,?,?,?,?,?,?,?,?)", relationships)
    writing.run_many("INSERT INTO choice VALUES (?,?,?,?,?,?,?,?,?,?,?)", choices)
    writing.run_many("INSERT INTO proxy VALUES (?,?,?,?,?,?,?,?,?)", proxies)


def replace_facts(writing: Writing, place: Place, facts: FactRows) -> None:
    """Keep exactly these facts for the item at `place`."""
    for table in ("relationship", "choice", "proxy"):
        writing.run(f"DELETE FROM {table} WHERE home = ? AND source_patient = ? AND item = ?", place)
    keep_facts(writing, [(place, facts)])


class Told(IntEnum):
    """What a row of `about` tells."""

    SOURCE = 0
    """A source patient: home, number, organisation (a word's number), protected, None; NHS number, born, died."""
    RELATIONSHIP = 1
    """starts_at, ends_at, None, None, None; kind, organisation, service, team, holder."""
    CHOICE = 2
    """starts_at, ends_at, given, silent, firm; kind, contributor, organisation."""
    NAMESAKE = 3
    """A source patient, of whomever, under an NHS number of theirs: home, number, None, protected."""
    PROXY = 4
    """starts_at, ends_at, given, None, None; NHS number, kind, contributor."""
    ASSERTED = 5
    """That something is asserted about the person: its number."""
    TESTS = 6
    """That the user tests an organisation: nothing else."""
    POLICY = 7
    """The policy's version: `registers.policy_version`."""


def about(
    reading: Reading, person: str, *, since: int, user: str, number: str | None, more: Sequence[Source] = ()
) -> list[Row]:
    """All that a decision about a person hangs on, in one statement: rows of (what it tells, five numbers, five texts).

    `since` (microseconds): of what was asserted, what lasted then or later. `user`, `number`: who is decided about, and
    their own NHS number, without which nothing is read of proxies, nor of namesakes who are not protected. `more`:
    source patients that are taken for the person's without being linked.
    """
    besides = [value for source in more for value in source]
    values = [person, *besides, person, since, user, *([] if number is None else [number])]
    return reading.rows(_about(len(more), by_number=number is not None), values)


@cache
def _about(more: int, *, by_number: bool) -> str:
    of_source = "s.home, s.number, s.organisation, s.protected, s.nhs_number, s.born_on, s.died_on"
    linked = (
        f"SELECT {of_source} FROM link l JOIN source_patient s ON s.home = l.home AND s.number = l.source_patient "
        "WHERE l.person = ? AND s.family IS NOT NULL"  # of a Patient that was deleted nothing is told
    )
    besides = f" UNION ALL SELECT {of_source} FROM source_patient s WHERE s.home = ? AND s.number = ?"
    chosen = "c.kind, c.contributor, c.organisation"
    theirs = "(SELECT m.nhs_number FROM mine m)"
    parts = [  # the first has something in every column, by which the columns have their types
        _part(
            Told.CHOICE, "c.starts_at, c.ends_at, c.given, c.silent, c.firm", chosen,
            "mine m JOIN choice c ON c.home = m.home AND c.source_patient = m.number",
        ),
        _part(
            Told.CHOICE, "c.starts_at, c.ends_at, c.given, c.silent, 0", chosen,
            f"own_choice c WHERE c.nhs_number IN {theirs}",
        ),
        _part(
            Told.SOURCE, "m.home, m.number, m.organisation, m.protected", "m.nhs_number, m.born_on, m.died_on",
            "mine m",
        ),
        _part(
            Told.RELATIONSHIP, "r.starts_at, r.ends_at", "r.kind, r.organisation, r.service, r.team, r.holder",
            "mine m JOIN relationship r ON r.home = m.home AND r.source_patient = m.number",
        ),
        _part(
            Told.NAMESAKE, "o.home, o.number, NULL, o.protected", "",
            f"source_patient o WHERE o.nhs_number IN {theirs}" + ("" if by_number else " AND o.protected = 1"),
        ),
        _part(Told.ASSERTED, "a.number", "", "assertion a WHERE a.person = ? AND a.ends_at > ?"),
        _part(
            Told.TESTS, "", "",
            "trial_tester r JOIN trial t ON t.organisation = r.organisation "
            "WHERE r.user_name = ? AND t.ended_at IS NULL",
        ),
        f"SELECT {int(Told.POLICY)}, {POLICY_VERSION}" + ", NULL" * 7,
    ]  # fmt: skip
    if by_number:
        proxies = "mine m JOIN proxy p ON p.home = m.home AND p.source_patient = m.number WHERE p.nhs_number = ?"
        proxy = "p.starts_at, p.ends_at, p.given", "p.nhs_number, p.kind, p.contributor"
        parts.append(_part(Told.PROXY, *proxy, proxies))
    return f"WITH mine AS MATERIALIZED ({linked}{besides * more}) " + " UNION ALL ".join(parts)


def _part(told: Told, numbers: str, texts: str, found: str) -> str:
    """The part of `about` that tells one thing; what it has no column for is NULL."""
    columns = [str(int(told)), *_five(numbers), *_five(texts)]
    return f"SELECT {', '.join(columns)} FROM {found}"


def _five(columns: str) -> list[str]:
    named = columns.split(", ") if columns else []
    return named + ["NULL"] * (5 - len(named))


def choice_rows_told(reading: Reading, sources: Iterable[tuple[int, int]], *, lacking: int) -> list[Row]:
    """The same of those whose Consent carries none of the labels of a mask (stored form), and stands."""
    sql = (
        "SELECT c.kind, c.given, c.contributor, c.organisation, c.silent, c.starts_at, c.ends_at, c.firm FROM choice c "
        "JOIN item i ON i.home = c.home AND i.source_patient = c.source_patient AND i.item = c.item "
        "WHERE c.home = ? AND c.source_patient = ? AND i.labels & ? = 0 AND i.lifecycle = 0 ORDER BY c.item"
    )
    return [row for source in sources for row in reading.rows(sql, (*source, lacking))]


def protected(reading: Reading, sources: Collection[tuple[int, int]]) -> bool:
    """Whether any source says that what locates the person must be kept back.

    So does a source patient that waits for review under the same NHS number: it may well be the same person.
    """
    return any(_protected(reading, some) for some in portions(sources))


def any_labelled(reading: Reading, sources: Iterable[tuple[int, int]], *, carrying: int, lacking: int) -> bool:
    """Whether a current item of these source patients carries a label of one mask and none of the other."""
    condition = "labels & ? != 0 AND labels & ? = 0 AND lifecycle = 0"
    sql = f"SELECT 1 FROM item WHERE home = ? AND source_patient = ? AND {condition} LIMIT 1"
    return any(reading.row(sql, (*source, carrying, lacking)) is not None for source in sources)


def people_related(reading: Reading, organisations: Sequence[str], staff_id: str, *, lately: int) -> list[Row]:
    """(person, kind, organisation, service, team, holder, starts_at, ends_at, home, source patient, item), in order
    of the last three: every relationship that one of the organisations or the user holds, or that ended after
    `lately` (microseconds); for worklists."""
    columns = (
        "SELECT l.person, r.kind, r.organisation, r.service, r.team, r.holder, r.starts_at, r.ends_at, "
        "r.home, r.source_patient, r.item FROM relationship r JOIN link l ON l.home = r.home "
        "AND l.source_patient = r.source_patient WHERE "
    )
    theirs = f"r.organisation IN ({','.join('?' * len(organisations))})"
    whose = (
        f"{theirs} AND r.ends_at IS NULL",
        f"{theirs} AND r.ends_at > ?",
        "r.holder = ? AND r.organisation IS NULL",
    )
    return reading.rows(
        " UNION ALL ".join(columns + each for each in whose) + " ORDER BY 9, 10, 11",
        (*organisations, *organisations, lately, staff_id),
    )


def related_on_trial(
    reading: Reading, user: str, organisations: Sequence[str], staff_id: str, *, lately: int
) -> list[Row]:
    """The same without the person, of source patients that are set apart and that the user tests: of such nobody is
    linked to anybody."""
    theirs = f"r.organisation IN ({','.join('?' * len(organisations))})"
    return reading.rows(
        "SELECT r.kind, r.organisation, r.service, r.team, r.holder, r.starts_at, r.ends_at, r.home, r.source_patient, "
        "r.item FROM trial_tester y JOIN trial x ON x.organisation = y.organisation AND x.ended_at IS NULL "
        "JOIN trial_patient t ON t.contributor = y.organisation "
        "JOIN relationship r ON r.home = t.home AND r.source_patient = t.source_patient WHERE y.user_name = ? AND "
        f"(({theirs} AND (r.ends_at IS NULL OR r.ends_at > ?)) OR (r.holder = ? AND r.organisation IS NULL)) "
        "ORDER BY 8, 9, 10",
        (user, *organisations, lately, staff_id),
    )


def _protected(reading: Reading, sources: Sequence[Source]) -> bool:
    any_of = " OR ".join(["s.home = ? AND s.number = ?"] * len(sources))
    sql = (
        f"SELECT 1 FROM source_patient s WHERE ({any_of}) AND (s.protected = 1 "
        "OR EXISTS (SELECT 1 FROM source_patient o WHERE o.nhs_number = s.nhs_number AND o.protected = 1)) LIMIT 1"
    )
    return reading.row(sql, [value for source in sources for value in source]) is not None
