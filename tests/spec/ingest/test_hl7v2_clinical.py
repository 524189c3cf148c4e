"""What comes of documents, appointments, referrals, orders, medicines, vaccines, and of segments beside a visit."""

from base64 import b64decode
from decimal import Decimal
from typing import Any

import pytest

from concord.base import OdsCode
from concord.fhir import check
from concord.governance import SourceSystem
from concord.ingest.hl7v2 import Message, NotMapped, map_message
from concord.record.facts import relationships
from tests.unit.ingest.fake_records import TRUST, FakeRecords, feed

PID = "PID|1||70001^^^PAS^MR~9990003114^^^NHS^NH||Holroyd^Margaret"
PV1 = "PV1|1|I|Ash^1^A|||||||respiratory|||||||||V1"
A01 = ("EVN|A01|202401100900", PV1)


def told(
    type_: str, *segments: str, at: str = "20240110090000", records: FakeRecords | None = None, **more: Any
) -> FakeRecords:
    """What is held after a message; everything in it is R4."""
    records = records or FakeRecords()
    text = "\r".join((f"MSH|^~\\&|PAS|ZZA|CONCORD|NN|{at}||{type_}|M{at}|P|2.4", PID, *segments))
    submissions = map_message(Message.parse(text.encode()), feed(records, **more))
    for one in submissions:
        assert check(one.resource | {"id": "x"}) == []
    records.write(submissions, by=SourceSystem(organisation=TRUST), atomic=False, assurance="stated")
    assert not records.waiting
    return records


def every(records: FakeRecords, type_: str) -> list[dict[str, Any]]:
    return [records.resource(*key) or {} for key in records.held if key[0] == type_]


def only(records: FakeRecords, type_: str) -> dict[str, Any]:
    (found,) = every(records, type_)
    return found


def gives(resource: dict[str, Any]) -> list[tuple[str, str | None]]:
    found = relationships(resource, OdsCode("ZZA"), "acute-trust", None)
    return [(one.kind.value, one.organisation) for one in found]


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


# -- documents -------------------------------------------------------------------------------------------------------


def txa(number: str, parent: str = "", *, completion: str = "AU", availability: str = "AV") -> str:
    said = "TXA|1|DS^Discharge summary|TX|202401101200||202401101130|||D1^Woolfson^Kathleen^^^Dr"
    return f"{said}|||{number}|{parent}||||{completion}||{availability}"


def letter(value: str, type_: str = "TX") -> str:
    return f"OBX|1|{type_}|LET^Discharge letter^L||{value}||||||F"


def attachments(document: dict[str, Any]) -> list[tuple[str, bytes]]:
    parts = [one["attachment"] for one in document["content"]]
    return [(part.get("contentType", ""), b64decode(part.get("data", ""))) for part in parts]


ENCLOSED = [
    ((letter("Dear doctor"), letter("She is well.\\.br\\Yours")),
     [("text/plain; charset=utf-8", b"Dear doctor\nShe is well.\nYours")]),
    ((letter("{\\rtf1\\ansi Dear ~ doctor}"),), [("text/rtf", b"{\\rtf1\\ansi Dear ~ doctor}")]),
    ((letter("LAB^AP^PDF^Base64^JVBERi0=", "ED"),), [("application/pdf", b"%PDF-")]),
    ((letter("LAB^^Octet-stream^Base64^JVBERi0xLjQ=", "ED"),), [("application/pdf", b"%PDF-1.4")]),
    ((letter("LAB^TEXT^^A^Dear doctor", "ED"),), [("text/plain; charset=utf-8", b"Dear doctor")]),
    ((letter("LAB^TEXT^^Hex^446561", "ED"),), [("application/octet-stream", b"Dea")]),
    ((letter("Covering note"), letter("LAB^AP^PDF^Base64^JVBERi0=", "ED")),
     [("text/plain; charset=utf-8", b"Covering note"), ("application/pdf", b"%PDF-")]),
    ((), [("", b"")]),
]  # fmt: skip


@pytest.mark.parametrize(("obx", "becomes"), ENCLOSED)
def test_documents_come_whole(obx: tuple[str, ...], becomes: list[tuple[str, bytes]]) -> None:
    found = only(told("MDM^T02", PV1, txa("L7"), *obx), "DocumentReference")
    assert attachments(found) == becomes
    assert (found["status"], found["docStatus"], found["date"]) == ("current", "final", "2024-01-10T11:30:00+00:00")
    assert found["type"]["text"] == "Discharge summary"
    assert found["author"][0]["display"] == "Dr Kathleen Woolfson"
    assert found["content"][0]["attachment"]["title"] == ("Discharge letter" if obx else "Discharge summary")


def test_a_document_in_no_encoding_is_refused() -> None:
    with pytest.raises(NotMapped) as caught:
        told("MDM^T02", PV1, txa("L7"), letter("LAB^AP^PDF^Base64^%%%", "ED"))
    assert caught.value.where == "OBX-5"


@pytest.mark.parametrize(
    ("event", "number", "parent", "states", "relation"),
    [
        ("T04", "L7", "", {"L7": "current"}, None),
        ("T06", "L8", "L7", {"L7": "current", "L8": "current"}, "appends"),
        ("T08", "L7", "", {"L7": "current"}, None),
        ("T10", "L8", "L7", {"L7": "superseded", "L8": "current"}, "replaces"),
        ("T11", "L7", "", {"L7": "entered-in-error"}, None),
    ],
)
def test_what_becomes_of_a_document(
    event: str, number: str, parent: str, states: dict[str, str], relation: str | None
) -> None:
    records = told("MDM^T02", PV1, txa("L7"), letter("Dear doctor"))
    told(f"MDM^{event}", PV1, txa(number, parent), at="20240111", records=records)
    held = {id_: records.resource(type_, id_) or {} for type_, id_ in records.held if type_ == "DocumentReference"}
    assert {id_.removeprefix("TXA.-"): one["status"] for id_, one in held.items()} == states
    newest = held[f"TXA.-{number}"]
    assert [one["code"] for one in newest.get("relatesTo", [])] == ([relation] if relation else [])
    assert attachments(held["TXA.-L7"]) == [
        ("text/plain; charset=utf-8", b"Dear doctor")
    ]  # a notice takes nothing away


# -- appointments ----------------------------------------------------------------------------------------------------


def sch(status: str = "", times: str = "", placer: str = "P1") -> str:
    return f"SCH|{placer}|F1||||RTN^Routine^L|CHK^Check^L|FU^Follow-up^L|30|min|{times}{'|' * 14}{status}"


AIS = "AIS|1||respiratory^Respiratory clinic^L|202401150930|||20|min"


@pytest.mark.parametrize(
    ("event", "status", "becomes", "opens"),
    [
        ("S12", "", "booked", True), ("S12", "Booked", "booked", True), ("S13", "", "booked", True),
        ("S14", "Arrived", "arrived", True), ("S14", "Complete", "fulfilled", False), ("S15", "", "cancelled", False),
        ("S16", "", "cancelled", False), ("S17", "", "entered-in-error", False), ("S18", "", "booked", True),
        ("S22", "", "booked", True), ("S26", "", "noshow", False), ("S14", "Waitlist", "waitlist", False),
    ],
)  # fmt: skip
def test_appointments(event: str, status: str, becomes: str, opens: bool) -> None:
    people = ("AIP|1||D1^Woolfson^Kathleen^^^Dr", "AIL|1||Clinic 4^^^ZZA")
    found = only(told(f"SIU^{event}", sch(status), AIS, *people, services=frozenset({"respiratory"})), "Appointment")
    assert (found["status"], found["minutesDuration"]) == (becomes, 20)
    assert (found["start"], found["end"]) == ("2024-01-15T09:30:00+00:00", "2024-01-15T09:50:00Z")
    assert found["meta"]["tag"][0]["code"] == "respiratory"
    assert [one["actor"].get("display") for one in found["participant"]] == [None, "Dr Kathleen Woolfson", "Clinic 4"]
    assert gives(found) == ([("appointment", "ZZA")] if opens else [])


def test_where_the_time_stands() -> None:
    tq1 = "TQ1|1||||||202401151000|202401151100"
    assert only(told("SIU^S12", sch(), tq1, AIS), "Appointment")["end"] == "2024-01-15T11:00:00+00:00"
    found = only(told("SIU^S12", sch(times="^^^202407151000")), "Appointment")
    assert (found["start"], found["end"]) == ("2024-07-15T10:00:00+01:00", "2024-07-15T09:30:00Z")
    with pytest.raises(NotMapped) as caught:
        told("SIU^S12", sch())
    assert caught.value.where == "SCH-11"


def test_a_cancellation_without_times_keeps_them() -> None:
    records = told("SIU^S12", sch(), AIS)
    told("SIU^S15", sch(), at="20240111", records=records)
    found = only(records, "Appointment")
    assert (found["status"], found["start"]) == ("cancelled", "2024-01-15T09:30:00+00:00")
    assert found["cancelationReason"]["text"] == "Routine"


# -- referrals -------------------------------------------------------------------------------------------------------

RF1 = "RF1|A|S|GRF^General^L|||R7|20240110|||Breathlessness^Breathless^L"
TO = "PRD|RT|Community^Nursing|||||ZZC^ODS"
BY = "PRD|RP|Woolfson^Kathleen^^^Dr|||||D1"


@pytest.mark.parametrize(
    ("event", "status", "opens"), [("I12", "active", True), ("I13", "active", True), ("I14", "revoked", False)]
)
def test_referrals(event: str, status: str, opens: bool) -> None:
    records = told("REF^I12", RF1, BY, TO)
    told(f"REF^{event}", RF1, BY, TO, "DG1|1||J44^COPD^I10", at="20240111", records=records)
    found = only(records, "ServiceRequest")
    assert (found["status"], found["priority"]) == (status, "stat")
    assert found["category"][0]["coding"][0]["code"] == "referral"
    assert found["requester"]["display"] == "Dr Kathleen Woolfson"
    assert gives(found) == ([("referred", "ZZC")] if opens else [])


def test_a_referral_to_nobody_with_a_code_opens_nothing() -> None:
    assert gives(only(told("REF^I12", RF1, "PRD|RT|Smith^John|||||44"), "ServiceRequest")) == []
    assert gives(only(told("REF^I12", RF1, "PRD|RT|||^^^ZZC&&ODS"), "ServiceRequest"))


# -- orders, medicines, vaccines -------------------------------------------------------------------------------------


@pytest.mark.parametrize("type_", ["ORM^O01", "OML^O21", "OMG^O19", "ORM"])
@pytest.mark.parametrize(
    ("control", "status", "becomes"),
    [
        ("NW", "", "active"),
        ("CA", "", "revoked"),
        ("DC", "", "revoked"),
        ("HD", "", "on-hold"),
        ("SC", "CM", "completed"),
    ],
)
def test_investigations_requested(type_: str, control: str, status: str, becomes: str) -> None:
    orc = f"ORC|{control}|P1|||{status}||||202401100930|||D1^Woolfson^Kathleen^^^Dr"
    records = told(type_, "ORC|NW|P1", "OBR|1|P1||UE^Urea and electrolytes^L", records=None)
    told(type_, orc, "OBR|1|P1||UE^Urea and electrolytes^L|S", "NTE|1||Fasting", at="20240111", records=records)
    found = only(records, "ServiceRequest")
    assert (found["status"], found["intent"], found["priority"]) == (becomes, "order", "stat")
    assert (found["authoredOn"], found["note"]) == ("2024-01-10T09:30:00+00:00", [{"text": "Fasting"}])
    assert gives(found) == []


ORDERED = ("ORC|NW|P1|||||||202401100930|||D1^Woolfson^Kathleen^^^Dr", "OBR|1|P1||MRI^MRI head^L|S")
PRESCRIBED = (
    "ORC|NW|P9|||||||202401100930|||D1^Woolfson^Kathleen^^^Dr", "RXE|^BD|PARA^Paracetamol^L|1||g||^One daily",
)  # fmt: skip


@pytest.mark.parametrize(
    ("type_", "ordered", "ended", "becomes"),
    [
        ("ORM^O01", ORDERED, ("ORC|CA|P1", "OBR|1|P1||MRI^MRI head^L"), ("ServiceRequest", "revoked", "priority")),
        (
            "RDE^O11", PRESCRIBED, ("ORC|DC|P9", "RXE||PARA^Paracetamol^L"),
            ("MedicationRequest", "stopped", "dosageInstruction"),
        ),
    ],
)  # fmt: skip
def test_what_ends_an_order_leaves_what_it_said(
    type_: str, ordered: tuple[str, ...], ended: tuple[str, ...], becomes: tuple[str, str, str]
) -> None:
    of, status, kept = becomes
    first = told(type_, *ordered, at="20240110")
    begun = only(first, of)
    for records in (
        told(type_, *ended, at="20240111", records=first),
        told(type_, *ordered, at="20240110", records=told(type_, *ended, at="20240111")),
    ):
        found = only(records, of)
        assert found["status"] == status
        assert all(found[name] == begun[name] for name in (kept, "authoredOn", "requester"))


def test_several_tests_under_one_order() -> None:
    records = told(
        "OML^O21", "ORC|NW|P1", "OBR|1|P1||UE^Urea^L", "OBR|2|P1||FBC^Blood count^L", "ORC|NW|P2", "OBR|1|||CRP^CRP^L"
    )
    assert sorted(id_ for type_, id_ in records.held if type_ == "ServiceRequest") == [
        "ORC.-P1.-FBC", "ORC.-P1.-UE", "ORC.-P2.-CRP",
    ]  # fmt: skip


@pytest.mark.parametrize("type_", ["RDE^O11", "RDE^O25"])
@pytest.mark.parametrize(("control", "becomes"), [("NW", "active"), ("DC", "stopped"), ("HD", "on-hold")])
def test_medicines(type_: str, control: str, becomes: str) -> None:
    orc = f"ORC|{control}|P9|||||||202401100930|||D1^Woolfson^Kathleen^^^Dr"
    rxe = (
        "RXE|^BD^^20240110^20240117|322236009^Paracetamol 500mg tablets^DM+D|1||g||^One gram twice a day|||28|tablet|1"
    )
    found = only(told(type_, orc, rxe, "RXR|PO^Oral^HL70162"), "MedicationRequest")
    assert (found["status"], found["medicationCodeableConcept"]["text"]) == (becomes, "Paracetamol 500mg tablets")
    (dosage,) = found["dosageInstruction"]
    assert (dosage["text"], dosage["route"]["text"]) == ("One gram twice a day", "Oral")
    assert dosage["doseAndRate"] == [{"doseQuantity": {"value": Decimal(1), "unit": "g"}}]
    assert dosage["timing"]["repeat"]["boundsPeriod"] == {"start": "2024-01-10", "end": "2024-01-17"}
    assert found["dispenseRequest"] == {
        "quantity": {"value": Decimal(28), "unit": "tablet"},
        "numberOfRepeatsAllowed": 1,
    }


def test_an_order_message_may_order_a_medicine() -> None:
    records = told("ORM^O01", "ORC|NW|P9", "RXO|PARA^Paracetamol^L|500||mg", "RXR|PO^Oral^L")
    assert only(records, "MedicationRequest")["dosageInstruction"][0]["doseAndRate"]


@pytest.mark.parametrize(
    ("completion", "action", "becomes"),
    [("CP", "A", "completed"), ("", "", "completed"), ("RE", "", "not-done"), ("CP", "D", "entered-in-error")],
)
def test_vaccines(completion: str, action: str, becomes: str) -> None:
    rxa = "RXA|0|1|20240110||FLU^Influenza vaccine^L|0.5|mL^mL^UCUM||00|N1^Ray^Ana|||||L4711|20250101|MVX^Maker^MVX|||"
    found = only(
        told(
            "VXU^V04", "ORC|RE||F3", f"{rxa}{completion}|{action}", "RXR|IM^Intramuscular^HL70162|LA^Left arm^HL70163"
        ),
        "Immunization",
    )
    assert (found["status"], found["occurrenceDateTime"], found["lotNumber"]) == (becomes, "2024-01-10", "L4711")
    assert (found["expirationDate"], found["manufacturer"]["display"], found["primarySource"]) == (
        "2025-01-01",
        "Maker",
        True,
    )
    assert (found["site"]["text"], found["doseQuantity"]["code"]) == ("Left arm", "mL")


# -- dialects --------------------------------------------------------------------------------------------------------


def test_a_message_of_version_2_1_says_its_event_in_evn() -> None:
    records = told("ADT", "EVN|A01|202401100900", PV1)
    assert only(records, "Encounter")["status"] == "in-progress"


@pytest.mark.parametrize(
    ("type_", "segments", "where"),
    [
        ("ORM^O01", (), "ORC"), ("RDE^O11", ("ORC|NW|P1",), "RXE"), ("VXU^V04", (), "RXA"), ("MDM^T02", (), "TXA"),
        ("REF^I12", (RF1,), "PRD-1"), ("SIU^S12", ("SCH||",), "SCH-2"), ("VXU^V04", ("RXA|0|1|20240110",), "RXA-5"),
        ("ADT^A01", (*A01, "AL1|1|DA"), "AL1-3"), ("ADT^A01", (*A01, "DG1|1"), "DG1-3"),
        ("ADT^A01", (*A01, "PR1|1"), "PR1-3"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_names_its_field(type_: str, segments: tuple[str, ...], where: str) -> None:
    with pytest.raises(NotMapped) as caught:
        told(type_, *segments)
    assert caught.value.where == where
