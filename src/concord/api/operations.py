"""What an operation is asked: the parameters of an address, or of a Parameters resource, as names and texts.

http://hl7.org/fhir/R4/operations.html#request
"""

import re
from collections.abc import Mapping

from starlette.requests import Request

from concord.api.negotiate import LARGEST_FORM, json_body
from concord.base import Incorrect
from concord.fhir import RESOURCE_TYPES, range_of, received
from concord.record import Wanted

_OF_LASTN = ("code", "category", "date", "status", "_lastUpdated")
_SIMPLE = ("valueString", "valueCode", "valueInstant", "valueDateTime", "valueDate", "valueInteger", "valueBoolean",
           "valueUri", "valueUrl", "valueId")  # fmt: skip
_OF_EVERYTHING = ("_since", "_type", "start", "end", "_count")


def parameters_of(body: bytes) -> list[tuple[str, str]]:
    """The simple parameters of a Parameters resource, in its order; none of an empty body. Raises Incorrect."""
    if not body.strip():
        return []
    resource = received(body)
    listed = resource.get("parameter", [])
    if resource.get("resourceType") != "Parameters" or not isinstance(listed, list):
        raise Incorrect("The body of an operation is a Parameters resource.")
    return [_pair(each, f"Parameters.parameter[{number}]") for number, each in enumerate(listed)]


def latest_of(pairs: list[tuple[str, str]]) -> tuple[str, list[tuple[str, str]], int]:
    """Whose Observations `$lastn` is asked for (a Patient's id), by which pairs of a search, how many of each kind.

    Raises Incorrect: one Patient is named by `patient` or `subject`, and what is not supported is refused.
    """
    whose = [value for name, value in pairs if name in ("patient", "subject", "subject:Patient")]
    numbers = [value for name, value in pairs if name == "max"]
    rest = [pair for pair in pairs if pair[0] not in ("patient", "subject", "subject:Patient", "max")]
    if any(name.partition(":")[0] not in _OF_LASTN for name, _ in rest):
        raise Incorrect(f"$lastn takes patient (or subject), max, {', '.join(_OF_LASTN)}, and no other parameter.")
    named = re.fullmatch(r"(?:Patient/)?([A-Za-z0-9.-]{1,64})", whose[0]) if len(whose) == 1 else None
    if named is None:
        raise Incorrect("$lastn is of one Patient: name it by patient or subject, by its id or as Patient/[id].")
    if len(numbers) > 1 or not all(re.fullmatch(r"[1-9][0-9]{0,2}", number) for number in numbers):
        raise Incorrect("max is a whole number from 1 to 999, given once.")
    return named[1], rest, int(numbers[0]) if numbers else 1


async def parameters_in(request: Request) -> list[tuple[str, str]]:
    """The parameters in the body of an operation that is posted; a body may be left out. Raises Refused, Incorrect."""
    empty = request.headers.get("content-length", "0") == "0" and "transfer-encoding" not in request.headers
    if request.method != "POST" or empty:
        return []
    return parameters_of(await json_body(request, largest=LARGEST_FORM))


def given_once(pairs: list[tuple[str, str]], operation: str) -> dict[str, str]:
    """The parameters by name; `_type`, which may repeat, as one list with commas. Raises Incorrect."""
    given: dict[str, str] = {}
    for name, value in pairs:
        if name == "_type" and name in given:
            given[name] += f",{value}"
        elif name in given:
            raise Incorrect(f"A parameter of {operation} is given twice.")
        else:
            given[name] = value
    return given


def wanted_of(given: Mapping[str, str]) -> Wanted:
    """What `$everything` is asked for. Raises Incorrect for a parameter that it does not have."""
    if any(name not in _OF_EVERYTHING for name in given):
        raise Incorrect(f"$everything takes {', '.join(_OF_EVERYTHING)}, and no other parameter.")
    return Wanted(
        types=types_of(given.get("_type")),
        since=_bound(given, "_since", 0),
        start=_bound(given, "start", 0),
        end=_bound(given, "end", 1),
    )


def types_of(text: str | None) -> frozenset[str] | None:
    """The resource types of a list with commas; None when none was given. Raises Incorrect."""
    if text is None:
        return None
    types = frozenset(part.strip() for part in text.split(","))
    if not types <= RESOURCE_TYPES:
        raise Incorrect("_type lists resource types of R4, with commas between them.")
    return types


def instant_of(text: str, name: str) -> int:
    """The first microsecond since 1970 UTC that a date or instant covers. Raises Incorrect, naming the parameter."""
    return span_of(text, name)[0]


def _bound(given: Mapping[str, str], name: str, side: int) -> int | None:
    return span_of(given[name], name)[side] if name in given else None


def span_of(text: str, name: str) -> tuple[int, int]:
    """What a date or instant covers, [low, high) in microseconds since 1970. Raises Incorrect, naming the parameter."""
    try:
        return range_of(text)
    except ValueError:
        raise Incorrect(
            f"{name} is a date that exists, or an instant with its offset: 2026-11-22T03:12:00Z (a + written %2B)."
        ) from None


def _pair(parameter: object, at: str) -> tuple[str, str]:
    if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
        raise Incorrect(f"{at}: a parameter has a name.")
    values = [parameter[kind] for kind in _SIMPLE if kind in parameter]
    if isinstance(reference := parameter.get("valueReference"), dict):
        values.append(reference.get("reference"))
    if len(values) != 1 or not isinstance(values[0], str | int):
        raise Incorrect(f"{at}: a parameter of this operation has one simple value.")
    value = values[0]
    return parameter["name"], str(value).lower() if isinstance(value, bool) else str(value)
