"""The table of R4's types, and the shapes that a survey follows, made from it once.

`definitions.json` is compiled from HL7's own package by scripts/compile_fhir_definitions.py; its notation is
explained in this folder's README.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

import msgspec

from concord.fhir.primitives import PATTERNS, TESTS, TEXTS, is_text


class Definitions(msgspec.Struct, frozen=True):
    fhir: str
    primitives: tuple[str, ...]
    resources: frozenset[str]
    elements: dict[str, dict[str, str]]
    targets: dict[str, dict[str, tuple[str, ...]]]
    bindings: dict[str, dict[str, str]]
    value_sets: dict[str, dict[str, tuple[str, ...]]]
    summary: msgspec.Raw  # read when first asked for
    modifiers: msgspec.Raw


DEFINITIONS = msgspec.json.decode(
    resources.files("concord.fhir").joinpath("definitions.json").read_bytes(), type=Definitions
)


@cache
def summary() -> Mapping[str, frozenset[str]]:
    """For each type, and each element that has elements of its own, those that stand in a summary (isSummary)."""
    return msgspec.json.decode(DEFINITIONS.summary, type=dict[str, frozenset[str]])


@cache
def modifiers() -> Mapping[str, frozenset[str]]:
    """The same of what modifies the meaning of what it stands in; implicitRules and modifierExtension always do."""
    return msgspec.json.decode(DEFINITIONS.modifiers, type=dict[str, frozenset[str]])


class Form(IntEnum):
    """What stands in JSON under an element's name. The plural is an array."""

    TEXT = 0
    PATTERN = 1
    TEST = 2
    OBJECT = 3
    OBJECTS = 4
    PRIMITIVES = 5
    RESOURCE = 6
    RESOURCES = 7
    SIBLING = 8  # `_name`: the id and extensions of the primitive `name`
    SIBLINGS = 9
    TYPE = 10  # resourceType


class Gathered(IntEnum):
    """Shapes of which a survey keeps something, or asks something more."""

    NOTHING = 0
    REFERENCE = 1
    CODING = 2
    EXTENSION = 3
    NARRATIVE = 4
    CONCEPT = 5  # a CodeableConcept with a required binding
    SIBLING = 6  # the id and extensions of a primitive: what is enough depends on the primitive
    ATTACHMENT = 7


# One name that may stand in an object: its Form; the match of its pattern, its test, or its Shape; the value[x] that it
# is one type of; the name of its type or, where a binding is required, the URL of the value set. A plain tuple that
# begins with a plain integer: the survey takes one apart for each member it meets, and names cost three times as much.
Field = tuple[int, Any, str | None, str]


@dataclass(slots=True, eq=False)
class Shape:
    """What an object of one type may hold.

    `allowed`: of a Reference the types that it may refer to; of a bound CodeableConcept the (system, code) of which
    one must be among its codings. `value_set` is the URL of the latter.
    """

    name: str
    gathered: int
    fields: dict[str, Field] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    required_choices: tuple[str, ...] = ()
    allowed: frozenset[Any] = frozenset()
    value_set: str = ""
    of_resource: bool = False


_MATCHES = {name: re.compile(pattern).fullmatch for name, pattern in PATTERNS.items()}
_GATHERED = {
    "Reference": Gathered.REFERENCE,
    "Coding": Gathered.CODING,
    "Extension": Gathered.EXTENSION,
    "Narrative": Gathered.NARRATIVE,
    "Attachment": Gathered.ATTACHMENT,
    "Binary": Gathered.ATTACHMENT,
    "Element": Gathered.SIBLING,
}
_finished: dict[str | tuple[str, ...], Shape] = {}  # with all that each leads to, so that threads share them


def resource_shape(name: str) -> Shape | None:
    """The shape of a resource type, made when it is first met; None for what is no resource type of R4."""
    shape = _finished.get(name)
    if shape is None:
        if name not in DEFINITIONS.resources:
            return None
        shapes = dict(_finished)  # two threads may make the same; neither sees the other's unfinished
        shape = _shape(name, shapes)
        _finished.update(shapes)
    return shape if shape.of_resource else None


def _shape(name: str, shapes: dict[str | tuple[str, ...], Shape]) -> Shape:
    """Kept before it is filled, since types contain themselves (Extension, Questionnaire.item)."""
    if name in shapes:
        return shapes[name]
    of_resource = name in DEFINITIONS.resources
    shape = shapes[name] = Shape(name, int(_GATHERED.get(name, Gathered.NOTHING)), of_resource=of_resource)
    if name == "Reference":
        shape.allowed = DEFINITIONS.resources
    if of_resource:
        shape.fields["resourceType"] = _field(Form.TYPE, None, None, "code")
    required, required_choices = [], []
    targets, bindings = DEFINITIONS.targets.get(name, {}), DEFINITIONS.bindings.get(name, {})
    for element, notation in DEFINITIONS.elements[name].items():
        types = notation.rstrip("*+!")
        many, needed = notation[-1] in "*+", notation[-1] in "!+"
        said = _Said(many, targets.get(element, ()), bindings.get(element), shapes)
        if element.endswith("[x]"):
            for choice in types.split("|"):
                stem = element.removesuffix("[x]") + choice[0].upper() + choice[1:]
                shape.fields.update(_fields(stem, choice, said, choice=element))
            if needed:
                required_choices.append(element)
        else:
            shape.fields.update(_fields(element, types, said, choice=None))
            if needed:
                required.append(element)
    if name == "Reference":  # a string, and yet an address: nobody's words
        shape.fields["reference"] = _field(Form.PATTERN, is_text, None, "string")
    shape.required, shape.required_choices = tuple(required), tuple(required_choices)
    return shape


class _Said(NamedTuple):
    """What is said of an element whatever its type: is it an array, what may it refer to, which codes must it keep.

    `shapes` are those made so far.
    """

    many: bool
    targets: tuple[str, ...]
    value_set: str | None
    shapes: dict[str | tuple[str, ...], Shape]


def _field(form: Form, target: Any, choice: str | None, of: str) -> Field:
    return int(form), target, choice, of


def _fields(name: str, notation: str, said: _Said, *, choice: str | None) -> dict[str, Field]:
    kind = notation.removeprefix("@")
    if kind not in DEFINITIONS.primitives:
        if kind == "Resource":
            return {name: _field(Form.RESOURCES if said.many else Form.RESOURCE, None, choice, kind)}
        return {name: _field(Form.OBJECTS if said.many else Form.OBJECT, _narrow(kind, said), choice, kind)}
    if kind == "code" and said.value_set:
        fields = {name: _coded(said.value_set, choice, many=said.many)}
    else:
        fields = {name: _many(kind, choice) if said.many else _one(kind, choice)}
    if not notation.startswith("@"):
        sibling = Form.SIBLINGS if said.many else Form.SIBLING
        fields[f"_{name}"] = _field(sibling, _shape("Element", said.shapes), choice, "Element")
    return fields


def _narrow(kind: str, said: _Said) -> Shape:
    """The shape of a type as one element allows it: the same fields, fewer targets or codes."""
    if kind == "Reference" and said.targets:
        key: tuple[str, ...] = (kind, *said.targets)
        gathered, allowed = Gathered.REFERENCE, frozenset[Any](said.targets)
    elif kind == "CodeableConcept" and said.value_set:
        key = (kind, said.value_set)
        gathered, allowed = Gathered.CONCEPT, frozenset(_pairs(said.value_set))
    else:
        return _shape(kind, said.shapes)
    if key not in said.shapes:
        whole = _shape(kind, said.shapes)
        said.shapes[key] = Shape(kind, int(gathered), whole.fields, allowed=allowed, value_set=said.value_set or "")
    return said.shapes[key]


def _pairs(value_set: str) -> list[tuple[str, str]]:
    return [(system, code) for system, codes in DEFINITIONS.value_sets[value_set].items() for code in codes]


@cache
def codes_of(value_set: str) -> frozenset[str]:
    """The codes of a value set that a required binding of R4 names, whatever their system."""
    return frozenset(code for codes in DEFINITIONS.value_sets[value_set].values() for code in codes)


def required_value_sets() -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """The value sets that R4's required bindings name: by URL, the codes of each system."""
    return DEFINITIONS.value_sets


def _coded(value_set: str, choice: str | None, *, many: bool) -> Field:
    codes = codes_of(value_set)
    if many:
        return _field(Form.PRIMITIVES, lambda value: type(value) is str and value in codes, choice, value_set)
    return _field(Form.PATTERN, codes.__contains__, choice, value_set)


def _one(kind: str, choice: str | None) -> Field:
    if kind in TEXTS:
        return _field(Form.TEXT, None, choice, kind)
    if kind in PATTERNS:
        return _field(Form.PATTERN, _MATCHES[kind], choice, kind)
    return _field(Form.TEST, TESTS[kind], choice, kind)


def _many(kind: str, choice: str | None) -> Field:
    if kind in TEXTS:
        return _field(Form.PRIMITIVES, is_text, choice, kind)
    if kind in PATTERNS:
        match = _MATCHES[kind]
        return _field(Form.PRIMITIVES, lambda value: type(value) is str and match(value), choice, kind)
    return _field(Form.PRIMITIVES, TESTS[kind], choice, kind)


def element_names(type_: str) -> frozenset[str]:
    """The names that may stand in a resource of that type, each choice of value[x] by its own."""
    shape = resource_shape(type_)
    return frozenset(shape.fields) if shape else frozenset()
