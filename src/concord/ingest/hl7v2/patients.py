"""PID and PD1 to a Patient (HL7 v2.4, 3.4.2 and 3.4.9; UK Core Patient)."""

from typing import Any

from concord.base import NHS_NUMBER_SYSTEM
from concord.ingest.hl7v2.held import dated, held, older
from concord.ingest.hl7v2.message import Message, NotMapped, Repetition, Segment
from concord.ingest.hl7v2.times import date, date_time
from concord.ingest.hl7v2.types import address, compact, each, name, telecom
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, nhs_identifier, organisation_reference, own_system

_NHS = {"NHS", "NHSNBR", "NHSNMBR", "NH"}
_GENDERS = {
    "M": "male", "1": "male", "F": "female", "2": "female", "O": "other", "A": "other", "9": "other",
    "U": "unknown", "0": "unknown", "N": "unknown", "X": "unknown",
}  # fmt: skip
_STATUS_EXTENSION = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
_STATUS_SYSTEM = "https://fhir.hl7.org.uk/CodeSystem/UKCore-NHSNumberVerificationStatusEngland"
_STATUSES = {f"0{number}" for number in range(1, 9)}
_ETHNIC_EXTENSION = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-EthnicCategory"
_ETHNIC_SYSTEM = "https://fhir.hl7.org.uk/CodeSystem/UKCore-EthnicCategoryEngland"
_ETHNIC_CODES = set("ABCDEFGHJKLMNPRSZ")

# Which fields say an element. An element whose fields are all empty stays as it is held.
_FIELDS = {
    "name": (5,),
    "telecom": (13, 14),
    "gender": (8,),
    "birthDate": (7,),
    "address": (11,),
    "deceasedBoolean": (29, 30),
    "deceasedDateTime": (29, 30),
}


def patient_id(pid: Segment) -> str:
    """The source id. Raises NotMapped."""
    return fhir_id(_own_identifier(pid).text())


def assigned_by(pid: Segment) -> str:
    """Who assigned the identifier by which the source knows the patient (PID-3.4); "" where it is the NHS number, or
    where nobody is named. Raises NotMapped."""
    own = _own_identifier(pid)
    return "" if _is_nhs_number(own) else own.text(4)


def _own_identifier(pid: Segment) -> Repetition:
    """The first identifier of PID-3 that is not the NHS number, else that."""
    named = [repetition for repetition in pid.repetitions(3) if repetition.text()]
    if not named:
        raise NotMapped(pid.where(3), "The message does not say which patient it is about: PID-3 holds no identifier.")
    own = [repetition for repetition in named if not _is_nhs_number(repetition)]
    return (own or named)[0]


def patient(message: Message, pid: Segment, said_at: str, feed: Feed) -> dict[str, Any]:
    """The Patient as this message leaves it: what the message says over what is held. Raises NotMapped."""
    before = held(feed, "Patient", patient_id(pid))
    if before is not None and older(said_at, before):
        return before
    said = echoed_patient(message, pid, feed)
    if before is not None:
        said |= _kept(before, pid, message.first("PD1"))
    return dated(said, said_at, before)


def echoed_patient(message: Message, pid: Segment, feed: Feed) -> dict[str, Any]:
    """The Patient of one message by itself, without a time: whatever a registration says will replace it."""
    return compact(
        resourceType="Patient",
        extension=each([_ethnic_category(pid)]),
        identifier=[_identifier(repetition, pid, feed) for repetition in pid.repetitions(3) if repetition.text()],
        name=each(map(name, pid.repetitions(5))),
        telecom=each(
            [
                *(telecom(repetition, "home") for repetition in pid.repetitions(13)),
                *(telecom(repetition, "work") for repetition in pid.repetitions(14)),
            ]
        ),
        gender=_GENDERS.get(pid.text(8).upper(), "unknown") if pid.text(8) else None,
        birthDate=date(pid, 7),
        **_death(pid),
        address=each(map(address, pid.repetitions(11))),
        generalPractitioner=each([_practice(message.first("PD1"))]),
    )


def _kept(before: dict[str, Any], pid: Segment, pd1: Segment | None) -> dict[str, Any]:
    """What is held and stays: elements of whose fields none says anything, not even `""`."""
    kept = {
        element: before[element]
        for element, fields in _FIELDS.items()
        if element in before and not any(pid.raw(number) for number in fields)
    }
    if "generalPractitioner" in before and (pd1 is None or not pd1.raw(3)):
        kept["generalPractitioner"] = before["generalPractitioner"]
    ethnic = [one for one in before.get("extension", ()) if one.get("url") == _ETHNIC_EXTENSION]
    if ethnic and not pid.raw(22):
        kept["extension"] = ethnic
    if "meta" in before:
        kept["meta"] = before["meta"]
    return kept


def _is_nhs_number(identifier: Repetition) -> bool:
    return identifier.text(4).upper() in _NHS or identifier.text(5).upper() in _NHS


def _identifier(sent: Repetition, pid: Segment, feed: Feed) -> dict[str, Any]:
    if not _is_nhs_number(sent):
        return {"system": own_system(feed.organisation, sent.text(4) or "patient"), "value": sent.text()}
    found = nhs_identifier(sent.text())
    # PID-32 carries the NHS number tracing status (NHS Data Dictionary, NHS NUMBER STATUS INDICATOR CODE).
    status = pid.text(32)
    if status in _STATUSES and found["system"] == NHS_NUMBER_SYSTEM:
        coding = {"system": _STATUS_SYSTEM, "code": status}
        found = {"extension": [{"url": _STATUS_EXTENSION, "valueCodeableConcept": {"coding": [coding]}}]} | found
    return found


def _ethnic_category(pid: Segment) -> dict[str, Any] | None:
    sent = pid.first(22)
    if sent.text() not in _ETHNIC_CODES:
        return None
    coding = compact(system=_ETHNIC_SYSTEM, code=sent.text(), display=sent.text(2))
    return {"url": _ETHNIC_EXTENSION, "valueCodeableConcept": {"coding": [coding]}}


def _death(pid: Segment) -> dict[str, Any]:
    died_at = date_time(pid, 29)
    if died_at:
        return {"deceasedDateTime": died_at}
    indicated = pid.text(30).upper()
    return {"deceasedBoolean": indicated == "Y"} if indicated in ("Y", "N") else {}


def _practice(pd1: Segment | None) -> dict[str, Any] | None:
    """PD1-3, patient primary facility: name^^ODS code (the code in the tenth component from v2.5 on)."""
    if pd1 is None:
        return None
    sent = pd1.first(3)
    code = sent.text(3) or sent.text(10)
    return organisation_reference(code, sent.text(1)) if code else None
