"""RXA and RXR of VXU to an Immunization (HL7 v2.4, 4.14.7)."""

from decimal import Decimal
from typing import Any

from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.orders import Order, number_of, orders
from concord.ingest.hl7v2.results import comments
from concord.ingest.hl7v2.times import date, date_time
from concord.ingest.hl7v2.types import compact, concept, each, practitioner
from concord.ingest.hl7v2.values import amount
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, own_system

# RXA-20, table 0322, completion status; RXA-21, table 0323, action code.
_STATUSES = {"CP": "completed", "PA": "completed", "RE": "not-done", "NA": "not-done"}
_DELETED = "D"
_NOTHING_GIVEN = "998"  # CVX: no vaccine administered; the message tells of something else
_NEW_RECORD = "00"  # NIP001: given by who tells of it, not heard from elsewhere


def immunisations(message: Message, patient: str, visit: str | None, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, Immunization) of each RXA. Raises NotMapped."""
    found = []
    for order in orders(message, ("RXA",)):
        for rxa in order.all("RXA"):
            if rxa.text(5) != _NOTHING_GIVEN:
                found.append(_immunisation(order, rxa, patient, visit, feed))
    return found


def _immunisation(
    order: Order, rxa: Segment, patient: str, visit: str | None, feed: Feed
) -> tuple[str, dict[str, Any]]:
    vaccine = concept(rxa.first(5), feed.organisation)
    given_at = date_time(rxa, 3)
    if vaccine is None:
        raise NotMapped(rxa.where(5), "The message does not say which vaccine; was its RXA segment cut short?")
    if given_at is None:
        raise NotMapped(rxa.where(3), "The message does not say when the vaccine was given.")
    number = number_of(order, (3, 2))
    id_ = fhir_id("RXA", number, rxa.text(5)) if number else fhir_id("RXA", patient, rxa.text(5), given_at)
    rxr = order.first("RXR")
    source, maker = rxa.text(9), rxa.phrase(17, 2) or rxa.phrase(17)
    status = "entered-in-error" if rxa.text(21).upper() == _DELETED else _STATUSES.get(rxa.text(20).upper())
    performers = each(practitioner(sent, feed.organisation) for sent in rxa.repetitions(10))
    text = comments(order.all("NTE"))
    return id_, {
        "resourceType": "Immunization",
        "status": status or "completed",
        "vaccineCode": vaccine,
        "patient": {"reference": f"Patient/{patient}"},
        "occurrenceDateTime": given_at,
    } | compact(
        identifier=[{"system": own_system(feed.organisation, "immunisation"), "value": number}] if number else None,
        statusReason=concept(rxa.first(18), feed.organisation),
        encounter={"reference": f"Encounter/{visit}"} if visit else None,
        primarySource=source == _NEW_RECORD if source else None,
        manufacturer={"type": "Organization", "display": maker} if maker else None,
        lotNumber=rxa.text(15),
        expirationDate=date(rxa, 16),
        route=concept(rxr.first(1), feed.organisation) if rxr is not None else None,
        site=concept(rxr.first(2), feed.organisation) if rxr is not None else None,
        doseQuantity=_dose(rxa),
        performer=[{"actor": actor} for actor in performers],
        note=[{"text": text}] if text else None,
    )


def _dose(rxa: Segment) -> dict[str, Any] | None:
    """RXA-6 and RXA-7; 999 says that the amount is not known."""
    quantity = amount(rxa.text(6), rxa.first(7))
    return None if quantity is None or quantity["value"] == Decimal(999) else quantity
