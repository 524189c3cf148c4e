"""A person made up to try a decision on: how they stand to the viewer's organisation, and what they have chosen.

And a policy as its texts would have it, whoever has signed, on any day: what examples, promises, comparisons and
explanations of an agreement speak about.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from concord.base import OdsCode
from concord.governance.agreement import Agreement, When
from concord.governance.directory import Directory, roles
from concord.governance.model import (
    BrokenGlass,
    Choice,
    ChoiceKind,
    PersonFacts,
    Relationship,
    RelationshipKind,
    SourcePatient,
    Viewer,
)
from concord.governance.policy import Policy
from concord.governance.signatures import as_if_signed

ANY_DAY = datetime(2000, 1, 1, tzinfo=UTC)
"""An instant at which everything of `as_signed` is in force."""
_ALWAYS = date(1900, 1, 1)
_FOR_EVER = datetime.max.replace(tzinfo=UTC)
_NOBODY = "example"


@dataclass(frozen=True, kw_only=True, slots=True, order=True)
class Held:
    """How the person stands to the viewer's organisation. `ago`: since a stay or an appointment ended, or a claim
    was made."""

    word: When
    ago: timedelta = timedelta()


@dataclass(frozen=True, kw_only=True, slots=True)
class Situation:
    """What is known of a person. `share_out` (of every contributor), `share_in`: given, refused, or None: not asked.

    `overrides`: the viewer has broken the glass just now. `chosen`: what else a person has chosen, for good.
    """

    held: tuple[Held, ...] = ()
    objects: bool = False
    share_out: bool | None = None
    share_in: bool | None = None
    protected: bool = False
    overrides: bool = False
    chosen: tuple[Choice, ...] = ()

    def facts(self, organisation: OdsCode, contributors: Sequence[OdsCode], now: datetime) -> PersonFacts:
        """The same as facts about a person whom each of `contributors` knows, seen from `organisation`."""
        return PersonFacts(
            sources=[
                SourcePatient(home=0, number=number, organisation=contributor)
                for number, contributor in enumerate(contributors)
            ],
            relationships=[_relationship(organisation, held, now) for held in self.held],
            choices=self._choices(organisation, contributors),
            protected=self.protected,
            overrides=[_broken_glass(organisation, role, now) for role in roles()] if self.overrides else (),
        )

    def _choices(self, organisation: OdsCode, contributors: Sequence[OdsCode]) -> list[Choice]:
        choices = list(self.chosen)
        if self.objects:
            choices.append(_choice(ChoiceKind.OBJECTION, given=False, contributor=contributors[0]))
        if self.share_out is not None:
            choices += [_choice(ChoiceKind.SHARE_OUT, given=self.share_out, contributor=each) for each in contributors]
        if self.share_in is not None:
            kind, by = ChoiceKind.SHARE_IN, contributors[0]
            choices.append(_choice(kind, given=self.share_in, contributor=by, organisation=organisation))
        return choices


def _relationship(organisation: OdsCode, held: Held, now: datetime) -> Relationship:
    kind, start, end = RelationshipKind.INPATIENT, now - timedelta(days=1), None
    if held.word is When.DISCHARGED_WITHIN:
        start, end = now - held.ago - timedelta(days=1), now - held.ago
    elif held.word is When.APPOINTMENT_WITHIN:
        kind, start, end = RelationshipKind.APPOINTMENT, now - held.ago, now - held.ago
    elif held.word is When.SELF_CLAIMED:
        kind, start = RelationshipKind.SELF_CLAIMED, now - held.ago
    else:
        kind = RelationshipKind(held.word)
    return Relationship(
        kind=kind, organisation=organisation, service=None, team=None, user=None, start_at=start, end_at=end
    )


def _broken_glass(organisation: OdsCode, role: str, now: datetime) -> BrokenGlass:
    """By the viewer made up below, whatever their role; as long as any clause lets it last."""
    return BrokenGlass(user=_NOBODY, organisation=organisation, role=role, start_at=now, end_at=_FOR_EVER)


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


def someone(role: str, organisation: OdsCode, service: str | None, purpose: str) -> Viewer:
    """A made-up viewer; the facts of a situation name nobody, so that who it is plays no part."""
    return Viewer(
        user=_NOBODY,
        name=_NOBODY,
        title=_NOBODY,
        staff_id=_NOBODY,
        organisation=organisation,
        service=service,
        role=role,
        teams=frozenset(),
        purpose=purpose,
        with_overrides=True,
    )


def as_signed(
    agreements: Sequence[Agreement], directory: Directory, *, among: Collection[OdsCode] | None = None
) -> Policy:
    """A policy of the agreements as if every party had signed, in force on any day.

    Nothing that a policy opens with fewer signatures, or on fewer days, is shut in it. `among`: with these parties
    alone, which must stand for the rest (`concord.governance.agreements.classes`).
    """
    in_force = [
        replace(each if among is None else between(each, among), from_on=_ALWAYS, until_on=date.max)
        for each in agreements
    ]
    signatures = [as_if_signed(each, party, _ALWAYS) for each in in_force for party in sorted(each.parties)]
    # The texts as they stand: whoever is succeeded later is an organisation of its own in them.
    return Policy(agreements=in_force, signatures=signatures, directory=replace(directory, successions={}))


def between(agreement: Agreement, kept: Collection[OdsCode]) -> Agreement:
    """The agreement as if these alone of its parties were there."""
    clauses = (
        replace(clause, contributors=clause.contributors & set(kept), recipients=clause.recipients & set(kept))
        for clause in agreement.clauses
    )
    return replace(agreement, parties=agreement.parties & set(kept), clauses=tuple(clauses))
