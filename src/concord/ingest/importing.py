"""NDJSON that a source system sends over HTTP: taken in as a file is, as a job that can be asked after."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

from concord.base import Conflict, Incorrect, OdsCode
from concord.fhir import encode, outcome
from concord.governance import SourceSystem
from concord.ingest.fhir_feeds import FhirFeeds
from concord.ingest.loading import Progress, load
from concord.ingest.model import RecordsDoor
from concord.ingest.report import LoadReport, Reject
from concord.record import Arrival, Job, Jobs, Made, Turn

_INPUT, _REJECTS = "input.ndjson", "rejects.ndjson"
_NOTED_EVERY_S = 1.0
COUNTS = ("read", "stored", "updated", "unchanged", "waiting", "rejected")


class Services(RecordsDoor, Protocol):
    def arrived(self, arrival: Arrival) -> None:
        """Note durably that something came by a feed."""
        ...

    def services(self, organisation: OdsCode) -> frozenset[str]:
        """Those that the directory knows of an organisation. Raises Incorrect when it does not know that one."""
        ...


class Imports:
    """Taken up again after a stop, an import begins anew: what is in already counts as unchanged."""

    def __init__(self, records: Services, jobs: Jobs, feeds: FhirFeeds) -> None:
        self._records = records
        self._feeds = feeds
        self._jobs = jobs
        jobs.carry_out("import", self._run)

    def begin(self, service: str | None, by: SourceSystem) -> tuple[Job, Path]:
        """A job that waits for its input, and the empty file to put that in; then `start`.

        `service`: of the items that name none. Raises Incorrect for one that the organisation has not, TooManyJobs, and
        Conflict while the organisation's feed by the FHIR API is in its shadow.
        """
        if self._feeds.of(by.organisation).shadow:
            raise Conflict(
                "Your feed is in its shadow: nothing is imported. Send it again when the feed has left that."
            )
        known = self._records.services(by.organisation)
        if service is not None and known and service not in known:
            raise Incorrect(
                f"Your organisation has no such service in the directory. It has: {', '.join(sorted(known))}."
            )
        job = self._jobs.begin("import", {"service": service}, by, arriving=True)
        path = self._jobs.folder(job) / _INPUT
        path.touch(mode=0o600)
        return job, path

    def start(self, job: Job) -> Job:
        """Take in what has arrived."""
        return self._jobs.start(job)

    def _run(self, turn: Turn) -> None:
        noted = time.monotonic()

        def progress(far: Progress) -> None:
            nonlocal noted
            if time.monotonic() - noted > _NOTED_EVERY_S:
                noted = time.monotonic()
                turn.save({"done": far.items})

        turn.save({"done": 0})
        source = turn.folder / _INPUT
        organisation = turn.job.by.organisation
        feed = self._feeds.of(organisation)
        report = load(
            [source], self._records, organisation=organisation, service=turn.job.asked.get("service") or feed.service,
            services=self._records.services(organisation), assurance=feed.nhs_numbers, progress=progress,
            allowed=feed.resources,
        )  # fmt: skip
        if feed.name:
            self._records.arrived(Arrival(feed=feed.name, messages=report.read, rejected=report.rejected))
        files = [asdict(_written(turn.folder, report.rejects))] if report.rejects else []
        turn.done({**_counts(report), "files": files})
        source.unlink(missing_ok=True)


def _counts(report: LoadReport) -> Mapping[str, Any]:
    return {name: getattr(report, name) for name in COUNTS}


def _written(folder: Path, rejects: Sequence[Reject]) -> Made:
    """An OperationOutcome a reject: its line and the reason, and nothing of what was sent."""
    path = folder / _REJECTS
    path.touch(mode=0o600)
    with path.open("wb") as file:
        for reject in rejects:
            file.write(encode(outcome("error", "invalid", f"{reject.position}: {reject.reason}")) + b"\n")
    return Made(name=_REJECTS, type="OperationOutcome", count=len(rejects), size=path.stat().st_size)
