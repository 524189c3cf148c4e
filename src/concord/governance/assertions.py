"""What a user may assert so that a record opens: that they break the glass, or that they care for the person.

An offer hangs on agreement, role and relationship alone: it is the same for every person whom the viewer is related to
alike, whatever is held, sealed or chosen. Pure.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from concord.governance.agreement import Condition, Lift, When, spell_span
from concord.governance.decision import Decision
from concord.governance.policy import ClauseName, Flow
from concord.governance.words import lifted_words, places, words
from concord.terminology import HEADINGS


class AssertionKind(StrEnum):
    OVERRIDE = "override"
    SELF_CLAIM = "self-claim"


REASONS: Mapping[str, str] = {
    "emergency": "Urgent care, and the person cannot be asked",
    "asked-me-to": "The person is with me and asks me to look",
    "no-link-yet": "I care for the person, and no system says so yet",
    "advice": "A colleague who cares for the person asks my advice",
    "safety": "To protect the person or somebody else from harm",
}
"""Why a user asserts something: code and words. What they write besides says the rest."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Offer:
    """What asserting it opens, a sentence a clause; `span`: how long it lasts at most."""

    kind: AssertionKind
    clauses: tuple[ClauseName, ...]
    opens: tuple[str, ...]
    span: timedelta


def offers(decision: Decision) -> tuple[Offer, ...]:
    """What the viewer may assert about the person now, that is not in force already."""
    flows = [flow for of_one in decision.flows.values() for flow in of_one if flow.is_live(decision.now)]
    broken = [flow for flow in flows if flow.broken is not None and not flow.lifts and _gives_way(flow, decision)]
    claimed = [flow for flow in flows if _claim(flow) is not None and not decision.holds(flow)]
    return tuple(
        Offer(
            kind=kind,
            clauses=tuple(dict.fromkeys(flow.name for flow in named)),
            opens=tuple(dict.fromkeys(_sentences(kind, named, decision))),
            span=max(_span(kind, flow) for flow in named),
        )
        for kind, named in ((AssertionKind.OVERRIDE, broken), (AssertionKind.SELF_CLAIM, claimed))
        if named
    )


def _gives_way(flow: Flow, decision: Decision) -> bool:
    """Whether lifting what the clause names can open anything to this viewer as they are related."""
    override = flow.clause.override
    if override is None:
        return False
    if not decision.holds(flow):
        return Lift.RELATIONSHIP in override.lifts
    return bool(override.labels) or bool(override.lifts - {Lift.RELATIONSHIP})


def _claim(flow: Flow) -> Condition | None:
    return next((each for each in flow.clause.when if each.word is When.SELF_CLAIMED), None)


def _span(kind: AssertionKind, flow: Flow) -> timedelta:
    override, claim = flow.clause.override, _claim(flow)
    if kind is AssertionKind.OVERRIDE:
        return override.span if override else timedelta()
    return claim.span if claim and claim.span else timedelta()


def _sentences(kind: AssertionKind, flows: list[Flow], decision: Decision) -> Iterator[str]:
    """`Allergies and medications of all 4 GP practices, for 4 hours: then no relationship is asked for.`"""
    for name in dict.fromkeys(flow.name for flow in flows):
        alike = [flow for flow in flows if flow.name == name]
        clause = alike[0].clause
        what = words(lay=False).of_headings(heading for heading in HEADINGS if heading in clause.headings)
        whose = places({flow.contributor for flow in alike}, decision.policy.directory)
        lifted = f": {lifted_words(clause.override)}" if kind is AssertionKind.OVERRIDE and clause.override else ""
        yield f"{what[0].upper()}{what[1:]} of {whose}, for {spell_span(_span(kind, alike[0]))}{lifted}."
