"""SCH, AIS, AIL and AIP to an Appointment (HL7 v2.4, chapter 10)."""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from concord.ingest.hl7v2.clocks import moment
from concord.ingest.hl7v2.held import held
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.results import comments
from concord.ingest.hl7v2.times import date_time
from concord.ingest.hl7v2.types import Element, compact, concept, each, place, practitioner
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, own_system, service_tag

# By event: cancelled (S15), discontinued (S16), deleted (S17), not attended (S26).
_BY_EVENT = {"S15": "cancelled", "S16": "cancelled", "S17": "entered-in-error", "S26": "noshow"}
# SCH-25, table 0278, filler status.
_BY_STATUS = {
    "BOOKED": "booked", "OVERBOOK": "booked", "PENDING": "pending", "WAITLIST": "waitlist", "STARTED": "arrived",
    "COMPLETE": "fulfilled", "CANCELLED": "cancelled", "CANCELED": "cancelled", "DELETED": "entered-in-error",
    "NOSHOW": "noshow", "ARRIVED": "arrived", "DC": "cancelled",
}  # fmt: skip
_OVER = {"cancelled", "entered-in-error", "noshow"}
_MINUTES: dict[str, Decimal | int] = {
    "MIN": 1, "M": 1, "MINUTES": 1, "S": Decimal(1) / 60, "SEC": Decimal(1) / 60, "H": 60, "HR": 60, "D": 1440,
}  # fmt: skip
# Where a booked resource's start stands; three fields on stands the duration, then its unit.
_START_FIELD = {"AIS": 4, "AIP": 6, "AIL": 6, "AIG": 8}


def appointment(message: Message, patient: str, feed: Feed) -> tuple[str, dict[str, Any]]:
    """(source id, Appointment). Known by the filler's number (SCH-2), else the placer's. Raises NotMapped."""
    sch = message.only("SCH")
    number = sch.text(2) or sch.text(1)
    if not number:
        raise NotMapped(sch.where(2), "Neither SCH-2 nor SCH-1 holds a number by which to know the appointment.")
    id_ = fhir_id("SCH", number)
    before = held(feed, "Appointment", id_)
    status = _BY_EVENT.get(message.type.removeprefix("SIU^")) or _BY_STATUS.get(sch.text(25).upper(), "booked")
    start, end, minutes = when(sch, message.first("TQ1"), message.segments)
    person = {"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}
    service = service_among(message.segments, feed)
    said = compact(
        meta=service_tag(service) if service else None,
        identifier=[
            {"system": own_system(feed.organisation, name), "value": sch.text(field)}
            for field, name in ((2, "appointment"), (1, "placer"))
            if sch.text(field)
        ],
        serviceType=each(concept(ais.first(3), feed.organisation) for ais in message.all("AIS")),
        appointmentType=concept(sch.first(8), feed.organisation),
        reasonCode=each([concept(sch.first(7), feed.organisation)]),
        cancelationReason=concept(sch.first(6), feed.organisation) if status == "cancelled" else None,
        start=start,
        end=end,
        minutesDuration=minutes,
        comment=comments(message.all("NTE")),
    )
    if status not in _OVER and status != "waitlist" and "start" not in said | (before or {}):
        raise NotMapped(sch.where(11), "The message does not say when the appointment is.")
    return id_, {"resourceType": "Appointment", "status": status} | said | {
        "participant": [person, *_participants(message, feed)]
    }


def when(sch: Segment, tq1: Segment | None, booked: Iterable[Segment]) -> tuple[str | None, str | None, int | None]:
    """Start, end and minutes: of TQ1 (v2.5 on), else of the first resource booked, else of SCH-11."""
    start = end = None
    if tq1 is not None:
        start, end = date_time(tq1, 7), date_time(tq1, 8)
    minutes = None
    for segment in booked:
        if first := _START_FIELD.get(segment.name):
            start = start or date_time(segment, first)
            minutes = minutes or _minutes(segment, first + 3, first + 4)
    minutes = minutes or _minutes(sch, 9, 10)
    start = start or date_time(sch, 11, 4)
    end = end or (date_time(sch, 11, 5) if start == date_time(sch, 11, 4) else None)
    if start is None or "T" not in start:
        return None, None, minutes
    if end is not None:
        lasts = int((moment(end) - moment(start)).total_seconds() // 60)
        return start, end, lasts if lasts > 0 else None
    if minutes:
        end = (moment(start) + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")
    return start, end, minutes


def _minutes(segment: Segment, number: int, unit: int) -> int | None:
    unit_minutes = _MINUTES.get(segment.text(unit).upper() or "MIN", 0)
    try:
        minutes = Decimal(segment.text(number)) * unit_minutes
        return int(minutes) if 1 <= minutes < 100_000 else None
    except InvalidOperation:
        return None


def _participants(message: Message, feed: Feed) -> list[Element]:
    people = [practitioner(sent, feed.organisation) for aip in message.all("AIP") for sent in aip.repetitions(3)]
    places = [place(sent, feed.organisation) for ail in message.all("AIL") for sent in ail.repetitions(3)]
    return [{"actor": actor, "status": "accepted"} for actor in each([*people, *places])]


def service_among(segments: Sequence[Segment], feed: Feed) -> str | None:
    """The service that the directory knows: the one booked (AIS-3), the clinic (AIL-3), the visit's (PV1-10)."""
    fields = (("AIS", 3), ("AIL", 3), ("PV1", 10))
    words = (one.text(number).lower() for name, number in fields for one in segments if one.name == name)
    return next((word for word in words if word in feed.services), None)
