"""What any message may carry beside its own matter: allergies, diagnoses, procedures, people to call."""

from typing import Any

from concord.ingest.hl7v2.allergies import allergy
from concord.ingest.hl7v2.diagnoses import diagnosis
from concord.ingest.hl7v2.message import Message
from concord.ingest.hl7v2.next_of_kin import related_person
from concord.ingest.hl7v2.procedures import procedure
from concord.ingest.hl7v2.results import observed_beside
from concord.ingest.hl7v2.types import Element
from concord.ingest.model import Feed

SEGMENTS = frozenset({"AL1", "DG1", "PR1", "NK1"})


def attached(message: Message, patient: str, visit: str | None, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, resource) of each such segment, in the message's order. Raises NotMapped."""
    about: Element = {"subject": {"reference": f"Patient/{patient}"}}
    if visit:
        about["encounter"] = {"reference": f"Encounter/{visit}"}
    owner = visit or patient
    found = []
    for segment in message.segments:
        match segment.name:
            case "NK1":
                if person := related_person(segment, patient, feed):
                    found.append(person)
            case "AL1":
                found.append(allergy(segment, patient, feed))
            case "DG1":
                found.append(diagnosis(segment, owner, about, feed))
            case "PR1":
                found.append(procedure(segment, owner, about, feed))
    return found


def measured(message: Message, patient: str, visit: str | None, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, Observation) of each OBX of an ADT message. Raises NotMapped."""
    about: Element = {"subject": {"reference": f"Patient/{patient}"}}
    if visit:
        about["encounter"] = {"reference": f"Encounter/{visit}"}
    return observed_beside(message, visit or patient, about, feed)
