"""The extensions of Concord's own by which a resource says how it was told."""

from collections.abc import Iterator, Mapping
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
    extensions = resource.get("extension", ())
    apart = {name: _within(value) for name, value in resource.items() if name != "extension"}
    whole = tuple(name for name, messages in apart.items() if not messages)
    events = tuple(dict.fromkeys(each for one in extensions for each in _named(one.get("extension", ()))))
    found = [Told(tuple(_named(extensions)), whole), *(Told(each, (name,)) for name, each in apart.items())]
    return [each for each in [*found, Told(events, ())] if each.messages]


def _named(extensions: Any) -> Iterator[str]:
    return (each["valueString"] for each in extensions if each.get("url") == TOLD_BY and "valueString" in each)


def _within(element: Any) -> tuple[str, ...]:
    """The messages that the parts of an element name."""
    parts = [part for part in (element if isinstance(element, list) else [element]) if isinstance(part, dict)]
    return tuple(dict.fromkeys(each for part in parts for each in _named(part.get("extension", ()))))
