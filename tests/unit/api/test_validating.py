"""`$validate`: how it is asked, and what it answers, whatever is held."""

from typing import Any

import pytest

from concord.fhir import encode, parse
from tests.unit.api.client import Client
from tests.unit.api.stand_ins import AS_DOCTOR, AS_SYSTEM, Records

JSON = {"Content-Type": "application/fhir+json"}
GOOD: dict[str, Any] = {"resourceType": "Basic", "id": "b1", "code": {"text": "a"}}


def asked(ask: Client, resource: Any, path: str = "Basic/$validate", **headers: str) -> tuple[int, list[Any]]:
    answer = ask("POST", f"/fhir/{path}", content=encode(resource), headers={**AS_DOCTOR, **JSON, **headers})
    outcome = parse(answer.content)
    assert outcome["resourceType"] == "OperationOutcome"
    return answer.status_code, [(each["severity"], each.get("expression")) for each in outcome["issue"]]


def with_parameters(*parameters: dict[str, Any]) -> dict[str, Any]:
    return {"resourceType": "Parameters", "parameter": list(parameters)}


def test_what_is_well_is_told_so(ask: Client, records: Records) -> None:
    narrated = GOOD | {"text": {"status": "generated", "div": "<div xmlns='http://www.w3.org/1999/xhtml'>a</div>"}}
    assert asked(ask, narrated) == (200, [("information", None)])
    assert records.asked == [], "nothing is looked up"


def test_a_breach_is_an_answer_and_no_failure(ask: Client) -> None:
    status, issues = asked(ask, GOOD | {"colour": "red"})
    assert (status, issues[0]) == (200, ("error", ["Basic.colour"]))


def test_a_breach_names_its_rule_and_never_the_value(ask: Client) -> None:
    sent = encode({"resourceType": "Patient", "gender": "kestrel"})
    answer = ask("POST", "/fhir/Patient/$validate", content=sent, headers={**AS_DOCTOR, **JSON})
    issue = parse(answer.content)["issue"][0]
    assert (issue["code"], issue["expression"]) == ("code-invalid", ["Patient.gender"])
    assert issue["diagnostics"].endswith("(binding)")
    assert b"kestrel" not in answer.content


def test_a_parameters_resource_may_hold_the_resource(ask: Client) -> None:
    body = with_parameters({"name": "mode", "valueCode": "create"}, {"name": "resource", "resource": GOOD})
    assert asked(ask, body) == (200, [("warning", ["Basic"])])


@pytest.mark.parametrize("body", [with_parameters({"name": "profile", "valueUri": "http://a.example/p"},
                                                  {"name": "resource", "resource": GOOD})])  # fmt: skip
def test_a_profile_that_is_not_loaded_is_told(ask: Client, body: dict[str, Any]) -> None:
    assert asked(ask, body)[1] == [("warning", ["Basic"])] * 2
    assert asked(ask, GOOD, "Basic/$validate?profile=http://a.example/p")[1] == [("warning", ["Basic"])] * 2


def test_the_address_says_what_is_sent(ask: Client) -> None:
    assert ("error", ["resourceType"]) in asked(ask, GOOD, "Flag/$validate")[1]
    assert ("error", ["Basic.id"]) in asked(ask, GOOD, "Basic/b2/$validate")[1]
    assert ("error", ["Basic.id"]) not in asked(ask, GOOD, "Basic/b1/$validate")[1]


def test_an_update_has_an_id_and_a_deletion_is_not_judged(ask: Client) -> None:
    without = {name: value for name, value in GOOD.items() if name != "id"}
    assert ("error", ["Basic.id"]) in asked(ask, without, "Basic/$validate?mode=update")[1]
    assert asked(ask, {"resourceType": "Parameters", "parameter": [{"name": "mode", "valueCode": "delete"}]}) == (
        200,
        [("information", ["Parameters"])],
    )


@pytest.mark.parametrize(
    "path", ["Basic/$validate?mode=dance", "Basic/$validate?colour=red", "Basic/$validate?mode=create&mode=update"]
)
def test_what_is_no_request_is_refused(ask: Client, path: str) -> None:
    assert asked(ask, GOOD, path)[0] == 400


@pytest.mark.parametrize("body", [with_parameters(), with_parameters({"name": "resource", "valueString": "a"}),
                                  with_parameters({"name": "mode", "valueBoolean": True}), {}])  # fmt: skip
def test_a_body_without_a_resource_is_told(ask: Client, body: dict[str, Any]) -> None:
    status, issues = asked(ask, body)
    assert (status, issues[0][0]) in [(400, "error"), (200, "error")]


def test_a_token_is_needed_and_any_will_do(ask: Client) -> None:
    assert asked(ask, GOOD, **AS_SYSTEM)[0] == 200
    assert ask("POST", "/fhir/Basic/$validate", content=b"{}", headers={"Authorization": "", **JSON}).status_code == 401


def test_it_is_asked_by_post(ask: Client) -> None:
    assert ask("GET", "/fhir/Basic/$validate").status_code == 405


def test_what_is_too_large_is_refused(ask: Client) -> None:
    assert asked(ask, GOOD | {"language": "x" * 5_000_000})[0] == 413
