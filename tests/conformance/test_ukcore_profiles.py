"""UK Core's own profiles: its examples keep them, and what breaks them is told at its place.

ukcore_profiles.yaml holds what the profiles ask. They come as StructureDefinitions by the way an installation takes,
`read_profile`.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml

from concord.fhir import Issue, Known, check, encode, parse, read_profile, validate
from tests.conformance.test_ukcore import at

UK = "https://fhir.hl7.org.uk/StructureDefinition"
ACTIVE = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical", "code": "active"}]}
PATIENT, ALLERGY = "UKCore-Patient", "UKCore-AllergyIntolerance"


def definition(url: str, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceType": "StructureDefinition", "url": url, "version": asked["version"],
        "name": url.rpartition("/")[2].replace("-", ""), "status": "active", "kind": "resource", "abstract": False,
        "type": asked["type"], "baseDefinition": f"http://hl7.org/fhir/StructureDefinition/{asked['type']}",
        "derivation": "constraint",
        "differential": {"element": [element(id_, dict(rules)) for id_, rules in asked["elements"].items()]},
    }  # fmt: skip


def element(id_: str, rules: dict[str, Any]) -> dict[str, Any]:
    last = id_.rpartition(".")[2].partition(":")[2]
    if last:
        rules["sliceName"] = last
    if extension := rules.pop("extension", None):
        rules["type"] = [{"code": "Extension", "profile": [extension]}]
    return {"id": id_, "path": ".".join(step.partition(":")[0] for step in id_.split(".")), **rules}


@pytest.fixture(scope="module")
def known() -> Known:
    table = yaml.safe_load(Path(__file__).with_name("ukcore_profiles.yaml").read_text("utf-8"))
    return Known(profiles={url: read_profile(definition(url, asked)) for url, asked in table.items()}, value_sets={})


def keeping_r4(file: Path) -> bytes:
    """An example without the members by which it breaks R4 itself (test_ukcore.py lists them)."""
    resource = parse(file.read_bytes())
    for breach in check(resource):
        holder, last = at(resource, breach.path)
        del holder[last]
    return encode(resource)


def issues(body: bytes, name: str, known: Known) -> list[Issue]:
    found = validate(parse(body), profiles=[f"{UK}/{name}"], known=known)
    return [each for each in found if each.severity == "error"]


@pytest.mark.parametrize(("begins", "number"), [(PATIENT, 6), (ALLERGY, 7)])
def test_each_example_keeps_the_profile(begins: str, number: int, shared_data: Path, known: Known) -> None:
    files = sorted((shared_data / "ukcore").glob(f"{begins}-*.json"))
    if not files:
        pytest.skip("the UK Core examples are not beside this checkout (../shared/data/ukcore)")
    assert len(files) == number
    assert {file.name: issues(keeping_r4(file), begins, known) for file in files} == {file.name: [] for file in files}


def extension(name: str, **value: Any) -> dict[str, Any]:
    return {"url": f"{UK}/Extension-UKCore-{name}", **(value or {"valueCodeableConcept": {"text": "a"}})}


def number(**members: Any) -> dict[str, Any]:
    return {"system": "https://fhir.nhs.uk/Id/nhs-number", **members}


BREAKING: list[tuple[str, dict[str, Any], str]] = [
    ("two NHS numbers", {"identifier": [number(value="9990000018")] * 2}, "Patient.identifier:nhsNumber"),
    ("an NHS number without value", {"identifier": [number()]}, "Patient.identifier[0].value"),
    (
        "two statuses of a number",
        {"identifier": [number(value="9990000018", extension=[extension("NHSNumberVerificationStatus")] * 2)]},
        "Patient.identifier[0].extension:nhsNumberVerificationStatus",
    ),
    (
        "a status that is a code, not a concept",
        {
            "identifier": [
                number(value="9990000018", extension=[extension("NHSNumberVerificationStatus", valueCode="01")])
            ]
        },
        "Patient.identifier[0].extension[0].valueCode",
    ),
    ("two ethnic categories", {"extension": [extension("EthnicCategory")] * 2}, "Patient.extension:ethnicCategory"),
    (
        "a sex at birth that is text",
        {"extension": [extension("BirthSex", valueString="f")]},
        "Patient.extension[0].valueString",
    ),
    (
        "a death notification that says nothing",
        {"extension": [extension("DeathNotificationStatus", valueCode="1")]},
        "Patient.extension[0].extension",
    ),
]


@pytest.mark.parametrize(("members", "path"), [row[1:] for row in BREAKING], ids=[row[0] for row in BREAKING])
def test_what_breaks_the_patient_profile_is_told_at_its_place(members: dict[str, Any], path: str, known: Known) -> None:
    assert path in {each.path for each in issues(body_of("Patient", members), PATIENT, known)}


def test_an_allergy_without_a_code_breaks_the_profile(known: Known) -> None:
    body = body_of("AllergyIntolerance", {"patient": {"reference": "Patient/1"}, "clinicalStatus": ACTIVE})
    assert [each.path for each in issues(body, ALLERGY, known)] == ["AllergyIntolerance.code"]


def body_of(type_: str, members: dict[str, Any]) -> bytes:
    return encode({"resourceType": type_, **members})
