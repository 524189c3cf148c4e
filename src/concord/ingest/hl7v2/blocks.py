"""SIU S23 and S24 to Schedule and Slot: times that are blocked, and open again (HL7 v2.4, chapter 10).

They are about nobody. A Slot is the time of one place, person or thing under one block's number, and the last word
about it stands: blocked is `busy-unavailable`, opened is `free`. It does not become `entered-in-error`, since the time
was blocked, and whoever follows the Slots must hear that it no longer is. What is opened of a longer block stands
beside that, which stays blocked until its own time is opened: so no time is told to be free of which nobody has said
so.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from concord.base import OdsCode
from concord.ingest.hl7v2.appointments import service_among, when
from concord.ingest.hl7v2.clocks import moment
from concord.ingest.hl7v2.held import held
from concord.ingest.hl7v2.last_words import standing, told_last, word
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.results import comments
from concord.ingest.hl7v2.telling import Telling
from concord.ingest.hl7v2.types import Element, compact, concept, each, place, practitioner
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, own_system, service_tag

_OPENED = "SIU^S24"
_BOOKED = ("AIS", "AIL", "AIP", "AIG")
_TOLD = ("meta", "actor", "status", "start", "end", "serviceType", "comment")
_DURATION_FIELD = {"AIS": 7, "AIL": 9, "AIP": 9, "AIG": 11}


def blocks(message: Message, told: Telling, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, resource) of the Schedules of what the message names, and of their Slots. Raises NotMapped."""
    sch = message.only("SCH")
    number = sch.text(2) or sch.text(1)
    found: dict[str, dict[str, Any]] = {}
    for group in _groups(message):
        for segment, actor in _blocked(group, feed.organisation):
            schedule = fhir_id("SCHEDULE", segment.name, *_named(actor))
            words = _of_service([segment], feed) | {"actor": {"actor": [actor]}}
            found[schedule] = _standing({"resourceType": "Schedule"}, schedule, words, told, feed)
            words = _of_service(group, feed) | _said(message, sch)
            for start, end in _times(message, sch, segment, group):
                during = (moment(one).isoformat() for one in (start, end))
                slot = fhir_id("SLOT", number, schedule, *during)
                constant = _slot(number, schedule, feed.organisation)
                times = {"start": {"start": start}, "end": {"end": end}}
                found[slot] = _standing(constant, slot, words | times, told, feed)
    if not found:
        raise NotMapped("AIL-3", "The message names no place, person, thing or service whose time it tells of.")
    return list(found.items())


def _groups(message: Message) -> list[list[Segment]]:
    """What is booked together, each behind its RGS; all of it where there is none."""
    groups: list[list[Segment]] = [[]]
    for segment in message.segments:
        if segment.name == "RGS":
            groups.append([])
        elif segment.name in _BOOKED:
            groups[-1].append(segment)
    return groups


def _blocked(group: Sequence[Segment], organisation: OdsCode) -> Iterator[tuple[Segment, Element]]:
    """Each whose time it is, as a reference: places, people and things; a service only where none of these is named,
    since else it says what the time was for."""
    named = [segment for segment in group if segment.name != "AIS"] or group
    for segment in named:
        for sent in segment.repetitions(3):
            if segment.name == "AIL":
                actor = place(sent, organisation)
            elif segment.name == "AIP":
                actor = practitioner(sent, organisation)
            else:  # of AIG nobody knows whether it is a device, a room or a list of a clinic's
                type_, numbering = ("HealthcareService", "service") if segment.name == "AIS" else ("", "resource")
                shown = sent.text(2) or sent.text()
                identifier = {"system": own_system(organisation, numbering), "value": sent.text() or shown}
                actor = compact(type=type_) | {"identifier": identifier, "display": shown} if shown else None
            if actor is not None:
                yield segment, actor


def _named(actor: Element) -> tuple[str, ...]:
    """By what it is known."""
    return tuple(actor["identifier"].values()) if "identifier" in actor else (actor["display"],)


def _slot(number: str, schedule: str, organisation: OdsCode) -> dict[str, Any]:
    identifier = [{"system": own_system(organisation, "block"), "value": number}] if number else None
    return {"resourceType": "Slot", "schedule": {"reference": f"Schedule/{schedule}"}} | compact(identifier=identifier)


def _times(message: Message, sch: Segment, segment: Segment, group: Sequence[Segment]) -> Iterator[tuple[str, str]]:
    """The times of a block, of each TQ1 one; else of the segment itself, of those beside it, of SCH-11."""
    told: list[Segment | None] = [*message.all("TQ1")]
    for tq1 in told or [None]:
        start, end, _ = when(sch, tq1, [segment, *group])
        if start is None or "T" not in start:
            raise NotMapped(sch.where(11), "The message does not say from which minute on the time is meant.")
        if end is None:
            where = segment.where(_DURATION_FIELD[segment.name])
            raise NotMapped(where, "The message does not say until when the time is meant.")
        yield start, end


def _said(message: Message, sch: Segment) -> dict[str, Element]:
    """What becomes of the time, and why: the reason of a block goes with it."""
    opened = message.type == _OPENED
    why = "\n".join(part for part in (sch.first(7).text(2) or sch.text(7), comments(message.all("NTE"))) if part)
    comment = {"comment": compact(comment=why)} if why or opened else {}
    return {"status": {"status": "free" if opened else "busy-unavailable"}} | comment


def _of_service(segments: Sequence[Segment], feed: Feed) -> dict[str, Element]:
    """What the segments say of a service: its name, and its tag where the directory knows it."""
    named = [concept(segment.first(3), feed.organisation) for segment in segments if segment.name == "AIS"]
    service = service_among(segments, feed)
    return word("serviceType", compact(serviceType=each(named))) | word(
        "meta", {"meta": service_tag(service)} if service else {}
    )


def _standing(
    constant: Mapping[str, Any], source_id: str, words: Mapping[str, Element], told: Telling, feed: Feed
) -> dict[str, Any]:
    before = held(feed, constant["resourceType"], source_id)
    said, last_words = standing(before, words, told, _TOLD)
    return told_last({**constant, **said}, told, before, last_words)
