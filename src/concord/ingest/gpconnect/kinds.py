"""What each element of each STU3 resource becomes in R4, as a table: element -> move.

From HL7's own comparison of the versions (hl7.org/fhir/R4/<type>-version-maps.html) and the GP Connect specification
of what its elements hold (Access Record: Structured 1.6). An element without a row goes under its own name when R4
has it (`KEPT`), else it is left over.
"""

from collections.abc import Mapping
from typing import Any

from concord.ingest.gpconnect.draft import (
    Draft,
    Json,
    Move,
    actors,
    agent,
    code_of,
    concept_of,
    listed,
    note,
    same,
)
from concord.ingest.gpconnect.extensions import take_extensions

_TERMINOLOGY = "http://terminology.hl7.org/CodeSystem/"
_REFERRAL = {"coding": [{"system": "https://concord.example/CodeSystem/service-request-category", "code": "referral"}]}
_REQUESTS = {"suspended": "on-hold", "cancelled": "revoked"}

R4_TYPES = {"ProcedureRequest": "ServiceRequest", "ReferralRequest": "ServiceRequest"}


def _taken(draft: Draft, value: Any) -> None:
    """R4 says in the status that a medicine was not taken; "unknown" is what saying nothing means."""
    if value == "n":
        draft.out["status"] = "not-taken"
    elif value != "unk":
        draft.leave("taken", value)


def _not_given(draft: Draft, value: Any) -> None:
    if value is True:
        draft.out["status"] = "not-done"


def _explanation(draft: Draft, value: Any) -> None:
    draft.put("reasonCode", value.get("reason"))
    reasons = value.get("reasonNotGiven", [])
    draft.put("statusReason", reasons[0] if reasons else None)


def _immunised_by(draft: Draft, value: Any) -> None:
    draft.put("performer", [_renamed(each, {"role": "function"}) for each in value])


def _protocol(draft: Draft, value: Any) -> None:
    names = {"doseSequence": "doseNumberPositiveInt", "seriesDoses": "seriesDosesPositiveInt"}
    for each in value:
        applied = _renamed(each, names)
        left = {
            name: applied.pop(name) for name in ("description", "doseStatus", "doseStatusReason") if name in applied
        }
        if "doseNumberPositiveInt" in applied:
            draft.put("protocolApplied", [applied])
        elif applied:
            left = each
        for name, one in left.items():
            draft.leave(f"vaccinationProtocol.{name}", one)


_NOT_IN_R4 = ("description", "doseStatus", "doseStatusReason")


def _related(draft: Draft, value: Any) -> None:
    """STU3's related {type, target}: members and origins have elements of their own in R4."""
    for each in value:
        name = {"has-member": "hasMember", "derived-from": "derivedFrom"}.get(each.get("type", ""))
        if name is None:
            draft.leave("related", value)
        else:
            draft.put(name, [each["target"]])


def _interpretation_of_components(draft: Draft, value: Any) -> None:
    for each in value:
        if isinstance(each.get("interpretation"), dict):
            each["interpretation"] = [each["interpretation"]]
    draft.put("component", value)


def _dosages(name: str) -> Move:
    """A dose and a rate stand in doseAndRate in R4."""

    def move(draft: Draft, value: Any) -> None:
        for each in value:
            amounts = {key: each.pop(key) for key in list(each) if key.startswith(("dose", "rate"))}
            if amounts:
                each["doseAndRate"] = [amounts]
        draft.put(name, value)

    return move


def _substitution(draft: Draft, value: Any) -> None:
    draft.put("substitution", _renamed(value, {"allowed": "allowedBoolean"}))


def _stages(draft: Draft, value: Any) -> None:
    draft.put("stage", value if isinstance(value, list) else [value])


def _evidence(draft: Draft, value: Any) -> None:
    draft.put("evidence", value)


def _diagnoses(draft: Draft, value: Any) -> None:
    draft.put("diagnosis", [_renamed(each, {"role": "use"}) for each in value])


def _reason_of_referral(draft: Draft, value: Any) -> None:
    """GP Connect files the code that the practice gave the referral as its reason: it says what was asked for."""
    draft.put("code", value[0])
    draft.put("reasonCode", value[1:])


def _document_context(draft: Draft, value: Any) -> None:
    if isinstance(value.get("encounter"), dict):
        value["encounter"] = [value["encounter"]]
    related = [each["ref"] for each in value.pop("related", ()) if "ref" in each]
    draft.put("context", value | ({"related": related} if related else {}))


def _created(draft: Draft, value: Any) -> None:
    """When the document was made is told by its attachment in R4."""
    for content in draft.source.get("content", ()):
        content.setdefault("attachment", {}).setdefault("creation", value)


def _renamed(value: Json, names: Mapping[str, str]) -> Json:
    return {names.get(name, name): each for name, each in value.items()}


_REQUEST: dict[str, Move] = {
    "context": same("encounter"),
    "requester": agent("requester"),
    "status": code_of("status", _REQUESTS),
    "performer": listed("performer"),
    "intent": same("intent"),
}

MOVES: Mapping[str, Mapping[str, Move]] = {
    "AllergyIntolerance": {
        "clinicalStatus": concept_of("clinicalStatus", _TERMINOLOGY + "allergyintolerance-clinical"),
        "verificationStatus": concept_of("verificationStatus", _TERMINOLOGY + "allergyintolerance-verification"),
        "assertedDate": same("recordedDate"),
    },
    "Condition": {
        "clinicalStatus": concept_of("clinicalStatus", _TERMINOLOGY + "condition-clinical"),
        "verificationStatus": concept_of(
            "verificationStatus", _TERMINOLOGY + "condition-ver-status", frozenset({"unknown"})
        ),
        "context": same("encounter"),
        "assertedDate": same("recordedDate"),
        "stage": _stages,
        "evidence": _evidence,
    },
    "DiagnosticReport": {
        "context": same("encounter"),
        "category": listed("category"),
        "performer": actors("performer"),
        "image": same("media"),
        "codedDiagnosis": same("conclusionCode"),
    },
    "DocumentReference": {
        "created": _created,
        "indexed": same("date"),
        "class": listed("category"),
        "context": _document_context,
    },
    "Encounter": {"reason": same("reasonCode"), "diagnosis": _diagnoses},
    "HealthcareService": {"category": listed("category")},
    "Immunization": {
        "notGiven": _not_given,
        "date": same("occurrenceDateTime"),
        "practitioner": _immunised_by,
        "explanation": _explanation,
        "vaccinationProtocol": _protocol,
    },
    "List": {},
    "Location": {"type": listed("type")},
    "MedicationRequest": {
        "context": same("encounter"),
        "category": listed("category"),
        "requester": agent("requester"),
        "dosageInstruction": _dosages("dosageInstruction"),
        "substitution": _substitution,
    },
    "MedicationStatement": {
        "taken": _taken,
        "dosage": _dosages("dosage"),
        "reasonNotTaken": same("statusReason"),
    },
    "Observation": {
        "context": same("encounter"),
        "comment": note,
        "interpretation": listed("interpretation"),
        "component": _interpretation_of_components,
        "related": _related,
    },
    "Patient": {},
    "ProcedureRequest": _REQUEST,
    "QuestionnaireResponse": {"context": same("encounter"), "parent": same("partOf")},
    "ReferralRequest": _REQUEST
    | {
        "recipient": listed("performer"),
        "serviceRequested": listed("orderDetail"),
        "reasonCode": _reason_of_referral,
        "description": note,
    },
}


def moved(source: Json, r4_elements: frozenset[str]) -> Draft:
    """One resource of STU3 as a draft of R4; `source` is already in R4's addresses (`extensions.modernised`)."""
    stu3 = str(source["resourceType"])
    draft = Draft(source, R4_TYPES.get(stu3, stu3))
    moves = MOVES.get(stu3, {})
    if stu3 == "ReferralRequest":
        draft.put("category", [_REFERRAL])
    for name, value in source.items():
        if name in ("resourceType", "meta"):
            continue
        if name in ("extension", "modifierExtension"):
            take_extensions(draft, value)
        elif name in moves:
            moves[name](draft, value)
        elif name.removeprefix("_") in r4_elements:
            draft.put(name, value)
        else:
            draft.leave(name, value)
    return draft
