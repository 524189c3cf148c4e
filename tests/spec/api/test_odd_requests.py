"""Odd requests, one by one: each is done as R4 says, or refused with a sentence, and never half understood."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.fhir import encode, parse
from tests.small_system import HOSPITAL, PRACTICE, condition, patient
from tests.spec.api.interactions import Server, answers, bundle, entry, id_of, said, server

ENCOUNTER = "urn:uuid:7c4f7a8e-8f0e-4f3a-9d53-2b6f6f0d5a11"


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path, practice=PRACTICE, hospital=HOSPITAL) as served:
        for resource in (patient("p1"), condition("c1", "p1")):
            served.ask("practice", "PUT", f"{resource['resourceType']}/{resource['id']}", resource)
        yield served


def unnamed(words: str = "Heart failure", **more: Any) -> dict[str, Any]:
    resource = condition("", "p1", words, **more)
    del resource["id"]
    return resource


def test_what_was_created_and_deleted_comes_back_under_the_id_that_the_server_gave(on: Server) -> None:
    created = id_of(on.ask("practice", "POST", "Condition", unnamed()))
    on.ask("practice", "DELETE", f"Condition/{created}")
    back = on.ask("practice", "PUT", f"Condition/{created}", unnamed("Back") | {"id": created})
    assert (back.status_code, id_of(back)) == (201, created)
    versions = parse(on.ask("practice", "GET", f"Condition/{created}/_history").content)
    assert [each["request"]["method"] for each in versions["entry"]] == ["PUT", "DELETE", "PUT"]
    # To anybody else that id is one of its own, of something else.
    on.ask("hospital", "PUT", "Patient/p1", patient("p1"))
    others = on.ask("hospital", "PUT", f"Condition/{created}", unnamed() | {"id": created})
    assert others.status_code == 201
    assert id_of(others) != created


@pytest.mark.parametrize("address", ["Condition/c1/_history", "Condition/_history", "Patient/p1/$everything"])
def test_a_count_of_none_asks_for_the_total_alone(on: Server, address: str) -> None:
    answer = parse(on.ask("practice", "GET", f"{address}?_count=0").content)
    assert answer["total"] > 0
    assert "entry" not in answer
    assert [link["relation"] for link in answer["link"]] == ["self"]


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_whoever_sends_a_bundle_says_what_to_send_back(on: Server, kind: str) -> None:
    entries = (entry("POST", "Condition", unnamed("New")), entry("DELETE", "Condition/c1"), entry("GET", "Patient/p1"))

    def back(prefer: str) -> tuple[list[bool], list[str]]:
        done = on.ask("practice", "POST", "", bundle(kind, *entries), prefer=prefer)
        assert answers(done) == ["201", "204", "200"]
        each = parse(done.content)["entry"]
        words = [one["response"].get("outcome", {}).get("issue", [{}])[0].get("diagnostics", "") for one in each]
        return ["resource" in one for one in each], words

    assert back("return=minimal") == ([False, False, True], ["", "", ""])
    assert back("handling=strict") == ([False, False, True], ["", "", ""])
    assert back("return=representation") == ([True, False, True], ["", "", ""])
    told = "Kept, as a new item.", "It is there no more. Its history is kept.", ""
    assert back("return=OperationOutcome") == ([False, False, True], list(told))


def test_links_of_a_narrative_follow_the_entry_that_they_name(on: Server) -> None:
    """ "http://hl7.org/fhir/R4/http.html#trules: `<a href="" & <img src="" in the narrative`."""
    page = '<div xmlns="http://www.w3.org/1999/xhtml"><a href="{0}">seen</a> <img src=\'{0}\' alt="{0}"/> {0} {1}</div>'
    other = "urn:uuid:00000000-0000-4000-8000-000000000000"
    visit = {
        "resourceType": "Encounter", "status": "finished", "subject": {"reference": "Patient/p1"},
        "class": {"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "AMB"},
    }  # fmt: skip
    link = f'<a href="{other}">x</a>'
    shown = unnamed(text={"status": "generated", "div": page.format(ENCOUNTER, link)})
    done = on.ask("practice", "POST", "", bundle(
        "transaction", entry("POST", "Condition", shown), entry("POST", "Encounter", visit, fullUrl=ENCOUNTER),
    ), prefer="return=representation")  # fmt: skip
    kept, encounter = (each["resource"] for each in parse(done.content)["entry"])
    name = f"Encounter/{encounter['id']}"
    assert kept["text"]["div"] == (
        f'<div xmlns="http://www.w3.org/1999/xhtml"><a href="{name}">seen</a> <img src=\'{name}\' alt="{ENCOUNTER}"/> '
        f"{ENCOUNTER} {link}</div>"
    )


@pytest.mark.parametrize(
    ("version", "read", "written"),
    [("4.0", 200, 201), ('"4.0"', 200, 201), ("4.0.1", 200, 201), ("3.0", 406, 415), ("5.0", 406, 415)],
)
def test_another_version_of_fhir_is_refused(on: Server, version: str, read: int, written: int) -> None:
    type_ = f"application/fhir+json; fhirVersion={version}"
    assert on.ask("practice", "GET", "Patient/p1", accept=type_).status_code == read
    sent = {"content-type": type_, "prefer": "return=minimal"}
    assert on.send("practice", "POST", "Condition", encode(unnamed()), sent).status_code == written


@pytest.mark.parametrize(
    ("method", "address", "body", "says"),
    [
        ("POST", "Condition", b'{"resourceType":"Condition","code":{},"code":{"text":"b"}}', "The name code stands"),
        ("POST", "", b'{"resourceType":"Bundle","type":"batch","type":"transaction"}', "The name type stands twice"),
        ("POST", "Condition/$validate", b'{"resourceType":"Condition","id":"a","id":"b"}', "The name id stands twice"),
        ("POST", "Patient/$match", b'{"resourceType":"Patient","id":"a","id":"b"}', "The name id stands twice"),
        ("POST", "Patient/p1/$everything", b'{"resourceType":"Parameters","id":"a","id":"b"}', "The name id stands"),
        ("PATCH", "Condition/c1", b'[{"op":"remove","path":"/code","path":"/note"}]', "The name path stands twice"),
    ],
)  # fmt: skip
def test_a_name_that_stands_twice_is_refused_wherever_it_is_sent(
    on: Server, method: str, address: str, body: bytes, says: str
) -> None:
    sent = {"content-type": "application/json-patch+json"} if method == "PATCH" else {}
    answer = on.send("practice", method, address, body, sent)
    assert answer.status_code == 400
    assert said(answer).startswith(says)


@pytest.mark.parametrize(
    "asked", ["Observation?value-quantity=%D9%A5", "Observation?_count=%D9%A5", "RiskAssessment?probability=%D9%A5"]
)
def test_digits_are_those_of_ascii(on: Server, asked: str) -> None:
    assert on.ask("practice", "GET", asked).status_code == 400


def test_a_patient_in_hand_may_be_sent_alone(on: Server) -> None:
    held = parse(on.ask("practice", "GET", "Patient/p1").content)
    in_hand = {name: held[name] for name in ("resourceType", "identifier", "name", "birthDate") if name in held}
    found = parse(on.ask("practice", "POST", "Patient/$match", in_hand).content)
    assert [each["resource"]["id"] for each in found["entry"]] == [held["id"]]


@pytest.mark.parametrize(
    ("address", "form", "accept", "status"),
    [
        ("Patient/_search", "_format=json&name=x", "*/*", 200),
        ("Patient/_search", "_format=xml&name=x", "*/*", 406),
        ("Patient/_search?_format=json", "name=x", "application/fhir+xml", 200),
        ("Patient/_search", "_format=json&name=x", "application/fhir+xml", 200),
        ("_search", "_type=Patient&_format=application/fhir%2Bjson", "*/*", 200),
    ],
)
def test_a_form_may_say_which_format_the_answer_has(
    on: Server, address: str, form: str, accept: str, status: int
) -> None:
    sent = {"content-type": "application/x-www-form-urlencoded", "accept": accept}
    assert on.send("practice", "POST", address, form.encode(), sent).status_code == status


@pytest.mark.parametrize("asked", ["_elements=id", "_summary=true", "x=1"])
def test_the_meta_of_an_item_is_told_whole(on: Server, asked: str) -> None:
    assert on.ask("practice", "GET", f"Condition/c1/$meta?{asked}").status_code == 400


def test_a_binary_is_sent_and_told_in_json_alone(on: Server) -> None:
    binary = {"resourceType": "Binary", "id": "b1", "contentType": "text/plain", "data": "aGVsbG8="}
    assert on.ask("practice", "PUT", "Binary/b1", binary).status_code == 201
    assert on.ask("practice", "GET", "Binary/b1", accept="text/plain").status_code == 406
    assert parse(on.ask("practice", "GET", "Binary/b1", accept="*/*").content)["data"] == "aGVsbG8="
    sent = on.send("practice", "PUT", "Binary/b1", b"hello", {"content-type": "text/plain"})
    assert (sent.status_code, said(sent)[-1]) == (415, ".")
