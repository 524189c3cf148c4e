"""What ingest hands over, what it keeps aside, and the doors it needs."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

from concord.base import OdsCode
from concord.governance import SourceSystem
from concord.record import Change, Deletion, Original, Outcome, Patch, Submission

Assurance = Literal["traced", "stated"]


class Earlier(Protocol):
    """What this organisation contributed before: what a message that changes something is read against."""

    def resource(self, type_: str, source_id: str) -> dict[str, Any] | None:
        """The current resource that the source calls `source_id`, or None. Only read, never changed."""
        ...

    def told_of_visit(self, visit: str, besides: Collection[tuple[str, str]]) -> Sequence[tuple[str, dict[str, Any]]]:
        """(id by which to send it again, resource) of each that stands under the service of the visit that the source
        calls so (`concord.fhir.SERVICE_OF`), but for those `besides` (type and source id). Only read."""
        ...


class Snapshots(Protocol):
    """What this organisation's extracts that hold all there is held. A name is a resource's type and source id."""

    def held(self, source: str) -> set[tuple[str, str]]: ...
    def note(self, source: str, names: Collection[tuple[str, str]]) -> None:
        """Durably; before what they name is written."""
        ...

    def strike(self, source: str, names: Collection[tuple[str, str]]) -> None:
        """After what they name has gone."""
        ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Feed:
    """Whose feed is read; `name`: its own, "" for none. `service` is that of items that name none; `services` are those
    that the directory knows. `character_set`: of HL7 v2 messages that do not say theirs."""

    organisation: OdsCode
    earlier: Earlier
    snapshots: Snapshots
    service: str | None = None
    services: frozenset[str] = frozenset()
    name: str = ""
    character_set: str = "utf-8"


@dataclass(frozen=True, kw_only=True, slots=True)
class Sent:
    """One submission and where it stood. `original` gives the bytes to keep should it be rejected."""

    submission: Submission
    entry: int
    kind: str
    original: Callable[[], bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class Group:
    """Submissions in their order: all or none of them (`atomic`), or each on its own.

    `position` names an atomic group within its file, "" when it is the whole of it. `kept`: the message, entry or row
    that they were made from, to be kept with them.
    """

    sent: Sequence[Sent]
    atomic: bool = False
    position: str = ""
    kept: Original | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Withdrawn:
    """What the source says is gone: deletions, and changes of what stays on record as ended. `entry`, `kind` and
    `original` are those of what said so; no entry: that a file lacks them. `kept` as in a Group."""

    changes: Sequence[Deletion | Patch]
    entry: int | None
    kind: str
    original: Callable[[], bytes] | None
    kept: Original | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Refusal:
    """Something read that cannot become a submission. `held` names a type kept for a later version of Concord.

    `original` is None for an entry that is kept with the whole that another refusal keeps.
    """

    entry: int | None
    position: str
    reason: str
    kind: str
    original: Callable[[], bytes] | None
    held: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Remark:
    """What nothing was made of, by name, each time: HL7 v2 fields, columns, entries that only ask for something."""

    passed_over: Sequence[str]


Piece = Group | Withdrawn | Refusal | Remark


@dataclass(frozen=True, kw_only=True, slots=True)
class ToKeep:
    """A reject (or something held for later) on its way into quarantine, whole. `kind` says what it is: "file",
    "FHIR entry", "HL7 v2 ADT^A34", "council people" ... `feed`: the name of the feed by which it came. `patient`: the
    source's own id of the patient whose later messages wait behind it.
    """

    file: str
    entry: int | None
    position: str
    reason: str
    kind: str
    original: bytes = field(repr=False)
    feed: str = ""
    patient: str = ""


class RecordsDoor(Protocol):
    """What ingest needs of the record."""

    def write(
        self,
        changes: Sequence[Change],
        *,
        by: SourceSystem,
        atomic: bool,
        assurance: Assurance,
        sent: Sequence[Original] = (),
    ) -> Sequence[Outcome]:
        """One outcome a change, in order, in one transaction; all or none stored when `atomic`.

        Further outcomes with the position "admitted" tell of items that waited and now are stored; they carry the
        type and id under which they were told to wait. The submissions' resources may be changed in place. The
        messages, entries and rows that were `sent` are kept in the same transaction.
        """
        ...

    def earlier(self, organisation: OdsCode) -> Earlier: ...

    def snapshots(self, organisation: OdsCode) -> Snapshots: ...

    def quarantine(self, kept: Sequence[ToKeep], *, by: SourceSystem) -> None:
        """Keep these durably; the same bytes with the same reason are kept once."""
        ...
