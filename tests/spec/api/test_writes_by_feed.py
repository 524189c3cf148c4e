"""What a system writes by the FHIR API obeys its feed: its shadow, what may come by it, its service and its trust."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.fhir import encode, parse
from tests.small_system import ED_DOCTOR, HOSPITAL, PRACTICE, condition, patient, send, statuses
from tests.spec.api.interactions import PATCHES, Server, bundle, server
from tests.spec.api.test_messages import described, items

WRONG = condition("c-1", "p-1") | {"onsetDateTime": "yesterday"}
PATIENT = patient("p-1")


def entries(*resources: dict[str, Any], kind: str = "transaction") -> dict[str, Any]:
    return bundle(
        kind,
        *(
            {"resource": each, "request": {"method": "PUT", "url": f"{each['resourceType']}/{each['id']}"}}
            for each in resources
        ),
    )


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Server]:
    (tmp_path / "feeds").mkdir()
    with server(tmp_path, practice=PRACTICE, doctor=ED_DOCTOR) as served:
        yield served


def issue(answer: Any) -> str:
    return str(parse(answer.content)["issue"][0]["diagnostics"])


WAYS = {
    "update": ("PUT", "Patient/p-1", PATIENT),
    "create": ("POST", "Patient", {name: value for name, value in PATIENT.items() if name != "id"}),
    "conditional update": ("PUT", "Patient?identifier=x|1", PATIENT),
    "delete": ("DELETE", "Patient/p-0", None),
    "patch": ("PATCH", "Patient/p-0", [{"op": "replace", "path": "/gender", "value": "male"}]),
    "transaction": ("POST", "", entries(PATIENT, condition("c-1", "p-1"))),
}


@pytest.mark.parametrize("way", WAYS)
def test_in_its_shadow_nothing_is_stored_and_the_system_is_told_so(on: Server, tmp_path: Path, way: str) -> None:
    method, path, body = WAYS[way]
    send(on.app, PRACTICE, patient("p-0"))
    before = items(on)
    described(tmp_path, "shadow: yes\n")
    headers = {"content_type": PATCHES} if method == "PATCH" else {}
    answer = on.ask("practice", method, path, body, **headers)
    assert (answer.status_code, items(on)) == (409, before)
    assert "the feed is in its shadow" in issue(answer)


def test_in_its_shadow_nothing_is_imported(on: Server, tmp_path: Path) -> None:
    described(tmp_path, "shadow: yes\n")
    answer = on.send("practice", "POST", "$import", encode(PATIENT), {"content-type": "application/fhir+ndjson"})
    assert (answer.status_code, items(on)) == (409, {})


def test_in_its_shadow_what_is_wrong_is_told_as_it_will_be(on: Server, tmp_path: Path) -> None:
    described(tmp_path, "shadow: yes\n")
    answer = on.ask("practice", "PUT", "Condition/c-1", WRONG)
    assert (answer.status_code, issue(answer).partition(":")[0]) == (400, "Condition.onsetDateTime")
    answer = on.ask("practice", "POST", "", entries(PATIENT, WRONG))
    assert [each["expression"] for each in parse(answer.content)["issue"]] == [["Bundle.entry[1]"]]


def test_of_a_batch_in_the_shadow_each_entry_has_its_own_answer(on: Server, tmp_path: Path) -> None:
    described(tmp_path, "shadow: yes\n")
    answer = on.ask("practice", "POST", "", entries(PATIENT, WRONG, kind="batch"))
    assert [each["response"]["status"][:3] for each in parse(answer.content)["entry"]] == ["409", "400"]
    assert items(on) == {}


def test_what_may_not_come_is_refused_alone_in_a_batch_and_with_all_of_a_transaction(
    on: Server, tmp_path: Path
) -> None:
    described(tmp_path, "resources: [Patient]\n")
    both = (PATIENT, condition("c-1", "p-1"))
    answer = on.ask("practice", "POST", "", entries(*both))
    assert (answer.status_code, issue(answer)) == (400, "The feed does not allow resources of this type.")
    assert items(on) == {}
    answer = on.ask("practice", "POST", "", entries(*both, kind="batch"))
    assert [each["response"]["status"][:3] for each in parse(answer.content)["entry"]] == ["201", "400"]
    assert items(on) == {"Patient": 1}


@pytest.mark.parametrize(("trust", "together"), [("traced", True), ("stated", False)])
def test_numbers_are_trusted_as_far_as_the_feed_says(on: Server, tmp_path: Path, trust: str, together: bool) -> None:
    """Of a traced number, names and date of birth are enough; else given name or postcode must agree too."""
    described(tmp_path, f"nhs_numbers: {trust}\n")
    of_the_hospital, of_the_practice = patient("ed", name=[{"family": "Holroyd"}]), patient("p-1")
    del of_the_hospital["address"], of_the_practice["address"]
    assert statuses(send(on.app, HOSPITAL, of_the_hospital)) == ["stored"]
    assert on.ask("practice", "PUT", "Patient/p-1", of_the_practice).status_code == 201
    with on.app.store.reading() as reading:
        persons = reading.rows("SELECT DISTINCT person FROM link")
    assert (len(persons) == 1) is together


def test_the_feeds_service_is_that_of_items_that_name_none(on: Server, tmp_path: Path) -> None:
    described(tmp_path, "service: minor-illness\n")
    on.ask("practice", "POST", "", entries(PATIENT, condition("c-1", "p-1")))
    with on.app.store.reading() as reading:
        services = reading.rows("SELECT w.text FROM item i JOIN word w ON w.number = i.service")
    assert set(services) == {("minor-illness",)}


def test_what_comes_is_counted_as_the_feeds(on: Server, tmp_path: Path) -> None:
    described(tmp_path, "rhythm: 1d\n")
    on.ask("practice", "POST", "", entries(PATIENT, condition("c-1", "p-1")))
    on.ask("practice", "PUT", "Condition/c-1", WRONG)
    described(tmp_path, "rhythm: 1d\nshadow: yes\n")
    on.ask("practice", "PUT", "Patient/p-1", PATIENT)
    traffic = on.app.records.traffic.by_feed()["out"]
    assert (traffic.messages, traffic.rejected) == (4, 1)


def test_while_the_feeds_file_cannot_be_read_nothing_is_taken(on: Server, tmp_path: Path) -> None:
    described(tmp_path, "shadow: perhaps\n")
    assert on.ask("practice", "PUT", "Patient/p-1", PATIENT).status_code == 503
    assert items(on) == {}


def test_a_slip_in_the_file_of_another_organisations_feed_keeps_nobody_out(on: Server, tmp_path: Path) -> None:
    (tmp_path / "feeds" / "pas.yaml").write_text("organisation: ZZA\nshadow: perhaps\n", encoding="utf-8")
    assert on.ask("practice", "PUT", "Patient/p-1", PATIENT).status_code == 201
