"""What the database holds, whole: its tables as the layouts make them, and a fingerprint that any copy must have too.

The fingerprint of a table is the sum of its rows' hashes, so it does not depend on the order in which an engine gives
them. It shows that two copies are equal; it is no seal against whoever can write both (see `audit` for that).
"""

import hashlib
import sqlite3
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from itertools import islice
from typing import NamedTuple

import msgspec

from concord.store.face import Reading, Row
from concord.store.layouts import LAYOUTS, NEWEST

_PORTION = 500
_ARRAY_OF_MANY = b"\xdd"  # MessagePack: an array, its length in the four bytes that follow
_WIDTH = 32
_encode = msgspec.msgpack.Encoder().encode


class Table(NamedTuple):
    """Columns in their order, and those of the primary key. `numbered`: the key is a number."""

    name: str
    columns: tuple[str, ...]
    key: tuple[str, ...]
    numbered: bool


class Held(NamedTuple):
    """How many rows a table holds, and the fingerprint of them."""

    rows: int
    fingerprint: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Contents:
    """A whole database at one instant, table by table."""

    layout: int
    tables: Mapping[str, Held]

    @property
    def fingerprint(self) -> str:
        """64 hexadecimal digits: equal for equal contents, whichever engine holds them."""
        told = sorted((name, held.rows, held.fingerprint) for name, held in self.tables.items())
        return hashlib.sha256(_encode([self.layout, told])).hexdigest()


class Tally:
    """Adds up the rows of a table."""

    def __init__(self) -> None:
        self._rows = 0
        self._sum = 0

    def pack(self, rows: Iterable[Row]) -> bytes:
        """Count rows in; they come back as one MessagePack array."""
        packed = [_encode(row) for row in rows]
        self._rows += len(packed)
        self._sum += sum(int.from_bytes(hashlib.blake2b(row, digest_size=_WIDTH).digest(), "little") for row in packed)
        return _ARRAY_OF_MANY + struct.pack(">I", len(packed)) + b"".join(packed)

    def held(self) -> Held:
        total = self._sum % (1 << (8 * _WIDTH))
        return Held(self._rows, total.to_bytes(_WIDTH, "little").hex())


@cache
def tables() -> tuple[Table, ...]:
    """Every table of the newest layout, by name, asked of a database in memory that the layouts made."""
    with closing(sqlite3.connect(":memory:")) as made:
        for statements in LAYOUTS:
            for statement in statements:
                made.execute(statement)
        names = made.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name").fetchall()
        described = []
        for (name,) in names:
            columns = made.execute("SELECT name, pk, type FROM pragma_table_info(?) ORDER BY cid", (name,)).fetchall()
            key = sorted((place, column, kind) for column, place, kind in columns if place)
            described.append(
                Table(
                    name=name,
                    columns=tuple(column for column, _, _ in columns),
                    key=tuple(column for _, column, _ in key),
                    numbered=[kind for _, _, kind in key] == ["INTEGER"],
                )
            )
        return tuple(described)


def contents(reading: Reading) -> Contents:
    """Count and fingerprint everything; a read of the whole database, in one snapshot."""
    return Contents(layout=NEWEST, tables={table.name: _held(reading, table) for table in tables()})


def rows_of(reading: Reading, table: Table) -> Iterator[Row]:
    """All rows of a table, in the order of its key; of the settings, not what each database says of its own form."""
    which = " WHERE name NOT IN ('dictionary', 'layout')" if table.name == "setting" else ""
    order = ", ".join(table.key)
    return reading.stream(f"SELECT {', '.join(table.columns)} FROM {table.name}{which} ORDER BY {order}")


def portions(rows: Iterable[Row]) -> Iterator[Sequence[Row]]:
    """Lists of rows, as many at once as are well held in memory."""
    left = iter(rows)
    while portion := list(islice(left, _PORTION)):
        yield portion


def _held(reading: Reading, table: Table) -> Held:
    tally = Tally()
    for portion in portions(rows_of(reading, table)):
        tally.pack(portion)
    return tally.held()
