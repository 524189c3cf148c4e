"""What was loaded, as the FHIR resource that it was."""

import hashlib
from typing import Any

from concord.fhir import Resource, parse

_ID = "loaded-"  # how the id begins of what was loaded
# http://hl7.org/fhir/R4/search.html#Summary: the tag of what is not all of a resource.
_SUBSETTED = {"system": "http://terminology.hl7.org/CodeSystem/v3-ObservationValue", "code": "SUBSETTED"}
_IN_ROWS = {"CodeSystem": "concept", "ConceptMap": "group"}
_OWN_META = ("profile", "security", "tag", "extension")  # the rest is the server's to say


def of_loaded(kind: str, url: str, version: str, loading: int, body: bytes) -> Resource:
    """`loading` is the number of its load. One that is kept in rows alone says that it is not all there."""
    said = parse(body)
    own = said.pop("meta", {})
    meta: dict[str, Any] = {"versionId": str(loading)} | {name: own[name] for name in _OWN_META if name in own}
    if kind in _IN_ROWS and _IN_ROWS[kind] not in said:
        meta["tag"] = [*meta.get("tag", ()), _SUBSETTED]
    return {**said, "resourceType": kind, "id": id_of_loaded(url, version), "meta": meta}


def may_be_loaded(id_: str) -> bool:
    """Whether an id is written like those of what was loaded."""
    return id_.startswith(_ID)


def id_of_loaded(url: str, version: str) -> str:
    """The same whoever loads it and however often."""
    return _ID + hashlib.blake2b(f"{url}|{version}".encode(), digest_size=12).hexdigest()
