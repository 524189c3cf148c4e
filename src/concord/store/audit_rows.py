"""Audit rows, the chains they stand in, and the checkpoints signed over those. Added to, never changed."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from concord.store.face import Reading, Row, Writing


class AuditRow(NamedTuple):
    """A row as it lies. `context` and `detail` are JSON, `detail` "" where there is none or it was erased.

    `chain` and `link` are None for rows that are older than chains. Instants in microseconds since 1970 UTC.
    """

    number: int
    at: int
    action: str
    outcome: str
    who: str
    person: str | None
    detail: str
    salt: str | None
    digest: bytes | None
    chain: int | None
    link: int | None
    context: int | None
    context_text: str | None


class Span(NamedTuple):
    """A person's id, and the instants from `since` to `until` (both within) whose rows are asked for."""

    person: str
    since: int
    until: int


_COLUMNS = (
    "a.number, a.at, a.action, a.outcome, a.who, a.person, a.detail, a.salt, a.digest, a.chain, a.link, a.context, "
    "c.content"
)
_CONTEXT = "LEFT JOIN audit_context c ON c.number = a.context"
_ROW = f"SELECT {_COLUMNS} FROM audit a {_CONTEXT}"
_IN_SPANS = "FROM span s JOIN audit b ON b.person = s.person AND b.at BETWEEN s.since AND s.until"

# -- rows --------------------------------------------------------------------------------------------------------------


def add(writing: Writing, rows: Sequence[Row]) -> None:
    """(at, action, outcome, who, person, detail, salt, digest, chain, link, context) each."""
    writing.run_many(
        "INSERT INTO audit (at, action, outcome, who, person, detail, salt, digest, chain, link, context) "
        "VALUES (?,?,?,?,?,?,?,?,?,?,?)",
        rows,
    )


def found(
    reading: Reading,
    *,
    most: int,
    spans: Sequence[Span] | None = None,
    who: str | None = None,
    action: str | None = None,
    since: int | None = None,
    until: int | None = None,
    before: tuple[int, int] | None = None,
    oldest: bool = False,
) -> list[AuditRow]:
    """Rows that meet all that is given, newest first, or `oldest` first. `spans` are disjoint; `since` inclusive,
    `until` exclusive; `before` (at, number) is where an earlier answer ended that was newest first."""
    conditions, values = ["1 = 1"], list[object]()
    for condition, value in (("a.who = ?", who), ("a.action = ?", action), ("a.at >= ?", since), ("a.at < ?", until)):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    if before is not None:
        conditions.append("(a.at < ? OR (a.at = ? AND a.number < ?))")
        values += [before[0], *before]
    rows = _ROW
    if spans is not None:
        rows = f"{_those(spans)} SELECT {_COLUMNS} FROM (SELECT b.* {_IN_SPANS}) a {_CONTEXT}"
        values = [*_flat(spans), *values]
    order = "a.at, a.number" if oldest else "a.at DESC, a.number DESC"
    sql = f"{rows} WHERE {' AND '.join(conditions)} ORDER BY {order} LIMIT ?"
    return [AuditRow._make(row) for row in reading.rows(sql, [*values, most])]


def looks_at(
    reading: Reading,
    spans: Sequence[Span],
    *,
    most: int,
    since: int | None = None,
    until: int | None = None,
    before: int | None = None,
) -> list[tuple[int, AuditRow]]:
    """Rows of disjoint spans but for what sources sent, newest first, each with its place among all of these (from 1).

    The place, unlike the number, tells nothing of rows that are not among them. `before`: places below that.
    """
    conditions, values = ["1 = 1"], _flat(spans)
    for condition, value in (("a.at >= ?", since), ("a.at < ?", until), ("a.nth < ?", before)):
        if value is not None:
            conditions.append(condition)
            values.append(value)
    looks = f"SELECT b.*, row_number() OVER (ORDER BY b.number) AS nth {_IN_SPANS} WHERE b.action <> 'write'"
    rows = f"{_those(spans)} SELECT {_COLUMNS}, a.nth FROM ({looks}) a {_CONTEXT}"
    sql = f"{rows} WHERE {' AND '.join(conditions)} ORDER BY a.nth DESC LIMIT ?"
    return [(row[-1], AuditRow._make(row[:-1])) for row in reading.rows(sql, [*values, most])]


def _those(spans: Sequence[Span]) -> str:
    return f"WITH span (person, since, until) AS (VALUES {', '.join(['(?, ?, ?)'] * len(spans))})"


def _flat(spans: Sequence[Span]) -> list[object]:
    return [each for span in spans for each in span]


def looks_since(reading: Reading, since: int, actions: Sequence[str]) -> Iterator[AuditRow]:
    """Rows about persons since an instant, of some actions, but for what systems and duties did: person by person,
    each person's in the order of time."""
    marks = ",".join("?" * len(actions))
    sql = (
        f"{_ROW} WHERE a.person IS NOT NULL AND a.at >= ? AND a.action IN ({marks}) "
        "AND a.who NOT LIKE ? AND a.who NOT LIKE ? ORDER BY a.person, a.at, a.number"
    )
    return map(AuditRow._make, reading.stream(sql, (since, *actions, "system:%", "duty:%")))


def count_since(reading: Reading, since: int) -> int:
    """How many rows about persons there are since an instant."""
    row = reading.row("SELECT count(*) FROM audit WHERE person IS NOT NULL AND at >= ?", (since,))
    return 0 if row is None else int(row[0])


def looked_at(reading: Reading, who: str, actions: Sequence[str], since: int) -> dict[str, list[int]]:
    """When a user did any of these since an instant, by person."""
    marks = ",".join("?" * len(actions))
    sql = f"SELECT person, at FROM audit WHERE who = ? AND at >= ? AND person IS NOT NULL AND action IN ({marks})"
    found: dict[str, list[int]] = {}
    for person, at in reading.rows(sql, (who, since, *actions)):
        found.setdefault(person, []).append(at)
    return found


def count_lookers(reading: Reading, persons: tuple[str, str], actions: Sequence[str], since: int, until: int) -> int:
    """How many users did any of these about either person, from `since` and before `until`."""
    marks = ",".join("?" * len(actions))
    row = reading.row(
        "SELECT count(DISTINCT who) FROM audit WHERE person IN (?, ?) AND at >= ? AND at < ? "
        f"AND action IN ({marks}) AND who NOT LIKE ? AND who NOT LIKE ?",
        (*persons, since, until, *actions, "system:%", "duty:%"),
    )
    return 0 if row is None else int(row[0])


def row_with(reading: Reading, number: int) -> AuditRow | None:
    row = reading.row(f"{_ROW} WHERE a.number = ?", (number,))
    return None if row is None else AuditRow._make(row)


def in_order(reading: Reading) -> Iterator[AuditRow]:
    """Every row, in the order in which they were written; that of a chain's links is theirs."""
    return map(AuditRow._make, reading.stream(f"{_ROW} ORDER BY a.number"))


# -- contexts ----------------------------------------------------------------------------------------------------------


def context_numbers(writing: Writing, wanted: Sequence[tuple[bytes, bytes, str]]) -> dict[bytes, int]:
    """The number of each (digest, salt, content) by its digest; those that are new are added."""
    digests = [digest for digest, _, _ in wanted]
    known = _numbers(writing, digests)
    new = [each for each in wanted if each[0] not in known]
    if new:
        writing.run_many(
            "INSERT INTO audit_context (digest, salt, content) VALUES (?,?,?) ON CONFLICT (digest) DO NOTHING", new
        )
        known = _numbers(writing, digests)
    return known


def _numbers(reading: Reading, digests: Sequence[bytes]) -> dict[bytes, int]:
    marks = ",".join("?" * len(digests))
    return {
        bytes(digest): number
        for number, digest in reading.rows(
            f"SELECT number, digest FROM audit_context WHERE digest IN ({marks})", digests
        )
    }


def contexts(reading: Reading) -> list[tuple[int, bytes, bytes, str]]:
    """(number, digest, salt, content) of each; content "" where it was erased."""
    rows = reading.rows("SELECT number, digest, salt, content FROM audit_context ORDER BY number")
    return [(number, bytes(digest), bytes(salt), content) for number, digest, salt, content in rows]


# -- chains ------------------------------------------------------------------------------------------------------------


def head(reading: Reading, name: str) -> tuple[int, int, bytes] | None:
    """(chain, position, hash) of the last link of a chain; None while there is none."""
    row = reading.row(
        "SELECT l.chain, l.position, l.hash FROM audit_link l "
        "WHERE l.chain = (SELECT c.number FROM audit_chain c WHERE c.name = ?) ORDER BY l.position DESC LIMIT 1",
        (name,),
    )
    return None if row is None else (row[0], row[1], bytes(row[2]))


def add_chain(writing: Writing, name: str) -> int:
    """A chain, whose first link the same transaction adds; its number."""
    writing.run("INSERT INTO audit_chain (name, signed) VALUES (?, 0)", (name,))
    row = writing.row("SELECT number FROM audit_chain WHERE name = ?", (name,))
    assert row is not None
    return int(row[0])


def chains(reading: Reading) -> dict[int, tuple[str, int, int]]:
    """By number: (name, how many links it has, the position of its last)."""
    rows = reading.rows(
        "SELECT c.number, c.name, count(l.position), max(l.position) FROM audit_chain c "
        "LEFT JOIN audit_link l ON l.chain = c.number GROUP BY c.number, c.name ORDER BY c.number"
    )
    return {number: (name, count, last or 0) for number, name, count, last in rows}


def add_link(writing: Writing, chain: int, position: int, hash_: bytes) -> None:
    writing.run("INSERT INTO audit_link (chain, position, hash) VALUES (?,?,?)", (chain, position, hash_))


def links(reading: Reading) -> Iterator[tuple[int, int, bytes]]:
    """(chain, position, hash) of every link, in order."""
    for chain, position, hash_ in reading.stream(
        "SELECT chain, position, hash FROM audit_link ORDER BY chain, position"
    ):
        yield chain, position, bytes(hash_)


def link_hash(reading: Reading, chain: int, position: int) -> bytes | None:
    row = reading.row("SELECT hash FROM audit_link WHERE chain = ? AND position = ?", (chain, position))
    return None if row is None else bytes(row[0])


# -- checkpoints -------------------------------------------------------------------------------------------------------


def unsigned_heads(reading: Reading) -> list[tuple[int, str, int, bytes]]:
    """(chain, name, position, hash) of the last link of each chain that no checkpoint holds yet, by name."""
    rows = reading.rows(
        "SELECT c.number, c.name, l.position, l.hash FROM audit_chain c JOIN audit_link l ON l.chain = c.number "
        "AND l.position = (SELECT max(m.position) FROM audit_link m WHERE m.chain = c.number) "
        "WHERE l.position > c.signed ORDER BY c.name"
    )
    return [(chain, name, position, bytes(hash_)) for chain, name, position, hash_ in rows]


def add_checkpoint(writing: Writing, row: tuple[int, str, str, str], signed: Sequence[tuple[int, int]]) -> bool:
    """(number, content, public key, signature), and the (position, chain) that it holds. False: the number is taken."""
    if not writing.run(
        "INSERT INTO audit_checkpoint (number, content, public_key, signature) VALUES (?,?,?,?) "
        "ON CONFLICT (number) DO NOTHING",
        row,
    ):
        return False
    writing.run_many("UPDATE audit_chain SET signed = ? WHERE number = ?", signed)
    return True


def checkpoints(reading: Reading, since: int = 1) -> list[Row]:
    """(number, content, public key, signature) from a number on, in order."""
    return reading.rows(
        "SELECT number, content, public_key, signature FROM audit_checkpoint WHERE number >= ? ORDER BY number",
        (since,),
    )


def last_checkpoint(reading: Reading) -> Row | None:
    return reading.row(
        "SELECT number, content, public_key, signature FROM audit_checkpoint ORDER BY number DESC LIMIT 1"
    )


def cosign(writing: Writing, checkpoint: int, public_key: str, signature: str) -> None:
    """Keep a partner's signature of a checkpoint, once."""
    writing.run(
        "INSERT INTO audit_cosignature (checkpoint, public_key, signature) VALUES (?,?,?) ON CONFLICT DO NOTHING",
        (checkpoint, public_key, signature),
    )


def cosignatures(reading: Reading) -> list[tuple[int, str, str]]:
    """(checkpoint, public key, signature) of each."""
    rows = reading.rows(
        "SELECT checkpoint, public_key, signature FROM audit_cosignature ORDER BY checkpoint, public_key"
    )
    return [(row[0], row[1], row[2]) for row in rows]
