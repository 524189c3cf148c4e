"""One decision, asked three ways: why does this viewer see this or not; who sees this; what does this viewer see?

All three speak of an agreement's texts, whoever has signed them and on whatever day; a record's own page explains one
item of one person as it is now.
"""

from concord.governance.decision import Reason, decide
from concord.governance.model import Viewer
from concord.governance.policy import Policy
from concord.governance.reach import ItemClass, Reach
from concord.governance.situations import ANY_DAY, Situation, as_signed


def why(policy: Policy, viewer: Viewer, item: ItemClass, situation: Situation) -> Reason:
    """Whether the viewer sees such an item of a person in such a situation, and what decides."""
    signed = as_signed(policy.agreements, policy.directory)
    facts = situation.facts(viewer.organisation, [item.contributor], ANY_DAY)
    decision = decide(viewer, facts, signed, ANY_DAY)
    return decision.explain(item.contributor, item.service, item.heading, item.labels)


def who_sees(reached: tuple[Reach, ...], item: ItemClass) -> tuple[Reach, ...]:
    """Of `reaches(policy)`, what shows such an item to somebody."""
    return tuple(each for each in reached if any(each.covers(item, viewing) for viewing in each.recipients))


def what_is_seen(reached: tuple[Reach, ...], viewer: Viewer) -> tuple[Reach, ...]:
    """Of `reaches(policy)`, what shows something to the viewer."""
    return tuple(each for each in reached if each.addresses(viewer))
