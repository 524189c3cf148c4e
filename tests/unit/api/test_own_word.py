"""Breaking the glass over the API: who may ask, how, and what a request must say for it to count."""

from typing import Any

import pytest

from concord.fhir import encode, parse
from tests.unit.api.client import Client
from tests.unit.api.stand_ins import AS_SYSTEM, Records

BTG = {"Purpose-Of-Use": "BTG"}
GIVEN = {"identifier": "9990003114", "reason": "emergency", "text": "Collapsed, nobody with her."}


def asked(client: Client, given: dict[str, str], headers: dict[str, str], operation: str = "break-glass") -> Any:
    listed = [{"name": name, "valueString": value} for name, value in given.items()]
    body = encode({"resourceType": "Parameters", "parameter": listed})
    headers = {"Content-Type": "application/fhir+json"} | headers
    return client("POST", f"/fhir/Patient/${operation}", headers=headers, content=body)


def test_it_begins_with_a_number_a_reason_and_words(ask: Client, records: Records) -> None:
    answer = asked(ask, GIVEN, BTG)
    assert answer.status_code == 200
    assert parse(answer.content)["parameter"] == [
        {"name": "kind", "valueCode": "override"},
        {"name": "until", "valueInstant": "2026-11-22T07:12:00.000Z"},
    ]
    assert records.asked[-1][0] == "assert_by_number"


def test_it_ends_on_request(ask: Client) -> None:
    answer = asked(ask, {"identifier": "9990003114"}, BTG, "end-break-glass")
    assert parse(answer.content)["parameter"] == [{"name": "ended", "valueInteger": 1}]


@pytest.mark.parametrize(
    ("given", "headers", "status"),
    [
        (GIVEN, {}, 400),
        (GIVEN, {"Purpose-Of-Use": "TREAT"}, 400),
        (GIVEN | {"identifier": "9990003115"}, BTG, 400),
        (GIVEN | {"until": "2030-01-01"}, BTG, 400),
    ],
)
def test_what_is_refused(ask: Client, given: dict[str, str], headers: dict[str, str], status: int) -> None:
    assert asked(ask, given, headers).status_code == status


def test_a_source_system_breaks_no_glass(ask: Client) -> None:
    assert asked(ask, GIVEN, BTG | AS_SYSTEM).status_code == 403
