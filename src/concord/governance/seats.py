"""As which organisations a viewer sees records: their own, and those in whose place it stands.

See docs/adr/0029-an-organisation-is-succeeded.md. Pure.
"""

from dataclasses import dataclass
from datetime import datetime

from concord.base import OdsCode
from concord.governance.agreement import Condition
from concord.governance.directory import Directory


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """A condition as a viewer meets it in one of their seats. `predecessor` names the seat, unless it is their own.

    Only a relationship `held_with` one of these meets it; of none named, whichever the viewer holds.
    """

    condition: Condition
    predecessor: OdsCode | None = None
    held_with: tuple[OdsCode, ...] = ()

    def __str__(self) -> str:
        return str(self.condition) if self.predecessor is None else f"{self.condition} ({self.predecessor})"


@dataclass(frozen=True, kw_only=True, slots=True)
class Seat:
    """`own_data`: whose data are the organisation's own: what it contributed, and its predecessors."""

    organisation: OdsCode
    own_data: tuple[OdsCode, ...]
    of_predecessor: bool

    def asks(self, condition: Condition) -> Asked:
        if not self.of_predecessor:
            return Asked(condition=condition)
        return Asked(condition=condition, predecessor=self.organisation, held_with=self.own_data)


def seats_of(organisation: OdsCode, directory: Directory, now: datetime) -> tuple[Seat, ...]:
    """Of whoever works at the organisation, which may have been succeeded; their own first."""
    own, *others = directory.seats(organisation, now)
    return tuple(
        Seat(organisation=code, own_data=(code, *directory.predecessors(code, now)), of_predecessor=code != own)
        for code in (own, *others)
    )
