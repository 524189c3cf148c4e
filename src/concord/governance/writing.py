"""Who may write what about a person: one rule for every way in.

| who writes | what | about whom |
|---|---|---|
| a source system | items, and no other organisation's | whomever its organisation knows |
| the person | choices of their own | themselves, by own access |
| who acts for them, where `proxies.yaml` lets them | choices in their place | whom they act for, by own access |
| a user at work | that they break the glass, or claim a relationship | whom a clause offers it about |

Nobody else writes: a user no item, whatever they may read; whoever acts for somebody nothing else; whoever counts
nothing. Reviews of alerts and of links hang on the role alone (`rights`). What may be written hangs on nothing that who
writes may not know, so that trying tells nothing. Pure.
"""

from typing import TypeGuard

from concord.governance.assertions import Offer, offers
from concord.governance.decision import Decision
from concord.governance.model import Asker, SourceSystem


def may_contribute(asker: Asker) -> TypeGuard[SourceSystem]:
    """Whether the asker writes items at all; those it writes are its own organisation's."""
    return isinstance(asker, SourceSystem)


def may_choose(decision: Decision) -> bool:
    """Whether the viewer may make a choice about the sharing of this person's record, or take it back."""
    return decision.right.chooses


def may_assert(decision: Decision, kind: str) -> Offer | None:
    """What the viewer may assert about this person of a kind ("override", "self-claim"); None: nothing."""
    return next((offer for offer in offers(decision) if offer.kind == kind), None)
