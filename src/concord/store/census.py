"""Everybody who is held, portion by portion: the facts that decisions read, and where their items are filed.

A portion is the people between two ids, the first not included. For counting: nothing that items say is read.
"""

from concord.store.face import Reading, Row
from concord.store.permitted import Permitted

_LINKED = "link l JOIN source_patient s ON s.home = l.home AND s.number = l.source_patient AND s.family IS NOT NULL "
_PORTION = "l.person > ? AND l.person <= ? "
Portion = tuple[str, str]


def people(reading: Reading) -> int:
    row = reading.row("SELECT count(DISTINCT person) FROM link")
    return 0 if row is None else int(row[0])


def last_of_portion(reading: Reading, after: str, most: int) -> str | None:
    """The id of the last of the next `most` source patients' people; None when nobody is left."""
    sql = "SELECT max(person) FROM (SELECT l.person FROM link l WHERE l.person > ? ORDER BY l.person LIMIT ?) p"
    row = reading.row(sql, (after, most))
    return None if row is None else row[0]


def sources(reading: Reading, portion: Portion) -> list[Row]:
    """(person, home, number, organisation as a word) of each source patient whose Patient is held."""
    columns = "l.person, s.home, s.number, s.organisation"
    return reading.rows(f"SELECT {columns} FROM {_LINKED} WHERE {_PORTION} ORDER BY l.person, s.number", portion)


def relationships(reading: Reading, portion: Portion) -> list[Row]:
    """(person, kind, organisation, service, team, holder, starts_at, ends_at) of each relationship."""
    columns = "l.person, f.kind, f.organisation, f.service, f.team, f.holder, f.starts_at, f.ends_at"
    return reading.rows(_facts(columns, "relationship"), portion)


def choices(reading: Reading, portion: Portion) -> list[Row]:
    """(person, kind, given, contributor, organisation, silent, starts_at, ends_at, firm) of each choice."""
    columns = "l.person, f.kind, f.given, f.contributor, f.organisation, f.silent, f.starts_at, f.ends_at"
    own = (
        f"SELECT DISTINCT {columns}, 0, f.reference FROM {_LINKED} JOIN own_choice f ON f.nhs_number = s.nhs_number "
        f"WHERE {_PORTION} ORDER BY l.person, f.starts_at, f.reference"
    )
    of_sources = reading.rows(_facts(f"{columns}, f.firm", "choice"), portion)
    return [*of_sources, *(row[:-1] for row in reading.rows(own, portion))]


def protected(reading: Reading, portion: Portion) -> set[str]:
    """Whom some source says to be protected, or a source patient under the same NHS number."""
    same = "EXISTS (SELECT 1 FROM source_patient o WHERE o.nhs_number = s.nhs_number AND o.protected = 1)"
    sql = f"SELECT DISTINCT l.person FROM {_LINKED} WHERE {_PORTION} AND (s.protected = 1 OR {same})"
    return {row[0] for row in reading.rows(sql, portion)}


def died(reading: Reading, portion: Portion) -> list[Row]:
    """(person, died_on as its source has it) of each source patient of whom a source says that they have died."""
    sql = f"SELECT l.person, s.died_on FROM {_LINKED} WHERE {_PORTION} AND s.died_on IS NOT NULL ORDER BY l.person"
    return reading.rows(sql, portion)


def described(reading: Reading, permitted: Permitted, portion: Portion) -> list[Row]:
    """(person, organisation as a word, born_on, sex) of each source patient whose Patient is held; for a duty alone."""
    if permitted.duty is None:
        return []
    columns = "l.person, s.organisation, s.born_on, s.sex"
    return reading.rows(f"SELECT {columns} FROM {_LINKED} WHERE {_PORTION} ORDER BY l.person, s.number", portion)


def filed(reading: Reading, permitted: Permitted, portion: Portion) -> list[Row]:
    """(person, organisation, service, heading, labels, how many) of the current items, organisation and service as
    words; for a duty alone."""
    if permitted.duty is None:
        return []
    by = "l.person, s.organisation, i.service, i.heading, i.labels"
    sql = (
        f"SELECT {by}, count(*) FROM {_LINKED} JOIN item i ON i.home = l.home AND i.source_patient = l.source_patient "
        f"WHERE {_PORTION} AND i.lifecycle = 0 GROUP BY {by}"
    )
    return reading.rows(sql, portion)


def _facts(columns: str, table: str) -> str:
    return (
        f"SELECT {columns} FROM {_LINKED} JOIN {table} f ON f.home = l.home AND f.source_patient = l.source_patient "
        f"WHERE {_PORTION} ORDER BY l.person"
    )
