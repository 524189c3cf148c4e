"""The table of R4's types, and the shapes that a survey follows, made from it once.

`definitions.json` is compiled from HL7's own package by scripts/compile_fhir_definitions.py; its notation is
explained in this folder's README.
"""

import re
from dataclasses import dataclass, field
from enum import IntEnum
from importlib import resources
from typing import Any, NamedTuple

import msgspec

from concord.fhir.primitives import PATTERNS, TESTS, TEXTS, is_text


class SearchParameter(msgspec.Struct, frozen=True):
    """`paths` as in the README; `target` when the parameter can refer to one type only."""

    type: str
    paths: tuple[str, ...]
    target: str | None = None


class Definitions(msgspec.Struct, frozen=True):
    fhir: str
    primitives: tuple[str, ...]
    resources: frozenset[str]
    elements: dict[str, dict[str, str]]
    patient_compartment: dict[str, tuple[str, ...]]
    search: dict[str, dict[str, SearchParameter]]
    times: dict[str, tuple[str, ...]]


DEFINITIONS = msgspec.json.decode(
    resources.files("concord.fhir").joinpath("definitions.json").read_bytes(), type=Definitions
)


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


class Field(NamedTuple):
    """One name that may stand in an object. A NamedTuple, because the survey unpacks it for each member it meets.

    `target` is the pattern's match, the test, or the Shape; `choice` the value[x] of which this is one type.
    """

    form: int
    target: Any
    choice: str | None
    type: str


@dataclass(slots=True, eq=False)
class Shape:
    """What an object of one type may hold."""

    name: str
    gathered: int
    fields: dict[str, Field] = field(default_factory=dict)
    required: tuple[str, ...] = ()
    required_choices: tuple[str, ...] = ()


_MATCHES = {name: re.compile(pattern).fullmatch for name, pattern in PATTERNS.items()}
_GATHERED = {
    "Reference": Gathered.REFERENCE,
    "Coding": Gathered.CODING,
    "Extension": Gathered.EXTENSION,
    "Narrative": Gathered.NARRATIVE,
}


_shapes: dict[str, Shape] = {}


def _shape(name: str) -> Shape:
    """Kept before it is filled, since types contain themselves (Extension, Questionnaire.item)."""
    if name in _shapes:
        return _shapes[name]
    shape = _shapes[name] = Shape(name, _GATHERED.get(name, Gathered.NOTHING))
    required, required_choices = [], []
    if name in DEFINITIONS.resources:
        shape.fields["resourceType"] = Field(Form.TYPE, None, None, "code")
    for element, notation in DEFINITIONS.elements[name].items():
        types = notation.rstrip("*+!")
        many, needed = notation[-1] in "*+", notation[-1] in "!+"
        if element.endswith("[x]"):
            for choice in types.split("|"):
                stem = element.removesuffix("[x]") + choice[0].upper() + choice[1:]
                shape.fields.update(_fields(stem, choice, many=many, choice=element))
            if needed:
                required_choices.append(element)
        else:
            shape.fields.update(_fields(element, types, many=many, choice=None))
            if needed:
                required.append(element)
    shape.required, shape.required_choices = tuple(required), tuple(required_choices)
    return shape


def _fields(name: str, notation: str, *, many: bool, choice: str | None) -> dict[str, Field]:
    kind = notation.removeprefix("@")
    if kind not in DEFINITIONS.primitives:
        if kind == "Resource":
            return {name: Field(Form.RESOURCES if many else Form.RESOURCE, None, choice, kind)}
        return {name: Field(Form.OBJECTS if many else Form.OBJECT, _shape(kind), choice, kind)}
    fields = {name: _many(kind, choice) if many else _one(kind, choice)}
    if not notation.startswith("@"):
        sibling = Form.SIBLINGS if many else Form.SIBLING
        fields[f"_{name}"] = Field(sibling, _shape("Element"), choice, "Element")
    return fields


def _one(kind: str, choice: str | None) -> Field:
    if kind in TEXTS:
        return Field(Form.TEXT, None, choice, kind)
    if kind in PATTERNS:
        return Field(Form.PATTERN, _MATCHES[kind], choice, kind)
    return Field(Form.TEST, TESTS[kind], choice, kind)


def _many(kind: str, choice: str | None) -> Field:
    if kind in TEXTS:
        return Field(Form.PRIMITIVES, is_text, choice, kind)
    if kind in PATTERNS:
        match = _MATCHES[kind]
        return Field(Form.PRIMITIVES, lambda value: type(value) is str and match(value), choice, kind)
    return Field(Form.PRIMITIVES, TESTS[kind], choice, kind)


# Made at once, so that threads share them finished.
RESOURCE_SHAPES = {name: _shape(name) for name in sorted(DEFINITIONS.resources)}
