"""The terminology operations, as they are asked and answered over HTTP; and searches by what codes mean."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette

from concord.api import Bulk, edge, fhir_routes
from concord.base import FixedClock
from concord.fhir import encode, parse
from concord.store import open_store
from concord.terminology import Terminology, incoming_of, load_terminology
from tests.small_system import NOW
from tests.unit.api.client import Client
from tests.unit.api.stand_ins import AS_DOCTOR, Accounts, Records
from tests.unit.terminology.test_terminology import CARS, CODES, MAP, narrowed, value_set

JSON = {"Content-Type": "application/fhir+json"}
CABS = value_set("cabs", narrowed("concept", "is-a", "cab"))
GENDER = "http://hl7.org/fhir/ValueSet/administrative-gender"


@pytest.fixture
def ask(records: Records, bulk: Bulk, tmp_path: Path) -> Iterator[Client]:
    store = open_store(tmp_path / "concord.db")
    for each in (CODES, MAP, CABS):
        load_terminology(store, incoming_of(each))
    terminology = Terminology(store, FixedClock(NOW))
    app = edge(Starlette(routes=[*fhir_routes(records, Accounts(), bulk, terminology=terminology)]))
    with Client(app, AS_DOCTOR) as client:
        yield client
    store.close()


def said(ask: Client, path: str, body: Any = None) -> dict[str, Any]:
    """The answer; of a Parameters resource, what comes once, by name."""
    method = "GET" if body is None else "POST"
    content = None if body is None else encode({"resourceType": "Parameters", "parameter": body})
    answer = ask(method, f"/fhir/{path}", content=content, headers=JSON)
    told: dict[str, Any] = parse(answer.content)
    assert answer.status_code == 200, told
    if told["resourceType"] != "Parameters":
        return told
    return {each["name"]: each.get("part") or next(each[k] for k in each if k != "name") for each in told["parameter"]}


def test_a_code_is_looked_up(ask: Client) -> None:
    told = said(ask, f"CodeSystem/$lookup?system={CARS}&code=van")
    assert (told["name"], told["version"], told["display"]) == ("Cars", "1", "Delivery van")
    assert told["designation"] == [{"name": "value", "valueString": "Lorry, small"}]
    one = said(ask, f"CodeSystem/$lookup?coding={quote(f'{CARS}|hansom')}&property=wheels")
    assert one["property"] == [{"name": "code", "valueCode": "wheels"}, {"name": "value", "valueInteger": 2}]


def test_codes_are_checked(ask: Client) -> None:
    assert said(ask, f"CodeSystem/$validate-code?url={CARS}&code=van")["result"] is True
    told = said(ask, f"CodeSystem/$validate-code?url={CARS}&code=van&display=Boat")
    assert (told["result"], told["display"]) == (False, "Delivery van")
    concept = {"coding": [{"system": "urn:x", "code": "a"}, {"system": CARS, "code": "cab"}]}
    asked = [{"name": "url", "valueUri": CABS["url"]}, {"name": "codeableConcept", "valueCodeableConcept": concept}]
    assert said(ask, "ValueSet/$validate-code", asked)["result"] is True
    assert said(ask, f"ValueSet/$validate-code?url={CABS['url']}&system={CARS}&code=van")["result"] is False
    assert said(ask, f"ValueSet/$validate-code?url={GENDER}&code=male")["result"] is True
    assert said(ask, f"CodeSystem/$subsumes?system={CARS}&codeA=car&codeB=cab")["outcome"] == "subsumes"


def test_a_value_set_is_expanded(ask: Client) -> None:
    told = said(ask, f"ValueSet/$expand?url={CABS['url']}&count=1&includeDesignations=true")
    assert (told["url"], told["expansion"]["total"], told["expansion"]["offset"]) == (CABS["url"], 2, 0)
    assert told["expansion"]["contains"] == [{"system": CARS, "code": "cab", "display": "Cab"}]
    told = said(ask, "ValueSet/$expand", [{"name": "url", "valueUri": GENDER}, {"name": "filter", "valueString": "ma"}])
    assert [each["code"] for each in told["expansion"]["contains"]] == ["male"]
    assert "contains" not in said(ask, f"ValueSet/$expand?url={GENDER}&filter=kestrel")["expansion"]


def test_a_code_is_translated(ask: Client) -> None:
    told = said(ask, f"ConceptMap/$translate?system={CARS}&code=car")
    assert told["result"] is True
    assert told["match"][:2] == [
        {"name": "equivalence", "valueCode": "equivalent"},
        {"name": "concept", "valueCoding": {"system": "http://b.example/wagen", "code": "Wagen", "display": "Wagen"}},
    ]
    assert said(ask, f"ConceptMap/$translate?system={CARS}&code=boat")["result"] is False


@pytest.mark.parametrize(
    ("path", "status"),
    [
        (f"CodeSystem/$lookup?system={CARS}&code=bicycle", 404),
        ("CodeSystem/$lookup?system=urn:x&code=a", 404),
        ("ValueSet/$expand?url=urn:x", 404),
        (f"ConceptMap/$translate?url=urn:x&system={CARS}&code=a", 404),
        ("CodeSystem/$lookup?code=a", 400),
        (f"CodeSystem/$lookup?system={CARS}", 400),
        (f"CodeSystem/$lookup?system={CARS}&code=a&coding=b", 400),
        (f"CodeSystem/$subsumes?system={CARS}&codeA=car", 400),
        (f"ValueSet/$expand?url={GENDER}&count=x", 400),
        (f"ValueSet/$expand?url={GENDER}&activeOnly=x", 400),
        (f"ValueSet/$expand?url={GENDER}&context=x", 400),
        (f"ValueSet/$expand?url={GENDER}&url=x", 400),
    ],
)
def test_what_cannot_be_answered_is_said(ask: Client, path: str, status: int) -> None:
    answer = ask("GET", f"/fhir/{path}")
    assert (answer.status_code, parse(answer.content)["resourceType"]) == (status, "OperationOutcome")


def test_parameters_of_another_kind_are_refused(ask: Client) -> None:
    for body in ({"resourceType": "ValueSet"}, {"resourceType": "Parameters", "parameter": [{"name": "url"}]},
                 {"resourceType": "Parameters", "parameter": [{"name": "coding", "valueCoding": []}]},
                 {"resourceType": "Parameters", "parameter": [{"name": "code", "valueInteger": 1}]}):  # fmt: skip
        for path in ("ValueSet/$validate-code", "CodeSystem/$lookup", "ConceptMap/$translate"):
            assert ask("POST", f"/fhir/{path}", content=encode(body), headers=JSON).status_code == 400


def test_who_has_no_token_asks_nothing(ask: Client) -> None:
    path = f"/fhir/ValueSet/$expand?url={GENDER}"
    assert ask("GET", path, headers={"authorization": "Bearer nobody"}).status_code == 401


@pytest.mark.parametrize(
    ("query", "status"),
    [
        (f"code:below={CARS}|cab", 200),
        (f"code:above={CARS}|hansom", 200),
        (f"code:in={CABS['url']}", 200),
        (f"code:not-in={CABS['url']}", 200),
        ("code:in=urn:x", 400),
        (f"code:below={CARS}|bicycle", 400),
    ],
)
def test_searches_ask_what_codes_mean(ask: Client, records: Records, query: str, status: int) -> None:
    assert ask("GET", f"/fhir/Observation?{query}").status_code == status
