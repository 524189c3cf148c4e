"""Batch and transaction, with every interaction in them (http://hl7.org/fhir/R4/http.html#transaction)."""

from base64 import b64encode
from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from concord.fhir import encode, parse
from tests.small_system import HOSPITAL, PRACTICE, condition, patient
from tests.spec.api.interactions import PATCHES, Server, answers, bundle, entry, said, server, version_of


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Server]:
    with server(tmp_path, practice=PRACTICE, hospital=HOSPITAL) as served:
        for resource in (patient("p1"), named("c1"), named("c2")):
            served.ask("practice", "PUT", f"{resource['resourceType']}/{resource['id']}", resource)
        yield served


def named(source_id: str, words: str = "Before", **more: Any) -> dict[str, Any]:
    return condition(source_id, "p1", words, identifier=[{"system": "urn:x", "value": source_id}], **more)


def unnamed(words: str, **more: Any) -> dict[str, Any]:
    resource = condition("", "p1", words, **more)
    del resource["id"]
    return resource


def binary(*operations: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Binary", "contentType": PATCHES, "data": b64encode(encode(list(operations))).decode()}


def texts(on: Server, who: str = "practice") -> list[str]:
    found = parse(on.ask(who, "GET", "Condition").content)
    return sorted(each["resource"]["code"]["text"] for each in found.get("entry", []))


def test_every_interaction_in_every_order(on: Server) -> None:
    """Deletions come first, then creations, then changes, then reads: in whatever order they stand."""
    entries = {
        "204": entry("DELETE", "Condition/c1"),
        "201": entry("POST", "Condition", unnamed("Created", identifier=[{"system": "urn:x", "value": "c1"}]),
                     ifNoneExist="identifier=urn:x|c1"),
        "200": entry("PUT", "Condition/c2", named("c2", "Changed")),
        "404": entry("GET", "Condition/c1"),
    }  # fmt: skip
    for order in list(permutations(entries))[::5]:
        on.ask("practice", "POST", "", bundle("transaction", entry("DELETE", "Condition?identifier=urn:x|c1")))
        for source_id in ("c1", "c2"):
            on.ask("practice", "PUT", f"Condition/{source_id}", named(source_id))
        done = on.ask("practice", "POST", "", bundle("transaction", *(entries[status] for status in order)))
        assert answers(done) == [status if status != "404" else "410" for status in order], order
        assert texts(on) == ["Changed", "Created"]


def test_patch_and_conditions_in_a_transaction(on: Server) -> None:
    etag = version_of(on.ask("practice", "GET", "Condition/c1"))
    replaced = binary({"op": "replace", "path": "/code/text", "value": "Patched"})
    done = on.ask("practice", "POST", "", bundle(
        "transaction",
        entry("PATCH", "Condition/c1", replaced, ifMatch=etag),
        entry("PUT", "Condition?identifier=urn:x|c2", unnamed("By condition")),
        entry("GET", "Condition?identifier=urn:x|c1"),
        entry("HEAD", "Condition/c1"),
        entry("GET", "Patient/p1", ifNoneMatch=version_of(on.ask("practice", "GET", "Patient/p1"))),
    ))  # fmt: skip
    assert answers(done) == ["200", "200", "200", "200", "304"]
    assert texts(on) == ["By condition", "Patched"]
    bodies = ["resource" in each for each in parse(done.content)["entry"]]
    assert bodies == [False, False, True, False, False]


def test_an_entry_is_named_by_its_full_url_wherever_it_stands(on: Server) -> None:
    """In references, in the queries of conditions, and in addresses that are no references."""
    done = on.ask("practice", "POST", "", bundle(
        "transaction",
        entry("PUT", "Condition?subject=urn:uuid:new", unnamed("Of the new")
              | {"subject": {"reference": "urn:uuid:new"}}, fullUrl="urn:uuid:c"),
        entry("POST", "DocumentReference", {
            "resourceType": "DocumentReference", "status": "current", "subject": {"reference": "urn:uuid:new"},
            "content": [{"attachment": {"url": "urn:uuid:c"}}],
            "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": "urn:uuid:c"},
        }, fullUrl="urn:uuid:d"),
        entry("POST", "Patient", {key: value for key, value in patient("x", number=None).items() if key != "id"},
              fullUrl="urn:uuid:new"),
    ))  # fmt: skip
    assert answers(done) == ["201", "201", "201"], done.text
    located = [each["response"]["location"].partition("/fhir/")[2].partition("/_")[0]
               for each in parse(done.content)["entry"]]  # fmt: skip
    held = parse(on.ask("practice", "GET", located[1]).content)
    assert held["subject"]["reference"] == located[2]
    assert held["content"][0]["attachment"]["url"] == located[0]
    assert held["masterIdentifier"]["value"] == "urn:uuid:c", "an identifier is what it is"
    again = on.ask("practice", "PUT", f"Condition?subject={located[2]}", unnamed("Again") | {
        "subject": {"reference": located[2]}})  # fmt: skip
    assert again.status_code == 200


def test_a_reference_may_ask_for_exactly_one_of_the_writers_own(on: Server) -> None:
    doctor = {"resourceType": "Practitioner", "identifier": [{"system": "urn:d", "value": "1"}]}
    sent = unnamed("Recorded", recorder={"reference": "Practitioner?identifier=urn:d|1"})
    on.ask("hospital", "POST", "Practitioner", doctor)
    none = on.ask("practice", "POST", "", bundle("transaction", entry("POST", "Condition", sent)))
    assert (none.status_code, "recorder" in said(none), "matches 0" in said(none)) == (400, True, True)
    on.ask("practice", "POST", "Practitioner", doctor)
    one = on.ask("practice", "POST", "", bundle("transaction", entry("POST", "Condition", sent)))
    assert answers(one) == ["201"]
    on.ask("practice", "POST", "Practitioner", doctor)
    two = on.ask("practice", "POST", "", bundle("transaction", entry("POST", "Condition", sent)))
    assert (two.status_code, "matches 2" in said(two)) == (400, True)


STALE = 'W/"000000000000"'
FAILING = {
    "a stale version": (entry("PUT", "Condition/c1", named("c1", "x"), ifMatch=STALE), 412),
    "a deletion of a stale version": (entry("DELETE", "Condition/c1", ifMatch=STALE), 412),
    "one that must be new": (entry("PUT", "Condition/c1", named("c1", "x"), ifNoneMatch="*"), 412),
    "a condition that matches several": (entry("DELETE", "Condition?subject=Patient/p1"), 412),
    "a creation whose condition matches several": (
        entry("POST", "Condition", unnamed("x"), ifNoneExist="subject=Patient/p1"), 412,
    ),
    "a patch of nothing": (entry("PATCH", "Condition/c9", binary({"op": "remove", "path": "/note"})), 404),
    "a patch that fails": (entry("PATCH", "Condition/c1", binary({"op": "remove", "path": "/note"})), 400),
    "a Patient that has items": (entry("DELETE", "Patient/p1"), 409),
    "two changes of one item": (entry("PUT", "Condition?identifier=urn:x|c2", unnamed("x")), 409),
    "what breaks a rule": (entry("POST", "Condition", unnamed("x", colour="red")), 400),
    "a FHIRPath patch": (entry("PATCH", "Condition/c1", {"resourceType": "Parameters"}), 400),
}  # fmt: skip


@pytest.mark.parametrize(("failing", "status"), FAILING.values(), ids=FAILING.keys())
def test_of_a_transaction_with_a_failing_entry_nothing_is_done(
    on: Server, failing: dict[str, Any], status: int
) -> None:
    sent = bundle(
        "transaction",
        entry("POST", "Condition", unnamed("New")),
        entry("DELETE", "Condition/c2"),
        failing,
    )  # fmt: skip
    if "c2" in failing["request"]["url"] or "ifNoneExist" in failing["request"]:
        sent["entry"][1] = entry("PUT", "Condition/c2", named("c2", "Other"))
    refused = on.ask("practice", "POST", "", sent)
    (place,) = parse(refused.content)["issue"][0]["expression"]
    assert (refused.status_code, place.partition(".resource")[0]) == (status, "Bundle.entry[2]"), refused.text
    assert texts(on) == ["Before", "Before"]
    assert len(parse(on.ask("practice", "GET", "Condition/_history").content)["entry"]) == 2


def test_a_batch_answers_each_entry_for_itself(on: Server) -> None:
    done = on.ask("practice", "POST", "", bundle(
        "batch",
        *(each for each, _ in FAILING.values()),
        entry("DELETE", "Condition/c2"),
        entry("GET", "Condition/c1/_history"),
        entry("GET", "Condition/c1/$meta"),
        entry("GET", "Condition/c1/nothing/at/all"),
    ))  # fmt: skip
    statuses = answers(done)
    assert statuses[:4] == ["412"] * 4
    assert statuses[-4:] == ["204", "200", "200", "400"]
    assert "Before" in texts(on)
