"""One source's entry of a medicine, read: whether it is current, when it was last issued, when it ended."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from concord.base import OdsCode
from concord.record.dates import When, when
from concord.record.summary.dosing import medicine_key
from concord.record.summary.given import Dated, Given, latest_first, same
from concord.record.summary.words import Json, child, children, codes, concept, doses, string

_LAST_ISSUE = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationStatementLastIssueDate"
_TYPES = ("MedicationStatement", "MedicationRequest", "MedicationDispense")
_CURRENT = {"active", "intended", "on-hold", "unknown", "in-progress", "preparation", ""}
_STOPPED = {"stopped", "completed", "not-taken"}
_PROPOSALS = {"proposal", "option"}


@dataclass(frozen=True, kw_only=True, slots=True)
class MedicineEntry:
    """One source's entry: when it was last `issued`, when it was `asserted`, when it `stopped`, where that is said."""

    dated: Dated
    name: str
    dose: str
    state: Literal["current", "stopped", "other"]
    issued: When | None
    asserted: When | None
    stopped: When | None
    future: bool

    @property
    def organisation(self) -> OdsCode:
        return self.dated.item.organisation

    @property
    def latest(self) -> datetime | None:
        """The latest that its source says of it."""
        moments = [moment.low for moment in (self.issued, self.asserted, self.stopped, self.dated.when) if moment]
        return max(moments, default=None)


def by_medicine(given: Given) -> list[list[MedicineEntry]]:
    """All entries, grouped by code or name in the order of names, each group latest first."""
    named = {id(each): medicine_name(given, each) for each in given.of(*_TYPES)}
    groups = same(given.of(*_TYPES), "medicationCodeableConcept", lambda each: medicine_key(named[id(each)]))
    groups.sort(key=lambda group: named[id(group[0])].lower())
    return [[_read(given, each) for each in latest_first(group)] for group in groups]


def medicine_name(given: Given, each: Dated) -> str:
    resource = each.resource
    reference = child(resource, "medicationReference")
    name = concept(resource.get("medicationCodeableConcept")) or given.name_of(reference, resource)
    return name or "Medicine not named"


def _read(given: Given, each: Dated) -> MedicineEntry:
    resource = each.resource
    issued, ends = _issued(each), _ends(resource)
    state = _state(given, each, ends)
    stopped = ends if state == "current" else None
    if state == "stopped":
        # A stop has no date of its own in a MedicationRequest: its validity may run on beyond it.
        stopped = ends if given.is_past(ends) else issued or each.when
    return MedicineEntry(
        dated=each,
        name=medicine_name(given, each),
        dose=doses(resource, "dosage") or doses(resource, "dosageInstruction"),
        state=state,
        issued=issued,
        asserted=when(resource.get("dateAsserted")),
        stopped=stopped,
        future=given.in_future(each.when) and state == "current",
    )


def _state(given: Given, each: Dated, ends: When | None) -> Literal["current", "stopped", "other"]:
    """A short course that has run out is over, whatever its status still says."""
    status, intent = string(each.resource, "status"), string(each.resource, "intent")
    if each.item.type == "MedicationDispense" or intent in _PROPOSALS:
        return "other"
    if status in _STOPPED or (_is_acute(each.resource) and given.is_past(ends)):
        return "stopped"
    return "current" if status in _CURRENT else "other"


def _is_acute(resource: Json) -> bool:
    return "acute" in codes(resource, "courseOfTherapyType")


def _issued(each: Dated) -> When | None:
    """When it was last issued: what a practice keeps in the request's validity, or in UK Core's extension."""
    resource = each.resource
    for extension in children(resource, "extension"):
        if string(extension, "url") == _LAST_ISSUE:
            return when(extension.get("valueDateTime"))
    if each.item.type == "MedicationRequest" and string(resource, "intent") not in ("plan", *_PROPOSALS):
        return when(_validity(resource).get("start")) or each.when
    return each.when if each.item.type == "MedicationDispense" else None


def _validity(resource: Json) -> Json:
    return child(child(resource, "dispenseRequest"), "validityPeriod")


def _ends(resource: Json) -> When | None:
    """When the course ends or ended, where the source says. The validity of a repeat is that of one issue alone."""
    dosages = [*children(resource, "dosage"), *children(resource, "dosageInstruction")]
    repeats = string(resource, "status") in _CURRENT and not _is_acute(resource)
    ends = [
        child(resource, "effectivePeriod").get("end"),
        *(child(child(child(each, "timing"), "repeat"), "boundsPeriod").get("end") for each in dosages),
        None if repeats else _validity(resource).get("end"),
    ]
    return next((found for end in ends if (found := when(end)) is not None), None)
