"""PRB of PPR to Conditions of a problem list (HL7 v2.4, 12.4.3)."""

from typing import Any

from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.results import comments
from concord.ingest.hl7v2.times import date_time
from concord.ingest.hl7v2.types import Element, compact, concept
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, own_system

_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
_CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
_SENSITIVITIES = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
_DELETED = "PPR^PC3"
# PRB-1, table 0287, problem action code.
_DELETES = "DE"
# PRB-13, table 0301 of the site: the words that sites use.
_CONFIRMED = {
    "C": "confirmed", "CONFIRMED": "confirmed", "P": "provisional", "PROVISIONAL": "provisional",
    "D": "differential", "DIFFERENTIAL": "differential", "U": "unconfirmed", "UNCONFIRMED": "unconfirmed",
    "R": "refuted", "REFUTED": "refuted",
}  # fmt: skip
# PRB-14, the site's own too.
_LIFE_CYCLE = {
    "A": "active", "ACTIVE": "active", "I": "inactive", "INACTIVE": "inactive", "R": "resolved",
    "RESOLVED": "resolved", "RECURRENCE": "recurrence", "RELAPSE": "relapse", "REMISSION": "remission",
}  # fmt: skip
# PRB-25, table 0177: how confidential, and why. What stands in neither is served as the source's own, and withheld.
_CONFIDENTIAL = {"U": "N", "R": "R", "V": "V"}
_SENSITIVE = {"AID": "HIV", "HIV": "HIV", "PSY": "PSY", "ETH": "ETH"}


def problems(message: Message, patient: str, visit: str | None, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, Condition) of each PRB, with the notes that follow it. Raises NotMapped.

    Known by its own number (PRB-4), else by patient and code.
    """
    found: list[tuple[Segment, list[Segment]]] = []
    for segment in message.segments:
        if segment.name == "PRB":
            found.append((segment, []))
        elif segment.name == "NTE" and found:
            found[-1][1].append(segment)
    if not found:
        raise NotMapped("PRB", "The message has no PRB segment; was it cut short?")
    about: Element = {"subject": {"reference": f"Patient/{patient}"}}
    if visit:
        about["encounter"] = {"reference": f"Encounter/{visit}"}
    return [_problem(message, prb, notes, patient, about, feed) for prb, notes in found]


def _problem(
    message: Message, prb: Segment, notes: list[Segment], patient: str, about: Element, feed: Feed
) -> tuple[str, dict[str, Any]]:
    code = concept(prb.first(3), feed.organisation)
    if code is None:
        raise NotMapped(prb.where(3), "The problem does not say of what; was its segment cut short?")
    number = prb.text(4)
    named = (number, prb.text(4, 2)) if number else (patient, prb.text(3, 3), prb.text(3) or prb.text(3, 2))
    deleted = message.type == _DELETED or prb.text(1).upper() == _DELETES
    ended_at = date_time(prb, 9)
    note = comments(notes)
    status = "entered-in-error" if deleted else _confirmed(prb)
    return fhir_id("PRB", *(part for part in named if part)), {
        "resourceType": "Condition",
        "category": [{"coding": [{"system": _CATEGORY, "code": "problem-list-item"}]}],
        "code": code,
        **about,
    } | compact(
        meta=compact(security=_security(prb, feed)),
        identifier=[{"system": own_system(feed.organisation, "problem"), "value": number}] if number else None,
        clinicalStatus=None if deleted else {"coding": [{"system": _CLINICAL, "code": _status(prb, ended_at)}]},
        verificationStatus={"coding": [{"system": _VERIFICATION, "code": status}]} if status else None,
        onsetDateTime=date_time(prb, 16),
        onsetString=None if prb.text(16) else prb.verbatim(17),
        abatementDateTime=ended_at,
        recordedDate=date_time(prb, 7),
        note=[{"text": note}] if note else None,
    )


def _confirmed(prb: Segment) -> str:
    """PRB-13; "" where it says nothing that is known."""
    said = {prb.text(13).upper(), prb.text(13, 2).upper()}
    return next((status for word, status in _CONFIRMED.items() if word in said), "")


def _status(prb: Segment, ended_at: str | None) -> str:
    """PRB-14; a problem with an end (PRB-9) is resolved, any other that says nothing is active."""
    said = {prb.text(14).upper(), prb.text(14, 2).upper()}
    default = "resolved" if ended_at else "active"
    status = next((status for word, status in _LIFE_CYCLE.items() if word in said), default)
    return "resolved" if ended_at and status in ("active", "recurrence", "relapse") else status


def _security(prb: Segment, feed: Feed) -> list[Element]:
    """PRB-25: a problem that its source guards is guarded here."""
    found = []
    for sent in prb.repetitions(25):
        code = sent.text().upper()
        if code in _CONFIDENTIAL:
            found.append({"system": _CONFIDENTIALITY, "code": _CONFIDENTIAL[code]})
        elif code in _SENSITIVE:
            found.append({"system": _SENSITIVITIES, "code": _SENSITIVE[code]})
        elif code:
            found.append({"system": own_system(feed.organisation, "sensitivity"), "code": sent.text()})
    return found
