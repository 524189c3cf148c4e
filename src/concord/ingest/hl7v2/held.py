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


def settled(feed: Feed, source_id: str, resource: dict[str, Any], said_at: str) -> dict[str, Any] | None:
    """`resource`, dated; None when what is held was said later. Saying the same again is no change."""
    before = held(feed, resource["resourceType"], source_id)
    if before is None:
        return dated(resource, said_at, None)
    if older(said_at, before):
        return None
    return dated(resource, (recorded_at(before) or said_at) if _same_words(resource, before) else said_at, None)


def _same_words(resource: dict[str, Any], before: dict[str, Any]) -> bool:
    """Whether both say the same but for references, which the record writes in its own way."""
    return bool(_unreferenced(_undated(resource)) == _unreferenced(_undated(before)))


def _unreferenced(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _unreferenced(part) for name, part in value.items() if name not in ("reference", "meta")}
    return [_unreferenced(part) for part in value] if isinstance(value, list) else value
