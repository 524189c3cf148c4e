"""What a resource says of itself, whatever its type: whose it is, when it was, whether it still stands."""

from typing import Any, Literal

from concord.fhir.parameters import TABLE
from concord.fhir.paths import Path, compiled, literal, reach
from concord.fhir.times import Range, hull, range_of_value
from concord.fhir.wire import Resource

Lifecycle = Literal["current", "entered-in-error", "cancelled"]

# For each type of the Patient compartment the paths of its parameters, in the definition's order
# (http://hl7.org/fhir/R4/compartmentdefinition-patient.html).
_whose: dict[str, tuple[Path, ...]] = {
    name: tuple(compiled(path) for parameter in parameters for path in TABLE.parameters[name][parameter].paths)
    for name, parameters in TABLE.compartments["Patient"].items()
}
_when: dict[str, tuple[Path, ...]] = {
    name: tuple(compiled(path) for path in paths) for name, paths in TABLE.times.items()
}


def patient_references(resource: Resource) -> list[str]:
    """The Patients whom the resource concerns, by the Patient compartment: the first is the one it lies with.

    Each as `Patient/<id>`, or with the base of another server before it; versions are left aside, none stands
    twice. A Patient concerns itself. References by `urn:uuid:`, to what is contained, conditional ones and
    identifiers name no Patient until someone resolves them.
    """
    of = resource.get("resourceType", "")
    if of == "Patient":
        return [f"Patient/{resource['id']}"] if "id" in resource else []
    found: dict[str, None] = {}
    for path in _whose.get(of, ()):
        for value in reach(resource, path):
            text = value.get("reference") if type(value) is dict else None
            named = literal(text) if type(text) is str else None
            if named is not None and named.type == "Patient":
                found[named.url] = None
    return list(found)


def relevant_time(resource: Resource) -> Range | None:
    """When it happened, or is to: [low, high) in microseconds since the epoch, UTC; None when it does not say.

    The first that has a value of: the type's `date` search parameter, and what R4's five Ws call begun, planned,
    done, recorded. Several values give the range that covers them; a period open at one side reaches to
    BEGINNING or END.
    """
    for path in _when.get(resource.get("resourceType", ""), ()):
        found = hull(range_of_value(value, path.type) for value in reach(resource, path))
        if found is not None:
            return found
    return None


def lifecycle(resource: Resource) -> Lifecycle:
    """Whether the resource stands, was entered in error, or was cancelled, by its status elements."""
    states = {resource.get(name) for name in ("status", "lifecycleStatus", "docStatus") if _is_text(resource.get(name))}
    verification = resource.get("verificationStatus")
    if type(verification) is dict:
        states.update(c.get("code") for c in verification.get("coding", ()) if _is_text(c.get("code")))
    if "entered-in-error" in states:
        return "entered-in-error"
    return "cancelled" if "cancelled" in states else "current"


def _is_text(value: Any) -> bool:
    return type(value) is str
