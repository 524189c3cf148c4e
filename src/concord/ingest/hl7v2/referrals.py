"""RF1 and PRD to a ServiceRequest: a referral (HL7 v2.4, chapter 11)."""

from typing import Any

from concord.base import ODS_SYSTEM
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.results import comments
from concord.ingest.hl7v2.times import date_time
from concord.ingest.hl7v2.types import Element, compact, concept, each, name
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, own_system

_CATEGORY = "https://concord.example/CodeSystem/service-request-category"
_CANCELLATION = "REF^I14"
# RF1-1, table 0283, referral status.
_STATUSES = {"A": "active", "P": "active", "R": "revoked", "E": "completed", "C": "revoked"}
_PRIORITIES = {"S": "stat", "A": "asap", "R": "routine", "U": "urgent"}  # RF1-2, table 0280
_REFERRED_TO, _REFERRED_BY = "RT", "RP"
_ODS = {"ODS", "NACS"}


def referral(message: Message, patient: str, visit: str | None, feed: Feed) -> tuple[str, dict[str, Any]]:
    """(source id, ServiceRequest). Known by the referrer's number (RF1-6), else the other's. Raises NotMapped."""
    rf1 = message.only("RF1")
    number = rf1.text(6) or rf1.text(11)
    if not number:
        raise NotMapped(rf1.where(6), "Neither RF1-6 nor RF1-11 holds a number by which to know the referral.")
    if not any(prd.text(1).upper() == _REFERRED_TO for prd in message.all("PRD")):
        raise NotMapped("PRD-1", "The message does not say to whom the patient is referred: no PRD has the role RT.")
    revoked = message.type == _CANCELLATION
    return fhir_id("RF1", number), {
        "resourceType": "ServiceRequest",
        "identifier": [{"system": own_system(feed.organisation, "referral"), "value": number}],
        "status": "revoked" if revoked else _STATUSES.get(rf1.text(1).upper(), "active"),
        "intent": "order",
        "category": [{"coding": [{"system": _CATEGORY, "code": "referral"}]}],
        "subject": {"reference": f"Patient/{patient}"},
    } | compact(
        priority=_PRIORITIES.get(rf1.text(2).upper()),
        code=concept(rf1.first(3), feed.organisation),
        encounter={"reference": f"Encounter/{visit}"} if visit else None,
        occurrencePeriod=compact(start=date_time(rf1, 7), end=date_time(rf1, 8)),
        authoredOn=date_time(rf1, 9) or date_time(rf1, 7),
        requester=next(iter(_providers(message, _REFERRED_BY, feed)), None),
        performer=_providers(message, _REFERRED_TO, feed),
        reasonCode=each(concept(sent, feed.organisation) for sent in rf1.repetitions(10)),
        note=[{"text": text}] if (text := comments(_notes(message))) else None,
    )


def _providers(message: Message, role: str, feed: Feed) -> list[Element]:
    return each(_provider(prd, feed) for prd in message.all("PRD") if prd.text(1).upper() == role)


def _provider(prd: Segment, feed: Feed) -> Element | None:
    """The organisation where its ODS code stands (PRD-7 id^ODS, PRD-4 facility code&&ODS), else the person by name.

    Only a code opens anything to the organisation that it names.
    """
    person = name(prd.first(2)) or {}
    shown = " ".join([*person.get("prefix", []), *person.get("given", []), *[person.get("family", "")]]).strip()
    facility = prd.first(4)
    for code, authority in [(sent.text(1), sent.text(2)) for sent in prd.repetitions(7)] + [
        (facility.text(4, 1), facility.text(4, part)) for part in (2, 3)
    ]:
        if code and authority.upper() in _ODS:
            called = prd.text(10) or facility.text(9) or shown
            return {"type": "Organization", "identifier": {"system": ODS_SYSTEM, "value": code.upper()}} | compact(
                display=called
            )
    number = prd.text(7)
    identifier = {"system": own_system(feed.organisation, prd.text(7, 2) or "provider"), "value": number}
    found = compact(identifier=identifier if number else None, display=shown or prd.text(10))
    return {"type": "Practitioner"} | found if found else None


def _notes(message: Message) -> list[Segment]:
    """The comments on the referral itself: those before any result or visit."""
    notes = []
    for segment in message.segments:
        if segment.name in ("OBR", "OBX", "PV1"):
            break
        if segment.name == "NTE":
            notes.append(segment)
    return notes
