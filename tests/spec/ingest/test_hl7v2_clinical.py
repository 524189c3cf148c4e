"""What comes of segments beside a visit and of results, and which field is named of what cannot be read."""

from decimal import Decimal
from typing import Any

import pytest

from concord.ingest.hl7v2 import NotMapped
from tests.spec.ingest.hl7v2_told import A01, PV1, every, only, told

# -- beside a visit --------------------------------------------------------------------------------------------------


def test_allergies() -> None:
    found = only(told("ADT^A01", *A01, "AL1|1|DA|7980^Penicillin^DM+D|SV|Rash~Wheeze|20190301"), "AllergyIntolerance")
    assert found["code"]["coding"][0] == {"system": "https://dmd.nhs.uk", "code": "7980", "display": "Penicillin"}
    assert (found["category"], found["onsetDateTime"]) == (["medication"], "2019-03-01")
    assert found["reaction"] == [{"manifestation": [{"text": "Rash"}, {"text": "Wheeze"}], "severity": "severe"}]
    assert found["clinicalStatus"]["coding"][0]["code"] == "active"


def test_diagnoses() -> None:
    records = told("ADT^A01", *A01, "DG1|1||J18.9^Pneumonia^I10||20240110|W||||||||||||||D7")
    found = only(records, "Condition")
    assert found["code"]["text"] == "Pneumonia"
    assert found["verificationStatus"]["coding"][0]["code"] == "provisional"
    assert found["encounter"]["reference"].endswith("V1")
    told("ADT^A08", PV1, "DG1|1||J18.9^Pneumonia^I10||20240110|F||||||||||||||D7", at="20240111", records=records)
    assert only(records, "Condition")["verificationStatus"]["coding"][0]["code"] == "confirmed"
    told("ADT^A08", PV1, "DG1|1||J18.9^Pneumonia^I10|||F||||||||||||||D7|D", at="20240112", records=records)
    found = only(records, "Condition")
    assert found["verificationStatus"]["coding"][0]["code"] == "entered-in-error"
    assert "clinicalStatus" not in found


def test_procedures_next_of_kin_and_measurements() -> None:
    records = told(
        "ADT^A01", *A01,
        "PR1|1||E85.2^Ventilation^OPCS||202401101015|||||||D1^Woolfson^Kathleen^^^Dr",
        "NK1|1|Holroyd^Alan|SPO^Spouse^HL70063|17 Weavers Fold^^Northfield^^NF4 2ZZ|01632960001",
        "OBX|1|NM|8867-4^Heart rate^LN||96|/min|||||F|||202401100905",
    )  # fmt: skip
    procedure = only(records, "Procedure")
    assert (procedure["status"], procedure["performedDateTime"]) == ("completed", "2024-01-10T10:15:00+00:00")
    assert procedure["performer"][0]["actor"]["display"] == "Dr Kathleen Woolfson"
    person = only(records, "RelatedPerson")
    assert person["relationship"][0]["coding"][0] == {
        "system": "http://terminology.hl7.org/CodeSystem/v2-0063", "code": "SPO", "display": "Spouse",
    }  # fmt: skip
    measured = only(records, "Observation")
    assert (measured["valueQuantity"]["value"], measured["category"][0]["coding"][0]["code"]) == (Decimal(96), "exam")


def test_an_older_message_does_not_undo_newer_words_and_the_same_said_later_is_the_later_word() -> None:
    records = told("ADT^A08", PV1, "AL1|1|DA|7980^Penicillin^L|SV", at="20240112")
    told("ADT^A08", PV1, "AL1|1|DA|7980^Penicillin^L|MI", at="20240111", records=records)
    assert only(records, "AllergyIntolerance")["reaction"][0]["severity"] == "severe"
    before = dict(records.held)
    told("ADT^A08", PV1, "AL1|1|DA|7980^Penicillin^L|SV", at="20240112", records=records)
    assert records.held == before
    told("ADT^A08", PV1, "AL1|1|DA|7980^Penicillin^L|SV", at="20240114", records=records)
    told("ADT^A08", PV1, "AL1|1|DA|7980^Penicillin^L|MI", at="20240113", records=records)
    assert only(records, "AllergyIntolerance")["reaction"][0]["severity"] == "severe"


def test_what_is_told_of_a_visit_is_of_its_service() -> None:
    known: dict[str, Any] = {"services": frozenset({"respiratory"})}
    records = told("ADT^A01", *A01, "DG1|1||J18.9^Pneumonia^I10", "NK1|1|Holroyd^Alan|SPO", **known)
    assert only(records, "Condition")["meta"]["tag"][0]["code"] == "respiratory"
    assert "tag" not in only(records, "RelatedPerson")["meta"]
    assert "tag" not in only(records, "Patient")["meta"]
    silent = "PV1|1|I|Ash^1^A||||||||||||||||V1"
    told("ORU^R01", silent, "OBR|1||F1|UE^Urea^L", "OBX|1|NM|NA^Sodium^L||138", records=records, **known)
    assert only(records, "Observation")["meta"]["tag"][0]["code"] == "respiratory"


# -- results ---------------------------------------------------------------------------------------------------------


def sodium(value: str, status: str, issued: str) -> tuple[str, str]:
    obr = f"OBR|1||F1|UE^Urea^L|||202401100800{'|' * 15}{issued}|||{status}"
    return obr, f"OBX|1|NM|NA^Sodium^L||{value}|mmol/L|||||{status}"


@pytest.mark.parametrize(
    ("first", "then", "stands"),
    [
        (("130", "P", ""), ("138", "F", ""), ("138", "final")),
        (("138", "F", ""), ("130", "P", ""), ("138", "final")),
        (("138", "F", ""), ("148", "C", ""), ("148", "corrected")),
        (("148", "C", ""), ("130", "P", ""), ("148", "corrected")),
        (("138", "F", ""), ("138", "W", ""), ("138", "entered-in-error")),
        (("138", "F", "202401100900"), ("148", "C", "202401101000"), ("148", "corrected")),
        (("148", "C", "202401101000"), ("138", "F", "202401100900"), ("148", "corrected")),
    ],
)
@pytest.mark.parametrize("type_", ["ORU^R01", "ORU^R30", "OUL^R21", "OUL^R22", "OUL^R23", "OUL^R24", "ORU"])
def test_a_correction_replaces_and_what_comes_too_late_does_not(type_: str, first: Any, then: Any, stands: Any) -> None:
    records = told(type_, *sodium(*first))
    told(type_, *sodium(*then), at="20240111", records=records)
    found = every(records, "Observation")[0]
    assert (str(found["valueQuantity"]["value"]), found["status"]) == stands


ORIGINAL, AMENDED, CORRECTED = ("138", "F", "202401100900"), ("139", "A", "202401101000"), ("148", "C", "202401101030")
WITHDRAWN = ("138", "W", "202401101100")


@pytest.mark.parametrize(
    ("words", "stand"),
    [
        ([ORIGINAL, AMENDED], ["138 final", "139 amended"]),
        ([AMENDED, ORIGINAL], ["138 final", "139 amended"]),
        ([AMENDED], ["139 amended"]),
        ([ORIGINAL, AMENDED, CORRECTED], ["139 amended", "148 corrected"]),
        ([ORIGINAL, AMENDED, WITHDRAWN], []),
        ([WITHDRAWN, AMENDED, ORIGINAL], []),
    ],
)
def test_an_amendment_stands_beside_what_it_amends_until_that_is_withdrawn(words: list[Any], stand: list[str]) -> None:
    records = None
    for day, word in enumerate(words, 11):
        records = told("ORU^R01", *sodium(*word), at=f"202401{day}", records=records)
    assert records is not None
    said = [f"{one['valueQuantity']['value']} {one['status']}" for one in every(records, "Observation")]
    assert sorted(one for one in said if "entered-in-error" not in one) == stand


CULTURE = [
    ("TX", "CUL^Culture^L", "", "Mid-stream urine"),
    ("TX", "CUL^Culture^L", "", ""),
    ("TX", "CUL^Culture^L", "2", "E. coli >10^5/ml"),
    ("TX", "SEN^Sensitivities^L", "", "Trimethoprim R"),
    ("ST", "SEN^Sensitivities^L", "", "Ampicillin"),
    ("ST", "SEN^Sensitivities^L", "", "Gentamicin"),
]


def test_the_lines_of_a_text_are_one_result() -> None:
    lines = [
        f"OBX|{number}|{type_}|{code}|{sub}|{text}||||||F" for number, (type_, code, sub, text) in enumerate(CULTURE, 1)
    ]
    records = told("ORU^R01", "OBR|1||F1|MSU^Urine culture^L|||202401100800", *lines)
    found = [one["valueString"] for one in every(records, "Observation")]
    assert found == ["Mid-stream urine\n\nE. coli >10^5/ml", "Trimethoprim R", "Ampicillin", "Gentamicin"]


def test_lines_of_another_state_or_with_a_comment_between_stand_apart() -> None:
    obx = "OBX|1|TX|CUL^Culture^L||{}||||||{}"
    records = told(
        "ORU^R01", "OBR|1||F1|MSU^Urine culture^L", obx.format("Seen", "F"), obx.format("Awaited", "P"),
        "NTE|1||Phoned", obx.format("Grown", "P"),
    )  # fmt: skip
    found = [one["valueString"] for one in every(records, "Observation")]
    assert found == ["Seen", "Awaited", "Grown"]


# -- dialects --------------------------------------------------------------------------------------------------------


def test_a_message_of_version_2_1_says_its_event_in_evn() -> None:
    records = told("ADT", "EVN|A01|202401100900", PV1)
    assert only(records, "Encounter")["status"] == "in-progress"


@pytest.mark.parametrize(
    ("type_", "segments", "where"),
    [
        ("ORM^O01", (), "ORC"), ("RDE^O11", ("ORC|NW|P1",), "RXE"), ("VXU^V04", (), "RXA"), ("MDM^T02", (), "TXA"),
        ("REF^I12", ("RF1|A|S||||R7",), "PRD-1"), ("SIU^S12", ("SCH||",), "SCH-2"),
        ("VXU^V04", ("RXA|0|1|20240110",), "RXA-5"),
        ("ADT^A01", (*A01, "AL1|1|DA"), "AL1-3"), ("ADT^A01", (*A01, "DG1|1"), "DG1-3"),
        ("ADT^A01", (*A01, "PR1|1"), "PR1-3"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_its_field(type_: str, segments: tuple[str, ...], where: str) -> None:
    with pytest.raises(NotMapped) as caught:
        told(type_, *segments)
    assert caught.value.where == where
