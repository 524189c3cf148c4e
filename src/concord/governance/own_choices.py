"""What people may choose themselves about the sharing of their record, or who may choose in their place, and the
FHIR R4 Consent that says it. Pure.

A choice is a refusal; or a consent, where an agreement in force asks for one. They take it back where they made it.
What a source has recorded in their name they change at that source.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord.base import NHS_NUMBER_SYSTEM, ODS_SYSTEM, Incorrect, NhsNumber, OdsCode
from concord.governance.consent import CHOICE_SYSTEM, SILENT, choice_of
from concord.governance.model import Choice, ChoiceKind
from concord.governance.policy import Policy
from concord.governance.spans import is_within

_HL7 = "http://terminology.hl7.org/CodeSystem/"
_ROLES: Mapping[ChoiceKind, str | None] = {
    ChoiceKind.OBJECTION: None,
    ChoiceKind.SHARE_OUT: "CST",
    ChoiceKind.SHARE_IN: "IRCP",
    ChoiceKind.ORGANISATION_PROHIBITED: "IRCP",
    ChoiceKind.NATIONAL_OPT_OUT: None,
    ChoiceKind.PROXY_ACCESS: None,
}
"""The kinds of choice that people may make themselves. Where one names an organisation, as what (v3-ParticipationType):
its custodian, whose data it is about, or whom it is to reach."""
# What nobody chooses in their place: whoever acts would decide about whoever else acts.
_THEIRS_ALONE = (ChoiceKind.PROXY_ACCESS,)
_GIVEN = " given"


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnChoice:
    """A choice that the person made themselves, or who acts for them. `ended_at` None: it stands. `consent`: the FHIR
    R4 Consent."""

    reference: str
    choice: Choice
    made_at: datetime
    ended_at: datetime | None
    consent: Mapping[str, Any]

    @property
    def organisation(self) -> OdsCode | None:
        """The one that it names, as whose data it is about or as who is to see, or not to see."""
        return self.choice.contributor or self.choice.organisation

    @property
    def typed(self) -> str:
        """What `own_choice` takes for its kind."""
        return self.choice.kind.value + (_GIVEN if self.choice.given else "")

    @property
    def made_by(self) -> str:
        """Who made it in the person's place ("Janet Price, attorney for health and welfare"); "": the person."""
        (performer,) = self.consent["performer"]
        return str(performer["display"]) if performer["type"] == "RelatedPerson" else ""


def offered_choices(policy: Policy, now: datetime, *, in_place: bool) -> Mapping[str, Sequence[OdsCode]]:
    """What `own_choice` takes as a kind, in the order in which it is offered: refusals, then the consents for which a
    clause in force asks, each with the organisations of which it asks. It hangs on no person. `in_place`: it is not
    the person who chooses."""
    refusals = {kind.value: () for kind in _ROLES if not (in_place and kind in _THEIRS_ALONE)}
    known = policy.directory.organisations
    asked = {kind: [code for code in known if code in codes] for kind, codes in _consents_asked(policy, now).items()}
    return refusals | {kind.value + _GIVEN: codes for kind, codes in asked.items() if codes}


def _consents_asked(policy: Policy, now: datetime) -> Mapping[ChoiceKind, set[OdsCode]]:
    """To share out, and to be shared with: whoever has come in the place of the organisation that a clause names."""
    asked: dict[ChoiceKind, set[OdsCode]] = {ChoiceKind.SHARE_OUT: set(), ChoiceKind.SHARE_IN: set()}
    for agreement in policy.agreements:
        for clause in agreement.clauses:
            if not (clause.explicit_out or clause.explicit_in):
                continue
            live = {
                (contributor, recipient)
                for contributor in clause.contributors
                for recipient in clause.recipients
                if clause.flows(contributor, recipient)
                and is_within(policy.live(agreement, contributor, recipient), now)
            }
            asked[ChoiceKind.SHARE_OUT].update(each for each, _ in live if clause.explicit_out)
            heirs = {policy.directory.line(each, now)[-1] for _, each in live if clause.explicit_in}
            asked[ChoiceKind.SHARE_IN].update(heirs)
    return asked


def own_choice(
    kind: str,
    organisation: str,
    *,
    silent: bool,
    number: NhsNumber,
    reference: str,
    at: datetime,
    policy: Policy,
    by: str = "",
) -> OwnChoice:
    """What whoever is under this NHS number chooses `at` an instant. Raises Incorrect for a choice that there is not.

    `kind`: one of `offered_choices`. `organisation`: an ODS code of the
    directory, or nothing where the kind names none. `silent`: it is not to be told to those from whom it withholds.
    `by`: who makes it in the person's place.
    """
    offered = offered_choices(policy, at, in_place=by != "")
    if kind not in offered:
        raise Incorrect("Choose one of the choices on the page.")
    given = kind.endswith(_GIVEN)
    chosen, code = ChoiceKind(kind.removesuffix(_GIVEN)), OdsCode(organisation)
    role = _ROLES[chosen]
    if role is not None and code not in policy.directory.organisations:
        raise Incorrect("Choose an organisation from the list.")
    if given and code not in offered[kind]:
        raise Incorrect("No agreement asks for a yes about this organisation. Choose one of those that are named.")
    consent = _consent(chosen, code, role, number, reference, at, given=given, by=by)
    if silent and not given:
        consent["extension"] = [{"url": SILENT, "valueBoolean": True}]
    choice = choice_of(consent, None)
    assert choice is not None  # it is active
    return OwnChoice(reference=reference, choice=choice, made_at=at, ended_at=None, consent=consent)


def _consent(
    kind: ChoiceKind,
    organisation: OdsCode,
    role: str | None,
    number: NhsNumber,
    reference: str,
    at: datetime,
    *,
    given: bool,
    by: str,
) -> dict[str, Any]:
    person = {"type": "Patient", "identifier": {"system": NHS_NUMBER_SYSTEM, "value": number}}
    instant = at.isoformat(timespec="microseconds").replace("+00:00", "Z")
    provision: dict[str, Any] = {"type": "permit" if given else "deny", "period": {"start": instant}}
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
        "performer": [{"type": "RelatedPerson", "display": by} if by else person],
        "policyRule": _concept(f"{_HL7}v3-ActCode", "OPTIN" if given else "OPTOUT"),
        "provision": provision,
    }


def _concept(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
