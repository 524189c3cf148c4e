"""The services that a visit was under, and what is told of it without one.

That stands under the service that the visit had when it was told, or else the first that it had, in whatever order the
two are told: it names the visit that it follows (the extension `SERVICE_OF`), and a visit's events name the services.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from concord.fhir import SERVICE_OF, service_of
from concord.ingest.hl7v2.clocks import moment
from concord.ingest.hl7v2.course import Event, events_of
from concord.ingest.hl7v2.held import as_told, held
from concord.ingest.hl7v2.last_words import in_order, last_words, said_last
from concord.ingest.hl7v2.types import Element
from concord.ingest.model import Feed
from concord.ingest.naming import service_tag, service_tagged

Services = Sequence[tuple[datetime, str]]
"""From when on a visit was under which service: the first from ever."""

_EVER = datetime.min.replace(tzinfo=UTC)


def follows(visit: str) -> Element:
    """`meta` of what is told of a visit, by the source's id, without a service."""
    return {"extension": [{"url": SERVICE_OF, "valueReference": {"reference": f"Encounter/{visit}"}}]}


def known(encounter: Mapping[str, Any] | None) -> list[Event]:
    """The events that an Encounter keeps. One that was stored before events named services was under its own."""
    events = events_of(encounter)
    service = service_tagged(encounter or {})
    if service and events and not any(event.service for event in events):
        return [replace(events[0], service=service), *events[1:]]
    return events


def following(feed: Feed, visit: str, found: Sequence[tuple[str, Element]]) -> list[tuple[str, Element]]:
    """(source id, resource) of what a message tells, each of it under its service, with what was told of the visit
    before and is under another one by what the message says. That comes first: should the visit go to another person,
    it goes with the visit."""
    before = held(feed, "Encounter", visit)
    stay = next((one for _, one in found if one["resourceType"] == "Encounter"), before)
    then, now = _services(before), _services(stay)
    if not now:
        return list(found)
    told = [(id_, _under(one, now) if _follows(one, visit, feed) else one) for id_, one in found]
    if then == now:
        return told
    others = feed.earlier.told_of_visit(visit, [(one["resourceType"], id_) for id_, one in told])
    again = [(id_, one, _under(one, now)) for id_, one in ((id_, as_told(each)) for id_, each in others)]
    return [*((id_, after) for id_, one, after in again if after != one), *told]


def _services(encounter: Mapping[str, Any] | None) -> Services:
    named = [event for event in known(encounter) if event.service]
    found: list[tuple[datetime, str]] = []
    for event in sorted(named, key=lambda one: (in_order((one.said_at, one.message)), one.service)):
        if not found or found[-1][1] != event.service:
            found.append((moment(event.said_at) if found else _EVER, event.service))
    return found


def _under(resource: Element, services: Services) -> Element:
    """Under the service that the visit had when it was told."""
    at, _ = last_words(resource).get("meta") or said_last(resource)
    told_at = moment(at) if at else _EVER
    service = [name for since, name in services if since <= told_at][-1]
    return resource | {"meta": dict(sorted((resource["meta"] | service_tag(service)).items()))}


def _follows(resource: Element, visit: str, feed: Feed) -> bool:
    """Whether it stands under the service of this visit; one that is held names the visit as the record does."""
    named = service_of(resource)
    if named is None or named == f"Encounter/{visit}":
        return named is not None
    stay = feed.earlier.resource("Encounter", visit)
    return stay is not None and bool(named == f"Encounter/{stay.get('id')}")
