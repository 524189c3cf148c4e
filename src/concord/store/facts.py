"""Facts: what a decision reads about a person. Narrow rows, written with the items they derive from.

They hold no clinical content; `governance` alone reads them, in order to make a decision.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from concord.store.face import Reading, Row, Writing
from concord.store.items import Place, portions

_CHOICE = "kind, given, contributor, organisation, silent, starts_at, ends_at, firm"


@dataclass(frozen=True, kw_only=True, slots=True)
class FactRows:
    """Relationship rows (kind, organisation, service, team, holder, starts_at, ends_at), choice rows
    (kind, given, contributor, organisation, silent, starts_at, ends_at, firm) and proxy rows
    (nhs_number, kind, given, contributor, starts_at, ends_at); instants in microseconds."""

    relationships: Sequence[Row] = ()
    choice: Row | None = None
    proxy: Row | None = None


def replace_facts(writing: Writing, place: Place, facts: FactRows, *, new: bool) -> None:
    """Keep exactly these facts for the item at `place`."""
    key = (place.home, place.source_patient, place.item)
    if not new:
        for table in ("relationship", "choice", "proxy"):
            writing.run(f"DELETE FROM {table} WHERE home = ? AND source_patient = ? AND item = ?", key)
    for part, row in enumerate(facts.relationships):
        writing.run("INSERT INTO relationship VALUES (?,?,?,?,?,?,?,?,?,?,?)", (*key, part, *row))
    if facts.choice is not None:
        writing.run("INSERT INTO choice VALUES (?,?,?,?,?,?,?,?,?,?,?)", (*key, *facts.choice))
    if facts.proxy is not None:
        writing.run("INSERT INTO proxy VALUES (?,?,?,?,?,?,?,?,?)", (*key, *facts.proxy))


def relationship_rows(reading: Reading, sources: Iterable[tuple[int, int]]) -> list[Row]:
    """kind, organisation, service, team, holder, starts_at, ends_at of every relationship of these source patients."""
    return _of_sources(
        reading, "kind, organisation, service, team, holder, starts_at, ends_at FROM relationship", sources
    )


def choice_rows(reading: Reading, sources: Iterable[tuple[int, int]]) -> list[Row]:
    """kind, given, contributor, organisation, silent, starts_at, ends_at, firm of every choice of these sources."""
    return _of_sources(reading, f"{_CHOICE} FROM choice", sources)


def choice_rows_told(reading: Reading, sources: Iterable[tuple[int, int]], *, lacking: int) -> list[Row]:
    """The same of those whose Consent carries none of the labels of a mask (stored form), and stands."""
    sql = (
        "SELECT c.kind, c.given, c.contributor, c.organisation, c.silent, c.starts_at, c.ends_at, c.firm FROM choice c "
        "JOIN item i ON i.home = c.home AND i.source_patient = c.source_patient AND i.item = c.item "
        "WHERE c.home = ? AND c.source_patient = ? AND i.labels & ? = 0 AND i.lifecycle = 0 ORDER BY c.item"
    )
    return [row for source in sources for row in reading.rows(sql, (*source, lacking))]


def proxy_rows(reading: Reading, sources: Iterable[tuple[int, int]], number: str) -> list[Row]:
    """nhs_number, kind, given, contributor, starts_at, ends_at of what these sources say of whoever has the number."""
    columns = "nhs_number, kind, given, contributor, starts_at, ends_at"
    sql = f"SELECT {columns} FROM proxy WHERE nhs_number = ? AND home = ? AND source_patient = ? ORDER BY item"
    return [row for source in sources for row in reading.rows(sql, (number, *source))]


def protected(reading: Reading, sources: Collection[tuple[int, int]]) -> bool:
    """Whether any source says that what locates the person must be kept back.

    So does a source patient that waits for review under the same NHS number: it may well be the same person.
    """
    if not sources:
        return False
    any_of = " OR ".join(["s.home = ? AND s.number = ?"] * len(sources))
    sql = (
        f"SELECT 1 FROM source_patient s WHERE ({any_of}) AND (s.protected = 1 "
        "OR EXISTS (SELECT 1 FROM source_patient o WHERE o.nhs_number = s.nhs_number AND o.protected = 1)) LIMIT 1"
    )
    return reading.row(sql, [value for source in sources for value in source]) is not None


def described(reading: Reading, sources: Collection[tuple[int, int]]) -> list[Row]:
    """nhs_number, born_on, died_on of each of these source patients, as its source says; None for what it does not."""
    if not sources:
        return []
    any_of = " OR ".join(["(home = ? AND number = ?)"] * len(sources))
    values = [value for source in sources for value in source]
    return reading.rows(f"SELECT nhs_number, born_on, died_on FROM source_patient WHERE {any_of}", values)


def number_shared(reading: Reading, numbers: Collection[str], sources: Collection[tuple[int, int]]) -> bool:
    """Whether another source patient carries any of these NHS numbers."""
    if not numbers:
        return False
    marks = ",".join("?" * len(numbers))
    held = reading.rows(f"SELECT home, number FROM source_patient WHERE nhs_number IN ({marks})", sorted(numbers))
    return not {(home, number) for home, number in held} <= set(sources)


def any_labelled(reading: Reading, sources: Iterable[tuple[int, int]], *, carrying: int, lacking: int) -> bool:
    """Whether a current item of these source patients carries a label of one mask and none of the other."""
    condition = "labels & ? != 0 AND labels & ? = 0 AND lifecycle = 0"
    sql = f"SELECT 1 FROM item WHERE home = ? AND source_patient = ? AND {condition} LIMIT 1"
    return any(reading.row(sql, (*source, carrying, lacking)) is not None for source in sources)


def people_related(reading: Reading, organisation: str, staff_id: str, *, lately: int) -> list[Row]:
    """(person, kind, organisation, service, team, holder, starts_at, ends_at, home, source patient, item), in order
    of the last three: every relationship that an organisation or one of its users holds, or that ended after `lately`
    (microseconds); for worklists."""
    columns = (
        "SELECT l.person, r.kind, r.organisation, r.service, r.team, r.holder, r.starts_at, r.ends_at, "
        "r.home, r.source_patient, r.item FROM relationship r JOIN link l ON l.home = r.home "
        "AND l.source_patient = r.source_patient WHERE "
    )
    whose = (
        "r.organisation = ? AND r.ends_at IS NULL",
        "r.organisation = ? AND r.ends_at > ?",
        "r.holder = ? AND r.organisation IS NULL",
    )
    return reading.rows(
        " UNION ALL ".join(columns + each for each in whose) + " ORDER BY 9, 10, 11",
        (organisation, organisation, lately, staff_id),
    )


def _of_sources(reading: Reading, selection: str, sources: Iterable[tuple[int, int]]) -> list[Row]:
    """Of many at once: a statement for each would take longer than what it finds."""
    found: list[Row] = []
    for some in portions(sources):
        any_of = " OR ".join(["(home = ? AND source_patient = ?)"] * len(some))
        found += reading.rows(f"SELECT {selection} WHERE {any_of}", [value for source in some for value in source])
    return found
