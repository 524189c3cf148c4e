"""What a row says of one item, in its sender's words: the columns that the item's own elements came from.

Which those are, the mapping says. A column is told where every element that it came to stands in the item as the row
has it; a word that the mapping does not know, or only asks whether its day has come, is not told by what came of it.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Set
from typing import Any

from concord.base import OdsCode
from concord.fhir import encode, parse
from concord.ingest.naming import RECORDED
from concord.ingest.said import FieldSaid, shown, without_references
from concord.ingest.tables.cells import Row, Wrong
from concord.ingest.tables.making import names_of
from concord.ingest.tables.mapping import Column, Makes, Table, TableMapping
from concord.ingest.tables.templates import ORGANISATION, filled, places
from concord.record import OpenItem

ROW_OF = "Row of "
"""How the kind of what is kept begins: "Row of council packages"."""


def in_senders_words(raw: bytes, kind: str, mapping: TableMapping, item: OpenItem) -> list[FieldSaid]:
    """The columns that an item has its words from. None, where the mapping does not read the row as it did, or what it
    said has been overtaken."""
    table = next((each for each in mapping.tables if kind == f"{ROW_OF}{mapping.name} {each.name}"), None)
    row = None if table is None else _row(raw, mapping, table, item.organisation)
    if row is None:
        return []
    try:
        made = zip(row.table.makes, names_of(row), strict=True)
        makes = next((each for each, name in made if item.is_it(*name)), None)
        return [] if makes is None else list(_said(row, makes, item.resource))
    except Wrong:
        return []


def _row(raw: bytes, mapping: TableMapping, table: Table, organisation: OdsCode) -> Row | None:
    """A row out of its own bytes (`Row.raw`)."""
    try:
        text = raw.decode(mapping.encoding)
        if mapping.format == "csv":
            read = csv.reader(io.StringIO(text, newline=""), strict=True, delimiter=mapping.delimiter)
            header, values = (cells for cells in read if cells)
            cells = dict(zip([each.strip() for each in header], values, strict=True))
        else:
            columns = (column for column in table.columns.values() if column.in_file)
            cells = {column.header: text[column.start : column.end] for column in columns}
    except (csv.Error, ValueError):
        return None
    known = set(table.headers) <= cells.keys()
    return Row(table, 1, cells, raw, organisation, mapping.empty) if known else None


def _said(row: Row, makes: Makes, item: Mapping[str, Any]) -> Iterator[FieldSaid]:
    made: Mapping[str, Any] = parse(encode(filled(makes.elements, row.look) or {}))
    says = {name: plain for name, value in made.items() if (plain := without_references(value))}
    held = {name for name, plain in says.items() if _of_item(item, name) == plain}
    fed: dict[str, set[str]] = {}
    for name in says:
        for place in places(makes.elements[name]):
            if place.column != ORGANISATION:
                for told_by in _told_by(row, place.column):
                    fed.setdefault(told_by, set()).add(name)
    for column in row.table.columns.values():
        became = fed.get(column.name)
        if became and became <= held:
            yield FieldSaid(field=column.header, text=shown(row.says(column.name)), became=sorted(became))


def _of_item(item: Mapping[str, Any], name: str) -> Any:
    value = item.get(name)
    if name == "extension" and isinstance(value, list):
        value = [each for each in value if each.get("url") != RECORDED]
    return without_references(value)


def _told_by(row: Row, name: str) -> Set[str]:
    """The columns of the file whose words a column carries on."""
    column = row.table.columns[name]
    if column.has_come_by or not _knows(column, row.says(name)):
        return set()
    if column.joined:
        return {each for part in column.joined for each in _told_by(row, part)}
    return _told_by(row, column.made_from) if column.made_from else {name}


def _knows(column: Column, text: str) -> bool:
    if not text or column.codes is None:
        return bool(text)
    return text.lower() in column.codes.meanings or "{}" in (column.codes.others or "")
