"""Templates: the elements of a resource, with `$column` where a cell goes.

An object that names columns falls away, its single constants with it, when all that they say is empty.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from concord.ingest.naming import fhir_id

ORGANISATION = "ODS"
_PLACE = re.compile(r"\$(?:\$|(ODS|[a-z][a-z0-9_]*)(?:\.([a-z][a-z0-9_]*))?)")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?")

Value = Any
Look = Callable[[str, str], Value]
"""The value of a column and its part; None when empty."""


@dataclass(frozen=True, slots=True)
class Place:
    """A column, or a part of what its word means; the whole value of an element."""

    column: str
    part: str


@dataclass(frozen=True, slots=True)
class Text:
    """Text with columns in it. A reference's id is written as the ids of made resources are."""

    parts: Sequence[str | Place]
    refers: bool


Template = Any
"""Place, Text, a constant (str, bool, int, Decimal), or a list or dict of templates."""


def scalar(text: str, *, quoted: bool, element: str) -> Template:
    """A single value of a template. Unquoted `true`, `false` and numbers are what they look like."""
    places = _PLACE.findall(text)
    if not places:
        return text if quoted else constant(text)
    whole = _PLACE.fullmatch(text)
    if whole is not None and whole[1] and element != "reference":
        return Place(whole[1], whole[2] or "")
    parts: list[str | Place] = []
    at = 0
    for found in _PLACE.finditer(text):
        parts.append(text[at : found.start()])
        parts.append(Place(found[1], found[2] or "") if found[1] else "$")
        at = found.end()
    parts.append(text[at:])
    return Text(tuple(part for part in parts if part != ""), refers=element == "reference")


def constant(text: str) -> str | bool | int | Decimal:
    """What unquoted text looks like."""
    if text in ("true", "false"):
        return text == "true"
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    return Decimal(text) if found[2] else int(text)


def places(template: Template) -> Iterator[Place]:
    """All the columns that it names."""
    if isinstance(template, Place):
        yield template
    elif isinstance(template, Text):
        yield from (part for part in template.parts if isinstance(part, Place))
    elif isinstance(template, Mapping):
        for value in template.values():
            yield from places(value)
    elif isinstance(template, list):
        for value in template:
            yield from places(value)


def filled(template: Template, look: Look) -> Value:
    """The template with its cells; None for what falls away."""
    if isinstance(template, Place):
        return look(template.column, template.part)
    if isinstance(template, Text):
        return _text(template, look)
    if isinstance(template, Mapping):
        made = {name: value for name, each in template.items() if (value := filled(each, look)) not in (None, "", [])}
        return made if made and _says_something(template, made) else None
    if isinstance(template, list):
        return [value for each in template if (value := filled(each, look)) is not None] or None
    return template


def _says_something(template: Mapping[str, Template], made: Mapping[str, Value]) -> bool:
    """Whether any of the columns named came out, or there is an object or a list that names none; always where none is
    named at all."""
    naming = [name for name, each in template.items() if any(_of_the_row(place) for place in places(each))]
    return not naming or any(name in naming or isinstance(value, (dict, list)) for name, value in made.items())


def _of_the_row(place: Place) -> bool:
    return place.column != ORGANISATION


def _text(template: Text, look: Look) -> str | None:
    parts: list[str] = []
    for part in template.parts:
        value = look(part.column, part.part) if isinstance(part, Place) else part
        if value is None:
            return None
        parts.append(" ".join(value) if isinstance(value, list) else str(value))
    if not template.refers:
        return "".join(parts)
    type_, _, id_ = "".join(parts).partition("/")
    return f"{type_}/{fhir_id(id_)}"
