"""What keeps and what breaks the structure of FHIR R4: one example a row."""

import pytest

from concord.fhir import check, parse

PATIENT = '{"resourceType":"Patient",%s}'

KEPT = [
    pytest.param('"id":"a-1.b"', id="an id"),
    pytest.param('"birthDate":"1950"', id="a year alone"),
    pytest.param('"birthDate":"2024-02-29"', id="a leap day"),
    pytest.param('"deceasedDateTime":"2016-12-31T23:59:60Z"', id="a leap second"),
    pytest.param('"deceasedBoolean":false', id="one type of a choice"),
    pytest.param(
        '"_birthDate":{"extension":[{"url":"http://a.example","valueString":"unknown"}]}',
        id="an extension in place of a value",
    ),
    pytest.param(
        '"name":[{"given":[null,"Ann"],"_given":[{"extension":[{"url":"http://a.example","valueBoolean":true}]},null]}]',
        id="null in an array paired with extensions",
    ),
    pytest.param('"multipleBirthInteger":2', id="a whole number"),
    pytest.param('"extension":[{"url":"http://a.example","valueDecimal":1e400}]', id="a very large number"),
    pytest.param('"name":[{"text":"A\\tB\\r\\nC\u00a0\u2028"}]', id="text with a tab, ends of lines, odd spaces"),
    pytest.param('"contained":[{"resourceType":"Organization","name":"A"}]', id="a contained resource"),
    pytest.param('"photo":[{"data":"aGVs\\nbG8="}]', id="base64 with a line break"),
    pytest.param('"name":[{"text":"  "}]', id="text of spaces alone, which R4 discourages and allows"),
    pytest.param('"managingOrganization":{"reference":"Organization/1"}', id="a reference to an allowed type"),
    pytest.param('"managingOrganization":{"reference":"http://a.example/fhir/Organization/1"}', id="at another server"),
    pytest.param('"managingOrganization":{"reference":"http://a.example/lists/7"}', id="an address of something else"),
    pytest.param('"managingOrganization":{"reference":"urn:uuid:7c4f7a8e-8f0e-4f3a-9d53-2b6f6f0d5a11"}', id="urn:uuid"),
    pytest.param('"managingOrganization":{"reference":"Organization?identifier=a|b"}', id="a conditional reference"),
    pytest.param('"managingOrganization":{"type":"Organization","identifier":{"value":"1"}}', id="a logical reference"),
    pytest.param(
        '"contained":[{"resourceType":"Organization","id":"o","name":"A"}],"managingOrganization":{"reference":"#o"}',
        id="a reference to what is contained",
    ),
    pytest.param('"link":[{"other":{"reference":"#"},"type":"seealso"}]', id="a reference to itself"),
    pytest.param('"maritalStatus":{"coding":[{"code":"own","system":"http://a.example"}]}', id="a code of one's own"),
    pytest.param(
        '"text":{"status":"generated","div":"<div>a<br/><img src=\'http://a.example/b.png\' alt=\'b\'/></div>"}',
        id="a narrative with formatting and a picture",
    ),
    pytest.param(
        '"text":{"status":"empty","div":"<div xmlns=\\"http://www.w3.org/1999/xhtml\\">x</div>"}', id="a narrative"
    ),
]

BROKEN = [
    ('"surname":"x"', "Patient.surname", "unknown-element"),
    ('"Secret Name":"x"', "Patient.?", "unknown-element"),
    ('"name":[{"first":"x"}]', "Patient.name[0].first", "unknown-element"),
    ('"name":{"family":"x"}', "Patient.name", "cardinality"),
    ('"gender":["male"]', "Patient.gender", "cardinality"),
    ('"name":[["x"]]', "Patient.name[0]", "cardinality"),
    ('"communication":[{"preferred":true}]', "Patient.communication[0].language", "cardinality"),
    ('"link":[{"type":"seealso"}]', "Patient.link[0].other", "cardinality"),
    ('"active":"true"', "Patient.active", "json-type"),
    ('"multipleBirthInteger":"2"', "Patient.multipleBirthInteger", "json-type"),
    ('"multipleBirthInteger":2.0', "Patient.multipleBirthInteger", "json-type"),
    ('"multipleBirthInteger":3000000000', "Patient.multipleBirthInteger", "format"),
    ('"gender":{"code":"male"}', "Patient.gender", "json-type"),
    ('"maritalStatus":"married"', "Patient.maritalStatus", "json-type"),
    ('"extension":[{"url":"http://a.example","valueDecimal":"1"}]', "Patient.extension[0].valueDecimal", "json-type"),
    ('"name":[{"text":"A\\u0007B"}]', "Patient.name[0].text", "format"),
    ('"name":[{"given":["A\\fB"]}]', "Patient.name[0].given[0]", "format"),
    ('"identifier":[{"system":"http://a.example/\\u0001"}]', "Patient.identifier[0].system", "format"),
    ('"language":"en\\u001f"', "Patient.language", "format"),
    ('"birthDate":"2025-02-30"', "Patient.birthDate", "format"),
    ('"birthDate":"2023-02-29"', "Patient.birthDate", "format"),
    ('"birthDate":"1900-02-29"', "Patient.birthDate", "format"),
    ('"birthDate":"30/02/2025"', "Patient.birthDate", "format"),
    ('"birthDate":"1950-3-1"', "Patient.birthDate", "format"),
    ('"deceasedDateTime":"2025-01-01T10:00:00"', "Patient.deceasedDateTime", "format"),
    ('"deceasedDateTime":"2025-01-01T10:00Z"', "Patient.deceasedDateTime", "format"),
    ('"deceasedDateTime":"2025-01-01T24:00:00Z"', "Patient.deceasedDateTime", "format"),
    ('"meta":{"lastUpdated":"2025-01-01"}', "Patient.meta.lastUpdated", "format"),
    ('"id":"a b"', "Patient.id", "format"),
    ('"id":"é"', "Patient.id", "format"),
    ('"gender":" male"', "Patient.gender", "format"),
    ('"photo":[{"data":"abc"}]', "Patient.photo[0].data", "format"),
    ('"photo":[{"url":"http://a b"}]', "Patient.photo[0].url", "format"),
    ('"telecom":[{"rank":0}]', "Patient.telecom[0].rank", "format"),
    ('"name":[{"id":"a"}]', "Patient.name[0]", "empty"),
    ('"_birthDate":{"id":"a"}', "Patient._birthDate", "empty"),
    ('"gender":"m"', "Patient.gender", "binding"),
    ('"name":[{"use":"Official"}]', "Patient.name[0].use", "binding"),
    ('"link":[{"other":{"reference":"Patient/1"},"type":"same"}]', "Patient.link[0].type", "binding"),
    ('"managingOrganization":{"reference":"Patient/1"}', "Patient.managingOrganization.reference", "target"),
    ('"managingOrganization":{"reference":"Nonsense/1"}', "Patient.managingOrganization.reference", "target"),
    (
        '"managingOrganization":{"reference":"http://a.example/fhir/Patient/1/_history/2"}',
        "Patient.managingOrganization.reference",
        "target",
    ),
    ('"managingOrganization":{"reference":"Patient?name=x"}', "Patient.managingOrganization.reference", "target"),
    ('"managingOrganization":{"type":"Patient","display":"x"}', "Patient.managingOrganization.type", "target"),
    ('"generalPractitioner":[{"reference":"Patient/1"}]', "Patient.generalPractitioner[0].reference", "target"),
    (
        '"generalPractitioner":[{"reference":"Organization/1","type":"Practitioner"}]',
        "Patient.generalPractitioner[0].type",
        "target",
    ),
    ('"managingOrganization":{"reference":"#o"}', "Patient.managingOrganization.reference", "contained"),
    (
        '"contained":[{"resourceType":"Patient","id":"o"}],"managingOrganization":{"reference":"#o"}',
        "Patient.managingOrganization.reference",
        "target",
    ),
    (
        '"contained":[{"resourceType":"Organization","name":"A","contained":[{"resourceType":"Patient"}]}]',
        "Patient.contained[0].contained",
        "contained",
    ),
    (
        '"contained":[{"resourceType":"Organization","id":"o"},{"resourceType":"Location","id":"o"}]',
        "Patient.contained[1]",
        "contained",
    ),
    ('"text":{"status":"empty","div":"<p>x</p>"}', "Patient.text.div", "narrative"),
    ('"text":{"status":"empty","div":"<div>x"}', "Patient.text.div", "narrative"),
    ('"text":{"status":"empty","div":"<div>x</div><div>y</div>"}', "Patient.text.div", "narrative"),
    ('"text":{"status":"empty","div":"<div> <p/> </div>"}', "Patient.text.div", "narrative"),
    ('"text":{"status":"empty","div":"<div>a&nbsp;b</div>"}', "Patient.text.div", "narrative"),
    ('"text":{"status":"empty","div":"<div>a<script>b</script></div>"}', "Patient.text.div", "narrative"),
    ('"text":{"status":"empty","div":"<div>a<iframe src=\'b\'/></div>"}', "Patient.text.div", "narrative"),
    ('"text":{"status":"empty","div":"<div onclick=\'b()\'>a</div>"}', "Patient.text.div", "narrative"),
    ('"text":{"status":"empty","div":"<div><a href=\' JavaScript:b\'>a</a></div>"}', "Patient.text.div", "narrative"),
    (
        '"text":{"status":"empty","div":"<!DOCTYPE a [<!ENTITY b \'c\'>]><div>&b;</div>"}',
        "Patient.text.div",
        "narrative",
    ),
    ('"text":{"status":"empty","div":7}', "Patient.text.div", "json-type"),
    ('"text":{"status":"blank","div":"<div>x</div>"}', "Patient.text.status", "binding"),
    ('"deceasedBoolean":true,"deceasedDateTime":"2020"', "Patient.deceased[x]", "choice"),
    ('"name":[]', "Patient.name", "empty"),
    ('"name":[{}]', "Patient.name[0]", "empty"),
    ('"maritalStatus":{}', "Patient.maritalStatus", "empty"),
    ('"name":[{"family":""}]', "Patient.name[0].family", "empty"),
    ('"birthDate":null', "Patient.birthDate", "null"),
    ('"name":null', "Patient.name", "null"),
    ('"name":[{"given":["Ann",null]}]', "Patient.name[0].given[1]", "null"),
    ('"name":[{"given":[null],"_given":[null]}]', "Patient.name[0].given[0]", "null"),
    ('"extension":[{"url":"http://a.example"}]', "Patient.extension[0]", "extension"),
    (
        '"extension":[{"url":"http://a.example","valueCode":"a","extension":[{"url":"b","valueCode":"c"}]}]',
        "Patient.extension[0]",
        "extension",
    ),
    ('"extension":[{"valueCode":"a"}]', "Patient.extension[0].url", "cardinality"),
    ('"contained":[{"resourceType":"Organization","colour":"x"}]', "Patient.contained[0].colour", "unknown-element"),
    ('"contained":[{"name":"x"}]', "Patient.contained[0].resourceType", "resource-type"),
]


@pytest.mark.parametrize("members", KEPT)
def test_kept(members: str) -> None:
    assert check(parse((PATIENT % members).encode())) == []


@pytest.mark.parametrize(("members", "path", "rule"), BROKEN)
def test_broken(members: str, path: str, rule: str) -> None:
    breaches = check(parse((PATIENT % members).encode()))
    assert (path, rule) in [(breach.path, breach.rule) for breach in breaches]
    assert all(breach.message for breach in breaches)


@pytest.mark.parametrize(
    ("text", "path", "rule"),
    [
        ('{"resourceType":"Patientt"}', "resourceType", "resource-type"),
        ('{"resourceType":"DomainResource"}', "resourceType", "resource-type"),
        ('{"resourceType":"HumanName","family":"x"}', "resourceType", "resource-type"),
        ('{"resourceType":7}', "resourceType", "resource-type"),
        ("{}", "resourceType", "resource-type"),
        (
            '{"resourceType":"Condition","subject":{"reference":"Patient/1"},"clinicalStatus":{"coding":[{"code":"on"}]}}',
            "Condition.clinicalStatus",
            "binding",
        ),
        (
            '{"resourceType":"Condition","subject":{"reference":"Patient/1"},"clinicalStatus":{"text":"active"}}',
            "Condition.clinicalStatus",
            "binding",
        ),
        (
            (
                '{"resourceType":"Bundle","type":"batch","entry":['
                '{"resource":{"resourceType":"Condition","subject":{"reference":"#p"}}}]}'
            ),
            "Bundle.entry[0].resource.subject.reference",
            "contained",
        ),
        ('{"resourceType":"Observation","status":"final"}', "Observation.code", "cardinality"),
        ('{"resourceType":"MedicationRequest","status":"active"}', "MedicationRequest.medication[x]", "cardinality"),
        (
            '{"resourceType":"Bundle","type":"batch","entry":[{"resource":{"resourceType":"Patient","x":1}}]}',
            "Bundle.entry[0].resource.x",
            "unknown-element",
        ),
    ],
)
def test_broken_by_other_types(text: str, path: str, rule: str) -> None:
    assert (path, rule) in [(breach.path, breach.rule) for breach in check(parse(text.encode()))]


def test_nests_too_deep_are_refused() -> None:
    depth = 200
    text = '{"resourceType":"Patient","extension":[%s]}' % (
        '{"url":"a","extension":[' * depth + '{"url":"b","valueCode":"c"}' + "]}" * depth
    )
    assert "depth" in [breach.rule for breach in check(parse(text.encode()))]


def test_what_a_code_may_be_is_told_and_what_it_was_is_not() -> None:
    (breach,) = check(parse(b'{"resourceType":"Patient","gender":"kestrel"}'))
    assert breach.message == (
        "a code of the value set http://hl7.org/fhir/ValueSet/administrative-gender: female, male, other, unknown"
    )
