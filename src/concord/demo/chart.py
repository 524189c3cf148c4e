"""One organisation's record of one person, as FHIR R4 resources in the manner of UK Core.

A chart only writes down what a story tells it. Days are `date`, times local `datetime` (see moments); `by` is the
name of whoever did or wrote it. Every method that others refer to gives back the literal reference.
"""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from concord.base import NHS_NUMBER_SYSTEM, STAFF_ID_SYSTEM
from concord.demo import codes
from concord.demo.clinical_pages import ClinicalPages
from concord.demo.codes import code, hl7, ours
from concord.demo.moments import instant
from concord.demo.pages import Resource
from concord.demo.staff import organisation, practitioner, workers

_ENCOUNTER_CLASSES: Final = {"AMB": "ambulatory", "EMER": "emergency", "HH": "home health", "VR": "virtual"}


class Chart(ClinicalPages):
    """The whole chart: contacts, requests, appointments, documents, alerts, plans, who is involved, choices."""

    # Contacts, requests, appointments

    def contact(
        self,
        kind: str,
        when: datetime,
        *,
        minutes: int | None = 15,
        class_: str = "AMB",
        status: str = "finished",
        by: str = "",
        reason: str = "",
        service: str = "",
    ) -> str:
        """An Encounter. `minutes` None: it goes on."""
        period = {"start": instant(when)}
        if minutes is not None:
            period["end"] = instant(when + timedelta(minutes=minutes))
        resource: Resource = {
            "resourceType": "Encounter",
            "status": status,
            "class": {"system": codes.HL7 + "v3-ActCode", "code": class_, "display": _ENCOUNTER_CLASSES[class_]},
            "type": [code(codes.CONTACT_TYPE, kind).concept()],
            "subject": self.subject,
            "period": period,
            "serviceProvider": organisation(self.holder),
        }
        if by:
            resource["participant"] = [{"individual": practitioner(by)}]
        if reason:
            resource["reasonCode"] = [{"text": reason}]
        return self.add(resource, service=service)

    def referral(self, to: str, what: str, reason: str, when: datetime, *, by: str, status: str = "active") -> str:
        return self.add(
            {
                "resourceType": "ServiceRequest",
                "status": status,
                "intent": "order",
                "category": [ours("service-request-category", "referral")],
                "code": {"text": what},
                "subject": self.subject,
                "authoredOn": instant(when),
                "requester": practitioner(by),
                "performer": [organisation(to)],
                "reasonCode": [{"text": reason}],
            }
        )

    def appointment(
        self, what: str, when: datetime, *, minutes: int = 20, status: str = "booked", by: str = "", service: str = ""
    ) -> str:
        people: list[Resource] = [{"actor": self.subject, "status": "accepted"}]
        if by:
            people.append({"actor": practitioner(by), "status": "accepted"})
        return self.add(
            {
                "resourceType": "Appointment",
                "status": status,
                "description": what,
                "serviceType": [{"text": what}],
                "start": instant(when),
                "end": instant(when + timedelta(minutes=minutes)),
                "participant": people,
            },
            service=service,
        )

    # Documents, alerts, plans

    def document(
        self, kind: str, title: str, text: str, when: datetime, *, by: str = "", service: str = "", context: str = ""
    ) -> str:
        resource: Resource = {
            "resourceType": "DocumentReference",
            "status": "current",
            "type": code(codes.DOCUMENT_TYPE, kind).concept(),
            "subject": self.subject,
            "date": instant(when),
            "author": [practitioner(by)] if by else [organisation(self.holder)],
            "custodian": organisation(self.holder),
            "description": title,
            "content": [{"attachment": _attached(title, text, when)}],
        }
        if context:
            resource["context"] = {"encounter": [{"reference": context}]}
        return self.add(resource, service=service)

    def flag(
        self, alert: str, text: str, since: date, *, category: str = "clinical", status: str = "active", by: str = ""
    ) -> str:
        resource: Resource = {
            "resourceType": "Flag",
            "status": status,
            "category": [_flag_category(category)],
            "code": code(codes.ALERT_TYPE, alert).concept(text),
            "subject": self.subject,
            "period": {"start": since.isoformat()},
        }
        if by:
            resource["author"] = practitioner(by)
        return self.add(resource)

    def care_plan(
        self,
        kind: str,
        title: str,
        text: str,
        since: date,
        *,
        until: date | None = None,
        activities: Sequence[str] = (),
        by: str = "",
        status: str = "active",
        service: str = "",
    ) -> str:
        resource: Resource = {
            "resourceType": "CarePlan",
            "status": status,
            "intent": "plan",
            "category": [code(codes.CARE_PLAN_TYPE, kind).concept()],
            "title": title,
            "description": text,
            "subject": self.subject,
            "period": {"start": since.isoformat()} | ({"end": until.isoformat()} if until else {}),
            "created": since.isoformat(),
        }
        if by:
            resource["author"] = practitioner(by)
        if activities:
            resource["activity"] = [{"detail": {"status": "in-progress", "description": each}} for each in activities]
        return self.add(resource, service=service)

    def equipment(self, what: str, on: date, *, by: str = "", service: str = "") -> str:
        """A DeviceRequest for something that helps at home."""
        resource: Resource = {
            "resourceType": "DeviceRequest",
            "status": "active",
            "intent": "order",
            "codeCodeableConcept": code(codes.EQUIPMENT, what).concept(),
            "subject": self.subject,
            "authoredOn": on.isoformat(),
        }
        if by:
            resource["requester"] = practitioner(by)
        return self.add(resource, service=service)

    # Who is involved

    def relative(
        self, given: str, family: str, relationship: str, telephone: str, *, roles: Mapping[str, str] | None = None
    ) -> str:
        """A RelatedPerson; `relationship` is a code of HL7's v3-RoleCode, `roles` further codes with their words."""
        related = [hl7("v3-RoleCode", relationship)]
        related += [{**hl7("v3-RoleCode", value), "text": text} for value, text in (roles or {}).items()]
        return self.add(
            {
                "resourceType": "RelatedPerson",
                "active": True,
                "patient": self.subject,
                "relationship": related,
                "name": [{"family": family, "given": [given]}],
                "telecom": [{"system": "phone", "value": telephone, "use": "mobile"}],
            }
        )

    def acts(self, reference: str, as_: str, number: str, since: date) -> None:
        """Whom this RelatedPerson names sees the record in the person's place, as a kind of proxy, by NHS number."""
        related = self.found(reference)
        related["identifier"] = [{"system": NHS_NUMBER_SYSTEM, "value": number}]
        related["relationship"].append(ours("proxy", as_))
        related["period"] = {"start": since.isoformat()}

    def team(self, name: str, members: Sequence[tuple[str, str, str]], since: date, *, service: str = "") -> str:
        """A CareTeam; `members` are (name, what they do here, telephone)."""
        participants: list[Resource] = []
        for who, what, telephone in members:
            member = practitioner(who)
            if telephone:
                member["display"] = f"{who}, {telephone}"
            participants.append({"role": [{"text": what}], "member": member})
        return self.add(
            {
                "resourceType": "CareTeam",
                "status": "active",
                "name": name,
                "subject": self.subject,
                "period": {"start": since.isoformat()},
                "participant": participants,
                "managingOrganization": [organisation(self.holder)],
            },
            service=service,
        )

    def caseload(
        self,
        since: date,
        *,
        service: str = "",
        team: str = "",
        manager: str = "",
        kind: str = "",
        until: date | None = None,
    ) -> str:
        """An EpisodeOfCare: on the caseload of the service, of a team, or of one person; `kind` such as residence."""
        resource: Resource = {
            "resourceType": "EpisodeOfCare",
            "status": "finished" if until else "active",
            "patient": self.subject,
            "managingOrganization": organisation(self.holder),
            "period": {"start": since.isoformat()} | ({"end": until.isoformat()} if until else {}),
        }
        if kind:
            resource["type"] = [ours("episode-type", kind)]
        if team:
            identifier = {"system": codes.CONCORD + "team", "value": team}
            resource["team"] = [{"type": "CareTeam", "identifier": identifier}]
        if manager:
            identifier = {"system": STAFF_ID_SYSTEM, "value": workers()[manager].staff_id}
            resource["careManager"] = {"type": "Practitioner", "identifier": identifier, "display": manager}
        return self.add(resource, service=service)

    # What the person chose

    def choice(self, kind: str, on: date, *, permit: bool = False, silent: bool = False, about: str = "") -> str:
        """A Consent to or against sharing; `about` is the organisation that the choice names."""
        provision: Resource = {"type": "permit" if permit else "deny", "period": {"start": on.isoformat()}}
        if about:
            actor = hl7("v3-ParticipationType", "IRCP")
            provision["actor"] = [{"role": actor, "reference": organisation(about)}]
        resource: Resource = {
            "resourceType": "Consent",
            "status": "active",
            "scope": hl7("consentscope", "patient-privacy"),
            "category": [ours("choice", kind)],
            "patient": self.subject,
            "dateTime": on.isoformat(),
            "policyRule": hl7("v3-ActCode", "OPTOUT"),
            "provision": provision,
        }
        if silent:
            resource["extension"] = [
                {"url": "https://concord.example/StructureDefinition/silent", "valueBoolean": True}
            ]
        return self.add(resource)


def _attached(title: str, text: str, when: datetime) -> Resource:
    return {
        "contentType": "text/plain",
        "language": "en-GB",
        "title": title,
        "creation": instant(when),
        "data": b64encode(text.encode()).decode(),
    }


def _flag_category(word: str) -> Resource:
    """HL7's flag categories where they fit, else a word of ours."""
    return hl7("flag-category", word) if word in ("clinical", "safety") else ours("flag-category", word)
