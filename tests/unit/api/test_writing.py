"""Create, update, batch and transaction: what the record is given, and what is answered."""

from typing import Any

import pytest

from concord.base import Busy
from concord.fhir import check, encode, issue_of, parse
from concord.record import Outcome
from tests.unit.api.client import ADDRESS, Client
from tests.unit.api.stand_ins import AS_DOCTOR, AS_SYSTEM, SYSTEM, Item, Page, Records

FHIR = {**AS_SYSTEM, "Content-Type": "application/fhir+json"}


def entry(method: str, url: str, resource: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    full_url = more.pop("fullUrl", None)
    made: dict[str, Any] = {"request": {"method": method, "url": url, **more}}
    if resource is not None:
        made["resource"] = resource
    if full_url is not None:
        made["fullUrl"] = full_url
    return made


def bundle(kind: str, *entries: Any) -> bytes:
    return encode({"resourceType": "Bundle", "type": kind, "entry": list(entries)})


OBSERVATION = {"resourceType": "Observation", "status": "final"}


# -- one resource ----------------------------------------------------------------------------------------------------


def test_a_creation_gets_a_fresh_id_a_location_and_the_resource_back(ask: Client, records: Records) -> None:
    answer = ask("POST", "/fhir/Observation", content=encode({**OBSERVATION, "id": "mine"}), headers=FHIR)
    assert answer.status_code == 201
    assert answer.headers["location"] == f"{ADDRESS}/fhir/Observation/new0/_history/v1"
    assert answer.headers["etag"] == 'W/"v1"'
    assert parse(answer.content)["id"] == "new0"
    assert [(each.source_id, each.if_none_exist) for each in records.written] == [(None, None)]
    assert records.how == {"atomic": True}


def test_minimal_is_what_it_says(ask: Client, records: Records) -> None:
    answer = ask("POST", "/fhir/Observation", content=encode(OBSERVATION), headers={**FHIR, "Prefer": "return=minimal"})
    assert (answer.status_code, answer.content) == (201, b"")
    assert answer.headers["location"].endswith("/Observation/new0/_history/v1")
    assert [asked[0] for asked in records.asked] == ["write"], "nothing is read back, so nothing is audited as read"


def test_an_update_uses_the_id_in_the_address(ask: Client, records: Records) -> None:
    answer = ask("PUT", "/fhir/Observation/mine", content=encode(OBSERVATION), headers=FHIR)
    assert (answer.status_code, records.written[0].source_id) == (201, "mine")
    records.outcomes = [Outcome(status="updated", position="", type="Observation", id="mine", version="v2")]
    assert ask("PUT", "/fhir/Observation/mine", content=encode(OBSERVATION), headers=FHIR).status_code == 200


def test_a_conditional_creation_hands_its_condition_on(ask: Client, records: Records) -> None:
    records.outcomes = [Outcome(status="unchanged", position="", type="Observation", id="o1")]
    answer = ask(
        "POST", "/fhir/Observation", content=encode(OBSERVATION), headers={**FHIR, "If-None-Exist": "identifier=a|b"}
    )
    assert (answer.status_code, records.written[0].if_none_exist) == (200, "identifier=a|b")
    assert answer.headers["location"] == f"{ADDRESS}/fhir/Observation/o1"


def test_what_waits_for_its_patient_is_accepted_without_an_address(ask: Client, records: Records) -> None:
    records.outcomes = [Outcome(status="waiting", position="", type="Observation", id="o9")]
    answer = ask("POST", "/fhir/Observation", content=encode(OBSERVATION), headers=FHIR)
    assert (answer.status_code, "location" in answer.headers) == (202, False)
    assert parse(answer.content)["issue"][0]["severity"] == "information"


BREAKS: dict[str, Any] = {"resourceType": "Patient", "gender": "kestrel", "name": [{"given": []}]}
BROKEN = [("code-invalid", "Patient.gender", "(binding)"), ("structure", "Patient.name[0].given", "(empty)")]


def broken(position: str) -> Outcome:
    """What the record says of BREAKS."""
    issues = [issue_of(breach) for breach in check(BREAKS)]
    return Outcome(status="rejected", position=position, type="Patient", reason="Patient.gender: ...", issues=issues)


def told(outcome: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Code, place and rule of each issue."""
    return [(each["code"], each["expression"][0], each["diagnostics"].split()[-1]) for each in outcome["issue"]]


def test_what_breaks_r4_is_told_rule_by_rule_at_its_place(ask: Client, records: Records) -> None:
    records.outcomes = [broken("The body")]
    answer = ask("POST", "/fhir/Patient", content=encode(BREAKS), headers=FHIR)
    assert (answer.status_code, told(parse(answer.content))) == (400, BROKEN)
    assert b"kestrel" not in answer.content


@pytest.mark.parametrize("kind", ["batch", "transaction"])
def test_what_breaks_r4_in_a_bundle_is_told_with_its_entry(ask: Client, records: Records, kind: str) -> None:
    records.outcomes = [broken("Bundle.entry[0]")]
    answer = ask("POST", "/fhir", content=bundle(kind, entry("POST", "Patient", BREAKS)), headers=FHIR)
    sent = parse(answer.content)
    outcome = sent if kind == "transaction" else sent["entry"][0]["response"]["outcome"]
    at = "Bundle.entry[0].resource"
    assert told(outcome) == [(code, path.replace("Patient", at), rule) for code, path, rule in BROKEN]
    assert answer.status_code == (400 if kind == "transaction" else 200)


def test_a_rejected_resource_is_refused_with_its_reason(ask: Client, records: Records) -> None:
    records.outcomes = [Outcome(status="rejected", position="", reason="Observation.code: is missing")]
    answer = ask("POST", "/fhir/Observation", content=encode(OBSERVATION), headers=FHIR)
    assert answer.status_code == 400
    assert parse(answer.content)["issue"][0]["diagnostics"] == "Observation.code: is missing"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/fhir/Condition", encode(OBSERVATION)),
        ("PUT", "/fhir/Observation/a", encode({**OBSERVATION, "id": "b"})),
        ("POST", "/fhir/Observation", b'{"resourceType":"Observation"'),
        ("POST", "/fhir/Observation", b"\xff"),
        ("POST", "/fhir/Observation", b"[]"),
        ("PUT", "/fhir/Observation/a?x=1", encode(OBSERVATION)),
    ],
)
def test_a_body_that_does_not_fit_is_refused_before_anything_is_written(
    ask: Client, records: Records, method: str, path: str, body: bytes
) -> None:
    answer = ask(method, path, content=body, headers=FHIR)
    assert (answer.status_code, records.asked) == (400, [])
    assert parse(answer.content)["resourceType"] == "OperationOutcome"


@pytest.mark.parametrize("header", ["If-None-Exist", "If-None-Match", "If-Unmodified-Since"])
def test_a_condition_that_would_be_ignored_is_refused(ask: Client, records: Records, header: str) -> None:
    answer = ask("PUT", "/fhir/Observation/a", content=encode(OBSERVATION), headers={**FHIR, header: 'W/"1"'})
    assert (answer.status_code, records.asked) == (400, [])


@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/fhir/Observation"), ("PUT", "/fhir/Observation/o1"), ("POST", "/fhir")]
)
def test_a_users_token_reads_only(ask: Client, records: Records, method: str, path: str) -> None:
    body = bundle("transaction", entry("POST", "Observation", OBSERVATION)) if path == "/fhir" else encode(OBSERVATION)
    headers = {**FHIR, **AS_DOCTOR, "If-None-Exist": "identifier=x"}
    answer = ask(method, path, content=body, headers=headers)
    assert (answer.status_code, records.asked) == (403, [])
    assert "reads only" in parse(answer.content)["issue"][0]["diagnostics"]


def test_too_many_writes_at_once_are_told_to_come_back(ask: Client, records: Records) -> None:
    records.failure = Busy("Too much at once.")
    answer = ask("POST", "/fhir/Observation", content=encode(OBSERVATION), headers=FHIR)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


# -- transactions ----------------------------------------------------------------------------------------------------


def test_a_transaction_is_written_whole_and_answered_in_order(ask: Client, records: Records) -> None:
    body = bundle(
        "transaction",
        entry("POST", "Patient", {"resourceType": "Patient", "id": "x"}, fullUrl="urn:uuid:1"),
        entry("PUT", "Observation/mine", OBSERVATION, fullUrl="urn:uuid:2"),
        entry("POST", "Organization", {"resourceType": "Organization"}, ifNoneExist="identifier=a|b"),
    )
    answer = ask("POST", "/fhir", content=body, headers=FHIR)
    assert answer.status_code == 200
    assert parse(answer.content) == {
        "resourceType": "Bundle",
        "type": "transaction-response",
        "entry": [
            {
                "response": {
                    "status": "201 Created",
                    "location": f"{ADDRESS}/fhir/{address}/_history/v1",
                    "etag": 'W/"v1"',
                }
            }
            for address in ("Patient/new0", "Observation/mine", "Organization/new2")
        ],
    }
    assert [(each.source_id, each.full_url, each.if_none_exist) for each in records.written] == [
        (None, "urn:uuid:1", None), ("mine", "urn:uuid:2", None), (None, None, "identifier=a|b"),
    ]  # fmt: skip
    assert records.how == {"atomic": True}
    assert records.asked == [("write", 3, SYSTEM)]


def test_the_base_address_may_end_in_a_slash(ask: Client) -> None:
    assert ask("POST", "/fhir/", content=bundle("transaction"), headers=FHIR).status_code == 200


def test_outcomes_of_what_was_let_in_are_not_answers_to_entries(ask: Client, records: Records) -> None:
    stored = Outcome(status="stored", position="", type="Patient", id="p9", version="v1")
    admitted = Outcome(status="stored", position="admitted", type="Observation", id="o9", version="v1")
    records.outcomes = [stored, admitted]
    body = bundle("transaction", entry("POST", "Patient", {"resourceType": "Patient"}))
    assert len(parse(ask("POST", "/fhir", content=body, headers=FHIR).content)["entry"]) == 1


def test_a_transaction_with_a_rejected_entry_fails_whole_and_names_it(ask: Client, records: Records) -> None:
    records.outcomes = [
        Outcome(status="unchanged", position="Bundle.entry[0]", type="Patient", id="p1"),
        Outcome(status="rejected", position="Bundle.entry[1]", reason="Observation.status: is missing"),
    ]
    body = bundle(
        "transaction",
        entry("POST", "Patient", {"resourceType": "Patient"}),
        entry("POST", "Observation", {"resourceType": "Observation"}),
    )
    answer = ask("POST", "/fhir", content=body, headers=FHIR)
    assert answer.status_code == 400
    assert parse(answer.content)["issue"] == [
        {
            "severity": "error",
            "code": "invalid",
            "diagnostics": "Observation.status: is missing",
            "expression": ["Bundle.entry[1]"],
        }
    ]


def test_a_rejected_transaction_names_who_was_wrong_and_not_everyone_else(ask: Client, records: Records) -> None:
    rest = "Nothing of this transaction was stored, because of Bundle.entry[1]."
    records.outcomes = [
        Outcome(status="rejected", position="Bundle.entry[0]", reason=rest),
        Outcome(status="rejected", position="Bundle.entry[1]", reason="Observation.status: is missing"),
        Outcome(status="rejected", position="Bundle.entry[2]", reason=rest),
        Outcome(status="rejected", position="Bundle.entry[3]", reason="Patient.foo: R4 has no such element here"),
    ]
    body = bundle("transaction", *[entry("POST", "Observation", {"resourceType": "Observation"})] * 4)
    issues = parse(ask("POST", "/fhir", content=body, headers=FHIR).content)["issue"]
    assert [issue["expression"] for issue in issues] == [["Bundle.entry[1]"], ["Bundle.entry[3]"]]


@pytest.mark.parametrize("method", ["OPTIONS", "COPY"])
def test_an_entry_of_another_method_is_told_which_there_are(ask: Client, method: str) -> None:
    body = bundle("batch", entry(method, "Patient/1"))
    (answer,) = parse(ask("POST", "/fhir", content=body, headers=FHIR).content)["entry"]
    assert answer["response"]["status"] == "400 Bad Request"
    assert (
        "GET, HEAD, POST, PUT, PATCH and DELETE are supported"
        in answer["response"]["outcome"]["issue"][0]["diagnostics"]
    )


@pytest.mark.parametrize("slash", ["/", "\\/"])
def test_a_reference_to_this_server_in_full_is_the_relative_one(ask: Client, records: Records, slash: str) -> None:
    here, elsewhere = "http://concord.test/fhir/Patient/p1", "http://concord.test.example/fhir/Patient/p1"
    about = {**OBSERVATION, "subject": {"reference": here}, "focus": [{"reference": elsewhere}]}
    for path, body in (
        ("/fhir/Observation", encode(about)),
        ("/fhir", bundle("batch", entry("POST", "Observation", about))),
    ):
        assert ask("POST", path, content=body.replace(b"/", slash.encode()), headers=FHIR).status_code < 300
        (written,) = records.written
        assert written.resource["subject"] == {"reference": "Patient/p1"}
        assert written.resource["focus"] == [{"reference": elsewhere}]


BROKEN_ENTRIES: dict[str, Any] = {
    "no object": 1,
    "no request": {"resource": OBSERVATION},
    "request of the wrong type": {"resource": OBSERVATION, "request": "POST"},
    "method of the wrong type": {"resource": OBSERVATION, "request": {"method": 3, "url": "Observation"}},
    "no resource": entry("POST", "Observation"),
    "resource of the wrong type": {"resource": [], "request": {"method": "POST", "url": "Observation"}},
    "another type in the address": entry("POST", "Condition", OBSERVATION),
    "an id to create under": entry("POST", "Observation/1", OBSERVATION),
    "no id to update": entry("PUT", "Observation", OBSERVATION),
    "an id that is none": entry("PUT", "Observation/a b", OBSERVATION),
    "a condition and an id": entry("PUT", "Observation/1?code=1", OBSERVATION),
    "an unknown type": entry("POST", "Unknown", {"resourceType": "Unknown"}),
    "another base address": entry("POST", "http://elsewhere/Observation", OBSERVATION),
    "a deletion of nothing": entry("DELETE", "Observation"),
    "a patch that is none": entry("PATCH", "Observation/1", OBSERVATION),
    "a version asked for that is none": entry("PUT", "Observation/1", OBSERVATION, ifMatch="1 2"),
    "a condition that would be ignored": entry("DELETE", "Observation/1", ifNoneMatch="*"),
    "a condition of the wrong type": entry("POST", "Observation", OBSERVATION, ifNoneExist=1),
}


@pytest.mark.parametrize("broken", BROKEN_ENTRIES.values(), ids=BROKEN_ENTRIES.keys())
def test_a_transaction_with_a_broken_entry_writes_nothing(ask: Client, records: Records, broken: Any) -> None:
    body = bundle("transaction", entry("POST", "Observation", OBSERVATION), broken)
    answer = ask("POST", "/fhir", content=body, headers=FHIR)
    assert (answer.status_code, records.asked) == (400, [])


@pytest.mark.parametrize(
    "twice",
    [
        [entry("POST", "Observation", OBSERVATION, fullUrl="urn:uuid:1")] * 2,
        [entry("PUT", "Observation/1", OBSERVATION)] * 2,
    ],
    ids=["fullUrl", "address"],
)
def test_two_entries_of_a_transaction_cannot_share_an_address(ask: Client, records: Records, twice: list[Any]) -> None:
    answer = ask("POST", "/fhir", content=bundle("transaction", *twice), headers=FHIR)
    assert (answer.status_code, records.asked) == (400, [])


@pytest.mark.parametrize(
    "body", [encode(OBSERVATION), bundle("collection"), b'{"resourceType":"Bundle","type":"batch","entry":{}}']
)
def test_the_base_takes_batches_and_transactions_only(ask: Client, body: bytes) -> None:
    assert ask("POST", "/fhir", content=body, headers=FHIR).status_code == 400


# -- batches ---------------------------------------------------------------------------------------------------------


def test_a_batch_answers_each_entry_for_itself(ask: Client, records: Records) -> None:
    records.page = Page(items=[Item("Observation", "o1")], total=1)
    body = bundle(
        "batch",
        entry("GET", "Observation/o1"),
        entry("GET", "Observation/hidden"),
        entry("GET", "Observation?patient=p1"),
        entry("GET", "Observation?colour=red"),
        entry("GET", "Patient/p1/$everything"),
        entry("POST", "Observation", OBSERVATION),
        entry("DELETE", "Observation/o1"),
    )
    answers = parse(ask("POST", "/fhir", content=body, headers=FHIR).content)["entry"]
    assert [each["response"]["status"][:3] for each in answers] == ["200", "404", "200", "400", "200", "201", "204"]
    assert answers[0]["resource"]["id"] == "o1"
    assert answers[0]["response"]["etag"] == 'W/"v7"'
    assert answers[0]["response"]["lastModified"] == "2026-11-22T09:30:00.000Z"
    assert answers[2]["resource"]["type"] == "searchset"
    assert records.how["atomic"] is False


def test_a_user_may_read_in_a_batch_and_write_nothing(ask: Client, records: Records) -> None:
    body = bundle("batch", entry("GET", "Observation/o1"), entry("POST", "Observation", OBSERVATION))
    answers = parse(ask("POST", "/fhir", content=body, headers={**FHIR, **AS_DOCTOR}).content)["entry"]
    assert [each["response"]["status"] for each in answers] == ["200 OK", "403 Forbidden"]
    assert [asked[0] for asked in records.asked] == ["read"]


def test_a_hidden_item_answers_in_a_batch_as_an_absent_one(ask: Client) -> None:
    body = bundle("batch", entry("GET", "Observation/a"), entry("GET", "Patient/b"), entry("GET", "Unknown/c"))
    answers = parse(ask("POST", "/fhir", content=body, headers=FHIR).content)["entry"]
    assert answers[0] == answers[1] == answers[2]


def test_a_batch_tells_which_write_was_rejected(ask: Client, records: Records) -> None:
    records.outcomes = [
        Outcome(status="rejected", position="Bundle.entry[0]", reason="Observation.status: is missing"),
        Outcome(status="waiting", position="Bundle.entry[1]", type="Observation", id="o2"),
    ]
    body = bundle("batch", *[entry("POST", "Observation", OBSERVATION)] * 2)
    first, second = parse(ask("POST", "/fhir", content=body, headers=FHIR).content)["entry"]
    assert first["response"]["status"] == "400 Bad Request"
    assert first["response"]["outcome"]["issue"][0]["diagnostics"] == "Observation.status: is missing"
    assert (second["response"]["status"], "location" in second["response"]) == ("202 Accepted", False)
