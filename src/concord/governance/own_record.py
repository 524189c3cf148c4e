"""A user and the record that is their own, or that of somebody for whom they act: open by right, shut at work.

Whose the record is says the NHS number that the user's account carries. The right of access (UK GDPR, article 15) is
law, and hangs on no agreement; what it leaves out are the two tables below (docs/adr/0022-ones-own-record.md). Pure.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from concord.governance.directory import OWN_ACCESS
from concord.governance.headings import heading_set
from concord.governance.model import PersonFacts, Viewer
from concord.governance.policy import Policy
from concord.governance.proxies import ProxyKind, acting_for
from concord.terminology import HEADINGS, Heading, Label, label_mask

# What may be about somebody else, or put the person or somebody else in danger where another looks over their shoulder
# (Data Protection Act 2018, schedules 2 and 3). The last two say nothing else, and close nothing to anybody at work.
WITHHELD_LABELS = (
    Label.UNKNOWN, Label.RESTRICTED, Label.DOMESTIC_ABUSE, Label.CHILD_PROTECTION, Label.ADOPTION, Label.SEALED_LOCKED,
    Label.THIRD_PARTY, Label.NOT_FOR_THE_PERSON,
)  # fmt: skip
WITHHELD_HEADINGS = (Heading.SAFEGUARDING, Heading.UNCLASSIFIED)


class Own(StrEnum):
    """Whose record it is to who asks: somebody else's; their own, asked for at work; their own, by right of access;
    their own, whose person has died; that of somebody for whom they act."""

    NOT = "not"
    SHUT = "shut"
    OPEN = "open"
    ENDED = "ended"
    ACTING = "acting"


def own_record(viewer: Viewer, facts: PersonFacts) -> Own:
    """In doubt it shuts: it opens only where the number is the person's only one, and nobody else's, and to nobody who
    signs in as somebody who has died."""
    if viewer.nhs_number is None or viewer.nhs_number not in facts.nhs_numbers:
        return Own.NOT
    certain = facts.nhs_numbers == {viewer.nhs_number} and not facts.number_shared
    if viewer.purpose != OWN_ACCESS or not certain:
        return Own.SHUT
    return Own.OPEN if facts.death is None else Own.ENDED


def own_labels(*, barred: int) -> int:
    """The labels that an item of one's own may carry (stored sets)."""
    return label_mask(set(Label) - set(WITHHELD_LABELS)) & ~barred


@dataclass(frozen=True, kw_only=True, slots=True)
class Right:
    """What opens to somebody by right and by no clause, of every source: headings, and the labels that an item may
    carry (stored sets). `acting`: as whom, of somebody for whom they act. `chooses`: they may choose about its
    sharing."""

    own: Own
    headings: int = 0
    labels: int = 0
    acting: ProxyKind | None = None
    chooses: bool = False

    def covers(self, heading: Heading, labels: int) -> bool:
        return bool(self.headings >> heading.bit & 1) and labels & ~self.labels == 0


def right_of(viewer: Viewer, facts: PersonFacts, policy: Policy, now: datetime) -> tuple[Right, list[datetime]]:
    """The viewer's right, and every instant at which it may change by itself."""
    own = own_record(viewer, facts)
    headings = heading_set(set(HEADINGS) - set(WITHHELD_HEADINGS))
    labels = own_labels(barred=policy.barred)
    if own is Own.OPEN:
        return Right(own=own, headings=headings, labels=labels, chooses=True), []
    if own is not Own.NOT:
        return Right(own=own), []
    acting, edges = acting_for(viewer, facts, policy.directory, now)
    if acting is None:
        return Right(own=Own.NOT), edges
    right = Right(
        own=Own.ACTING, headings=headings & ~acting.never, labels=labels & acting.labels, acting=acting.kind,
        chooses=acting.chooses,
    )  # fmt: skip
    return right, edges
