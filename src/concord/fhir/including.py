"""Which references of a resource `_include`, `_revinclude`, chains and `_has` follow."""

from functools import cache

from concord.fhir.matching import values_at
from concord.fhir.parameters import TABLE, reference_parameters
from concord.fhir.paths import literal_in
from concord.fhir.query import Include
from concord.fhir.wire import Resource


def referred(resource: Resource, parameter: str, target: str | None = None) -> list[str]:
    """What the resource refers to by a parameter (empty: by any), as "Type/id" each once; of one type, if named."""
    of = resource.get("resourceType", "")
    found: dict[str, None] = {}
    known = reference_parameters(of)
    for each in [known[parameter]] if parameter in known else known.values() if not parameter else ():
        for value, _ in values_at(resource, each):
            named = literal_in(value)
            if named is not None and not named.base and named.type and target in (None, named.type):
                found[named.url] = None
    return list(found)


def reference_targets(resource: Resource, parameter: str) -> list[str | Resource]:
    """The same for a chain, with the resources that stand there themselves instead of a reference."""
    each = reference_parameters(resource.get("resourceType", "")).get(parameter)
    inline = [] if each is None else [value for value, of in values_at(resource, each) if of == "Resource"]
    return [*(value for value in inline if type(value) is dict and "resourceType" in value)] or [
        *referred(resource, parameter)
    ]


def included(resource: Resource, include: Include) -> list[str]:
    """The literal references (`Type/id`) of a resource that an `_include` asks to bring; [] for another type's."""
    if include.type not in ("", resource.get("resourceType")):
        return []
    return referred(resource, include.parameter, include.target)


@cache
def in_compartment(compartment: str, of: str) -> tuple[str, ...]:
    """The parameters by which items of a type are in a compartment; none if they are in no such."""
    return TABLE.compartments[compartment].get(of, ())


@cache
def may_refer_to(of: str) -> frozenset[str]:
    """The types whose parameters may refer to items of a type: where a `_revinclude` of any type looks."""
    return frozenset(
        name
        for name in TABLE.parameters
        if any(of in each.targets or "*" in each.targets for each in reference_parameters(name).values())
    )
