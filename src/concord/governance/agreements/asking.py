"""One decision, asked three ways: why does this viewer see this or not; who sees this; what does this viewer see?

All three speak of an agreement's texts, whoever has signed them and on whatever day; a record's own page explains one
item of one person as it is now.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from concord.base import OdsCode
from concord.governance.agreement import When
from concord.governance.agreements.pages import Page, Section
from concord.governance.agreements.reach import ItemClass, Reach, fits, reaches
from concord.governance.agreements.reach_words import told, told_to_the_person
from concord.governance.decision import decide
from concord.governance.model import Viewer
from concord.governance.policy import Policy
from concord.governance.reasons import Reason
from concord.governance.situations import ANY_DAY, Held, Situation, as_signed, someone
from concord.terminology import Heading, Label, label_mask

_EVERYTHING = Situation(held=tuple(Held(word=word) for word in When), share_out=True, share_in=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked; what is None is left open. `labels` None: whatever an item carries.

    `situation` None: any in which the answer is most.
    """

    role: str | None = None
    organisation: OdsCode | None = None
    service: str | None = None
    contributor: OdsCode | None = None
    contributing: str | None = None
    heading: Heading | None = None
    labels: frozenset[Label] | None = None
    situation: Situation | None = None

    def concerns(self, reach: Reach) -> bool:
        return (
            (self.role is None or self.role in reach.roles)
            and (self.organisation is None or self.organisation in reach.recipients)
            and (self.service is None or self.service in reach.services)
            and (self.contributor is None or self._is_from(self.contributor, reach))
            and (self.contributing is None or self.contributing in reach.contributing)
            and (self.heading is None or self.heading in reach.headings)
            and (self.labels is None or fits(label_mask(self.labels), reach.labels))
            and (self.situation is None or reach.holds_in(self.situation))
        )

    def _is_from(self, contributor: OdsCode, reach: Reach) -> bool:
        viewing = reach.recipients if self.organisation is None else {self.organisation}
        return any(reach.contributors.includes(contributor, at) for at in viewing)


def why(policy: Policy, viewer: Viewer, item: ItemClass, situation: Situation) -> Reason:
    """Whether the viewer sees such an item of a person in such a situation, and what decides."""
    signed = as_signed(policy.agreements, policy.directory)
    facts = situation.facts(viewer.organisation, [item.contributor], ANY_DAY)
    decision = decide(viewer, facts, signed, ANY_DAY)
    return decision.explain(item.contributor, item.service, item.heading, item.labels)


def who_sees(reached: Iterable[Reach], item: ItemClass) -> tuple[Reach, ...]:
    """Of `reaches(policy)`, what shows such an item to somebody."""
    return tuple(each for each in reached if any(each.covers(item, viewing) for viewing in each.recipients))


def what_is_seen(reached: Iterable[Reach], viewer: Viewer) -> tuple[Reach, ...]:
    """Of `reaches(policy)`, what shows something to the viewer."""
    return tuple(each for each in reached if each.addresses(viewer))


def explanation(policy: Policy, question: Question, *, lay: bool = False) -> Page:
    """Everything that the question concerns, in sentences; and why, where it is about one viewer and one item."""
    say = told_to_the_person if lay else lambda reach, directory: told(reach, directory).sentence()
    found = tuple(say(each, policy.directory) for each in reaches(policy) if question.concerns(each))
    reason = _reason(policy, question)
    sections = (Section(title="Who sees it, and when", sentences=found),) if found else ()
    if reason is not None:
        sections = (Section(title="Why", sentences=(str(reason),)), *sections)
    lead = "" if found else "No agreement opens this to anybody asked about: it is withheld."
    return Page(title="Explanation", lead=lead, sections=sections)


def _reason(policy: Policy, asked: Question) -> Reason | None:
    if asked.role is None or asked.organisation is None or asked.contributor is None or asked.heading is None:
        return None
    item = ItemClass(
        contributor=asked.contributor,
        service=asked.contributing,
        heading=asked.heading,
        labels=label_mask(asked.labels or ()),
    )
    purposes = sorted({agreement.purpose for agreement in policy.agreements})
    situation = asked.situation or _EVERYTHING
    viewers = [someone(asked.role, asked.organisation, asked.service, purpose) for purpose in purposes]
    reasons = [why(policy, viewer, item, situation) for viewer in viewers]
    return next((reason for reason in reasons if reason.shown), reasons[0] if reasons else None)
