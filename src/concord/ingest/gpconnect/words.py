"""What an entry of a GP Connect record says of the item that it became, as it was sent (STU3).

Which of its elements the item has its words from, the conversion itself is asked: a value is left out, and where
elements of the item change by it, and all of them stand in the item as the entry has them, the value is told. What it
refers to is not: the record names that anew.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from concord.fhir import parse
from concord.ingest.gpconnect.bundle import alone
from concord.ingest.said import FieldSaid, shown, without_references
from concord.record import OpenItem

ENTRY = "GP Connect entry"
_FILED = ("id", "meta", "text", "resourceType")
_UNREADABLE = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
_MOST_VALUES, _MOST_LETTERS = 60, 1000  # of one element: more are on no page

Path = tuple[str | int, ...]


def in_senders_words(raw: bytes, item: OpenItem) -> list[FieldSaid]:
    """The elements that an item has its words from, extensions last. None, where the entry does not read as it did, or
    what it said has been overtaken."""
    try:
        before = _elements(raw)
    except _UNREADABLE:
        return []
    held = {name for name, plain in before.items() if without_references(item.resource.get(name)) == plain}
    said = []
    for name, value in parse(raw).items():
        if name in _FILED:
            continue
        became: set[str] = set()
        lines = []
        for path, text in list(_values(value, (name,)))[:_MOST_VALUES]:
            changed = _changed(raw, path, before)
            if changed and changed <= held:
                became |= changed
                lines.append(f"{_written(path)}: {text}" if len(path) > 1 else text)
        if lines:
            text = shown("\n".join(lines), _MOST_LETTERS)
            said.append(FieldSaid(field=name, text=text, became=sorted(became)))
    return sorted(said, key=lambda each: each.field == "extension")


def _elements(raw: bytes, without: Path = ()) -> dict[str, Any]:
    """What the entry becomes, element by element, with one of its values left out."""
    resource = parse(raw)
    if without:
        *above, last = without
        holder: Any = resource
        for step in above:
            holder = holder[step]
        del holder[last]
    made = alone(resource)
    return {name: plain for name, value in made.items() if name not in _FILED and (plain := without_references(value))}


def _changed(raw: bytes, path: Path, before: Mapping[str, Any]) -> set[str]:
    try:
        after = _elements(raw, path)
    except _UNREADABLE:
        return set()
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def _values(value: Any, path: Path) -> Iterator[tuple[Path, str]]:
    """Each single value and where it stands, but for what it refers to."""
    if isinstance(value, dict):
        for name, part in value.items():
            if name not in ("reference", "div"):
                yield from _values(part, (*path, name))
    elif isinstance(value, list):
        for number, part in enumerate(value):
            yield from _values(part, (*path, number))
    else:
        yield path, str(value).lower() if isinstance(value, bool) else str(value)


def _written(path: Path) -> str:
    """Such as "coding[1].display", below the element itself."""
    steps = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in path[1:])
    return steps.removeprefix(".")
