"""What a message says of one item, in its sender's words: the fields that the item's own elements came from.

Which those are, the mapping itself is asked: a field is changed, and where an element of the item changes by it, and
stands in the item as the message has it, the field is told. So nothing is told that the item does not say, though the
message may hold more: of others, of items that are not open, fields of which nothing was made.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from concord.ingest.hl7v2.mapping import map_message
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.original import fields_by_element
from concord.ingest.hl7v2.telling import without_telling
from concord.ingest.model import Feed
from concord.ingest.said import FieldSaid, shown
from concord.record import OpenItem, Submission

_FILED = ("id", "meta", "text", "resourceType", "extension")
_REFERENCE = "reference"
# A report's state and list follow from results, which may not be open: what results say is not told of it.
_OF_OTHERS = {"DiagnosticReport": ("OBX", "NTE")}
_DIGIT = re.compile(r"\d")
_UNREADABLE = (ArithmeticError, LookupError, NotMapped, TypeError, ValueError)


def in_senders_words(raw: bytes, feed: Feed, item: OpenItem) -> list[FieldSaid]:
    """The fields that an item has its words from. `feed` must know nothing that was said earlier. None, where the
    message does not read as it did, or what it said has been overtaken."""
    try:
        message = Message.parse(raw, character_set=feed.character_set)
        before = map_message(message, feed)
    except _UNREADABLE:
        return []
    at = next((index for index, one in enumerate(before) if _is_it(one, item)), None)
    if at is None:
        return []
    said = _elements(before[at])
    held = {name for name, value in said.items() if value and _plain(item.resource.get(name)) == value}
    return list(_said(message, before, at, held, feed))


def _said(
    message: Message, before: Sequence[Submission], at: int, held: Collection[str], feed: Feed
) -> Iterator[FieldSaid]:
    type_ = str(before[at].resource["resourceType"])
    of_others = _OF_OTHERS.get(type_, ())
    table = {name: numbers for name, numbers in _fields(type_, message.type, held).items() if name not in of_others}
    for place, segment in enumerate(message.segments):
        for number in sorted(table.get(segment.name, ())):
            if segment.raw(number) in ("", '""'):
                continue
            changed = _changed(message, place, number, before, feed)
            if became := sorted(changed[at] & set(held)):
                yield FieldSaid(field=f"{segment.name}-{number}", text=shown(segment.raw(number)), became=became)


def _fields(type_: str, message_type: str, held: Collection[str]) -> Mapping[str, set[int]]:
    """By segment, the fields that these elements may have come from, by the table of origins."""
    found: dict[str, set[int]] = {}
    for element, fields in fields_by_element(type_, message_type).items():
        if any(name == element or (element == "value" and name.startswith("value")) for name in held):
            for segment, number in fields:
                found.setdefault(segment, set()).add(number)
    return found


def _changed(message: Message, place: int, number: int, before: Sequence[Submission], feed: Feed) -> Sequence[set[str]]:
    """Of each of what was made, the elements that change with a field."""
    nothing: list[set[str]] = [set() for _ in before]
    for segment in _otherwise(message.segments[place], number):
        others = [*message.segments[:place], segment, *message.segments[place + 1 :]]
        try:
            after = map_message(replace(message, segments=others), feed)
        except _UNREADABLE:
            continue
        if [_type(one) for one in after] != [_type(one) for one in before]:
            continue
        changes = [_differences(_elements(one), _elements(other)) for one, other in zip(before, after, strict=True)]
        if any(changes):
            return changes
    return nothing


def _otherwise(segment: Segment, number: int) -> Iterator[Segment]:
    """With the field empty, with more in it, and with other numbers."""
    text = segment.raw(number)
    for other in ("", f"{text}x", _DIGIT.sub(lambda digit: str((int(digit[0]) + 1) % 10), text)):
        fields = [*segment.fields[:number], other, *segment.fields[number + 1 :]]
        yield replace(segment, fields=fields, read=set())


def _elements(one: Submission) -> dict[str, Any]:
    said = without_telling(one.resource)
    return {name: plain for name, value in said.items() if name not in _FILED and (plain := _plain(value))}


def _differences(one: Mapping[str, Any], other: Mapping[str, Any]) -> set[str]:
    return {name for name in one.keys() | other.keys() if one.get(name) != other.get(name)}


def _plain(value: Any) -> Any:
    """What an element says, without how it was told and to what it refers."""
    if isinstance(value, dict):
        left = {name: _plain(part) for name, part in value.items() if name not in (_REFERENCE, "extension")}
        return {name: part for name, part in left.items() if part not in ({}, [])}
    return [_plain(part) for part in value] if isinstance(value, list) else value


def _is_it(one: Submission, item: OpenItem) -> bool:
    return one.source_id is not None and item.is_it(_type(one), one.source_id)


def _type(one: Submission) -> str:
    return str(one.resource["resourceType"])
