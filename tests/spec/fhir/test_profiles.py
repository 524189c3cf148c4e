"""Profiles: what one asks of a resource, in examples. The profiles are written for this test."""

from typing import Any

import pytest

from concord.base import Incorrect
from concord.fhir import Issue, Known, codes_of_value_set, parse, read_profile, validate

AT = "http://a.example/StructureDefinition"
NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
COLOURS = {
    "resourceType": "ValueSet", "url": "http://a.example/ValueSet/colours", "status": "active",
    "compose": {"include": [{"system": "http://a.example/colours", "concept": [{"code": "red"}, {"code": "blue"}]}]},
}  # fmt: skip


def profile(name: str, of: str, *elements: dict[str, Any], base: str | None = None) -> dict[str, Any]:
    """`elements`: the differential, each by its id; the path follows from it."""
    steps = [{**each, "path": ".".join(step.partition(":")[0] for step in each["id"].split("."))} for each in elements]
    return {
        "resourceType": "StructureDefinition", "url": f"{AT}/{name}", "name": name, "status": "active",
        "kind": "resource", "abstract": False, "type": of, "derivation": "constraint",
        "baseDefinition": base or f"http://hl7.org/fhir/StructureDefinition/{of}",
        "differential": {"element": [{"id": of, "path": of}, *steps]},
    }  # fmt: skip


PERSON = profile(
    "person", "Patient",
    {"id": "Patient.name", "min": 1, "mustSupport": True},
    {"id": "Patient.photo", "max": "0"},
    {"id": "Patient.gender", "min": 1},
    {"id": "Patient.identifier", "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "open"}},
    {"id": "Patient.identifier:number", "sliceName": "number", "min": 1, "max": "1"},
    {"id": "Patient.identifier:number.system", "min": 1, "fixedUri": NUMBER},
    {"id": "Patient.identifier:number.value", "min": 1},
    {"id": "Patient.maritalStatus", "patternCodeableConcept": {"coding": [{"system": "http://a.example/m"}]}},
    {"id": "Patient.extension", "slicing": {"discriminator": [{"type": "value", "path": "url"}], "rules": "open"}},
    {"id": "Patient.extension:colour", "sliceName": "colour", "max": "1",
     "type": [{"code": "Extension", "profile": [f"{AT}/colour"]}]},
    {"id": "Patient.deceased[x]", "type": [{"code": "boolean"}]},
    {"id": "Patient.managingOrganization", "type": [{"code": "Reference", "targetProfile": [f"{AT}/practice"]}]},
    {"id": "Patient.contact", "constraint": [
        {"key": "own-1", "severity": "error", "human": "A contact has a telephone", "expression": "telecom.exists()"}]},
)  # fmt: skip
STRICTER = profile("stricter", "Patient", {"id": "Patient.birthDate", "min": 1}, base=f"{AT}/person")
ORPHAN = profile("orphan", "Patient", {"id": "Patient.active", "min": 1}, base=f"{AT}/nowhere")
PRACTICE = profile("practice", "Organization")
COLOUR = profile(
    "colour", "Extension",
    {"id": "Extension.url", "fixedUri": f"{AT}/colour"},
    {"id": "Extension.value[x]", "min": 1, "type": [{"code": "CodeableConcept"}],
     "binding": {"strength": "required", "valueSet": "http://a.example/ValueSet/colours"}},
)  # fmt: skip
CLOSED = profile(
    "closed", "Patient",
    {"id": "Patient.telecom", "slicing": {"discriminator": [{"type": "value", "path": "system"}], "rules": "closed"}},
    {"id": "Patient.telecom:phone", "sliceName": "phone", "max": "1"},
    {"id": "Patient.telecom:phone.system", "fixedCode": "phone"},
    {"id": "Patient.birthDate.extension", "min": 1},
)  # fmt: skip
UNTOLD = profile(
    "untold", "Patient",
    {"id": "Patient.link", "slicing": {"discriminator": [{"type": "type", "path": "other.resolve()"}]}},
    {"id": "Patient.link:one", "sliceName": "one", "min": 1},
    {"id": "Patient.maritalStatus", "binding": {"strength": "required", "valueSet": "http://a.example/ValueSet/none"}},
    {"id": "Patient.generalPractitioner", "type": [{"code": "Reference", "targetProfile": [f"{AT}/unknown"]}]},
)  # fmt: skip

ALL = (PERSON, STRICTER, ORPHAN, PRACTICE, COLOUR, CLOSED, UNTOLD)
RED_AND_BLUE = codes_of_value_set(COLOURS, {}) or frozenset()
KNOWN = Known(
    profiles={each["url"]: read_profile(each) for each in ALL},
    value_sets={"http://a.example/ValueSet/colours": RED_AND_BLUE},
)
GOOD = (
    '"name":[{"text":"a"}],"gender":"other",'
    '"identifier":[{"system":"https://fhir.nhs.uk/Id/nhs-number","value":"1"},{"system":"http://b","value":"2"}]'
)
COLOURED = (
    '{"url":"http://a.example/StructureDefinition/colour",'
    '"valueCodeableConcept":{"coding":[{"system":"http://a.example/colours","code":"red"}]}}'
)
PHONE = '"telecom":[{"system":"phone","value":"1"}'
REMARKED = '"birthDate":"1950","_birthDate":{"extension":[{"url":"http://b","valueCode":"c"}]}'


def found(members: str, name: str = "person") -> list[Issue]:
    resource = parse(b'{"resourceType":"Patient",%s}' % members.encode())
    return [issue for issue in validate(resource, profiles=[f"{AT}/{name}"], known=KNOWN) if issue.rule != "dom-6"]


KEPT = [
    (GOOD, "person"),
    (GOOD + ',"deceasedBoolean":true', "person"),
    (GOOD + ',"maritalStatus":{"coding":[{"system":"http://a.example/m","code":"x"}]}', "person"),
    (GOOD + ',"managingOrganization":{"reference":"Organization/1"}', "person"),
    (GOOD + ',"contact":[{"telecom":[{"system":"phone","value":"1"}]}]', "person"),
    (GOOD + f',"extension":[{COLOURED}]', "person"),
    (GOOD + ',"birthDate":"1950"', "stricter"),
    (f"{PHONE}],{REMARKED}", "closed"),
]
BROKEN = [
    ('"active":true', "person", "Patient.name"),
    ('"active":true', "person", "Patient.gender"),
    ('"active":true', "person", "Patient.identifier:number"),
    (GOOD + ',"photo":[{"url":"http://a"}]', "person", "Patient.photo"),
    (GOOD.replace(',"value":"1"', ""), "person", "Patient.identifier[0].value"),
    (GOOD + ',"maritalStatus":{"coding":[{"system":"http://b","code":"x"}]}', "person", "Patient.maritalStatus"),
    (GOOD + ',"deceasedDateTime":"2020"', "person", "Patient.deceasedDateTime"),
    (GOOD + f',"extension":[{COLOURED},{COLOURED}]', "person", "Patient.extension:colour"),
    (
        GOOD + f',"extension":[{COLOURED.replace("red", "green")}]',
        "person",
        "Patient.extension[0].valueCodeableConcept",
    ),
    (
        GOOD + ',"extension":[{"url":"http://a.example/StructureDefinition/colour","valueString":"red"}]',
        "person",
        "Patient.extension[0].valueString",
    ),
    (GOOD, "stricter", "Patient.birthDate"),
    ('"birthDate":"1950"', "stricter", "Patient.name"),
    (PHONE + ',{"system":"fax","value":"1"}]', "closed", "Patient.telecom[1]"),
    (PHONE + ',{"system":"phone","value":"2"}]', "closed", "Patient.telecom:phone"),
    ('"birthDate":"1950"', "closed", "Patient.birthDate.extension"),
]


@pytest.mark.parametrize(("members", "name"), KEPT)
def test_kept(members: str, name: str) -> None:
    assert found(members, name) == []


@pytest.mark.parametrize(("members", "name", "path"), BROKEN)
def test_broken(members: str, name: str, path: str) -> None:
    assert path in [issue.path for issue in found(members, name) if issue.severity == "error"]


def test_a_constraint_of_a_profile_is_told_by_its_key() -> None:
    (issue,) = found(GOOD + ',"contact":[{"name":{"text":"a"}}]')
    assert (issue.rule, issue.path, issue.severity) == ("own-1", "Patient.contact[0]", "error")


def test_an_extension_that_is_known_is_checked_though_no_profile_names_it() -> None:
    wrong = {"url": f"{AT}/colour", "valueCode": "red"}
    resource = {"resourceType": "Basic", "code": {"text": "a"}, "extension": [wrong]}
    issues = validate(resource, known=KNOWN)
    assert "Basic.extension[0].valueCode" in [issue.path for issue in issues if issue.severity == "error"]


def test_meta_profile_is_a_claim_that_is_checked() -> None:
    resource = parse(b'{"resourceType":"Patient","meta":{"profile":["http://a.example/StructureDefinition/person|1"]}}')
    assert "Patient.name" in [issue.path for issue in validate(resource, known=KNOWN)]


@pytest.mark.parametrize(
    ("members", "name", "severity", "word"),
    [
        ('"active":true', "missing", "warning", "this profile is not loaded"),
        ('"active":true', "orphan", "warning", "http://a.example/StructureDefinition/nowhere"),
        ('"link":[{"other":{"reference":"Patient/1"},"type":"refer"}]', "untold", "information", "slices of link"),
        ('"maritalStatus":{"text":"a"}', "untold", "information", "codes of the value set"),
        ('"generalPractitioner":[{"reference":"Organization/1"}]', "untold", "information", "types of targets"),
    ],
)
def test_what_cannot_be_checked_is_told(members: str, name: str, severity: str, word: str) -> None:
    told = [(issue.severity, issue.message) for issue in found(members, name)]
    assert any(level == severity and "not checked" in message and word in message for level, message in told), told


def test_a_profile_of_another_type_is_an_error() -> None:
    assert [issue.message for issue in found('"active":true', "practice")] == [
        "a Organization, by the profile [http://a.example/StructureDefinition/practice]"
    ]


def test_profiles_that_derive_from_each_other_end() -> None:
    one, two = profile("one", "Patient", base=f"{AT}/two"), profile("two", "Patient", base=f"{AT}/one")
    known = Known(profiles={each["url"]: read_profile(each) for each in (one, two)}, value_sets={})
    issues = validate({"resourceType": "Patient", "active": True}, profiles=[f"{AT}/one"], known=known)
    assert [issue.rule for issue in issues] == ["dom-6"]


def test_what_is_no_profile_is_refused() -> None:
    with pytest.raises(Incorrect):
        read_profile({"resourceType": "StructureDefinition", "url": "http://a", "type": "Patient", "kind": "logical"})


def test_the_codes_of_a_value_set_are_those_it_lists_and_those_of_whole_systems() -> None:
    filtering = {"include": [{"system": "http://a", "filter": [{"property": "a", "op": "=", "value": "b"}]}]}
    assert codes_of_value_set({"compose": filtering}, {}) is None
    system = {"http://a": {"content": "complete", "concept": [{"code": "b", "concept": [{"code": "c"}]}]}}
    whole = codes_of_value_set({"compose": {"include": [{"system": "http://a"}]}}, system)
    assert whole == frozenset({("http://a", "b"), ("http://a", "c")})
