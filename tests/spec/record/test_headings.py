"""Under which heading does it stand? The reviewed table, as examples that a clinician can read."""

import pytest

from concord.record.headings import heading
from concord.terminology import Heading

ACT = "http://terminology.hl7.org/CodeSystem/v3-ActCode"
CHOICE = "https://concord.example/CodeSystem/choice"


def coded(code: str, system: str = "") -> dict[str, object]:
    return {"coding": [{"system": system, "code": code} if system else {"code": code}]}


def stay(class_: str, status: str) -> dict[str, object]:
    return {"resourceType": "Encounter", "class": {"system": ACT, "code": class_}, "status": status}


def of(type_: str, **elements: object) -> dict[str, object]:
    return {"resourceType": type_, **elements}


# what it is, the resource, the service that holds it, the heading
EXAMPLES = [
    ("a patient's details", of("Patient"), None, "person-demographics"),
    ("a daughter", of("RelatedPerson"), None, "personal-contacts"),
    ("a care team", of("CareTeam"), None, "professional-contacts"),
    ("being on a caseload", of("EpisodeOfCare"), None, "services-and-care"),
    ("a stay that goes on", stay("IMP", "in-progress"), None, "admission-details"),
    ("an acute stay that goes on", stay("ACUTE", "arrived"), None, "admission-details"),
    ("a stay that is over", stay("IMP", "finished"), None, "discharge-details"),
    ("a non-acute stay that is over", stay("NONAC", "finished"), None, "discharge-details"),
    ("being in the emergency department", stay("EMER", "in-progress"), None, "contacts-with-professionals"),
    ("a visit to a clinic", stay("AMB", "finished"), None, "contacts-with-professionals"),
    ("a home visit", stay("HH", "finished"), None, "contacts-with-professionals"),
    ("an appointment", of("Appointment"), None, "future-appointments"),
    ("a child protection plan", of("Flag", category=[coded("safeguarding")]), None, "safeguarding"),
    ("a looked-after child", of("Flag", code=coded("looked-after-child")), None, "safeguarding"),
    ("a flag of children's services", of("Flag", code={"text": "See file"}), "childrens-services", "safeguarding"),
    ("the same of adults' services", of("Flag", code={"text": "See file"}), "adult-social-care", "alerts"),
    ("a risk when visiting", of("Flag", category=[coded("safety")]), None, "risks"),
    ("a CPR decision raised as a flag", of("Flag", code=coded("cpr-decision")), None, "end-of-life-care"),
    ("a communication need", of("Flag", code=coded("communication-need")), None, "individual-requirements"),
    ("any other flag", of("Flag", category=[coded("clinical")]), None, "alerts"),
    ("an assessed risk", of("RiskAssessment"), None, "risks"),
    ("a home care package", of("CarePlan", category=[coded("care-package")]), None, "services-and-care"),
    ("an advance care plan", of("CarePlan", category=[coded("end-of-life-care")]), None, "end-of-life-care"),
    ("a crisis plan", of("CarePlan", category=[coded("contingency-plan")]), None, "contingency-plans"),
    ("any other care plan", of("CarePlan", category=[coded("assess-plan")]), None, "care-and-support-plan"),
    ("a goal", of("Goal"), None, "care-and-support-plan"),
    ("a task", of("Task"), None, "plan-and-requested-actions"),
    ("an objection to sharing", of("Consent", category=[coded("objection", CHOICE)]), None, "unclassified"),
    ("an unknown choice", of("Consent", category=[coded("something-new", CHOICE)]), None, "unclassified"),
    ("a privacy consent", of("Consent", scope=coded("patient-privacy")), None, "unclassified"),
    ("an advance directive", of("Consent", category=[coded("acd")]), None, "end-of-life-care"),
    ("a power of attorney", of("Consent", category=[coded("power-of-attorney")]), None, "legal-information"),
    ("a problem", of("Condition"), None, "problems"),
    ("an allergy", of("AllergyIntolerance"), None, "allergies"),
    ("a prescription", of("MedicationRequest"), None, "medications"),
    ("a medicine taken", of("MedicationStatement"), None, "medications"),
    ("a medicine dispensed", of("MedicationDispense"), None, "medications"),
    ("a medicine given", of("MedicationAdministration"), None, "medications"),
    ("a vaccination", of("Immunization"), None, "vaccinations"),
    ("a procedure", of("Procedure"), None, "procedures"),
    ("a father's diabetes", of("FamilyMemberHistory"), None, "family-history"),
    ("a laboratory result", of("Observation", category=[coded("laboratory")]), None, "investigation-results"),
    ("a blood pressure", of("Observation", category=[coded("vital-signs")]), None, "examination-findings"),
    ("a foot check", of("Observation", category=[coded("exam")]), None, "examination-findings"),
    ("who she lives with", of("Observation", category=[coded("social-history")]), None, "social-context"),
    ("a frailty score", of("Observation", category=[coded("survey")]), None, "assessments"),
    (
        "smoking, filed as a survey",
        of("Observation", category=[coded("survey")], code=coded("72166-2", "http://loinc.org")),
        None,
        "social-context",
    ),
    ("an observation without category", of("Observation"), None, "examination-findings"),
    ("a category that nobody reviewed", of("Observation", category=[coded("gut-feeling")]), None, "unclassified"),
    ("a category in words alone", of("Observation", category=[{"text": "Labs"}]), None, "unclassified"),
    ("a laboratory's report", of("DiagnosticReport"), None, "investigation-results"),
    ("a scan", of("ImagingStudy"), None, "investigation-results"),
    ("a referral", of("ServiceRequest", category=[coded("referral")]), None, "referral-details"),
    ("a blood test asked for", of("ServiceRequest"), None, "investigations-requested"),
    ("a questionnaire answered", of("QuestionnaireResponse"), None, "assessments"),
    ("a hearing aid", of("Device"), None, "equipment-and-adaptations"),
    ("a wheelchair in use", of("DeviceUseStatement"), None, "equipment-and-adaptations"),
    ("a mattress delivered", of("SupplyDelivery"), None, "equipment-and-adaptations"),
    ("a letter", of("DocumentReference", type=coded("discharge-summary")), None, "documents"),
    ("a ReSPECT form", of("DocumentReference", type=coded("respect")), None, "end-of-life-care"),
    ("a safeguarding report", of("DocumentReference", type=coded("safeguarding-report")), None, "safeguarding"),
    ("a discharge summary", of("Composition", type=coded("373942005", "http://snomed.info/sct")), None, "documents"),
    ("a bill", of("Claim"), None, "unclassified"),
    ("what the insurer says", of("ExplanationOfBenefit"), None, "unclassified"),
    ("a list of allergies", of("List", code=coded("52472-8", "http://loinc.org")), None, "allergies"),
    ("a list of anything", of("List"), None, "unclassified"),
    ("an organisation", of("Organization"), None, "unclassified"),
    ("a type that R4 does not have", of("Horse"), None, "unclassified"),
    ("no type at all", {}, None, "unclassified"),
]


@pytest.mark.parametrize(
    ("resource", "service", "expected"), [row[1:] for row in EXAMPLES], ids=[r[0] for r in EXAMPLES]
)
def test_stands_under(resource: dict[str, object], service: str | None, expected: str) -> None:
    assert heading(resource, service) is Heading(expected)


def test_a_code_counts_only_in_the_system_that_the_row_names() -> None:
    smoking = of("Observation", category=[coded("survey")], code=coded("72166-2", "http://snomed.info/sct"))
    assert heading(smoking, None) is Heading.ASSESSMENTS


# FHIR R4, compartment definition Patient: every type whose resources can be about a person, and Device.
ABOUT_A_PERSON = """
Account AdverseEvent AllergyIntolerance Appointment AppointmentResponse AuditEvent Basic BodyStructure
CarePlan CareTeam ChargeItem Claim ClaimResponse ClinicalImpression Communication CommunicationRequest
Composition Condition Consent Coverage CoverageEligibilityRequest CoverageEligibilityResponse DetectedIssue
Device DeviceRequest DeviceUseStatement DiagnosticReport DocumentManifest DocumentReference Encounter
EnrollmentRequest EpisodeOfCare ExplanationOfBenefit FamilyMemberHistory Flag Goal Group ImagingStudy
Immunization ImmunizationEvaluation ImmunizationRecommendation Invoice List MeasureReport Media
MedicationAdministration MedicationDispense MedicationRequest MedicationStatement MolecularSequence
NutritionOrder Observation Patient Person Procedure Provenance QuestionnaireResponse RelatedPerson
RequestGroup ResearchSubject RiskAssessment Schedule ServiceRequest Specimen SupplyDelivery SupplyRequest Task
VisionPrescription
"""

NOT_SHARED_ON_PURPOSE = """
Account AuditEvent Basic ChargeItem Claim ClaimResponse Coverage CoverageEligibilityRequest
CoverageEligibilityResponse EnrollmentRequest ExplanationOfBenefit Group Invoice List MeasureReport Person Provenance
Schedule
"""


@pytest.mark.parametrize("type_", ABOUT_A_PERSON.split())
def test_every_type_about_a_person_was_reviewed(type_: str) -> None:
    shared = heading({"resourceType": type_}, None) is not Heading.UNCLASSIFIED
    assert shared is (type_ not in NOT_SHARED_ON_PURPOSE.split())
