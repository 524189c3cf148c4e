"""DG1 to a Condition: a diagnosis of a visit (HL7 v2.4, 6.5.2)."""

from typing import Any

from concord.ingest.hl7v2.message import NotMapped, Segment
from concord.ingest.hl7v2.times import date_time
from concord.ingest.hl7v2.types import Element, compact, concept, practitioner
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id

_CLINICAL = "http://terminology.hl7.org/CodeSystem/condition-clinical"
_VERIFICATION = "http://terminology.hl7.org/CodeSystem/condition-ver-status"
_CATEGORY = "http://terminology.hl7.org/CodeSystem/condition-category"
_DELETED = "D"
# DG1-6, table 0052: what was thought on admission and what is still worked on is provisional.
_VERIFIED = {"A": "provisional", "W": "provisional", "F": "confirmed"}


def diagnosis(dg1: Segment, owner: str, about: Element, feed: Feed) -> tuple[str, dict[str, Any]]:
    """(source id, Condition). Known by its own number (DG1-20), else by visit and code. Raises NotMapped.

    `owner`: the visit, else the patient; `about`: the elements subject and encounter.
    """
    code = _code(dg1, feed)
    if code is None:
        raise NotMapped(dg1.where(3), "The diagnosis does not say of what: DG1-3 and DG1-4 are empty.")
    number = dg1.text(20)
    parts = (number,) if number else (owner, dg1.text(3, 3), dg1.text(3) or dg1.text(3, 2) or dg1.text(4))
    deleted = dg1.text(21).upper() == _DELETED
    status = "entered-in-error" if deleted else _VERIFIED.get(dg1.text(6).upper(), "confirmed")
    return fhir_id("DG1", *parts), {
        "resourceType": "Condition",
        "verificationStatus": {"coding": [{"system": _VERIFICATION, "code": status}]},
        "category": [{"coding": [{"system": _CATEGORY, "code": "encounter-diagnosis"}]}],
        "code": code,
        **about,
    } | compact(
        clinicalStatus=None if deleted else {"coding": [{"system": _CLINICAL, "code": "active"}]},
        recordedDate=date_time(dg1, 5) or date_time(dg1, 19),
        asserter=practitioner(dg1.first(16), feed.organisation),
    )


def _code(dg1: Segment, feed: Feed) -> Element | None:
    """DG1-3, with the description of DG1-4 where it has no words of its own."""
    code = concept(dg1.first(3), feed.organisation)
    words = dg1.verbatim(4)
    if code is None:
        return {"text": words} if words else None
    return code if "text" in code or not words else code | {"text": words}
