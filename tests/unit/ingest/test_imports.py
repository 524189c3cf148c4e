"""NDJSON over HTTP: taken in line by line, what is refused kept whole and told of without a word of it."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.app import App, compose
from concord.base import FixedClock, Incorrect, NotFound, SystemIds
from concord.fhir import encode, parse
from concord.record import Job
from concord.store import open_store
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    KEYS,
    NOW,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    store = open_store(tmp_path / "concord.db")
    system = compose(store, clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS, jobs_in=tmp_path / "jobs")
    enforce(system, POLICY)
    try:
        yield system
    finally:
        system.close()


def imported(app: App, *lines: dict[str, Any] | bytes, service: str | None = None, by: Any = PRACTICE) -> Job:
    job, path = app.bulk.imports.begin(service, by)
    assert job.state == "arriving"
    path.write_bytes(b"".join((line if isinstance(line, bytes) else encode(line)) + b"\n" for line in lines))
    job = app.bulk.imports.start(job)
    until = time.monotonic() + 20
    while job.state == "under-way" and time.monotonic() < until:
        time.sleep(0.005)
        job = app.jobs.seen(job.id, by)
    assert job.state == "done", job.progress
    return job


def counts(job: Job) -> dict[str, int]:
    return {name: job.progress[name] for name in ("stored", "updated", "unchanged", "waiting", "rejected")}


def test_lines_are_taken_in_and_the_same_again_changes_nothing(app: App) -> None:
    lines = patient("p1"), condition("c1", "p1"), condition("c2", "p9")
    job = imported(app, *lines)
    assert counts(job) == {"stored": 2, "updated": 0, "unchanged": 0, "waiting": 1, "rejected": 0}
    assert job.files == []
    again = imported(app, *lines)
    assert counts(again) == {"stored": 0, "updated": 0, "unchanged": 2, "waiting": 1, "rejected": 0}


def test_a_refused_line_is_told_by_its_place_and_kept_whole(app: App) -> None:
    bad = condition("c1", "p1", colour="canary")
    job = imported(app, patient("p1"), bad, b"{canary", condition("c2", "p1"))
    assert counts(job) == {"stored": 2, "updated": 0, "unchanged": 0, "waiting": 0, "rejected": 2}
    (made,) = job.files
    told = app.jobs.file(job.id, made.name, PRACTICE).wait().read_bytes()
    outcomes = [parse(line) for line in told.splitlines()]
    assert [each["resourceType"] for each in outcomes] == ["OperationOutcome"] * 2
    places = sorted(each["issue"][0]["diagnostics"].partition(":")[0] for each in outcomes)
    assert [place[:6] for place in places] == ["line 2", "line 3"]
    assert b"canary" not in told
    held = app.records.quarantined()
    assert [app.records.quarantined_original(each.number).strip() for each in held if each.kind == "NDJSON line"] == [
        b"{canary"
    ]
    assert any(b"colour" in app.records.quarantined_original(each.number) for each in held)


def test_what_was_sent_is_not_kept_beside_the_record(app: App, tmp_path: Path) -> None:
    job = imported(app, patient("p1"))
    assert list((tmp_path / "jobs" / job.id).iterdir()) == []


def test_what_comes_in_is_seen_by_whom_an_agreement_lets(app: App) -> None:
    imported(app, patient("p1"), condition("c1", "p1"))
    assert app.records.read("Condition", KEYS.logical_id(PRACTICE.organisation, "Condition", "c1"), GP).wait()


def test_items_that_name_no_service_are_of_the_one_that_is_given(app: App) -> None:
    imported(app, patient("h1"), attendance("e1", "h1"), service="emergency-department", by=HOSPITAL)
    imported(app, condition("c1", "h1"), service="sexual-health", by=HOSPITAL)
    id_ = KEYS.logical_id(HOSPITAL.organisation, "Condition", "c1")
    with pytest.raises(NotFound):  # the clinic's items carry the clinic's label
        app.records.read("Condition", id_, ED_DOCTOR).wait()
    with pytest.raises(Incorrect, match="emergency-department, sexual-health"):
        app.bulk.imports.begin("a misspelt one", HOSPITAL)
