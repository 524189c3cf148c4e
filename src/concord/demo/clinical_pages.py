"""The clinical part of a chart: problems, allergies, medicines, procedures, vaccinations, results."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta

from concord.demo import codes
from concord.demo.codes import code, hl7, measure
from concord.demo.measurements import Reading, observation_value
from concord.demo.moments import instant
from concord.demo.pages import Pages, Resource, noted
from concord.demo.staff import organisation, practitioner


class ClinicalPages(Pages):
    """What is wrong, what is taken, what was done and measured."""

    # Problems, allergies, medicines, procedures, vaccinations

    def problem(
        self,
        finding: str,
        since: date,
        *,
        status: str = "active",
        until: date | None = None,
        note: str = "",
        by: str = "",
        verification: str = "confirmed",
        service: str = "",
    ) -> str:
        resource: Resource = {
            "resourceType": "Condition",
            "clinicalStatus": hl7("condition-clinical", status),
            "verificationStatus": hl7("condition-ver-status", verification),
            "category": [hl7("condition-category", "problem-list-item")],
            "code": code(codes.FINDING, finding).concept(),
            "subject": self.subject,
            "onsetDateTime": since.isoformat(),
            "recordedDate": since.isoformat(),
        }
        if verification == "entered-in-error":  # R4, con-5: such a condition has no clinical status
            del resource["clinicalStatus"]
        if until is not None:
            resource["abatementDateTime"] = until.isoformat()
        if by:
            resource["recorder"] = practitioner(by)
        return self.add(noted(resource, note), service=service)

    def allergy(
        self,
        substance: str,
        reaction: str,
        on: date,
        *,
        severity: str = "moderate",
        criticality: str = "low",
        by: str = "",
        words: str = "",
        verification: str = "confirmed",
    ) -> str:
        kind = code(codes.SUBSTANCE, substance).concept()
        resource: Resource = {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": hl7("allergyintolerance-clinical", "active"),
            "verificationStatus": hl7("allergyintolerance-verification", verification),
            "type": "allergy",
            "criticality": criticality,
            "code": kind,
            "patient": self.subject,
            "recordedDate": on.isoformat(),
            "reaction": [
                {
                    "manifestation": [code(codes.REACTION, reaction).concept()],
                    "severity": severity,
                    **({"description": words} if words else {}),
                }
            ],
        }
        if by:
            resource["recorder"] = practitioner(by)
        return self.add(resource)

    def no_known_allergies(self, when: datetime, *, by: str = "") -> str:
        resource: Resource = {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": hl7("allergyintolerance-clinical", "active"),
            "verificationStatus": hl7("allergyintolerance-verification", "unconfirmed"),
            "code": code(codes.SUBSTANCE, "no-known-allergies").concept(),
            "patient": self.subject,
            "recordedDate": instant(when),
        }
        if by:
            resource["recorder"] = practitioner(by)
        return self.add(resource)

    def prescription(
        self,
        medicine: str,
        dose: str,
        first: date,
        *,
        issued: date | None = None,
        days: int = 28,
        status: str = "active",
        repeat: bool = True,
        by: str = "",
        note: str = "",
        reason: str = "",
        stopped_because: str = "",
        service: str = "",
    ) -> str:
        """A MedicationRequest as a practice keeps it; `issued` is the last time it was (by default at first)."""
        last = issued or first
        resource: Resource = {
            "resourceType": "MedicationRequest",
            "status": status,
            "intent": "order",
            "medicationCodeableConcept": code(codes.MEDICINE, medicine).concept(),
            "subject": self.subject,
            "authoredOn": first.isoformat(),
            "courseOfTherapyType": hl7("medicationrequest-course-of-therapy", "continuous" if repeat else "acute"),
            "dosageInstruction": [{"text": dose}],
            "dispenseRequest": {
                "validityPeriod": {"start": last.isoformat(), "end": (last + timedelta(days=days)).isoformat()},
                "expectedSupplyDuration": {"value": days, "unit": "day", "system": codes.UCUM, "code": "d"},
            },
        }
        if by:
            resource["requester"] = practitioner(by)
        if reason:
            resource["reasonCode"] = [{"text": reason}]
        if stopped_because:
            resource["statusReason"] = {"text": stopped_because}
        return self.add(noted(resource, note), service=service)

    def current_prescriptions(self) -> Iterator[tuple[str, str, date]]:
        """Medicine, dose and first day of each prescription that stands on repeat."""
        for each in self.resources:
            if each["resourceType"] == "MedicationRequest" and each["status"] == "active":
                medicine = each["medicationCodeableConcept"]["coding"][0]["code"]
                yield medicine, each["dosageInstruction"][0]["text"], date.fromisoformat(each["authoredOn"])

    def takes(
        self,
        medicine: str,
        dose: str,
        since: date,
        *,
        status: str = "active",
        until: date | None = None,
        on: date | None = None,
        note: str = "",
        because: str = "",
        service: str = "",
    ) -> str:
        """A MedicationStatement: on this list as taken (or no longer), as asserted on the day `on`."""
        period = {"start": since.isoformat()} | ({"end": until.isoformat()} if until else {})
        resource: Resource = {
            "resourceType": "MedicationStatement",
            "status": status,
            "medicationCodeableConcept": code(codes.MEDICINE, medicine).concept(),
            "subject": self.subject,
            "effectivePeriod": period,
            "dateAsserted": (on or until or since).isoformat(),
            "dosage": [{"text": dose}],
        }
        if because:
            resource["statusReason"] = [{"text": because}]
        return self.add(noted(resource, note), service=service)

    def vaccination(self, vaccine: str, on: date, *, lot: str, by: str = "") -> str:
        resource: Resource = {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": code(codes.VACCINE, vaccine).concept(),
            "patient": self.subject,
            "occurrenceDateTime": on.isoformat(),
            "primarySource": True,
            "lotNumber": lot,
        }
        if by:
            resource["performer"] = [{"actor": practitioner(by)}]
        return self.add(resource)

    def family_history(self, relationship: str, finding: str, on: date) -> str:
        """A FamilyMemberHistory; `relationship` is a code of HL7's v3-RoleCode."""
        return self.add(
            {
                "resourceType": "FamilyMemberHistory",
                "status": "completed",
                "patient": self.subject,
                "date": on.isoformat(),
                "relationship": hl7("v3-RoleCode", relationship),
                "condition": [{"code": code(codes.FINDING, finding).concept()}],
            }
        )

    def procedure(self, what: str, on: date, *, by: str = "", note: str = "", service: str = "") -> str:
        resource: Resource = {
            "resourceType": "Procedure",
            "status": "completed",
            "code": code(codes.PROCEDURE, what).concept(),
            "subject": self.subject,
            "performedDateTime": on.isoformat(),
        }
        if by:
            resource["performer"] = [{"actor": practitioner(by)}]
        return self.add(noted(resource, note), service=service)

    # Measured, tested, observed

    def observation(
        self, reading: Reading, when: datetime, *, category: str = "laboratory", by: str = "", encounter: str = ""
    ) -> str:
        resource: Resource = {
            "resourceType": "Observation",
            "status": "final",
            "category": [hl7("observation-category", category)],
            "code": measure(reading.name).concept(),
            "subject": self.subject,
            "effectiveDateTime": instant(when),
            **observation_value(reading),
        }
        if by:
            resource["performer"] = [practitioner(by)]
        if encounter:
            resource["encounter"] = {"reference": encounter}
        return self.add(resource)

    def blood_pressure(
        self, systolic: int, diastolic: int, when: datetime, *, by: str = "", encounter: str = ""
    ) -> str:
        parts = (("systolic", systolic), ("diastolic", diastolic))
        resource: Resource = {
            "resourceType": "Observation",
            "status": "final",
            "category": [hl7("observation-category", "vital-signs")],
            "code": measure("blood-pressure").concept(),
            "subject": self.subject,
            "effectiveDateTime": instant(when),
            "component": [
                {
                    "code": measure(name).concept(),
                    "valueQuantity": {"value": value, "unit": "mmHg", "system": codes.UCUM, "code": "mm[Hg]"},
                }
                for name, value in parts
            ],
        }
        if by:
            resource["performer"] = [practitioner(by)]
        if encounter:
            resource["encounter"] = {"reference": encounter}
        return self.add(resource)

    def noted(self, what: str, text: str, when: datetime, *, category: str = "social-history", by: str = "") -> str:
        """An Observation in words."""
        return self.observation(Reading(name=what, text=text), when, category=category, by=by)

    def report(self, panel: str, readings: Sequence[Reading], when: datetime, *, laboratory: str = "ZZA") -> str:
        """A laboratory's report with its results."""
        results = [{"reference": self.observation(each, when)} for each in readings]
        return self.add(
            {
                "resourceType": "DiagnosticReport",
                "status": "final",
                "category": [hl7("v2-0074", "LAB")],
                "code": code(codes.INVESTIGATION, panel).concept(),
                "subject": self.subject,
                "effectiveDateTime": instant(when),
                "issued": instant(when + timedelta(hours=5)),
                "performer": [organisation(laboratory)],
                "result": results,
            }
        )
