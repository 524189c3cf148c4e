"""The feed of changes: what was written, in order, for whatever follows the record (see decision 14).

Rows stand in parts, by `home`. A transaction has one position in each part that it touches, given under a lock on that
part which it holds until it ends: so positions of a part are committed in their order, and whoever reads past one has
missed nothing below it, on either engine and with however many writers. No position leaves the server.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import NamedTuple

from concord.store.face import Reading, Writing
from concord.store.items import Place
from concord.store.permitted import Permitted

PARTS = 16
CREATED, UPDATED, DELETED, RELABELLED = range(4)


class Change(NamedTuple):
    """One change of one item: its place, its version by then, which of the four kinds."""

    place: Place
    version: int
    kind: int


class Told(NamedTuple):
    """What a consumer is told: everything that one transaction changed in a part. `at` in whole seconds since 1970."""

    position: int
    at: int
    changes: list[Change]


def append(writing: Writing, changes: Iterable[Change], at: int) -> None:
    """Tell of what this transaction changed; best done last in it, since others wait from here until it ends.

    `at`: microseconds since 1970 UTC.
    """
    ordered = sorted(changes, key=lambda change: (change.place.home % PARTS, change.place))
    positions = _next_positions(writing, sorted({change.place.home % PARTS for change in ordered}))
    rows = []
    for (home, source_patient), several in groupby(ordered, key=lambda change: change.place[:2]):
        part = home % PARTS
        rows.append((part, positions[part], home, source_patient, at // 1_000_000, _packed(several)))
    writing.run_many("INSERT INTO feed VALUES (?,?,?,?,?,?)", rows)


def after(reading: Reading, permitted: Permitted, part: int, position: int, *, most: int = 1000) -> list[Told]:
    """What was told in a part behind a position: whole transactions, about `most` rows of them; only for a duty."""
    if permitted.duty is None:
        return []
    columns = "SELECT position, home, source_patient, at, changes FROM feed WHERE part = ? AND position "
    rows = reading.rows(f"{columns}> ? ORDER BY position, home, source_patient LIMIT ?", (part, position, most))
    if len(rows) == most:  # the last may have been cut in two
        last = rows[-1][0]
        rows = [row for row in rows if row[0] != last]
        rows += reading.rows(f"{columns}= ? ORDER BY home, source_patient", (part, last))
    told = []
    for at_position, of_transaction in groupby(rows, key=lambda row: int(row[0])):
        several = list(of_transaction)
        changes = [change for _, home, number, _, packed in several for change in _unpacked(home, number, packed)]
        told.append(Told(at_position, several[0][3], changes))
    return told


def position(reading: Reading, consumer: str, part: int) -> int:
    """Up to where a consumer has read a part; 0 before it began."""
    row = reading.row("SELECT position FROM feed_consumer WHERE consumer = ? AND part = ?", (consumer, part))
    return 0 if row is None else int(row[0])


def advance(writing: Writing, consumer: str, part: int, to: int) -> None:
    """Note, in the transaction of what it made of them, up to where a consumer has read. It never goes back."""
    writing.run(
        "INSERT INTO feed_consumer VALUES (?, ?, ?) ON CONFLICT (consumer, part) DO UPDATE "
        "SET position = excluded.position WHERE excluded.position > feed_consumer.position",
        (consumer, part, to),
    )


def _next_positions(writing: Writing, parts: Sequence[int]) -> dict[int, int]:
    """One in each part, locked in the order in which they are named: always the same, so that nobody deadlocks."""
    if not parts:
        return {}
    sql = (
        f"INSERT INTO feed_head VALUES {', '.join(['(?, 1)'] * len(parts))} "
        "ON CONFLICT (part) DO UPDATE SET position = feed_head.position + 1 RETURNING part, position"
    )
    return dict(writing.rows(sql, parts))


def _packed(changes: Iterable[Change]) -> bytes:
    """Of each: how far its item is from the one before; version and kind. Seven bits a byte, the lowest first."""
    packed = bytearray()
    before = 0
    for place, version, kind in changes:
        for number in (place.item - before, version << 2 | kind):
            left = number
            while left > 0x7F:
                packed.append(left & 0x7F | 0x80)
                left >>= 7
            packed.append(left)
        before = place.item
    return bytes(packed)


def _unpacked(home: int, source_patient: int, packed: bytes) -> Iterable[Change]:
    numbers: list[int] = []
    value = shift = 0
    for byte in packed:
        value |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            numbers.append(value)
            value = shift = 0
    item = 0
    for step, what in zip(numbers[::2], numbers[1::2], strict=True):
        item += step
        yield Change(Place(home, source_patient, item), what >> 2, what & 3)
