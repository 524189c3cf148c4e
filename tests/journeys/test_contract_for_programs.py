"""What programs outside may build on, asked of a served installation as they would ask: the command line and HTTP."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.journeys.conftest import Served, concord, served
from tests.small_system import NHS_NUMBER, attendance, patient

AGREEMENT = """
agreement: shared
title: Sharing for direct care
version: 1
purpose: direct-care
lawful_basis: {gdpr: [6(1)(e), 9(2)(h)], confidence: [implied-consent]}
in_force: {from: 2026-01-01, review: 2098-01-01, until: 2099-12-31}
parties: {practices: [ZZZ01], hospital: [ZZZ02]}
clauses:
  - id: the-hospital-sees-what-both-hold
    from: {organisations: [practices, hospital]}
    shares: [person-demographics, investigation-results, admission-details, contacts-with-professionals]
    with: {organisations: hospital, roles: [doctor]}
    when: [attending]
"""


class Program:
    """One bearer of a token."""

    def __init__(self, served: Served, *whose: str) -> None:
        printed = concord("token", "--data", str(served.data), *whose)
        assert printed.count("\n") == 1
        headers = {"Authorization": f"Bearer {printed.strip()}", "Content-Type": "application/fhir+json"}
        self.http = httpx.Client(base_url=f"{served.url}/fhir/", headers=headers)

    def ask(self, path: str, expected: int = 200) -> dict[str, Any]:
        answer = self.http.get(path)
        assert answer.status_code == expected, answer.text
        assert re.match(r"total;dur=\d", answer.headers["server-timing"])
        found: dict[str, Any] = answer.json()
        return found

    def send(self, resource: dict[str, Any] | bytes, path: str = "", **headers: str) -> httpx.Response:
        body = resource if isinstance(resource, bytes) else json.dumps(resource).encode()
        return self.http.post(path, content=body, headers=headers)

    def create(self, resource: dict[str, Any] | bytes, type_: str) -> str:
        answer = self.send(resource, type_)
        assert answer.status_code == 201, answer.text
        id_: str = answer.json()["id"]
        assert f"/fhir/{type_}/{id_}" in answer.headers["location"]
        return id_

    def ids(self, path: str) -> set[str]:
        return {entry["resource"]["id"] for entry in self.ask(path).get("entry", [])}


class Town:
    """A practice and a hospital that have signed, one person known to both, and who asks about her."""

    def __init__(self, served: Served) -> None:
        self.url = served.url
        self.practice, self.hospital = (Program(served, "--system", code) for code in ("ZZZ01", "ZZZ02"))
        self.doctor = Program(served, "--as", "dr.b", "--purpose", "TREAT", "--for", "30m")
        self.known_to_practice = self.practice.create(patient("p"), "Patient")
        self.known_to_hospital = self.hospital.create(patient("p"), "Patient")
        self.stay = self.hospital.create(attendance("e", self.known_to_hospital), "Encounter")
        self.results = [
            self.practice.create(observation(f"{self.url}/fhir/Patient/{self.known_to_practice}", value), "Observation")
            for value in ("1.10", "2.50", "3.0")
        ]

    @property
    def all(self) -> set[str]:
        return {self.known_to_practice, self.known_to_hospital, self.stay, *self.results}


def observation(of: str, value: str) -> bytes:
    return (
        b'{"resourceType":"Observation","status":"final","category":[{"coding":[{"system":'
        b'"http://terminology.hl7.org/CodeSystem/observation-category","code":"laboratory"}]}],'
        b'"code":{"coding":[{"system":"http://loinc.org","code":"2160-0"}]},"subject":{"reference":"%s"},'
        b'"effectiveDateTime":"2026-05-0%s","valueQuantity":{"value":%s}}'
        % (of.encode(), value[:1].encode(), value.encode())
    )


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    data: Path = tmp_path_factory.mktemp("contract") / "data"
    concord("init", str(data))
    add = "--data", str(data), "--name"
    concord("organisations", "add", "ZZZ02", *add, "The hospital", "--kind", "acute-trust")
    agreement = data / "agreements" / "shared.yaml"
    agreement.write_text(AGREEMENT, encoding="utf-8")
    keys = {"ZZZ01": data / "signing-keys" / "ZZZ01.key", "ZZZ02": data.parent / "hospital.key"}
    printed = concord("agreements", "keys", "new", str(keys["ZZZ02"]), "--as", "ZZZ02", "--name", "A guardian")
    with (data / "signatories.yaml").open("a", encoding="utf-8") as signatories:
        signatories.write(printed[printed.index("  - ") :])
    concord("agreements", "load", "--data", str(data))
    for party, key in keys.items():
        statement = data.parent / f"{party}.txt"
        concord("agreements", "sign", str(agreement), "--key", str(key), "--to", str(statement))
        concord("agreements", "receive", str(statement), "--data", str(data))
    concord("users", "add", "dr.b", *add, "Dr B", "--role", "doctor", "--organisation", "ZZZ02", "--staff-id", "2")
    for running in served(data):
        town = Town(running)
        yield town
        for program in (town.practice, town.hospital, town.doctor):
            program.http.close()


def test_health_and_metadata_ask_for_no_token(town: Town) -> None:
    for path in ("/health/live", "/health/ready", "/fhir/metadata"):
        assert httpx.get(town.url + path).status_code == 200
    stated = httpx.get(f"{town.url}/fhir/metadata").json()
    assert (stated["resourceType"], stated["fhirVersion"]) == ("CapabilityStatement", "4.0.1")
    assert httpx.get(f"{town.url}/fhir/Patient").status_code == 401


def test_a_user_asks_about_the_person_and_a_source_system_about_its_patient(town: Town) -> None:
    for of in (town.known_to_practice, town.known_to_hospital):
        assert town.doctor.ids(f"Patient/{of}/$everything") == town.all
        assert town.doctor.ids(f"Observation?patient={of}") == set(town.results)
    assert town.practice.ids(f"Patient/{town.known_to_practice}/$everything") == {town.known_to_practice, *town.results}
    assert town.hospital.ids(f"Observation?subject=Patient/{town.known_to_hospital}") == set()
    town.practice.ask(f"Patient/{town.known_to_hospital}/$everything", expected=404)


def test_each_item_keeps_its_subject_and_the_patients_name_each_other(town: Town) -> None:
    mine = town.doctor.ask(f"Patient/{town.known_to_practice}")
    assert mine["link"] == [{"other": {"reference": f"Patient/{town.known_to_hospital}"}, "type": "seealso"}]
    assert "link" not in town.practice.ask(f"Patient/{town.known_to_practice}")
    result = town.doctor.ask(f"Observation/{town.results[0]}")
    assert result["subject"] == {"reference": f"Patient/{town.known_to_practice}"}


def test_a_decimal_comes_back_digit_for_digit(town: Town) -> None:
    assert '"value":1.10' in town.doctor.http.get(f"Observation/{town.results[0]}").text


@pytest.mark.parametrize(
    "query",
    [
        "_id={0}", "patient={p}", "subject=Patient/{p}", "patient={p}&code=http://loinc.org|2160-0",
        "patient={p}&category=laboratory&status=final", "patient={p}&date=ge2026-05-01&_count=1000",
        "patient={p}&_lastUpdated=ge2020-01-01", "subject={url}/fhir/Patient/{p}",
    ],
)  # fmt: skip
def test_a_search_answers_the_user_and_the_source_alike(town: Town, query: str) -> None:
    query = query.format(*town.results, p=town.known_to_practice, url=town.url)
    found = town.practice.ids(f"Observation?{query}")
    assert found
    assert found == town.doctor.ids(f"Observation?{query}")
    assert town.doctor.ask(f"Observation?{query}&_summary=count")["total"] == len(found)


@pytest.mark.parametrize(
    "query",
    [f"identifier={NHS_NUMBER}", "family=holroyd&birthdate=1942-02-14", "name=marg", "given=margaret&gender=female"],
)
def test_a_person_is_found(town: Town, query: str) -> None:
    assert town.known_to_practice in town.practice.ids(f"Patient?{query}")
    assert town.doctor.ids(f"Patient?{query}") >= {town.known_to_practice, town.known_to_hospital}


def test_pages_sort_and_include(town: Town) -> None:
    url, seen = f"Observation?patient={town.known_to_practice}&_sort=-date&_count=2", []
    for _ in range(2):
        page = town.doctor.ask(url)
        seen += [entry["resource"]["id"] for entry in page["entry"]]
        url = next((link["url"] for link in page["link"] if link["relation"] == "next"), "")
    assert (seen, url) == (town.results[::-1], "")
    included = town.doctor.ask(f"Observation?_id={town.results[0]}&_include=Observation:patient")["entry"]
    assert [entry["search"]["mode"] for entry in included] == ["match", "include"]


@pytest.mark.parametrize("query", ["Observation?colour=red", "Observation?_count=many", "Observation?_sort=colour"])
def test_what_is_not_supported_is_refused_by_name(town: Town, query: str) -> None:
    refusal = town.doctor.ask(query, expected=400)
    assert refusal["resourceType"] == "OperationOutcome"
    assert re.search("colour|_count|_sort", refusal["issue"][0]["diagnostics"])


def test_a_user_writes_nothing_and_is_told_so(town: Town) -> None:
    answer = town.doctor.send(patient("p"), "Patient")
    assert (answer.status_code, "reads only" in answer.json()["issue"][0]["diagnostics"]) == (403, True)


def test_a_conditional_create_makes_one(town: Town) -> None:
    wanted = patient("p", number=None, identifier=[{"system": "urn:x", "value": "1"}])
    answers = [town.practice.send(wanted, "Patient", **{"If-None-Exist": "identifier=urn:x|1"}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert answers[0].json()["id"] == answers[1].json()["id"]


def test_a_transaction_is_stored_whole_or_not_at_all(town: Town) -> None:
    def entry(resource: dict[str, Any], name: str) -> dict[str, Any]:
        request = {"method": "POST", "url": resource["resourceType"]}
        return {"fullUrl": f"urn:uuid:{name}", "resource": resource, "request": request}

    def bundle(of: str) -> dict[str, Any]:
        about = json.loads(observation(f"urn:uuid:{of}", "4"))
        return {
            "resourceType": "Bundle",
            "type": "transaction",
            "entry": [entry(about, "b"), entry(patient("p", number=None), "a")],
        }

    before = town.practice.ask("Patient?_summary=count")["total"]
    refused = town.practice.send(bundle("nobody"))
    assert (refused.status_code, refused.json()["issue"][0]["expression"]) == (400, ["Bundle.entry[0]"])
    assert town.practice.ask("Patient?_summary=count")["total"] == before
    done = town.practice.send(bundle("a")).json()["entry"]
    assert [each["response"]["status"] for each in done] == ["201 Created"] * 2
    stored = town.practice.ask(done[0]["response"]["location"])
    assert stored["subject"]["reference"] in done[1]["response"]["location"]


def test_hidden_and_absent_answer_alike(town: Town) -> None:
    hidden = town.practice.http.get(f"Encounter/{town.stay}")
    absent = town.practice.http.get("Encounter/nothing")
    assert (hidden.status_code, hidden.content) == (absent.status_code, absent.content)
    assert hidden.status_code == 404
