"""PID and PD1 to a Patient (HL7 v2.4, 3.4.2 and 3.4.9; UK Core Patient)."""

from dataclasses import replace
from typing import Any

from concord.base import NHS_NUMBER_SYSTEM
from concord.fhir import encode, fold
from concord.identity import Told, is_another
from concord.ingest.hl7v2.clocks import fhir_time
from concord.ingest.hl7v2.held import held, recorded_at
from concord.ingest.hl7v2.last_words import (
    Word,
    elements_of,
    in_order,
    last_word,
    last_words,
    overtaken,
    standing,
    told_last,
    word,
)
from concord.ingest.hl7v2.message import Message, NotMapped, Repetition, Segment
from concord.ingest.hl7v2.same_person import with_words, words_of
from concord.ingest.hl7v2.telling import Telling
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

_SAYS_WHO = {"name", "birthDate"}
_BROUGHT = "brought"  # named as an element whose last word is, of a Patient of whom no message has spoken as its own

_PRACTICE, _ETHNICITY = "generalPractitioner", "ethnicCategory"
# Which fields of PID say an element.
_FIELDS = {
    "identifier": (3,),
    "name": (5,),
    "telecom": (13, 14),
    "gender": (8,),
    "birthDate": (7,),
    "address": (11,),
    _ETHNICITY: (22,),
    "deceased[x]": (29, 30),
}
_NAMES = (*_FIELDS, _PRACTICE)


def patient_id(segment: Segment, number: int = 3) -> str:
    """The source id. `number`: the field, where another segment than PID names a patient. Raises NotMapped."""
    return fhir_id(_own_identifier(segment, number).text())


def assigned_by(segment: Segment, number: int = 3) -> str:
    """Who assigned the identifier by which the source knows the patient (PID-3.4); "" where it is the NHS number, or
    where nobody is named. Raises NotMapped."""
    own = _own_identifier(segment, number)
    return "" if _is_nhs_number(own) else own.text(4)


def _own_identifier(segment: Segment, number: int) -> Repetition:
    """The first identifier of the field that is not the NHS number, else that."""
    named = [repetition for repetition in segment.repetitions(number) if repetition.text()]
    if not named:
        where = f"{segment.name}-{number}"
        raise NotMapped(
            segment.where(number), f"The message does not say which patient it is about: {where} holds no identifier."
        )
    own = [repetition for repetition in named if not _is_nhs_number(repetition)]
    return (own or named)[0]


def patient(message: Message, pid: Segment, told: Telling, feed: Feed) -> dict[str, Any]:
    """The Patient as this message leaves it: of each element the last word. What others brought along of it gives way.
    Raises NotMapped."""
    before = held(feed, "Patient", patient_id(pid))
    said = _echoed(message, pid, feed)
    if before is not None and overtaken(told, before) and _contradicts(before, said):
        return before  # names or a birth date that were put right since
    _refuse_another(before, said, pid)
    known = before if _is_registered(before) else None
    words = _words(said, pid, message.first("PD1"))
    elements, kept = standing(_with_ethnicity(known or {}), words, told, _NAMES)
    ethnicity = elements.pop(_ETHNICITY, ())
    meta = {"meta": before["meta"]} if before is not None and "meta" in before else {}
    found = {"resourceType": "Patient"} | meta | elements | {"extension": [*ethnicity]}
    return told_last(with_words(found, words_of(before)), told, known, kept)


def brought_along(message: Message, pid: Segment, told: Telling, feed: Feed) -> dict[str, Any] | None:
    """The Patient of a message that does not speak for it; None where what is held stands. Raises NotMapped."""
    before = held(feed, "Patient", patient_id(pid))
    said = _echoed(message, pid, feed)
    _refuse_another(before, said, pid)
    return brought_first(said, told, before)


def brought_first(said: dict[str, Any], told: Telling, before: dict[str, Any] | None) -> dict[str, Any] | None:
    """The Patient as a message knows it that does not speak for it; None where one that does has come, or where what is
    held was said earlier: the first stands, so that those that follow change nothing. A mere number gives way."""
    if _is_registered(before):
        return None
    by = told.said_at, told.message
    if before is not None and _place(before, last_words(before).get(_BROUGHT, by)) <= _place(said, by):
        return None
    return told_last(with_words(said, words_of(before)), replace(told, dated=False), None, [last_word(_BROUGHT, by)])


def _place(patient: dict[str, Any], brought: Word) -> tuple[Any, ...]:
    """Of two messages that nothing tells apart, one is chosen by what it says."""
    words = {name: patient[name] for name in sorted(patient) if name not in ("extension", "link")}
    return _SAYS_WHO.isdisjoint(patient), in_order(brought), encode(words)


def _is_registered(patient: dict[str, Any] | None) -> bool:
    return patient is not None and recorded_at(patient) is not None


def _refuse_another(before: dict[str, Any] | None, said: dict[str, Any], pid: Segment) -> None:
    """Raises NotMapped for a message whose number is somebody else's by what is held: nothing of it may go to them."""
    if before is not None and _contradicts(before, said):
        raise NotMapped(
            pid.where(3),
            "What the message says of the patient is somebody else's by what is held under this number: name, date of "
            "birth or NHS number contradict it. Was the number given out again? Nothing of the message was taken in.",
        )


def _contradicts(before: dict[str, Any], said: dict[str, Any]) -> bool:
    return is_another(_told(before), _told(said))


def _told(patient: dict[str, Any]) -> Told:
    names = patient.get("name", ())
    return Told(
        nhs_numbers={
            each["value"] for each in patient.get("identifier", ()) if each.get("system") == NHS_NUMBER_SYSTEM
        },
        families={fold(each["family"]) for each in names if "family" in each},
        givens={fold(given) for each in names for given in each.get("given", ())},
        born_on=patient.get("birthDate", ""),
    )


def _echoed(message: Message, pid: Segment, feed: Feed) -> dict[str, Any]:
    """The Patient of one message by itself, without a time: whatever a registration says will replace it."""
    return compact(
        resourceType="Patient",
        extension=each([_ethnic_category(pid)]),
        identifier=identifiers(pid, 3, feed, status=pid.text(32)),
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


def _words(said: dict[str, Any], pid: Segment, pd1: Segment | None) -> dict[str, Any]:
    """What the message says of each element, by those that it comes to."""
    said = _with_ethnicity(said)
    words = word(_PRACTICE, elements_of(said, _PRACTICE), pd1.raw(3) if pd1 is not None else "")
    for element, fields in _FIELDS.items():
        words |= word(element, elements_of(said, element), *(pid.raw(number) for number in fields))
    return words


def _with_ethnicity(patient: dict[str, Any]) -> dict[str, Any]:
    """With its ethnic category, an extension, as an element."""
    ethnic = [one for one in patient.get("extension", ()) if one.get("url") == _ETHNIC_EXTENSION]
    return patient | ({_ETHNICITY: ethnic} if ethnic else {})


def _is_nhs_number(identifier: Repetition) -> bool:
    return identifier.text(4).upper() in _NHS or identifier.text(5).upper() in _NHS


def identifiers(segment: Segment, number: int, feed: Feed, *, status: str = "") -> list[dict[str, Any]]:
    """The identifiers of a field; `status` is that of the NHS number (NHS NUMBER STATUS INDICATOR CODE)."""
    named = [repetition for repetition in segment.repetitions(number) if repetition.text()]
    lasting = any(_is_nhs_number(each) and not each.text(8) for each in named)
    return [
        _superseded(each, segment.where(number))
        if lasting and _is_nhs_number(each) and each.text(8)
        else _identifier(each, status, feed)
        for each in named
    ]


def _superseded(sent: Repetition, where: str) -> dict[str, Any]:
    """An NHS number with an end (CX.8) beside one without: another has taken its place. Raises NotMapped."""
    try:
        ended_on = fhir_time(sent.text(8), None)[:10]
    except (ValueError, OverflowError):
        raise NotMapped(where, "The end of an identifier is not a time that the calendar knows.") from None
    return {"use": "old"} | nhs_identifier(sent.text()) | {"period": {"end": ended_on}}


def _identifier(sent: Repetition, status: str, feed: Feed) -> dict[str, Any]:
    if not _is_nhs_number(sent):
        return {"system": own_system(feed.organisation, sent.text(4) or "patient"), "value": sent.text()}
    found = nhs_identifier(sent.text())
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
    return organisation_reference(code, sent.phrase()) if code else None
