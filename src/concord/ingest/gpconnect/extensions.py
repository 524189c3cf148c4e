"""STU3 extensions of CareConnect and GP Connect: those that are elements in R4, or go by another name in UK Core.

Names: UK Core STU3 Sequence and FHIR R4 UK Core, simplifier.net/guide/UK-Core-Implementation-Guide.
What has no entry here is carried as it is: an extension keeps its meaning under the address of its definition.
"""

from typing import Any

from concord.ingest.gpconnect.draft import Draft, Json

_UK = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-"
_RENAMED = {
    "Extension-CareConnect-GPC-MedicationStatementLastIssueDate-1": _UK + "MedicationStatementLastIssueDate",
    "Extension-CareConnect-MedicationStatementLastIssueDate-1": _UK + "MedicationStatementLastIssueDate",
    "Extension-CareConnect-GPC-MedicationRepeatInformation-1": _UK + "MedicationRepeatInformation",
    "Extension-CareConnect-MedicationRepeatInformation-1": _UK + "MedicationRepeatInformation",
    "Extension-CareConnect-GPC-PrescribingAgency-1": _UK + "MedicationPrescribingOrganizationType",
    "Extension-CareConnect-PrescribingAgency-1": _UK + "MedicationPrescribingOrganizationType",
    "Extension-CareConnect-VaccinationProcedure-1": _UK + "VaccinationProcedure",
    "Extension-CareConnect-ParentPresent-1": _UK + "ParentPresent",
    "Extension-CareConnect-GPC-ListWarningCode-1": _UK + "ListWarningCode",
    "Extension-CareConnect-ListWarningCode-1": _UK + "ListWarningCode",
    "Extension-CareConnect-AllergyIntoleranceEnd-1": _UK + "AllergyIntoleranceEnd",
    "Extension-CareConnect-GPC-AllergyIntoleranceEnd-1": _UK + "AllergyIntoleranceEnd",
    "Extension-CareConnect-ConditionEpisode-1": _UK + "ConditionEpisode",
    "Extension-CareConnect-GPC-MainLocation-1": _UK + "MainLocation",
    "Extension-CareConnect-GPC-NHSNumberVerificationStatus-1": _UK + "NHSNumberVerificationStatus",
}
_SYSTEMS = {
    "https://fhir.nhs.uk/STU3/CodeSystem/CareConnect-NHSNumberVerificationStatus-1": "https://fhir.hl7.org.uk/"
    "CodeSystem/UKCore-NHSNumberVerificationStatusEngland",
    "http://hl7.org/fhir/condition-category": "http://terminology.hl7.org/CodeSystem/condition-category",
    "https://fhir.hl7.org.uk/STU3/CodeSystem/CareConnect-ConditionCategory-1": "https://fhir.hl7.org.uk/CodeSystem/"
    "UKCore-ConditionCategory",
    "http://hl7.org/fhir/v3/NullFlavor": "http://terminology.hl7.org/CodeSystem/v3-NullFlavor",
    "http://hl7.org/fhir/v3/ParticipationType": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType",
    "http://hl7.org/fhir/v3/ActCode": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
    "http://hl7.org/fhir/v3/Confidentiality": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
    "http://hl7.org/fhir/observation-category": "http://terminology.hl7.org/CodeSystem/observation-category",
    "http://hl7.org/fhir/v2/0443": "http://terminology.hl7.org/CodeSystem/v2-0443",
    "http://hl7.org/fhir/stu3/valueset-immunization-role.html": "http://terminology.hl7.org/CodeSystem/v2-0443",
    "http://hl7.org/fhir/v2/0078": "http://terminology.hl7.org/CodeSystem/v2-0078",
    "http://hl7.org/fhir/v2/0131": "http://terminology.hl7.org/CodeSystem/v2-0131",
    "http://hl7.org/fhir/list-order": "http://terminology.hl7.org/CodeSystem/list-order",
    "http://hl7.org/fhir/codesystem-list-order.html": "http://terminology.hl7.org/CodeSystem/list-order",
}
_TYPES = {"ProcedureRequest": "ServiceRequest", "ReferralRequest": "ServiceRequest"}


def modernised(value: Any) -> Any:
    """A value of STU3 in the addresses of R4: extensions, code systems, references to types that were renamed."""
    if isinstance(value, list):
        return [modernised(each) for each in value]
    if not isinstance(value, dict):
        return value
    found: Json = {name: modernised(each) for name, each in value.items() if name != "fhir_comments"}
    url, system, literal = found.get("url"), found.get("system"), found.get("reference")
    if isinstance(url, str):
        found["url"] = _RENAMED.get(url.rpartition("/")[2], url)
    if isinstance(system, str):
        found["system"] = _SYSTEMS.get(system, system)
    if isinstance(literal, str):
        type_, slash, id_ = literal.partition("/")
        found["reference"] = _TYPES.get(type_, type_) + slash + id_
    return found


def take_extensions(draft: Draft, value: Any) -> None:
    """Extensions that R4 made elements are put there; the others are kept."""
    for extension in value:
        name = extension.get("url", "").rpartition("/")[2]
        if not _became_element(draft, name, extension):
            draft.put("extension", [extension])


def _became_element(draft: Draft, name: str, extension: Json) -> bool:
    type_ = draft.out["resourceType"]
    if name.endswith("-UKCore-MedicationStatementLastIssueDate"):
        # Practices' systems write a day as its midnight.
        draft.put("extension", [extension | {"valueDateTime": extension["valueDateTime"].partition("T00:00:00")[0]}])
    elif name == "encounter-associatedEncounter" and type_ == "AllergyIntolerance":
        draft.put("encounter", extension.get("valueReference"))
    elif name.startswith("Extension-CareConnect-DateRecorded") and type_ == "Immunization":
        draft.put("recorded", extension.get("valueDateTime"))
    elif name.startswith("Extension-CareConnect-GPC-PrescriptionType") and type_ == "MedicationRequest":
        draft.put("courseOfTherapyType", _course(extension.get("valueCodeableConcept", {})))
    elif name.startswith("Extension-CareConnect-GPC-MedicationStatusReason") and type_ == "MedicationRequest":
        parts = {part.get("url"): part for part in extension.get("extension", ())}
        draft.put("statusReason", parts.get("statusReason", {}).get("valueCodeableConcept"))
        draft.put("extension", [extension] if "statusChangeDate" in parts else [])
    elif name.startswith("Extension-CareConnect-GPC-NHSCommunication") and type_ == "Patient":
        return _communication(draft, extension)
    else:
        return False
    return True


_COURSES = {
    "acute": ("http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy", "acute", "Acute"),
    "repeat": ("http://terminology.hl7.org/CodeSystem/medicationrequest-course-of-therapy", "continuous", "Repeat"),
    "repeat-dispensing": (
        "https://fhir.hl7.org.uk/CodeSystem/UKCore-MedicationRequestCourseOfTherapy",
        "continuous-repeating-dispensing",
        "Repeat dispensing",
    ),
}


def _course(concept: Json) -> Json:
    """GP Connect's prescription type as R4's course of therapy; the words stay the source's."""
    for coding in concept.get("coding", ()):
        if coding.get("code") in _COURSES:
            system, code, words = _COURSES[coding["code"]]
            return {"coding": [{"system": system, "code": code}], "text": coding.get("display", words)}
    return concept


def _communication(draft: Draft, extension: Json) -> bool:
    parts = {part.get("url"): part for part in extension.get("extension", ())}
    language = parts.get("language", {}).get("valueCodeableConcept")
    if language is None:
        return False
    spoken: Json = {"language": language}
    if "preferred" in parts:
        spoken["preferred"] = parts["preferred"].get("valueBoolean")
    draft.put("communication", [spoken])
    rest = [part for name, part in parts.items() if name not in ("language", "preferred")]
    draft.put("extension", [{"url": extension["url"], "extension": rest}] if rest else [])
    return True
