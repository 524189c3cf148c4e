"""What the governance portal asks of rooms that know people, who never come out by it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from concord.governance import Agreement, Policy, Viewer
from concord.governance.agreements import Counted
from concord.portals.audited import Audited
from concord.portals.governance.long_answers import Progress
from concord.record import Simulation


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
