"""ORC and OBR of ORM, OML and OMG to ServiceRequests: investigations requested (HL7 v2.4, 4.5)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.results import comments
from concord.ingest.hl7v2.times import date_time
from concord.ingest.hl7v2.types import compact, concept, each, practitioner
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, own_system

_SECTIONS = "http://terminology.hl7.org/CodeSystem/v2-0074"
# ORC-1, table 0119, order control: what ends or stops an order.
_BY_CONTROL = {
    "CA": "revoked", "OC": "revoked", "CR": "revoked", "DC": "revoked", "OD": "revoked", "DR": "revoked",
    "RP": "revoked", "RU": "revoked", "HD": "on-hold", "OH": "on-hold", "HR": "on-hold", "DE": "entered-in-error",
}  # fmt: skip
# ORC-5, table 0038, order status.
_BY_STATUS = {
    "A": "active", "IP": "active", "SC": "active", "CM": "completed", "CA": "revoked", "DC": "revoked", "RP": "revoked",
    "ER": "entered-in-error", "HD": "on-hold",
}  # fmt: skip
PRIORITIES = {"S": "stat", "A": "asap", "R": "routine", "P": "urgent", "U": "urgent"}


@dataclass(frozen=True, slots=True)
class Order:
    """One ORC (None: a sender that leaves it out) and the segments that follow it up to the next."""

    orc: Segment | None
    segments: Sequence[Segment]

    def all(self, name: str) -> Iterator[Segment]:
        return (segment for segment in self.segments if segment.name == name)

    def first(self, name: str) -> Segment | None:
        return next(self.all(name), None)


def orders(message: Message, ordered: Sequence[str]) -> list[Order]:
    """The orders of a message: each begins at an ORC, or at one of the segments `ordered` that no ORC precedes."""
    found: list[tuple[Segment | None, list[Segment]]] = []
    for segment in message.segments:
        opened = found and any(one.name in ordered for one in found[-1][1])
        if segment.name == "ORC":
            found.append((segment, []))
        elif segment.name in ordered and (not found or (opened and segment.name == ordered[0])):
            # A second one under the same ORC shares its number and its control.
            found.append((found[-1][0] if found else None, [segment]))
        elif found:
            found[-1][1].append(segment)
    return [Order(orc, rest) for orc, rest in found]


def number_of(order: Order, fields: Sequence[int], detail: Segment | None = None) -> str:
    """The order's number with its name space: of ORC, else of the detail segment, in the order of `fields`."""
    for segment in (order.orc, detail):
        for field in fields:
            if segment is not None and segment.text(field):
                return "^".join(part for part in (segment.text(field, 1), segment.text(field, 2)) if part)
    return ""


def status_of(order: Order) -> str:
    """By what the message asks for (ORC-1), else by what the order's status is said to be (ORC-5)."""
    if order.orc is None:
        return "active"
    return _BY_CONTROL.get(order.orc.text(1).upper()) or _BY_STATUS.get(order.orc.text(5).upper(), "active")


def requests(message: Message, patient: str, visit: str | None, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, ServiceRequest) of each OBR. Known by the placer's number and what is asked for. Raises NotMapped."""
    found: dict[str, dict[str, Any]] = {}
    for order in orders(message, ("OBR",)):
        for obr in order.all("OBR"):
            number = number_of(order, (2, 3), obr) or (order.orc.text(4) if order.orc is not None else "")
            if not number and not message.control_id:
                raise NotMapped(obr.where(2), "Neither ORC-2, OBR-2 nor MSH-10 holds a number to know the order by.")
            id_ = fhir_id("ORC", number or message.control_id, obr.text(4) or obr.text(4, 2))
            found[id_] = _request(order, obr, number, patient, visit, feed)
    return list(found.items())


def _request(order: Order, obr: Segment, number: str, patient: str, visit: str | None, feed: Feed) -> dict[str, Any]:
    code = concept(obr.first(4), feed.organisation)
    if code is None:
        raise NotMapped(obr.where(4), "The order does not say what is asked for; was its segment cut short?")
    orc, tq1 = order.orc, order.first("TQ1")
    priority = obr.text(5) or obr.text(27, 6) or (tq1.text(9) if tq1 is not None else "")
    requester = [one.first(field) for one, field in ((orc, 12), (obr, 16)) if one is not None]
    text = comments(order.all("NTE"))
    return {
        "resourceType": "ServiceRequest",
        "status": status_of(order),
        "intent": "order",
        "code": code,
        "subject": {"reference": f"Patient/{patient}"},
    } | compact(
        identifier=[{"system": own_system(feed.organisation, "placer"), "value": number}] if number else None,
        category=[{"coding": [{"system": _SECTIONS, "code": obr.text(24).upper()}]}] if obr.text(24) else None,
        priority=PRIORITIES.get(priority.upper()),
        encounter={"reference": f"Encounter/{visit}"} if visit else None,
        occurrenceDateTime=date_time(obr, 6) or (date_time(tq1, 7) if tq1 is not None else None),
        authoredOn=date_time(orc, 9) if orc is not None else None,
        requester=next(iter(each(practitioner(sent, feed.organisation) for sent in requester)), None),
        reasonCode=each(concept(sent, feed.organisation) for sent in obr.repetitions(31)),
        note=[{"text": text}] if text else None,
    )
