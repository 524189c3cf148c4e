"""Small stand-ins for the rooms below the API: they answer what a test puts in and remember what they were asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Generic, Literal, TypeVar

from concord.base import Incorrect, NhsNumber, NotFound, OdsCode, Unauthenticated
from concord.fhir import Criterion, Resource, Search, encode, parse
from concord.governance import Asker, SourceSystem, Viewer
from concord.record import Asserted, Change, Export, Job, Outcome, Past, Submission, Wanted

T = TypeVar("T")
STORED_AT = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
DOCTOR = Viewer(
    user="e.doctor",
    name="Eve Doctor",
    title="Registrar",
    staff_id="111",
    organisation=OdsCode("ZZA"),
    service=None,
    role="doctor",
    teams=frozenset(),
    purpose="direct-care",
)
SYSTEM = SourceSystem(organisation=OdsCode("ZZA"))
AS_DOCTOR = {"Authorization": "Bearer concord_doctor"}
AS_SYSTEM = {"Authorization": "Bearer concord_system"}


@dataclass(frozen=True)
class Item:
    type: str
    id: str
    version: str = "v1"
    stored_at: datetime = STORED_AT
    extra: str = ""

    @property
    def wire(self) -> bytes:
        return encode({"resourceType": self.type, "id": self.id, "extra": self.extra})


@dataclass(frozen=True)
class Match:
    grade: Literal["certain", "probable", "possible"]
    id: str | None
    wire: bytes = b'{"resourceType":"Patient"}'


@dataclass(frozen=True)
class Page:
    items: Sequence[Item] = ()
    included: Sequence[Item] = ()
    total: int | None = None
    next: str | None = None


@dataclass(frozen=True)
class Version:
    served: Item
    deleted: bool = False
    first: bool = False


@dataclass(frozen=True)
class History:
    versions: Sequence[Version] = ()
    total: int = 0
    next: str | None = None


@dataclass(frozen=True)
class Released(Generic[T]):
    value: T
    timings: Mapping[str, float] = field(default_factory=dict)

    async def released(self) -> T:
        return self.value


class Jobs:
    """Holds `job`, which is SYSTEM's; an export begins it and remembers what was wanted."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.wanted: list[Export] = []
        self.cancelled: list[str] = []
        self.job = Job(
            id="j1", kind="export", by=SYSTEM, asked={"request": "http://concord.test/asked"}, state="under-way",
            begun_at=STORED_AT, ends_at=STORED_AT + timedelta(hours=24), progress={"done": 3, "of": 40},
        )  # fmt: skip

    def begin(self, wanted: Export, by: SourceSystem, /) -> Job:
        self.wanted.append(wanted)
        return self.job

    def seen(self, id_: str, by: SourceSystem, /) -> Job:
        if (id_, by) != (self.job.id, self.job.by):
            raise NotFound("no such job")
        return self.job

    def cancel(self, id_: str, by: SourceSystem, /) -> None:
        self.cancelled.append(self.seen(id_, by).id)

    def file(self, id_: str, name: str, by: SourceSystem, /) -> Released[Path]:
        if self.seen(id_, by).state != "done" or name not in [made.name for made in self.job.files]:
            raise NotFound("no such file")
        return Released(self.folder / name)


class Imports:
    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs

    def begin(self, service: str | None, by: SourceSystem, /) -> tuple[Job, Path]:
        return self.jobs.job, self.jobs.folder / "input"

    def start(self, job: Job, /) -> Job:
        return self.jobs.job


class Accounts:
    def asker(self, token: str) -> Asker:
        askers: dict[str, Asker] = {"concord_doctor": DOCTOR, "concord_system": SYSTEM}
        if token not in askers:
            raise Unauthenticated("The token is unknown.")
        return askers[token]


class PageLinks:
    """Seals nothing, but can be told from what was asked."""

    def link(self, asked: list[tuple[str, str]], token: str, at: str, asker: Asker, /) -> str:
        return encode({"of": [at, asker.author], "asked": asked, "token": token}).hex()

    def asked_by(self, link: str, at: str, asker: Asker, /) -> tuple[list[tuple[str, str]], str]:
        try:
            kept = parse(bytes.fromhex(link))
        except ValueError as error:
            raise Incorrect("This is no page link.") from error
        if kept["of"] != [at, asker.author]:
            raise Incorrect("This page link is another's.")
        return [(name, value) for name, value in kept["asked"]], kept["token"]


class Records:
    """Holds `items` by type and id; answers searches with `page`, writes with `outcomes` (or stores all)."""

    waits = False
    page_links = PageLinks()

    def __init__(self, *items: Item) -> None:
        self.items = {(item.type, item.id): item for item in items}
        self.page = Page()
        self.told = History()
        self.outcomes: list[Outcome] | None = None
        self.matches: list[Match] = []
        self.failure: Exception | None = None
        self.asked: list[Any] = []
        self.written: list[Submission] = []
        self.changes: list[Change] = []
        self.how: dict[str, Any] = {}

    def read(self, type_: str, id_: str, asker: Asker, /) -> Released[Item]:
        self._note("read", type_, id_, asker)
        if (type_, id_) not in self.items:
            raise NotFound(f"no {type_} {id_}")
        return Released(self.items[type_, id_], {"decide": 0.25})

    def version(self, type_: str, id_: str, version: str, asker: Asker, /) -> Released[Item]:
        self._note("version", type_, id_, version, asker)
        item = self.items.get((type_, id_))
        if item is None or item.version != version:
            raise NotFound(f"no {type_} {id_}")
        return Released(item)

    def history(
        self, type_: str, id_: str | None, asker: Asker, /, *, past: Past, count: int | None, page: str | None
    ) -> Released[History]:
        self._note("history", type_, id_, asker, past, count, page)
        if id_ is not None and (type_, id_) not in self.items:
            raise NotFound(f"no {type_} {id_}")
        return Released(self.told)

    def search(self, search: Search, asker: Asker, /) -> Released[Page]:
        self._note("search", search, asker)
        return Released(self.page, {"decide": 0.5})

    def everything(
        self, id_: str, asker: Asker, /, *, type_: str, wanted: Wanted, count: int | None, page: str | None
    ) -> Released[Page]:
        self._note("everything", type_, id_, asker, wanted, count, page)
        if (type_, id_) not in self.items:
            raise NotFound("no such patient")
        return Released(self.page)

    def latest(self, patient: str, criteria: Sequence[Criterion], asker: Asker, /, *, most: int) -> Released[Page]:
        self._note("latest", patient, [(each.name, each.values[0].text) for each in criteria], asker, most)
        return Released(self.page)

    def match(
        self, patient: Resource, asker: Asker, /, *, certain: bool, count: int | None
    ) -> Released[Sequence[Match]]:
        self._note("match", patient, asker, certain, count)
        return Released(self.matches)

    def assert_by_number(
        self, number: NhsNumber, viewer: Viewer, kind: str, reason: str, words: str, /
    ) -> Released[Asserted]:
        self._note("assert_by_number", number, viewer, kind, reason, words)
        until = datetime(2026, 11, 22, 7, 12, tzinfo=UTC)
        return Released(Asserted(kind=kind, reason=reason, until=until, minutes_left=240))

    def end_assertions_by_number(self, number: NhsNumber, viewer: Viewer, /) -> int:
        self._note("end_assertions_by_number", number, viewer)
        return 1

    def write(
        self,
        changes: Sequence[Change],
        /,
        *,
        by: SourceSystem,
        atomic: bool,
    ) -> Sequence[Outcome]:
        self._note("write", len(changes), by)
        self.how = {"atomic": atomic}
        self.changes = list(changes)
        self.written = [each for each in changes if isinstance(each, Submission)]
        if self.outcomes is not None:
            return self.outcomes
        stored = []
        for number, each in enumerate(changes):
            if not isinstance(each, Submission):
                stored.append(Outcome(status="deleted", position=each.position, type=each.type))
                continue
            item = Item(each.resource["resourceType"], each.source_id or f"new{number}")
            self.items[item.type, item.id] = item
            stored.append(
                Outcome(status="stored", position=each.position, type=item.type, id=item.id, version=item.version)
            )
        return stored

    def _note(self, *asked: Any) -> None:
        self.asked.append(asked)
        if self.failure is not None:
            raise self.failure
