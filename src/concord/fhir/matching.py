"""Whether a resource meets a criterion, and the index rows that find it: two readings of the same values.

`matches` is the reference: whatever an index finds must agree with it.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

from concord.fhir.definitions import DEFINITIONS
from concord.fhir.paths import Literal, Path, compiled, literal, reach
from concord.fhir.query import Criterion, Include, Value, fold
from concord.fhir.times import Range, day_of, range_of_value
from concord.fhir.wire import Resource

# The parameters that are searched across persons, and so have index rows.
INDEXED = ("identifier", "family", "given", "name", "birthdate", "code", "category", "status", "gender")

_PARTS = {
    "HumanName": ("text", "family", "given"),
    "Address": ("text", "line", "city", "district", "state", "postalCode", "country"),
}


def matches(resource: Resource, criterion: Criterion, last_updated: int | None = None) -> bool:
    """Whether the resource meets the criterion. `last_updated`, for `_lastUpdated`, in microseconds since the epoch."""
    if criterion.name == "_lastUpdated":
        return last_updated is not None and _meets_date((last_updated, last_updated + 1), criterion)
    paths = _paths(resource.get("resourceType", ""), criterion.name)
    if criterion.missing is not None:
        return criterion.missing is not any(reach(resource, path) for path in paths)
    if criterion.kind == "token":
        met = any(_meets_token(token, criterion) for path in paths for token in _tokens(resource, path))
        return met is not (criterion.modifier == "not")
    if criterion.kind == "string":
        return any(_meets_string(text, criterion) for path in paths for text in _texts(resource, path))
    if criterion.kind == "reference":
        return any(_meets_reference(value, criterion) for path in paths for value in reach(resource, path))
    ranges = (range_of_value(value, path.type) for path in paths for value in reach(resource, path))
    return any(_meets_date(found, criterion) for found in ranges if found is not None)


def index_values(resource: Resource) -> list[tuple[str, str]]:
    """The index rows of a resource, (parameter, value), for INDEXED; none twice.

    A token gives `system|code` (when it has a system) and `|code`, which stands for that code in any system; a
    string its folded text; a birth date the date as written.
    """
    rows: dict[tuple[str, str], None] = {}
    for name, kind, paths in _indexed(resource.get("resourceType", "")):
        for path in paths:
            if kind == "token":
                for system, code in _tokens(resource, path):
                    if system:
                        rows[name, f"{system}|{code}"] = None
                    rows[name, f"|{code}"] = None
            elif kind == "string":
                for text in _texts(resource, path):
                    rows[name, fold(text)] = None
            else:
                for value in reach(resource, path):
                    rows[name, value] = None
    return list(rows)


def index_keys(criterion: Criterion) -> tuple[str, ...] | None:
    """The index values under which all that meets the criterion stands; None when the index cannot tell.

    What stands under them may still fail the criterion (a code of no system, an exact spelling): `matches` decides.
    """
    if criterion.name not in INDEXED or criterion.modifier in ("not", "missing", "contains"):
        return None
    keys = []
    for value in criterion.values:
        if criterion.kind == "token" and value.code is not None:
            keys.append(f"{value.system or ''}|{value.code}")
        elif criterion.modifier == "exact":
            keys.append(fold(value.text))
        elif criterion.kind == "date" and value.prefix == "eq" and (day := day_of((value.low, value.high))):
            keys.append(day)
        else:
            return None
    return tuple(keys)


def included(resource: Resource, include: Include) -> list[str]:
    """The literal references (`Type/id`) of a resource that an `_include` asks to bring; [] for another type's."""
    if resource.get("resourceType") != include.type:
        return []
    found: dict[str, None] = {}
    for path in _paths(include.type, include.parameter):
        for value in reach(resource, path):
            named = _literal_in(value)
            if named is not None and not named.base and named.type and include.target in (None, named.type):
                found[named.url] = None
    return list(found)


@cache
def _paths(of: str, name: str) -> tuple[Path, ...]:
    if name == "_id":
        return (compiled("id:id"),)
    parameter = DEFINITIONS.search.get(of, {}).get(name)
    return tuple(compiled(path) for path in parameter.paths) if parameter else ()


@cache
def _indexed(of: str) -> tuple[tuple[str, str, tuple[Path, ...]], ...]:
    known = DEFINITIONS.search.get(of, {})
    return tuple((name, known[name].type, _paths(of, name)) for name in INDEXED if name in known)


def _tokens(resource: Resource, path: Path) -> Iterator[tuple[str, str]]:
    """(system, code) of the values there; the system is empty where none is said."""
    for value in reach(resource, path):
        if type(value) is bool:
            yield "", "true" if value else "false"
        elif type(value) is str:
            yield "", value
        elif type(value) is dict:
            code_key = "value" if path.type in ("Identifier", "ContactPoint") else "code"
            for each in value.get("coding", ()) if path.type == "CodeableConcept" else (value,):
                code = each.get(code_key)
                if code is not None:
                    yield "" if path.type == "ContactPoint" else each.get("system", ""), code


def _meets_token(token: tuple[str, str], criterion: Criterion) -> bool:
    system, code = token
    return any(value.code in (None, code) and value.system in (None, system) for value in criterion.values)


def _texts(resource: Resource, path: Path) -> Iterator[str]:
    parts = _PARTS.get(path.type)
    for value in reach(resource, path):
        if parts is None:
            yield value
        else:
            for part in parts:
                found = value.get(part, ())
                yield from (found,) if type(found) is str else (each for each in found if each is not None)


def _meets_string(text: str, criterion: Criterion) -> bool:
    if criterion.modifier == "exact":
        return any(text == value.text for value in criterion.values)
    folded = fold(text)
    if criterion.modifier == "contains":
        return any(fold(value.text) in folded for value in criterion.values)
    return any(folded.startswith(fold(value.text)) for value in criterion.values)


def _literal_in(value: Any) -> Literal | None:
    """What a Reference, a canonical or a uri names."""
    text = value.get("reference") if type(value) is dict else value
    return literal(text) if type(text) is str else None


def _meets_reference(value: Any, criterion: Criterion) -> bool:
    named = _literal_in(value)
    if named is None:
        return False
    for wanted in criterion.values:
        if wanted.url is not None:
            if named.url == wanted.url:
                return True
        elif not named.base and named.id == wanted.id and wanted.type in (None, named.type):
            return True
    return False


def _meets_date(found: Range, criterion: Criterion) -> bool:
    return any(_compares(found, value) for value in criterion.values)


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
