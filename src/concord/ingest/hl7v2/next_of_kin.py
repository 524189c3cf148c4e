"""NK1 to a RelatedPerson: next of kin and others to call (HL7 v2.4, 3.4.5)."""

from typing import Any

from concord.ingest.hl7v2.message import Segment
from concord.ingest.hl7v2.times import date
from concord.ingest.hl7v2.types import address, compact, concept, each, name, telecom
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id


def related_person(nk1: Segment, patient: str, feed: Feed) -> tuple[str, dict[str, Any]] | None:
    """(source id, RelatedPerson); None for a segment that names nobody. Raises NotMapped.

    Known by the person's own number (NK1-33), else by relationship and name: the order of a list may change.
    """
    number, called = nk1.text(33), nk1.first(2).words()
    if not called:
        return None
    parts = (number,) if number else (nk1.text(3), called)
    return fhir_id("NK1", patient, *parts), {
        "resourceType": "RelatedPerson",
        "patient": {"reference": f"Patient/{patient}"},
    } | compact(
        relationship=each(concept(nk1.first(number), feed.organisation) for number in (3, 7)),
        name=each(map(name, nk1.repetitions(2))),
        telecom=each(
            [
                *(telecom(sent, "home") for sent in nk1.repetitions(5)),
                *(telecom(sent, "work") for sent in nk1.repetitions(6)),
            ]
        ),
        address=each(map(address, nk1.repetitions(4))),
        period=compact(start=date(nk1, 8), end=date(nk1, 9)),
    )
