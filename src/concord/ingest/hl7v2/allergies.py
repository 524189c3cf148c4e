"""AL1 to an AllergyIntolerance (HL7 v2.4, 3.4.6)."""

from typing import Any

from concord.ingest.hl7v2.message import NotMapped, Segment
from concord.ingest.hl7v2.times import date_time
from concord.ingest.hl7v2.types import compact, concept
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id

_CLINICAL = "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical"
_CATEGORIES = {
    "DA": "medication", "FA": "food", "MA": "environment", "EA": "environment", "AA": "environment",
    "PA": "environment", "LA": "environment",
}  # fmt: skip
# Table 0128, allergy severity. How bad a reaction was; R4's criticality is another thing and is left unsaid.
_SEVERITIES = {"SV": "severe", "MO": "moderate", "MI": "mild"}


def allergy(al1: Segment, patient: str, feed: Feed) -> tuple[str, dict[str, Any]]:
    """(source id, AllergyIntolerance). Known by patient and what it is to (AL1-3). Raises NotMapped."""
    code = concept(al1.first(3), feed.organisation)
    if code is None:
        raise NotMapped(al1.where(3), "The allergy does not say to what; was its segment cut short?")
    category = _CATEGORIES.get(al1.text(2).upper())
    shown = [{"text": text} for sent in al1.repetitions(5) if (text := sent.words())]
    severity = _SEVERITIES.get(al1.text(4).upper())
    reaction = {"manifestation": shown or [{"text": "Not stated"}]} | compact(severity=severity)
    return fhir_id("AL1", patient, al1.text(3, 3), al1.text(3) or al1.text(3, 2)), {
        "resourceType": "AllergyIntolerance",
        "clinicalStatus": {"coding": [{"system": _CLINICAL, "code": "active"}]},
        "code": code,
        "patient": {"reference": f"Patient/{patient}"},
    } | compact(
        category=[category] if category else None,
        onsetDateTime=date_time(al1, 6),
        reaction=[reaction] if shown or severity else None,
    )
