"""Where a resource stands in an order that a search asks for."""

import struct
from decimal import Decimal
from typing import Any

from concord.fhir.codes_and_words import texts, tokens
from concord.fhir.folding import fold
from concord.fhir.matching import values_at
from concord.fhir.parameters import parameter_of
from concord.fhir.paths import literal_in
from concord.fhir.quantities import bounds_of
from concord.fhir.query import Sort
from concord.fhir.times import range_of_value
from concord.fhir.wire import Resource

_LONGEST = 100  # characters that count in an order; what is alike so far stands in the order of ids
Place = tuple[int | str, ...]


def place_of(resource: Resource, sort: Sort) -> Place:
    """Keys that compare as asked: by the least value, or the greatest of a descending order; without one, last."""
    parameter = parameter_of(resource.get("resourceType", ""), sort.by)
    found = [] if parameter is None else [
        each for value, of in values_at(resource, parameter) for each in _keys(value, of, parameter.type)
    ]  # fmt: skip
    if not found:
        return (1, 0)
    best = max(found) if sort.descending else min(found)  # all of one kind
    return 0, descending(best) if sort.descending else best


def descending(key: int | str) -> int | str:
    """A key that compares the other way round."""
    if isinstance(key, int):
        return -key
    return "".join(chr(255 - byte) for byte in key.encode()) + chr(256)  # the end comes after all that goes on


def _keys(value: Any, of: str, kind: str) -> list[int | str]:
    match kind:
        case "date":
            covered = range_of_value(value, of)
            return [] if covered is None else [covered[0]]
        case "number" | "quantity":
            bounds = bounds_of(value)
            return [] if bounds is None else [_ordered(bounds[0])]
        case "token":
            return [f"{code}|{system}"[:_LONGEST] for system, code in tokens(value, of)]
        case "string":
            return [fold(text)[:_LONGEST] for text in texts(value, of)]
        case "reference":
            named = literal_in(value)
            return [] if named is None else [named.url[:_LONGEST]]
        case _:
            return [value[:_LONGEST]] if type(value) is str else []


def _ordered(number: Decimal) -> int:
    """A whole number of 64 bits in the same order, to the 15 digits of a double."""
    bits: int = struct.unpack(">q", struct.pack(">d", float(number)))[0]
    return bits if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF)
