"""Bulk export: what a source system contributed, written to files of one resource a line, in portions.

Each portion is read in a snapshot of its own by the right to read as it is then, and its audit rows are durable, one a
person, before a file is given out. https://hl7.org/fhir/uv/bulkdata/STU2/export.html
"""

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Set
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Literal, Self

import msgspec

from concord.audit import AuditEvent
from concord.base import Clock, Forbidden, NotFound
from concord.fhir import encode
from concord.governance import Gate, SourceSystem, permit_source
from concord.record.asking import asked
from concord.record.jobs import Job, Jobs, Made, Turn
from concord.record.reading import ItemReader
from concord.record.scopes import Scope
from concord.record.wire import as_sent
from concord.store import Reading, Store, body, items, people, versions
from concord.store.items import StoredItem

_A_PORTION, _PORTION_S = 100, 1.0  # source patients, seconds: whichever comes first
_LARGEST_FILE = 256 * 1024 * 1024
_OVERLAP = 60_000_000  # microseconds: a write that was under way when the last export began bears an earlier time


@dataclass(frozen=True, kw_only=True, slots=True)
class Export:
    """What is wanted: all that the organisation contributed ("system"), what concerns its Patients, or a Group's.

    `patients`: of these Patients alone, by id; `since`: stored after this instant (microseconds since 1970 UTC).
    `request` is the address that was asked, for the manifest.
    """

    of: Literal["system", "patient", "group"]
    group: str | None = None
    patients: tuple[str, ...] | None = None
    types: tuple[str, ...] | None = None
    since: int | None = None
    request: str = ""


class Exports:
    """For source systems alone: users and apps have no purpose here that an agreement could open."""

    def __init__(self, store: Store, gate: Gate, clock: Clock, reader: ItemReader, jobs: Jobs) -> None:
        self._store = store
        self._gate = gate
        self._clock = clock
        self._reader = reader
        self._codec = body.Codec()
        self._jobs = jobs
        jobs.carry_out("export", self._run)

    def begin(self, wanted: Export, by: SourceSystem) -> Job:
        """Begin an export. Raises NotFound for a Group or Patient that the asker did not contribute, TooManyJobs."""
        with self._store.reading() as reading:
            self._members(reading, wanted, by)
        return self._jobs.begin("export", asdict(wanted), by)

    def _run(self, turn: Turn) -> None:
        """From the start, or from where an earlier turn stopped."""
        wanted = msgspec.convert(turn.job.asked, Export)
        progress = dict(turn.job.progress)
        files = Files(turn.folder, turn.job.files)
        if not files.taken_up():
            progress, files = {}, Files(turn.folder, [])
        after, done = progress.get("after", 0), progress.get("done", 0)
        with self._store.reading() as reading:
            of = people.count_contributed(reading, permit_source(turn.job.by))
        with files:
            while portion := self._portion(wanted, turn.job, after, files):
                after, done = portion.after, done + portion.count
                made = [asdict(each) for each in files.made()]
                progress = {"after": after, "done": done, "of": max(of, done), "files": made}
                turn.save(progress, portion.events)
            files.settle()
        turn.done(progress)

    def _portion(self, wanted: Export, job: Job, after: int, files: "Files") -> "_Portion | None":
        """Write what lies with some source patients behind number `after`; None when there are no more."""
        by, began, until = job.by, time.perf_counter(), body.microseconds(job.begun_at)
        portion = _Portion(after)
        with self._store.reading() as reading:
            if by.organisation not in self._gate.policy(reading).directory.organisations:
                raise Forbidden("Your organisation is no longer in the directory, so the export has ended.")
            members = self._members(reading, wanted, by)
            for source in people.contributed(reading, permit_source(by), after=after, most=_A_PORTION):
                portion.after, portion.count = source.number, portion.count + 1
                written = 0
                for item in self._items(reading, wanted, source, members, by):
                    if _is_in(item, wanted.since, until):
                        scope = Scope(permit_source(by), source.person)
                        served = self._reader.serve(reading, item, scope)
                        files.write(served.type, served.wire)
                        written += 1
                gone = self._deletions(reading, wanted, source, members, by)
                if gone:
                    files.write("Bundle", gone, deleted=True)
                if written:
                    detail = {"job": job.id, "count": written}
                    now = self._clock.now()
                    portion.events.append(asked(now, by, "export", "shown", person=source.person, detail=detail))
                if time.perf_counter() - began > _PORTION_S:
                    break
        return portion if portion.count else None

    def _items(
        self, reading: Reading, wanted: Export, source: people.Contributed, members: Set[int] | None, by: SourceSystem
    ) -> Iterator[StoredItem]:
        """What lies with a source patient, and of a member also what lies with somebody who is none."""
        if _is_outside(wanted, source, members):
            return
        permitted = permit_source(by, (source.home, source.number))
        yield from items.read(reading, permitted, types=wanted.types)
        if members is not None:
            for item in items.read_named(reading, permitted, types=wanted.types):
                if item.source_patient not in members:
                    yield item

    def _deletions(
        self, reading: Reading, wanted: Export, source: people.Contributed, members: Set[int] | None, by: SourceSystem
    ) -> bytes | None:
        """A transaction that deletes what has been deleted of a source patient since; None of nothing."""
        if wanted.since is None or _is_outside(wanted, source, members):
            return None
        permitted = permit_source(by, (source.home, source.number))
        entries = [
            {"request": {"method": "DELETE", "url": f"{type_}/{id_}"}}
            for type_, id_ in sorted(versions.deletions(reading, permitted, after=wanted.since - _OVERLAP))
            if wanted.types is None or type_ in wanted.types
        ]
        return encode({"resourceType": "Bundle", "type": "transaction", "entry": entries}) if entries else None

    def _members(self, reading: Reading, wanted: Export, by: SourceSystem) -> Set[int] | None:
        """The numbers of the source patients that an export is narrowed to; None of one that is not."""
        if wanted.patients is not None:
            return {self._locate(reading, "Patient", id_, by).source_patient for id_ in wanted.patients}
        if wanted.group is None:
            return None
        item = items.read_one(reading, permit_source(by), self._locate(reading, "Group", wanted.group, by))
        assert item is not None  # `_locate` has read it
        group = as_sent("Group", item, self._codec)
        named = [each.get("entity", {}).get("reference", "") for each in group.get("member", ()) if _is_active(each)]
        places = items.locate_many(reading, [name for name in named if name.startswith("Patient/")])
        return {place.source_patient for place in places.values()}

    def _locate(self, reading: Reading, type_: str, id_: str, by: SourceSystem) -> items.Place:
        place = self._reader.scopes.locate(reading, type_, id_, by)
        if place is None:
            raise NotFound(f"There is no {type_} with this id here.")
        return place


@dataclass
class _Portion:
    """Up to which source patient, how many of them, and the audit rows: one a person."""

    after: int
    count: int = 0
    events: list[AuditEvent] = field(default_factory=list)


def _is_outside(wanted: Export, source: people.Contributed, members: Set[int] | None) -> bool:
    return (members is not None and source.number not in members) or (source.shelf and wanted.of != "system")


def _is_in(item: StoredItem, since: int | None, until: int) -> bool:
    """Whether an item was stored late enough, and was there when the export began.

    What has changed meanwhile goes out as it is now, and again with the next export that asks for changes since.
    """
    if item.stored_at > until and item.version == 1:
        return False
    return since is None or item.stored_at > since - _OVERLAP


def _is_active(member: Mapping[str, Any]) -> bool:
    return member.get("inactive") is not True


class Files:
    """The files of one export: for each type one, and another when that has grown large. Lines are only added."""

    def __init__(self, folder: Path, made: Iterable[Made]) -> None:
        """`made`: what an earlier turn wrote; what was written behind that is to be cut off by `taken_up`."""
        self._folder = folder
        self._made = {each.name: each for each in made}
        self._current = {(each.type, each.deleted): each.name for each in self._made.values()}
        self._open: dict[str, BinaryIO] = {}

    def taken_up(self) -> bool:
        """Make the folder what it was when the files were noted last; False if that cannot be, and all is gone."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        whole = all(
            (path := self._folder / each.name).exists() and path.stat().st_size >= each.size
            for each in self._made.values()
        )
        for path in list(self._folder.iterdir()):
            if whole and path.name in self._made:
                os.truncate(path, self._made[path.name].size)
            else:
                path.unlink()
        return whole

    def write(self, type_: str, line: bytes, *, deleted: bool = False) -> None:
        kind = type_, deleted
        name = self._current.get(kind)
        if name is None or self._made[name].size > _LARGEST_FILE:
            number = sum((each.type, each.deleted) == kind for each in self._made.values()) + 1
            name = self._current[kind] = f"{'deleted' if deleted else type_}.{number}.ndjson"
            self._made[name] = Made(name=name, type=type_, count=0, size=0, deleted=deleted)
        file = self._open.get(name)
        if file is None:
            path = self._folder / name
            path.touch(mode=0o600)
            file = self._open[name] = path.open("ab")
        file.write(line + b"\n")
        made = self._made[name]
        self._made[name] = replace(made, count=made.count + 1, size=made.size + len(line) + 1)

    def made(self) -> list[Made]:
        """The files as they stand, what was written handed to the operating system."""
        for file in self._open.values():
            file.flush()
        return [each for _, each in sorted(self._made.items())]

    def settle(self) -> None:
        """See that they are on disk."""
        for name in self._made:
            with (self._folder / name).open("rb") as file:
                os.fsync(file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for file in self._open.values():
            file.close()
