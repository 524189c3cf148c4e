"""What a mapping says: which columns a table has, how its cells are read, and what each row becomes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import Any, Literal

from concord.ingest.tables.dates import DateFormat
from concord.ingest.tables.templates import Template

Type = Literal["text", "date", "instant", "integer", "decimal", "words", "nhs-number"]
Format = Literal["csv", "fixed-width"]

WORD = ""
"""The part of a code under which its only meaning stands."""


DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Codes:
    """What a column's words mean: word -> part -> meaning, a constant; `others` None refuses every other word.

    The words are in lower case, and case does not matter; `words` are they as written. In `others`, `{}` stands for
    the word itself.
    """

    words: Sequence[str]
    meanings: Mapping[str, Mapping[str, Any]]
    others: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column, or what is made from others (`made_from`, `joined`).

    `header` is its name in the file; `start` and `end` its place in a line, from 0, in characters. `dates` are the
    formats that it may be written in; none: ISO 8601. `not_before`: the column of the day that it may not precede.
    `has_come_by`: "yes" once the day has come by the instant in that column, or when that is empty; else "no".
    """

    name: str
    header: str
    type: Type
    needed: bool
    dates: Sequence[DateFormat]
    codes: Codes | None
    not_before: str
    made_from: str
    has_come_by: str
    joined: Sequence[str]
    by: str
    start: int
    end: int

    @property
    def in_file(self) -> bool:
        return not self.made_from and not self.joined


@dataclass(frozen=True, kw_only=True, slots=True)
class Makes:
    """One resource of a row. `when`: columns of which none may be empty; else it is gone, as it is when the row is.

    What is gone is deleted, or has `gone` laid over what was held of it.
    """

    type: str
    id: Sequence[Template]
    service: Template | None
    recorded: Template | None
    when: Sequence[str]
    gone: Mapping[str, Any] | None
    elements: Mapping[str, Template]


@dataclass(frozen=True, kw_only=True, slots=True)
class Flagged:
    """A row is gone that says one of these words in this column."""

    column: str
    words: frozenset[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Absence:
    """A file holds all there is: what an earlier one held and this one lacks is gone, if that is at most `at_most`
    percent of it."""

    at_most: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    name: str
    files: str
    columns: Mapping[str, Column]
    other_columns_refused: bool
    deletes: Flagged | Absence | None
    makes: Sequence[Makes]

    @property
    def headers(self) -> list[str]:
        return [column.header for column in self.columns.values() if column.in_file]


@dataclass(frozen=True, kw_only=True, slots=True)
class TableMapping:
    """`encoding` as Python names it; `empty`: words that mean that a cell is empty, in lower case. `skip`: lines of a
    fixed-width file before its rows."""

    name: str
    format: Format
    skip: int
    encoding: str
    delimiter: str
    empty: frozenset[str]
    tables: Sequence[Table]

    @property
    def holds_all(self) -> bool:
        """Whether a file holds all there is of a table: what it lacks is gone."""
        return any(isinstance(table.deletes, Absence) for table in self.tables)

    def of_some_rows(self) -> "TableMapping":
        """The same for a file that does not hold all there is, whatever the mapping says: a row taken in again."""
        tables = [
            replace(table, deletes=None) if isinstance(table.deletes, Absence) else table for table in self.tables
        ]
        return replace(self, tables=tables)

    def by_file(self, file: str) -> Table | None:
        """The table whose files are named so; the only one, where it names no files."""
        named = [table for table in self.tables if table.files and fnmatchcase(file.lower(), table.files.lower())]
        if named:
            return named[0]
        return self.tables[0] if len(self.tables) == 1 and not self.tables[0].files else None

    def by_header(self, headers: Sequence[str]) -> Table | None:
        """The table that shares most columns with this header: more than half of its own, or of the header's."""
        shared = {table.name: len(set(table.headers) & set(headers)) for table in self.tables}
        best = max(self.tables, key=lambda table: (shared[table.name], -len(table.headers)))
        most = shared[best.name]
        return best if most >= 2 and most * 2 > min(len(best.headers), len(headers)) else None
