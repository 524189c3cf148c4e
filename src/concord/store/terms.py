"""Code systems, value sets and concept maps that an installation has loaded. They say nothing of anybody.

A load comes in portions and is in force once it is whole; then it takes the place of the one of its URL and version.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from concord.base import Conflict
from concord.store.face import Reading, Row, Writing

_PORTION = 500  # codes of one statement
_ABOVE = """WITH RECURSIVE above (code) AS (
        SELECT parent FROM concept_parent WHERE system = ? AND code = ?
        UNION SELECT p.parent FROM above a JOIN concept_parent p ON p.system = ? AND p.code = a.code)
    SELECT code FROM above ORDER BY code"""
_BELOW = """WITH RECURSIVE below (code) AS (
        SELECT code FROM concept_parent WHERE system = ? AND parent = ?
        UNION SELECT p.code FROM below b JOIN concept_parent p ON p.system = ? AND p.parent = b.code)
    SELECT code FROM below ORDER BY code"""


class Loaded(NamedTuple):
    """One loaded resource; `body` is its JSON, without concepts and groups, which have rows."""

    number: int
    kind: str
    url: str
    version: str
    body: bytes


class Term(NamedTuple):
    """A concept; `detail` is JSON: definition, designation, property."""

    code: str
    display: str
    active: bool
    detail: bytes


# -- loading -----------------------------------------------------------------------------------------------------------


def begin(writing: Writing, kind: str, url: str, version: str, body: bytes) -> int:
    """The number of a load that comes in; what is left of one of the same name that never became whole goes."""
    unfinished = writing.rows(
        "SELECT number FROM terminology WHERE url = ? AND kind = ? AND version = ? AND loading = 0",
        (url, kind, version),
    )
    for (number,) in unfinished:
        remove(writing, number)
    row = writing.row(
        "INSERT INTO terminology (kind, url, version, loading, body) VALUES (?, ?, ?, 0, ?) RETURNING number",
        (kind, url, version, body),
    )
    assert row is not None
    return int(row[0])


def add_concepts(writing: Writing, rows: Sequence[Row]) -> None:
    """(system, code, display, folded, active, detail) each; the first of a code stays."""
    writing.run_many("INSERT INTO concept VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING", rows)


def add_parents(writing: Writing, rows: Sequence[Row]) -> None:
    """(system, code, parent) each."""
    writing.run_many("INSERT INTO concept_parent VALUES (?, ?, ?) ON CONFLICT DO NOTHING", rows)


def add_mappings(writing: Writing, rows: Sequence[Row]) -> None:
    """(map, source, code, position, target, target code, display, equivalence) each."""
    writing.run_many("INSERT INTO mapping VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)


def put_in_force(writing: Writing, number: int) -> None:
    """A load is whole. Raises Conflict when another of the same name has begun since."""
    row = writing.row("SELECT url, kind, version FROM terminology WHERE number = ?", (number,))
    if row is None:
        raise Conflict("The same was loaded at the same time by somebody else. Load it again.")
    before = writing.rows(
        "SELECT number FROM terminology WHERE url = ? AND kind = ? AND version = ? AND number <> ?", (*row, number)
    )
    for (other,) in before:
        remove(writing, other)
    writing.run(
        "UPDATE terminology SET loading = (SELECT max(loading) + 1 FROM terminology) WHERE number = ?", (number,)
    )


def remove(writing: Writing, number: int) -> None:
    writing.run("DELETE FROM concept WHERE system = ?", (number,))
    writing.run("DELETE FROM concept_parent WHERE system = ?", (number,))
    writing.run("DELETE FROM mapping WHERE map = ?", (number,))
    writing.run("DELETE FROM terminology WHERE number = ?", (number,))


# -- asking ------------------------------------------------------------------------------------------------------------


def loaded(reading: Reading, kind: str, url: str, version: str | None = None) -> Loaded | None:
    """What is in force under a URL; without a version the one loaded last."""
    which, values = (" AND version = ?", (url, kind, version)) if version else ("", (url, kind))
    row = reading.row(
        "SELECT number, kind, url, version, body FROM terminology WHERE url = ? AND kind = ? AND loading > 0"
        f"{which} ORDER BY loading DESC LIMIT 1",
        values,
    )
    return None if row is None else Loaded(row[0], row[1], row[2], row[3], bytes(row[4]))


def all_loaded(reading: Reading) -> list[tuple[str, str, str, int]]:
    """(kind, URL, version, rows of its own) of all that is in force."""
    return [
        (row[0], row[1], row[2], row[3])
        for row in reading.rows(
            "SELECT kind, url, version, "
            "(SELECT count(*) FROM concept c WHERE c.system = t.number) + "
            "(SELECT count(*) FROM mapping m WHERE m.map = t.number) "
            "FROM terminology t WHERE loading > 0 ORDER BY kind, url, version"
        )
    ]


def in_force(reading: Reading, kind: str, urls: Sequence[str] | None = None) -> Iterator[tuple[str, str, int, bytes]]:
    """(URL, version, number of its load, body) of what is in force of a kind, under any of the URLs if such are given,
    by URL and version."""
    which = "" if urls is None else f" AND url IN ({','.join('?' * len(urls))})"
    rows = reading.stream(
        f"SELECT url, version, loading, body FROM terminology WHERE kind = ? AND loading > 0{which} "
        "ORDER BY url, version",
        (kind, *(urls or ())),
    )
    for url, version, loading, body in rows:
        yield url, version, loading, bytes(body)


def placed_codes(reading: Reading, system: int) -> Iterator[str]:
    """Every code of a code system that stands somewhere in its hierarchy, in no order: not those that are no longer
    used and lie below nothing."""
    sql = (
        "SELECT c.code FROM concept c WHERE c.system = ? AND (c.active = 1 OR EXISTS "
        "(SELECT 1 FROM concept_parent p WHERE p.system = c.system AND p.code = c.code))"
    )
    for (code,) in reading.stream(sql, (system,)):
        yield code


def maps(reading: Reading) -> list[Loaded]:
    """The concept maps in force, the last loaded first."""
    rows = reading.rows(
        "SELECT number, kind, url, version, body FROM terminology "
        "WHERE kind = 'ConceptMap' AND loading > 0 ORDER BY loading DESC"
    )
    return [Loaded(row[0], row[1], row[2], row[3], bytes(row[4])) for row in rows]


def term(reading: Reading, system: int, code: str) -> Term | None:
    row = reading.row("SELECT code, display, active, detail FROM concept WHERE system = ? AND code = ?", (system, code))
    return None if row is None else _term(row)


def terms(reading: Reading, system: int, words: Sequence[str], most: int) -> list[Term]:
    """At most so many concepts, by code, that have for each word one that begins with it."""
    condition, patterns = _with_words(words)
    return [
        _term(row)
        for row in reading.rows(
            f"SELECT code, display, active, detail FROM concept WHERE system = ?{condition} ORDER BY code LIMIT ?",
            (system, *patterns, most),
        )
    ]


def terms_of(reading: Reading, system: int, codes: Sequence[str], words: Sequence[str]) -> Iterator[Term]:
    """The same of the codes named."""
    condition, patterns = _with_words(words)
    for start in range(0, len(codes), _PORTION):
        some = codes[start : start + _PORTION]
        for row in reading.rows(
            "SELECT code, display, active, detail FROM concept "
            f"WHERE system = ? AND code IN ({','.join('?' * len(some))}){condition} ORDER BY code",
            (system, *some, *patterns),
        ):
            yield _term(row)


def parents(reading: Reading, system: int, code: str) -> list[str]:
    rows = reading.rows(
        "SELECT parent FROM concept_parent WHERE system = ? AND code = ? ORDER BY parent", (system, code)
    )
    return [row[0] for row in rows]


def children(reading: Reading, system: int, code: str) -> list[str]:
    rows = reading.rows("SELECT code FROM concept_parent WHERE system = ? AND parent = ? ORDER BY code", (system, code))
    return [row[0] for row in rows]


def above(reading: Reading, system: int, code: str) -> list[str]:
    """All that subsume a code, itself not among them."""
    return [row[0] for row in reading.rows(_ABOVE, (system, code, system))]


def below(reading: Reading, system: int, code: str) -> list[str]:
    """All that a code subsumes, itself not among them."""
    return [row[0] for row in reading.rows(_BELOW, (system, code, system))]


def mappings(reading: Reading, map_: int, source: str, code: str) -> list[Row]:
    """(target, target code, display, equivalence), in the order of the map."""
    return reading.rows(
        "SELECT target, target_code, display, equivalence FROM mapping "
        "WHERE map = ? AND source = ? AND code = ? ORDER BY position",
        (map_, source, code),
    )


def _term(row: Row) -> Term:
    return Term(row[0], row[1], bool(row[2]), bytes(row[3]))


def _with_words(words: Sequence[str]) -> tuple[str, list[str]]:
    escaped = [word.replace("!", "!!").replace("%", "!%").replace("_", "!_") for word in words]
    return " AND folded LIKE ? ESCAPE '!'" * len(words), [f"% {word}%" for word in escaped]
