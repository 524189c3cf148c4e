"""Rows out of a CSV file of the council's set (RFC 4180, UTF-8, a header first)."""

import csv
from collections.abc import Iterator
from functools import partial

from concord.base import Incorrect
from concord.ingest.council.row import Row
from concord.ingest.council.tables import TABLES
from concord.ingest.model import Refusal
from concord.ingest.stream import Stream


def recognises(start: bytes) -> bool:
    """Whether a file that begins like this has the header of one of the tables, or nearly."""
    return _table(_header(start.split(b"\n", 1)[0])) is not None


def rows(stream: Stream) -> Iterator[Row | Refusal]:
    """Each row, or why it is none. Raises Incorrect for a header with columns missing, unknown or twice there."""
    lines = _Lines(stream)
    reader = csv.reader(lines, strict=True)
    columns, table = _columns(lines)
    lines.taken()
    while True:
        line = lines.number + 1
        try:
            cells = next(reader)
            reason = _misfit(cells, columns)
        except StopIteration:
            return
        except csv.Error as error:
            cells, reason = [], _not_csv(error)
        raw = lines.taken()
        if not cells and not reason:
            continue  # a blank line
        if not reason:
            reason = _not_utf8(raw)
        if reason:
            yield Refusal(
                entry=line,
                position=f"line {line}",
                reason=reason,
                kind=f"council {table}",
                original=partial(bytes, raw),
            )
        else:
            yield Row(table, line, dict(zip(columns, cells, strict=True)), raw)


class _Lines:
    """The lines of a stream for the csv reader, which asks for more while a quoted cell is open.

    Bytes that are not UTF-8 pass as lone surrogates, so that one bad row does not end the file.
    """

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._raw: list[bytes] = []
        self.number = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._stream.line()
        if line is None:
            raise StopIteration
        self.number += 1
        self._raw.append(line)
        return line.decode("utf-8", "surrogateescape")

    def taken(self) -> bytes:
        """The bytes of the lines read since this was last asked."""
        raw, self._raw = b"".join(self._raw), []
        return raw


def _columns(lines: _Lines) -> tuple[list[str], str]:
    """The header's columns and the table that they are of."""
    line = ""
    for line in lines:
        if line.strip():
            break
    columns = _header(line.encode("utf-8", "surrogateescape"))
    table = _table(columns)
    assert table is not None, "only what `recognises` saw is read"
    known = TABLES[table].columns
    wrong = {
        "missing": [column for column in known if column not in columns],
        "unknown": [_shown(column) for column in columns if column not in known],
        "there twice": sorted({column for column in known if columns.count(column) > 1}),
    }
    if problems := [f"{problem}: {', '.join(names)}" for problem, names in wrong.items() if names]:
        raise Incorrect(f"The header in line {lines.number} is not that of {table}.csv. Columns {'; '.join(problems)}.")
    return columns, table


def _header(line: bytes) -> list[str]:
    try:
        cells = next(csv.reader([line.decode("utf-8", "surrogateescape")]), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in cells]


def _table(columns: list[str]) -> str | None:
    """The table that shares most columns with this header: more than half of its own, or of the header's."""
    shared = {name: len(set(table.columns) & set(columns)) for name, table in TABLES.items()}
    best = max(shared, key=lambda name: (shared[name], -len(TABLES[name].columns)))
    if shared[best] < 2 or shared[best] * 2 <= min(len(TABLES[best].columns), len(columns)):
        return None
    return best


def _misfit(cells: list[str], columns: list[str]) -> str:
    if not cells or len(cells) == len(columns):
        return ""
    return f"The row has {len(cells)} cells where the header has {len(columns)}."


def _not_csv(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return "A quotation mark of this row is never closed, so that the rest of the file lies within it."
    return f"The row is not CSV: {error}."


def _not_utf8(raw: bytes) -> str:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return f"The row is not UTF-8 at its byte {error.start + 1}."
    return ""


def _shown(column: str) -> str:
    """An unknown column's name, if it may be repeated: a file without a header has people in this place."""
    return column if column.isascii() and column.replace("_", "").isalpha() and len(column) <= 40 else "(not a name)"
