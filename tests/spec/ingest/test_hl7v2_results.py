"""What OBR, OBX and NTE say, and what becomes of it."""

from base64 import b64decode
from decimal import Decimal
from typing import Any

import pytest

from concord.fhir import encode, parse
from concord.governance import SourceSystem
from concord.ingest.hl7v2 import Message, NotMapped, map_message
from concord.ingest.hl7v2.times import date_time
from tests.unit.ingest.fake_records import TRUST, FakeRecords, feed

MSH = "MSH|^~\\&|LAB|ZZA|CONCORD|NN|20240301100000||ORU^R01|M7|P|2.4"
PID = "PID|1||70001^^^PAS^MR"
OBR = "OBR|1|P1|F1^LAB|UE^Urea and electrolytes^L|||20240301083000|||||||||||||||20240301095900||LAB|F"


def mapped(*segments: str, records: FakeRecords | None = None) -> dict[str, dict[str, Any]]:
    """The resources by source id, in order, but for the Patient."""
    text = "\r".join((MSH, PID, *segments))
    submissions = map_message(Message.parse(text.encode()), feed(records))
    return {str(one.source_id): one.resource for one in submissions if one.resource["resourceType"] != "Patient"}


def obx(type_: str, value: str, *, units: str = "", range_: str = "", flag: str = "", status: str = "F") -> str:
    return f"OBX|1|{type_}|NA^Sodium^L||{value}|{units}|{range_}|{flag}|||{status}"


def observation(*segments: str) -> dict[str, Any]:
    return next(resource for resource in mapped(OBR, *segments).values() if resource["resourceType"] == "Observation")


UCUM = {"unit": "mmol/L", "system": "http://unitsofmeasure.org", "code": "mmol/L"}

# OBX-2, OBX-5, OBX-6, value[x]
VALUES = [
    ("NM", "138", "mmol/L", {"valueQuantity": {"value": Decimal(138), "unit": "mmol/L"}}),
    ("NM", "98.00", "", {"valueQuantity": {"value": Decimal("98.00")}}),
    ("NM", "4.1", "mmol/L^^UCUM", {"valueQuantity": {"value": Decimal("4.1"), **UCUM}}),
    ("NM", "<15", "MLMIN", {"valueQuantity": {"comparator": "<", "value": Decimal(15), "unit": "MLMIN"}}),
    ("NM", "haemolysed", "", {"valueString": "haemolysed"}),
    ("NM", "60~120", "", {"valueString": "60\n120"}),
    ("NM", "", "mmol/L", {}),
    ("SN", "^100", "g", {"valueQuantity": {"value": Decimal(100), "unit": "g"}}),
    ("SN", ">^100", "", {"valueQuantity": {"comparator": ">", "value": Decimal(100)}}),
    ("SN", "^10^-^20", "", {"valueRange": {"low": {"value": Decimal(10)}, "high": {"value": Decimal(20)}}}),
    ("SN", "^1^:^128", "", {
        "valueRatio": {"numerator": {"value": Decimal(1)}, "denominator": {"value": Decimal(128)}}}),
    ("SN", "^2^+", "", {"valueString": "2 +"}),
    ("ST", "Clear", "", {"valueString": "Clear"}),
    ("TX", "Line one~Line two", "", {"valueString": "Line one\nLine two"}),
    ("TX", "Page one\x0cpage\\X07\\two", "", {"valueString": "Page one page two"}),
    ("FT", "First\\.br\\Second \\T\\ last", "", {"valueString": "First\nSecond & last"}),
    ("CE", "27268008^Salmonella^SCT", "", {"valueCodeableConcept": {
        "coding": [{"system": "http://snomed.info/sct", "code": "27268008", "display": "Salmonella"}],
        "text": "Salmonella"}}),
    ("CWE", "POS^Positive^L", "", {"valueCodeableConcept": {
        "coding": [{"system": "https://concord.example/CodeSystem/ZZA/l", "code": "POS", "display": "Positive"}],
        "text": "Positive"}}),
    ("DT", "20240229", "", {"valueDateTime": "2024-02-29"}),
    ("TS", "202407011330", "", {"valueDateTime": "2024-07-01T13:30:00+01:00"}),
    ("TM", "1330", "", {"valueTime": "13:30:00"}),
    ("", "28", "", {"valueString": "28"}),
    # Marks that their writers left unescaped are part of the text.
    ("TX", "E. coli >10^5 cfu/ml & mixed growth", "", {"valueString": "E. coli >10^5 cfu/ml & mixed growth"}),
    ("ST", "R&D sample", "", {"valueString": "R&D sample"}),
    ("CE", "T&S^Trimethoprim & sulfa^L", "", {"valueCodeableConcept": {
        "coding": [{"system": "https://concord.example/CodeSystem/ZZA/l", "code": "T&S",
                    "display": "Trimethoprim & sulfa"}],
        "text": "Trimethoprim & sulfa"}}),
    ("CE", "A^Ampicillin^L~G^Gentamicin^L", "", {"valueString": "Ampicillin\nGentamicin"}),
    ("NM", "12", "10^9/L", {"valueQuantity": {"value": Decimal(12), "unit": "10^9/L"}}),
    ("NM", "4.2", "x10^12/L", {"valueQuantity": {"value": Decimal("4.2"), "unit": "x10^12/L"}}),
    ("NM", "12", "10\\S\\9/L", {"valueQuantity": {"value": Decimal(12), "unit": "10^9/L"}}),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "sent", "units", "becomes"), VALUES)
def test_values(type_: str, sent: str, units: str, becomes: dict[str, Any]) -> None:
    found = observation(obx(type_, sent, units=units))
    assert {name: value for name, value in found.items() if name.startswith("value")} == becomes


def test_every_digit_of_a_decimal_stays() -> None:
    assert b'"value":98.00' in encode(observation(obx("NM", "98.00")))


# OBX-7, referenceRange
RANGES = [
    ("49 - 92", [{"low": {"value": Decimal(49)}, "high": {"value": Decimal(92)}, "text": "49 - 92"}]),
    ("[ 0.2 - 1.0 ]", [{"low": {"value": Decimal("0.2")}, "high": {"value": Decimal("1.0")}, "text": "[ 0.2 - 1.0 ]"}]),
    ("[ < 0.21 ]", [{"high": {"value": Decimal("0.21")}, "text": "[ < 0.21 ]"}]),
    (">=60", [{"low": {"value": Decimal(60)}, "text": ">=60"}]),
    ("not detected", [{"text": "not detected"}]),
    ("[ ]", None),
]


def test_a_range_is_of_the_unit_of_the_value() -> None:
    found = observation(obx("NM", "12", units="10^9/L", range_="150-400", flag="LL~^phoned & seen"))
    assert found["referenceRange"][0]["low"] == {"value": Decimal(150), "unit": "10^9/L"}
    assert found["interpretation"][1] == {"text": "phoned & seen"}


def test_comments_stand_as_they_were_written() -> None:
    found = mapped(OBR.replace("Urea and", "Urea &"), obx("NM", "6.9"), "NTE|1||Phoned to A & E: K+ ^ on repeat")
    assert found["F1.5eLAB.-NA"]["note"] == [{"text": "Phoned to A & E: K+ ^ on repeat"}]
    assert found["F1.5eLAB"]["code"]["text"] == "Urea & electrolytes"


@pytest.mark.parametrize(
    ("sent", "code"), [("U&E^Urea^L", "U&E"), ("36643-5&IMP^Chest X-ray^LN", "36643-5"), ("NA&^Sodium^L", "NA&")]
)
def test_a_code_may_hold_the_mark_of_parts_but_for_the_suffix_of_a_report_s_part(sent: str, code: str) -> None:
    assert observation(obx("ST", "x").replace("NA^Sodium^L", sent))["code"]["coding"][0]["code"] == code


@pytest.mark.parametrize(
    ("sent", "becomes"),
    [
        ("L^Application^PDF^Base64^JVBERi0xLjQK", ("application/pdf", b"%PDF-1.4\n")),
        ("L^^^Base64^JVBERi0xLjQK", ("application/pdf", b"%PDF-1.4\n")),
        ("L^TEXT^RTF^Hex^7b5c72746631", ("text/rtf", b"{\\rtf1")),
        ("L^TEXT^^A^Seen & well", ("text/plain; charset=utf-8", b"Seen & well")),
    ],
)
def test_a_report_brings_its_document_in_any_encoding(sent: str, becomes: tuple[str, bytes]) -> None:
    (form,) = mapped(OBR, obx("ED", sent))["F1.5eLAB"]["presentedForm"]
    assert (form["contentType"], b64decode(form["data"])) == becomes


def test_a_report_s_document_in_no_encoding_is_refused() -> None:
    with pytest.raises(NotMapped):
        mapped(OBR, obx("ED", "L^Application^PDF^Base64^JVB!"))


@pytest.mark.parametrize(("sent", "becomes"), RANGES)
def test_reference_ranges(sent: str, becomes: Any) -> None:
    assert observation(obx("NM", "1", range_=sent)).get("referenceRange") == becomes


@pytest.mark.parametrize(
    ("sent", "becomes"),
    [("F", "final"), ("C", "corrected"), ("P", "preliminary"), ("X", "cancelled"), ("D", "entered-in-error"),
     ("W", "entered-in-error"), ("", "unknown")],
)  # fmt: skip
def test_result_status(sent: str, becomes: str) -> None:
    assert observation(obx("NM", "1", status=sent))["status"] == becomes


def test_interpretation_notes_times_and_category() -> None:
    found = observation(obx("NM", "150", flag="H"), "NTE|1||Repeat tomorrow~please", "NTE|2||Phoned to the ward")
    assert found["interpretation"][0]["coding"][0]["code"] == "H"
    assert found["note"] == [{"text": "Repeat tomorrow\nplease\nPhoned to the ward"}]
    assert found["effectiveDateTime"] == "2024-03-01T08:30:00+00:00"
    assert found["issued"] == "2024-03-01T09:59:00+00:00"
    assert found["category"][0]["coding"][0]["code"] == "laboratory"
    assert found["code"] == {
        "coding": [{"system": "https://concord.example/CodeSystem/ZZA/l", "code": "NA", "display": "Sodium"}],
        "text": "Sodium",
    }


def test_the_report_lists_its_observations() -> None:
    found = mapped(OBR, "NTE|1||Sample haemolysed", obx("NM", "1"), "OBX|2|NM|K^Potassium^L||4.1||||||F")
    assert list(found) == ["F1.5eLAB.-NA", "F1.5eLAB.-K", "F1.5eLAB"]
    report = found["F1.5eLAB"]
    assert report["result"] == [
        {"id": "F1.5eLAB.-K", "reference": "Observation/F1.5eLAB.-K"},
        {"id": "F1.5eLAB.-NA", "reference": "Observation/F1.5eLAB.-NA"},
    ]
    assert report["status"] == "final"
    assert report["code"]["text"] == "Urea and electrolytes"
    assert report["conclusion"] == "Sample haemolysed"
    assert [one["value"] for one in report["identifier"]] == ["P1", "F1"]
    assert {resource["subject"]["reference"] for resource in found.values()} == {"Patient/70001"}


def test_no_two_resources_of_a_message_share_a_reference() -> None:
    """The record rewrites references in place, and may take the resources of one message in two writes."""
    visit = "PV1|1|I|Ash" + "|" * 16 + "V1"
    found = mapped(visit, OBR, obx("NM", "1"), "OBX|2|NM|K^Potassium^L||4.1||||||F")
    shared = [id(resource[name]) for resource in found.values() for name in ("subject", "encounter")]
    assert len(shared) == len(set(shared)) == 6


def test_results_of_the_wrong_patient_take_their_report_with_them() -> None:
    found = mapped(OBR, obx("NM", "1", status="W"))
    assert {resource["status"] for resource in found.values()} == {"entered-in-error"}


def test_a_correction_sent_alone_meets_what_it_corrects() -> None:
    both = mapped(OBR, "OBX|1|NM|NA^Sodium^L||1||||||F", "OBX|2|NM|K^Potassium^L||4.1||||||F")
    alone = mapped(OBR, "OBX|1|NM|K^Potassium^L||4.4||||||C")
    assert next(iter(alone)) == list(both)[1]


SODIUM, POTASSIUM = "OBX|1|NM|NA^Sodium^L||1||||||F", "OBX|2|NM|K^Potassium^L||4.1||||||F"
# What is told after a report of both -> how that stands
PARTS = [
    (("OBX|1|NM|K^Potassium^L||4.4||||||C",), "corrected"),
    (("OBX|1|NM|K^Potassium^L||4.1||||||W",), "corrected"),
    (("OBX|1|NM|K^Potassium^L||4.1||||||D",), "corrected"),
    ((SODIUM,), "final"),
    ((SODIUM.replace("F", "W"), POTASSIUM.replace("F", "W")), "entered-in-error"),
]


@pytest.mark.parametrize(("told", "stands"), PARTS)
def test_a_report_told_in_part_lists_all_its_results(told: tuple[str, ...], stands: str) -> None:
    records = FakeRecords()
    of_later = OBR.replace("095900", "115900")[:-1] + ("C" if stands == "corrected" else "F")
    for segments in ((OBR, SODIUM, POTASSIUM), (of_later, *told)):
        text = "\r".join((MSH, PID, *segments))
        told_of = map_message(Message.parse(text.encode()), feed(records))
        records.write(told_of, by=SourceSystem(organisation=TRUST), atomic=False, assurance="stated")
    report = parse(records.held["DiagnosticReport", "F1.5eLAB"])
    listed = [one["id"] for one in report["result"]]
    assert [each for each in listed if "amended" not in each] == ["F1.5eLAB.-K", "F1.5eLAB.-NA"]
    assert len(set(listed)) == len(listed)
    assert report["status"] == stands


def test_one_code_reported_twice_stays_two_observations() -> None:
    twice = "OBX|1|ST|ORG^Organism^L||A||||||F", "OBX|2|ST|ORG^Organism^L||B||||||F"
    assert len(mapped(OBR, *twice)) == 3
    apart = "OBX|1|ST|ORG^Organism^L|1|A||||||F", "OBX|2|ST|ORG^Organism^L|2|B||||||F"
    assert list(mapped(OBR, *apart))[:2] == ["F1.5eLAB.-ORG.-1", "F1.5eLAB.-ORG.-2"]


def test_a_document_in_an_obx_is_a_form_of_the_report() -> None:
    found = mapped(OBR, "OBX|1|ED|PDF^Report^L||LAB^AP^PDF^Base64^JVBERi0=||||||F")
    assert found["F1.5eLAB"]["presentedForm"] == [
        {"contentType": "application/pdf", "data": "JVBERi0=", "title": "Report"}
    ]
    assert list(found) == ["F1.5eLAB"]


def test_a_result_names_its_visit_and_opens_none() -> None:
    found = mapped("PV1|1|E|Majors||||||||||||||||V1", OBR, obx("NM", "1"))
    assert {resource["resourceType"] for resource in found.values()} == {"Observation", "DiagnosticReport"}
    assert {resource["encounter"]["reference"] for resource in found.values()} == {"Encounter/V1"}


def test_a_result_brings_its_patient_only_where_none_is_held() -> None:
    message = Message.parse("\r".join((MSH, PID, OBR, obx("NM", "1"))).encode())
    records = FakeRecords()
    first = map_message(message, feed(records))
    assert [one.resource["resourceType"] for one in first] == ["Patient", "Observation", "DiagnosticReport"]
    records.write(first, by=SourceSystem(organisation=TRUST), atomic=False, assurance="stated")
    again = map_message(message, feed(records))
    assert [one.resource["resourceType"] for one in again] == ["Observation", "DiagnosticReport"]


@pytest.mark.parametrize(
    ("segments", "where"),
    [
        ([], "OBR"),
        (["OBR|1||F1"], "OBR-4"),
        ([OBR, "OBX|1|NM"], "OBX-3"),
        ([OBR, obx("NM", "1"), "OBX|2"], "OBX[2]-3"),
        ([OBR, obx("DT", "20240230")], "OBX-5"),
        ([OBR, obx("TM", "noon")], "OBX-5"),
        ([OBR.replace("20240301083000", "2024-03-01"), obx("NM", "1")], "OBR-7"),
    ],
)
def test_what_cannot_be_read_names_its_field(segments: list[str], where: str) -> None:
    with pytest.raises(NotMapped) as caught:
        mapped(*segments)
    assert caught.value.where == where


# HL7 v2 TS, FHIR dateTime. What has no offset is London's time.
TIMES = [
    ("2024", "2024"),
    ("202402", "2024-02"),
    ("20240229", "2024-02-29"),
    ("2024011509", "2024-01-15T09:00:00+00:00"),
    ("202401150930", "2024-01-15T09:30:00+00:00"),
    ("20240715093015", "2024-07-15T09:30:15+01:00"),
    ("20240715093015.1234", "2024-07-15T09:30:15.1234+01:00"),
    ("20240715093015+0200", "2024-07-15T09:30:15+02:00"),
    ("20240715093015-0500", "2024-07-15T09:30:15-05:00"),
    ("20240715093015+02:00", "2024-07-15T09:30:15+02:00"),
    ("20240715093015Z", "2024-07-15T09:30:15+00:00"),
    ("20241027013000", "2024-10-27T01:30:00+01:00"),  # an hour that comes twice: the first is meant
]


@pytest.mark.parametrize(("sent", "becomes"), TIMES)
def test_times(sent: str, becomes: str) -> None:
    header = Message.parse(MSH.replace("20240301100000", sent).encode()).segments[0]
    assert date_time(header, 7) == becomes


@pytest.mark.parametrize(
    "sent",
    ["20240230", "2024013", "20240101240000", "20240101000000+9900", "20240101000000Z1", "1 May", "00000101",
     "00010101000000+1400", "00010101000000+0000", "99991231235959-1400"],
)  # fmt: skip
def test_no_times(sent: str) -> None:
    header = Message.parse(MSH.replace("20240301100000", sent).encode()).segments[0]
    with pytest.raises(NotMapped):
        date_time(header, 7)
