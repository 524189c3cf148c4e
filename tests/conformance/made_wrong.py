"""Valid resources with one rule broken: for each kind of breach, where it can be made and what is then expected.

It reads R4's table of types (elements, choices, bindings, targets) and knows nothing of how a survey works.
"""

import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from concord.fhir.definitions import DEFINITIONS

WRONG_FORMATS: dict[str, Any] = {
    "base64Binary": "a", "canonical": "a b", "code": " a", "date": "2025-02-30", "dateTime": "2025-02-30T10:00:00Z",
    "id": "a_b", "instant": "2025-02-28T25:00:00Z", "integer": 2**31, "oid": "1.2.3", "positiveInt": 0,
    "time": "24:00:00", "unsignedInt": -1, "uri": "http://a b", "url": "a b", "uuid": "urn:uuid:x",
}  # fmt: skip
WRONG_TYPES: dict[str, Any] = {"boolean": "true", "decimal": "1.10", "integer": "1", "string": 1, "code": True}


class Wrong(NamedTuple):
    kind: str
    resource: dict[str, Any]
    path: str
    rule: str


@dataclass
class Place:
    """An object within the resource: its type, the way to it from the root, and how that is written."""

    of: str
    way: tuple[str | int, ...]
    path: str
    value: dict[str, Any]
    elements: dict[str, str] = field(default_factory=dict)  # JSON name: notation, choices resolved
    declared: dict[str, str] = field(default_factory=dict)  # JSON name: the element as declared (`value[x]`)


def places(resource: dict[str, Any]) -> Iterator[Place]:
    """Every object of the resource with a type that the table knows, the outermost first."""
    root = resource["resourceType"]
    yield from _places(resource, root, (), root)


def _places(value: dict[str, Any], of: str, way: tuple[str | int, ...], path: str) -> Iterator[Place]:
    place = Place(of, way, path, value)
    for element, notation in DEFINITIONS.elements[of].items():
        types, mark = notation.rstrip("*+!"), notation[-1] if notation[-1] in "*+!" else ""
        for type_ in types.split("|"):
            name = element.replace("[x]", type_[:1].upper() + type_[1:]) if element.endswith("[x]") else element
            place.elements[name], place.declared[name] = type_ + mark, element
    yield place
    for name, notation in place.elements.items():
        kind = notation.rstrip("*+!").removeprefix("@")
        if name not in value or kind in DEFINITIONS.primitives:
            continue
        many = isinstance(value[name], list)
        for index, each in enumerate(value[name] if many else [value[name]]):
            below = each["resourceType"] if kind == "Resource" else kind
            step: tuple[str | int, ...] = (name, index) if many else (name,)
            yield from _places(each, below, (*way, *step), f"{path}.{name}[{index}]" if many else f"{path}.{name}")


Change = Callable[[dict[str, Any]], None]


def variants(resource: dict[str, Any]) -> Iterator[Wrong]:
    """Of each kind of breach at most one of each type of object in the resource."""
    seen: set[tuple[str, str]] = set()
    for place in places(resource):
        for kind, change, path, rule in _changes(place, resource):
            if (kind, place.of) not in seen:
                seen.add((kind, place.of))
                wrong = copy.deepcopy(resource)
                here: Any = wrong
                for step in place.way:
                    here = here[step]
                change(here)
                yield Wrong(kind, wrong, f"{place.path}{path}", rule)


def _set(name: str, value: Any) -> Change:
    def change(here: dict[str, Any]) -> None:
        here[name] = value

    return change


def _changes(place: Place, resource: dict[str, Any]) -> Iterator[tuple[str, Change, str, str]]:
    """(kind, what to do to the object, the path below it, the rule that is then broken)."""
    yield "an unknown element", _set("kestrel", "x"), ".kestrel", "unknown-element"
    for name in place.value:
        if name in place.elements:
            yield from _of_element(place, name)
    yield from _absent(place)
    if place.of == "Reference" and isinstance(place.value.get("reference"), str):
        yield "a dangling #id", _set("reference", "#kestrel"), ".reference", "contained"
        yield "a reference to no type", _set("reference", "Kestrel/1"), ".reference", "target"
    if place.of == "Narrative":
        yield "a script", _set("div", "<div>a<script>b</script></div>"), ".div", "narrative"
        yield "a blank narrative", _set("div", "<div> </div>"), ".div", "narrative"
        yield "an unclosed narrative", _set("div", "<div>a<b></div>"), ".div", "narrative"
    if place.of in DEFINITIONS.resources and place.way:
        yield "no resource type", _set("resourceType", "Kestrel"), ".resourceType", "resource-type"
    if not place.way:
        yield from _of_resource(resource)


def _of_resource(resource: dict[str, Any]) -> Iterator[tuple[str, Change, str, str]]:
    if "contained" not in DEFINITIONS.elements[resource["resourceType"]]:
        return
    inner = {"resourceType": "Basic", "id": "a", "code": {"text": "a"}}
    held = [*resource.get("contained", []), inner]
    last = f".contained[{len(held) - 1}]"
    nested = [*held[:-1], {**inner, "contained": [inner]}]
    yield "contained in what is contained", _set("contained", nested), f"{last}.contained", "contained"
    yield (
        "an untyped resource within",
        _set("contained", [*held[:-1], {"id": "a"}]),
        f"{last}.resourceType",
        "resource-type",
    )
    odd = {**inner, "kestrel": 1}
    yield "an unknown element within", _set("contained", [*held[:-1], odd]), f"{last}.kestrel", "unknown-element"
    yield "one id for two", _set("contained", [*held, inner]), f".contained[{len(held)}]", "contained"
    deep: dict[str, Any] = {"url": "a", "valueCode": "b"}
    for _ in range(150):
        deep = {"url": "a", "extension": [deep]}
    yield "a nest too deep", _set("extension", [deep]), "*", "depth"


def _of_element(place: Place, name: str) -> Iterator[tuple[str, Change, str, str]]:
    """What can be done to an element that is there."""
    value, notation, declared = place.value[name], place.elements[name], place.declared[name]
    kind = notation.rstrip("*+!").removeprefix("@")
    many = isinstance(value, list)
    yield "null", _set(name, None), f".{name}", "null"
    if many:
        yield "an empty array", _set(name, []), f".{name}", "empty"
        yield "one value for an array", _set(name, value[0]), f".{name}", "cardinality"
    else:
        yield "an array for one value", _set(name, [value]), f".{name}", "cardinality"
    first = f".{name}[0]" if many else f".{name}"

    def put(other: Any) -> Change:
        return _set(name, [other, *value[1:]] if many else other)

    if kind in DEFINITIONS.primitives:
        bound = DEFINITIONS.bindings.get(place.of, {}).get(declared)
        if kind in WRONG_FORMATS and type(value[0] if many else value) is type(WRONG_FORMATS[kind]):
            yield f"the format of {kind}", put(WRONG_FORMATS[kind]), first, "format"
        if kind in WRONG_TYPES:
            yield f"the JSON type of {kind}", put(WRONG_TYPES[kind]), first, "json-type"
        if kind in ("string", "markdown", "code"):
            yield f"empty {kind}", put(""), first, "empty"
        if bound and kind == "code":
            yield "a code of no value set", put("kestrel"), first, "binding"
    elif kind != "Resource":
        yield "an empty object", put({}), first, "empty"
        yield "text for an object", put("kestrel"), first, "json-type"
        targets = DEFINITIONS.targets.get(place.of, {}).get(declared)
        if kind == "Reference" and targets:
            other = "Basic" if "Basic" not in targets else "Flag"
            yield "a reference to another type", put({"reference": f"{other}/1"}), f"{first}.reference", "target"
            yield "another type declared", put({"type": other, "display": "a"}), f"{first}.type", "target"
        if kind == "CodeableConcept" and DEFINITIONS.bindings.get(place.of, {}).get(declared):
            wrong = {"coding": [{"system": "http://a.example", "code": "kestrel"}]}
            yield "a concept of no value set", put(wrong), first, "binding"


def _absent(place: Place) -> Iterator[tuple[str, Change, str, str]]:
    """What is required taken away, and a second type put beside the first of a choice."""

    def without(*names: str) -> Change:
        def change(here: dict[str, Any]) -> None:
            for name in names:
                here.pop(name, None)
            here.setdefault("extension", [{"url": "http://a.example", "valueCode": "a"}])  # not empty, at least

        return change

    for declared, notation in DEFINITIONS.elements[place.of].items():
        names = [name for name, of in place.declared.items() if of == declared and name in place.value]
        if notation[-1] in "!+" and names and place.of != "Extension":
            yield "a required element", without(*names, *(f"_{name}" for name in names)), f".{declared}", "cardinality"
        if declared.endswith("[x]") and names:
            others = [name for name, of in place.declared.items() if of == declared and name not in names]
            simple = [name for name in others if place.elements[name].rstrip("!") in ("string", "boolean", "dateTime")]
            if simple:
                value = {"string": "a", "boolean": True, "dateTime": "2025"}[place.elements[simple[0]].rstrip("!")]
                yield "two types of a choice", _set(simple[0], value), f".{declared}", "choice"
