"""What is written and deleted, as a source system and as a user meets it (http://hl7.org/fhir/R4/http.html)."""

from typing import Any

import pytest

from concord.fhir import parse
from tests.small_system import condition, patient
from tests.spec.api.held import GUESS, logical, numbered, words
from tests.spec.api.interactions import PATCHES, Server, answers, bundle, entry, id_of, said, version_of
from tests.spec.api.test_versions import history

# -- delete ----------------------------------------------------------------------------------------------------------


def test_what_is_deleted_is_gone_to_its_source_and_absent_to_anybody_else(on: Server) -> None:
    id_, version = logical(on), version_of(on.ask("practice", "GET", "Condition/c1"))[3:-1]
    assert on.ask("practice", "DELETE", "Condition/c1").status_code == 204
    for path in (f"Condition/{id_}", f"Condition/{id_}/$meta"):
        assert on.ask("practice", "GET", path).status_code == 410
    absent = on.ask("doctor", "GET", "Condition/" + "q" * 24)
    for who, path in (
        ("doctor", f"Condition/{id_}"), ("doctor", f"Condition/{id_}/_history"), ("hospital", f"Condition/{id_}"),
        ("doctor", f"Condition/{id_}/_history/{version}"), ("hospital", f"Condition/{id_}/_history"),
    ):  # fmt: skip
        answer = on.ask(who, "GET", path)
        assert (answer.status_code, answer.content) == (404, absent.content), (who, path)
    assert words(on.ask("practice", "GET", f"Condition/{id_}/_history/{version}")) == "Heart failure"
    newest = parse(on.ask("practice", "GET", f"Condition/{id_}/_history").content)["entry"][0]["response"]["etag"]
    assert on.ask("practice", "GET", f"Condition/{id_}/_history/{newest[3:-1]}").status_code == 410
    for search in (GUESS, "patient=p1", f"_id={id_}", ""):
        assert parse(on.ask("practice", "GET", f"Condition?{search}").content)["total"] == 0
    assert on.ask("practice", "DELETE", "Condition/c1").status_code == 204, "again, and nothing happens"


def test_nobody_deletes_what_another_contributed(on: Server) -> None:
    id_ = logical(on)
    assert on.ask("hospital", "DELETE", f"Condition/{id_}").status_code == 204, "as for what is not there"
    assert on.ask("hospital", "DELETE", f"Condition?{GUESS}").status_code == 204
    assert on.ask("doctor", "DELETE", f"Condition/{id_}").status_code == 403
    assert on.ask("practice", "GET", "Condition/c1").status_code == 200


def test_an_item_comes_back_under_its_id_and_its_versions_go_on(on: Server) -> None:
    id_ = logical(on)
    on.ask("practice", "DELETE", "Condition/c1")
    back = on.ask("practice", "PUT", "Condition/c1", numbered("Back"))
    assert (back.status_code, id_of(back)) == (201, id_)
    assert len(history(on, "practice", f"Condition/{id_}/_history")) == 3
    assert words(on.ask("doctor", "GET", f"Condition/{id_}")) == "Back"
    assert parse(on.ask("practice", "GET", f"Condition?{GUESS}").content)["total"] == 1


def test_a_patient_is_deleted_when_nothing_lies_with_it_and_can_come_back(on: Server) -> None:
    refused = on.ask("practice", "DELETE", "Patient/p1")
    assert (refused.status_code, "Delete those first" in said(refused)) == (409, True)
    both = bundle("transaction", entry("DELETE", "Patient/p1"), entry("DELETE", "Condition/c1"))
    assert answers(on.ask("practice", "POST", "", both)) == ["204", "204"]
    number = "identifier=https://fhir.nhs.uk/Id/nhs-number|9990003114"
    assert parse(on.ask("practice", "GET", f"Patient?{number}").content)["total"] == 0
    waits = on.ask("practice", "PUT", "Condition/c1", numbered("Waits"))
    assert waits.status_code == 202, "its Patient is not held"
    assert on.ask("practice", "PUT", "Patient/p1", patient("p1")).status_code == 201
    assert words(on.ask("practice", "GET", "Condition/c1")) == "Waits"
    assert len(history(on, "practice", "Patient/p1/_history")) == 3


def test_an_item_of_a_deleted_one_may_come_back_with_another_patient(on: Server) -> None:
    on.ask("practice", "PUT", "Patient/p2", patient("p2", number=None))
    moved = numbered("Of the other") | {"subject": {"reference": "Patient/p2"}}
    refused = on.ask("practice", "PUT", "Condition/c1", moved)
    assert (refused.status_code, "Delete that one first" in said(refused)) == (409, True)
    on.ask("practice", "DELETE", "Condition/c1")
    assert on.ask("practice", "PUT", "Condition/c1", moved).status_code == 201
    assert parse(on.ask("practice", "GET", "Condition?patient=p2").content)["total"] == 1
    assert len(history(on, "practice", "Condition/c1/_history")) == 3


def test_what_waits_for_its_patient_can_be_deleted(on: Server) -> None:
    on.ask("practice", "PUT", "Condition/c9", condition("c9", "p9"))
    assert on.ask("practice", "DELETE", "Condition/c9").status_code == 204
    on.ask("practice", "PUT", "Patient/p9", patient("p9", number=None))
    assert on.ask("practice", "GET", "Condition/c9").status_code == 404


# -- conditions ------------------------------------------------------------------------------------------------------


def test_no_update_is_lost(on: Server) -> None:
    mine = version_of(on.ask("practice", "GET", "Condition/c1"))
    on.ask("practice", "PUT", "Condition/c1", numbered("Somebody else's"))
    for method, body in (("PUT", numbered("Mine")), ("DELETE", None)):
        assert on.ask("practice", method, "Condition/c1", body, if_match=mine).status_code == 412
    patch = [{"op": "replace", "path": "/code/text", "value": "Mine"}]
    stale = on.ask("practice", "PATCH", "Condition/c1", patch, if_match=mine, content_type=PATCHES)
    assert stale.status_code == 412
    assert words(on.ask("practice", "GET", "Condition/c1")) == "Somebody else's"
    now = version_of(on.ask("practice", "GET", "Condition/c1"))
    assert on.ask("practice", "PUT", "Condition/c1", numbered("Mine"), if_match=now).status_code == 200
    assert on.ask("practice", "PUT", "Condition/c7", condition("c7", "p1"), if_match=now).status_code == 412
    assert on.ask("practice", "PUT", "Condition/c1", numbered("x"), if_match="three words here").status_code == 400


def test_an_update_may_ask_that_nothing_be_held(on: Server) -> None:
    assert on.ask("practice", "PUT", "Condition/c1", numbered("x"), if_none_match="*").status_code == 412
    assert on.ask("practice", "PUT", "Condition/c7", condition("c7", "p1"), if_none_match="*").status_code == 201
    assert on.ask("practice", "PUT", "Condition/c1", numbered("x"), if_none_match='W/"1"').status_code == 400


@pytest.mark.parametrize(
    ("criteria", "id_in_body", "status"),
    [
        (GUESS, None, 200),
        (GUESS, "c1", 200),
        (GUESS, "another", 400),
        ("identifier=urn:x|none", None, 201),
        ("identifier=urn:x|none", "c9", 201),
        ("subject=Patient/p1", None, 412),
        ("colour=red", None, 400),
        ("", None, 400),
    ],
)
def test_a_conditional_update(on: Server, criteria: str, id_in_body: str | None, status: int) -> None:
    on.ask("practice", "PUT", "Condition/c2", condition("c2", "p1"))
    sent = numbered("By condition")
    del sent["id"]
    answer = on.ask("practice", "PUT", f"Condition?{criteria}", sent | ({"id": id_in_body} if id_in_body else {}))
    assert answer.status_code == status
    if status == 200:
        assert words(on.ask("practice", "GET", "Condition/c1")) == "By condition"
    if id_in_body == "c9":
        assert words(on.ask("practice", "GET", "Condition/c9")) == "By condition"


@pytest.mark.parametrize(
    ("criteria", "status", "left"),
    [(GUESS, 204, 1), ("identifier=urn:x|none", 204, 2), ("subject=Patient/p1", 412, 2), ("", 400, 2)],
)
def test_a_conditional_delete_takes_one_or_none(on: Server, criteria: str, status: int, left: int) -> None:
    on.ask("practice", "PUT", "Condition/c2", condition("c2", "p1"))
    assert on.ask("practice", "DELETE", f"Condition?{criteria}").status_code == status
    assert parse(on.ask("practice", "GET", "Condition").content)["total"] == left


def test_conditions_match_only_what_the_writer_contributed(on: Server) -> None:
    sent = numbered("The hospital's") | {"subject": {"reference": "Patient/h1"}}
    del sent["id"]
    assert on.ask("hospital", "PUT", f"Condition?{GUESS}", sent).status_code == 201
    assert on.ask("hospital", "PUT", f"Condition?{GUESS}", sent).status_code == 200
    assert on.ask("hospital", "POST", "Condition", sent, if_none_exist=GUESS).status_code == 200
    patch = [{"op": "test", "path": "/code/text", "value": "The hospital's"}]
    answer = on.ask("hospital", "PATCH", f"Condition?{GUESS}", patch, content_type=PATCHES)
    assert answer.status_code == 200
    assert words(on.ask("practice", "GET", "Condition/c1")) == "Heart failure"


def test_the_condition_of_a_create_may_stand_in_the_address(on: Server) -> None:
    again = on.ask("practice", "POST", f"Condition?{GUESS}&_format=json", numbered())
    assert (again.status_code, parse(again.content)["id"]) == (200, logical(on))
    assert on.ask("practice", "POST", "Condition?identifier=urn:x|2", numbered("Another")).status_code == 201
    both = on.ask("practice", "POST", f"Condition?{GUESS}", numbered(), if_none_exist=GUESS)
    assert both.status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_write_says_in_its_address_which_format_the_answer_has(on: Server, method: str) -> None:
    body = numbered() if method == "PUT" else None
    assert on.ask("practice", method, "Condition/c1?_format=json", body).status_code in (200, 204)
    assert on.ask("practice", method, "Condition/c1?_format=xml", body).status_code == 406
    assert on.ask("practice", method, "Condition/c1?_summary=true", body).status_code == 400


def test_a_condition_of_a_creation_that_matches_several_is_refused(on: Server) -> None:
    on.ask("practice", "PUT", "Condition/c2", condition("c2", "p1"))
    answer = on.ask("practice", "POST", "Condition", numbered(), if_none_exist="subject=Patient/p1")
    assert (answer.status_code, parse(answer.content)["issue"][0]["code"]) == (412, "multiple-matches")


# -- patch -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("patch", "status"),
    [
        ([{"op": "replace", "path": "/code/text", "value": "Patched"}], 200),
        ([{"op": "add", "path": "/note", "value": [{"text": "n"}]}], 200),
        ([{"op": "add", "path": "/meta/tag", "value": [{"code": "t"}]}], 200),
        ([{"op": "test", "path": "/code/text", "value": "Other"}], 400),
        ([{"op": "remove", "path": "/nothing"}], 400),
        ([{"op": "remove", "path": "/subject"}], 400),
        ([{"op": "add", "path": "/colour", "value": "red"}], 400),
        ([{"op": "replace", "path": "/id", "value": "other"}], 400),
        ([{"op": "replace", "path": "/resourceType", "value": "Patient"}], 400),
        ([], 400),
        ({"op": "remove", "path": "/note"}, 400),
    ],
)
def test_a_patch_is_checked_like_any_write(on: Server, patch: Any, status: int) -> None:
    before = on.ask("practice", "GET", "Condition/c1").content
    answer = on.ask("practice", "PATCH", "Condition/c1", patch, content_type=PATCHES)
    assert answer.status_code == status, answer.text
    assert (on.ask("practice", "GET", "Condition/c1").content == before) is (status == 400)


@pytest.mark.parametrize(
    ("path", "status"),
    [("Condition/c9", 404), (f"Condition?{GUESS}", 200), ("Condition?identifier=urn:x|9", 404),
     ("Condition?subject=Patient/p1", 412), ("Condition", 400)],
)  # fmt: skip
def test_which_item_a_patch_is_for(on: Server, path: str, status: int) -> None:
    on.ask("practice", "PUT", "Condition/c2", condition("c2", "p1"))
    patch = [{"op": "replace", "path": "/code/text", "value": "Patched"}]
    assert on.ask("practice", "PATCH", path, patch, content_type=PATCHES).status_code == status


def test_a_fhirpath_patch_is_refused_with_a_sentence(on: Server) -> None:
    answer = on.ask("practice", "PATCH", "Condition/c1", {"resourceType": "Parameters"})
    assert (answer.status_code, "FHIRPath Patch" in said(answer)) == (415, True)


def test_what_is_read_and_sent_back_changes_nothing_else(on: Server) -> None:
    """A reference to what is not held (yet) goes out under a logical id, and comes back under it."""
    on.ask("practice", "PUT", "Condition/c1", numbered(encounter={"reference": "Encounter/not-yet"}))
    whole = parse(on.ask("practice", "GET", "Condition/c1").content)
    on.ask("practice", "PUT", "Condition/c1", whole | {"code": {"text": "Changed"}})
    patch = [{"op": "replace", "path": "/code/text", "value": "Patched"}]
    on.ask("practice", "PATCH", "Condition/c1", patch, content_type=PATCHES)
    assert parse(on.ask("practice", "GET", "Condition/c1").content)["encounter"] == whole["encounter"]


# -- what is sent back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("prefer", "body"), [("minimal", None), ("representation", "Condition"), ("OperationOutcome", "OperationOutcome")]
)
def test_the_writer_says_what_to_send_back(on: Server, prefer: str, body: str | None) -> None:
    patch = [{"op": "replace", "path": "/code/text", "value": "Patched"}]
    for answer, status in (
        (on.ask("practice", "POST", "Condition", numbered(), prefer=f"return={prefer}"), 201),
        (on.ask("practice", "PUT", "Condition/c1", numbered("b"), prefer=f"return={prefer}"), 200),
        (on.ask("practice", "PATCH", "Condition/c1", patch, prefer=f"return={prefer}", content_type=PATCHES), 200),
    ):
        sent = parse(answer.content)["resourceType"] if answer.content else None
        assert (answer.status_code, sent, "etag" in answer.headers) == (status, body, True)
        assert "/_history/" in answer.headers["location"]


def test_a_part_of_a_resource_is_not_written_over_the_whole(on: Server) -> None:
    part = parse(on.ask("practice", "GET", "Condition/c1?_elements=code").content)
    answer = on.ask("practice", "PUT", f"Condition/{part['id']}", part)
    assert answer.status_code == 400
    assert "SUBSETTED" in answer.text


@pytest.mark.parametrize("asks", [{"accept": "application/fhir+xml"}, {"path": "?_format=xml"}])
@pytest.mark.parametrize("path", ["Condition/c1", "Condition/c1/_history", "Condition/_history", "Condition"])
def test_xml_is_refused_with_a_sentence(on: Server, path: str, asks: dict[str, str]) -> None:
    answer = on.ask("practice", "GET", path + asks.get("path", ""), accept=asks.get("accept", "*/*"))
    assert (answer.status_code, "JSON only" in said(answer)) == (406, True)
