"""HL7 v2 data types to FHIR's: codes, names, addresses, telephones, people, places."""

import re
from collections.abc import Iterable
from typing import Any

from concord.base import OdsCode
from concord.ingest.hl7v2.message import Repetition
from concord.ingest.naming import own_codes, own_system

Element = dict[str, Any]

_CODE_SYSTEMS = {
    "LN": "http://loinc.org",
    "LOINC": "http://loinc.org",
    "SCT": "http://snomed.info/sct",
    "SNOMED": "http://snomed.info/sct",
    "SNOMED-CT": "http://snomed.info/sct",
    "SNM3": "http://snomed.info/sct",
    "I10": "http://hl7.org/fhir/sid/icd-10",
    "ICD10": "http://hl7.org/fhir/sid/icd-10",
    "UCUM": "http://unitsofmeasure.org",
    "DMD": "https://dmd.nhs.uk",
    "DM+D": "https://dmd.nhs.uk",
    "CVX": "http://hl7.org/fhir/sid/cvx",
    "MDC": "urn:iso:std:iso:11073:10101",
}
_OID = re.compile(r"[0-2](\.(0|[1-9]\d*))+")
_TABLE = re.compile(r"HL7(\d{4})")
_NAME_USES = {"L": "official", "CURRENT": "official", "D": "usual", "M": "maiden", "N": "nickname", "T": "temp"}
_ADDRESS_USES = {
    "H": "home", "HOME": "home", "P": "home", "B": "work", "O": "work", "C": "temp", "TEMP": "temp", "BA": "old",
}  # fmt: skip
_TELECOM_USES = {
    "PRN": "home", "HOME": "home", "H": "home", "VHN": "home", "WPN": "work", "WORK": "work", "ORN": "home",
    "PRS": "mobile", "MOBILE": "mobile",
}  # fmt: skip
_TELECOM_SYSTEMS = {"FX": "fax", "BP": "pager", "INTERNET": "email", "X.400": "email"}


def compact(**elements: Any) -> Element:
    """The elements that have a value."""
    return {name: value for name, value in elements.items() if value not in (None, "", [], {})}


def system(name: str, organisation: OdsCode) -> str:
    """The URI of a code system as HL7 v2 names it (table 0396), or as the organisation does."""
    if _OID.fullmatch(name):
        return f"urn:oid:{name}"
    if table := _TABLE.fullmatch(name):
        return f"http://terminology.hl7.org/CodeSystem/v2-{table[1]}"
    return _CODE_SYSTEMS.get(name.upper()) or own_codes(organisation, name)


def concept(coded: Repetition, organisation: OdsCode) -> Element | None:
    """A CE or CWE as a CodeableConcept: its code and its alternative; None when it says nothing."""
    codings = [
        compact(
            system=system(coded.text(first + 2), organisation) if coded.text(first + 2) else None,
            code=code,
            display=coded.phrase(first + 1),
        )
        for first, code in ((1, coded.code()), (4, coded.phrase(4)))
        if code
    ]
    text = coded.phrase(9) or coded.phrase(2) or coded.phrase(5)
    return compact(coding=codings, text=text) or None


def name(sent: Repetition) -> Element | None:
    """An XPN as a HumanName."""
    given = [part for part in (sent.text(2), *sent.text(3).split()) if part]
    found = compact(
        family=sent.text(1),
        given=given,
        prefix=[part for part in [sent.text(5)] if part],
        suffix=[part for part in (sent.text(4), sent.text(6)) if part],
    )
    use = _NAME_USES.get(sent.text(7).upper())
    return ({"use": use} if use else {}) | found if found else None


def address(sent: Repetition) -> Element | None:
    """An XAD as an Address."""
    found = compact(
        line=[line for line in (sent.joined(1), sent.joined(2)) if line],
        city=sent.text(3),
        district=sent.text(4),
        postalCode=sent.text(5),
        country=sent.text(6),
    )
    kind = sent.text(7).upper()
    return compact(use=_ADDRESS_USES.get(kind), type="postal" if kind == "M" else None) | found if found else None


def telecom(sent: Repetition, use: str | None) -> Element | None:
    """An XTN as a ContactPoint; `use` is what the field says where the XTN does not."""
    kind = sent.text(3).upper()
    email = sent.text(4) if "@" in sent.text(4) else ""
    value = sent.text(1) or email or sent.text(12) or " ".join(part for part in map(sent.text, (5, 6, 7)) if part)
    if not value:
        return None
    mobile = kind == "CP"
    return compact(
        system="email" if "@" in value else _TELECOM_SYSTEMS.get(kind, "phone"),
        value=value,
        use="mobile" if mobile else _TELECOM_USES.get(sent.text(2).upper(), use),
    )


def practitioner(sent: Repetition, organisation: OdsCode) -> Element | None:
    """An XCN as a reference to a Practitioner by number and name."""
    shown = " ".join(part for part in (sent.text(6), sent.text(3), sent.text(2)) if part)
    number = sent.text(1)
    identifier = {"system": own_system(organisation, sent.text(9) or "staff"), "value": number} if number else None
    found = compact(identifier=identifier, display=shown)
    return {"type": "Practitioner"} | found if found else None


def place(sent: Repetition, organisation: OdsCode) -> Element | None:
    """A PL (ward^room^bed^site) as a reference to a Location by its own name: the directory knows no wards."""
    parts = [sent.text(component) for component in (1, 2, 3)]
    shown = ", ".join(part for part in parts if part)
    if not shown:
        return None
    site = sent.text(4)
    value = "/".join([*parts, site] if site else parts)
    return {
        "type": "Location",
        "identifier": {"system": own_system(organisation, "location"), "value": value},
        "display": shown,
    }


def each(found: Iterable[Element | None]) -> list[Element]:
    return [element for element in found if element is not None]
