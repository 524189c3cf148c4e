"""Reads a mapping file strictly: every error with line, column and the nearest known word.

docs/reference/mappings.md says what each key means.
"""

import re
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, get_args

from concord.base import Entry, read_entry, suggestion
from concord.fhir import RESOURCE_TYPES, check
from concord.ingest.tables.dates import DateFormat
from concord.ingest.tables.mapping import (
    DELIMITERS,
    WORD,
    Absence,
    Codes,
    Column,
    Flagged,
    Format,
    Makes,
    Table,
    TableMapping,
    Type,
)
from concord.ingest.tables.templates import ORGANISATION, Place, Template, constant, filled, places, scalar
from concord.ingest.texts import text_of

_ENCODINGS = {"utf-8": "utf-8", "windows-1252": "cp1252", "iso-8859-1": "latin-1"}
_COLUMN_NAME = re.compile(r"[a-z][a-z0-9_]*")
_AT = re.compile(r"([1-9]\d{0,4})-([1-9]\d{0,4})")
_PERCENT = re.compile(r"(\d{1,3})%")
_AT_MOST = 10
_COLUMN_KEYS = (
    "header", "at", "type", "dates", "needed", "codes", "others", "not_before", "from", "has_come_by", "join", "by",
)  # fmt: skip
_STRUCTURAL = {"unknown-element", "cardinality", "json-type", "choice", "resource-type"}
_SAMPLES = {
    "text": "x", "date": "2000-01-01", "instant": "2000-01-01T00:00:00+00:00", "integer": 1, "decimal": 1,
    "words": ["x"], "nhs-number": {"system": "https://concord.example", "value": "x"},
}  # fmt: skip


def read_mapping(path: Path) -> TableMapping:
    """Raises Incorrect for a file that cannot be read, FileRefused with line and column."""
    return parse_mapping(text_of(path, "mapping"), filename=path.name)


def parse_mapping(text: str, *, filename: str) -> TableMapping:
    """Raises FileRefused with line and column."""
    top = read_entry(text, filename=filename).fields(
        "a mapping", required=["tables"], optional=["format", "encoding", "delimiter", "dates", "empty", "skip"]
    )
    format_: Format = "fixed-width" if _word(top, "format", get_args(Format)) == "fixed-width" else "csv"
    for key, fits in (("delimiter", "csv"), ("skip", "fixed-width")):
        if key in top and format_ != fits:
            raise top[key].refused(f'"{key}" means nothing in a {format_} file')
    dates = _dates(top["dates"]) if "dates" in top else ()
    return TableMapping(
        name=filename.removesuffix(".yaml"),
        format=format_,
        skip=top["skip"].number("skip") if "skip" in top else 0,
        encoding=_ENCODINGS[_word(top, "encoding", _ENCODINGS)],
        delimiter=DELIMITERS[_word(top, "delimiter", DELIMITERS)],
        empty=frozenset(each.text("a word for empty").lower() for each in top["empty"].one_or_more("empty"))
        if "empty" in top
        else frozenset(),
        tables=[_Table(name, entry, format_, dates).read() for name, entry in top["tables"].pairs("tables")],
    )


def _word(fields: Mapping[str, Entry], name: str, known: Collection[str]) -> str:
    """One of the words that are known; the first when the file does not say."""
    return fields[name].one_of(name, known) if name in fields else next(iter(known))


def _dates(entry: Entry) -> tuple[DateFormat, ...]:
    found = []
    for each in entry.one_or_more("the list of date formats"):
        format_ = DateFormat.of(each.text("a date format"))
        if format_ is None:
            raise each.refused("a date format is made of YYYY, MM, M or MMM, DD or D, and HH, mm, ss, each once")
        found.append(format_)
    return tuple(found)


class _Table:
    """Reads one table. `dates`: the formats of columns that name none."""

    def __init__(self, name: Entry, entry: Entry, format_: Format, dates: tuple[DateFormat, ...]) -> None:
        self._name = name.slug("the name of a table")
        self._format = format_
        self._dates = dates
        self._fields = entry.fields(
            "a table", required=["columns", "makes"], optional=["files", "other_columns", "deletes"]
        )
        self._columns: dict[str, Column] = {}

    def read(self) -> Table:
        fields = self._fields
        for name, entry in fields["columns"].pairs("the columns"):
            column = self._column(name, entry)
            self._columns[column.name] = column
        return Table(
            name=self._name,
            files=fields["files"].text("files") if "files" in fields else "",
            columns=self._columns,
            other_columns_refused=_word(fields, "other_columns", ("pass-over", "refuse")) == "refuse",
            deletes=self._deletes(fields["deletes"]) if "deletes" in fields else None,
            makes=[self._makes(each) for each in fields["makes"].entries("the list of what is made")],
        )

    # -- columns -------------------------------------------------------------------------------------------------------

    def _column(self, name: Entry, entry: Entry) -> Column:
        word = name.text("the name of a column")
        if not _COLUMN_NAME.fullmatch(word):
            raise name.refused(
                f'"{word}" must be lower-case letters, digits and _; the file\'s own word is its "header"'
            )
        if not entry.is_mapping and not any(entry.is_word(type_) for type_ in get_args(Type)):
            near = suggestion(str(entry.node.value), get_args(Type)) or "."
            raise entry.refused(
                f'unknown type "{entry.node.value}"{near} What the file calls the column stands in {{header: ...}}'
            )
        said = entry.fields("a column", optional=_COLUMN_KEYS) if entry.is_mapping else {"type": entry}
        type_ = next(each for each in get_args(Type) if each == _word(said, "type", get_args(Type)))
        joined = [self._known(each) for each in said["join"].entries("join")] if "join" in said else []
        made_from = self._known(said["from"]) if "from" in said else ""
        start, end = self._place(name, said, in_file=not (joined or made_from))
        if "others" in said and "codes" not in said:
            raise said["others"].refused('"others" needs "codes"')
        if "by" in said and not joined:
            raise said["by"].refused('"by" needs "join"')
        if "has_come_by" in said and not made_from:
            raise said["has_come_by"].refused('"has_come_by" needs "from", the column of the day')
        return Column(
            name=word,
            header=said["header"].text("header") if "header" in said else word,
            type=type_,
            needed="needed" in said and said["needed"].yes_or_no("needed"),
            dates=_dates(said["dates"]) if "dates" in said else self._dates,
            codes=_codes(said["codes"], said.get("others")) if "codes" in said else None,
            not_before=self._known(said["not_before"]) if "not_before" in said else "",
            made_from=made_from,
            has_come_by=self._known(said["has_come_by"]) if "has_come_by" in said else "",
            joined=joined,
            by=said["by"].verbatim("by") if "by" in said else " ",
            start=start,
            end=end,
        )

    def _place(self, name: Entry, said: Mapping[str, Entry], *, in_file: bool) -> tuple[int, int]:
        """Where it stands in a line of fixed width, from 0."""
        wanted = self._format == "fixed-width" and in_file
        if "at" not in said:
            if wanted:
                raise name.refused('a column of a fixed-width file needs its place, such as "at: 1-10"')
            return 0, 0
        found = _AT.fullmatch(said["at"].text("at"))
        if not wanted or found is None or int(found[1]) > int(found[2]):
            raise said["at"].refused('"at" is a place in a fixed-width file, such as 1-10')
        return int(found[1]) - 1, int(found[2])

    def _known(self, entry: Entry) -> str:
        """A column that stands before this one."""
        name = entry.text("a column")
        if name not in self._columns:
            raise entry.refused(f'there is no column "{name}" before this one{suggestion(name, self._columns)}')
        return name

    # -- deletes -------------------------------------------------------------------------------------------------------

    def _deletes(self, entry: Entry) -> Flagged | Absence:
        said = entry.fields("deletes", required=["by"], optional=["column", "words", "at_most"])
        if said["by"].one_of("by", ("absence", "flag")) == "absence":
            for key in said.keys() & {"column", "words"}:
                raise said[key].refused(f'"{key}" means nothing where what is gone is absent')
            at_most = _PERCENT.fullmatch(said["at_most"].text("at_most")) if "at_most" in said else None
            if "at_most" in said and (at_most is None or int(at_most[1]) > 100):
                raise said["at_most"].refused("at_most must be a percentage such as 10%")
            return Absence(at_most=int(at_most[1]) if at_most else _AT_MOST)
        if "column" not in said or "words" not in said:
            raise entry.refused('deletes by flag need "column" and "words"')
        words = frozenset(each.text("a word").lower() for each in said["words"].one_or_more("words"))
        return Flagged(column=self._known(said["column"]), words=words)

    # -- what a row makes ----------------------------------------------------------------------------------------------

    def _makes(self, entry: Entry) -> Makes:
        said = entry.fields(
            "what is made", required=["resource", "id", "elements"], optional=["service", "recorded", "when", "gone"]
        )
        gone = said.get("gone")
        type_ = said["resource"].one_of("resource type", RESOURCE_TYPES)
        elements = self._object(said["elements"])
        made = Makes(
            type=type_,
            id=[self._template(each, "id") for each in said["id"].one_or_more("id")],
            service=self._template(said["service"], "service") if "service" in said else None,
            recorded=self._template(said["recorded"], "recorded") if "recorded" in said else None,
            when=[self._known(each) for each in said["when"].one_or_more("when")] if "when" in said else [],
            gone=None if gone is None or gone.is_word("delete") else self._constants(gone),
            elements=elements,
        )
        self._check(said["elements"], {"resourceType": type_} | elements)
        return made

    def _constants(self, entry: Entry) -> dict[str, Any]:
        """Elements that name no column: what is gone has no row."""
        found = self._object(entry)
        if any(places(found)):
            raise entry.refused('what is laid over something gone names no column; use "delete", or constants')
        return found

    def _object(self, entry: Entry) -> dict[str, Template]:
        return {name: self._template(value, name) for name, value in _members(entry)}

    def _template(self, entry: Entry, element: str) -> Template:
        if entry.is_mapping:
            return self._object(entry)
        if entry.is_list:
            return [self._template(each, element) for each in entry.entries(element)]
        template = scalar(entry.text(element), quoted=entry.is_quoted, element=element)
        for place in places(template):
            self._check_place(entry, place, whole=template is place)
        return template

    def _check_place(self, entry: Entry, place: Place, *, whole: bool) -> None:
        if place.column == ORGANISATION:
            return
        column = self._columns.get(place.column)
        if column is None:
            raise entry.refused(f'there is no column "{place.column}"{suggestion(place.column, self._columns)}')
        parts = {part for meaning in column.codes.meanings.values() for part in meaning} if column.codes else set()
        if place.part and place.part not in parts:
            known = suggestion(place.part, parts)
            raise entry.refused(f'the codes of "{place.column}" have no part "{place.part}"{known}')
        if column.type == "nhs-number" and not whole:
            raise entry.refused(f'"{place.column}" is an identifier; it stands by itself in a list of identifiers')

    def _check(self, entry: Entry, template: Mapping[str, Template]) -> None:
        """That R4 has such elements, by a row in which every cell says something."""

        def look(name: str, part: str) -> Any:
            if name == ORGANISATION:
                return "ZZZ"
            column = self._columns[name]
            if column.codes is None:
                return _SAMPLES[column.type]
            said = [meaning[part] for meaning in column.codes.meanings.values() if meaning.get(part, "") != ""]
            first = said[0] if said else "x"
            return _SAMPLES[column.type] if isinstance(first, str) and column.type != "text" else first

        for breach in check(filled(template, look) or {}):
            if breach.rule in _STRUCTURAL:
                raise _at(entry, breach.path).refused(f"{breach.path}: {breach.message}")


def _codes(entry: Entry, others: Entry | None) -> Codes:
    meanings: dict[str, dict[str, Any]] = {}
    words: list[str] = []
    for name, value in entry.pairs("the codes"):
        word = name.text("a word")
        if word.lower() in meanings:
            raise name.refused(f'the word "{word}" stands twice; case does not matter')
        words.append(word)
        if value.is_mapping:
            parts = {_part(part): _constant(each) for part, each in value.pairs("what a word means")}
            meanings[word.lower()] = {WORD: word} | parts
        else:
            meanings[word.lower()] = {WORD: _constant(value)}
    if others is None or others.is_word("refuse"):
        return Codes(words=words, meanings=meanings, others=None)
    if others.is_word("keep"):
        return Codes(words=words, meanings=meanings, others="{}")
    return Codes(words=words, meanings=meanings, others=others.fields("others", required=["as"])["as"].verbatim("as"))


def _part(entry: Entry) -> str:
    name = entry.text("a part")
    if not _COLUMN_NAME.fullmatch(name):
        raise entry.refused(f'"{name}" must be lower-case letters, digits and _')
    return name


def _constant(entry: Entry) -> Any:
    """What a word means. Unquoted `true`, `false` and numbers are what they look like."""
    text = entry.verbatim("what a word means")
    return text if entry.is_quoted else constant(text)


def _members(entry: Entry) -> list[tuple[str, Entry]]:
    return [(name.text("an element"), value) for name, value in entry.pairs("the elements")]


def _at(entry: Entry, path: str) -> Entry:
    """Where the template says what stands at `path`, or what holds it."""
    for step in path.split(".")[1:]:
        name, _, index = step.rstrip("]").partition("[")
        if not entry.is_mapping:
            return entry
        inner = dict(_members(entry)).get(name)
        if inner is None:
            return entry
        entry = inner
        if index and entry.is_list and int(index) < len(within := entry.entries(name)):
            entry = within[int(index)]
    return entry
