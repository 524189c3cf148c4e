"""PV1 to an Encounter: a visit, its beginning and end, and where the patient was when (HL7 v2.4, 3.4.3)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord.ingest.hl7v2.held import dated, held, older
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.times import date_time, moment
from concord.ingest.hl7v2.types import Element, compact, concept, each, place, practitioner
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
_ADMITS = ("ADT^A01", "ADT^A04")
_DISCHARGE = "ADT^A03"


@dataclass(frozen=True, slots=True)
class Move:
    """From `start_at` on the patient was in `place`."""

    start_at: str
    place: Element


@dataclass(frozen=True, kw_only=True, slots=True)
class Stay:
    """When a visit began and ended (None: not known, or not ended), and the moves in between in order of time."""

    start_at: str | None
    end_at: str | None
    moves: tuple[Move, ...]


def visit_id(pv1: Segment | None) -> str | None:
    """The source id of the visit: PV1-19."""
    number = pv1.text(19) if pv1 is not None else ""
    return fhir_id(number) if number else None


def encounter(
    message: Message, pv1: Segment, source_id: str, *, patient: str, said_at: str, happened_at: str, feed: Feed
) -> dict[str, Any]:
    """The Encounter as this message leaves it. Raises NotMapped.

    The moves, the beginning and the end are facts with times of their own, filed in order whenever they come; all
    else is as the newest message says.
    """
    before = held(feed, "Encounter", source_id)
    stay = _stay(message, pv1, happened_at, before, feed)
    course = compact(
        status="finished" if stay.end_at else "in-progress",
        subject={"reference": f"Patient/{patient}"},
        period=compact(start=stay.start_at, end=stay.end_at),
        location=_locations(stay),
    )
    if before is not None and older(said_at, before):
        return before | course
    return dated(_described(message, pv1, source_id, feed, before) | course, said_at, _about(before, patient))


def _about(before: dict[str, Any] | None, patient: str) -> dict[str, Any] | None:
    """What is held with the reference as this source writes it: the record may have written it in its own way."""
    return None if before is None else before | {"subject": {"reference": f"Patient/{patient}"}}


def _described(
    message: Message, pv1: Segment, source_id: str, feed: Feed, before: dict[str, Any] | None
) -> dict[str, Any]:
    service = pv1.text(10).lower()
    pv2 = message.first("PV2")
    said = compact(
        meta=service_tag(service) if service in feed.services else None,
        identifier=[{"system": own_system(feed.organisation, "visit"), "value": pv1.text(19) or source_id}],
        serviceType=concept(pv1.first(10), feed.organisation),
        participant=_participants(pv1, feed),
        reasonCode=each([concept(pv2.first(3), feed.organisation)]) if pv2 is not None else None,
        serviceProvider=organisation_reference(feed.organisation),
    )
    said["class"] = _class(pv1, before)
    kept = ("meta", "serviceType", "participant", "reasonCode")
    return {"resourceType": "Encounter"} | {name: before[name] for name in kept if before and name in before} | said


def _class(pv1: Segment, before: dict[str, Any] | None) -> Element:
    code = pv1.text(2).upper()
    if code in _CLASSES:
        fhir, display = _CLASSES[code]
        return {"system": _ACT_CODE, "code": fhir, "display": display}
    if code:
        return {"system": "http://terminology.hl7.org/CodeSystem/v2-0004", "code": code}
    if before is not None:
        return before["class"]  # type: ignore[no-any-return]
    raise NotMapped(pv1.where(2), "The message does not say the patient class; was its PV1 segment cut short?")


def _participants(pv1: Segment, feed: Feed) -> list[Element]:
    found = []
    for number, code, display in _PARTICIPANTS:
        type_ = {"coding": [{"system": _PARTICIPATION, "code": code, "display": display}]}
        for sent in pv1.repetitions(number):
            if person := practitioner(sent, feed.organisation):
                found.append({"type": [type_], "individual": person})
    return found


def _stay(message: Message, pv1: Segment, happened_at: str, before: dict[str, Any] | None, feed: Feed) -> Stay:
    known = _known(before)
    admits = message.type in _ADMITS
    start_at = date_time(pv1, 44) or known.start_at or (happened_at if admits else None)
    end_at = date_time(pv1, 45) or (happened_at if message.type == _DISCHARGE else None)
    moves = known.moves
    here = place(pv1.first(3), feed.organisation)
    over = known.end_at is not None and moment(happened_at) >= moment(known.end_at)
    if here and message.type != _DISCHARGE and not (over and message.type == "ADT^A08"):
        began_at = start_at if admits and start_at and "T" in start_at else happened_at
        moves = filed(moves, Move(began_at, here))
    elif here and not moves:
        moves = (Move(start_at or happened_at, here),)
    if end_at is None and known.end_at is not None:
        # An admission or a transfer after the discharge opens the visit again; anything else leaves it closed.
        reopens = message.type != "ADT^A08" and over and moment(happened_at) > moment(known.end_at)
        end_at = None if reopens else known.end_at
    elif before is not None and message.type == _DISCHARGE and _went_on(moves, end_at):
        end_at = known.end_at
    return Stay(start_at=start_at, end_at=end_at, moves=moves)


def _went_on(moves: tuple[Move, ...], end_at: str | None) -> bool:
    """Whether the patient is known to have moved after this end: a discharge that comes late, undone meanwhile."""
    return bool(moves and end_at) and moment(moves[-1].start_at) > moment(str(end_at))


def _known(before: dict[str, Any] | None) -> Stay:
    if before is None:
        return Stay(start_at=None, end_at=None, moves=())
    period = before.get("period", {})
    moves = tuple(Move(one["period"]["start"], one["location"]) for one in before.get("location", ()))
    return Stay(start_at=period.get("start"), end_at=period.get("end"), moves=moves)


def filed(moves: tuple[Move, ...], move: Move) -> tuple[Move, ...]:
    """The moves with one more in its place in time. A move to where the patient already is, is none."""
    before = [one for one in moves if _at(one) <= _at(move)]
    after = [one for one in moves if _at(one) > _at(move)]
    if before and _same(before[-1], move):
        return moves
    if before and _at(before[-1]) == _at(move):
        before.pop()  # said of the same moment: the later word counts
    if after and _same(after[0], move):
        after.pop(0)
    return (*before, move, *after)


def _at(move: Move) -> datetime:
    return moment(move.start_at)


def _same(one: Move, other: Move) -> bool:
    return bool(one.place["identifier"] == other.place["identifier"])


def _locations(stay: Stay) -> list[Element]:
    if not stay.moves:
        return []
    ends = [*(move.start_at for move in stay.moves[1:]), stay.end_at]
    return [
        {
            "location": move.place,
            "status": "completed" if end else "active",
            "period": compact(start=move.start_at, end=end),
        }
        for move, end in zip(stay.moves, ends, strict=True)
    ]
