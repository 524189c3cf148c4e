"""The sill: from a stored row to the JSON that this viewer may have.

What a source wrote is served as it wrote it, digit for digit, with the server's `versionId`, `lastUpdated` and `source`
in front. A user gets it cut: no narrative, no words of what a reference points to when that may be another item of the
record, and, for a protected person, nothing that locates.
"""

from collections.abc import Iterable
from typing import Any

from concord.base import Keys
from concord.fhir import Resource, encode, parse
from concord.record.references import TELLS_NOTHING, target_type
from concord.store import body
from concord.store.items import StoredItem

_LOCATING = ("address", "telecom", "generalPractitioner", "managingOrganization", "contact", "photo")
_PLACES = {"Organization", "Practitioner", "PractitionerRole", "Location", "HealthcareService"}
_MASKED = {
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]
}


def version_id(keys: Keys, id_: str, version: int) -> str:
    """An opaque name of a version: it tells nothing of how many there were."""
    return keys.hashed("version", id_, str(version), size=6).hex()


def whole(type_: str, item: StoredItem, codec: body.Codec, version: str, source: str | None) -> bytes:
    """The resource as its source wrote it. `source`: the contributor named in `meta.source`, or None to leave it out."""
    named = f',"source":"urn:ods:{source}"' if source else ""
    head = (
        f'{{"resourceType":"{type_}","id":"{item.id}","meta":{{"versionId":"{version}",'
        f'"lastUpdated":"{body.fhir_instant(item.stored_at)}"{named}'
    )
    return head.encode() + codec.decompress(item.body)


def as_sent(type_: str, item: StoredItem, codec: body.Codec) -> Resource:
    """The resource as its source wrote it, parsed, without what the server adds."""
    return parse(tail_to_resource(type_, item.id, codec.decompress(item.body)))


def tail_to_resource(type_: str, id_: str, tail: bytes) -> bytes:
    """A stored body as a resource without the server's own meta elements."""
    head = f'{{"resourceType":"{type_}","id":"{id_}"'.encode()
    return head + tail[1:] if tail.startswith(b"}") else head + b',"meta":{' + tail[1:]


def cut(whole_resource: bytes, *, plain: bool, locates: bool, seealso: Iterable[str] = ()) -> bytes:
    """The resource for a user. `locates`: whether what locates the person may be shown; `seealso`: ids of the other
    Patients of the same person that this user may see."""
    others = list(seealso)
    if plain and locates and not others:
        return whole_resource
    resource = parse(whole_resource)
    resource.pop("text", None)
    _cut_displays(resource)
    if not locates:
        _cut_places(resource)
    if others:
        links = [{"other": {"reference": f"Patient/{other}"}, "type": "seealso"} for other in others]
        resource["link"] = [*resource.get("link", ()), *links]
    return encode(resource)


def _cut_displays(node: Any) -> None:
    if isinstance(node, dict):
        if "display" in node and isinstance(node.get("reference"), str) and target_type(node) not in TELLS_NOTHING:
            del node["display"]
        if isinstance(node.get("text"), dict) and "div" in node["text"]:
            del node["text"]  # a narrative (of a contained resource or a section), not a CodeableConcept's words
        for value in node.values():
            if isinstance(value, (dict, list)):
                _cut_displays(value)
    elif isinstance(node, list):
        for value in node:
            if isinstance(value, (dict, list)):
                _cut_displays(value)


def _cut_places(resource: dict[str, Any]) -> None:
    """Take away what says where a protected person can be found."""
    if resource.get("resourceType") in ("Patient", "RelatedPerson"):
        for name in (*_LOCATING, *(f"_{name}" for name in _LOCATING)):
            resource.pop(name, None)
        resource.pop("extension", None)
    _mask_places(resource)


def _mask_places(node: Any) -> None:
    if isinstance(node, dict):
        for name, value in node.items():
            if isinstance(value, dict) and _is_place(value):
                node[name] = dict(_MASKED)
            elif isinstance(value, list):
                node[name] = [dict(_MASKED) if isinstance(one, dict) and _is_place(one) else one for one in value]
                _mask_places(node[name])
            elif isinstance(value, dict):
                _mask_places(value)
    elif isinstance(node, list):
        for value in node:
            _mask_places(value)


def _is_place(value: dict[str, Any]) -> bool:
    """A Reference to who or where somebody is seen, literal or by identifier."""
    if target_type(value) in _PLACES:
        return True
    identifier = value.get("identifier")
    return isinstance(identifier, dict) and "system" in identifier and set(value) <= {"identifier", "display", "type"}
