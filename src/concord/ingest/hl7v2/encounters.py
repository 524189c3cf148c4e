"""PV1 to an Encounter: a visit, its beginning and end, and where the patient was when (HL7 v2.4, 3.4.3)."""

from typing import Any

from concord.ingest.hl7v2.course import (
    CANCELS,
    DEPART,
    EXPECT,
    MOVE_VISIT,
    TRACKING,
    Course,
    Event,
    course,
    kept,
    moved_to,
    with_event,
)
from concord.ingest.hl7v2.held import held
from concord.ingest.hl7v2.last_words import overtaken, standing, told_last, word
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.telling import Telling, told_by
from concord.ingest.hl7v2.times import date_time
from concord.ingest.hl7v2.types import Element, compact, concept, each, place, practitioner
from concord.ingest.hl7v2.visit_services import known
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, organisation_reference, own_system, service_tag

_ACT_CODE = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_CLASSES = {
    "I": ("IMP", "inpatient encounter"),
    "E": ("EMER", "emergency"),
    "O": ("AMB", "ambulatory"),
    "R": ("AMB", "ambulatory"),
    "P": ("PRENC", "pre-admission"),
    "B": ("IMP", "inpatient encounter"),
}
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_PARTICIPANTS = ((7, "ATND", "attender"), (9, "CON", "consultant"), (17, "ADM", "admitter"))
_DESCRIBED = ("meta", "serviceType", "participant", "reasonCode")


def visit_id(pv1: Segment | None) -> str | None:
    """The source id of the visit: PV1-19."""
    number = pv1.text(19) if pv1 is not None else ""
    return fhir_id(number) if number else None


def encounter(
    message: Message, pv1: Segment, source_id: str, *, patient: str, told: Telling, happened_at: str, feed: Feed
) -> dict[str, Any]:
    """The Encounter as this message leaves it. Raises NotMapped.

    What happened when is an event of its own, filed in order whenever it comes; of all else the last word stands.
    """
    before = held(feed, "Encounter", source_id)
    happened = _event(message, pv1, patient, told, happened_at, feed)
    events = with_event(known(before), happened)
    run = course(events)
    described, last_words = standing(before, _words(message, pv1, feed), told, _DESCRIBED)
    derived = compact(
        status=run.status,
        subject=_subject(patient, events, told, before),
        period=compact(start=run.start_at, end=run.end_at),
        location=_locations(run),
    ) | {"class": _class(run.class_, pv1, before)}
    constant = {
        "resourceType": "Encounter",
        "identifier": [{"system": own_system(feed.organisation, "visit"), "value": pv1.text(19) or source_id}],
        "serviceProvider": organisation_reference(feed.organisation),
    }
    return told_last(constant | described | derived | {"extension": kept(events)}, told, before, last_words)


def _subject(patient: str, events: list[Event], told: Telling, before: dict[str, Any] | None) -> Element:
    """Whose visit it is: by the last message that moved it, else by the last."""
    if owner := moved_to(events):
        return {"reference": f"Patient/{owner}"}
    if before is not None and overtaken(told, before):
        return before["subject"]  # type: ignore[no-any-return]  # JSON that we wrote: a Reference
    return {"reference": f"Patient/{patient}"}


def _event(message: Message, pv1: Segment, patient: str, told: Telling, happened_at: str, feed: Feed) -> Event:
    kind = message.type.removeprefix("ADT^")
    pv2 = message.first("PV2")
    expected_at = date_time(pv2, 8) if kind in EXPECT and pv2 is not None else None
    return Event(
        kind=kind,
        said_at=told.said_at,
        happened_at=happened_at,
        # What stands beside a cancellation may be where the patient was, or is again: senders differ.
        place=None if kind in CANCELS or kind == MOVE_VISIT else _place(kind, pv1, feed),
        class_=pv1.text(2).upper(),
        start_at=None if kind in CANCELS else expected_at or date_time(pv1, 44),
        end_at=None if kind in CANCELS else date_time(pv1, 45),
        patient=patient if kind == MOVE_VISIT else "",
        service=service if (service := pv1.text(10).lower()) in feed.services else "",
        message=told.message,
    )


def _place(kind: str, pv1: Segment, feed: Feed) -> Element | None:
    """PV1-3; of a tracked patient the temporary place (PV1-11), else the one that waits for them (PV1-42), if named."""
    if kind in TRACKING and (tracked := place(pv1.first(11), feed.organisation)):
        return tracked
    pending = place(pv1.first(42), feed.organisation) if kind == DEPART else None
    return pending or place(pv1.first(3), feed.organisation)


def _words(message: Message, pv1: Segment, feed: Feed) -> dict[str, Element]:
    """What the message says of the visit besides what happened."""
    service = pv1.text(10).lower()
    treats = [pv1.raw(number) for number, _, _ in _PARTICIPANTS]
    words = (
        word("meta", {"meta": service_tag(service)} if service in feed.services else {})
        | word("serviceType", compact(serviceType=concept(pv1.first(10), feed.organisation)), pv1.raw(10))
        | word("participant", compact(participant=_participants(pv1, feed)), *treats)
    )
    if (pv2 := message.first("PV2")) is not None:
        reason = compact(reasonCode=each([concept(pv2.first(3), feed.organisation)]))
        words |= word("reasonCode", reason, pv2.raw(3))
    return words


def _class(code: str, pv1: Segment, before: dict[str, Any] | None) -> Element:
    if code in _CLASSES:
        fhir, display = _CLASSES[code]
        return {"system": _ACT_CODE, "code": fhir, "display": display}
    if code:
        return {"system": "http://terminology.hl7.org/CodeSystem/v2-0004", "code": code}
    if before is not None:
        return before["class"]  # type: ignore[no-any-return]  # JSON that we wrote: a Coding
    raise NotMapped(pv1.where(2), "The message does not say the patient class; was its PV1 segment cut short?")


def _participants(pv1: Segment, feed: Feed) -> list[Element]:
    found = []
    for number, code, display in _PARTICIPANTS:
        type_ = {"coding": [{"system": _PARTICIPATION, "code": code, "display": display}]}
        for sent in pv1.repetitions(number):
            if person := practitioner(sent, feed.organisation):
                found.append({"type": [type_], "individual": person})
    return found


def _locations(run: Course) -> list[Element]:
    if run.expected_in is not None:
        return [{"location": run.expected_in, "status": "planned"}]
    if not run.moves:
        return []
    ends = [*(move.start_at for move in run.moves[1:]), run.end_at]
    return [
        {
            **told_by(move.message),
            "location": move.place,
            "status": "planned" if move.on_the_way else "completed" if end else "active",
            "period": compact(start=move.start_at, end=end),
        }
        for move, end in zip(run.moves, ends, strict=True)
        if not (move.on_the_way and end)
    ]
