"""What the Core Information Standard asks of an item under each heading, as elements of R4 (PRSB CIS v2.01, restated).

The standard makes few items mandatory and the rest "required: send it if you hold it"; so what is missing is worth a
question, never proof that something is wrong. A path names elements below the resource, lists passed through;
`value[x]` any of that choice; `a|b` either.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from concord.terminology import Heading


class Element(NamedTuple):
    """`at` is its path; `mandatory` in the standard, else required."""

    says: str
    at: str
    mandatory: bool = False


def _must(says: str, at: str) -> Element:
    return Element(says, at, mandatory=True)


_RESULT = (
    _must("investigation", "code"),
    Element("result", "value[x]|component|hasMember|dataAbsentReason"),
    Element("date", "effective[x]"),
    Element("reference range", "referenceRange"),
)
_FINDING = (
    _must("what was observed", "code"),
    Element("value", "value[x]|component|hasMember|dataAbsentReason"),
    Element("date", "effective[x]"),
)
_MEDICINE = (
    _must("medication name", "medication[x]"),
    Element("instructions", "dosageInstruction|dosage"),
    Element("date", "authoredOn|effective[x]|dateAsserted|whenHandedOver"),
    Element("who prescribed", "requester|informationSource|performer"),
)
_FLAG = (Element("what it warns of", "code"), Element("start", "period.start"), Element("who raised it", "author"))
_STAY = (
    Element("responsible professional", "participant.individual"),
    Element("reason", "reasonCode|reasonReference"),
    Element("ward", "location"),
)

STANDARD: Mapping[Heading, Mapping[str, Sequence[Element]]] = {
    Heading.DEMOGRAPHICS: {
        "Patient": (
            _must("family name", "name.family"),
            _must("first name", "name.given"),
            _must("date of birth", "birthDate"),
            _must("address line", "address.line"),
            _must("GP practice", "generalPractitioner|managingOrganization"),
            Element("postcode", "address.postalCode"),
            Element("gender", "gender"),
            Element("telephone or email", "telecom"),
        )
    },
    Heading.PERSONAL_CONTACTS: {
        "RelatedPerson": (
            _must("name", "name"),
            Element("relationship", "relationship"),
            Element("contact", "telecom"),
        )
    },
    Heading.PROFESSIONAL_CONTACTS: {
        "CareTeam": (
            Element("name", "participant.member"),
            Element("role", "participant.role"),
            Element("start", "period.start|participant.period.start"),
        )
    },
    Heading.ALERTS: {"Flag": _FLAG},
    Heading.SAFEGUARDING: {"Flag": _FLAG},
    Heading.REFERRAL_DETAILS: {
        "ServiceRequest": (
            Element("date", "authoredOn"),
            Element("referrer", "requester"),
            Element("reason", "reasonCode|reasonReference"),
            Element("urgency", "priority"),
            Element("referred to", "performer"),
        )
    },
    Heading.CONTACTS_WITH_PROFESSIONALS: {
        "Encounter": (
            Element("date", "period.start"),
            Element("seen by", "participant.individual"),
            Element("contact type", "type|serviceType"),
            Element("location", "location|serviceProvider"),
        )
    },
    Heading.ADMISSION_DETAILS: {
        "Encounter": (
            Element("date", "period.start"),
            Element("source", "hospitalization.admitSource|hospitalization.origin"),
            *_STAY,
        )
    },
    Heading.DISCHARGE_DETAILS: {
        "Encounter": (
            Element("date", "period.end"),
            Element("destination", "hospitalization.dischargeDisposition|hospitalization.destination"),
            *_STAY,
        )
    },
    Heading.FUTURE_APPOINTMENTS: {
        "Appointment": (
            Element("date", "start"),
            Element("status", "status"),
            Element("service", "serviceType|specialty"),
            Element("reason", "reasonCode|reasonReference|description"),
        )
    },
    Heading.VACCINATIONS: {
        "Immunization": (
            _must("vaccine product", "vaccineCode"),
            Element("date", "occurrence[x]"),
            Element("site", "site"),
            Element("batch", "lotNumber"),
            Element("dose in the course", "protocolApplied.doseNumber[x]"),
        )
    },
    Heading.PROBLEMS: {
        "Condition": (
            _must("problem", "code"),
            Element("onset or date", "onset[x]|recordedDate"),
            Element("active or not", "clinicalStatus"),
            Element("who recorded it", "recorder|asserter"),
        )
    },
    Heading.PROCEDURES: {
        "Procedure": (
            _must("procedure", "code"),
            Element("date", "performed[x]"),
            Element("who performed it", "performer"),
        )
    },
    Heading.ALLERGIES: {
        "AllergyIntolerance": (
            _must("causative agent", "code"),
            Element("reaction", "reaction.manifestation"),
            Element("date", "recordedDate|onset[x]"),
            Element("who recorded it", "recorder|asserter"),
        )
    },
    Heading.MEDICATIONS: {
        "MedicationRequest": _MEDICINE,
        "MedicationStatement": _MEDICINE,
        "MedicationDispense": _MEDICINE,
    },
    Heading.INVESTIGATION_RESULTS: {
        "Observation": _RESULT,
        "DiagnosticReport": (
            _must("investigation", "code"),
            Element("date", "effective[x]|issued"),
            Element("result", "result|presentedForm|conclusion"),
            Element("who reported", "performer|resultsInterpreter"),
        ),
    },
    Heading.EXAMINATION_FINDINGS: {"Observation": _FINDING},
    Heading.SOCIAL_CONTEXT: {"Observation": _FINDING},
    Heading.ASSESSMENTS: {
        "Observation": _FINDING,
        "QuestionnaireResponse": (
            Element("assessment type", "questionnaire"),
            Element("date", "authored"),
            Element("answers", "item"),
        ),
    },
    Heading.FAMILY_HISTORY: {
        "FamilyMemberHistory": (Element("relationship", "relationship"), Element("finding", "condition.code"))
    },
    Heading.SERVICES_AND_CARE: {
        "CarePlan": (
            Element("care package", "title|category|description"),
            Element("start", "period.start"),
            Element("provider", "author|contributor|careTeam"),
        ),
        "EpisodeOfCare": (
            Element("start", "period.start"),
            Element("type", "type"),
            Element("team", "team|careManager"),
        ),
    },
    Heading.CARE_AND_SUPPORT_PLAN: {
        "CarePlan": (
            Element("goals", "goal"),
            Element("actions", "activity"),
            Element("last updated", "created|period.start"),
            Element("who wrote it", "author|contributor"),
        )
    },
    Heading.END_OF_LIFE_CARE: {
        "CarePlan": (Element("what was decided", "title|activity|note"), Element("date", "created|period.start")),
    },
    Heading.DOCUMENTS: {
        "DocumentReference": (
            Element("type", "type"),
            Element("date", "date|context.period.start"),
            Element("author", "author"),
            Element("MIME type", "content.attachment.contentType"),
        )
    },
}
