"""Whether a resource meets a criterion, by the resource alone: the reference that every index must agree with."""

from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from math import asin, cos, radians, sin, sqrt
from typing import Any

from concord.fhir.codes_and_words import said, texts, tokens, words, words_of
from concord.fhir.criteria import Criterion, Modifier, Prefix, Value
from concord.fhir.folding import fold, soundex
from concord.fhir.parameters import SearchParameter, parameter_of
from concord.fhir.paths import Path, compiled, literal_in, reach
from concord.fhir.quantities import bounds_of
from concord.fhir.times import Range, range_of_value
from concord.fhir.wire import Resource

_EARTH_KILOMETRES = 6371.0


def matches(resource: Resource, criterion: Criterion, last_updated: int | None = None) -> bool:
    """Whether the resource meets the criterion. `last_updated`, for `_lastUpdated`, in microseconds since the epoch.

    A chain and `_has` speak of other resources, which only the record can open: raises ValueError for them
    (`is_of_others`).
    """
    if is_of_others(criterion):
        raise ValueError("a criterion about other resources")
    if criterion.name == "_lastUpdated" and criterion.missing is None:
        return last_updated is not None and any(
            _compares((last_updated, last_updated + 1), value) for value in criterion.values
        )
    parameter = parameter_of(resource.get("resourceType", ""), criterion.name)
    if parameter is None:
        return False
    if criterion.missing is not None:
        return criterion.missing is not _stands(resource, parameter)
    if criterion.kind == "text":
        found = words(resource, narrative=criterion.name == "_text")
        return any(_has_words(found, value) for value in criterion.values)
    met = _met(resource, resource, parameter, criterion)
    return met is not (criterion.modifier == "not")


def is_of_others(criterion: Criterion) -> bool:
    """Whether it is met or not by what other resources say."""
    return criterion.modifier == "chain" or criterion.kind == "has"


def values_at(resource: Resource, parameter: SearchParameter) -> Iterator[tuple[Any, str]]:
    """What a parameter reaches in a resource: values, each with its FHIR type."""
    for path in _paths(parameter):
        for value in reach(resource, path):
            yield value, path.type


def _stands(resource: Resource, parameter: SearchParameter) -> bool:
    return parameter.whether or any(True for _ in values_at(resource, parameter))


def _met(root: Resource, base: Any, parameter: SearchParameter, criterion: Criterion) -> bool:
    if parameter.whether:
        found = any(value is not False for value, _ in values_at(base, parameter))
        return any(value.code == ("true" if found else "false") for value in criterion.values)
    for path in _paths(parameter):
        for found in reach(root if path.rooted else base, path):
            if parameter.type == "composite":
                if any(_meets_parts(root, found, parameter, value) for value in criterion.values):
                    return True
            elif any(_meets(found, path.type, parameter, criterion, value) for value in criterion.values):
                return True
    return False


def _meets_parts(root: Resource, base: Any, parameter: SearchParameter, wanted: Value) -> bool:
    return all(
        _met(root, base, component, Criterion(name="", kind=component.type, values=(part,)))
        for component, part in zip(parameter.components, wanted.parts, strict=True)
    )


def _meets(found: Any, of: str, parameter: SearchParameter, criterion: Criterion, wanted: Value) -> bool:
    """Whether one value, of a FHIR type, is one that is wanted."""
    match parameter.type:
        case "token":
            return _meets_token(found, of, criterion.modifier, wanted)
        case "string":
            sounding = criterion.name == "phonetic"
            return any(_meets_string(text, criterion.modifier, wanted, sounding=sounding) for text in texts(found, of))
        case "reference":
            return _meets_reference(found, criterion.modifier, wanted)
        case "date":
            covered = range_of_value(found, of)
            return covered is not None and _compares(covered, wanted)
        case "number" | "quantity":
            return _meets_quantity(found, wanted)
        case "uri":
            return type(found) is str and _meets_uri(found, of, criterion.modifier, wanted.text)
        case "special":
            return wanted.near is not None and _lies_near(found, wanted.near)
        case _:
            return False


@cache
def _paths(parameter: SearchParameter) -> tuple[Path, ...]:
    return tuple(compiled(path) for path in parameter.paths)


# -- tokens ------------------------------------------------------------------------------------------------------------


def _meets_token(found: Any, of: str, modifier: Modifier | None, wanted: Value) -> bool:
    if modifier == "text":
        return any(fold(text).startswith(wanted.folded) for text in said(found, of))
    if modifier == "of-type":
        return (
            of == "Identifier"
            and found.get("value") == wanted.value
            and any(token == (wanted.system, wanted.code) for token in tokens(found.get("type"), "CodeableConcept"))
        )
    return any(_is_token(token, wanted) for token in tokens(found, of))


def _is_token(token: tuple[str, str], wanted: Value) -> bool:
    return wanted.code in (None, token[1]) and wanted.system in (None, token[0])


# -- strings -----------------------------------------------------------------------------------------------------------


def _meets_string(text: str, modifier: Modifier | None, wanted: Value, *, sounding: bool) -> bool:
    if sounding:
        return any(soundex(word) == wanted.folded for word in fold(text).split())
    if modifier == "exact":
        return text == wanted.text
    folded = fold(text)
    return wanted.folded in folded if modifier == "contains" else folded.startswith(wanted.folded)


def _has_words(found: list[str], wanted: Value) -> bool:
    sought = words_of(wanted.folded)
    return bool(sought) and all(any(word.startswith(each) for word in found) for each in sought)


# -- references, URIs, dates, places -----------------------------------------------------------------------------------


def _meets_reference(found: Any, modifier: Modifier | None, wanted: Value) -> bool:
    if modifier == "identifier":
        identifier = found.get("identifier") if type(found) is dict else None
        return any(_is_token(token, wanted) for token in tokens(identifier, "Identifier"))
    named = literal_in(found)
    if named is None:
        return False
    if wanted.url is not None:
        return named.url == wanted.url or ("|" not in wanted.url and named.url.partition("|")[0] == wanted.url)
    return not named.base and named.id == wanted.id and wanted.type in (None, named.type)


def _meets_uri(found: str, of: str, modifier: Modifier | None, wanted: str) -> bool:
    if modifier == "below":
        return found.startswith(wanted)
    if modifier == "above":
        return wanted.startswith(found)
    return found == wanted or (of == "canonical" and "|" not in wanted and found.partition("|")[0] == wanted)


def _compares(found: Range, wanted: Value) -> bool:
    """http://hl7.org/fhir/R4/search.html#prefix, on the ranges that the dates cover."""
    low, high = found
    contained = wanted.low <= low and high <= wanted.high
    match wanted.prefix:
        case "eq":
            return contained
        case "ne":
            return not contained
        case "gt":
            return high > wanted.high
        case "lt":
            return low < wanted.low
        case "ge":
            return high > wanted.high or contained
        case "le":
            return low < wanted.low or contained
        case "sa":
            return low >= wanted.high
        case "eb":
            return high <= wanted.low
        case "ap":  # R4 leaves it to the server: here, as much again on either side as the date itself covers
            around = wanted.high - wanted.low
            return low < wanted.high + around and high > wanted.low - around


def _meets_quantity(found: Any, wanted: Value) -> bool:
    bounds = bounds_of(found, wanted.system, wanted.code)
    return bounds is not None and _measures(bounds, wanted.prefix, wanted)


def _measures(bounds: tuple[Decimal, Decimal], prefix: Prefix, wanted: Value) -> bool:
    """The same on numbers. With a prefix other than eq, ne and ap the digits given imply no range
    (http://hl7.org/fhir/R4/search.html#number)."""
    low, high = bounds
    number = wanted.number
    contained = wanted.least <= low and (high < wanted.most or low == high == wanted.least)
    match prefix:
        case "eq":
            return contained
        case "ne":
            return not contained
        case "gt":
            return high > number
        case "lt":
            return low < number
        case "ge":
            return high >= number
        case "le":
            return low <= number
        case "sa":
            return low > number
        case "eb":
            return high < number
        case "ap":
            return low <= wanted.most and high >= wanted.least


def _lies_near(position: Any, near: tuple[float, float, float]) -> bool:
    """By the great circle; a position is decimal degrees."""
    try:
        latitude, longitude = float(position["latitude"]), float(position["longitude"])
    except (KeyError, TypeError, ValueError):
        return False
    to_latitude, to_longitude, kilometres = near
    across, along = radians(to_latitude - latitude) / 2, radians(to_longitude - longitude) / 2
    chord = sin(across) ** 2 + cos(radians(latitude)) * cos(radians(to_latitude)) * sin(along) ** 2
    return 2 * _EARTH_KILOMETRES * asin(sqrt(min(1.0, chord))) <= kilometres
