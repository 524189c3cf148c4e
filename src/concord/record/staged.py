"""A change of a record on its way, from what was sent to what is kept."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from concord.fhir import Issue, Resource, Survey
from concord.record.model import Change, Deletion, Outcome, Problem, Submission
from concord.record.prepare import Prepared
from concord.store.items import StoredItem


@dataclass(slots=True)
class Staged:
    """A change on its way: its logical id, the references as they were sent, and what became of it so far.

    `found` are the ids that its condition matched. A conditional create that finds its item has its id as `existing`;
    one that repeats the condition of an earlier one of the same write has that as `twin`. `held` is the version that
    it was judged by, where that matters (`looked`). `first_id` is its id unless a condition finds another. `targets`
    are the "Type/id" that it refers to by now. `refused`: nothing can mend it.
    """

    change: Change
    type: str = ""
    id: str = ""
    first_id: str = ""
    resource: Resource | None = None
    survey: Survey | None = None
    sent: Sequence[tuple[dict[str, Any], str]] = ()
    found: Sequence[str] = ()
    existing: str | None = None
    twin: "Staged | None" = None
    held: StoredItem | None = None
    looked: bool = False
    prepared: Prepared | None = None
    targets: set[str] = field(default_factory=set)
    outcome: Outcome | None = None
    refused: Outcome | None = None

    @property
    def name(self) -> str:
        """What references to it say: "Type/id"."""
        return self.twin.name if self.twin else f"{self.type}/{self.existing or self.id}"

    @property
    def position(self) -> str:
        return self.change.position

    @property
    def full_url(self) -> str | None:
        return None if isinstance(self.change, Deletion) else self.change.full_url

    @property
    def condition(self) -> str | None:
        """The query that says what it is about, of whatever kind it is."""
        if isinstance(self.change, Submission) and self.change.if_none_exist is not None:
            return self.change.if_none_exist
        return self.change.criteria

    @property
    def wanted(self) -> bool:
        """Whether it is to be kept, so far."""
        return self.survey is not None and self.existing is None and self.twin is None and self.outcome is None

    def reject(
        self, reason: str, problem: Problem = "incorrect", *, retry: bool = False, issues: Sequence[Issue] = ()
    ) -> None:
        self.outcome = Outcome(
            status="rejected",
            position=self.position,
            type=self.type,
            reason=reason,
            problem=problem,
            retry=retry,
            issues=issues,
        )
