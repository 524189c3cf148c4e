"""The decision about everybody on a viewer's own list at once, grouped by what they have in common.

What is open of a person hangs on the relationships held, the choices made, protection and death alone. Of people who
have made no choice, are not protected and have not died it hangs on the relationships, and adds up: what several open
is what each opens. So one decision for each condition of the viewer's clauses decides about all of them. An override
is about one person, and begun by name: it plays no part here. Pure.
"""

from dataclasses import dataclass
from datetime import datetime

from concord.base import OdsCode
from concord.governance.decision import opened
from concord.governance.model import Viewer
from concord.governance.policy import Policy
from concord.governance.seats import Asked
from concord.governance.wishes import wishes_for


@dataclass(frozen=True, kw_only=True, slots=True)
class SharedPart:
    """What every source patient of one contributor opens while any of the conditions is met. Sets are stored sets."""

    conditions: tuple[Asked, ...]
    contributor: OdsCode
    service: str | None
    headings: int
    labels: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ListDecision:
    """What is open to a viewer of whoever is on their list, has made no choice, is not protected and has not died.

    `seats`: the organisations whose relationships are the viewer's; `tested`: those on trial that the viewer tests.
    """

    viewer: Viewer
    seats: tuple[OdsCode, ...]
    tested: tuple[OdsCode, ...]
    now: datetime
    parts: tuple[SharedPart, ...]


def decide_list(viewer: Viewer, policy: Policy, now: datetime, *, tested: tuple[OdsCode, ...] = ()) -> ListDecision:
    """`now` is aware. Where nothing is shared there are no parts."""
    profile = policy.profile(viewer, now)
    nothing_said = wishes_for(viewer.organisation, (), now, policy.directory)
    conditions: dict[tuple[OdsCode, str | None, int, int], list[Asked]] = {}
    for bit, condition in enumerate(profile.conditions):
        for contributor, flows in profile.flows.items():
            cells = opened(flows, 1 << bit, nothing_said, now)
            for (service, labels), headings in cells.items():
                conditions.setdefault((contributor, service, headings, labels), []).append(condition)
    return ListDecision(
        viewer=viewer,
        seats=policy.directory.seats(viewer.organisation, now),
        tested=tested,
        now=now,
        parts=tuple(
            SharedPart(
                conditions=tuple(held), contributor=contributor, service=service, headings=headings, labels=labels
            )
            for (contributor, service, headings, labels), held in conditions.items()
        ),
    )
