"""Runs the examples that an agreement's author wrote, as if every party had signed and it were in force."""

from datetime import datetime, timedelta

from concord.base import OdsCode
from concord.governance.agreement import Agreement, Example, When
from concord.governance.decision import Reason, decide
from concord.governance.directory import Directory
from concord.governance.model import (
    Choice,
    ChoiceKind,
    PersonFacts,
    Relationship,
    RelationshipKind,
    SourcePatient,
    Viewer,
)
from concord.governance.policy import Policy, start_of_day
from concord.governance.signatures import Signature
from concord.governance.strict_yaml import FileRefused
from concord.terminology import Heading, label_mask


def check_examples(agreement: Agreement, directory: Directory, *, filename: str) -> None:
    """Raises FileRefused for the first example that is not so, with its line and what decided.

    An example that names no contributor `sees` a heading if any party's is open, and `hides` it if none is.
    """
    signatures = [
        Signature(
            agreement=agreement.agreement,
            version=agreement.version,
            party=party,
            signed_on=agreement.from_on,
            signatory="",
        )
        for party in sorted(agreement.parties)
    ]
    policy = Policy(agreements=(agreement,), signatures=signatures, directory=directory)
    for example in agreement.examples:
        _check(example, agreement, policy, filename)


def _check(example: Example, agreement: Agreement, policy: Policy, filename: str) -> None:
    now = start_of_day(agreement.from_on)
    asked = [example.contributor] if example.contributor else sorted(agreement.parties)
    decision = decide(_viewer(example, agreement), _facts(example, asked, now), policy, now)
    for heading in example.headings:
        reasons = [
            decision.explain(each, service, heading, label_mask(example.labels))
            for each in asked
            for service in _services(each, policy.directory)
        ]
        shown = [reason for reason in reasons if reason.shown]
        if bool(shown) != example.sees:
            raise _refused(example, heading, shown or reasons, filename)


def _services(organisation: OdsCode, directory: Directory) -> list[str | None]:
    """An example says nothing about the contributing service: it may be any that the organisation has."""
    return [None, *(service.service for service in directory.organisations[organisation].services)]


def _refused(example: Example, heading: Heading, reasons: list[Reason], filename: str) -> FileRefused:
    told = next((reason for reason in reasons if reason.clause is not None), reasons[0])
    expected = "seen" if example.sees else "hidden"
    why = f'the example expects "{heading}" to be {expected}, but: {told}'
    return FileRefused(why, filename=filename, line=example.line, column=example.column)


def _viewer(example: Example, agreement: Agreement) -> Viewer:
    return Viewer(
        user="example",
        name="example",
        title="example",
        staff_id="example",
        organisation=example.organisation,
        service=example.service,
        role=example.role,
        teams=frozenset(),
        purpose=agreement.purpose,
    )


def _facts(example: Example, contributors: list[OdsCode], now: datetime) -> PersonFacts:
    relationships = [_relationship(example.organisation, word, now) for word in example.relationships]
    if example.discharged is not None:
        ended = now - example.discharged
        stay = RelationshipKind.INPATIENT
        relationships.append(_held(example.organisation, stay, ended - timedelta(days=1), ended))
    return PersonFacts(
        sources=[
            SourcePatient(home=0, number=number, organisation=contributor)
            for number, contributor in enumerate(contributors)
        ],
        relationships=relationships,
        choices=_choices(example, contributors),
        protected=False,
    )


def _relationship(organisation: OdsCode, word: When, now: datetime) -> Relationship:
    if word is When.APPOINTMENT_WITHIN:
        return _held(organisation, RelationshipKind.APPOINTMENT, now, now)
    return _held(organisation, RelationshipKind(word), now - timedelta(days=1), None)


def _held(organisation: OdsCode, kind: RelationshipKind, start: datetime, end: datetime | None) -> Relationship:
    return Relationship(
        kind=kind, organisation=organisation, service=None, team=None, user=None, start_at=start, end_at=end
    )


def _choices(example: Example, contributors: list[OdsCode]) -> list[Choice]:
    choices = []
    if example.objects:
        choices.append(_choice(ChoiceKind.OBJECTION, given=False, contributor=contributors[0]))
    if example.share_out is not None:
        choices += [_choice(ChoiceKind.SHARE_OUT, given=example.share_out, contributor=each) for each in contributors]
    if example.share_in is not None:
        kind, at = ChoiceKind.SHARE_IN, example.organisation
        choices.append(_choice(kind, given=example.share_in, contributor=contributors[0], organisation=at))
    return choices


def _choice(kind: ChoiceKind, *, given: bool, contributor: OdsCode, organisation: OdsCode | None = None) -> Choice:
    return Choice(
        kind=kind,
        given=given,
        contributor=contributor,
        organisation=organisation,
        silent=False,
        start_at=None,
        end_at=None,
    )
