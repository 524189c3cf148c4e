"""The headings of the PRSB Core Information Standard: the categories that agreements share.

Names restate the section titles of the standard (v2.01, https://theprsb.org). `bit` is the position of the
heading in stored sets and must never change; add new headings at the end.
"""

from enum import StrEnum


class Heading(StrEnum):
    UNCLASSIFIED = "unclassified"  # no row of the heading table matches; no agreement can share it
    DEMOGRAPHICS = "person-demographics"
    GP_PRACTICE = "gp-practice"
    ABOUT_ME = "about-me"
    INDIVIDUAL_REQUIREMENTS = "individual-requirements"
    ALERTS = "alerts"
    LEGAL_INFORMATION = "legal-information"
    SAFEGUARDING = "safeguarding"
    PROFESSIONAL_CONTACTS = "professional-contacts"
    PERSONAL_CONTACTS = "personal-contacts"
    RESEARCH = "participation-in-research"
    REFERRAL_DETAILS = "referral-details"
    CONTACTS_WITH_PROFESSIONALS = "contacts-with-professionals"
    ADMISSION_DETAILS = "admission-details"
    DISCHARGE_DETAILS = "discharge-details"
    FUTURE_APPOINTMENTS = "future-appointments"
    VACCINATIONS = "vaccinations"
    PROBLEMS = "problems"
    PROCEDURES = "procedures"
    SOCIAL_CONTEXT = "social-context"
    SERVICES_AND_CARE = "services-and-care"
    PRIMARY_SUPPORT_REASON = "primary-support-reason"
    FAMILY_HISTORY = "family-history"
    INVESTIGATION_RESULTS = "investigation-results"
    INVESTIGATIONS_REQUESTED = "investigations-requested"
    EXAMINATION_FINDINGS = "examination-findings"
    PREGNANCY_STATUS = "pregnancy-status"
    ASSESSMENTS = "assessments"
    FORMULATION = "formulation"
    RISKS = "risks"
    ALLERGIES = "allergies"
    MEDICATIONS = "medications"
    EQUIPMENT = "equipment-and-adaptations"
    PLAN_AND_REQUESTED_ACTIONS = "plan-and-requested-actions"
    CARE_AND_SUPPORT_PLAN = "care-and-support-plan"
    CONTINGENCY_PLANS = "contingency-plans"
    ADDITIONAL_SUPPORT_PLANS = "additional-support-plans"
    END_OF_LIFE_CARE = "end-of-life-care"
    DOCUMENTS = "documents"

    @property
    def bit(self) -> int:
        """Position in a stored set of headings, 0 to 38."""
        return _POSITIONS[self]


_POSITIONS = {heading: position for position, heading in enumerate(Heading)}
HEADINGS = tuple(Heading)
