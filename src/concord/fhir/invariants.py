"""R4's invariants: what must be true of an element beyond its structure (http://hl7.org/fhir/R4/conformance-rules.html).

Compiled from HL7's definitions into invariants.json, evaluated as FHIRPath. What cannot be evaluated is told as such.
"""

from collections.abc import Iterator
from functools import cache
from importlib import resources
from typing import Literal

import msgspec

from concord.fhir.fhirpath import NotEvaluated, holds
from concord.fhir.outcomes import Issue
from concord.fhir.walking import elements_of
from concord.fhir.wire import Resource

MOST_EVALUATED = 20_000  # a bound on what a large resource costs: some seconds

# The same said so that the engine can evaluate it: it has no as() of several, no `Boolean` for `boolean`, no order
# among quantities.
_SAID_OTHERWISE = {
    "dom-3": (
        "contained.where(('#' + id in (%resource.descendants().reference | %resource.descendants().ofType(canonical)"
        " | %resource.descendants().ofType(uri) | %resource.descendants().ofType(url))).not()"
        " and descendants().where($this = '#').empty()).empty()"
    ),
    "que-7": "operator = 'exists' implies answer.ofType(boolean).exists()",
    "ras-2": "probability.ofType(decimal).empty() or probability.ofType(decimal) <= 100",
    "rng-2": "low.value.empty() or high.value.empty() or low.code != high.code or low.value <= high.value",
}


class Invariant(msgspec.Struct, frozen=True, array_like=True):
    severity: Literal["error", "warning"]
    human: str
    expression: str


class Invariants(msgspec.Struct, frozen=True):
    invariants: dict[str, Invariant]
    where: dict[str, tuple[str, ...]]


@cache
def invariants() -> Invariants:
    data = resources.files("concord.fhir").joinpath("invariants.json").read_bytes()
    return msgspec.json.decode(data, type=Invariants)


def broken_invariants(resource: Resource) -> Iterator[Issue]:
    """The invariants that a resource breaks, and, as information, those that were not evaluated. Structure first."""
    table = invariants()
    unknown: dict[str, Issue] = {}
    evaluated = 0
    for element in elements_of(resource):
        if element.value is None:
            continue
        for key in dict.fromkeys((*table.where.get(element.path, ()), *table.where.get(element.of, ()))):
            invariant = table.invariants[key]
            evaluated += 1
            if evaluated > MOST_EVALUATED:
                yield not_evaluated(element.at, "invariants", "the resource is too large to check all of them")
                return
            try:
                if not holds(_SAID_OTHERWISE.get(key, invariant.expression), element, resource):
                    yield Issue(severity=invariant.severity, path=element.at, rule=_key(key), message=invariant.human)
            except NotEvaluated:
                unknown.setdefault(key, not_evaluated(element.at, _key(key), invariant.human))
    yield from unknown.values()


def not_evaluated(at: str, rule: str, about: str) -> Issue:
    return Issue(severity="information", path=at, rule=rule, message=f"not evaluated: {about}")


def _key(name: str) -> str:
    return name.partition(" of ")[0]
