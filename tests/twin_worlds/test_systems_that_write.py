"""A source system writes what its organisation contributes, and learns by writing nothing of what others did."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.fhir import encode
from concord.governance import OWN_ACCESS
from tests.small_system import HOSPITAL, PRACTICE, attendance, condition, patient
from tests.twin_worlds.asking import Request
from tests.twin_worlds.scenario import Scenario
from tests.twin_worlds.stories import CONFIDENTIALITY, GUESS, OTHER_NUMBER, acts_for, secret, sends, tagged
from tests.twin_worlds.test_twin_worlds import twins
from tests.twin_worlds.worlds import World
from tests.unit.api.client import Client

NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
_JSON = ("Content-Type", "application/fhir+json")
_PATCH = ("Content-Type", "application/json-patch+json")
ONE_MORE = patient("gp-x9", number=OTHER_NUMBER, name=[{"family": "Hidden", "given": ["Somebody"]}])
# What another organisation contributed beside, of the same people and of others.
HIDDEN = (
    Scenario(hides="an item", hide=sends(PRACTICE, secret("gp-x1")), hidden=(("ZZP01", "Condition", "gp-x1"),)),
    Scenario(
        hides="an item under the very id that the system uses itself", hide=sends(PRACTICE, secret("hx-e1")),
        hidden=(("ZZP01", "Condition", "hx-e1"),),
    ),
    Scenario(
        hides="a person", hide=sends(PRACTICE, ONE_MORE, secret("gp-x1", "gp-x9")),
        hidden=(("ZZP01", "Patient", "gp-x9"), ("ZZP01", "Condition", "gp-x1")),
    ),
    Scenario(
        hides="that a person's whereabouts are protected",
        hide=sends(PRACTICE, patient("gp-1", meta=tagged(CONFIDENTIALITY, "R"))),
        hidden=(("ZZP01", "Patient", "gp-1"),),
    ),
    Scenario(
        hides="who acts for a person", hide=sends(PRACTICE, acts_for("gp-x1")),
        hidden=(("ZZP01", "RelatedPerson", "gp-x1"),),
    ),
)  # fmt: skip


def asked(hidden: list[str]) -> Iterator[Request]:
    """Each way of writing, at what is hidden, at what is absent, and at what is the system's own."""
    for address in (*hidden, "Condition/absent", "Encounter/hx-e1", "Patient/hx-1", "RelatedPerson/absent"):
        type_, _, id_ = address.partition("/")
        body = encode(_of_its_own(type_, id_))
        pointing = condition(f"own-{id_}", "hx-1", evidence=[{"detail": [{"reference": address}]}])
        entries = [
            {"request": {"method": "PUT", "url": address}, "resource": _of_its_own(type_, id_)},
            {"request": {"method": "PUT", "url": f"Condition/own-{id_}"}, "resource": pointing},
            {"request": {"method": "GET", "url": address}},
        ]
        yield _request("GET", address)
        yield _request("GET", f"{address}/_history")
        yield _request("PUT", f"Condition/own-{id_}", encode(pointing))
        yield _request("PUT", f"Condition/of-{id_}", encode(condition(f"of-{id_}", id_)))
        yield _request("PATCH", address, encode([{"op": "test", "path": "/code/text", "value": GUESS}]), _PATCH)
        for query in (f"_id={id_}", f"code={GUESS}", f"identifier={NUMBER}|{OTHER_NUMBER}"):
            yield _request("PUT", f"{type_}?{query}", body)
            yield _request("POST", type_, body, ("If-None-Exist", query))
            yield _request("DELETE", f"{type_}?{query}")
            yield _request("GET", f"{type_}?{query}")
        yield _request("PUT", address, body, ("If-None-Match", "*"))
        yield _request("PUT", address, body, ("If-Match", 'W/"1"'))
        yield _request("PUT", address, body)
        for kind in ("batch", "transaction"):
            yield _request("POST", "", encode({"resourceType": "Bundle", "type": kind, "entry": entries}))
        for nth, resources in enumerate(
            ([_of_its_own(type_, id_), pointing], [_of_its_own(type_, id_), condition(id_, id_)])
        ):
            yield _message(f"{id_}-{nth}", resources)
            yield _message(f"{id_}-{nth}", resources)
        yield _request("DELETE", address)
        yield _request("GET", address)
    for number in (OTHER_NUMBER, "9990003300"):
        newcomer = patient("hx-new", number=number, birthDate="1942-02-14")
        yield _request("PUT", "Patient/hx-new", encode(newcomer))
        yield _request("POST", "Patient", encode(newcomer), ("If-None-Exist", f"identifier={NUMBER}|{number}"))
        yield _request("GET", "Patient")
        yield _request("GET", "Patient/hx-new/$everything")


def _message(id_: str, resources: list[dict[str, Any]]) -> Request:
    header = {
        "resourceType": "MessageHeader", "id": id_[-64:], "eventUri": "urn:x",
        "source": {"endpoint": "https://hospital.example"},
    }  # fmt: skip
    entries = [{"resource": each} for each in (header, *resources)]
    return _request("POST", "$process-message", encode({"resourceType": "Bundle", "type": "message", "entry": entries}))


def _of_its_own(type_: str, id_: str) -> dict[str, Any]:
    match type_:
        case "Patient":
            return patient(id_)
        case "Encounter":
            return attendance(id_, "hx-1")
        case "RelatedPerson":
            return acts_for(id_, patient={"reference": "Patient/hx-1"})
        case _:
            return condition(id_, "hx-1")


def _request(method: str, path: str, body: bytes = b"", *headers: tuple[str, str]) -> Request:
    own = headers if _PATCH in headers else (_JSON, *headers)
    return Request(route=path, method=method, path=f"/fhir/{path}" if path else "/fhir", headers=own, body=body or None)


@pytest.mark.parametrize("number", range(len(HIDDEN)), ids=lambda number: HIDDEN[number].hides)
def test_a_source_system_learns_nothing_by_writing(number: int, tmp_path: Path) -> None:
    scenario = HIDDEN[number]
    with twins(scenario, tmp_path) as (plain, hiding):
        guesses = [f"{type_}/{plain.logical_id(code, type_, name)}" for code, type_, name in scenario.hidden]
        guesses += [f"{type_}/{name}" for _, type_, name in scenario.hidden]
        written = 0
        with _as_system(plain) as one, _as_system(hiding) as other:
            for request in asked(guesses):
                answer = _answered(one, request)
                assert _answered(other, request) == answer, str(request)
                written += answer[0] in (200, 201) and request.method in ("PUT", "POST")
        assert written > 20, "else equal answers prove little"


def test_a_user_writes_no_item_whatever_they_name(tmp_path: Path) -> None:
    """For no purpose: so that who cannot read cannot learn by writing either."""
    with twins(HIDDEN[0], tmp_path) as (_, hiding):
        guess = f"Condition/{hiding.logical_id('ZZP01', 'Condition', 'gp-x1')}"
        told = set()
        for purpose in ("direct-care", "research", OWN_ACCESS):
            hiding.token = hiding.app.accounts.issue_user_token("doctor.zza", purpose, timedelta(hours=1))
            with hiding.client() as client:
                writes = [each for each in asked([guess]) if each.method in ("PUT", "DELETE") and "?" not in each.path]
                told |= {(each.method, _answered(client, each)[0], _answered(client, each)[2]) for each in writes}
        assert {status for _, status, _ in told} == {403}
        assert len(told) == len({method for method, _, _ in told}), "the same words, whatever is named"


def _as_system(world: World) -> Client:
    world.token = world.app.accounts.issue_system_token(HOSPITAL.organisation, timedelta(hours=1))
    return world.client()


def _answered(client: Client, request: Request) -> tuple[int, list[tuple[str, str]], bytes]:
    answer = client(request.method, request.path, headers=dict(request.headers), content=request.body)
    timing = ("server-timing",)
    return answer.status_code, [each for each in answer.headers.items() if each[0] not in timing], answer.content
