"""What a source's own words are called in FHIR: ids, identifier systems, code systems, and when it recorded them."""

import hashlib
import re
from collections.abc import Mapping
from typing import Any

from concord.base import NHS_NUMBER_SYSTEM, ODS_SYSTEM, OdsCode, nhs_number

RECORDED = "https://concord.example/StructureDefinition/recorded"
"""Extension (valueDateTime): when the source system recorded what the resource says."""

INVALID_NHS_NUMBER = "https://concord.example/Id/invalid-nhs-number"
"""Identifier system of what a source calls an NHS number though it fails the modulus 11 check."""

_SERVICE = "https://concord.example/CodeSystem/service"
_ID = re.compile(r"[A-Za-z0-9-]{1,64}")
_SLUG = re.compile(r"[^a-z0-9]+")


def fhir_id(*parts: str) -> str:
    """One id (letters, digits, "-" and ".", at most 64) for a source's own key; different for different `parts`.

    A part that is an id already stays as it is. Other characters become "." and hexadecimal digits, parts are
    joined by ".-"; what grows too long is replaced by its hash.
    """
    text = ".-".join(_escaped(part) for part in parts)
    return text if len(text) <= 64 else hashlib.blake2b(text.encode(), digest_size=32).hexdigest()


def _escaped(part: str) -> str:
    if _ID.fullmatch(part):
        return part
    return "".join(chr(byte) if _ID.fullmatch(chr(byte)) else f".{byte:02x}" for byte in part.encode())


def own_system(organisation: OdsCode, name: str) -> str:
    """The identifier system of one of an organisation's own numberings, such as its hospital numbers."""
    return f"https://concord.example/Id/{organisation}/{_slug(name)}"


def own_codes(organisation: OdsCode, name: str) -> str:
    """The URI of one of an organisation's own code systems."""
    return f"https://concord.example/CodeSystem/{organisation}/{_slug(name)}"


def _slug(name: str) -> str:
    return _SLUG.sub("-", name.lower()).strip("-") or "local"


def nhs_identifier(text: str) -> dict[str, Any]:
    """An identifier under NHS England's system if the number is valid, else under one that says that it is not."""
    valid = nhs_number(text)
    if valid is None:
        return {"system": INVALID_NHS_NUMBER, "value": text}
    return {"system": NHS_NUMBER_SYSTEM, "value": valid}


def organisation_reference(code: str, name: str = "") -> dict[str, Any]:
    """A reference to an organisation by its ODS code."""
    reference = {"type": "Organization", "identifier": {"system": ODS_SYSTEM, "value": code}}
    return reference | {"display": name} if name else reference


def service_tagged(resource: Mapping[str, Any]) -> str:
    """The service that `meta` says the item is of; empty when it says none."""
    tags = resource.get("meta", {}).get("tag", ())
    return next((str(one["code"]) for one in tags if one.get("system") == _SERVICE), "")


def service_tag(service: str) -> dict[str, Any]:
    """`meta` that says which service of the contributor an item is of."""
    return {"tag": [{"system": _SERVICE, "code": service}]}


def recorded(moment: str) -> dict[str, Any]:
    """The extension that says when the source recorded a resource. `moment`: a FHIR dateTime."""
    return {"url": RECORDED, "valueDateTime": moment}
