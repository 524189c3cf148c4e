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

SERVICE_OF = "https://concord.example/StructureDefinition/service-of"
"""Extension of `meta`: the visit (valueReference) whose service the item stands under, told with none of its own."""

LAST_WORD = "https://concord.example/StructureDefinition/last-word"
"""Extension of a resource, one an element (`element`) that has not the words of the message that the resource names:
`at`, when it was said last, or deleted, and TOLD_BY. So is named what is no element: that another document replaced it
("replaced"), that the Patient was only brought along ("brought")."""


@dataclass(frozen=True, slots=True)
class Told:
    """Whose words `elements` of a resource are: those of `messages`, in the order in which they stand in it."""

    messages: tuple[str, ...]
    elements: tuple[str, ...]


def service_of(resource: Mapping[str, Any]) -> str | None:
    """The visit ("Encounter/id") under whose service a resource stands, if it says so (`SERVICE_OF`)."""
    for one in resource.get("meta", {}).get("extension", ()):
        if one.get("url") == SERVICE_OF:
            return str(one.get("valueReference", {}).get("reference"))
    return None


def told(resource: Mapping[str, Any]) -> list[Told]:
    """Which messages the words of a resource are of: what the resource as a whole names, then what its elements name,
    or the last words about them, then (no elements) what its own events name. Empty where it names none."""
    own = _objects(resource.get("extension"))
    apart = _apart(resource) | _elder(resource, own)
    if not (apart or own):
        return []
    whole = tuple(name for name in resource if name != "extension" and name not in apart)
    events = tuple(dict.fromkeys(each for one in own if one.get("url") != LAST_WORD for each in _named(one)))
    found = [Told(tuple(_named(resource)), whole), *(Told(each, (name,)) for name, each in apart.items())]
    return [each for each in [*found, Told(events, ())] if each.messages]


def _apart(resource: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The elements whose parts name messages. A page asks it of hundreds of items: what names none takes few steps."""
    apart: dict[str, tuple[str, ...]] = {}
    for name, value in resource.items():
        if isinstance(value, str) or name == "extension":
            continue
        for part in value if isinstance(value, list) else (value,):
            if isinstance(part, dict) and "extension" in part:
                apart[name] = tuple(dict.fromkeys((*apart.get(name, ()), *_named(part))))
    return {name: messages for name, messages in apart.items() if messages}


def _elder(resource: Mapping[str, Any], own: Sequence[Mapping[str, Any]]) -> dict[str, tuple[str, ...]]:
    """The elements whose last word another message said than the one that the resource names."""
    elder: dict[str, tuple[str, ...]] = {}
    for one in own:
        if one.get("url") == LAST_WORD:
            said = (part.get("valueString") for part in _objects(one.get("extension")) if part.get("url") == "element")
            of, choice, _ = str(next(said, "")).partition("[x]")
            names = [name for name in resource if name == of or (choice and name.startswith(of))]
            elder |= {name: tuple(_named(one)) for name in names}
    return elder


def _named(element: Mapping[str, Any]) -> Iterator[str]:
    said = (each.get("valueString") for each in _objects(element.get("extension")) if each.get("url") == TOLD_BY)
    return (each for each in said if isinstance(each, str))


def _objects(value: Any) -> Sequence[Mapping[str, Any]]:
    """What lies there as objects, one or several: what was taken in before it was checked may hold anything."""
    if isinstance(value, list):
        return [each for each in value if isinstance(each, dict)]
    return (value,) if isinstance(value, dict) else ()
