"""Bulk export: what a source system contributed, in files that are its own, through stops, cancelling and time.

What is in a job, whose it is and how it lives, in one file: each is asked of the same jobs on the same clock.
"""

import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.app import App, compose
from concord.base import FixedClock, NotFound, SystemIds
from concord.fhir import Resource, parse, range_of
from concord.governance import SourceSystem
from concord.record import Deletion, Export, Job, JobGone, TooManyJobs
from concord.record.exporting import Files
from concord.record.jobs import Made
from concord.store import open_store
from tests.small_system import (
    HOSPITAL,
    KEYS,
    NOW,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
    send,
)
from tests.unit.record.reads import SECRET, id_of, observation

SYSTEM = Export(of="system")


def started(database: Path | str, folder: Path, clock: FixedClock) -> App:
    return compose(open_store(database), clock=clock, ids=SystemIds(), keys=KEYS, jobs_in=folder / "jobs")


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock(NOW)


@pytest.fixture
def app(database: Path | str, tmp_path: Path, clock: FixedClock) -> Iterator[App]:
    system = started(database, tmp_path, clock)
    enforce(system, POLICY)
    try:
        yield system
    finally:
        system.close()


def finished(app: App, job: Job) -> Job:
    until = time.monotonic() + 20
    while job.state == "under-way" and time.monotonic() < until:
        time.sleep(0.005)
        job = app.jobs.seen(job.id, job.by)
    assert job.state in ("done", "failed"), job.progress
    return job


def exported(app: App, wanted: Export = SYSTEM, by: SourceSystem = PRACTICE) -> list[Resource]:
    """Every line of every file of an export."""
    job = finished(app, app.bulk.exports.begin(wanted, by))
    assert job.state == "done", job.progress
    lines: list[Resource] = []
    for made in job.files:
        content = app.jobs.file(job.id, made.name, by).wait().read_bytes()
        found = [parse(line) for line in content.splitlines()]
        assert content.endswith(b"\n")
        assert (len(content), len(found)) == (made.size, made.count)
        assert {each["resourceType"] for each in found} == {made.type}
        lines += found
    return lines


def kinds(resources: Sequence[Resource]) -> list[str]:
    return sorted(each["resourceType"] for each in resources)


def audited(app: App, action: str = "export") -> list[Any]:
    with app.store.reading() as reading:
        return reading.rows("SELECT outcome, who, person FROM audit WHERE action = ? ORDER BY number", (action,))


# -- what is in it ---------------------------------------------------------------------------------------------------


def test_a_system_exports_all_that_it_contributed_and_nothing_else(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1", **SECRET), {"resourceType": "Practitioner", "id": "d1"})
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    own = exported(app)
    assert kinds(own) == ["Condition", "Patient", "Practitioner"]
    by_id = {each["id"]: each for each in own}
    read = parse(app.records.read("Condition", "c1", PRACTICE).wait().wire)
    assert by_id[id_of(PRACTICE, "Condition", "c1")] == read
    assert kinds(exported(app, by=HOSPITAL)) == ["Encounter", "Patient"]


def test_an_export_of_patients_leaves_what_names_nobody(app: App) -> None:
    send(app, PRACTICE, patient("p1"), patient("p2", number=None), {"resourceType": "Practitioner", "id": "d1"})
    send(app, PRACTICE, condition("c1", "p1"), condition("c2", "p2"))
    assert kinds(exported(app, Export(of="patient"))) == ["Condition", "Condition", "Patient", "Patient"]
    assert kinds(exported(app, Export(of="patient", patients=("p2",)))) == ["Condition", "Patient"]


def group(source_id: str, *members: str, **more: Any) -> dict[str, Any]:
    listed: list[dict[str, Any]] = [{"entity": {"reference": f"Patient/{each}"}} for each in members]
    return {
        "resourceType": "Group", "id": source_id, "type": "person", "actual": True, "member": listed,
    } | more  # fmt: skip


def test_an_export_of_a_group_is_that_of_its_active_members(app: App) -> None:
    send(app, PRACTICE, *(patient(f"p{n}", number=None) for n in range(4)))
    send(app, PRACTICE, *(condition(f"c{n}", f"p{n}") for n in range(4)))
    members = group("g1", "p1", "p2", "p3")
    members["member"][1]["inactive"] = True
    send(app, PRACTICE, members)
    found = exported(app, Export(of="group", group="g1"))
    wanted = {id_of(PRACTICE, "Condition", "c1"), id_of(PRACTICE, "Condition", "c3")}
    assert {each["id"] for each in found if each["resourceType"] == "Condition"} == wanted


def test_another_contributors_group_or_patient_is_absent(app: App) -> None:
    send(app, HOSPITAL, patient("h1"))
    for id_ in (id_of(HOSPITAL, "Patient", "h1"), "nothing"):
        with pytest.raises(NotFound):
            app.bulk.exports.begin(Export(of="patient", patients=(id_,)), PRACTICE)
    with pytest.raises(NotFound):
        app.bulk.exports.begin(Export(of="group", group="nothing"), PRACTICE)


def test_types_and_since_narrow(app: App, clock: FixedClock) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    clock.instant = NOW + timedelta(days=2)
    send(app, PRACTICE, observation("o1", "p1", "new"))
    assert kinds(exported(app, Export(of="system", types=("Condition", "Patient")))) == ["Condition", "Patient"]
    since = range_of("2026-11-23")[0]
    assert kinds(exported(app, Export(of="system", since=since))) == ["Observation"]


def test_a_write_that_was_under_way_when_the_last_export_began_is_not_missed(app: App, clock: FixedClock) -> None:
    send(app, PRACTICE, patient("p1"))  # stamped NOW, and as it were committed after the export that began at:
    began = NOW + timedelta(seconds=40)
    since = range_of(began.isoformat())[0]
    assert kinds(exported(app, Export(of="system", since=since))) == ["Patient"]


# -- whose it is -----------------------------------------------------------------------------------------------------


def test_a_job_is_its_organisations_alone(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    job = finished(app, app.bulk.exports.begin(SYSTEM, PRACTICE))
    for id_ in (job.id, "q" * 24):
        for ask in (app.jobs.seen, app.jobs.cancel):
            with pytest.raises(NotFound, match="no such job"):
                ask(id_, HOSPITAL)
        with pytest.raises(NotFound, match="no such job"):
            app.jobs.file(id_, "Patient.1.ndjson", HOSPITAL)
    assert app.jobs.file(job.id, "Patient.1.ndjson", PRACTICE).wait().exists()


@pytest.mark.parametrize("name", ["../concord.db", "/etc/passwd", "Patient.2.ndjson", "", "."])
def test_a_job_gives_out_the_files_that_it_made_and_no_other(app: App, name: str) -> None:
    send(app, PRACTICE, patient("p1"))
    job = finished(app, app.bulk.exports.begin(SYSTEM, PRACTICE))
    with pytest.raises(NotFound):
        app.jobs.file(job.id, name, PRACTICE)


def test_files_lie_where_nobody_else_on_the_machine_reads_them(app: App, tmp_path: Path) -> None:
    send(app, PRACTICE, patient("p1"))
    job = finished(app, app.bulk.exports.begin(SYSTEM, PRACTICE))
    folder = tmp_path / "jobs" / job.id
    assert [oct(path.stat().st_mode & 0o777) for path in (folder.parent, folder, *folder.iterdir())] == [
        "0o700", "0o700", "0o600",
    ]  # fmt: skip


def test_kick_off_each_person_and_each_fetch_leave_a_row(app: App) -> None:
    send(app, PRACTICE, patient("p1"), patient("p2", number=None), condition("c1", "p1"))
    exported(app)
    rows = audited(app)
    assert [row[0] for row in rows] == ["done", "shown", "shown", "shown", "shown"]
    assert {row[1] for row in rows} == {"system:ZZP01"}
    assert [row[2] is not None for row in rows] == [False, True, True, False, False]


# -- its life --------------------------------------------------------------------------------------------------------


def test_a_job_ends_after_a_day_and_its_files_go(app: App, clock: FixedClock, tmp_path: Path) -> None:
    send(app, PRACTICE, patient("p1"))
    job = finished(app, app.bulk.exports.begin(SYSTEM, PRACTICE))
    clock.instant = NOW + timedelta(hours=24)
    for ask in (lambda: app.jobs.seen(job.id, PRACTICE), lambda: app.jobs.file(job.id, "Patient.1.ndjson", PRACTICE)):
        with pytest.raises(JobGone, match="Ask for it again"):
            ask()
    finished(app, app.bulk.exports.begin(SYSTEM, PRACTICE))
    assert not (tmp_path / "jobs" / job.id).exists()
    clock.instant = NOW + timedelta(days=9)
    app.bulk.exports.begin(SYSTEM, PRACTICE)
    with pytest.raises(NotFound):
        app.jobs.seen(job.id, PRACTICE)


def test_a_cancelled_job_is_gone_with_its_files(app: App, tmp_path: Path) -> None:
    send(app, PRACTICE, patient("p1"))
    job = finished(app, app.bulk.exports.begin(SYSTEM, PRACTICE))
    app.jobs.cancel(job.id, PRACTICE)
    assert not (tmp_path / "jobs" / job.id).exists()
    with pytest.raises(NotFound):
        app.jobs.seen(job.id, PRACTICE)


def test_after_a_restore_folders_without_a_row_go_and_rows_without_files_say_so(app: App, tmp_path: Path) -> None:
    send(app, PRACTICE, patient("p1"))
    job = finished(app, app.bulk.exports.begin(SYSTEM, PRACTICE))
    (tmp_path / "jobs" / job.id / "Patient.1.ndjson").unlink()
    (tmp_path / "jobs" / "unknown").mkdir()
    with pytest.raises(JobGone, match="Ask for it again"):
        app.jobs.file(job.id, "Patient.1.ndjson", PRACTICE)
    finished(app, app.bulk.exports.begin(SYSTEM, PRACTICE))
    assert not (tmp_path / "jobs" / "unknown").exists()


class Held:
    """Lets exports come to the end of a portion, and none further before they are let go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, portions: int) -> None:
        self.came, self.go = threading.Event(), threading.Event()
        self._left = portions
        monkeypatch.setattr("concord.record.exporting._A_PORTION", 1)
        given_out, held = Files.made, self

        def made(files: Files) -> list[Made]:
            held._left -= 1
            if held._left <= 0:
                held.came.set()
                assert held.go.wait(20)
            return given_out(files)

        monkeypatch.setattr(Files, "made", made)


def test_one_that_is_cancelled_under_way_stops_and_leaves_nothing(
    app: App, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(app, PRACTICE, *(patient(f"p{n}", number=None) for n in range(5)))
    held = Held(monkeypatch, portions=2)
    job = app.bulk.exports.begin(SYSTEM, PRACTICE)
    assert held.came.wait(20)
    assert app.jobs.seen(job.id, PRACTICE).progress["done"] == 1
    app.jobs.cancel(job.id, PRACTICE)
    held.go.set()
    app.jobs.close()
    assert list((tmp_path / "jobs").iterdir()) == []


def test_a_stopped_server_leaves_a_job_that_the_next_takes_up_where_it_stood(
    database: Path | str, tmp_path: Path, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = started(database, tmp_path, clock)
    enforce(first, POLICY)
    send(first, PRACTICE, *(patient(f"p{n}", number=None) for n in range(5)))
    held = Held(monkeypatch, portions=3)
    job = first.bulk.exports.begin(SYSTEM, PRACTICE)
    assert held.came.wait(20)
    closing = threading.Thread(target=first.close)
    closing.start()
    while not first.jobs._closing:
        time.sleep(0.001)
    held.go.set()
    closing.join(20)
    second = started(database, tmp_path, clock)
    try:
        seen = second.jobs.seen(job.id, PRACTICE)
        assert seen.progress["done"] == 3
        done = finished(second, seen)
        lines = second.jobs.file(job.id, "Patient.1.ndjson", PRACTICE).wait().read_bytes().splitlines()
        assert (done.progress["done"], len({parse(line)["id"] for line in lines}), len(lines)) == (5, 5, 5)
    finally:
        second.close()


def test_what_a_killed_server_wrote_behind_its_last_note_is_cut_off(app: App, tmp_path: Path) -> None:
    folder = tmp_path / "cut"
    with Files(folder, []) as files:
        assert files.taken_up()
        files.write("Patient", b"{}")
        noted = files.made()
        files.write("Patient", b"never noted")
        files.write("Condition", b"nor this")
        files.made()
    again = Files(folder, noted)
    assert again.taken_up()
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {"Patient.1.ndjson": b"{}\n"}


def test_files_shorter_than_noted_are_written_anew(tmp_path: Path) -> None:
    folder = tmp_path / "lost"
    with Files(folder, []) as files:
        files.taken_up()
        files.write("Patient", b"{}")
        (noted,) = files.made()
    assert not Files(folder, [replace(noted, size=noted.size + 1)]).taken_up()
    assert list(folder.iterdir()) == []


def test_a_large_type_goes_into_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord.record.exporting._LARGEST_FILE", 10)
    with Files(tmp_path / "large", []) as files:
        files.taken_up()
        for _ in range(5):
            files.write("Patient", b"12345678")
        assert [(made.name, made.count) for made in files.made()] == [
            ("Patient.1.ndjson", 2), ("Patient.2.ndjson", 2), ("Patient.3.ndjson", 1),
        ]  # fmt: skip


def test_an_organisation_that_leaves_the_directory_has_its_export_ended(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(app, PRACTICE, *(patient(f"p{n}", number=None) for n in range(3)))
    held = Held(monkeypatch, portions=1)
    job = app.bulk.exports.begin(SYSTEM, PRACTICE)
    assert held.came.wait(20)
    directory = "\n".join(line for line in POLICY.directory.splitlines() if "ZZP01" not in line)
    enforce(app, replace(POLICY, directory=directory, agreements={}, signatories=""))
    held.go.set()
    job = finished(app, job)
    assert (job.state, job.files) == ("failed", [])
    assert "no longer in the directory" in job.progress["reason"]


def test_one_organisation_has_so_many_jobs_and_no_more(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    send(app, PRACTICE, patient("p1"))
    held = Held(monkeypatch, portions=1)
    two = [app.bulk.exports.begin(SYSTEM, PRACTICE) for _ in range(2)]
    with pytest.raises(TooManyJobs, match="under way"):
        app.bulk.exports.begin(SYSTEM, PRACTICE)
    assert held.came.wait(20)
    held.go.set()
    for job in two:
        finished(app, job)
    for _ in range(8):
        finished(app, app.bulk.exports.begin(SYSTEM, PRACTICE))
    with pytest.raises(TooManyJobs, match="Delete one"):
        app.bulk.exports.begin(SYSTEM, PRACTICE)
    app.jobs.cancel(two[0].id, PRACTICE)
    finished(app, app.bulk.exports.begin(SYSTEM, PRACTICE))


def test_what_a_killed_server_held_is_taken_up_when_its_hold_is_over(
    app: App, clock: FixedClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(app, PRACTICE, patient("p1"))
    monkeypatch.setattr("concord.record.jobs.Jobs._ensure", lambda self, job: None)
    job = app.bulk.exports.begin(SYSTEM, PRACTICE)
    monkeypatch.undo()
    held_until = int((NOW + timedelta(minutes=2)).timestamp() * 1_000_000)
    with app.store.writing() as writing:
        writing.run("UPDATE job SET holder = 'killed', held_until = ? WHERE id = ?", (held_until, job.id))
    for _ in range(3):
        assert app.jobs.seen(job.id, PRACTICE).state == "under-way"
        time.sleep(0.02)
    assert app.jobs.seen(job.id, PRACTICE).progress == {}
    clock.instant = NOW + timedelta(minutes=2)
    assert finished(app, job).state == "done"


def deleted(app: App, since: str, by: SourceSystem = PRACTICE, types: tuple[str, ...] | None = None) -> list[str]:
    """What an export of changes since says to delete."""
    wanted = Export(of="system", since=range_of(since)[0], types=types)
    job = finished(app, app.bulk.exports.begin(wanted, by))
    gone = [made for made in job.files if made.deleted]
    lines = [line for made in gone for line in app.jobs.file(job.id, made.name, by).wait().read_bytes().splitlines()]
    assert [made.count for made in gone] == ([len(lines)] if lines else [])
    bundles = [parse(line) for line in lines]
    assert {bundle["type"] for bundle in bundles} <= {"transaction"}
    return sorted(entry["request"]["url"] for bundle in bundles for entry in bundle["entry"])


def test_what_was_deleted_since_is_told_so_that_a_copy_can_follow(app: App, clock: FixedClock) -> None:
    send(app, PRACTICE, patient("p1"), *(condition(f"c{n}", "p1") for n in range(3)))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    clock.instant = NOW + timedelta(days=2)
    gone = [Deletion(type="Condition", source_id=f"c{n}", position=f"entry {n}") for n in (0, 1)]
    done = app.records.write(gone, by=PRACTICE, atomic=False, assurance="stated")
    assert [each.status for each in done] == ["deleted", "deleted"]
    send(app, PRACTICE, condition("c1", "p1"))
    name = f"Condition/{id_of(PRACTICE, 'Condition', 'c0')}"
    assert deleted(app, "2026-11-23") == [name]
    assert deleted(app, "2026-11-23", types=("Patient",)) == []
    assert deleted(app, "2026-11-25") == []
    assert deleted(app, "2026-11-23", by=HOSPITAL) == []
    assert kinds(exported(app)) == ["Condition", "Condition", "Patient"]
