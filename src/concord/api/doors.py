"""What the API asks of the rooms below it. `record` and `accounts` fit these; tests fit small stand-ins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, TypeVar

from concord.base import NhsNumber
from concord.fhir import Criterion, Resource, Search
from concord.governance import Asker, SourceSystem, Viewer
from concord.ingest import MessageHeader, Received
from concord.record import (
    Asserted,
    Change,
    Export,
    Job,
    Outcome,
    Past,
    Wanted,
)

T_co = TypeVar("T_co", covariant=True)


class Shown(Protocol):
    """What stands in a Bundle. `wire` is the whole FHIR resource in JSON, cut for the asker, `meta` included."""

    @property
    def type(self) -> str: ...

    @property
    def id(self) -> str: ...

    @property
    def wire(self) -> bytes: ...


class Served(Shown, Protocol):
    """An item of the record as it goes out."""

    @property
    def version(self) -> str: ...

    @property
    def stored_at(self) -> datetime: ...


class Found(Protocol):
    """One page of an answer. `total` None: not counted; `next` the sealed token of the next page, if there is one."""

    @property
    def items(self) -> Sequence[Shown]: ...

    @property
    def included(self) -> Sequence[Shown]: ...

    @property
    def total(self) -> int | None: ...

    @property
    def next(self) -> str | None: ...


class Version(Protocol):
    """A version as it goes out. `deleted`: it says that the item was deleted; `first`: that it was not there before."""

    @property
    def served(self) -> Served: ...

    @property
    def deleted(self) -> bool: ...

    @property
    def first(self) -> bool: ...


class History(Protocol):
    """One page of versions, the newest first."""

    @property
    def versions(self) -> Sequence[Version]: ...

    @property
    def total(self) -> int: ...

    @property
    def next(self) -> str | None: ...


class Audited(Protocol[T_co]):
    """A value that comes out only once the row that tells of it is durable."""

    @property
    def timings(self) -> Mapping[str, float]:
        """Milliseconds spent on named parts of the work, such as `decide`."""
        ...

    async def released(self) -> T_co: ...


class Recognised(Protocol):
    """A Patient that may be meant; `id` None: as tracing shows them, not to be read."""

    @property
    def grade(self) -> Literal["certain", "probable", "possible"]: ...

    @property
    def id(self) -> str | None: ...

    @property
    def wire(self) -> bytes: ...


class PageLinks(Protocol):
    """What a link to a page holds, sealed: all that was asked `at` an address, and the token of the page."""

    def link(self, asked: list[tuple[str, str]], token: str, at: str, asker: Asker, /) -> str: ...

    def asked_by(self, link: str, at: str, asker: Asker, /) -> tuple[list[tuple[str, str]], str]:
        """Raises Incorrect for the link of another address or asker."""
        ...


class RecordsDoor(Protocol):
    """The one door to the record. Whatever is hidden from the asker is absent: NotFound, or not among the items."""

    @property
    def waits(self) -> bool:
        """Whether even the shortest read waits for another process."""
        ...

    @property
    def page_links(self) -> PageLinks: ...

    def read(self, type_: str, id_: str, asker: Asker, /) -> Audited[Served]: ...

    def version(self, type_: str, id_: str, version: str, asker: Asker, /) -> Audited[Served]: ...

    def history(
        self, type_: str, id_: str | None, asker: Asker, /, *, past: Past, count: int | None, page: str | None
    ) -> Audited[History]: ...

    def search(self, search: Search, asker: Asker, /) -> Audited[Found]: ...

    def everything(
        self,
        id_: str,
        asker: Asker,
        /,
        *,
        type_: str,
        wanted: Wanted,
        count: int | None,
        page: str | None,
    ) -> Audited[Found]: ...

    def latest(self, patient: str, criteria: Sequence[Criterion], asker: Asker, /, *, most: int) -> Audited[Found]: ...

    def assert_by_number(
        self, number: NhsNumber, viewer: Viewer, kind: str, reason: str, words: str, /
    ) -> Audited[Asserted]:
        """Raises Incorrect, Forbidden, NotFound."""
        ...

    def end_assertions_by_number(self, number: NhsNumber, viewer: Viewer, /) -> int: ...

    def match(
        self, patient: Resource, asker: Asker, /, *, certain: bool, count: int | None
    ) -> Audited[Sequence[Recognised]]: ...


class WritesDoor(Protocol):
    """What a source system changes, by its organisation's feed; the outcome of each change, in their order."""

    def write(self, changes: Sequence[Change], /, *, by: SourceSystem, atomic: bool) -> Sequence[Outcome]: ...


class JobsDoor(Protocol):
    """Jobs of the asker's organisation; any other is absent: NotFound. JobGone when its time is over."""

    def seen(self, id_: str, by: SourceSystem, /) -> Job: ...

    def cancel(self, id_: str, by: SourceSystem, /) -> None: ...

    def file(self, id_: str, name: str, by: SourceSystem, /) -> Audited[Path]: ...


class ExportsDoor(Protocol):
    def begin(self, wanted: Export, by: SourceSystem, /) -> Job: ...


class ImportsDoor(Protocol):
    def begin(self, service: str | None, by: SourceSystem, /) -> tuple[Job, Path]: ...

    def start(self, job: Job, /) -> Job: ...


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """Much at once: what a source system sends or fetches as a job."""

    jobs: JobsDoor
    exports: ExportsDoor
    imports: ImportsDoor


class MessagesDoor(Protocol):
    def header(self, document: Resource, /) -> MessageHeader:
        """Raises Incorrect for what is no message."""
        ...

    def take(self, sent: bytes, document: Resource, by: SourceSystem, /) -> Received:
        """What becomes of a FHIR message, once that is durable. Raises for a fault that may pass."""
        ...


class AccountsDoor(Protocol):
    def asker(self, token: str, /) -> Asker:
        """Raises Unauthenticated."""
        ...
