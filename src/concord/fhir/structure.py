"""One pass over a resource: does it keep R4's structure, and what does it refer to, code and tell.

Checked, by http://hl7.org/fhir/R4/json.html and the StructureDefinitions: resource type, unknown elements,
cardinality, JSON types, formats of primitives and days that exist, one type of each value[x], nothing empty, null
only where an array is paired with ids and extensions, an extension's value or extensions, codes of required bindings,
types that references name, `#id` of what is contained, narratives that only format. Contained and bundled resources
are checked each by its own type. Not checked here: what `urn:uuid:` and plain URLs point to, invariants, profiles.
"""

import re
from typing import Any

from concord.fhir.definitions import DEFINITIONS, Field, Form, Gathered, Shape, codes_of, resource_shape
from concord.fhir.findings import Breach, Survey, Trail, at, breach, shown
from concord.fhir.narrative import narrative_fault
from concord.fhir.primitives import ADDRESSES, EXPECTED, LONGEST_STRING, PATTERNS, TEXTS, is_text
from concord.fhir.targets import check_local, check_target
from concord.fhir.wire import Resource

MOST_LISTED = 12  # codes told of a value set
DEEPEST = 100  # objects within objects; the deepest of HL7's examples has 12

# The loop below compares these for every member of every resource: plain integers.
_TEXT, _PATTERN, _TEST = int(Form.TEXT), int(Form.PATTERN), int(Form.TEST)
_OBJECT, _OBJECTS = int(Form.OBJECT), int(Form.OBJECTS)
_REFERENCE, _CODING, _EXTENSION = int(Gathered.REFERENCE), int(Gathered.CODING), int(Gathered.EXTENSION)
_SIBLING = int(Gathered.SIBLING)
_code = re.compile(PATTERNS["code"]).fullmatch
_NUMBERS = ("decimal", "integer", "positiveInt", "unsignedInt")


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


def _resource(value: Any, here: Trail | None, found: Survey, *, contained: bool = False) -> None:
    if type(value) is not dict:
        breach(found, here, "json-type", "a resource is an object")
        return
    name = value.get("resourceType")
    shape = resource_shape(name) if type(name) is str else None
    if shape is None:
        breach(found, at(here, "resourceType"), "resource-type", "one of the resource types of R4")
        return
    place = here or at(None, shape.name)
    if contained:
        if "contained" in value:
            breach(found, at(place, "contained"), "contained", "nothing contained in what is contained (dom-2)")
        else:
            _object(value, shape, place, found)
        return
    outer, found.local = found.local, []
    _object(value, shape, place, found)
    if found.local or "contained" in value:
        check_local(value, place, found)
    found.local = outer


def _object(value: dict[str, Any], shape: Shape, here: Trail, found: Survey) -> None:  # noqa: C901, PLR0912, PLR0915 - the hot path: calls would cost more than what they do
    """The hot path, in one piece for that: what is in order costs one look-up and one comparison or match."""
    fields = shape.fields
    chosen: dict[str, str] | None = None
    below = here[3] + 1
    texts = found.texts
    if below > DEEPEST:
        breach(found, here, "depth", f"at most {DEEPEST} objects within each other")
        return
    for name, item in value.items():
        try:
            form, target, choice, of = fields[name]
        except KeyError:
            breach(found, at(here, shown(name)), "unknown-element", "R4 has no such element here")
            continue
        if form == _TEXT:
            if type(item) is str and ((0 < len(item) <= LONGEST_STRING and item.isprintable()) or is_text(item)):
                texts.append(item)
            else:
                _explain(item, of, at(here, name), found)
        elif form == _OBJECT:
            if type(item) is dict:
                _object(item, target, (here, name, None, below), found)
            else:
                _explain(item, of, at(here, name), found)
        elif form == _PATTERN:
            if type(item) is not str or not target(item):
                _explain(item, of, at(here, name), found)
            elif of in ADDRESSES and item[:4] == "urn:":
                found.urns.append((value, name))
        elif form == _OBJECTS:
            if type(item) is list and item:
                for index, each in enumerate(item):
                    if type(each) is dict:
                        _object(each, target, (here, name, index, below), found)
                    else:
                        _explain(each, of, at(here, name, index), found)
            else:
                _not_array(item, at(here, name), found)
        elif form == _TEST:
            if not target(item):
                _explain(item, of, at(here, name), found)
        else:
            _seldom(item, fields[name], value, at(here, name), found)
        if choice is not None:
            stem = name.removeprefix("_")
            if chosen is None:
                chosen = {choice: stem}
            elif chosen.setdefault(choice, stem) != stem:
                breach(found, at(here, choice), "choice", "one type only")
    for name in shape.required:
        if name not in value and f"_{name}" not in value:
            breach(found, at(here, name), "cardinality", "is required")
    for name in shape.required_choices:
        if chosen is None or name not in chosen:
            breach(found, at(here, name), "cardinality", "is required, in one of its types")
    if len(value) < 2 and (not value or "id" in value) and shape.gathered != _SIBLING:
        breach(found, here, "empty", "an object holds at least one element beside its id (ele-1)")
    elif shape.gathered:
        _gather(value, shape, here, found, has_value=chosen is not None)


def _gather(value: dict[str, Any], shape: Shape, here: Trail, found: Survey, *, has_value: bool) -> None:
    gathered = shape.gathered
    if gathered == _REFERENCE:
        found.references.append(value)
        found.holders.append(here[1])
        text = value.get("reference", "")
        if "type" in value or type(text) is not str or text.partition("/")[0] not in shape.allowed:
            check_target(value, shape.allowed, here, found)
    elif gathered == _CODING:
        code = value.get("code")
        if type(code) is str:
            found.codings.append((value.get("system"), code))
    elif gathered == Gathered.NARRATIVE:
        found.has_narrative = True
        found.pages.append(value)
    elif gathered == Gathered.ATTACHMENT:
        if "data" in value and str(value.get("contentType")).lower().startswith("text/"):
            found.pages.append(value)
    elif gathered == Gathered.CONCEPT:
        codings = value.get("coding")
        if not any(_is_among(each, shape.allowed) for each in (codings if type(codings) is list else ())):
            breach(found, here, "binding", f"a coding of the value set {shape.value_set}{_listed(shape.value_set)}")
    elif gathered == _EXTENSION and has_value == ("extension" in value):
        breach(found, here, "extension", "either a value or extensions, and not both (ext-1)")


def _is_among(coding: Any, allowed: frozenset[tuple[str, str]]) -> bool:
    if type(coding) is not dict:
        return False
    system, code = coding.get("system"), coding.get("code")
    return type(system) is str and type(code) is str and (system, code) in allowed


def _listed(value_set: str) -> str:
    """The codes, where they are few enough to be read."""
    codes = sorted(codes_of(value_set))
    return f": {', '.join(codes)}" if len(codes) <= MOST_LISTED else ""


def _seldom(item: Any, entry: Field, holder: dict[str, Any], here: Trail, found: Survey) -> None:
    """What is too rare for the hot path: resources, ids and extensions of primitives, arrays of primitives."""
    form, target, _, of = entry
    if form == Form.TYPE:
        return
    if form == Form.RESOURCE:
        _resource(item, here, found)
    elif form == Form.SIBLING:
        if type(item) is not dict:
            _explain(item, of, here, found)
        else:
            _object(item, target, here, found)
            if "extension" not in item and here[1][1:] not in holder:
                breach(found, here, "empty", "a value, or an extension in its place (ele-1)")
    elif type(item) is not list or not item:
        _not_array(item, here, found)
    else:
        _seldom_arrays(item, entry, holder, here, found)


def _seldom_arrays(items: list[Any], entry: Field, holder: dict[str, Any], here: Trail, found: Survey) -> None:
    above, name, _, _ = here
    form, target, _, of = entry
    if form == Form.RESOURCES:
        found.has_contained = True
    pair = holder.get(name[1:] if form == Form.SIBLINGS else f"_{name}")
    for index, item in enumerate(items):
        if form == Form.RESOURCES:
            _resource(item, at(above, name, index), found, contained=True)
        elif form == Form.SIBLINGS and type(item) is dict:
            _object(item, target, at(above, name, index), found)
        elif form == Form.PRIMITIVES and target(item):
            if of in TEXTS:
                found.texts.append(item)
            elif of in ADDRESSES and item.startswith("urn:"):
                found.urns.append((items, index))
        elif item is not None or not _stands(pair, index):
            _explain(item, of, at(above, name, index), found)


def _stands(others: Any, index: int) -> bool:
    """In two paired arrays a null stands only where the other holds something."""
    return type(others) is list and index < len(others) and others[index] is not None


def _explain(item: Any, of: str, here: Trail, found: Survey) -> None:
    """Say which rule a value breaks that was not accepted."""
    if item is None:
        breach(found, here, "null", "no null, but in an array paired with ids and extensions")
    elif type(item) is list:
        in_array = here[2] is not None
        breach(found, here, "cardinality", "no array within an array" if in_array else "one value, not an array")
    elif item == "":
        breach(found, here, "empty", "no empty text; leave the element out")
    elif of in DEFINITIONS.value_sets:
        if type(item) is str and _code(item):
            breach(found, here, "binding", f"a code of the value set {of}{_listed(of)}")
        else:
            _explain(item, "code", here, found)
    elif of not in EXPECTED:
        breach(found, here, "json-type", f"an object of type {of}")
    elif of == "xhtml" and type(item) is str:
        breach(found, here, "narrative", f"xhtml: {narrative_fault(item)}")
    else:
        right = type(item) is (bool if of == "boolean" else int if of in _NUMBERS else str)
        breach(found, here, "format" if right else "json-type", f"{of}: {EXPECTED[of]}")


def _not_array(item: Any, here: Trail, found: Survey) -> None:
    if item is None:
        breach(found, here, "null", "no null; leave the element out")
    elif item == []:
        breach(found, here, "empty", "no empty array; leave the element out")
    else:
        breach(found, here, "cardinality", "an array, even of one value")
