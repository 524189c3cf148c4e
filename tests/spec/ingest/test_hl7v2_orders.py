"""What comes of appointments, referrals, orders, medicines and vaccines."""

from decimal import Decimal

import pytest

from concord.ingest.hl7v2 import NotMapped
from tests.spec.ingest.hl7v2_told import gives, only, told

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
