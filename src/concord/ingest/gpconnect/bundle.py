"""The bundle as a whole: which patient it is about, which resources it makes, and what its lists hold."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from concord.base import Incorrect
from concord.fhir import RESOURCE_TYPES, element_names, encode
from concord.ingest.gpconnect.draft import Json
from concord.ingest.gpconnect.extensions import modernised
from concord.ingest.gpconnect.kinds import R4_TYPES, moved
from concord.ingest.naming import fhir_id

_PROFILE = "https://fhir.nhs.uk/STU3/StructureDefinition/GPConnect-StructuredRecord-Bundle-1"
_SCT = "http://snomed.info/sct"
_PATHOLOGY = f"{_SCT}|394595002"
_LABORATORY = {
    "coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]
}
_CLASSES = (("telephone", "VR"), ("video", "VR"), ("e-consultation", "VR"), ("home visit", "HH"))


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """An R4 resource, the entry of the bundle, from 1, that it came of, and as what it was `sent`. `unmapped`:
    "Type.element" of STU3."""

    resource: Json
    number: int
    sent: bytes = field(repr=False)
    unmapped: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Converted:
    """`entries` in the bundle's order; `refused`: entry, from 1, and why nothing could be made of it."""

    entries: Sequence[Entry]
    refused: Sequence[tuple[int, str]]


def recognises(bundle: Json) -> bool:
    meta = bundle.get("meta")
    profiles = meta.get("profile") if isinstance(meta, dict) else None
    return isinstance(profiles, list) and _PROFILE in profiles


def convert(bundle: Json) -> Converted:
    """Raises Incorrect when the bundle is not about one patient."""
    numbered = list(enumerate(bundle.get("entry", ()), 1))
    resources = [(number, entry.get("resource") if isinstance(entry, dict) else None) for number, entry in numbered]
    patient = _patient(resources)
    results = set(_results(resources))
    entries: list[Entry] = []
    refused: list[tuple[int, str]] = []
    for number, resource in resources:
        reason = _unusable(resource)
        if reason or resource is None:
            refused.append((number, reason))
            continue
        try:
            entries += _converted(resource, number, patient, results)
        except (AttributeError, KeyError, TypeError, IndexError):
            refused.append((number, "It is not FHIR STU3: something that is an object or a list there is not here."))
    return Converted(entries=entries, refused=refused)


def _patient(resources: Sequence[tuple[int, Any]]) -> str:
    found = [
        each.get("id") for _, each in resources if isinstance(each, dict) and each.get("resourceType") == "Patient"
    ]
    if len(found) != 1 or not isinstance(found[0], str):
        held = "no Patient" if not found else f"{len(found)} Patients" if len(found) > 1 else "a Patient without id"
        raise Incorrect(
            f"The GP Connect record holds {held}: nothing in it can be attached to a person. "
            "Ask the practice's system for the record again."
        )
    return found[0]


def _unusable(resource: Any) -> str:
    type_ = resource.get("resourceType") if isinstance(resource, dict) else None
    if not isinstance(type_, str):
        return "The entry has no resource, or the resource does not say its type."
    if R4_TYPES.get(type_, type_) not in RESOURCE_TYPES:
        return f"{type_} is no resource type that FHIR R4 has."
    if type_ != "List" and not isinstance(resource.get("id"), str):
        return f"The {type_} has no id: loaded again it could not be found."
    return ""


def alone(resource: Json) -> Json:
    """What one resource becomes without the bundle that it came in. Raises as reading malformed STU3 does."""
    *_, entry = _converted(resource, 1, "", set())
    return entry.resource


def _converted(source: Json, number: int, patient: str, results: set[str]) -> Iterator[Entry]:
    """The resource itself, after what it contains that is an item of its own (the ended allergies of their list)."""
    sent, contained = encode(source), source.get("contained", ())
    source = modernised(source)
    if source["resourceType"] == "List":
        for each, as_sent in zip(source.pop("contained", ()), contained, strict=True):
            own = fhir_id(source.get("id") or _list_id(source, patient), each["id"])
            for entry in source.get("entry", ()):
                if entry["item"].get("reference") == f"#{each['id']}":
                    entry["item"]["reference"] = f"{each['resourceType']}/{own}"
            yield _finished(each | {"id": own}, number, patient, results, encode(as_sent))
    yield _finished(source, number, patient, results, sent)


def _finished(source: Json, number: int, patient: str, results: set[str], sent: bytes) -> Entry:
    type_ = str(source["resourceType"])
    draft = moved(source, element_names(R4_TYPES.get(type_, type_)))
    security = {name: source["meta"][name] for name in ("security", "tag") if name in source.get("meta", {})}
    draft.put("meta", security)
    match type_:
        case "List":
            draft.out.setdefault("id", _list_id(source, patient))
            draft.out["subject"] = {"reference": f"Patient/{patient}"}
        case "Encounter":
            draft.out.setdefault("class", _class(source))
        case "Observation" if source["id"] in results or _is_pathology(source):
            draft.put("category", [_LABORATORY])
    unmapped = [f"{type_}.{name}" for name in sorted(draft.unmapped)]
    return Entry(resource=draft.finished(), number=number, sent=sent, unmapped=unmapped)


def _list_id(source: Json, patient: str) -> str:
    """Lists of the whole record come without an id: there is one a patient and code."""
    codes = [coding.get("code", "") for coding in source.get("code", {}).get("coding", ())]
    return fhir_id(patient, "list", codes[0] if codes else source.get("title", ""))


def _class(encounter: Json) -> Json:
    """R4 requires a class; a practice's system tells the kind of contact in its type."""
    words = " ".join(each.get("text", "") for each in encounter.get("type", ())).lower()
    code = next((code for word, code in _CLASSES if word in words), "AMB")
    return {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code}


def _results(resources: Sequence[tuple[int, Any]]) -> Iterator[str]:
    """Ids of the Observations that a report names as its results, and of their members."""
    for _, each in resources:
        if isinstance(each, dict) and each.get("resourceType") == "DiagnosticReport":
            for result in each.get("result", ()):
                if isinstance(result, dict):
                    yield str(result.get("reference", "")).removeprefix("Observation/")


def _is_pathology(observation: Json) -> bool:
    return "specimen" in observation or any(
        f"{coding.get('system')}|{coding.get('code')}" == _PATHOLOGY
        for category in observation.get("category", ())
        for coding in category.get("coding", ())
    )
