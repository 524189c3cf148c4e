"""Rows out of a table's file: CSV (RFC 4180, a header first), or lines of a fixed width."""

import csv
from collections.abc import Iterator, Sequence
from functools import partial

from concord.base import Incorrect, OdsCode
from concord.ingest.model import Refusal, Remark
from concord.ingest.stream import Stream
from concord.ingest.tables.cells import Row
from concord.ingest.tables.mapping import DELIMITERS, Table, TableMapping


def recognises(start: bytes, mapping: TableMapping) -> bool:
    """Whether a file that begins like this has the header of one of the tables, or nearly."""
    if mapping.format != "csv":
        return False
    first = start.lstrip(b"\r\n").split(b"\n", 1)[0].decode(mapping.encoding, "replace")
    return mapping.by_header(_header(first, mapping.delimiter)) is not None


def rows(stream: Stream, mapping: TableMapping, file: str, organisation: OdsCode) -> Iterator[Row | Refusal | Remark]:
    """Each row, or why it is none. Raises Incorrect for a file of which no table is known, or its header."""
    read = _Csv if mapping.format == "csv" else _FixedWidth
    yield from read(_Lines(stream, mapping.encoding), mapping, file, organisation).rows()


class _Lines:
    """The lines of a stream for the csv reader, which asks for more while a quoted cell is open.

    Bytes that are not of the encoding pass as lone surrogates, so that one bad row does not end the file.
    """

    def __init__(self, stream: Stream, encoding: str) -> None:
        self._stream = stream
        self._encoding = encoding
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
        return line.decode(self._encoding, "surrogateescape")

    def taken(self) -> bytes:
        """The bytes of the lines read since this was last asked."""
        raw, self._raw = b"".join(self._raw), []
        return raw

    def misread(self, raw: bytes) -> int:
        """The byte at which bytes are no text of the encoding, from 1; 0 when they are."""
        try:
            raw.decode(self._encoding)
        except UnicodeDecodeError as error:
            return error.start + 1
        return 0


class _Reader:
    def __init__(self, lines: _Lines, mapping: TableMapping, file: str, organisation: OdsCode) -> None:
        self._lines = lines
        self._mapping = mapping
        self._file = file
        self._organisation = organisation
        self._called = {"utf-8": "UTF-8", "cp1252": "Windows-1252", "latin-1": "ISO 8859-1"}[mapping.encoding]

    def _row(self, table: Table, line: int, cells: dict[str, str], raw: bytes) -> Row:
        return Row(table, line, cells, raw, self._organisation, self._mapping.empty)

    def _refusal(self, table: Table, line: int, reason: str, raw: bytes, *, byte: int = 0) -> Refusal:
        kind = f"{self._mapping.name} {table.name}"
        position = f"line {line}, byte {byte}" if byte else f"line {line}"
        return Refusal(entry=line, position=position, reason=reason, kind=kind, original=partial(bytes, raw))

    def _misread(self, table: Table, line: int, raw: bytes, whole: bytes) -> Refusal | None:
        """That the row's bytes are no text; with the header (`whole`) it is kept."""
        byte = self._lines.misread(raw)
        return self._refusal(table, line, f"The row is not {self._called}.", whole, byte=byte) if byte else None


class _Csv(_Reader):
    def rows(self) -> Iterator[Row | Refusal | Remark]:
        lines = self._lines
        reader = csv.reader(lines, strict=True, delimiter=self._mapping.delimiter)
        columns, table = self._columns()
        header = lines.taken()
        if others := [f"column {_shown(column)}" for column in columns if column not in table.headers]:
            yield Remark(passed_over=others)
        while True:
            line = lines.number + 1
            try:
                cells = next(reader)
                reason = _misfit(cells, columns)
            except StopIteration:
                return
            except csv.Error as error:
                cells, reason = [], _not_csv(error)
            raw = lines.taken().rstrip(b"\r\n")  # the last row of a file has no line end, and is the same row elsewhere
            if not cells and not reason:
                continue  # a blank line
            if reason:
                yield self._refusal(table, line, reason, header + raw)
            else:
                row = self._row(table, line, dict(zip(columns, cells, strict=True)), header + raw)
                yield self._misread(table, line, raw, header + raw) or row

    def _columns(self) -> tuple[list[str], Table]:
        """The header's columns and the table that they are of."""
        line = ""
        for line in self._lines:
            if line.strip():
                break
        columns = _header(line, self._mapping.delimiter)
        table = self._mapping.by_file(self._file) or self._mapping.by_header(columns)
        if table is None:
            known = ", ".join(each.name for each in self._mapping.tables)
            raise Incorrect(
                f"The header in line {self._lines.number} is that of no table of the mapping {self._mapping.name}. "
                f"Its tables are: {known}.{self._parted_by(line)}"
            )
        known_headers = table.headers
        wrong = {
            "missing": [header for header in known_headers if header not in columns],
            "unknown": [_shown(each) for each in columns if table.other_columns_refused and each not in known_headers],
            "there twice": sorted({header for header in known_headers if columns.count(header) > 1}),
        }
        if problems := [f"{problem}: {', '.join(names)}" for problem, names in wrong.items() if names]:
            raise Incorrect(
                f"The header in line {self._lines.number} is not that of {table.name}.csv. "
                f"Columns {'; '.join(problems)}.{self._parted_by(line) or _besides(columns, table)}"
            )
        return columns, table

    def _parted_by(self, line: str) -> str:
        """What a header says that can be read with another delimiter than the mapping's."""
        headers = {header for table in self._mapping.tables for header in table.headers}
        known = {word: len(headers.intersection(_header(line, each))) for word, each in DELIMITERS.items()}
        best = max(known, key=lambda word: (known[word], DELIMITERS[word] == self._mapping.delimiter))
        if DELIMITERS[best] == self._mapping.delimiter:
            return ""
        return f" More of it can be read if the mapping says `delimiter: {best}`."


class _FixedWidth(_Reader):
    def rows(self) -> Iterator[Row | Refusal | Remark]:
        table = self._mapping.by_file(self._file)
        if table is None:
            raise Incorrect(f"No table of the mapping {self._mapping.name} has files that are named like this one.")
        columns = [column for column in table.columns.values() if column.in_file]
        width = max(column.end for column in columns)
        beyond = False
        for text in self._lines:
            raw = self._lines.taken().rstrip(b"\r\n")
            line = text.rstrip("\r\n")
            if self._lines.number <= self._mapping.skip or not line.strip():
                continue
            if line[width:].strip() and not beyond:
                beyond = True
                yield Remark(passed_over=[f"text after column {width}"])
            cells = {column.header: line[column.start : column.end] for column in columns}
            row = self._row(table, self._lines.number, cells, raw)
            yield self._misread(table, self._lines.number, raw, raw) or row


def _header(line: str, delimiter: str) -> list[str]:
    try:
        cells = next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []
    return [cell.strip() for cell in cells]


def _besides(columns: Sequence[str], table: Table) -> str:
    """What stands in a header beside most of its table's columns: perhaps another name of what is missing."""
    others = [_shown(each) for each in columns if each not in table.headers]
    sure = sum(each in table.headers for each in columns) * 2 > len(table.headers)
    told = bool(others) and sure and not table.other_columns_refused
    return f" Columns that nothing reads: {', '.join(others)}." if told else ""


def _misfit(cells: Sequence[str], columns: Sequence[str]) -> str:
    if not cells or len(cells) == len(columns):
        return ""
    return f"The row has {len(cells)} cells where the header has {len(columns)}."


def _not_csv(error: csv.Error) -> str:
    if "unexpected end of data" in str(error):
        return "A quotation mark of this row is never closed, so that the rest of the file lies within it."
    return f"The row is not CSV: {error}."


def _shown(column: str) -> str:
    """An unknown column's name, if it may be repeated: a file without a header has people in this place."""
    plain = column.isascii() and column.replace("_", "").replace(" ", "").isalpha() and len(column) <= 40
    return column if plain else "(not a name)"
