"""Which message becomes what."""

from typing import Any

from concord.ingest.hl7v2.encounters import encounter, visit_id
from concord.ingest.hl7v2.message import Message, NotMapped
from concord.ingest.hl7v2.patients import echoed_patient, patient, patient_id
from concord.ingest.hl7v2.results import results
from concord.ingest.hl7v2.times import date_time
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id
from concord.record import Submission

_VISITS = {"ADT^A01", "ADT^A02", "ADT^A03", "ADT^A04"}
_PERSON = {"ADT^A08", "ADT^A28", "ADT^A31"}
_RESULTS = {"ORU^R01"}
_SEGMENTS = {"MSH", "PID", "PD1", "PV1"}
_SEGMENTS_OF_ADT = _SEGMENTS | {"EVN", "PV2"}
_SEGMENTS_OF_RESULTS = _SEGMENTS | {"ORC", "OBR", "OBX", "NTE"}


def mapped(message: Message) -> bool:
    """Whether this version of Concord reads messages of this type."""
    return message.type in _VISITS | _PERSON | _RESULTS


def passed_over(message: Message) -> list[str]:
    """The names of the segments of which nothing is made in a message of this type, such as an OBX of an admission."""
    read = _SEGMENTS_OF_RESULTS if message.type in _RESULTS else _SEGMENTS_OF_ADT
    return [segment.name for segment in message.segments if segment.name not in read]


def map_message(message: Message, feed: Feed) -> list[Submission]:
    """What the message says, read against what the feed said earlier. Raises NotMapped naming segment and field.

    A28 and A31 speak of the person alone, A08 of the visit too when it names one. A result brings its
    Patient only where none is held (a laboratory repeats what the order told it, and must not draw the Patient into
    its own service), and never opens a visit: a visit gives rights.
    """
    pid = message.only("PID")
    about = patient_id(pid)
    said_at, happened_at = _times(message)
    if message.type in _RESULTS:
        known = feed.earlier.resource("Patient", about) is not None
        found = [] if known else [(about, echoed_patient(message, pid, feed))]
        found += results(message, about, visit_id(message.first("PV1")), feed)
        return [_submission(message, id_, resource, feed) for id_, resource in found]
    submissions = [_submission(message, about, patient(message, pid, said_at, feed), feed)]
    pv1 = message.only("PV1") if message.type in _VISITS else message.first("PV1")
    visit = visit_id(pv1)
    if visit is None and message.type in _VISITS:
        if not message.control_id:
            raise NotMapped("PV1-19", "Neither PV1-19 nor MSH-10 holds a number by which to know the visit.")
        visit = fhir_id(message.control_id)
    if pv1 is not None and visit is not None and message.type not in ("ADT^A28", "ADT^A31"):
        stay = encounter(message, pv1, visit, patient=about, said_at=said_at, happened_at=happened_at, feed=feed)
        submissions.append(_submission(message, visit, stay, feed))
    return submissions


def _times(message: Message) -> tuple[str, str]:
    """When the event was recorded (EVN-2, else MSH-7) and when it happened (EVN-6, else the same)."""
    header = message.segments[0]
    evn = message.first("EVN")
    said_at = (date_time(evn, 2) if evn is not None else None) or date_time(header, 7)
    if said_at is None:
        raise NotMapped("MSH-7", "The message does not say when: EVN-2 and MSH-7 are empty.")
    happened_at = date_time(evn, 6) if evn is not None else None
    return said_at, happened_at or said_at


def _submission(message: Message, source_id: str, resource: dict[str, Any], feed: Feed) -> Submission:
    # In one order of elements, however they were put together: the same words again are the same bytes.
    in_order = {"resourceType": resource["resourceType"]} | dict(sorted(resource.items()))
    return Submission(
        resource=in_order,
        source_id=source_id,
        service=feed.service,
        position=f"message {message.number}, {resource['resourceType']}",
    )
