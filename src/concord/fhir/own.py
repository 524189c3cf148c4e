"""The extensions of Concord's own by which a resource says how it was told."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

CLOCKS_CHANGED = "https://concord.example/StructureDefinition/clocks-changed"
"""Extension (valueDateTime): a time of the resource that was sent without an offset in an hour that the clocks repeat
or leave out; which instant is meant was settled by the order of the messages."""
TOLD_BY = "https://concord.example/StructureDefinition/told-by"
"""Extension (valueString): the message whose words a resource or an element has: the version of the mapping that read
it, its type, its control id ("1 ADT^A02 M123"). Within another extension: one of several from which it was made."""


@dataclass(frozen=True, slots=True)
class Told:
    """Whose words `elements` of a resource are: those of `messages`, in the order in which they stand in it."""

    messages: tuple[str, ...]
    elements: tuple[str, ...]


def told(resource: Mapping[str, Any]) -> list[Told]:
    """Which messages the words of a resource are of: what the resource as a whole names, then what its elements name,
    then (no elements) what its own events name. Empty where it names none."""
    apart = {name: _within(value) for name, value in resource.items() if name != "extension"}
    whole = tuple(name for name, messages in apart.items() if not messages)
    events = tuple(dict.fromkeys(each for one in _extensions(resource) for each in _named(one)))
    found = [Told(tuple(_named(resource)), whole), *(Told(each, (name,)) for name, each in apart.items())]
    return [each for each in [*found, Told(events, ())] if each.messages]


def _named(element: Mapping[str, Any]) -> Iterator[str]:
    said = (each.get("valueString") for each in _extensions(element) if each.get("url") == TOLD_BY)
    return (each for each in said if isinstance(each, str))


def _within(element: Any) -> tuple[str, ...]:
    """The messages that the parts of an element name."""
    return tuple(dict.fromkeys(each for part in _objects(element) for each in _named(part)))


def _extensions(element: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return _objects(element.get("extension"))


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    """What lies there as objects, one or several: what was taken in before it was checked may hold anything."""
    return [each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict)]
