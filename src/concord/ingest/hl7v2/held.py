"""What is held of a resource, weighed against what a message says."""

from typing import Any

from concord.ingest.hl7v2.times import moment
from concord.ingest.model import Feed
from concord.ingest.naming import RECORDED, recorded

_SERVER_META = ("versionId", "lastUpdated", "source")


def held(feed: Feed, type_: str, source_id: str) -> dict[str, Any] | None:
    """What this source last said of it, without what only the record knows (its id, its version)."""
    found = feed.earlier.resource(type_, source_id)
    if found is None:
        return None
    meta = {name: value for name, value in found.get("meta", {}).items() if name not in _SERVER_META}
    rest = {name: value for name, value in found.items() if name not in ("id", "meta")}
    return rest | ({"meta": meta} if meta else {})


def recorded_at(resource: dict[str, Any]) -> str | None:
    """When the source recorded it (a FHIR dateTime), if it says so."""
    return next((one["valueDateTime"] for one in resource.get("extension", ()) if one.get("url") == RECORDED), None)


def older(said_at: str, resource: dict[str, Any]) -> bool:
    """Whether something said at that time is older than what `resource` says."""
    known = recorded_at(resource)
    return known is not None and moment(said_at) < moment(known)


def dated(resource: dict[str, Any], said_at: str, before: dict[str, Any] | None) -> dict[str, Any]:
    """`resource` with the time of its recording; that of `before` when nothing else has changed.

    So that saying the same again is no change.
    """
    if before is not None and _undated(resource) == _undated(before):
        said_at = recorded_at(before) or said_at
    rest = _undated(resource)
    return rest | {"extension": [*rest.get("extension", ()), recorded(said_at)]}


def _undated(resource: dict[str, Any]) -> dict[str, Any]:
    others = [one for one in resource.get("extension", ()) if one.get("url") != RECORDED]
    rest = {name: value for name, value in resource.items() if name != "extension"}
    return rest | ({"extension": others} if others else {})
