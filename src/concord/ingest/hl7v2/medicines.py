"""ORC, RXO, RXE and RXR of RDE and ORM to MedicationRequests (HL7 v2.4, 4.14)."""

from typing import Any

from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.orders import PRIORITIES, Order, number_of, orders, status_of
from concord.ingest.hl7v2.results import comments
from concord.ingest.hl7v2.times import date_time
from concord.ingest.hl7v2.types import Element, compact, concept, each, practitioner
from concord.ingest.hl7v2.values import amount
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, own_system

_STATUSES = {"revoked": "stopped"}  # R4 says of a medicine that it was stopped


def prescriptions(message: Message, patient: str, visit: str | None, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, MedicationRequest) of each order with an RXE, else RXO. Raises NotMapped.

    What the pharmacy encoded (RXE) counts before what was asked for (RXO).
    """
    found: dict[str, dict[str, Any]] = {}
    for order in orders(message, ("RXE", "RXO")):
        detail = order.first("RXE") or order.first("RXO")
        if detail is None:
            continue
        number = number_of(order, (2, 3)) or (detail.text(15) if detail.name == "RXE" else "")
        if not number and not message.control_id:
            raise NotMapped("ORC-2", "Neither ORC-2, ORC-3 nor MSH-10 holds a number to know the prescription by.")
        found[fhir_id("RX", number or message.control_id)] = _prescription(order, detail, number, patient, visit, feed)
    return list(found.items())


def _prescription(
    order: Order, detail: Segment, number: str, patient: str, visit: str | None, feed: Feed
) -> dict[str, Any]:
    encoded = detail.name == "RXE"
    drug = 2 if encoded else 1
    medicine = concept(detail.first(drug), feed.organisation)
    if medicine is None:
        raise NotMapped(detail.where(drug), "The prescription does not say of what; was its segment cut short?")
    orc, tq1 = order.orc, _timing_segment(order, detail)
    prescriber = [detail.first(13)] if encoded else [detail.first(14)]
    prescriber += [orc.first(12)] if orc is not None else []
    status = status_of(order)
    text = comments(order.all("NTE"))
    return {
        "resourceType": "MedicationRequest",
        "status": _STATUSES.get(status, status),
        "intent": "order",
        "medicationCodeableConcept": medicine,
        "subject": {"reference": f"Patient/{patient}"},
    } | compact(
        identifier=[{"system": own_system(feed.organisation, "placer"), "value": number}] if number else None,
        priority=PRIORITIES.get(tq1.text(9).upper()) if tq1 is not None else None,
        encounter={"reference": f"Encounter/{visit}"} if visit else None,
        authoredOn=date_time(orc, 9) if orc is not None else None,
        requester=next(iter(each(practitioner(sent, feed.organisation) for sent in prescriber)), None),
        note=[{"text": text}] if text else None,
        dosageInstruction=each([_dosage(order, detail, tq1, feed)]),
        dispenseRequest=_dispense(detail) if encoded else None,
    )  # fmt: skip


def _timing_segment(order: Order, detail: Segment) -> Segment | None:
    """The TQ1 that follows the detail, else the order's."""
    following = [one for one in order.all("TQ1") if order.segments.index(one) > order.segments.index(detail)]
    return following[0] if following else order.first("TQ1")


def _dosage(order: Order, detail: Segment, tq1: Segment | None, feed: Feed) -> Element | None:
    encoded = detail.name == "RXE"
    given, least, units = (7, 3, 5) if encoded else (7, 2, 4)
    instructions = [words for sent in detail.repetitions(given) if (words := sent.phrase(2) or sent.phrase())]
    instructions += [words for one in ([tq1] if tq1 is not None else []) if (words := one.verbatim(11))]
    how_often = (tq1.first(3).joined(1) if tq1 is not None else "") or detail.first(1).joined(2) * encoded
    rxr = order.first("RXR")
    dose = amount(detail.text(least), detail.first(units))
    return compact(
        text="\n".join([*instructions] or ([how_often] if how_often else [])),
        timing=compact(
            repeat=_bounds(detail, tq1),
            code={"text": how_often} if how_often else None,
        ),
        route=concept(rxr.first(1), feed.organisation) if rxr is not None else None,
        site=concept(rxr.first(2), feed.organisation) if rxr is not None else None,
        doseAndRate=[{"doseQuantity": dose}] if dose else None,
    ) or None  # fmt: skip


def _bounds(detail: Segment, tq1: Segment | None) -> Element | None:
    if tq1 is not None:
        period = compact(start=date_time(tq1, 7), end=date_time(tq1, 8))
        return {"boundsPeriod": period} if period else None
    if detail.name != "RXE":
        return None
    period = compact(start=date_time(detail, 1, 4), end=date_time(detail, 1, 5))
    return {"boundsPeriod": period} if period else None


def _dispense(rxe: Segment) -> Element | None:
    repeats = rxe.text(12)
    return compact(
        quantity=amount(rxe.text(10), rxe.first(11)),
        numberOfRepeatsAllowed=int(repeats) if repeats.isascii() and repeats.isdigit() and len(repeats) < 4 else None,
    ) or None  # fmt: skip
