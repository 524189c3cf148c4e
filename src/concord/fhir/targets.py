"""Whether references point to what R4 lets them point to (http://hl7.org/fhir/R4/references.html)."""

from typing import Any

from concord.fhir.definitions import DEFINITIONS
from concord.fhir.findings import Survey, Trail, at, breach
from concord.fhir.paths import literal
from concord.fhir.wire import Resource


def check_target(reference: dict[str, Any], allowed: frozenset[str], here: Trail, found: Survey) -> None:
    """The slow way, for what is not simply `Type/id` of an allowed type. `#id` is kept for `check_local`."""
    text, declared = reference.get("reference"), reference.get("type")
    named = None
    if type(text) is str:
        named = named_type(text)
        if text.startswith("#"):
            found.local.append((text[1:], allowed, at(here, "reference")))
        elif named is not None and named not in allowed:
            breach(found, at(here, "reference"), "target", _expected(allowed))
    if type(declared) is str:
        told = declared.removeprefix("http://hl7.org/fhir/StructureDefinition/")
        if "/" in told:
            return  # a type that R4 does not define, by its URL
        if told not in allowed:
            breach(found, at(here, "type"), "target", _expected(allowed))
        elif named is not None and named != told and named in allowed:
            breach(found, at(here, "type"), "target", "the type that the reference itself names")


def named_type(reference: str) -> str | None:
    """The type that a reference names: `Type/id`, `Type?condition`, `http://.../Type/id`; None for any other."""
    if reference.startswith("urn:"):
        return None
    stem, asks, _ = reference.partition("?")
    if asks:
        return stem if stem in DEFINITIONS.resources else None
    named = literal(reference)
    if named is None or named.type is None:
        return None
    # Another server's address may look like a resource's and be something else.
    return named.type if not named.base or named.type in DEFINITIONS.resources else None


def check_local(holder: Resource, here: Trail, found: Survey) -> None:
    """Whether every `#id` within `holder` names a resource that it contains, of an allowed type; `#` is itself."""
    types: dict[str, Any] = {"": holder.get("resourceType")}
    contained = holder.get("contained")
    for index, each in enumerate(contained if type(contained) is list else ()):
        name = each.get("id") if type(each) is dict else None
        if type(name) is not str:
            continue
        if name in types:
            breach(found, at(at(here[0], here[1], here[2]), "contained", index), "contained", "an id of its own")
        types[name] = each.get("resourceType")
    for name, allowed, place in found.local:
        if name not in types:
            breach(found, place, "contained", "a contained resource that is there")
        elif types[name] not in allowed:
            breach(found, place, "target", _expected(allowed))
    found.local.clear()


def _expected(allowed: frozenset[str]) -> str:
    if allowed == DEFINITIONS.resources:
        return "a reference to a resource type of R4"
    return f"a reference to {' or '.join(sorted(allowed))}"
