"""The cells of one row, read as what its mapping says that they are."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from concord.base import Incorrect
from concord.ingest.naming import nhs_identifier
from concord.ingest.tables.dates import read_date, read_instant
from concord.ingest.tables.mapping import WORD, Column, Table, Type
from concord.ingest.tables.templates import ORGANISATION

_INTEGER = re.compile(r"-?\d{1,9}")
_DECIMAL = re.compile(r"-?\d{1,12}(\.\d{1,12})?")


class Wrong(Incorrect):
    """A cell that cannot be read. The message does not repeat what it says."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(reason)
        self.column = column


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is where the row begins in its file, from 1; `cells` by header; `raw` its bytes, with a header's before
    them, so that they can be read again by themselves."""

    table: Table
    line: int
    cells: Mapping[str, str]
    raw: bytes
    organisation: str
    empty: Collection[str]
    _values: dict[tuple[str, str], Any] = field(default_factory=dict)

    def original(self) -> bytes:
        return self.raw

    def look(self, column: str, part: str) -> Any:
        """What a template's place stands for; None when empty. Raises Wrong."""
        if column == ORGANISATION:
            return self.organisation
        key = (column, part)
        if key not in self._values:
            self._values[key] = self._value(self.table.columns[column], part)
        return self._values[key]

    def says(self, column: str) -> str:
        """The words of a column as they stand, or as they are made; "" when empty."""
        of = self.table.columns[column]
        if of.joined:
            return of.by.join(str(each) for name in of.joined if (each := self.look(name, "")) is not None)
        if of.has_come_by:
            return self._has_come(of)
        if of.made_from:
            return self.says(of.made_from)
        text = self.cells[of.header].strip()
        return "" if text.lower() in self.empty else text

    def check(self) -> None:
        """That every column says what it must. Raises Wrong for all that do not."""
        found: dict[str, Wrong] = {}
        for name in self.table.columns:
            try:
                self.look(name, "")
            except Wrong as wrong:
                found.setdefault(wrong.column, wrong)
        if found:
            raise Wrong(", ".join(found), " ".join(wrong.message for wrong in found.values()))

    def _value(self, column: Column, part: str) -> Any:
        text = self.says(column.name)
        if not text and column.needed:
            raise Wrong(column.header, f"The column {column.header} is empty.")
        meaning: Any = text
        if column.codes is not None:
            meaning = self._meaning(column, text, part)
        if meaning == "":
            return None
        if not isinstance(meaning, str) or part:
            return meaning
        value = _READERS[column.type](column, meaning)
        if column.not_before and (earliest := self.look(column.not_before, "")) and value < earliest:
            other = self.table.columns[column.not_before].header
            raise Wrong(column.header, f"The column {column.header} holds a day before {other}.")
        return value

    def _meaning(self, column: Column, text: str, part: str) -> Any:
        codes = column.codes
        assert codes is not None
        meaning = codes.meanings.get(text.lower())
        if meaning is not None:
            return meaning.get(part, "" if part else text)
        if not text:
            return ""
        if codes.others is None:
            known = ", ".join(codes.words)
            raise Wrong(
                column.header,
                f"The column {column.header} holds a word that is not known. It may hold {known}.",
            )
        return "" if part else codes.others.replace("{}", text)

    def _has_come(self, column: Column) -> str:
        day, by = self.look(column.made_from, WORD), self.look(column.has_come_by, WORD)
        return "yes" if day and (not by or day <= by[:10]) else "no"


def _date(column: Column, text: str) -> str:
    try:
        return read_date(text, column.dates)
    except ValueError:
        written = " or ".join(each.shown for each in column.dates) or "YYYY-MM-DD"
        raise Wrong(column.header, f"The column {column.header} does not hold a real date written {written}.") from None


def _instant(column: Column, text: str) -> str:
    try:
        return read_instant(text, column.dates)
    except ValueError:
        written = " or ".join(f"written {each.shown}" for each in column.dates) or "in ISO 8601"
        raise Wrong(
            column.header, f"The column {column.header} does not hold a real date and time {written}."
        ) from None


def _integer(column: Column, text: str) -> int:
    if not _INTEGER.fullmatch(text) or not text.isascii():
        raise Wrong(column.header, f"The column {column.header} does not hold a whole number.")
    return int(text)


def _decimal(column: Column, text: str) -> Decimal:
    if not _DECIMAL.fullmatch(text) or not text.isascii():
        raise Wrong(column.header, f"The column {column.header} does not hold a number.")
    return Decimal(text)


def _text(_: Column, text: str) -> str:
    return text


def _words(_: Column, text: str) -> list[str]:
    return text.split()


def _nhs_number(_: Column, text: str) -> dict[str, Any]:
    return nhs_identifier(text)


_READERS: Mapping[Type, Callable[[Column, str], Any]] = {
    "text": _text,
    "date": _date,
    "instant": _instant,
    "integer": _integer,
    "decimal": _decimal,
    "words": _words,
    "nhs-number": _nhs_number,
}
