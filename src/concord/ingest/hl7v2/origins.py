"""From which fields each element comes: the table by which an item can say so that keeps its message's name alone.

It holds for the version of the mapping that stands in the item (`telling.MAPPING`), and is compared with what the
mapping does by changing each field of a message and looking which elements change.
"""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from concord.fhir import Told
from concord.ingest.hl7v2.telling import MAPPING

_OF_A_VISIT = {"subject": "PID-3", "encounter": "PV1-19"}

ORIGINS: Mapping[str, Mapping[str, str]] = {
    "Patient": {
        "identifier": "PID-3, PID-32", "name": "PID-5", "birthDate": "PID-7", "gender": "PID-8", "address": "PID-11",
        "telecom": "PID-13, PID-14", "deceasedDateTime": "PID-29", "deceasedBoolean": "PID-29, PID-30",
        "generalPractitioner": "PD1-3",
    },
    "Encounter": {
        "subject": "PID-3", "identifier": "PV1-19", "location": "PV1-3, PV1-11, PV1-42, EVN-2, EVN-6, PV1-44, PV1-45",
        "participant": "PV1-7, PV1-9, PV1-17", "serviceType": "PV1-10", "reasonCode": "PV2-3",
        "class": "PV1-2", "status": "EVN-1, PV1-45", "period": "EVN-2, EVN-6, PV1-44, PV1-45, PV2-8",
    },
    "AllergyIntolerance": {
        "patient": "PID-3", "category": "AL1-2", "code": "AL1-3", "reaction": "AL1-4, AL1-5", "onsetDateTime": "AL1-6",
    },
    "Condition": _OF_A_VISIT | {
        "code": "DG1-3, DG1-4", "recordedDate": "DG1-5, DG1-19", "verificationStatus": "DG1-6, DG1-21",
        "clinicalStatus": "DG1-21", "asserter": "DG1-16",
    },
    "Condition PPR": _OF_A_VISIT | {
        "code": "PRB-3", "identifier": "PRB-4", "verificationStatus": "PRB-1, PRB-13",
        "clinicalStatus": "PRB-1, PRB-9, PRB-14", "recordedDate": "PRB-7", "abatementDateTime": "PRB-9",
        "onsetDateTime": "PRB-16", "onsetString": "PRB-16, PRB-17", "note": "NTE-3",
    },
    "Procedure": _OF_A_VISIT | {
        "code": "PR1-3, PR1-4", "performedDateTime": "PR1-5", "performer": "PR1-8, PR1-11, PR1-12",
        "reasonCode": "PR1-15", "status": "PR1-20",
    },
    "RelatedPerson": {
        "patient": "PID-3", "name": "NK1-2", "relationship": "NK1-3, NK1-7", "address": "NK1-4",
        "telecom": "NK1-5, NK1-6", "period": "NK1-8, NK1-9",
    },
    "DiagnosticReport": _OF_A_VISIT | {
        "identifier": "OBR-2, OBR-3", "code": "OBR-4", "effectiveDateTime": "OBR-7", "issued": "OBR-22",
        "category": "OBR-24", "status": "OBR-25, OBX-11", "result": "OBR-3, OBX-3, OBX-4, OBX-11",
        "presentedForm": "OBX-2, OBX-5", "conclusion": "NTE-3",
    },
    "Observation": _OF_A_VISIT | {
        "code": "OBX-3", "category": "OBR-24", "effectiveDateTime": "OBX-14, OBR-7", "issued": "OBR-22",
        "interpretation": "OBX-8", "referenceRange": "OBX-6, OBX-7", "status": "OBX-11", "note": "NTE-3",
        "value": "OBX-2, OBX-5, OBX-6",
    },
    "DocumentReference": _OF_A_VISIT | {
        "masterIdentifier": "TXA-12", "type": "TXA-2", "date": "TXA-7", "author": "TXA-5, TXA-9",
        "authenticator": "TXA-10, TXA-22", "content": "OBX-2, OBX-3, OBX-5, TXA-16", "context": "PV1-19, TXA-4",
        "description": "TXA-16", "docStatus": "TXA-17", "status": "TXA-19", "relatesTo": "TXA-13",
    },
    "Appointment": {
        "participant": "PID-3, AIL-3, AIP-3", "identifier": "SCH-1, SCH-2", "cancelationReason": "SCH-6, SCH-25",
        "reasonCode": "SCH-7", "appointmentType": "SCH-8", "status": "SCH-25", "serviceType": "AIS-3",
        "start": "TQ1-7, AIS-4, AIL-6, AIP-6, AIG-8, SCH-11",
        "end": "TQ1-7, TQ1-8, AIS-4, AIS-7, AIL-6, AIL-9, AIP-6, AIP-9, AIG-8, AIG-11, SCH-9, SCH-11",
        "minutesDuration":
            "TQ1-7, TQ1-8, AIS-4, AIS-7, AIS-8, AIL-6, AIL-9, AIP-6, AIP-9, AIG-8, AIG-11, SCH-9, SCH-10, SCH-11",
        "comment": "NTE-3",
    },
    "Schedule": {"actor": "AIL-3, AIP-3, AIG-3, AIS-3", "serviceType": "AIS-3"},
    "Slot": {
        "schedule": "AIL-3, AIP-3, AIG-3, AIS-3", "identifier": "SCH-1, SCH-2", "status": "MSH-9",
        "serviceType": "AIS-3",
        "start": "TQ1-7, AIS-4, AIL-6, AIP-6, AIG-8, SCH-11",
        "end": "TQ1-7, TQ1-8, AIS-4, AIS-7, AIS-8, AIL-6, AIL-9, AIL-10, AIP-6, AIP-9, AIP-10, AIG-8, AIG-11, AIG-12, "
            "SCH-9, SCH-10, SCH-11",
        "comment": "SCH-7, NTE-3",
    },
    "ServiceRequest": _OF_A_VISIT | {
        "identifier": "ORC-2, ORC-3, OBR-2, OBR-3", "status": "ORC-1, ORC-5", "authoredOn": "ORC-9",
        "requester": "ORC-12, OBR-16", "code": "OBR-4", "priority": "OBR-5, OBR-27, TQ1-9",
        "occurrenceDateTime": "OBR-6, TQ1-7", "category": "OBR-24", "reasonCode": "OBR-31", "note": "NTE-3",
    },
    "ServiceRequest REF": _OF_A_VISIT | {
        "identifier": "RF1-6, RF1-11", "status": "RF1-1", "priority": "RF1-2", "code": "RF1-3",
        "occurrencePeriod": "RF1-7, RF1-8", "authoredOn": "RF1-9", "reasonCode": "RF1-10", "note": "NTE-3",
        "performer": "PRD-1, PRD-2, PRD-4, PRD-7, PRD-10", "requester": "PRD-1, PRD-2, PRD-4, PRD-7, PRD-10",
    },
    "MedicationRequest": _OF_A_VISIT | {
        "identifier": "ORC-2, ORC-3, RXE-15", "status": "ORC-1, ORC-5", "authoredOn": "ORC-9",
        "requester": "ORC-12, RXE-13, RXO-14", "medicationCodeableConcept": "RXE-2, RXO-1", "priority": "TQ1-9",
        "dosageInstruction":
            "RXE-1, RXE-3, RXE-5, RXE-7, RXO-2, RXO-4, RXO-7, RXR-1, RXR-2, TQ1-3, TQ1-7, "
            "TQ1-8, TQ1-11",
        "dispenseRequest": "RXE-10, RXE-11, RXE-12", "note": "NTE-3",
    },
    "Immunization": _OF_A_VISIT | {
        "patient": "PID-3", "identifier": "ORC-2, ORC-3", "occurrenceDateTime": "RXA-3", "vaccineCode": "RXA-5",
        "doseQuantity": "RXA-6, RXA-7", "primarySource": "RXA-9", "performer": "RXA-10", "lotNumber": "RXA-15",
        "expirationDate": "RXA-16", "manufacturer": "RXA-17", "statusReason": "RXA-18", "status": "RXA-20, RXA-21",
        "route": "RXR-1", "site": "RXR-2", "note": "NTE-3",
    },
}  # fmt: skip
"""By type ("Condition PPR": as such messages tell of it), by element; every value[x] stands under "value"."""

_OF_EVENTS = ("status", "class", "period")
"""What of a visit follows from all that was told of it."""
_NAMED_AT_MOST = 3
_CHOICE = re.compile(r"(?<=[a-z])(DateTime|Period|String|Boolean|CodeableConcept|Quantity|Range|Ratio|Time)$")


def origins(type_: str, said: Sequence[Told]) -> list[str]:
    """In sentences, from which fields of which messages a resource has its elements; nothing for what another version
    of the mapping read. Segments are not counted: their number would tell of others."""
    of_events = _OF_EVENTS if any(not each.elements for each in said) else ()
    sentences = []
    for each in said:
        names = [name for name in each.elements if name not in of_events] if each.elements else of_events
        version, message_type, _ = _parts(each.messages[-1])
        if version == str(MAPPING) and (fields := _fields(type_, message_type[:3], tuple(names))):
            sentences.append(f"{_messages(each.messages)}: {fields}.")
    return sentences


@lru_cache(maxsize=1024)  # a page asks for hundreds of items, which have the same few sets of elements
def _fields(type_: str, told_as: str, elements: tuple[str, ...]) -> str:
    table = ORIGINS.get(f"{type_} {told_as}") or ORIGINS.get(type_, {})
    return "; ".join(f"{_words(name)} {table[_key(name)]}" for name in elements if _key(name) in table)


def _messages(named: Sequence[str]) -> str:
    """Of many the last."""
    last = [f"{number or 'without a number'} ({type_})" for _, type_, number in map(_parts, named[-_NAMED_AT_MOST:])]
    earlier = len(named) - len(last)
    more = f" and {earlier} before" if earlier else ""
    return f"Message{'s' if len(named) > 1 else ''} {', '.join(last)}{more}"


def _parts(message: str) -> tuple[str, str, str]:
    """Version of the mapping, type, control id."""
    version, type_, number = (*message.split(" ", 2), "", "")[:3]
    return version, type_, number


def _key(element: str) -> str:
    return "value" if element.startswith("value") else element


def _words(element: str) -> str:
    """Such as "lot number" for lotNumber, "onset" for onsetDateTime."""
    return re.sub(r"([A-Z])", r" \1", _CHOICE.sub("", element)).lower()
