"""One pass over a resource: does it keep R4's structure, and what does it refer to, code and tell.

Checked, by http://hl7.org/fhir/R4/json.html and the StructureDefinitions: resource type, unknown elements,
cardinality, JSON types, formats of primitives and days that exist, one type of each value[x], nothing empty, null
only where an array is paired with ids and extensions, an extension's value or extensions. Contained and bundled
resources are checked each by its own type. Not checked here: bindings, types of reference targets, invariants.
"""

import re
from dataclasses import dataclass, field
from typing import Any

from concord.fhir.definitions import RESOURCE_SHAPES, Field, Form, Gathered, Shape
from concord.fhir.primitives import EXPECTED, LONGEST_STRING
from concord.fhir.wire import Resource

MOST_BREACHES = 100  # told of one resource: enough to mend it by, and a bound on what a hostile one costs
DEEPEST = 100  # objects within objects; the deepest of HL7's examples has 12

# Where something stands: its holder's place, the name there, the index if that is an array, how deep.
Trail = tuple[Any, str, int | None, int]

# The loop below compares these for every member of every resource: plain integers.
_TEXT, _PATTERN, _TEST = int(Form.TEXT), int(Form.PATTERN), int(Form.TEST)
_OBJECT, _OBJECTS = int(Form.OBJECT), int(Form.OBJECTS)
_NUMBERS = ("decimal", "integer", "positiveInt", "unsignedInt")


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A rule that a resource breaks: where (`Patient.name[0].given`), which, and what was expected instead.

    `rule` is one of: resource-type, unknown-element, cardinality, json-type, format, choice, empty, null,
    extension, depth. Nothing here quotes a value of the resource.
    """

    path: str
    rule: str
    message: str


@dataclass(slots=True)
class Survey:
    """What one pass found. `references` are the resource's own Reference objects, to be rewritten in place;
    `holders` the names of the elements that they stand in, in the same order.

    `codings` holds (system, code) of every Coding that has a code. Contained and bundled resources are included.
    `has_display` tells of a Reference with a display, which may repeat what it points to.
    """

    breaches: list[Breach] = field(default_factory=list)
    references: list[dict[str, Any]] = field(default_factory=list)
    holders: list[str] = field(default_factory=list)
    codings: list[tuple[str | None, str]] = field(default_factory=list)
    has_narrative: bool = False
    has_contained: bool = False
    has_display: bool = False


def survey(resource: Resource) -> Survey:
    """Check a resource and gather from it. Of a resource with breaches, what was gathered may be incomplete."""
    found = Survey()
    _resource(resource, None, found)
    return found


def check(resource: Resource) -> list[Breach]:
    """The rules of R4's structure that the resource breaks, the first MOST_BREACHES; [] when it keeps them all."""
    return survey(resource).breaches


def references(resource: Resource) -> list[dict[str, Any]]:
    """Every Reference object in a resource that keeps R4's structure; the very objects, not copies."""
    return survey(resource).references


def codings(resource: Resource) -> list[tuple[str | None, str]]:
    """(system, code) of every Coding in a resource that keeps R4's structure."""
    return survey(resource).codings


def _resource(value: Any, here: Trail | None, found: Survey) -> None:
    if type(value) is not dict:
        _breach(found, here, "json-type", "a resource is an object")
        return
    name = value.get("resourceType")
    shape = RESOURCE_SHAPES.get(name) if type(name) is str else None
    if shape is None:
        _breach(found, _at(here, "resourceType"), "resource-type", "one of the resource types of R4")
    else:
        _object(value, shape, here or _at(None, shape.name), found)


def _object(value: dict[str, Any], shape: Shape, here: Trail, found: Survey) -> None:  # noqa: C901, PLR0912
    """The hot path, in one piece for that: what is in order costs one look-up and one comparison or match."""
    fields = shape.fields
    chosen: dict[str, str] | None = None
    below = here[3] + 1
    if below > DEEPEST:
        _breach(found, here, "depth", f"at most {DEEPEST} objects within each other")
        return
    for name, item in value.items():
        entry = fields.get(name)
        if entry is None:
            _breach(found, _at(here, _shown(name)), "unknown-element", "R4 has no such element here")
            continue
        form, target, choice, of = entry
        if form == _TEXT:
            if type(item) is not str or not 0 < len(item) <= LONGEST_STRING:
                _explain(item, of, _at(here, name), found)
        elif form == _OBJECT:
            if type(item) is dict:
                _object(item, target, (here, name, None, below), found)
            else:
                _explain(item, of, _at(here, name), found)
        elif form == _PATTERN:
            if type(item) is not str or not target(item):
                _explain(item, of, _at(here, name), found)
        elif form == _OBJECTS:
            if type(item) is list and item:
                for index, each in enumerate(item):
                    if type(each) is dict:
                        _object(each, target, (here, name, index, below), found)
                    else:
                        _explain(each, of, _at(here, name, index), found)
            else:
                _not_array(item, _at(here, name), found)
        elif form == _TEST:
            if not target(item):
                _explain(item, of, _at(here, name), found)
        else:
            _seldom(item, entry, value, _at(here, name), found)
        if choice is not None:
            stem = name.removeprefix("_")
            if chosen is None:
                chosen = {choice: stem}
            elif chosen.setdefault(choice, stem) != stem:
                _breach(found, _at(here, choice), "choice", "one type only")
    for name in shape.required:
        if name not in value and f"_{name}" not in value:
            _breach(found, _at(here, name), "cardinality", "is required")
    for name in shape.required_choices:
        if chosen is None or name not in chosen:
            _breach(found, _at(here, name), "cardinality", "is required, in one of its types")
    if not value:
        _breach(found, here, "empty", "an object holds at least one element")
    elif shape.gathered:
        _gather(value, shape.gathered, here, found, has_value=chosen is not None)


def _gather(value: dict[str, Any], gathered: int, here: Trail, found: Survey, *, has_value: bool) -> None:
    if gathered == Gathered.REFERENCE:
        found.references.append(value)
        found.holders.append(here[1])
        if "display" in value:
            found.has_display = True
    elif gathered == Gathered.CODING:
        code = value.get("code")
        if type(code) is str:
            found.codings.append((value.get("system"), code))
    elif gathered == Gathered.NARRATIVE:
        found.has_narrative = True
    elif has_value == ("extension" in value):
        _breach(found, here, "extension", "either a value or extensions, and not both (ext-1)")


def _seldom(item: Any, entry: Field, holder: dict[str, Any], here: Trail, found: Survey) -> None:
    """What is too rare for the hot path: resources, ids and extensions of primitives, arrays of primitives."""
    if entry.form == Form.TYPE:
        return
    if entry.form == Form.RESOURCE:
        _resource(item, here, found)
    elif entry.form == Form.SIBLING:
        if type(item) is dict:
            _object(item, entry.target, here, found)
        else:
            _explain(item, entry.type, here, found)
    elif type(item) is not list or not item:
        _not_array(item, here, found)
    else:
        _seldom_arrays(item, entry, holder, here, found)


def _seldom_arrays(items: list[Any], entry: Field, holder: dict[str, Any], here: Trail, found: Survey) -> None:
    above, name, _, _ = here
    if entry.form == Form.RESOURCES:
        found.has_contained = True
    pair = holder.get(name[1:] if entry.form == Form.SIBLINGS else f"_{name}")
    for index, item in enumerate(items):
        if entry.form == Form.RESOURCES:
            _resource(item, _at(above, name, index), found)
        elif entry.form == Form.SIBLINGS and type(item) is dict:
            _object(item, entry.target, _at(above, name, index), found)
        elif entry.form == Form.PRIMITIVES and entry.target(item):
            continue
        elif item is not None or not _stands(pair, index):
            _explain(item, entry.type, _at(above, name, index), found)


def _stands(others: Any, index: int) -> bool:
    """In two paired arrays a null stands only where the other holds something."""
    return type(others) is list and index < len(others) and others[index] is not None


def _explain(item: Any, of: str, here: Trail, found: Survey) -> None:
    """Say which rule a value breaks that was not accepted."""
    if item is None:
        _breach(found, here, "null", "no null, but in an array paired with ids and extensions")
    elif type(item) is list:
        in_array = here[2] is not None
        _breach(found, here, "cardinality", "no array within an array" if in_array else "one value, not an array")
    elif of not in EXPECTED:
        _breach(found, here, "json-type", f"an object of type {of}")
    elif item == "":
        _breach(found, here, "empty", "no empty text; leave the element out")
    else:
        right = type(item) is (bool if of == "boolean" else int if of in _NUMBERS else str)
        _breach(found, here, "format" if right else "json-type", f"{of}: {EXPECTED[of]}")


def _not_array(item: Any, here: Trail, found: Survey) -> None:
    if item is None:
        _breach(found, here, "null", "no null; leave the element out")
    elif item == []:
        _breach(found, here, "empty", "no empty array; leave the element out")
    else:
        _breach(found, here, "cardinality", "an array, even of one value")


def _at(holder: Trail | None, name: str, index: int | None = None) -> Trail:
    return (holder, name, index, 0 if holder is None else holder[3] + 1)


def _breach(found: Survey, here: Trail | None, rule: str, expected: str) -> None:
    if len(found.breaches) == MOST_BREACHES:
        return
    steps: list[str] = []
    while here is not None:
        here, name, index, _ = here
        steps.append(name if index is None else f"{name}[{index}]")
    found.breaches.append(Breach(path=".".join(reversed(steps)), rule=rule, message=expected))


_looks_like_an_element = re.compile(r"_?[a-z][A-Za-z_]{0,39}").fullmatch


def _shown(name: str) -> str:
    """A name that does not look like an element's could be anything, and is not repeated."""
    return name if _looks_like_an_element(name) else "?"
