"""A resource in part: `_summary` and `_elements` (http://hl7.org/fhir/R4/search.html#summary), marked as such."""

from collections.abc import Collection
from typing import Any

from concord.fhir.definitions import Form, Shape, resource_shape, summary
from concord.fhir.query import Summary
from concord.fhir.wire import Resource

_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
# Whoever asks for less is still told whose rules an item is under, and what changes its meaning.
_ALWAYS = {"resourceType", "id", "meta", "implicitRules", "modifierExtension"}
_OBJECTS = (Form.OBJECT, Form.OBJECTS)
_UNKNOWN = (int(Form.TYPE), None, None, "")


def is_subset(resource: Resource) -> bool:
    """Whether a resource, however odd, says of itself that it is a part of one: to write it would lose the rest."""
    meta = resource.get("meta")
    tags = meta.get("tag") if isinstance(meta, dict) else None
    return isinstance(tags, list) and any(isinstance(tag, dict) and tag.get("code") == "SUBSETTED" for tag in tags)


def subset(resource: Resource, part: Summary | None, elements: Collection[str] = ()) -> Resource:
    """The part of a resource that was asked for, with `meta` whole and the SUBSETTED tag in it."""
    shape = _shape(resource)
    if part == "true":
        kept = _summarised(resource, shape)
    elif part == "data":
        kept = {name: value for name, value in resource.items() if name != "text"}
    elif part == "text":
        kept = _only(resource, shape, {"text"})
    elif elements:
        kept = _only(resource, shape, elements)
    else:
        return resource
    meta = dict(resource.get("meta", ()))
    return kept | {"meta": meta | {"tag": [*meta.get("tag", ()), _SUBSETTED]}}


def _shape(resource: Resource) -> Shape:
    shape = resource_shape(resource["resourceType"])
    assert shape is not None, "what is kept is of a type of R4"
    return shape


def _only(resource: Resource, shape: Shape, wanted: Collection[str]) -> Resource:
    """The elements wanted, where a value[x] may be named without its type, and those that are required."""
    names = {*wanted, *(f"{name}[x]" for name in wanted), *shape.required, *shape.required_choices, *_ALWAYS}
    return {name: value for name, value in resource.items() if _element(name, shape) & names}


def _element(name: str, shape: Shape) -> set[str]:
    """What a member of an object is called: `_birthDate` is of birthDate, valueString of value[x] too."""
    _, _, choice, _ = shape.fields.get(name, _UNKNOWN)
    stem = name.removeprefix("_")
    return {stem, choice} if choice else {stem}


def _summarised(value: dict[str, Any], shape: Shape) -> dict[str, Any]:
    """What is marked isSummary, and what is required, all the way down."""
    known = summary().get(shape.name, frozenset())
    names = {*known, *shape.required, *shape.required_choices, *_ALWAYS}
    kept: dict[str, Any] = {}
    for name, item in value.items():
        if name != "resourceType" and not _element(name, shape) & names:
            continue
        form, target, _, _ = shape.fields.get(name, _UNKNOWN)
        if form not in _OBJECTS or name == "meta":
            kept[name] = item
            continue
        parts = [_summarised(each, target) for each in (item if type(item) is list else [item])]
        parts = [part for part in parts if part]
        if parts:
            kept[name] = parts if type(item) is list else parts[0]
    return kept
