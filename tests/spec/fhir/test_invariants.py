"""R4's invariants: what must be true beyond the structure. One example a row, with the invariant that it breaks."""

import pytest

from concord.fhir import NOTHING_KNOWN, parse, validate

OBSERVATION = '{"resourceType":"Observation","status":"final","code":{"text":"a"},'
PATIENT = '{"resourceType":"Patient",'
RISK = '{"resourceType":"RiskAssessment","status":"final","subject":{"reference":"Patient/1"},'
ASKED = '{"resourceType":"Questionnaire","status":"draft","item":[{"linkId":"1","type":"string",'
ACTIVE = '{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/condition-clinical","code":"active"}]}'
ORGANISATION = '"contained":[{"resourceType":"Organization","id":"o","name":"A"}]'

KEPT = [
    PATIENT + '"contact":[{"name":{"text":"a"}}]}',
    PATIENT + '"name":[{"text":"a","period":{"start":"2020-02","end":"2020-02-01"}}]}',
    PATIENT + ORGANISATION + ',"managingOrganization":{"reference":"#o"}}',
    PATIENT + '"contained":[{"resourceType":"Basic","id":"b","code":{"text":"a"},"subject":{"reference":"#"}}]}',
    OBSERVATION + '"referenceRange":[{"low":{"value":1.10},"high":{"value":1.2}}]}',
    OBSERVATION + '"valueQuantity":{"value":1,"system":"http://unitsofmeasure.org","code":"g"}}',
    RISK + '"prediction":[{"probabilityDecimal":99.5}]}',
    ASKED + '"enableWhen":[{"question":"2","operator":"exists","answerBoolean":true}]}]}',
]

BROKEN = [
    (PATIENT + '"contact":[{"gender":"male"}]}', "Patient.contact[0]", "pat-1"),
    (PATIENT + '"name":[{"period":{"start":"2020-02-01","end":"2019"}}]}', "Patient.name[0].period", "per-1"),
    (PATIENT + '"telecom":[{"value":"1"}]}', "Patient.telecom[0]", "cpt-2"),
    (PATIENT + ORGANISATION + "}", "Patient", "dom-3"),
    (PATIENT + ORGANISATION.replace('"name"', '"meta":{"versionId":"1"},"name"') + "}", "Patient", "dom-4"),
    (OBSERVATION + '"valueQuantity":{"value":1,"code":"g"}}', "Observation.valueQuantity", "qty-3"),
    (OBSERVATION + '"valueString":"a","dataAbsentReason":{"text":"b"}}', "Observation", "obs-6"),
    (OBSERVATION + '"referenceRange":[{"appliesTo":[{"text":"a"}]}]}', "Observation.referenceRange[0]", "obs-3"),
    (RISK + '"prediction":[{"probabilityDecimal":100.5}]}', "RiskAssessment.prediction[0]", "ras-2"),
    (
        '{"resourceType":"Condition","subject":{"reference":"Patient/1"},"abatementString":"a","clinicalStatus":'
        + ACTIVE
        + "}",
        "Condition",
        "con-4",
    ),
    (
        ASKED + '"enableWhen":[{"question":"2","operator":"exists","answerString":"x"}]}]}',
        "Questionnaire.item[0].enableWhen[0]",
        "que-7",
    ),
    ('{"resourceType":"Bundle","type":"collection","total":1}', "Bundle", "bdl-1"),
    (
        '{"resourceType":"Bundle","type":"collection","entry":[{"resource":'
        + PATIENT
        + '"contact":[{"gender":"male"}]}}]}',
        "Bundle.entry[0].resource.contact[0]",
        "pat-1",
    ),
]


def told(text: str, severity: str) -> list[tuple[str, str]]:
    issues = validate(parse(text.encode()), known=NOTHING_KNOWN)
    return [(issue.path, issue.rule) for issue in issues if issue.severity == severity]


@pytest.mark.parametrize("text", KEPT)
def test_kept(text: str) -> None:
    assert told(text, "error") == []
    assert told(text, "information") == []


@pytest.mark.parametrize(("text", "path", "rule"), BROKEN)
def test_broken(text: str, path: str, rule: str) -> None:
    assert (path, rule) in told(text, "error")


def test_advice_is_a_warning() -> None:
    assert told('{"resourceType":"Patient","active":true}', "warning") == [("Patient", "dom-6")]


def test_what_the_engine_cannot_evaluate_is_told_and_not_passed_over() -> None:
    team = (
        '{"resourceType":"CareTeam","participant":[{"member":{"reference":"Patient/1"},"onBehalfOf":{"display":"a"}}]}'
    )
    assert told(team, "information") == [("CareTeam.participant[0]", "ctm-1")]


def test_invariants_wait_until_the_structure_is_in_order() -> None:
    text = '{"resourceType":"Patient","colour":"red","contact":[{"gender":"male"}]}'
    assert told(text, "error") == [("Patient.colour", "unknown-element")]
    assert told(text, "information") == [("Patient", "structure")]


def test_what_is_too_large_to_be_checked_whole_says_so() -> None:
    names = ",".join(['{"text":"a","period":{"start":"2020"}}'] * 21_000)
    assert told(PATIENT + f'"name":[{names}]}}', "information")[-1][1] == "invariants"
