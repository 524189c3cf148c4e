"""A copy of a person as a FHIR R4 Patient in the manner of UK Core."""

from typing import Any, Final

from concord.base import NHS_NUMBER_SYSTEM
from concord.demo.codes import HL7
from concord.demo.copies import Copy
from concord.demo.people import Address
from concord.demo.staff import organisation, practitioner

_EXTENSION: Final = "https://concord.example/StructureDefinition/"
CONFIDENTIALITY: Final = HL7 + "v3-Confidentiality"


def patient(
    copy: Copy, holder: str, *, practice: str = "", doctor: str = "", pharmacy: str = "", protected: bool = False
) -> dict[str, Any]:
    """The Patient that organisation `holder` keeps. `protected`: where the person lives must not be told."""
    resource: dict[str, Any] = {
        "resourceType": "Patient",
        "id": copy.local_id,
        "meta": {"profile": ["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient"]},
        "identifier": _identifiers(copy, holder),
        "active": True,
        "name": _names(copy),
        "gender": copy.sex,
        "birthDate": copy.born_on.isoformat(),
        "address": [address(copy.address)],
        "managingOrganization": organisation(holder),
    }
    if telecom := telecoms(copy.telephone, copy.mobile):
        resource["telecom"] = telecom
    if copy.died_on is not None:
        resource["deceasedDateTime"] = copy.died_on.isoformat()
    if practice:
        resource["generalPractitioner"] = [organisation(practice)] + ([practitioner(doctor)] if doctor else [])
    if pharmacy:
        resource["extension"] = [{"url": _EXTENSION + "nominated-pharmacy", "valueReference": organisation(pharmacy)}]
    if protected:
        resource["meta"]["security"] = [{"system": CONFIDENTIALITY, "code": "R"}]
    return resource


def address(where: Address) -> dict[str, Any]:
    return {"use": "home", "line": [where.line], "city": where.town, "postalCode": where.postcode}


def telecoms(telephone: str, mobile: str = "") -> list[dict[str, Any]]:
    found = []
    if telephone:
        found.append({"system": "phone", "value": telephone, "use": "home"})
    if mobile:
        found.append({"system": "phone", "value": mobile, "use": "mobile"})
    return found


def _identifiers(copy: Copy, holder: str) -> list[dict[str, Any]]:
    local = {"system": f"https://{holder.lower()}.example/patient-number", "value": copy.local_id}
    if not copy.nhs_number:
        return [local]
    return [{"system": NHS_NUMBER_SYSTEM, "value": copy.nhs_number}, local]


def _names(copy: Copy) -> list[dict[str, Any]]:
    official: dict[str, Any] = {"use": "official", "family": copy.family, "given": copy.given.split()}
    if copy.title:
        official["prefix"] = [copy.title]
    return [official] + ([{"use": "nickname", "given": [copy.known_as]}] if copy.known_as else [])
