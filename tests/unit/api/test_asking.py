"""Who may ask, in which format, by which method; and what an error looks like."""

import logging
from collections.abc import AsyncIterator

import pytest

from concord.base import Busy, ConcordError, Conflict, Fault, Forbidden, Incorrect, Unavailable
from concord.fhir import encode, parse
from concord.record import PageGone
from tests.unit.api.client import Client
from tests.unit.api.stand_ins import AS_SYSTEM, Records

JSON = {**AS_SYSTEM, "Content-Type": "application/json"}
CANARY = "canary-wolverhampton"


@pytest.mark.parametrize(
    "sent",
    [
        "",
        "Basic abc",
        "Bearer",
        "Bearer  ",
        "Bearer concord_wrong",
        "concord_doctor",
        "Bearer concord_doctor concord_system",
    ],
)
def test_without_a_valid_token_nothing_is_asked(ask: Client, records: Records, sent: str) -> None:
    for method, path in (
        ("GET", "/fhir/Patient/p1"),
        ("GET", "/fhir/Patient"),
        ("POST", "/fhir"),
        ("PUT", "/fhir/Patient/p1"),
    ):
        answer = ask(method, path, headers={"Authorization": sent})
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="Concord"')
        assert parse(answer.content)["issue"][0]["code"] == "login"
    assert records.asked == []


def test_the_scheme_of_a_token_is_in_any_case(ask: Client) -> None:
    assert ask("GET", "/fhir/Patient/p1", headers={"Authorization": "bearer concord_doctor"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "accept", "status"),
    [
        ("/fhir/Patient/p1", "application/fhir+json", 200),
        ("/fhir/Patient/p1", "application/json;charset=utf-8", 200),
        ("/fhir/Patient/p1", "text/html,application/xml;q=0.9,*/*;q=0.8", 200),
        ("/fhir/Patient/p1", "application/fhir+xml, application/fhir+json;q=0.2", 200),
        ("/fhir/Patient/p1", "application/fhir+xml", 406),
        ("/fhir/Patient/p1", "text/html", 406),
        ("/fhir/Patient/p1", "application/fhir+json;q=0", 406),
        ("/fhir/Patient/p1?_format=json", "application/fhir+xml", 200),
        ("/fhir/Patient/p1?_format=application/fhir+json", "*/*", 200),
        ("/fhir/Patient/p1?_format=xml", "application/fhir+json", 406),
        ("/fhir/Patient?_format=xml", "*/*", 406),
        ("/fhir/metadata", "application/fhir+xml", 406),
    ],
)
def test_answers_come_in_json(ask: Client, path: str, accept: str, status: int) -> None:
    assert ask("GET", path, headers={"Accept": accept}).status_code == status


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/fhir+json", 201),
        ("application/json", 201),
        ("application/fhir+json; charset=UTF-8", 201),
        ("application/fhir+json; fhirVersion=4.0", 201),
        ("application/fhir+json; charset=latin-1", 415),
        ("application/fhir+xml", 415),
        ("text/plain", 415),
        ("", 415),
    ],
)
def test_bodies_come_in_json(ask: Client, content_type: str, status: int) -> None:
    body = encode({"resourceType": "Observation"})
    answer = ask("POST", "/fhir/Observation", content=body, headers={**AS_SYSTEM, "Content-Type": content_type})
    assert answer.status_code == status


def test_a_compressed_body_is_refused(ask: Client) -> None:
    answer = ask("POST", "/fhir/Observation", content=b"\x1f\x8b", headers={**JSON, "Content-Encoding": "gzip"})
    assert answer.status_code == 415


def test_a_search_by_form_is_a_form(ask: Client) -> None:
    assert ask("POST", "/fhir/Patient/_search", content=b"{}", headers=JSON).status_code == 415


def test_a_body_past_the_cap_is_refused_while_it_comes_in(
    ask: Client, records: Records, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concord.api.negotiate.LARGEST_BODY", 1000)
    sent: list[int] = []

    async def long() -> AsyncIterator[bytes]:
        for number in range(1000):
            sent.append(number)
            yield b" " * 100

    assert ask("POST", "/fhir/Observation", content=b" " * 1001, headers=JSON).status_code == 413
    assert ask("POST", "/fhir/Observation", content=long(), headers=JSON).status_code == 413
    assert len(sent) < 20
    assert records.asked == []


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/fhir/Patient/p1", "GET, PUT, PATCH, DELETE, HEAD"),
        ("OPTIONS", "/fhir/Patient", "GET, POST, PUT, PATCH, DELETE, HEAD"),
        ("DELETE", "/fhir/Patient/p1/_history", "GET, HEAD"),
        ("PUT", "/fhir/Patient/p1/$meta", "GET, HEAD"),
        ("GET", "/fhir/Patient/_search", "POST"),
        ("PUT", "/fhir", "GET, POST, HEAD"),
        ("PUT", "/fhir/Patient/p1/$everything", "GET, POST, HEAD"),
        ("POST", "/fhir/metadata", "GET, HEAD"),
    ],
)
def test_another_method_is_told_which_there_are(ask: Client, method: str, path: str, allowed: str) -> None:
    answer = ask(method, path)
    assert (answer.status_code, answer.headers["allow"]) == (405, allowed)
    assert parse(answer.content)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (Incorrect("It says why."), 400, "invalid"),
        (Forbidden("It says why."), 403, "forbidden"),
        (Conflict("It says why."), 409, "conflict"),
        (PageGone("It says why."), 410, "processing"),
        (Busy("It says why."), 503, "throttled"),
        (Unavailable("It says why."), 503, "transient"),
        (Fault("It says why."), 500, "exception"),
    ],
)
def test_each_category_of_error_has_a_status_and_a_code(
    ask: Client, records: Records, error: ConcordError, status: int, code: str
) -> None:
    records.failure = error
    answer = ask("GET", "/fhir/Patient/p1")
    issue = parse(answer.content)["issue"][0]
    assert (answer.status_code, issue["code"], issue["diagnostics"]) == (status, code, "It says why.")


def test_a_mistake_of_ours_says_nothing_of_itself(
    ask: Client, records: Records, caplog: pytest.LogCaptureFixture
) -> None:
    records.failure = ValueError(CANARY)
    with caplog.at_level(logging.DEBUG):
        answer = ask("GET", "/fhir/Patient/p1")
    assert answer.status_code == 500
    assert CANARY not in answer.text + caplog.text
    assert "ValueError at tests.unit.api.stand_ins:" in caplog.text


def test_metadata_needs_no_token_and_is_true(ask: Client) -> None:
    answer = ask("GET", "/fhir/metadata", headers={"Authorization": ""})
    statement = parse(answer.content)
    assert (answer.status_code, statement["fhirVersion"], statement["kind"]) == (200, "4.0.1", "instance")
    resources = {each["type"]: each for each in statement["rest"][0]["resource"]}
    assert {"name", "type"} == set(resources["Observation"]["searchParam"][0])
    assert "Observation:subject" in resources["Observation"]["searchInclude"]
    values = {"date": "2020", "number": "1", "quantity": "1", "special": "1|1"}
    for type_ in ("Patient", "Observation"):
        for parameter in resources[type_]["searchParam"]:
            if parameter["type"] == "composite":
                continue  # written by its components, which only the table tells
            value = values.get(parameter["type"], "x")
            path = f"/fhir/{type_}?{parameter['name']}={value}"
            assert ask("GET", path).status_code == 200, parameter["name"]
    interactions = {each["code"] for each in resources["Patient"]["interaction"]}
    assert interactions == {
        "read", "vread", "history-instance", "history-type", "search-type", "create", "update", "patch", "delete",
    }  # fmt: skip
