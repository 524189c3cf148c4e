"""OBR, OBX and NTE to DiagnosticReports and Observations (HL7 v2.4, chapter 7)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from concord.ingest.hl7v2.clocks import moment
from concord.ingest.hl7v2.enclosed import enclosed, encloses
from concord.ingest.hl7v2.message import Message, NotMapped, Segment
from concord.ingest.hl7v2.times import date_time, instant
from concord.ingest.hl7v2.types import Element, compact, concept
from concord.ingest.hl7v2.values import interpretation, reference_range, value
from concord.ingest.model import Feed
from concord.ingest.naming import fhir_id, own_system

# Table 0085, observation result status.
_OBSERVATION_STATUSES = {
    "F": "final", "U": "final", "C": "corrected", "A": "amended", "P": "preliminary", "R": "preliminary",
    "S": "preliminary", "B": "preliminary", "V": "preliminary", "I": "registered", "O": "registered", "N": "registered",
    "X": "cancelled", "D": "entered-in-error", "W": "entered-in-error",
}  # fmt: skip
# Table 0123, result status.
_REPORT_STATUSES = {
    "F": "final", "C": "corrected", "M": "corrected", "K": "corrected", "P": "preliminary", "R": "preliminary",
    "A": "partial", "I": "registered", "S": "registered", "O": "registered", "X": "cancelled",
}  # fmt: skip
# How far a result stands; what is named here no more (corrected, amended, cancelled, entered-in-error) furthest.
_FINAL, _CORRECTED = 2, 3
_STANDING = {"unknown": 0, "registered": 0, "preliminary": 1, "partial": 1, "final": _FINAL}
_NEVER = datetime.min.replace(tzinfo=UTC)
_SECTIONS = "http://terminology.hl7.org/CodeSystem/v2-0074"
_IMAGING = {"RAD", "RX", "CT", "NMR", "NMS", "RUS", "OUS", "VUS", "CUS", "XRC", "MR", "US"}
_EXAMINATION = {"PHY", "NRS", "PF", "RC"}
_CATEGORIES = "http://terminology.hl7.org/CodeSystem/observation-category"


_LINES = ("TX", "FT")
_WITHDRAWN = "entered-in-error"


@dataclass(slots=True)
class _Observed:
    """One OBX, the comments on it, and the lines that follow where a text comes a line an OBX."""

    obx: Segment
    notes: list[Segment] = field(default_factory=list)
    lines: list[Segment] = field(default_factory=list)


@dataclass(slots=True)
class _Ordered:
    """One OBR (None: observations before any OBR) with the segments that follow it."""

    obr: Segment | None
    notes: list[Segment] = field(default_factory=list)
    observed: list[_Observed] = field(default_factory=list)


def results(message: Message, patient: str, encounter: str | None, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, resource) of what the message reports: Observations, then the report that lists them.

    Raises NotMapped.
    """
    about = {"subject": {"reference": f"Patient/{patient}"}}
    if encounter:
        about["encounter"] = {"reference": f"Encounter/{encounter}"}
    found: dict[str, dict[str, Any]] = {}
    for ordered in _in_order(message):
        key = _key(message, ordered.obr, found)
        observations = _observations(ordered, key, about, feed)
        found |= observations
        if ordered.obr is not None:
            found[fhir_id(*key)] = _report(ordered, ordered.obr, observations, about, feed)
    if not found:
        raise NotMapped("OBR", "The message has neither an OBR nor an OBX segment; was it cut short?")
    return list(found.items())


def observed_beside(message: Message, owner: str, about: Element, feed: Feed) -> list[tuple[str, dict[str, Any]]]:
    """(source id, Observation) of each OBX of a message that reports no result: what was measured on admission.

    Known by `owner` (the visit, else the patient), time and code. Raises NotMapped.
    """
    found: dict[str, dict[str, Any]] = {}
    for one in _in_order(message):
        for observed in one.observed:
            alone = _Ordered(None, observed=[observed])
            found |= _observations(alone, ("OBX", owner, date_time(observed.obx, 14) or ""), about, feed)
    examined = [{"coding": [{"system": _CATEGORIES, "code": "exam"}]}]
    return [(id_, resource | {"category": examined}) for id_, resource in found.items()]


def rank(result: Mapping[str, Any]) -> tuple[Any, ...]:
    """What counts of an Observation or a report before when it was said: a final one stands before all that are not;
    then what was issued last; then a correction (C) or an amendment (A), and what withdraws one, before a final one."""
    standing = _STANDING.get(result["status"], _CORRECTED)
    issued = result.get("issued")
    return standing >= _FINAL, moment(issued) if issued else _NEVER, standing


def listed(report: Element, other: Element | None) -> Element:
    """What a report lists and how it stands, with what another message about it lists: a result that a message leaves
    out is not withdrawn by that (a correction may come alone), and a report of which others stand is not either.

    Each reference bears the source's own id of what it names: the record writes references in its own way.
    """
    every = {one.get("id", one["reference"]): one for each in (other or {}, report) for one in each.get("result", ())}
    status = report["status"]
    if status == _WITHDRAWN and len(every) > len(report.get("result", ())):
        status = "corrected"
    # Each with references of its own: the record rewrites them in place.
    return {"status": status} | compact(result=[dict(every[name]) for name in sorted(every)])


def _in_order(message: Message) -> list[_Ordered]:
    every = [_Ordered(None)]
    for segment in message.segments:
        current = every[-1]
        if segment.name == "OBR":
            every.append(_Ordered(segment))
        elif segment.name == "OBX" and current.observed and _continues(segment, current.observed[-1]):
            current.observed[-1].lines.append(segment)
        elif segment.name == "OBX":
            current.observed.append(_Observed(segment))
        elif segment.name == "NTE" and current.observed:
            current.observed[-1].notes.append(segment)
        elif segment.name == "NTE" and current.obr is not None:
            current.notes.append(segment)
    return [ordered for ordered in every if ordered.obr is not None or ordered.observed]


def _continues(obx: Segment, before: _Observed) -> bool:
    """Whether it is one more line of the text before it: of the same type, code, flag, status and time.

    Many laboratories number the lines in the sub-id (OBX-4).
    """
    same = all(obx.raw(number) == before.obx.raw(number) for number in (2, 3, 8, 11, 14))
    return obx.text(2) in _LINES and same and not before.notes


def _key(message: Message, obr: Segment | None, taken: dict[str, Any]) -> tuple[str, ...]:
    """What names the report: filler's number (OBR-3), else placer's, with its name space; told apart by OBR-4."""
    number = obr.first(3) if obr is not None and obr.text(3) else obr.first(2) if obr is not None else None
    if number is None or not number.text():
        if not message.control_id:
            raise NotMapped("OBR-3", "Neither OBR-3, OBR-2 nor MSH-10 holds a number by which to know these results.")
        return message.control_id, str(obr.ordinal) if obr is not None else "0"
    name = "^".join(part for part in (number.text(1), number.text(2)) if part)
    return (name,) if fhir_id(name) not in taken or obr is None else (name, obr.text(4), str(obr.ordinal))


def _observations(ordered: _Ordered, report: tuple[str, ...], about: Element, feed: Feed) -> dict[str, dict[str, Any]]:
    """By source id: report, code and sub-id, so that a correction sent alone meets what it corrects.

    An amendment is known apart, beside what it amends; where that is withdrawn, so is the amendment.
    """
    found: dict[str, dict[str, Any]] = {}
    for observed in ordered.observed:
        obx = observed.obx
        if encloses(obx):
            continue  # a document of the report
        code = concept(obx.first(3), feed.organisation)
        if code is None:
            raise NotMapped(obx.where(3), "The observation does not say what was observed; was its segment cut short?")
        parts = [part for part in (*report, obx.first(3).code() or obx.phrase(3, 2), obx.text(4)) if part]
        id_ = fhir_id(*parts)
        repeated = 2
        while id_ in found:
            id_ = fhir_id(*parts, str(repeated))
            repeated += 1
        said = _observation(observed, ordered.obr, code, about, feed)
        if said["status"] != "amended":
            found[id_] = said
        if said["status"] in ("amended", _WITHDRAWN):
            found[fhir_id(id_, "amended")] = said
    return found


def _observation(observed: _Observed, obr: Segment | None, code: Element, about: Element, feed: Feed) -> dict[str, Any]:
    obx = observed.obx
    taken_at = date_time(obx, 14) or (date_time(obr, 7) if obr is not None else None)
    note = comments(observed.notes)
    return {
        "resourceType": "Observation",
        "status": _OBSERVATION_STATUSES.get(obx.text(11).upper(), "unknown"),
        "category": [{"coding": [{"system": _CATEGORIES, "code": _category(obr)}]}],
        "code": code,
        **about,
    } | compact(
        effectiveDateTime=taken_at,
        issued=instant(obr, 22) if obr is not None else None,
        **_value(observed, feed),
        interpretation=interpretation(obx),
        note=[{"text": note}] if note else None,
        referenceRange=reference_range(obx),
    )


def _value(observed: _Observed, feed: Feed) -> dict[str, Any]:
    first = value(observed.obx, feed.organisation)
    if not observed.lines:
        return first
    said = [first, *(value(line, feed.organisation) for line in observed.lines)]
    return compact(valueString="\n".join(one.get("valueString", "") for one in said).strip("\n"))


def _category(obr: Segment | None) -> str:
    """By the diagnostic service section (OBR-24, table 0074); a result that names none is a laboratory's."""
    section = obr.text(24).upper() if obr is not None else ""
    return "imaging" if section in _IMAGING else "exam" if section in _EXAMINATION else "laboratory"


def _report(
    ordered: _Ordered, obr: Segment, observations: dict[str, dict[str, Any]], about: Element, feed: Feed
) -> dict[str, Any]:
    code = concept(obr.first(4), feed.organisation)
    if code is None:
        raise NotMapped(obr.where(4), "The report does not say what was asked for; was its segment cut short?")
    numbers = [
        {"system": own_system(feed.organisation, name), "value": obr.text(number)}
        for number, name in ((2, "placer"), (3, "filler"))
        if obr.text(number)
    ]
    documents = [enclosed(one.obx, one.obx.phrase(3, 2)) for one in ordered.observed if encloses(one.obx)]
    section = obr.text(24).upper() or "LAB"
    status = _REPORT_STATUSES.get(obr.text(25).upper(), "unknown")
    if {one["status"] for one in observations.values()} == {_WITHDRAWN}:
        status = _WITHDRAWN  # results sent for the wrong patient are withdrawn one by one
    return {
        "resourceType": "DiagnosticReport",
        "status": status,
        "category": [{"coding": [{"system": _SECTIONS, "code": section}]}],
        "code": code,
        **about,
    } | compact(
        identifier=numbers,
        effectiveDateTime=date_time(obr, 7),
        issued=instant(obr, 22),
        result=[{"id": id_, "reference": f"Observation/{id_}"} for id_ in sorted(observations)],
        conclusion=comments(ordered.notes),
        presentedForm=[document for document in documents if document],
    )


def comments(notes: Iterable[Segment]) -> str:
    """The comments of NTE segments, one a line."""
    return "\n".join(text for note in notes for sent in note.repetitions(3) if (text := sent.verbatim()))
