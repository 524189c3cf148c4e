"""Searches parsed, matched and looked up in the index."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord.base import Incorrect
from concord.fhir import index_keys, index_values, matches, parse_search, patient_references, search_parameters
from concord.fhir.searches import Include, Sort, included

PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p1",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}, {"value": "A|1"}],
    "active": True,
    "name": [{"family": "Łukasiewicz-O'Brien", "given": ["Zoë", "Ann"], "prefix": ["Dr"], "text": "Zoë Ann"}],
    "telecom": [{"system": "phone", "value": "01632 960001"}, {"system": "email", "value": "z@example.org"}],
    "gender": "female",
    "birthDate": "1950-03-01",
    "address": [{"line": ["1 High Street"], "city": "Northfield"}],
    "generalPractitioner": [{"reference": "Practitioner/g1"}],
}
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o1",
    "status": "final",
    "category": [
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/observation-category", "code": "laboratory"}]}
    ],
    "code": {"coding": [{"system": "http://loinc.org", "code": "4548-4"}, {"code": "local"}]},
    "subject": {"reference": "Patient/p1/_history/3"},
    "encounter": {"reference": "Encounter/e1"},
    "performer": [{"reference": "https://other.example/fhir/Practitioner/p1"}],
}


def met(resource: dict[str, Any], name: str, value: str) -> bool:
    (criterion,) = parse_search(resource["resourceType"], [(name, value)]).criteria
    return matches(resource, criterion)


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("_id", "p1", True),
        ("_id", "p2,p1", True),
        ("_id", "p2", False),
        ("identifier", "9990000018", True),
        ("identifier", "https://fhir.nhs.uk/Id/nhs-number|9990000018", True),
        ("identifier", "https://fhir.nhs.uk/Id/nhs-number|", True),
        ("identifier", "http://other|9990000018", False),
        ("identifier", "|9990000018", False),
        ("identifier", r"|A\|1", True),
        ("identifier", r"A\|1", True),
        ("identifier:not", "9990000018", False),
        ("identifier:not", "1", True),
        ("active", "true", True),
        ("active", "false", False),
        ("gender", "female", True),
        ("gender", "http://hl7.org/fhir/administrative-gender|female", True),
        ("gender", "male,female", True),
        ("gender", "Female", False),
        ("family", "lukas", True),
        ("family", "ŁUKASIEWICZ-o'brien", True),
        ("family", "brien", False),
        ("family:contains", "BRIEN", True),
        ("family:exact", "Łukasiewicz-O'Brien", True),
        ("family:exact", "łukasiewicz-o'brien", False),
        ("given", "zoe", True),
        ("given", "ann", True),
        ("name", "ann", True),
        ("name", "lukas", True),
        ("name", "dr", False),
        ("address", "north", True),
        ("address-city", "northfield", True),
        ("phone", "01632 960001", True),
        ("email", "01632 960001", False),
        ("birthdate", "1950-03-01", True),
        ("birthdate", "1950", True),
        ("birthdate", "lt1950-03-01", False),
        ("birthdate:missing", "false", True),
        ("death-date:missing", "true", True),
        ("death-date:missing", "false", False),
        ("general-practitioner", "Practitioner/g1", True),
        ("general-practitioner", "g1", True),
        ("general-practitioner:Practitioner", "g1", True),
        ("general-practitioner:Organization", "g1", False),
        ("general-practitioner", "Organization/g1", False),
    ],
)
def test_a_patient_is_met(name: str, value: str, expected: bool) -> None:
    assert met(PATIENT, name, value) is expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("patient", "p1", True),
        ("patient", "Patient/p1", True),
        ("subject", "Patient/p1", True),
        ("subject", "p1", True),
        ("subject:Group", "p1", False),
        ("subject", "https://here.example/fhir/Patient/p1", False),
        ("performer", "p1", False),
        ("performer", "https://other.example/fhir/Practitioner/p1", True),
        ("code", "4548-4", True),
        ("code", "http://loinc.org|4548-4", True),
        ("code", "|local", True),
        ("code", "|4548-4", False),
        ("code", "http://loinc.org|", True),
        ("code:not", "http://loinc.org|4548-4", False),
        ("category", "laboratory", True),
        ("status", "final,amended", True),
        ("status", "http://hl7.org/fhir/observation-status|final", True),
        ("status:not", "entered-in-error", True),
        ("value-concept:missing", "true", True),
    ],
)
def test_an_observation_is_met(name: str, value: str, expected: bool) -> None:
    assert met(OBSERVATION, name, value) is expected


def test_last_updated_is_told_by_the_caller() -> None:
    (criterion,) = parse_search("Patient", [("_lastUpdated", "ge1970-01-02")]).criteria
    assert matches(PATIENT, criterion, last_updated=86_400_000_000)
    assert not matches(PATIENT, criterion, last_updated=86_399_999_999)
    assert not matches(PATIENT, criterion)


def test_a_whole_search() -> None:
    search = parse_search(
        "Observation",
        [
            ("patient", "p1"),
            ("code", "a,b"),
            ("_count", "5000"),
            ("_sort", "-date,_id"),
            ("_include", "Observation:subject:Patient"),
            ("_total", "accurate"),
            ("_page", "token"),
        ],
    )
    assert [(c.name, c.kind, [v.text for v in c.values]) for c in search.criteria] == [
        ("patient", "reference", ["p1"]),
        ("code", "token", ["a", "b"]),
    ]
    assert (search.count, search.summary, search.total, search.page) == (1000, None, "accurate", "token")
    assert search.sort == (Sort(by="date", descending=True), Sort(by="_id"))
    assert search.includes == (Include(type="Observation", parameter="subject", target="Patient"),)


def test_none_wanted_is_the_count_alone() -> None:
    assert parse_search("Patient", [("_count", "0")]).summary == "count"
    assert parse_search("Patient", [("_summary", "count")]).summary == "count"


@pytest.mark.parametrize(
    ("of", "name", "value", "says"),
    [
        ("Patient", "shoe-size", "9", "Patient has no search parameter shoe-size here. Supported: active"),
        ("Patient", "Mary Smith", "9", "no search parameter of that name"),
        ("Patient", "family:sounds-like", "Smith", "family:sounds-like is not supported: family takes :exact"),
        ("Patient", "_id:exact", "1", "_id:exact is not supported: _id takes :not, :text"),
        ("Patient", "birthdate:not", "1950", "birthdate takes :missing"),
        ("Patient", "birthdate", "1950-02-30", "birthdate takes a date that exists"),
        ("Patient", "birthdate", "Smith", "birthdate takes a date"),
        ("Patient", "family", "", "family has no value"),
        ("Patient", "family:missing", "Smith", "true or false"),
        ("Patient", "_count", "Smith", "_count is a whole number"),
        ("Patient", "_count", "-1", "_count is a whole number"),
        ("Patient", "_sort", "shoe-size", "_sort of Patient is by _lastUpdated, _id, active"),
        ("Patient", "_summary", "short", "_summary is true, text, data, count or false"),
        ("Patient", "_elements", "name.family", "_elements takes the names"),
        ("Patient", "_include", "Patient:Smith", "_include takes"),
        ("Patient", "_include", "Patient:general-practitioner:Smith", "target of _include"),
        ("Patient", "_revinclude", "Observation:code", "_revinclude takes"),
        ("Patient", "_revinclude:all", "Observation:subject", "takes :iterate"),
        ("Patient", "_has:Observation:code:code", "1", "_has is written"),
        ("Patient", "_has:Observation:patient", "1", "_has is written"),
        ("Patient", "_filter", "name eq Smith", "_filter is not supported"),
        ("Patient", "_list", "$current-problems", "functional lists"),
        ("Observation", "subject.shoe-size", "Smith", "no search parameter shoe-size"),
        ("Observation", "code.text", "Smith", "code of Observation refers to nothing"),
        ("Observation", "focus.name", "Smith", "focus of Observation may refer to any type"),
        ("Observation", "subject:Practitioner.name", "Smith", "refers to Device, Group, Location, Patient only"),
        ("Observation", "encounter.part-of.part-of.part-of.part-of.status", "a", "at most 4 hops"),
        ("Observation", "code:in", "http://Smith", "code:in cannot be answered"),
        ("Observation", "subject:Smith", "1", "subject takes :identifier, :missing, a resource type"),
        ("Observation", "patient", "#x", "takes an id"),
        ("Observation", "code", "|", "code, system|code"),
        ("Observation", "value-quantity", "much", "value-quantity takes a number"),
        ("Observation", "value-quantity", "1|mg", "number|system|code"),
        ("Observation", "code-value-quantity", "a", "token$quantity"),
        ("Smith", "_id", "1", "not one of R4"),
    ],
)
def test_what_is_not_supported_is_named_and_no_value_is(of: str, name: str, value: str, says: str) -> None:
    with pytest.raises(Incorrect) as refused:
        parse_search(of, [(name, value)])
    assert says in refused.value.message
    assert "Smith" not in refused.value.message.replace("subject:Smith", "")


def test_one_parameter_twice() -> None:
    assert len(parse_search("Patient", [("given", "a"), ("given", "b")]).criteria) == 2
    with pytest.raises(Incorrect, match="_count is given twice"):
        parse_search("Patient", [("_count", "1"), ("_count", "2")])


def test_the_parameters_of_the_contract_are_there() -> None:
    assert {"_id", "_lastUpdated", "identifier", "family", "given", "name", "birthdate", "gender"} <= set(
        search_parameters("Patient")
    )
    assert {"patient", "subject", "code", "category", "status", "date"} <= set(search_parameters("Observation"))


def test_index_rows() -> None:
    assert index_values(OBSERVATION) == [
        ("code", "http://loinc.org|4548-4"),
        ("code", "|4548-4"),
        ("code", "|local"),
        ("category", "http://terminology.hl7.org/CodeSystem/observation-category|laboratory"),
        ("category", "|laboratory"),
        ("status", "|final"),
    ]
    rows = index_values(PATIENT)
    assert ("family", "lukasiewicz-o'brien") in rows
    assert ("given", "zoe") in rows
    assert ("birthdate", "1950-03-01") in rows
    assert ("identifier", "|9990000018") in rows
    assert len(rows) == len(set(rows))


texts = st.sampled_from(["a", "A", "á", "b", "x|y", "x,y", "1950-03-01", "1950-03", "1950"])
systems = st.sampled_from([None, "s", "t"])


@st.composite
def patients(draw: st.DrawFn) -> dict[str, Any]:
    identifiers = [
        {key: value for key, value in (("system", draw(systems)), ("value", draw(texts))) if value}
        for _ in range(draw(st.integers(0, 2)))
    ]
    dates = st.sampled_from(["1950-03-01", "1950-03-02", "1950-03", "1950"])
    return {
        "resourceType": "Patient",
        "identifier": identifiers,
        "name": [{"family": draw(texts), "given": [draw(texts)]}],
        "birthDate": draw(dates),
        "gender": draw(st.sampled_from(["male", "female"])),
    }


queries = st.one_of(
    st.tuples(
        st.just("identifier"),
        st.sampled_from(["a", "s|a", "|a", "s|", r"x\|y", r"s|x\|y", r"x\,y,b", "t|A"]),
    ),
    st.tuples(
        st.sampled_from(["family", "name:exact", "family:exact", "given:contains"]), st.sampled_from(["a", "á", "b"])
    ),
    st.tuples(st.just("birthdate"), st.sampled_from(["1950-03-01", "1950-03", "ge1950-03-01", "eq1950-03-02"])),
    st.tuples(st.just("gender"), st.sampled_from(["male", "x|male", "male,female"])),
)


@given(patients(), queries)
def test_the_index_finds_all_that_matches(patient: dict[str, Any], query: tuple[str, str]) -> None:
    (criterion,) = parse_search("Patient", [query]).criteria
    keys = index_keys(criterion)
    if keys is not None and matches(patient, criterion):
        rows = index_values(patient)
        assert any((criterion.name, key) in rows for key in keys)


def test_the_index_is_used_where_it_can_be() -> None:
    def keys(of: str, name: str, value: str) -> tuple[str, ...] | None:
        return index_keys(parse_search(of, [(name, value)]).criteria[0])

    assert keys("Patient", "identifier", "s|1,2") == ("s|1", "|2")
    assert keys("Patient", "gender", "http://hl7.org/fhir/administrative-gender|male") == ("|male",)
    assert keys("Patient", "family:exact", "Smith") == ("smith",)
    assert keys("Patient", "birthdate", "1950-03-01") == ("1950-03-01",)
    for name, value in (("family", "smith"), ("identifier", "s|"), ("birthdate", "1950"), ("identifier:not", "1")):
        assert keys("Patient", name, value) is None
    assert keys("Observation", "date", "2025-03-10") is None


def test_includes() -> None:
    assert included(OBSERVATION, Include(type="Observation", parameter="subject")) == ["Patient/p1"]
    assert included(OBSERVATION, Include(type="Observation", parameter="subject", target="Group")) == []
    assert included(OBSERVATION, Include(type="Observation", parameter="performer")) == []
    assert included(OBSERVATION, Include(type="Encounter", parameter="subject")) == []


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        (PATIENT, ["Patient/p1"]),
        ({"resourceType": "Patient"}, []),
        (OBSERVATION, ["Patient/p1"]),
        (
            {
                "resourceType": "Observation",
                "subject": {"reference": "Group/g"},
                "performer": [{"reference": "Patient/p"}],
            },
            ["Patient/p"],
        ),
        (
            {
                "resourceType": "Communication",
                "recipient": [{"reference": "Patient/c"}, {"reference": "Patient/a"}],
                "sender": {"reference": "Patient/b"},
                "subject": {"reference": "Patient/a"},
            },
            ["Patient/a", "Patient/b", "Patient/c"],
        ),
        (
            {
                "resourceType": "Appointment",
                "participant": [{"actor": {"reference": "Practitioner/d"}}, {"actor": {"reference": "Patient/a"}}],
            },
            ["Patient/a"],
        ),
        (
            {"resourceType": "Encounter", "subject": {"reference": "https://a.example/Patient/a"}},
            ["https://a.example/Patient/a"],
        ),
        ({"resourceType": "Encounter", "subject": {"reference": "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"}}, []),
        ({"resourceType": "Encounter", "subject": {"reference": "Patient?identifier=a|b"}}, []),
        ({"resourceType": "Encounter", "subject": {"reference": "#p"}}, []),
        ({"resourceType": "Encounter", "subject": {"identifier": {"value": "1"}}}, []),
        ({"resourceType": "Organization", "partOf": {"reference": "Organization/a"}}, []),
    ],
)
def test_whom_a_resource_concerns(resource: dict[str, Any], expected: list[str]) -> None:
    assert patient_references(resource) == expected
