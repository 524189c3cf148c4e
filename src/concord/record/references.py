"""What a reference points to."""

from collections.abc import Mapping
from typing import Any

from concord.base import NHS_NUMBER_SYSTEM

NAMES_NO_PERSON = frozenset(
    {
        "Organization", "Practitioner", "PractitionerRole", "Location", "Medication", "HealthcareService", "Device",
        "Endpoint", "Substance",
    }
)  # fmt: skip
TELLS_NOTHING = NAMES_NO_PERSON | {"Patient"}


def names_another(reference: Mapping[str, Any], own: str) -> bool:
    """Whether a reference points to a Patient other than `own` ("Patient/id"), or to whoever has an NHS number: its
    words and its identifier may name somebody else."""
    type_, identifier = target_type(reference), reference.get("identifier")
    if not type_:
        return isinstance(identifier, Mapping) and identifier.get("system") == NHS_NUMBER_SYSTEM
    return type_ == "Patient" and reference.get("reference") != own


def target_type(reference: Mapping[str, Any]) -> str:
    """The resource type that a FHIR Reference points to; empty when it does not say."""
    literal = reference.get("reference")
    if isinstance(literal, str):
        type_, slash, rest = literal.partition("/")
        if slash and type_.isalpha() and "/" not in rest:
            return type_  # Type/id: the usual case
        if slash and not literal.startswith(("#", "urn:")):
            return literal.split("/_history/")[0].split("/")[-2]
    return str(reference.get("type", ""))
