"""What a reference points to."""

from collections.abc import Mapping
from typing import Any

NAMES_NO_PERSON = frozenset(
    {
        "Organization", "Practitioner", "PractitionerRole", "Location", "Medication", "HealthcareService", "Device",
        "Endpoint", "Substance",
    }
)  # fmt: skip
TELLS_NOTHING = NAMES_NO_PERSON | {"Patient"}


def names_another(reference: Mapping[str, Any], own: str) -> bool:
    """Whether a reference points to a Patient other than `own` ("Patient/id"): its words may name somebody else."""
    return target_type(reference) == "Patient" and reference.get("reference") != own


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
