"""PR1 to a Procedure (HL7 v2.4, 6.5.4)."""

from typing import Any

from concord.ingest.hl7v2.message import NotMapped, Segment
from concord.ingest.hl7v2.times import date_time
from concord.ingest.hl7v2.types import Element, compact, concept, each, practitioner
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id

_DELETED = "D"
_PERFORMERS = ((11, "Surgeon"), (8, "Anaesthetist"), (12, "Procedure practitioner"))


def procedure(pr1: Segment, owner: str, about: Element, feed: Feed) -> tuple[str, dict[str, Any]]:
    """(source id, Procedure). Known by its own number (PR1-19), else by visit, code and time. Raises NotMapped.

    `owner`: the visit, else the patient; `about`: the elements subject and encounter.
    """
    code = concept(pr1.first(3), feed.organisation) or compact(text=pr1.verbatim(4))
    if not code:
        raise NotMapped(pr1.where(3), "The procedure does not say which: PR1-3 and PR1-4 are empty.")
    performed_at = date_time(pr1, 5)
    number = pr1.text(19)
    parts = (number,) if number else (owner, pr1.text(3) or pr1.text(4), performed_at or "")
    return fhir_id("PR1", *parts), {
        "resourceType": "Procedure",
        "status": "entered-in-error" if pr1.text(20).upper() == _DELETED else "completed",
        "code": code,
        **about,
    } | compact(
        performedDateTime=performed_at,
        performer=[
            {"function": {"text": function}, "actor": actor}
            for field, function in _PERFORMERS
            for sent in pr1.repetitions(field)
            if (actor := practitioner(sent, feed.organisation))
        ],
        reasonCode=each([concept(pr1.first(15), feed.organisation)]),
    )
