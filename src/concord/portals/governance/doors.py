"""What the governance portal asks of rooms that know people. They come out by the door of labels alone."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from concord.base import NhsNumber
from concord.governance import Agreement, Policy, Viewer
from concord.governance.agreements import Counted
from concord.portals.audited import Audited
from concord.portals.governance.long_answers import Progress
from concord.record import ItemInReview, ItemLine, LabelOverview, Simulation
from concord.terminology import Label


class SimulatorDoor(Protocol):
    def simulate(
        self, drafts: Sequence[Agreement], *, within: timedelta, progress: Progress, by: Viewer
    ) -> Audited[Simulation]:
        """The accesses of the past judged by drafts: counts alone."""
        ...


class CountingDoor(Protocol):
    def compared(self, before: Policy, after: Policy, *, progress: Progress, by: Viewer) -> Audited[Counted]:
        """How many of the people and items held each change from one to the other concerns."""
        ...


class LabelsDoor(Protocol):
    """The review of labels. NotFound for whoever does not review, and for what is not theirs to review."""

    def overview(self, viewer: Viewer, label: Label | None = None) -> Audited[LabelOverview]:
        """How labels stand, in numbers, and what was corrected lately, of one label or of all."""
        ...

    def waiting(
        self, viewer: Viewer, label: Label | None = None, *, newest: bool = False
    ) -> Audited[Sequence[ItemLine]]:
        """Items whose free text suggests a label that they do not carry."""
        ...

    def under_number(self, number: NhsNumber, viewer: Viewer) -> Audited[Sequence[ItemLine]]:
        """The items of the viewer's organisation about whoever has the number."""
        ...

    def item(self, type_: str, id_: str, viewer: Viewer) -> Audited[ItemInReview]: ...

    def say(
        self, type_: str, id_: str, viewer: Viewer, *, label: str, says: str, mistake: bool, why: str
    ) -> Audited[None]:
        """Raises Incorrect for what cannot be said."""
        ...

    def nothing_sensitive(self, type_: str, id_: str, viewer: Viewer) -> Audited[None]:
        """The words found mean nothing that a label is for."""
        ...
