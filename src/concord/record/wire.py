"""The sill: from a stored row to the JSON that this viewer may have.

What a source wrote is served as it wrote it, digit for digit, with the server's `versionId`, `lastUpdated` and `source`
in front. A user gets it cut: no narrative, no words of what a reference points to when that may be another item of the
record or somebody else, and, for a protected person, nothing that locates.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from concord.base import NHS_NUMBER_SYSTEM, ODS_SYSTEM, STAFF_ID_SYSTEM, Keys
from concord.fhir import Resource, parse, patient_references, references
from concord.record.references import TELLS_NOTHING, names_another, target_type
from concord.store import body
from concord.store.items import StoredItem

_LOCATING = ("address", "telecom", "generalPractitioner", "managingOrganization", "contact", "photo")
_LOCATES = {
    "Organization", "Practitioner", "PractitionerRole", "Location", "HealthcareService", "Endpoint", "RelatedPerson",
}  # fmt: skip
_WHO = {
    ODS_SYSTEM,
    STAFF_ID_SYSTEM,
}  # identifiers of staff and organisations: never of an item or of a person cared for
_MASKED = {"extension": [{"url": "http://hl7.org/fhir/StructureDefinition/data-absent-reason", "valueCode": "masked"}]}


@lru_cache(maxsize=4096)
def version_id(keys: Keys, stored_at: int) -> str:
    """An opaque name of a version, from when it was stored: it tells nothing of how many there were before.

    What was stored in one transaction has one name: `lastUpdated` tells as much.
    """
    return keys.hashed("version", str(stored_at), size=6).hex()


def whole(type_: str, item: StoredItem, codec: body.Codec, keys: Keys, source: str | None) -> bytes:
    """The resource as its source wrote it. `source`: the contributor, for `meta.source`; None to leave it out."""
    head = f'{{"resourceType":"{type_}","id":"{item.id}",{_meta(keys, item.stored_at, source)}'
    return head.encode() + codec.decompress(item.body)


@lru_cache(maxsize=4096)
def _meta(keys: Keys, stored_at: int, source: str | None) -> str:
    """The beginning of `meta`: what a person's items that came together have in common."""
    named = f',"source":"urn:ods:{source}"' if source else ""
    written = body.fhir_instant(stored_at)
    return f'"meta":{{"versionId":"{version_id(keys, stored_at)}","lastUpdated":"{written}"{named}'


def as_sent(type_: str, item: StoredItem, codec: body.Codec) -> Resource:
    """The resource as its source wrote it, parsed, without what the server adds."""
    return parse(tail_to_resource(type_, item.id, codec.decompress(item.body)))


def tail_to_resource(type_: str, id_: str, tail: bytes) -> bytes:
    """A stored body as a resource without the server's own meta elements."""
    head = f'{{"resourceType":"{type_}","id":"{id_}"'.encode()
    return head + tail[1:] if tail.startswith(b"}") else head + b',"meta":{' + tail[1:]


def cut(resource: Resource, *, locates: bool, seealso: Sequence[str] = ()) -> Resource:
    """The whole resource, cut for a user. `locates`: whether what locates the person may be shown; `seealso`: ids of
    the other Patients of the same person that this user may see."""
    resource.pop("text", None)
    _cut_words(resource, next(iter(patient_references(resource)), ""))
    if not locates:
        _cut_places(resource)
    if seealso:
        links = [{"other": {"reference": f"Patient/{other}"}, "type": "seealso"} for other in seealso]
        resource["link"] = [*resource.get("link", ()), *links]
    return resource


def _cut_words(node: Any, own: str) -> None:
    """Take away what another item or person may be told by: the display of references to it, and inner narratives.

    `own`: the Patient that the item lies with.
    """
    if isinstance(node, dict):
        if "display" in node and _may_name_another(node, own):
            del node["display"]
        if isinstance(node.get("identifier"), dict) and "resourceType" not in node and names_another(node, own):
            del node["identifier"]
            if "reference" not in node:
                node.update(_MASKED)
        if isinstance(node.get("text"), dict) and "div" in node["text"]:
            del node["text"]  # a narrative (of a contained resource or a section), not a CodeableConcept's words
        for value in node.values():
            if isinstance(value, (dict, list)):
                _cut_words(value, own)
    elif isinstance(node, list):
        for value in node:
            if isinstance(value, (dict, list)):
                _cut_words(value, own)


def _may_name_another(node: Resource, own: str) -> bool:
    """Whether a dict with a display is a Reference to what may be an item of a record, or to somebody else; words alone
    point to nothing."""
    identifier = node.get("identifier")
    if not isinstance(node.get("reference"), str) and not isinstance(identifier, dict):
        return False
    type_ = target_type(node)
    if not type_ and isinstance(identifier, dict):
        return identifier.get("system") not in _WHO
    return type_ not in TELLS_NOTHING or names_another(node, own)


def _cut_places(resource: Resource) -> None:
    """Take away what says where a protected person can be found, or is known."""
    kept = [inner for inner in resource.pop("contained", ()) if inner.get("resourceType") not in _LOCATES]
    if kept:
        resource["contained"] = kept
    inside = {f"#{inner.get('id')}" for inner in kept}
    for reference in references(resource):
        if target_type(reference) in _LOCATES | {""} and reference.get("reference") not in inside:
            reference.clear()
            reference.update(_MASKED)
    for name in (*_LOCATING, *(f"_{name}" for name in _LOCATING)):
        resource.pop(name, None)
    if resource.get("resourceType") in ("Patient", "RelatedPerson"):
        resource.pop("extension", None)
    given = resource.pop("identifier", ())  # those of a contributor's own system say whose they are
    known = [each for each in given if isinstance(each, dict) and each.get("system") == NHS_NUMBER_SYSTEM]
    if known:
        resource["identifier"] = [{"system": NHS_NUMBER_SYSTEM, "value": each.get("value")} for each in known]
