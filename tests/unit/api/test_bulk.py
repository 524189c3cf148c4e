"""Bulk export and import on the wire: kick-off, status, files, and who gets none of it."""

from dataclasses import replace
from pathlib import Path

import pytest

from concord.fhir import encode, parse
from concord.record import Export
from tests.unit.api.client import ADDRESS, Client
from tests.unit.api.stand_ins import AS_SYSTEM, Jobs

ASYNC = AS_SYSTEM | {"Prefer": "respond-async"}
JOB = f"{ADDRESS}/fhir/$job/j1"
FILE = {"name": "Patient.1.ndjson", "type": "Patient", "count": 2, "size": 6}


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("/fhir/$export", Export(of="system")),
        ("/fhir/Patient/$export", Export(of="patient")),
        ("/fhir/Group/g1/$export", Export(of="group", group="g1")),
        ("/fhir/$export?_type=Patient,Condition", Export(of="system", types=("Condition", "Patient"))),
        ("/fhir/$export?_since=2026-01-01T00:00:00Z", Export(of="system", since=1767225600000000)),
        ("/fhir/$export?_outputFormat=application/fhir%2Bndjson&_outputFormat=", None),
        ("/fhir/$export?_outputFormat=application/fhir+ndjson", Export(of="system")),
        ("/fhir/$export?_outputFormat=ndjson", Export(of="system")),
    ],
)
def test_a_kick_off_is_accepted_and_says_where_to_ask(
    ask: Client, jobs: Jobs, path: str, wanted: Export | None
) -> None:
    answer = ask("GET", path, headers=ASYNC)
    if wanted is None:
        assert answer.status_code == 400
        return
    assert (answer.status_code, answer.headers["content-location"], answer.content) == (202, JOB, b"")
    assert jobs.wanted == [replace(wanted, request=f"{ADDRESS}{path}")]


def test_a_kick_off_by_post_takes_parameters(ask: Client, jobs: Jobs) -> None:
    given = [
        {"name": "_type", "valueString": "Patient"},
        {"name": "patient", "valueReference": {"reference": "Patient/p1"}},
        {"name": "patient", "valueReference": {"reference": "Patient/p2"}},
    ]
    body = encode({"resourceType": "Parameters", "parameter": given})
    headers = ASYNC | {"Content-Type": "application/fhir+json"}
    assert ask("POST", "/fhir/Patient/$export", headers=headers, content=body).status_code == 202
    assert (jobs.wanted[0].patients, jobs.wanted[0].types) == (("p1", "p2"), ("Patient",))
    assert ask("POST", "/fhir/$export", headers=headers, content=body).status_code == 400


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("_typeFilter=Patient%3Factive=true", "_typeFilter"),
        ("_elements=id", "_elements"),
        ("includeAssociatedData=x", "includeAssociatedData"),
        ("_type=Nothing", "_type"),
        ("_since=yesterday", "_since"),
        ("_outputFormat=text/csv", "_outputFormat"),
        ("colour=red", "takes _type"),
        ("patient=Patient/p1", "patient"),
    ],
)
def test_what_is_not_supported_is_refused_by_name(ask: Client, jobs: Jobs, query: str, told: str) -> None:
    answer = ask("GET", f"/fhir/Patient/$export?{query}", headers=ASYNC)
    assert answer.status_code == 400
    assert told in parse(answer.content)["issue"][0]["diagnostics"]
    assert jobs.wanted == []


def test_a_lenient_client_goes_without(ask: Client, jobs: Jobs) -> None:
    headers = ASYNC | {"Prefer": "respond-async, handling=lenient"}
    assert ask("GET", "/fhir/$export?_elements=id", headers=headers).status_code == 202


def test_an_answer_at_once_is_not_to_be_had(ask: Client, jobs: Jobs) -> None:
    answer = ask("GET", "/fhir/$export", headers=AS_SYSTEM)
    assert answer.status_code == 400
    assert "respond-async" in answer.text
    assert jobs.wanted == []


def test_users_export_and_import_nothing_and_meet_no_job(ask: Client, jobs: Jobs) -> None:
    jobs.job = replace(jobs.job, state="done", progress={"files": [FILE]})
    for path in ("/fhir/$export", "/fhir/Patient/$export", "/fhir/Group/g1/$export", "/fhir/Group/no/$export?x=1"):
        assert ask("GET", path, headers={"Prefer": "respond-async"}).status_code == 403
    assert ask("POST", "/fhir/$import", content=b"{}").status_code == 403
    answers = [
        ask(method, path)
        for path in ("/fhir/$job/j1", "/fhir/$job/other")
        for method in ("GET", "DELETE")
    ]  # fmt: skip
    answers += [ask("GET", f"/fhir/$job/{id_}/Patient.1.ndjson") for id_ in ("j1", "other")]
    answers += [ask("GET", "/fhir/$job/other", headers=AS_SYSTEM)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert jobs.cancelled == []


def test_status_says_how_far_it_is_and_then_what_there_is(ask: Client, jobs: Jobs) -> None:
    under_way = ask("GET", "/fhir/$job/j1", headers=AS_SYSTEM)
    assert under_way.status_code == 202
    assert (under_way.headers["x-progress"], under_way.headers["retry-after"]) == ("3 of 40 people", "5")
    jobs.job = replace(jobs.job, state="done", progress={"files": [FILE]})
    done = ask("GET", "/fhir/$job/j1", headers=AS_SYSTEM)
    assert (done.status_code, done.headers["content-type"]) == (200, "application/json")
    assert done.headers["expires"] == "Mon, 23 Nov 2026 09:30:00 GMT"
    assert parse(done.content) == {
        "transactionTime": "2026-11-22T09:30:00.000Z", "request": "http://concord.test/asked",
        "requiresAccessToken": True, "error": [],
        "output": [{"type": "Patient", "url": f"{JOB}/Patient.1.ndjson", "count": 2}],
    }  # fmt: skip


def test_what_was_deleted_is_listed_apart(ask: Client, jobs: Jobs) -> None:
    gone = {"name": "deleted.1.ndjson", "type": "Bundle", "count": 1, "size": 6, "deleted": True}
    jobs.job = replace(jobs.job, state="done", progress={"files": [FILE, gone]})
    manifest = parse(ask("GET", "/fhir/$job/j1", headers=AS_SYSTEM).content)
    assert manifest["deleted"] == [{"type": "Bundle", "url": f"{JOB}/deleted.1.ndjson", "count": 1}]
    assert [each["type"] for each in manifest["output"]] == ["Patient"]


def test_a_failed_job_says_why(ask: Client, jobs: Jobs) -> None:
    jobs.job = replace(jobs.job, state="failed", progress={"reason": "The disk is full."})
    answer = ask("GET", "/fhir/$job/j1", headers=AS_SYSTEM)
    assert answer.status_code == 500
    assert parse(answer.content)["issue"][0]["diagnostics"] == "The disk is full."


def test_cancelling_is_accepted(ask: Client, jobs: Jobs) -> None:
    assert ask("DELETE", "/fhir/$job/j1", headers=AS_SYSTEM).status_code == 202
    assert jobs.cancelled == ["j1"]


def test_a_file_goes_out_as_it_lies_and_is_kept_by_nobody(ask: Client, jobs: Jobs, tmp_path: Path) -> None:
    (tmp_path / "Patient.1.ndjson").write_bytes(b"{}\n{}\n")
    jobs.job = replace(jobs.job, state="done", progress={"files": [FILE]})
    headers = AS_SYSTEM | {"Accept": "application/fhir+ndjson"}
    answer = ask("GET", "/fhir/$job/j1/Patient.1.ndjson", headers=headers)
    assert (answer.status_code, answer.content) == (200, b"{}\n{}\n")
    assert answer.headers["content-type"] == "application/fhir+ndjson"
    assert answer.headers["cache-control"] == "no-store"


# -- import ----------------------------------------------------------------------------------------------------------

NDJSON = AS_SYSTEM | {"Content-Type": "application/fhir+ndjson"}


@pytest.fixture
def spooled(tmp_path: Path) -> Path:
    path = tmp_path / "input"
    path.touch()
    return path


def test_an_import_is_answered_when_it_is_in(ask: Client, jobs: Jobs, spooled: Path) -> None:
    counts = {"read": 2, "stored": 1, "updated": 0, "unchanged": 0, "waiting": 0, "rejected": 1}
    rejects = {"name": "rejects.ndjson", "type": "OperationOutcome", "count": 1, "size": 9}
    jobs.job = replace(jobs.job, kind="import", state="done", asked={}, progress={**counts, "files": [rejects]})
    answer = ask("POST", "/fhir/$import", headers=NDJSON, content=b'{"a":1}\n{}')
    assert answer.status_code == 200
    told = parse(answer.content)
    assert told["extension"] == {"counts": counts}
    assert told["error"] == [{"type": "OperationOutcome", "url": f"{JOB}/rejects.ndjson", "count": 1}]
    assert spooled.read_bytes() == b'{"a":1}\n{}'


def test_an_import_may_be_asked_after_instead(ask: Client, spooled: Path) -> None:
    answer = ask("POST", "/fhir/$import", headers=NDJSON | {"Prefer": "respond-async"}, content=b"{}")
    assert (answer.status_code, answer.headers["content-location"]) == (202, JOB)


@pytest.mark.parametrize("body", [b"", b" \n", b"[{}]", b"MSH|^~\\&|"])
def test_what_is_no_ndjson_is_refused_and_its_job_ended(ask: Client, jobs: Jobs, spooled: Path, body: bytes) -> None:
    assert ask("POST", "/fhir/$import", headers=NDJSON, content=body).status_code == 400
    assert jobs.cancelled == ["j1"]


def test_an_import_past_the_cap_is_refused_while_it_comes_in(
    ask: Client, jobs: Jobs, spooled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concord.api.bulk.LARGEST_IMPORT", 100)
    assert ask("POST", "/fhir/$import", headers=NDJSON, content=b"{" * 101).status_code == 413
    assert jobs.cancelled == ["j1"]


def test_an_import_is_ndjson_or_nothing(ask: Client, spooled: Path) -> None:
    headers = AS_SYSTEM | {"Content-Type": "application/fhir+json"}
    assert ask("POST", "/fhir/$import", headers=headers, content=b"{}").status_code == 415
    assert ask("POST", "/fhir/$import?mode=x", headers=NDJSON, content=b"{}").status_code == 400
