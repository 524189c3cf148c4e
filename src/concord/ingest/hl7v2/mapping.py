"""Which message becomes what."""

import re
from dataclasses import replace
from typing import Any

from concord.ingest.hl7v2.course import CANCELS, MOVE_VISIT, events_of, moved_to
from concord.ingest.hl7v2.encounters import encounter, visit_id
from concord.ingest.hl7v2.held import held
from concord.ingest.hl7v2.kinds import BY_TYPE, WITHOUT_EVENT, Kind
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.patients import brought_along, patient, patient_id
from concord.ingest.hl7v2.settling import settled, superseded
from concord.ingest.hl7v2.telling import Telling, of_message
from concord.ingest.hl7v2.times import date_time
from concord.ingest.hl7v2.visit_services import following, follows
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, service_tag
from concord.record import Submission

_EVENT = re.compile(r"[A-Z][A-Z0-9]{2}")
_REFERENCES = ("subject", "patient", "encounter")
_OF_NO_SERVICE = ("Patient", "RelatedPerson")  # a person is not drawn into the service that wrote of them


def mapped(message: Message) -> bool:
    """Whether this version of Concord reads messages of this type."""
    return type_of(message) in BY_TYPE


def type_of(message: Message) -> str:
    """Its type, such as "ADT^A01"; messages of v2.1 and v2.2 may leave the event out of MSH-9."""
    if "^" in message.type:
        return message.type
    evn = message.first("EVN")
    if message.type in ("ADT", "MDM") and evn is not None and _EVENT.fullmatch(evn.text(1)):
        return f"{message.type}^{evn.text(1)}"
    return WITHOUT_EVENT.get(message.type, message.type)


def map_message(message: Message, feed: Feed) -> list[Submission]:
    """What the message says, read against what the feed said earlier. Raises NotMapped naming segment and field.

    A28 and A31 speak of the person alone, A08 of the visit too when it names one. All but ADT bring their Patient
    only where none is held (a laboratory repeats what the order told it, and must not draw the Patient into its own
    service), and never open a visit: a visit gives rights. What the source said later stays.
    """
    message = replace(message, type=type_of(message))
    kind = BY_TYPE[message.type]
    said_at, happened_at = _times(message)
    told = of_message(message, said_at)
    if kind.alone is not None:
        return [_submission(message, id_, resource, feed) for id_, resource in kind.alone(message, told, feed)]
    pid = message.only("PID")
    about = patient_id(pid)
    found = _person(message, kind, pid, told, feed)
    pv1 = message.only("PV1") if kind.visit == "must" else message.first("PV1")
    visit = _visit(message, kind, pv1)
    if kind.visit and pv1 is not None and visit is not None:
        _refuse_new_number(message, visit)
        stay = encounter(message, pv1, visit, patient=about, told=told, happened_at=happened_at, feed=feed)
        found.append((visit, stay))
    tag = _tag(pv1, visit, feed)
    items = [
        (id_, settled(feed, id_, resource, told, kind.rank))
        for id_, resource in _items(message, kind, about, visit, tag, feed)
    ]
    items += [(id_, superseded(feed, id_, known, told)) for id_, known in kind.replaces(message, about, feed)]
    found += [(id_, resource) for id_, resource in items if resource is not None]
    found = following(feed, visit, found) if visit is not None and feed.services else found
    owner = moved_to(events_of(held(feed, "Encounter", visit))) if visit is not None else ""
    if owner and owner != about:
        for _, resource in found:
            _give(resource, visit, about, owner)
    return [_submission(message, id_, resource, feed) for id_, resource in found]


def _items(
    message: Message, kind: Kind, about: str, visit: str | None, tag: dict[str, Any], feed: Feed
) -> list[tuple[str, dict[str, Any]]]:
    """What else the message tells of; what it tells twice, as told last."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for read in kind.reads:
        for id_, resource in read(message, about, visit, feed):
            type_ = resource["resourceType"]
            found[type_, id_] = resource if type_ in _OF_NO_SERVICE else _tagged(resource, tag)
    return [(id_, resource) for (_, id_), resource in found.items()]


def _give(resource: dict[str, Any], visit: str | None, about: str, owner: str) -> None:
    """Let what is told of a visit be about the person whose visit it is by now."""
    named = [resource.get("encounter"), *resource.get("context", {}).get("encounter", ())]
    if {"reference": f"Encounter/{visit}"} in named:
        for name in ("subject", "patient"):
            if resource.get(name) == {"reference": f"Patient/{about}"}:
                resource[name] = {"reference": f"Patient/{owner}"}


def _refuse_new_number(message: Message, visit: str) -> None:
    """A45 moves a visit under its number: MRG-5, if it is there, must repeat PV1-19."""
    mrg = message.first("MRG")
    if mrg is not None and mrg.text(5) and fhir_id(mrg.text(5)) != visit:
        raise NotMapped("MRG-5", "The message gives the visit another number; Concord reads only that it was moved.")


def _person(message: Message, kind: Kind, pid: Segment, told: Telling, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    if kind.registers:
        return [(patient_id(pid), patient(message, pid, told, feed))]
    brought = brought_along(message, pid, told, feed)
    return [] if brought is None else [(patient_id(pid), brought)]


def _visit(message: Message, kind: Kind, pv1: Segment | None) -> str | None:
    """The source id of the visit; a visit without a number is known by the message that opens it."""
    visit = visit_id(pv1)
    if visit is not None or kind.visit != "must":
        return visit
    if message.type.removeprefix("ADT^") in CANCELS | {MOVE_VISIT}:
        raise NotMapped("PV1-19", "The message does not say of which visit it tells.")
    if not message.control_id:
        raise NotMapped("PV1-19", "Neither PV1-19 nor MSH-10 holds a number by which to know the visit.")
    return fhir_id(message.control_id)


def _tag(pv1: Segment | None, visit: str | None, feed: Feed) -> dict[str, Any]:
    """`meta` with the service of the visit, if the directory knows it: what is told of a visit is as sensitive. Of a
    message that names none, with the visit whose service it is to be."""
    service = pv1.text(10).lower() if pv1 is not None else ""
    if service in feed.services:
        return {"meta": service_tag(service)}
    return {} if service or visit is None or not feed.services else {"meta": follows(visit)}


def _tagged(resource: dict[str, Any], tag: dict[str, Any]) -> dict[str, Any]:
    """With the visit's service, unless it names one itself, and with whatever else it says of itself."""
    own = resource.get("meta", {})
    meta = own if "tag" in own else tag.get("meta", {}) | own
    return resource | ({"meta": meta} if meta else {})


def _times(message: Message) -> tuple[str, str]:
    """When the event was recorded (EVN-2, else MSH-7) and when it happened (EVN-6, else the same)."""
    header = message.segments[0]
    evn = message.first("EVN")
    said_at = (date_time(evn, 2) if evn is not None else None) or date_time(header, 7)
    if said_at is None:
        raise NotMapped("MSH-7", "The message does not say when: EVN-2 and MSH-7 are empty.")
    happened_at = date_time(evn, 6) if evn is not None else None
    return said_at, happened_at or said_at


def _submission(message: Message, source_id: str, resource: dict[str, Any], feed: Feed) -> Submission:
    # In one order of elements, however they were put together: the same words again are the same bytes.
    in_order = {"resourceType": resource["resourceType"]} | dict(sorted(resource.items()))
    # Each with references of its own: the record rewrites them in place, and may get the next resource later.
    in_order |= {name: dict(in_order[name]) for name in _REFERENCES if name in in_order}
    return Submission(
        resource=in_order,
        source_id=source_id,
        service=feed.service,
        position=f"message {message.number}, {resource['resourceType']}",
        moves=message.type == f"ADT^{MOVE_VISIT}" and resource["resourceType"] == "Encounter",
    )
