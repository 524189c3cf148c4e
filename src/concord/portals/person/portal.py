"""What the pages of a person's own portal ask of the rooms below."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from concord.base import NotFound, PersonId
from concord.governance import PATIENT, OwnChoice, Viewer
from concord.portals import ui
from concord.portals.audited import Audited
from concord.portals.visits import AccountsDoor, Visit, assets
from concord.record import ActedFor, OpenRecord, OwnChoices, OwnLooks, ShutRecord, WhoCanSee

_NOT_HERE = "This page is for people who sign in to see their own record"


class OwnDoor(Protocol):
    """Each raises NotFound where there is no record that is surely the viewer's own; `open_for`, where they do not act
    for the person."""

    def open(self, viewer: Viewer) -> Audited[OpenRecord | ShutRecord]: ...

    def looks(self, viewer: Viewer) -> Audited[OwnLooks]: ...

    def acted_for(self, viewer: Viewer) -> Audited[Sequence[ActedFor]]: ...

    def open_for(self, person: PersonId, viewer: Viewer) -> Audited[OpenRecord | ShutRecord]: ...


class ChoosingDoor(Protocol):
    """Each raises NotFound as above, and about whom the viewer may not choose for; Incorrect for a choice that there is
    not."""

    def shown(self, viewer: Viewer, about: PersonId | None = None) -> Audited[OwnChoices]: ...

    def propose(
        self, viewer: Viewer, kind: str, organisation: str, *, silent: bool, about: PersonId | None = None
    ) -> Audited[OwnChoice]: ...

    def make(
        self, viewer: Viewer, kind: str, organisation: str, *, silent: bool, about: PersonId | None = None
    ) -> Audited[OwnChoice]: ...

    def take_back(self, viewer: Viewer, reference: str, about: PersonId | None = None) -> Audited[None]: ...


class SeersDoor(Protocol):
    """Each raises NotFound as above, and of what there is not."""

    def kinds(self, viewer: Viewer, heading: str | None = None) -> Audited[WhoCanSee]: ...

    def item(self, viewer: Viewer, type_: str, id_: str) -> Audited[WhoCanSee]: ...


@dataclass(frozen=True, kw_only=True)
class Portal:
    door: OwnDoor
    choosing: ChoosingDoor
    seers: SeersDoor
    accounts: AccountsDoor

    @property
    def pages(self) -> ui.Pages:
        return _pages()


def patient(visit: Visit) -> Viewer:
    """Whoever signed in to see their own record. Raises NotFound for anybody else."""
    if visit.who.viewer.role != PATIENT:
        raise NotFound(_NOT_HERE)
    return visit.who.viewer


@cache
def _pages() -> ui.Pages:
    return ui.Pages(Path(__file__).parent / "templates", assets(), {})
