"""The decision: which cells of a person's record are open to a viewer now, and why any one is or is not.

Pure: policy, facts and the instant come in; nothing is read. The rules are those of docs/explanation/governance.md:
no legal bar, and at least one clause that is signed and in force, whose relationship holds, whose mask holds every
label, and which no choice of the person closes. An override in force lifts of a clause's conditions what that clause
says it lifts: such a clause is tried in its broken form.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from concord.base import OdsCode
from concord.governance import wording
from concord.governance.agreement import Condition, Lift
from concord.governance.headings import heading_set
from concord.governance.model import BrokenGlass, ChoiceKind, PersonFacts, Viewer
from concord.governance.own_record import Own, Right, right_of
from concord.governance.policy import NOTHING, Flow, Policy, Profile
from concord.governance.reasons import Notice, Reason, Refusal, Step
from concord.governance.relationships import conditions_met, held_by
from concord.governance.seats import Asked
from concord.governance.wishes import Wishes, wishes_for
from concord.terminology import Heading, Label

# What these hold says where a person can be found; for one who is protected they open to the roles named alone.
# A stored set.
LOCATING = heading_set([Heading.GP_PRACTICE, Heading.FUTURE_APPOINTMENTS])
_FOR_EVER = datetime.max.replace(tzinfo=UTC)


_TRIED = (Step.UNSIGNED, Step.NOT_IN_FORCE, Step.RELATIONSHIP, Step.LABELS, Step.CONSENT)


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """An open part of one source patient: a service (None: any), a set of headings, a mask of labels (stored sets).

    An item is open when its heading is among the headings and each of its labels in the mask of ONE cell.
    """

    home: int
    source_patient: int
    service: str | None
    headings: int
    labels: int


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What is open to `viewer` of one person, valid from `now` up to, not including, `valid_until`.

    `openings`: in order of source patient. Empty openings with no refusal are a record that opens and shows
    nothing. `relationships_held`: those that this viewer's clauses ask for and that hold now. `locates`: what
    locates the person may be shown (always so if the person is not protected). `flows`: the clauses for this viewer,
    by contributor in order of id, each in its broken form while an override of theirs lasts for it; none for a record
    that is their own or opens by `right`.
    """

    viewer: Viewer
    policy: Policy
    now: datetime
    openings: tuple[Cell, ...]
    locates: bool
    valid_until: datetime
    relationships_held: tuple[Asked, ...]
    wishes: Wishes
    flows: Mapping[OdsCode, tuple[Flow, ...]] = field(repr=False)
    right: Right
    _profile: Profile = field(repr=False)
    _met: int = field(repr=False)
    _reasons: dict[tuple[OdsCode, str | None, Heading, int], Reason] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    @property
    def own(self) -> Own:
        return self.right.own

    @property
    def refusal(self) -> Refusal | None:
        """Why nothing is open; None if something may be.

        Hangs on agreement, role, relationship and choices that may be told alone, not on what is held: a record
        that a silent choice closes, or that no source knows, opens and shows nothing.
        """
        if self.own is not Own.NOT:
            return self._own_refusal()
        flows = [flow for of_one in self.flows.values() for flow in of_one]
        live = [flow for flow in flows if flow.is_live(self.now)]
        related = [flow for flow in live if flow.is_related(self._met)]
        if any(self._is_told_open(flow) for flow in related):
            return None
        directory = self.policy.directory
        if related:
            return Refusal(step=Step.CHOICE, sentence=wording.WITHHELD_ALL, remedy=wording.ASK_PERSON)
        if live:
            wanted = list(dict.fromkeys(condition for flow in live for condition in flow.clause.when))
            sentence, remedy = wording.no_relationship(self.viewer, wanted, directory)
            return Refusal(step=Step.RELATIONSHIP, sentence=sentence, remedy=remedy)
        if any(flow.is_signed(self.now) for flow in flows):
            return Refusal(step=Step.NOT_IN_FORCE, sentence=wording.NONE_IN_FORCE, remedy=wording.ASK_IG_LEAD)
        if flows:
            sentence = wording.not_signed_by_viewer(self.viewer, directory)
            return Refusal(step=Step.UNSIGNED, sentence=sentence, remedy=wording.ASK_IG_LEAD)
        sentence = wording.no_agreement_for_viewer(self.viewer, directory)
        return Refusal(step=Step.NO_AGREEMENT, sentence=sentence, remedy=wording.ASK_IG_LEAD)

    def _own_refusal(self) -> Refusal | None:
        if self.right.headings:
            return None
        if self.own is Own.ENDED:
            return Refusal(step=Step.OWN_RECORD, sentence=wording.OWN_ENDED, remedy=wording.ASK_THE_PRACTICE)
        return Refusal(step=Step.OWN_RECORD, sentence=wording.OWN_RECORD, remedy=wording.ASK_IN_PERSON)

    def notices(self, *, flagged_seal: bool) -> tuple[Notice, ...]:
        """What the page may say about what it does not show; nothing beside a refusal.

        `flagged_seal`: an item of this person is sealed as flagged, and not locked.
        """
        if self.refusal is not None:
            return ()
        return tuple(self._notices(flagged_seal))

    def _notices(self, flagged_seal: bool) -> Iterator[Notice]:
        live = {
            contributor: [flow for flow in flows if flow.is_live(self.now)]
            for contributor, flows in sorted(self.flows.items())
        }
        related = [flow for flows in live.values() for flow in flows if flow.is_related(self._met)]
        flagged_seal = flagged_seal and not all(Lift.FLAGGED_SEALS in flow.lifts for flow in related)
        if flagged_seal or not all(self._is_told_whole(flow) for flow in related):
            yield Notice(kind="withheld", sentence=wording.WITHHELD)
        for contributor, flows in live.items():
            if flows and not any(flow.is_related(self._met) for flow in flows):
                wanted = list(dict.fromkeys(condition for flow in flows for condition in flow.clause.when))
                sentence = wording.shares_only_while(contributor, self.viewer, wanted, self.policy.directory)
                yield Notice(kind="relationship", sentence=sentence, organisation=contributor)

    def _is_told_whole(self, flow: Flow) -> bool:
        """Whether no choice that may be told closes any heading of the flow."""
        refused = self._told_refused(flow)
        return not refused and (not self._told_objection(flow) or flow.headings & ~flow.despite_objection == 0)

    def _is_told_open(self, flow: Flow) -> bool:
        """Whether the choices that may be told leave any heading of the flow open."""
        return not self._told_refused(flow) and (not self._told_objection(flow) or flow.despite_objection != 0)

    def _told_refused(self, flow: Flow) -> bool:
        return flow.contributor != flow.recipient and flow.contributor in self.wishes.told_refused_out

    def _told_objection(self, flow: Flow) -> bool:
        return self.wishes.told_firm_objection if Lift.OBJECTION in flow.lifts else self.wishes.told_objection

    def holds(self, flow: Flow) -> bool:
        """Signed, in force, and a relationship that it asks for held, or lifted."""
        return flow.is_live(self.now) and flow.is_related(self._met)

    @property
    def overriding(self) -> bool:
        """Whether an override of the viewer's is in force that some clause gives way to."""
        return self.flows is not self._profile.flows

    def explain(self, organisation: OdsCode, service: str | None, heading: Heading, labels: int) -> Reason:
        """Why an item is shown or withheld. `labels`: stored form. See Reason for who may read it."""
        key = (organisation, service, heading, labels)
        reason = self._reasons.get(key)
        if reason is None:
            reason = self._reasons[key] = self._explained(organisation, service, heading, labels)
        return reason

    def _explained(self, organisation: OdsCode, service: str | None, heading: Heading, labels: int) -> Reason:
        if self.own in (Own.SHUT, Own.ENDED):
            sentence = wording.OWN_SHUT if self.own is Own.SHUT else wording.OWN_WITHHELD_ENDED
            return Reason(shown=False, step=Step.OWN_RECORD, sentence=sentence)
        directory = self.policy.directory
        for bar in self.policy.bars if labels & self.policy.barred else ():
            if any(label.mask & labels for label in bar.labels):
                return Reason(shown=False, step=Step.BAR, bar=bar.bar, sentence=wording.barred(bar))
        if not self.locates and LOCATING >> heading.bit & 1:
            return Reason(shown=False, step=Step.LOCATION, sentence=wording.LOCATES)
        if self.own is not Own.NOT:
            return self._by_right(heading, labels)
        covering = [flow for flow in self.flows.get(organisation, ()) if flow.covers(service, heading.bit)]
        whole = [flow for flow in self._profile.flows.get(organisation, ()) if flow.covers(service, heading.bit)]
        for flow in whole:
            if self._opens(flow, heading, labels):
                held = next(each for each in flow.clause.when if each in self._held_for(flow))
                sentence = wording.shown(organisation, self.viewer, held, directory)
                return Reason(shown=True, step=Step.SHOWN, clause=flow.name, sentence=sentence)
        for flow in covering if self.overriding else ():
            if self._opens(flow, heading, labels):
                sentence = wording.shown_by_override(self.viewer, directory)
                return Reason(shown=True, step=Step.OVERRIDE, clause=flow.name, sentence=sentence)
        return self._withheld(organisation, covering, heading, labels)

    def _held_for(self, flow: Flow) -> set[Condition]:
        """The relationships held of those that the flow asks for."""
        met = self._met & flow.conditions
        return {asked.condition for bit, asked in enumerate(self._profile.conditions) if met >> bit & 1}

    def _by_right(self, heading: Heading, labels: int) -> Reason:
        """Of what no bar and no protection of where the person is withholds."""
        shown, acting = self.right.covers(heading, labels), self.right.acting
        if acting is None:
            step, sentence = (Step.OWN_ACCESS, wording.OWN_SHOWN) if shown else (Step.OWN_RECORD, wording.OWN_WITHHELD)
        else:
            step = Step.PROXY_ACCESS if shown else Step.NOT_FOR_PROXIES
            sentence = wording.shown_to_proxy(acting) if shown else wording.WITHHELD_FROM_PROXIES
        return Reason(shown=shown, step=step, sentence=sentence)

    def _withheld(self, organisation: OdsCode, covering: Sequence[Flow], heading: Heading, labels: int) -> Reason:
        """The reason of an item that no covering clause opens: a choice, else the unmet condition furthest on."""
        against = [self._choice_against(flow, heading, labels) for flow in covering]
        if not covering:
            against = [self._choice_of_all(organisation, self.viewer.organisation, labels, lifts=frozenset())]
        choice = next((each for each in against if each is not None), None)
        if choice is not None:
            return Reason(shown=False, step=Step.CHOICE, choice=choice, sentence=wording.withheld_by_choice(choice))
        unmet_by = [(flow, unmet) for flow in covering if (unmet := self._first_unmet(flow, labels)) is not None]
        if not unmet_by:
            return Reason(shown=False, step=Step.NO_AGREEMENT, sentence=wording.NOT_COVERED)
        # Of equals, max takes the first: the lowest clause id.
        flow, step = max(unmet_by, key=lambda pair: _TRIED.index(pair[1]))
        return Reason(shown=False, step=step, clause=flow.name, sentence=self._unmet_sentence(flow, step))

    def _opens(self, flow: Flow, heading: Heading, labels: int) -> bool:
        return self._first_unmet(flow, labels) is None and self._choice_against(flow, heading, labels) is None

    def _first_unmet(self, flow: Flow, labels: int) -> Step | None:
        """The first condition of a covering clause that does not hold, in the order in which they are tried."""
        if not flow.is_signed(self.now):
            return Step.UNSIGNED
        if not flow.is_live(self.now):
            return Step.NOT_IN_FORCE
        if not flow.is_related(self._met):
            return Step.RELATIONSHIP
        if labels & ~flow.labels:
            return Step.LABELS
        return None if _consented(flow, self.wishes) else Step.CONSENT

    def _choice_against(self, flow: Flow, heading: Heading, labels: int) -> ChoiceKind | Label | None:
        """The choice of the person that withholds the item under this clause."""
        choice = self._choice_of_all(flow.contributor, flow.recipient, labels, lifts=flow.lifts)
        objects = choice in (ChoiceKind.OBJECTION, ChoiceKind.UNKNOWN)
        return None if objects and flow.despite_objection >> heading.bit & 1 else choice

    def _choice_of_all(
        self, organisation: OdsCode, recipient: OdsCode, labels: int, *, lifts: frozenset[Lift]
    ) -> ChoiceKind | Label | None:
        """The choice that withholds the organisation's item whatever its heading, where `lifts` are lifted."""
        if labels & Label.SEALED_LOCKED.mask:
            return Label.SEALED_LOCKED
        if labels & Label.SEALED_FLAGGED.mask and Lift.FLAGGED_SEALS not in lifts:
            return Label.SEALED_FLAGGED
        general = self.wishes.withholds_from(organisation, recipient)
        return general or self.wishes.objection_under(lifted=Lift.OBJECTION in lifts)

    def _unmet_sentence(self, flow: Flow, step: Step) -> str:
        match step:
            case Step.UNSIGNED:
                return wording.unsigned(flow, self.policy.directory)
            case Step.NOT_IN_FORCE:
                return wording.NOT_IN_FORCE
            case Step.RELATIONSHIP:
                return wording.unrelated(flow, self.viewer, self.policy.directory)
            case Step.LABELS:
                return wording.LABELLED
            case _:
                return wording.NO_CONSENT


def decide(viewer: Viewer, facts: PersonFacts, policy: Policy, now: datetime) -> Decision:
    """What is open to the viewer of this person now. `now` is aware; so are the instants of the facts.

    Whose organisation has been succeeded is a viewer of its successor.
    """
    directory = policy.directory
    viewer = replace(viewer, organisation=directory.line(viewer.organisation, now)[-1])
    right, ends_by_itself = right_of(viewer, facts, policy, now)
    profile = policy.profile(viewer, now) if right.own is Own.NOT else NOTHING
    held = [relationship for relationship in facts.relationships if held_by(relationship, viewer, profile.seats)]
    met, edges = conditions_met(profile.conditions, held, now, facts.death)
    edges.extend((*directory.edges, *profile.edges, *ends_by_itself))
    edges.extend(at for choice in facts.choices for at in (choice.start_at, choice.end_at) if at is not None)
    wishes = wishes_for(viewer.organisation, facts.choices, now, directory)
    flows, ends = flows_under(viewer, facts.overrides, profile, now)
    edges.extend(ends)
    locates = profile.locates or not facts.protected
    contributors = {source.organisation for source in facts.sources} if met or flows is not profile.flows else ()
    closed = 0 if locates else LOCATING
    of_each = {each: opened(flows.get(each, ()), met, wishes, now) for each in contributors}
    return Decision(
        viewer=viewer,
        policy=policy,
        now=now,
        openings=tuple(_cells(facts, of_each, closed) if right.own is Own.NOT else _by_right(facts, right, closed)),
        locates=locates,
        valid_until=min((edge for edge in edges if edge > now), default=_FOR_EVER),
        relationships_held=tuple(each for bit, each in enumerate(profile.conditions) if met >> bit & 1),
        wishes=wishes,
        flows=flows,
        right=right,
        _profile=profile,
        _met=met,
    )


def _by_right(facts: PersonFacts, right: Right, closed: int) -> Iterator[Cell]:
    """Of every source, whoever has signed what."""
    for source in facts.sources if right.headings else ():
        yield Cell(
            home=source.home,
            source_patient=source.number,
            service=None,
            headings=right.headings & ~closed,
            labels=right.labels,
        )


def flows_under(
    viewer: Viewer, overrides: Sequence[BrokenGlass], profile: Profile, now: datetime
) -> tuple[Mapping[OdsCode, tuple[Flow, ...]], list[datetime]]:
    """The profile's flows, broken where an override of this viewer lasts; and every instant at which one may change.

    The very flows of the profile when none does.
    """
    mine = [each for each in overrides if _is_of(each, viewer, profile.seats)]
    if not mine:
        return profile.flows, []
    edges = [edge for each in mine for edge in (each.start_at, each.end_at)]
    edges += [each.start_at + span for each in mine for span in profile.override_spans]
    lasting = {
        span
        for span in profile.override_spans
        if any(each.start_at <= now < min(each.end_at, each.start_at + span) for each in mine)
    }
    if not lasting:
        return profile.flows, edges
    broken = {
        contributor: tuple(
            flow.broken if flow.broken and flow.clause.override and flow.clause.override.span in lasting else flow
            for flow in of_one
        )
        for contributor, of_one in profile.flows.items()
    }
    return broken, edges


def _is_of(override: BrokenGlass, viewer: Viewer, seats: Collection[OdsCode]) -> bool:
    """Whoever has changed job since has to begin anew."""
    return (
        viewer.with_overrides
        and override.user == viewer.user
        and override.organisation in seats
        and override.role == viewer.role
    )


def _cells(
    facts: PersonFacts, of_each: Mapping[OdsCode, Mapping[tuple[str | None, int], int]], closed: int
) -> Iterator[Cell]:
    """What is opened of each contributor, less the `closed` headings, in each of its source patients."""
    for source in facts.sources:
        for (service, labels), headings in of_each.get(source.organisation, {}).items():
            if left := headings & ~closed:
                yield Cell(
                    home=source.home, source_patient=source.number, service=service, headings=left, labels=labels
                )


def opened(flows: Sequence[Flow], met: int, wishes: Wishes, now: datetime) -> dict[tuple[str | None, int], int]:
    """Headings by service and label mask that some flow of one contributor opens; equal masks are one entry."""
    cells: dict[tuple[str | None, int], int] = {}
    for flow in flows:
        if wishes.withholds_from(flow.contributor, flow.recipient) is not None:
            continue
        if flow.is_related(met) and flow.is_live(now) and _consented(flow, wishes):
            objection = wishes.objection_under(lifted=Lift.OBJECTION in flow.lifts)
            headings = flow.headings if objection is None else flow.headings & flow.despite_objection
            if headings:
                for service in flow.services:
                    key = (service, flow.labels)
                    cells[key] = cells.get(key, 0) | headings
    return cells


def _consented(flow: Flow, wishes: Wishes) -> bool:
    """Whether the consent that the clause wants explicit is recorded as given, or need not be."""
    if Lift.CONSENT in flow.lifts:
        return True
    out = not flow.clause.explicit_out or wishes.consented_out(flow.contributor)
    return out and (not flow.clause.explicit_in or wishes.consented_in)
