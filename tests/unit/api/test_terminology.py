"""The terminology operations, as they are asked and answered over HTTP; and searches by what codes mean."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from starlette.applications import Starlette

from concord.api import Bulk, edge, fhir_routes
from concord.base import FixedClock
from concord.fhir import NOTHING_KNOWN, encode, parse, validate
from concord.store import Store, open_store
from concord.terminology import Terminology, incoming_of, load_terminology
from tests.small_system import ED_DOCTOR, NOW, PRACTICE
from tests.spec.api.interactions import Server, server
from tests.unit.api.client import Client
from tests.unit.api.stand_ins import AS_DOCTOR, Accounts, Records
from tests.unit.terminology.test_terminology import CARS, CODES, MAP, narrowed, value_set

JSON = {"Content-Type": "application/fhir+json"}
CABS = value_set("cabs", narrowed("concept", "is-a", "cab"))
GENDER = "http://hl7.org/fhir/ValueSet/administrative-gender"


@pytest.fixture
def loaded(tmp_path: Path) -> Iterator[Store]:
    """A store into which CODES, MAP and CABS were loaded."""
    store = open_store(tmp_path / "concord.db")
    for each in (CODES, MAP, CABS):
        load_terminology(store, incoming_of(each))
    yield store
    store.close()


@pytest.fixture
def ask(records: Records, bulk: Bulk, loaded: Store) -> Iterator[Client]:
    terminology = Terminology(loaded, FixedClock(NOW))
    app = edge(Starlette(routes=[*fhir_routes(records, records, Accounts(), bulk, terminology=terminology)]))
    with Client(app, AS_DOCTOR) as client:
        yield client


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


# what is asked | names of what is found, of the four code systems that are loaded
FOUND: dict[str, list[str | None]] = {
    f"CodeSystem?url={CARS}": ["Cars"],
    f"CodeSystem?url={CARS}&version=1": ["Cars"],
    f"CodeSystem?url={CARS}&version=2": [],
    f"CodeSystem?url={CARS},http://c.example/0": ["Cars", "Colour0"],
    "CodeSystem?url:below=http://c.example": ["Colour0", "Colour1", "Colour2"],
    "CodeSystem?name=colour": ["Colour0", "Colour1", "Colour2"],
    "CodeSystem?name=colour&_sort=-name": ["Colour2", "Colour1", "Colour0"],
    "CodeSystem?name:exact=Cars": ["Cars"],
    "CodeSystem?status=active&name=Colour1": ["Colour1"],
    "CodeSystem?status=draft": ["Colour2"],
    "CodeSystem?code=boat": ["Cars"],
    "CodeSystem?_lastUpdated=gt2000": [],
    "CodeSystem?supplements:CodeSystem.name=x": [],
    "CodeSystem?_id=nothing": [],
    f"ValueSet?url={CABS['url']}": [CABS.get("name")],
    f"ConceptMap?url={MAP['url']}": [MAP.get("name")],
}


@pytest.fixture
def more(ask: Client, loaded: Store) -> Client:
    """The same, with three code systems more."""
    for number, status in enumerate(("active", "active", "draft")):
        code_system = {
            "resourceType": "CodeSystem", "url": f"http://c.example/{number}", "name": f"Colour{number}",
            "status": status, "content": "complete", "concept": [{"code": "red"}],
        }  # fmt: skip
        load_terminology(loaded, incoming_of(code_system))
    return ask


def bundle(ask: Client, path: str) -> Any:
    answer = ask("GET", f"/fhir/{path}")
    assert answer.status_code == 200, answer.content
    return parse(answer.content)


def names(found: Any) -> list[str | None]:
    return [each["resource"].get("name") for each in found.get("entry", ())]


@pytest.mark.parametrize("asked", FOUND)
def test_what_was_loaded_is_found(more: Client, asked: str) -> None:
    found = bundle(more, asked)
    assert names(found) == FOUND[asked]
    assert found["total"] == len(FOUND[asked])
    for entry in found.get("entry", ()):
        resource = entry["resource"]
        assert bundle(more, f"{resource['resourceType']}/{resource['id']}") == resource


def test_it_is_read_as_it_was_loaded(ask: Client) -> None:
    for given in (CODES, CABS, MAP):
        (entry,) = bundle(ask, f"{given['resourceType']}?url={given['url']}")["entry"]
        read = entry["resource"]
        assert {name: read[name] for name in given if name not in ("id", "meta")} == {
            name: given[name] for name in given if name not in ("id", "meta")
        }
        assert validate(read, known=NOTHING_KNOWN) == validate(given, known=NOTHING_KNOWN)
        part = bundle(ask, f"{given['resourceType']}/{read['id']}?_elements=url")
        assert part["url"] == given["url"]
        assert "name" not in part


def test_one_that_is_too_large_says_that_it_is_not_all_there(ask: Client, loaded: Store) -> None:
    concepts = [{"code": f"c{number}", "display": "x" * 100} for number in range(3000)]
    large = {**CODES, "url": "urn:large", "concept": concepts}
    load_terminology(loaded, incoming_of(large))
    (entry,) = bundle(ask, "CodeSystem?url=urn:large")["entry"]
    assert "concept" not in entry["resource"]
    assert [tag["code"] for tag in entry["resource"]["meta"]["tag"]] == ["SUBSETTED"]
    assert said(ask, "CodeSystem/$lookup?system=urn:large&code=c7")["display"] == "x" * 100


def test_pages_of_what_was_loaded_and_then_of_what_a_source_contributed(tmp_path: Path) -> None:
    with server(tmp_path, practice=PRACTICE, doctor=ED_DOCTOR) as on:
        for number in range(4):
            load_terminology(on.app.store, incoming_of({**CODES, "url": f"urn:{number}"}))
        for number in range(2):
            own = {**CODES, "id": f"own{number}", "url": f"urn:own:{number}"}
            assert on.ask("practice", "PUT", f"CodeSystem/own{number}", own).status_code == 201
        for whose, expected in (("doctor", 4), ("practice", 6)):
            for count in range(1, 8):
                assert len(in_pages(on, whose, f"CodeSystem?_count={count}", expected)) == expected
            counted = parse(on.ask(whose, "GET", "CodeSystem?_summary=count").content)
            assert counted["total"] == expected
        assert len(in_pages(on, "practice", "CodeSystem?url=urn:own:1", 1)) == 1
        assert len(in_pages(on, "doctor", "CodeSystem?url=urn:own:1", 0)) == 0


def in_pages(on: Server, whose: str, path: str, total: int) -> set[str]:
    """The ids that the pages of a search show, each once."""
    seen: list[str] = []
    most = int(path.rpartition("_count=")[2]) if "_count" in path else 100
    while path:
        found = parse(on.ask(whose, "GET", path).content)
        page = [each["resource"]["id"] for each in found.get("entry", ())]
        assert found["total"] == total
        assert len(page) <= most
        seen += page
        following = next((each["url"] for each in found["link"] if each["relation"] == "next"), "")
        path = following.partition("/fhir/")[2]
    assert len(seen) == len(set(seen))
    return set(seen)


def test_a_page_link_that_is_none_is_refused(ask: Client) -> None:
    assert ask("GET", "/fhir/ValueSet?_page=nonsense").status_code == 400
    assert ask("GET", "/fhir/ValueSet?_page=loaded.7").status_code == 400


def test_in_a_batch_too(ask: Client) -> None:
    entries = [{"request": {"method": "GET", "url": url}} for url in ("ValueSet", "ValueSet/loaded-0")]
    batch = {"resourceType": "Bundle", "type": "batch", "entry": entries}
    answer = parse(ask("POST", "/fhir", content=encode(batch), headers=JSON).content)
    assert [each["response"]["status"][:3] for each in answer["entry"]] == ["200", "404"]
    assert answer["entry"][0]["resource"]["total"] == 1


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
