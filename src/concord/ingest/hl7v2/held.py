"""What is held of a resource, weighed against what a message says."""

from collections.abc import Mapping
from typing import Any

from concord.ingest.hl7v2.clocks import moment
from concord.ingest.hl7v2.telling import Telling, telling, without_telling
from concord.ingest.hl7v2.types import Element
from concord.ingest.model import Feed
from concord.ingest.naming import RECORDED

_SERVER_META = ("versionId", "lastUpdated", "source")


def held(feed: Feed, type_: str, source_id: str) -> dict[str, Any] | None:
    """What this source last said of it, without what only the record knows (its id, its version)."""
    found = feed.earlier.resource(type_, source_id)
    if found is None:
        return None
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


def dated(resource: dict[str, Any], told: Telling, before: dict[str, Any] | None) -> dict[str, Any]:
    """`resource` with how it was told; as it was told before when nothing else has changed.

    So that saying the same again is no change.
    """
    words = without_telling(resource)
    same = before is not None and words == without_telling(before)
    return words | {"extension": [*words.get("extension", ()), *_how(words, told, before, same=same)]}


def settled(feed: Feed, source_id: str, resource: dict[str, Any], told: Telling) -> dict[str, Any] | None:
    """`resource`, dated; None when what is held was said later. Saying the same again is no change."""
    before = held(feed, resource["resourceType"], source_id)
    if before is not None and told.dated and older(told.said_at, before):
        return None
    words = without_telling(resource)
    same = before is not None and _unreferenced(words) == _unreferenced(without_telling(before))
    return words | {"extension": [*words.get("extension", ()), *_how(words, told, before, same=same)]}


def _how(words: dict[str, Any], told: Telling, before: dict[str, Any] | None, *, same: bool) -> list[Element]:
    """As before where it says the `same`, unless that was told without a time and this has one."""
    if before is not None and same and (recorded_at(before) is not None or not told.dated):
        return telling(before)
    return told.of(words, before)


def _unreferenced(value: Any) -> Any:
    """`value` without references, which the record writes in its own way."""
    if isinstance(value, dict):
        return {name: _unreferenced(part) for name, part in value.items() if name not in ("reference", "meta")}
    return [_unreferenced(part) for part in value] if isinstance(value, list) else value
