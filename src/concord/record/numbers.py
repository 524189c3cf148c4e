"""What a Patient says of its NHS number, and how far its source says that it was traced. Pure.

The status is UK Core's, by the codes of the NHS Data Dictionary (NHS NUMBER STATUS INDICATOR CODE, 01 to 08) or by the
words that UK Core had before. A code that is not known here says of no number that it was traced.
"""

from collections.abc import Iterator
from typing import Any

from concord.base import NHS_NUMBER_SYSTEM, NhsNumber, nhs_number

_STATUS = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
_UNAVAILABLE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberUnavailableReason"
_VERIFIED = ("01", "number-present-and-verified")
_IN_CONFLICT = ("04", "05", "trace-attempted", "trace-needs")  # tracing found nobody, or several; or others' details
_WHY_NONE = {
    "nhs-number-not-known": "not known",
    "overseas-patient": "from overseas",
    "devolved-nation": "from another nation of the United Kingdom",
}


def number_of(patient: dict[str, Any]) -> NhsNumber | None:
    """The number by which the person is found; none where it was superseded, fails its check digit, or may not be
    theirs, as tracing found."""
    identifier = _as_sent(patient)
    return None if _status(identifier).startswith(_IN_CONFLICT) else nhs_number(identifier.get("value", ""))


def superseded_of(patient: dict[str, Any]) -> list[NhsNumber]:
    """The numbers in whose place the present one stands, in order, each once."""
    lasting = any(_lasts(each) for each in _numbers(patient))
    old = (each for each in _numbers(patient) if each.get("use") == "old" or (lasting and not _lasts(each)))
    found = {number for each in old if (number := nhs_number(each.get("value", "")))}
    return sorted(found - {number_of(patient)})


def is_untraced(patient: dict[str, Any]) -> bool:
    """Whether the number was written down and not traced, however good the feed's numbers otherwise are."""
    status = _status(_as_sent(patient))
    return status != "" and not status.startswith((*_VERIFIED, *_IN_CONFLICT))


def tracing_of(patient: dict[str, Any]) -> str:
    """For a reviewer: what the source says of tracing the number; or that there is none, and why."""
    identifier = _as_sent(patient)
    status = _status(identifier)
    if "value" not in identifier:
        why = _code(patient, _UNAVAILABLE)
        return f"No number: {_WHY_NONE.get(why, 'another reason')}" if why else "No number, and not said why"
    if status.startswith(_IN_CONFLICT):
        return "In doubt: tracing found nobody, or others"
    return "Not said of this one" if status == "" else "Traced" if status.startswith(_VERIFIED) else "Not traced"


def _as_sent(patient: dict[str, Any]) -> dict[str, Any]:
    """That without an end before one with; none that is called old."""
    current = [each for each in _numbers(patient) if each.get("use") != "old"]
    return next((each for each in current if _lasts(each)), current[0] if current else {})


def _numbers(patient: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (each for each in patient.get("identifier", ()) if each.get("system") == NHS_NUMBER_SYSTEM)


def _lasts(identifier: dict[str, Any]) -> bool:
    return identifier.get("use") != "old" and "end" not in identifier.get("period", {})


def _status(identifier: dict[str, Any]) -> str:
    return _code(identifier, _STATUS)


def _code(element: dict[str, Any], extension: str) -> str:
    """The code that an extension gives; "" where nothing is said."""
    said = (each for each in element.get("extension", ()) if each.get("url") == extension)
    codes = (code for each in said for code in each.get("valueCodeableConcept", {}).get("coding", ()))
    return next((str(code.get("code", "")) for code in codes), "")
