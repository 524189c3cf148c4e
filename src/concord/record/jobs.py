"""Long work that a source system asks for and comes back for: each job a row, with a folder for its files.

A job is its organisation's alone. It outlives the process: whoever carries it out holds it for a while and renews that
as it goes, so that what a stopped process left is taken up where it stood, as soon as somebody asks for it.
"""

import logging
import shutil
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec

from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import Busy, Clock, ConcordError, IdSource, Incorrect, NotFound, OdsCode
from concord.governance import SourceSystem
from concord.record.asking import asked
from concord.store import Store, body, jobs

Kind = Literal["export", "import"]
State = Literal["arriving", "under-way", "done", "failed"]

LIFE = timedelta(hours=24)
_TOLD_GONE = timedelta(days=7)  # for so long an ended job is known as one that was there
_HELD = timedelta(minutes=2)
_MOST_UNDER_WAY, _MOST_KEPT = 2, 10  # jobs, exports of one organisation
_AT_ONCE = 2
_log = logging.getLogger("concord.jobs")


class TooManyJobs(Busy):
    """An organisation that has as many jobs as it may."""


class JobGone(Incorrect):
    """A job whose time is over."""


class _Cancelled(Exception):
    """The job was cancelled, or another process has taken it up."""


class _Stopped(Exception):
    """The process is stopping: the job stays where it stands."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Made:
    """A file that a job made: its lines are resources of `type`, or (`deleted`) Bundles of what is there no more."""

    name: str
    type: str
    count: int
    size: int
    deleted: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Job:
    """`progress` is what its kind keeps: `files` the finished ones, `done` of `of`, `reason` of one that failed."""

    id: str
    kind: Kind
    by: SourceSystem
    asked: Mapping[str, Any]
    state: State
    begun_at: datetime
    ends_at: datetime
    progress: Mapping[str, Any]

    @property
    def files(self) -> list[Made]:
        return msgspec.convert(self.progress.get("files", []), list[Made])


class Turn:
    """A job in the hands of whoever carries it out."""

    def __init__(self, kept: "Jobs", job: Job, holder: str) -> None:
        self.job = job
        self.folder = kept.folder(job)
        self._jobs = kept
        self._holder = holder

    def save(self, progress: Mapping[str, Any], events: Sequence[AuditEvent] = ()) -> None:
        """Note how far it has come, with the audit of that, in one transaction. Raises when it has to stop here."""
        self._jobs.note(self.job, self._holder, "under-way", progress, events)

    def done(self, progress: Mapping[str, Any]) -> None:
        self._jobs.note(self.job, self._holder, "done", progress, ())


class Jobs:
    """Safe to use from several threads; several processes may share the rows and the folder."""

    def __init__(self, store: Store, audit: AuditWriter, ids: IdSource, clock: Clock, folder: Path | None) -> None:
        """`folder`: where the jobs' folders lie; None: in a temporary one, which goes when this is closed."""
        self._store = store
        self._audit = audit
        self._ids = ids
        self._clock = clock
        self._given = folder
        self._temporary: tempfile.TemporaryDirectory[str] | None = None
        self._work: dict[str, Callable[[Turn], None]] = {}
        self._threads = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="job")
        self._in_hand: set[str] = set()
        self._turn = threading.Lock()
        self._closing = False

    def carry_out(self, kind: Kind, work: Callable[[Turn], None]) -> None:
        """Say how jobs of a kind are done. `work` may be called again for a job that an earlier call did not finish."""
        self._work[kind] = work

    # -- for whoever asks ----------------------------------------------------------------------------------------------

    def begin(self, kind: Kind, wanted: Mapping[str, Any], by: SourceSystem, *, arriving: bool = False) -> Job:
        """A new job, audited, and begun; `arriving`: not before `start`. Raises TooManyJobs."""
        self._sweep()
        now = self._clock.now()
        job = Job(
            id=self._ids.fresh(), kind=kind, by=by, asked=wanted, state="arriving" if arriving else "under-way",
            begun_at=now, ends_at=now + LIFE, progress={},
        )  # fmt: skip
        detail = {"job": job.id} | {name: value for name, value in wanted.items() if name in ("of", "types")}
        with self._store.writing() as writing:
            jobs.forget(writing, "import", body.microseconds(now))
            jobs.forget(writing, "export", body.microseconds(now - _TOLD_GONE))
            states = jobs.states(writing, by.organisation, body.microseconds(now))
            if sum(state in ("arriving", "under-way") for _, state in states) >= _MOST_UNDER_WAY:
                raise TooManyJobs("Two jobs of your organisation are under way. Wait for one to finish, or cancel it.")
            if kind == "export" and sum(other == kind for other, _ in states) >= _MOST_KEPT:
                raise TooManyJobs("Ten exports of your organisation are kept. Delete one that you have fetched.")
            jobs.add(writing, _row(job))
            self._audit.append(writing, [asked(now, by, kind, "done", detail=detail)])
        self._home().mkdir(mode=0o700, parents=True, exist_ok=True)
        self.folder(job).mkdir(mode=0o700)
        if not arriving:
            self._ensure(job)
        return job

    def start(self, job: Job) -> Job:
        """What a job waited for has arrived."""
        with self._store.writing() as writing:
            jobs.start(writing, job.id)
        return self.seen(job.id, job.by)

    def seen(self, id_: str, by: SourceSystem) -> Job:
        """A job of the asker's organisation as it stands; taken up if nobody carries it out.

        Raises NotFound, also for another's, and JobGone when its time is over.
        """
        with self._store.reading() as reading:
            row = jobs.one(reading, id_)
        if row is None or row.organisation != by.organisation:
            raise NotFound("There is no such job.")
        job = _job(row)
        if job.ends_at <= self._clock.now():
            raise JobGone("This job ended more than a day ago, and its files are gone. Ask for it again.")
        if job.state == "under-way":
            self._ensure(job)
        return job

    def cancel(self, id_: str, by: SourceSystem) -> None:
        """End a job, finished or not, and delete its files. NotFound as for `seen`."""
        job = self.seen(id_, by)
        with self._store.writing() as writing:
            jobs.remove(writing, job.id)
            event = asked(self._clock.now(), by, job.kind, "done", detail={"job": job.id, "cancelled": True})
            self._audit.append(writing, [event])
        shutil.rmtree(self.folder(job), ignore_errors=True)

    def file(self, id_: str, name: str, by: SourceSystem) -> Audited[Path]:
        """Where a finished job's file lies, once it is audited that it was fetched. NotFound as for `seen`."""
        job = self.seen(id_, by)
        made = next((each for each in job.files if each.name == name), None) if job.state == "done" else None
        if made is None:
            raise NotFound("This job has no such file.")
        path = self.folder(job) / made.name
        if not path.exists():
            raise JobGone("The files of this job are gone. Ask for it again.")
        detail = {"job": job.id, "type": made.type, "count": made.count}
        event = asked(self._clock.now(), by, job.kind, "shown", detail=detail)
        return self._audit.record(path, [event])

    def folder(self, job: Job) -> Path:
        return self._home() / job.id

    def close(self) -> None:
        """Stop at the next place where a job can be taken up again."""
        self._closing = True
        self._threads.shutdown(cancel_futures=True)
        if self._temporary is not None:
            self._temporary.cleanup()

    # -- for whoever carries it out ------------------------------------------------------------------------------------

    def note(
        self, job: Job, holder: str, state: State, progress: Mapping[str, Any] | None, events: Sequence[AuditEvent],
        *, held: timedelta = _HELD,
    ) -> None:  # fmt: skip
        now = self._clock.now()
        text = None if progress is None else msgspec.json.encode(progress).decode()
        with self._store.writing() as writing:
            mine = jobs.keep(
                writing, job.id, holder, state=state, progress=text, ends_at=body.microseconds(now + LIFE),
                until=body.microseconds(now + held),
            )  # fmt: skip
            if not mine:
                raise _Cancelled
            self._audit.append(writing, events)
        if self._closing and state == "under-way":
            raise _Stopped

    def _home(self) -> Path:
        if self._given is not None:
            return self._given
        with self._turn:
            if self._temporary is None:
                self._temporary = tempfile.TemporaryDirectory(prefix="concord-jobs-")
            return Path(self._temporary.name)

    def _ensure(self, job: Job) -> None:
        """See that somebody carries it out: this process, if it is free to and no other holds it."""
        with self._turn:
            if job.id in self._in_hand or self._closing or job.kind not in self._work:
                return
            self._in_hand.add(job.id)
            self._threads.submit(self._run, job)

    def _run(self, job: Job) -> None:
        try:
            self._carry_out(job)
        except Exception as error:  # noqa: BLE001 - the row could not be written: whoever asks again takes it up
            _log.error("job not noted: %s", type(error).__name__)
        finally:
            with self._turn:
                self._in_hand.discard(job.id)

    def _carry_out(self, job: Job) -> None:
        holder, now = self._ids.fresh(), self._clock.now()
        with self._store.writing() as writing:
            until = body.microseconds(now + _HELD)
            if not jobs.take(writing, job.id, holder, body.microseconds(now), until):
                return
            row = jobs.one(writing, job.id)
        assert row is not None
        job = _job(row)
        try:
            self._work[job.kind](Turn(self, job, holder))
        except _Cancelled:
            shutil.rmtree(self.folder(job), ignore_errors=True)
        except _Stopped:
            self.note(job, holder, "under-way", None, (), held=timedelta())
        except ConcordError as error:
            self._fail(job, holder, error.message)
        except OSError:
            self._fail(job, holder, "The disk did not take its files. Tell whoever runs Concord, then ask again.")
        except Exception as error:  # noqa: BLE001 - the job ends, and says so
            _log.error("fault in a job: %s", type(error).__name__)
            self._fail(job, holder, "Concord made a mistake. Tell your administrator when it happened.")

    def _fail(self, job: Job, holder: str, reason: str) -> None:
        shutil.rmtree(self.folder(job), ignore_errors=True)
        self.note(job, holder, "failed", {"reason": reason}, ())

    def _sweep(self) -> None:
        """Delete the folders of jobs whose time is over, and of those that nobody knows (after a restore)."""
        home = self._home()
        folders = list(home.iterdir()) if home.exists() else []
        with self._store.reading() as reading:
            kept = jobs.kept(reading, body.microseconds(self._clock.now()))  # read last: no folder is before its row
        for folder in folders:
            if folder.name not in kept:
                shutil.rmtree(folder, ignore_errors=True)


def _row(job: Job) -> jobs.JobRow:
    return jobs.JobRow(
        id=job.id, kind=job.kind, organisation=job.by.organisation, asked=msgspec.json.encode(job.asked).decode(),
        state=job.state, begun_at=body.microseconds(job.begun_at), ends_at=body.microseconds(job.ends_at),
        progress="{}",
    )  # fmt: skip


def _job(row: jobs.JobRow) -> Job:
    return Job(
        id=row.id, kind=row.kind, by=SourceSystem(organisation=OdsCode(row.organisation)),  # type: ignore[arg-type]  # a kind is a word that we wrote
        asked=msgspec.json.decode(row.asked), state=row.state,  # type: ignore[arg-type]  # so is a state
        begun_at=body.instant(row.begun_at), ends_at=body.instant(row.ends_at),
        progress=msgspec.json.decode(row.progress),
    )  # fmt: skip
