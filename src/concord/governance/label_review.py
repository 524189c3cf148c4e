"""Who may review labels of what: what their own organisation contributed, and those in whose place it stands, for
privacy and governance roles. Pure.

A reviewer sees what an item is in order to judge its labels, whatever the person chose about sharing: nothing leaves
the organisation that contributed it. What the person has sealed, and what the law bars, is shown to no reviewer; nor is
anything of their own record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from concord.governance.labels.correcting import beyond_review
from concord.governance.model import PersonFacts, SourcePatient, Viewer
from concord.governance.own_record import Own, own_record
from concord.governance.policy import Policy
from concord.governance.rights import may_review_labels
from concord.terminology import Label, label_mask


@dataclass(frozen=True, kw_only=True, slots=True)
class LabelReview:
    """What of one person a reviewer is shown: these source patients', as far as its labels are among `labels`."""

    sources: Sequence[SourcePatient]
    labels: int


def label_review(viewer: Viewer, facts: PersonFacts, policy: Policy, now: datetime) -> LabelReview:
    seats = policy.directory.seats(viewer.organisation, now)
    allowed = may_review_labels(viewer, policy) and own_record(viewer, facts) is Own.NOT
    return LabelReview(
        sources=[each for each in facts.sources if allowed and each.organisation in seats],
        labels=label_mask(Label) & ~(beyond_review() | policy.barred),
    )
