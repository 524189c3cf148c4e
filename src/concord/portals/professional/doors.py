"""What the professional portal asks of the rest of Concord: what the record gives to who is at the screen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from concord.base import NhsNumber, OdsCode, PersonId
from concord.governance import Viewer
from concord.ingest import MessageBehind
from concord.portals.audited import Audited
from concord.record import (
    AlertInFull,
    AlertRow,
    Asking,
    Asserted,
    Behind,
    ChangedLink,
    FoundPerson,
    LinkPair,
    LinkRow,
    Looks,
    OpenRecord,
    PersonQuery,
    ShutRecord,
    Side,
    TeamFigures,
    Worklists,
)


class ProfessionalDoor(Protocol):
    """The record, as one professional may see it. Each raises NotFound for what is absent and what is hidden alike."""

    def find(self, query: PersonQuery, viewer: Viewer) -> Audited[Sequence[FoundPerson]]:
        """Nobody for a viewer who may not trace."""
        ...

    def lists(self, viewer: Viewer, key: str | None) -> Audited[Worklists]:
        """`key` None: the list that the viewer needs first. Raises NotFound for a list that they do not have."""
        ...

    def open(self, person: PersonId, viewer: Viewer) -> Audited[OpenRecord | ShutRecord]: ...

    def who_looked(self, person: PersonId, viewer: Viewer) -> Audited[Looks]:
        """Raises NotFound also for a viewer who may not audit."""
        ...

    def may_assert(self, person: PersonId, viewer: Viewer) -> Audited[Asking]: ...

    def assert_access(self, person: PersonId, viewer: Viewer, kind: str, reason: str, words: str) -> Audited[Asserted]:
        """Raises Incorrect without a reason and words, Forbidden where it is not offered."""
        ...

    def end_assertions(self, person: PersonId, viewer: Viewer) -> int: ...

    @property
    def alerts(self) -> "AlertsDoor": ...

    @property
    def links(self) -> "LinksDoor": ...

    def changed_links(self, viewer: Viewer) -> Sequence[ChangedLink]:
        """Records that the viewer looked at lately, and that are linked otherwise since."""
        ...


class MessagesDoor(Protocol):
    """What items of the viewer's own organisation were made from, as far as the items say it."""

    def behind(self, type_: str, id_: str, viewer: Viewer) -> Audited[Behind[MessageBehind]]:
        """Raises NotFound also for an item of another organisation, and for one that came by no message."""
        ...


class LinksDoor(Protocol):
    """Which records belong together. NotFound for a viewer who does not review that."""

    def worklist(self, viewer: Viewer) -> Audited[Sequence[LinkRow]]: ...

    def under_number(self, number: NhsNumber, viewer: Viewer) -> Audited[Sequence[Side]]: ...

    def pair(self, one: str, other: str, viewer: Viewer) -> Audited[LinkPair]: ...

    def say(self, one: str, other: str, viewer: Viewer, *, same: bool, why: str) -> Audited[None]:
        """Raises Incorrect, Conflict."""
        ...


class AlertsDoor(Protocol):
    """What users of the viewer's organisation asserted. NotFound for a viewer who does not review."""

    def worklist(self, viewer: Viewer) -> Audited[Sequence[AlertRow]]: ...

    def one(self, reference: str, viewer: Viewer) -> Audited[AlertInFull]: ...

    def review(self, reference: str, viewer: Viewer, *, outcome: str | None, note: str) -> Audited[None]:
        """`outcome` None: escalate. Raises Incorrect."""
        ...

    def figures(self, organisation: OdsCode, since: datetime) -> Sequence[TeamFigures]: ...
