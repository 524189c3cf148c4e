"""Patient/$match on the wire."""

from typing import Any

import pytest

from concord.fhir import encode, parse
from tests.unit.api.client import ADDRESS, Client
from tests.unit.api.stand_ins import DOCTOR, Match, Records

JSON = {"Content-Type": "application/fhir+json"}
PATIENT = {"resourceType": "Patient", "birthDate": "1942-02-14"}


def body(*parameters: dict[str, Any]) -> bytes:
    return encode({"resourceType": "Parameters", "parameter": list(parameters)})


def test_matches_go_out_graded_the_surest_first(ask: Client, records: Records) -> None:
    records.matches = [Match("certain", "p1"), Match("possible", None)]
    sent = body({"name": "resource", "resource": PATIENT}, {"name": "count", "valueInteger": 3})
    answer = ask("POST", "/fhir/Patient/$match", headers=JSON, content=sent)
    assert answer.status_code == 200
    bundle = parse(answer.content)
    assert (bundle["type"], bundle["total"]) == ("searchset", 2)
    assert [entry.get("fullUrl") for entry in bundle["entry"]] == [f"{ADDRESS}/fhir/Patient/p1", None]
    assert [str(entry["search"]["score"]) for entry in bundle["entry"]] == ["1.0", "0.4"]
    assert bundle["entry"][1]["search"]["extension"] == [
        {"url": "http://hl7.org/fhir/StructureDefinition/match-grade", "valueCode": "possible"}
    ]
    assert records.asked == [("match", PATIENT, DOCTOR, False, 3)]


def test_nobody_is_an_empty_set(ask: Client) -> None:
    sent = body(
        {"name": "resource", "resource": PATIENT}, {"name": "onlyCertainMatches", "valueBoolean": True}
    )  # fmt: skip
    answer = ask("POST", "/fhir/Patient/$match", headers=JSON, content=sent)
    assert parse(answer.content) == {"resourceType": "Bundle", "type": "searchset", "total": 0}


@pytest.mark.parametrize(
    "sent",
    [
        b"{}", body(), body({"name": "resource", "resource": {"resourceType": "Person"}}),
        body({"name": "resource", "resource": PATIENT | {"colour": "red"}}),
        body({"name": "resource", "resource": PATIENT}, {"name": "count", "valueInteger": 0}),
        body({"name": "resource", "resource": PATIENT}, {"name": "threshold", "valueDecimal": 1}),
        body({"name": "resource", "resource": PATIENT}, {"name": "onlyCertainMatches", "valueString": "true"}),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_and_not_asked_for(ask: Client, records: Records, sent: bytes) -> None:
    assert ask("POST", "/fhir/Patient/$match", headers=JSON, content=sent).status_code == 400
    assert records.asked == []
