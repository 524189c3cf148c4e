"""What a Patient says of its NHS number, and how far its source says that it was traced. Pure.

The status is UK Core's, as the NHS Data Dictionary has it (NHS NUMBER STATUS INDICATOR CODE); 01 is present and
verified.
"""

from collections.abc import Iterator
from typing import Any

from concord.base import NHS_NUMBER_SYSTEM, NhsNumber, nhs_number

_STATUS = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
_UNTRACED = {"02", "03", "06", "07", "08"}  # not traced, or not yet; or no trace was asked for
_IN_CONFLICT = {"04", "05"}  # tracing found nobody, or several; or somebody else's details


def number_of(patient: dict[str, Any]) -> NhsNumber | None:
    """The number by which the person is found; none where it was superseded, fails its check digit, or may not be
    theirs, as tracing found."""
    identifier = _as_sent(patient)
    return None if _status(identifier) in _IN_CONFLICT else nhs_number(identifier.get("value", ""))


def superseded_of(patient: dict[str, Any]) -> list[NhsNumber]:
    """The numbers in whose place the present one stands, in order, each once."""
    lasting = any(_lasts(each) for each in _numbers(patient))
    old = (each for each in _numbers(patient) if each.get("use") == "old" or (lasting and not _lasts(each)))
    found = {number for each in old if (number := nhs_number(each.get("value", "")))}
    return sorted(found - {number_of(patient)})


def is_untraced(patient: dict[str, Any]) -> bool:
    """Whether the number was written down and not traced, however good the feed's numbers otherwise are."""
    return _status(_as_sent(patient)) in _UNTRACED


def _as_sent(patient: dict[str, Any]) -> dict[str, Any]:
    """That without an end before one with; none that is called old."""
    current = [each for each in _numbers(patient) if each.get("use") != "old"]
    return next((each for each in current if _lasts(each)), current[0] if current else {})


def _numbers(patient: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (each for each in patient.get("identifier", ()) if each.get("system") == NHS_NUMBER_SYSTEM)


def _lasts(identifier: dict[str, Any]) -> bool:
    return identifier.get("use") != "old" and "end" not in identifier.get("period", {})


def _status(identifier: dict[str, Any]) -> str:
    """The code; "" where nothing is said."""
    said = (each for each in identifier.get("extension", ()) if each.get("url") == _STATUS)
    codes = (code for each in said for code in each.get("valueCodeableConcept", {}).get("coding", ()))
    return next((str(code.get("code", "")) for code in codes), "")
