"""What is said of a resource, element by element: of each the last word stands, in whatever order the words come.

A message that leaves an element's fields empty is silent on it; `""` deletes it, and that is a word too. An element has
the words of the message that the resource names as its own, unless the extension `LAST_WORD` names another; what was
deleted is named there always. Of two messages of one moment the higher control id says the later word.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from concord.fhir import LAST_WORD, TOLD_BY, encode
from concord.ingest.hl7v2.clocks import moment
from concord.ingest.hl7v2.held import recorded_at
from concord.ingest.hl7v2.telling import Telling
from concord.ingest.hl7v2.types import Element

Word = tuple[str, str]
"""When it was said (a FHIR dateTime; "" of what was only brought along), and in which message."""

_BEFORE_ALL = datetime.min.replace(tzinfo=UTC)


def word(name: str, elements: Element, *fields: str) -> dict[str, Element]:
    """What a message says of the element `name`, from its `fields` as sent: nothing where it is silent, no elements
    where it deletes. A choice is named such as "deceased[x]"."""
    return {name: elements} if elements or any('""' in field for field in fields) else {}


def elements_of(resource: Mapping[str, Any], name: str) -> Element:
    """The element of this name, or what a choice ("deceased[x]") is there; no elements where there is none."""
    if name.endswith("[x]"):
        return {each: value for each, value in resource.items() if each.startswith(name.removesuffix("[x]"))}
    return {name: resource[name]} if name in resource else {}


def standing(
    before: Mapping[str, Any] | None,
    words: Mapping[str, Element],
    told: Telling,
    names: Iterable[str],
    *,
    late: bool | None = None,
) -> tuple[Element, list[Element]]:
    """The elements of these names as they stand after the words of one more message, and the extensions that say whose
    they are. What is held without a time (only brought along) gives way to all that is told with one.

    `late`: whether the resource as a whole stays as it was told before; by default, whether that was said later.
    """
    held = before or {}
    own, said = said_last(held), (told.said_at, told.message)
    last = own if (overtaken(told, before) if late is None else late) else said
    apart = last_words(held)
    elements: Element = {}
    kept: list[Element] = []
    for name in names:
        found = elements_of(held, name)
        by = apart.get(name) or (own if found else None)
        if name in words and (by is None or _prevails(said, words[name], by, found)):
            found, by = words[name], said
        elements |= found
        if by is not None and (by != last or not found):
            kept.append(last_word(name, by))
    return elements, kept


def last_words(resource: Mapping[str, Any]) -> dict[str, Word]:
    """By element, the last words that another message said than the one that the resource as a whole names."""
    return dict(_apart(resource.get("extension", ())))


def said_last(resource: Mapping[str, Any]) -> Word:
    """When the resource as a whole was said last, and in which message."""
    return recorded_at(resource) or "", _message(resource.get("extension", ()))


def in_order(word: Word) -> tuple[datetime, int, str, str]:
    """What tells which word is the later. Control ids are mostly numbers that count: the longer is the higher."""
    at, message = word
    number = message.rpartition(" ")[2]
    return moment(at) if at else _BEFORE_ALL, len(number), number, message


def overtaken(told: Telling, before: Mapping[str, Any] | None) -> bool:
    """Whether what is held was said later, as a whole."""
    return before is not None and in_order((told.said_at, told.message)) < in_order(said_last(before))


def told_last(
    resource: Element,
    told: Telling,
    before: Mapping[str, Any] | None,
    kept: Iterable[Element],
    *,
    late: bool | None = None,
) -> Element:
    """The resource with how it was told last, and with what `standing` keeps of whose words its elements are."""
    late = overtaken(told, before) if late is None else late
    how = told.beside(resource, before) if before is not None and late else told.of(resource, before)
    return resource | {"extension": [*resource.get("extension", ()), *kept, *how]}


def _prevails(said: Word, elements: Element, by: Word, found: Element) -> bool:
    """Of two messages that nothing tells apart, one is chosen by what it says."""
    return (in_order(said), encode(elements)) >= (in_order(by), encode(found))


def _apart(extensions: Iterable[Mapping[str, Any]]) -> Iterator[tuple[str, Word]]:
    for one in extensions:
        if one.get("url") == LAST_WORD:
            parts = {part["url"]: part for part in one["extension"]}
            said_at = parts.get("at", {}).get("valueDateTime", "")
            yield parts["element"]["valueString"], (said_at, _message(one["extension"]))


def _message(extensions: Iterable[Mapping[str, Any]]) -> str:
    return next((str(one["valueString"]) for one in extensions if one.get("url") == TOLD_BY), "")


def last_word(name: str, by: Word) -> Element:
    """The extension that says so of the element `name`."""
    at, message = by
    parts = (("element", "valueString", name), ("at", "valueDateTime", at), (TOLD_BY, "valueString", message))
    return {"url": LAST_WORD, "extension": [{"url": url, type_: value} for url, type_, value in parts if value]}
