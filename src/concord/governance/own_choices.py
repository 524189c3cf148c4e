"""What people may choose themselves about the sharing of their record, and the FHIR R4 Consent that says it. Pure.

Every such choice withholds: what a person gives here is a refusal, and they take it back here. What a source has
recorded in their name they change at that source.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord.base import NHS_NUMBER_SYSTEM, ODS_SYSTEM, Incorrect, NhsNumber, OdsCode
from concord.governance.consent import CHOICE_SYSTEM, SILENT, choice_of
from concord.governance.directory import Directory
from concord.governance.model import Choice, ChoiceKind

_HL7 = "http://terminology.hl7.org/CodeSystem/"
CHOOSABLE: Mapping[ChoiceKind, str | None] = {
    ChoiceKind.OBJECTION: None,
    ChoiceKind.SHARE_OUT: "CST",
    ChoiceKind.SHARE_IN: "IRCP",
    ChoiceKind.ORGANISATION_PROHIBITED: "IRCP",
    ChoiceKind.NATIONAL_OPT_OUT: None,
    ChoiceKind.PROXY_ACCESS: None,
}
"""The kinds of choice that people may make themselves. Where one names an organisation, as what (v3-ParticipationType):
its custodian, whose data it is about, or whom it is to reach."""


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnChoice:
    """A choice that the person made themselves. `ended_at` None: it stands. `consent`: the FHIR R4 Consent."""

    reference: str
    choice: Choice
    made_at: datetime
    ended_at: datetime | None
    consent: Mapping[str, Any]

    @property
    def organisation(self) -> OdsCode | None:
        """The one that it names, as whose data it is about or as who is not to see."""
        return self.choice.contributor or self.choice.organisation


def refusal(
    kind: str,
    organisation: str,
    *,
    silent: bool,
    number: NhsNumber,
    reference: str,
    at: datetime,
    directory: Directory,
) -> OwnChoice:
    """What whoever is under this NHS number chooses `at` an instant. Raises Incorrect for a choice that there is not.

    `organisation`: an ODS code of the directory, or nothing where the kind names none. `silent`: it is not to be told
    to those from whom it withholds.
    """
    chosen = next((each for each in CHOOSABLE if each == kind), None)
    if chosen is None:
        raise Incorrect("Choose one of the choices on the page.")
    code, role = OdsCode(organisation), CHOOSABLE[chosen]
    if role is not None and code not in directory.organisations:
        raise Incorrect("Choose an organisation from the list.")
    consent = _consent(chosen, code, role, number, reference, at)
    if silent:
        consent["extension"] = [{"url": SILENT, "valueBoolean": True}]
    choice = choice_of(consent, None)
    assert choice is not None  # it is active
    return OwnChoice(reference=reference, choice=choice, made_at=at, ended_at=None, consent=consent)


def _consent(
    kind: ChoiceKind, organisation: OdsCode, role: str | None, number: NhsNumber, reference: str, at: datetime
) -> dict[str, Any]:
    person = {"type": "Patient", "identifier": {"system": NHS_NUMBER_SYSTEM, "value": number}}
    instant = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    provision: dict[str, Any] = {"type": "deny", "period": {"start": instant}}
    if role is not None:
        named = {"type": "Organization", "identifier": {"system": ODS_SYSTEM, "value": organisation}}
        provision["actor"] = [{"role": _concept(f"{_HL7}v3-ParticipationType", role), "reference": named}]
    return {
        "resourceType": "Consent",
        "id": reference,
        "status": "active",
        "scope": _concept(f"{_HL7}consentscope", "patient-privacy"),
        "category": [_concept(CHOICE_SYSTEM, kind.value)],
        "patient": person,
        "dateTime": instant,
        "performer": [person],
        "policyRule": _concept(f"{_HL7}v3-ActCode", "OPTOUT"),
        "provision": provision,
    }


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
