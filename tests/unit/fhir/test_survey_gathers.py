"""What a survey gathers, and how it bears what is hostile."""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from concord.fhir import check, codings, outcome, parse, references, survey

OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "1"}, {"code": "local"}, {"display": "no code"}]},
    "subject": {"reference": "Patient/1"},
    "performer": [{"identifier": {"value": "7"}, "display": "A nurse"}],
    "valueQuantity": {"value": Decimal("1.10"), "system": "http://unitsofmeasure.org", "code": "mg"},
    "contained": [
        {"resourceType": "Device", "patient": {"reference": "Patient/2"}, "type": {"coding": [{"code": "d"}]}}
    ],
    "extension": [{"url": "http://a.example", "valueReference": {"reference": "Location/3"}}],
}


def test_references_are_the_resource_s_own_objects() -> None:
    found = references(OBSERVATION)
    assert [each.get("reference") for each in found] == ["Patient/1", None, "Patient/2", "Location/3"]
    assert found[0] is OBSERVATION["subject"]


def test_codings_are_of_codings_alone() -> None:
    assert codings(OBSERVATION) == [("http://loinc.org", "1"), (None, "local"), (None, "d")]


def test_what_could_repeat_something_is_told() -> None:
    found = survey(OBSERVATION)
    assert (found.breaches, found.has_contained, found.has_narrative) == ([], True, False)
    plain = survey({"resourceType": "Flag", "status": "active", "code": {"text": "x"}, "subject": {"reference": "a"}})
    assert (plain.has_contained, plain.has_narrative) == (False, False)
    section = {"text": {"status": "generated", "div": "<div>x</div>"}}
    assert survey({"resourceType": "Composition", "section": [section]}).has_narrative


def test_words_are_gathered_and_addresses_are_none() -> None:
    letter = {"contentType": "text/plain", "data": "QQ=="}
    found = survey(
        {
            "resourceType": "Communication",
            "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">told</div>'},
            "identifier": [{"value": "C-1"}],
            "status": "completed",
            "subject": {"reference": "Patient/1", "display": "A person"},
            "payload": [
                {"contentString": "said"},
                {"contentAttachment": letter},
                {"contentAttachment": {"contentType": "image/png", "data": "QQ=="}},
            ],
            "contained": [{"resourceType": "Patient", "id": "p", "name": [{"given": ["Ann", "May"]}]}],
        }
    )
    assert found.texts == ["C-1", "A person", "said", "Ann", "May"]
    assert [page.get("data") or page["status"] for page in found.pages] == ["generated", "QQ=="]


def test_addresses_of_entries_are_gathered_wherever_they_stand() -> None:
    urn = "urn:uuid:e5c2e2f4-3b0e-4f44-9d8e-1f2d6a0c9b11"
    resource: dict[str, Any] = {
        "resourceType": "CarePlan",
        "status": "active",
        "intent": "plan",
        "subject": {"reference": urn},
        "instantiatesUri": ["https://a.example/1", urn],
        "extension": [{"url": "https://a.example/2", "valueUri": urn}, {"url": "https://a.example/3", "valueUrl": "x"}],
        "note": [{"text": urn}],
    }
    found = survey(resource)
    assert [(holder[name], name) for holder, name in found.urns] == [(urn, 1), (urn, "valueUri")]
    assert found.urns[0][0] is resource["instantiatesUri"]


def test_all_breaches_are_told_in_order() -> None:
    breaches = check(parse(b'{"resourceType":"Observation","status":"","foo":1,"code":{"coding":[{"code":" "}]}}'))
    assert [(breach.path, breach.rule) for breach in breaches] == [
        ("Observation.status", "empty"),
        ("Observation.foo", "unknown-element"),
        ("Observation.code.coding[0].code", "format"),
    ]


def test_a_nesting_bomb_is_refused_at_a_fixed_depth() -> None:
    text = b'{"resourceType":"Basic","code":{"text":"x"},"extension":[' + b'{"url":"a","extension":[' * 200
    text += b'{"url":"a","valueCode":"b"}' + b"]}" * 200 + b"]}"
    breaches = check(parse(text))
    assert [breach.rule for breach in breaches] == ["depth"]


def test_no_more_breaches_are_told_than_anyone_reads() -> None:
    assert len(check(parse(b'{"resourceType":"Patient","name":[' + b"{}," * 500 + b"{}]}"))) == 100


def test_an_outcome_keeps_r4_s_structure() -> None:
    told = outcome("error", "invalid", "A sentence.", "Patient.name[0]")
    assert check(told) == []
    assert told["issue"][0]["expression"] == ["Patient.name[0]"]
    assert "expression" not in outcome("error", "invalid", "A sentence.")["issue"][0]


def test_floats_are_no_decimals() -> None:
    """A float has lost its digits before it comes here."""
    breaches = check(
        {"resourceType": "Observation", "status": "final", "code": {"text": "x"}, "valueQuantity": {"value": 1.1}}
    )
    assert [(breach.path, breach.rule) for breach in breaches] == [("Observation.valueQuantity.value", "json-type")]


SECRET = "Zebedee"
NAMES = ["id", "url", "name", "given", "_given", "extension", "valueString", "contained", "code", "coding"]
NAMES += ["reference", "resourceType", "text", f"{SECRET} {SECRET}"]
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.sampled_from([SECRET, f" {SECRET}", "", "2025-02-30"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(NAMES),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@given(st.sampled_from(["Patient", "Observation", "Bundle", "Questionnaire", SECRET]), anything)
def test_anything_is_borne_and_no_value_is_quoted(name: str, members: Any) -> None:
    resource = (
        {**members, "resourceType": name} if isinstance(members, dict) else {"resourceType": name, "name": members}
    )
    for breach in check(resource):
        assert SECRET not in breach.path + breach.rule + breach.message
