"""What is held of a resource, weighed against what a message says."""

from collections.abc import Mapping
from typing import Any

from concord.ingest.hl7v2.clocks import moment
from concord.ingest.model import Feed
from concord.ingest.naming import RECORDED

_SERVER_META = ("versionId", "lastUpdated", "source")


def held(feed: Feed, type_: str, source_id: str) -> dict[str, Any] | None:
    """What this source last said of it, without what only the record knows (its id, its version)."""
    found = feed.earlier.resource(type_, source_id)
    return None if found is None else as_told(found)


def as_told(found: Mapping[str, Any]) -> dict[str, Any]:
    """What is held, without what only the record knows."""
    meta = {name: value for name, value in found.get("meta", {}).items() if name not in _SERVER_META}
    rest = {name: value for name, value in found.items() if name not in ("id", "meta")}
    return rest | ({"meta": meta} if meta else {})


def recorded_at(resource: Mapping[str, Any]) -> str | None:
    """When the source recorded it (a FHIR dateTime), if it says so."""
    return next((one["valueDateTime"] for one in resource.get("extension", ()) if one.get("url") == RECORDED), None)


def older(said_at: str, resource: dict[str, Any]) -> bool:
    """Whether something said at that time is older than what `resource` says."""
    known = recorded_at(resource)
    return known is not None and moment(said_at) < moment(known)
