"""The CapabilityStatement says what the server does, to the last parameter, and the server does what it says."""

import itertools
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.routing import Route

from concord.fhir import NOTHING_KNOWN, RESOURCE_TYPES, parse, validate
from tests.conformance.hl7_package import PACKAGE, with_package
from tests.small_system import ED_DOCTOR, PRACTICE, attendance, condition, patient
from tests.spec.api.interactions import PATCHES, Server, said, server
from tests.twin_worlds.leaks import routes_of

# A right value of each type of parameter.
A_VALUE = {
    "token": "x", "string": "x", "reference": "x", "date": "2026", "number": "1", "quantity": "1", "uri": "urn:x",
    "special": "0|0|1|km",
}  # fmt: skip
HELD = {"Patient": "p1", "Condition": "c1", "Encounter": "e1"}
A_COMPONENT = ("x", "2026", "1")  # one of them is right for any component of a composite
AT_ONCE = 20  # more criteria or includes than the server takes in one search are asked for in several

# What each route is for, in the words of the statement: by its address below /fhir and its method.
OF_ROUTES = {
    "GET /metadata": "the statement itself",
    "GET ": "search-system", "GET /": "search-system", "POST ": "batch", "POST /": "transaction",
    "POST /_search": "search-system",
    "GET /{type}": "search-type", "POST /{type}/_search": "search-type", "POST /{type}": "create",
    "PUT /{type}": "conditionalUpdate", "PATCH /{type}": "conditionalUpdate", "DELETE /{type}": "conditionalDelete",
    "GET /{type}/{id}": "read", "PUT /{type}/{id}": "update", "PATCH /{type}/{id}": "patch",
    "DELETE /{type}/{id}": "delete", "GET /{type}/{id}/_history/{version}": "vread",
    "GET /{type}/{id}/_history": "history-instance", "GET /{type}/_history": "history-type",
    "GET /{owner}/{id}/{type}": "compartment", "POST /{owner}/{id}/{type}/_search": "compartment",
    "POST /{owner}/{id}/_search": "compartment",
    "GET /Patient/{id}/$everything": "$everything", "POST /Patient/{id}/$everything": "$everything",
    "GET /Encounter/{id}/$everything": "$everything", "POST /Encounter/{id}/$everything": "$everything",
    "GET /Observation/$lastn": "$lastn", "POST /Observation/$lastn": "$lastn", "POST /Patient/$match": "$match",
    "POST /Patient/$break-glass": "$break-glass", "POST /Patient/$end-break-glass": "$end-break-glass",
    "GET /$export": "$export", "POST /$export": "$export", "GET /Patient/$export": "$export",
    "POST /Patient/$export": "$export", "GET /Group/{id}/$export": "$export", "POST /Group/{id}/$export": "$export",
    "POST /$import": "$import", "POST /$process-message": "$process-message",
    "POST /{type}/$validate": "$validate", "POST /{type}/{id}/$validate": "$validate",
    "GET /{type}/{id}/$meta": "$meta",
    "GET /CodeSystem/$lookup": "$lookup", "POST /CodeSystem/$lookup": "$lookup",
    "GET /CodeSystem/$validate-code": "$validate-code", "POST /CodeSystem/$validate-code": "$validate-code",
    "GET /CodeSystem/$subsumes": "$subsumes", "POST /CodeSystem/$subsumes": "$subsumes",
    "GET /ValueSet/$expand": "$expand", "POST /ValueSet/$expand": "$expand",
    "GET /ValueSet/$validate-code": "$validate-code", "POST /ValueSet/$validate-code": "$validate-code",
    "GET /ConceptMap/$translate": "$translate", "POST /ConceptMap/$translate": "$translate",
    # Addresses that an export or import gives out, as the asynchronous request pattern says.
    "GET /$job/{job}": "$export", "DELETE /$job/{job}": "$export", "GET /$job/{job}/{file}": "$export",
}  # fmt: skip


@pytest.fixture(scope="module")
def on(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder: Path = tmp_path_factory.mktemp("capability")
    with server(folder, practice=PRACTICE, doctor=ED_DOCTOR) as served:
        for resource in (patient("p1"), condition("c1", "p1"), attendance("e1", "p1")):
            address = f"{resource['resourceType']}/{resource['id']}"
            assert served.ask("practice", "PUT", address, resource).status_code == 201
        yield served


@pytest.fixture(scope="module")
def statement(on: Server) -> Any:
    return parse(on.ask("practice", "GET", "metadata").content)


@pytest.fixture(scope="module")
def stated(statement: Any) -> dict[str, Any]:
    return {each["type"]: each for each in statement["rest"][0]["resource"]}


def test_it_is_a_right_capability_statement(statement: Any) -> None:
    assert [issue for issue in validate(statement, known=NOTHING_KNOWN) if issue.severity in ("error", "fatal")] == []


def test_it_names_every_type(stated: dict[str, Any]) -> None:
    assert stated.keys() == RESOURCE_TYPES


@pytest.mark.parametrize("type_", sorted(RESOURCE_TYPES))
def test_every_interaction_of_a_type_is_there(on: Server, stated: dict[str, Any], type_: str) -> None:
    """None is told that the address or the method is not one of ours; a resource of that type alone is too little."""
    one, new = f"{type_}/nothing-has-this", f"{type_}/new"
    body = {"resourceType": type_, "id": "new"}
    tried = {
        "read": (("GET", one, None), (404,)),
        "vread": (("GET", f"{one}/_history/1", None), (404,)),
        "history-instance": (("GET", f"{one}/_history", None), (404,)),
        "history-type": (("GET", f"{type_}/_history", None), (200,)),
        "search-type": (("GET", type_, None), (200,)),
        "delete": (("DELETE", one, None), (204, 404)),
        "update": (("PUT", new, body), (200, 201, 202, 400)),
        "create": (("POST", type_, body), (201, 202, 400)),
        "patch": (("PATCH", f"{type_}/another", [{"op": "remove", "path": "/id"}]), (404,)),
    }
    codes = [each["code"] for each in stated[type_]["interaction"]]
    assert sorted(codes) == sorted(tried)
    for code in codes:
        (method, path, sent), expected = tried[code]
        kind = PATCHES if method == "PATCH" else "application/fhir+json"
        answer = on.ask("practice", method, path, sent, content_type=kind)
        assert answer.status_code in expected, (code, answer.status_code, answer.content)


@pytest.mark.parametrize("type_", sorted(RESOURCE_TYPES))
def test_a_search_takes_every_parameter_that_is_stated_and_no_other(
    on: Server, stated: dict[str, Any], type_: str
) -> None:
    listed = stated[type_]["searchParam"]
    plain = [(each["name"], A_VALUE[each["type"]]) for each in listed if each["type"] != "composite"]
    for some in _in_parts(plain):
        answer = on.ask("practice", "GET", f"{type_}?{urlencode(some)}")
        assert answer.status_code == 200, said(answer)
    for name in (each["name"] for each in listed if each["type"] == "composite"):
        values = ["$".join(parts) for number in (2, 3) for parts in itertools.product(A_COMPONENT, repeat=number)]
        answers = [on.ask("practice", "GET", f"{type_}?{urlencode({name: value})}") for value in values]
        assert any(answer.status_code == 200 for answer in answers), name
    names = {each["name"] for each in listed}
    every = {each["name"] for one in stated.values() for each in one["searchParam"]}
    others = [(name, "x") for name in sorted(every - names) if not name.startswith("_")]
    assert on.ask("practice", "GET", f"{type_}?{urlencode(others[:1])}").status_code == 400
    passed_over = on.ask("practice", "GET", f"{type_}?{urlencode(others)}", prefer="handling=lenient")
    assert parse(passed_over.content)["link"][0]["url"].endswith(f"/fhir/{type_}"), "a parameter was used, not stated"


@pytest.mark.parametrize("type_", sorted(RESOURCE_TYPES))
def test_a_search_takes_every_include_that_is_stated(on: Server, stated: dict[str, Any], type_: str) -> None:
    for name, key in (("_include", "searchInclude"), ("_revinclude", "searchRevInclude")):
        for some in _in_parts([(name, each) for each in stated[type_].get(key, [])]):
            answer = on.ask("practice", "GET", f"{type_}?{urlencode(some)}")
            assert answer.status_code == 200, said(answer)


def test_an_include_that_is_not_stated_is_refused(on: Server, stated: dict[str, Any]) -> None:
    references = {name for one in stated.values() for name in one.get("searchInclude", []) if ":" in name}
    for type_ in ("Condition", "Observation", "Patient"):
        ours = set(stated[type_]["searchInclude"])
        invented = {f"{type_}:{name.partition(':')[2]}" for name in references} - ours
        for include in sorted(invented):
            assert on.ask("practice", "GET", f"{type_}?_include={include}").status_code == 400, include


def test_every_operation_that_is_stated_is_there(on: Server, statement: Any, stated: dict[str, Any]) -> None:
    of_type = [(type_, each["name"]) for type_, one in stated.items() for each in one.get("operation", [])]
    of_system = [("", each["name"]) for each in statement["rest"][0]["operation"]]
    for type_, name in [*of_type, *of_system]:
        held = HELD.get(type_, "x")
        if name != "meta" or type_ in HELD:  # what is not held has no meta
            at = [f"{type_}/${name}", f"{type_}/{held}/${name}"] if type_ else [f"${name}"]
            assert any(_is_there(on, address) for address in at), f"{type_} ${name}"


@with_package
def test_no_operation_of_r4_is_there_that_is_not_stated(on: Server, statement: Any, stated: dict[str, Any]) -> None:
    of_system = {each["name"] for each in statement["rest"][0]["operation"]}
    found = set()
    for file in sorted(PACKAGE.glob("OperationDefinition-*.json")):
        defined = parse(file.read_bytes())
        name = defined["code"]
        for type_ in defined.get("resource", []):
            of_types = RESOURCE_TYPES if type_ in ("Resource", "DomainResource") else {type_}
            for one in sorted(of_types & {"Patient", "Observation", "CodeSystem", "ValueSet", type_}):
                if name not in {each["name"] for each in stated[one]["operation"]}:
                    found |= {
                        at for at in (f"{one}/${name}", f"{one}/{HELD.get(one, 'x')}/${name}") if _is_there(on, at)
                    }
        if name not in of_system and _is_there(on, f"${name}"):
            found.add(f"${name}")
    assert found == set()


def test_every_route_is_stated(on: Server, statement: Any, stated: dict[str, Any]) -> None:
    rest = statement["rest"][0]
    of_types = [*stated.values()]
    words = {each["code"] for one in (rest, *of_types) for each in one["interaction"]}
    words |= {f"${each['name']}" for one in (rest, *of_types) for each in one["operation"]}
    words |= {name for name in ("conditionalUpdate", "conditionalDelete") if all(one[name] for one in of_types)}
    words |= {"compartment"} if rest["compartment"] else set()
    served = {
        f"{method} {route.path.removeprefix('/fhir')}"
        for route in routes_of(on.app.asgi())
        if isinstance(route, Route) and route.path.startswith("/fhir") and route.path != "/fhir/{path:path}"
        for method in _methods(on, route.path)
    }
    assert served == OF_ROUTES.keys()
    assert set(OF_ROUTES.values()) - words == {"the statement itself"}


def test_every_compartment_that_is_stated_is_searched(on: Server, statement: Any) -> None:
    owners = [url.rpartition("/")[2] for url in statement["rest"][0]["compartment"]]
    assert owners == ["device", "encounter", "patient", "practitioner", "relatedPerson"]
    for owner in owners:
        type_ = f"{owner[0].upper()}{owner[1:]}"
        assert _methods(on, f"/fhir/{type_}/x/Condition") == ["GET"]
    assert on.ask("practice", "GET", "Patient/p1/Condition").status_code == 200
    assert on.ask("practice", "GET", "Encounter/e1/Condition").status_code == 200
    assert on.ask("practice", "GET", "Condition/c1/Observation").status_code == 404


def _in_parts(pairs: Sequence[tuple[str, str]]) -> Iterator[Sequence[tuple[str, str]]]:
    for at in range(0, len(pairs), AT_ONCE):
        yield pairs[at : at + AT_ONCE]


def _is_there(on: Server, path: str) -> bool:
    """Whether an address of what is held is one of ours, by GET or POST."""
    return any(on.ask("practice", method, path).status_code not in (404, 405) for method in ("GET", "POST"))


def _methods(on: Server, route: str) -> Sequence[str]:
    """The methods that the route says it takes, when asked by another."""
    path = re.sub(r"\{type\}", "Flag", re.sub(r"\{owner\}", "Patient", route))
    refused = on.ask("practice", "BREW", re.sub(r"\{\w+\}", "x", path).removeprefix("/fhir/").removeprefix("/fhir"))
    assert refused.status_code == 405, route
    return [method for method in refused.headers["allow"].split(", ") if method != "HEAD"]
