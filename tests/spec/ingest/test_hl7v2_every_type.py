"""Every type of message that is asked for, in every version of HL7 v2 from 2.1 to 2.8 and in the UK's ITK profile."""

from pathlib import Path

import pytest

from concord.fhir import check
from concord.governance import SourceSystem
from concord.ingest.hl7v2 import Message, map_message, mapped, type_of
from tests.unit.ingest.fake_records import TRUST, FakeRecords, feed

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "hl7-v2.md"
VERSIONS = ("2.1", "2.2", "2.3", "2.3.1", "2.4", "2.5", "2.5.1", "2.6", "2.7", "2.7.1", "2.8", "ITK")

VISIT, MRG = "PV1|1|I|Ash^1^A||||||||||||||||V1", "MRG|70002^^^PAS||||V1"
OTHER = "PID|2||70002^^^PAS||Holroyd^Margaret"
ORDER, RESULT = "ORC|NW|P1|F1", "OBR|1|P1|F1|UE^Urea^L|||202401100800|||||||||||||||||F"
SODIUM = "OBX|1|NM|NA^Sodium^L||138|mmol/L|||||F"
LETTER = "OBX|1|ED|LET^Letter^L||^application^pdf^Base64^JVBERi0=||||||F"
BOOKED = ("SCH|P1|F1|||||CHECK^Check", "AIS|1||CLINIC^Clinic|20240112090000|||20|min")
REFERRAL = ("RF1|A|R|SURG^Surgery^L|||R1", "PRD|RT|Green^Ann")
MEDICINE = ("ORC|NW|P1", "RXE|^^^20240110|AMOX^Amoxicillin^L|500||mg", "RXR|PO")
VACCINE = ("ORC|RE|P1", "RXA|0|1|20240110||FLU^Influenza^L|0.5|mL")
PROBLEM = "PRB|AD|20240110|73211009^Diabetes^SCT|PR7"

# what it makes (besides the Patient), the types, the segments after PID
EVERY = [
    ("Encounter", "ADT", "A01 A02 A03 A04 A05 A06 A07 A08 A09 A10 A14", (VISIT,)),
    ("Encounter", "ADT", "A11 A12 A13 A32 A33 A38", (VISIT,)),
    ("Patient", "ADT", "A28 A31", ()),
    ("Patient", "ADT", "A18 A30 A34 A35 A36 A39 A40 A46 A47", (MRG,)),
    ("Patient", "ADT", "A24 A37", (OTHER,)),
    ("Encounter", "ADT", "A45", (MRG, VISIT)),
    ("DiagnosticReport", "ORU", "R01 R30", (VISIT, ORDER, RESULT, SODIUM)),
    ("DiagnosticReport", "OUL", "R21 R22 R23 R24", (VISIT, ORDER, RESULT, SODIUM)),
    ("ServiceRequest", "ORM", "O01", (VISIT, ORDER, RESULT)),
    ("ServiceRequest", "OML", "O21 O33 O35", (VISIT, ORDER, RESULT)),
    ("ServiceRequest", "OMG", "O19", (VISIT, ORDER, RESULT)),
    ("DocumentReference", "MDM", "T01 T03 T05 T07 T09 T11", (VISIT, "TXA|1|DS|PDF|||||||||D1")),
    ("DocumentReference", "MDM", "T02 T04 T06 T08 T10", (VISIT, "TXA|1|DS|PDF|||||||||D1", LETTER)),
    ("Appointment", "SIU", "S12 S13 S14 S15 S16 S17 S18 S19 S20 S21 S22 S26", BOOKED),
    ("Slot", "SIU", "S23 S24", BOOKED),
    ("ServiceRequest", "REF", "I12 I13 I14 I15", REFERRAL),
    ("MedicationRequest", "RDE", "O01 O11 O25", MEDICINE),
    ("Immunization", "VXU", "V04", VACCINE),
    ("Condition", "PPR", "PC1 PC2 PC3", (PROBLEM,)),
]
CASES = [(made, f"{name}^{event}", rest) for made, name, events, rest in EVERY for event in events.split()]


def written(type_: str, version: str, rest: tuple[str, ...]) -> bytes:
    """A message as a sender of that version writes it."""
    name, event = type_.split("^")
    old, marks = version in ("2.1", "2.2"), "^~\\&"
    number = "70001" if old else "70001^^^PAS^MR~9990003114^^^NHS^NH"
    stated = version
    if version >= "2.5" and version != "ITK":
        type_ = f"{name}^{event}^{name}_{event}"
    if version >= "2.7" and version != "ITK":
        marks += "#"  # the truncation character
    if version == "2.1" and name in ("ADT", "MDM", "ORU", "ORM"):
        type_ = name  # the event stands in EVN-1, or is the only one
    if version == "ITK":
        stated, number = "2.4^GBR^ITK", "9990003114^^^NHS^NH^^^^&2.16.840.1.113883.2.1.4.1&ISO~70001^^^RXX^MR"
        rest = (*rest, "ZU1|202401100900|||||||||C", "ZU8|B")
    header = f"MSH|{marks}|PAS|ZZA|CONCORD|NN|20240110090000||{type_}|M1|P|{stated}"
    evn = [f"EVN|{event}|20240110090000"] if name in ("ADT", "MDM") else []
    pid = [] if type_.startswith(("SIU^S23", "SIU^S24")) else [f"PID|1||{number}||Holroyd^Margaret||19420214|F"]
    return "\r".join([header, *evn, *pid, *rest]).encode()


@pytest.mark.parametrize(("made", "type_", "rest"), CASES, ids=[case[1] for case in CASES])
def test_every_type_in_every_version(made: str, type_: str, rest: tuple[str, ...]) -> None:
    for version in VERSIONS:
        records = FakeRecords()
        message = Message.parse(written(type_, version, rest))
        assert mapped(message), version
        assert type_of(message) == type_ or version == "2.1"
        submissions = map_message(message, feed(records))
        for one in submissions:
            assert check(one.resource | {"id": "x"}) == [], version
        outcomes = records.write(submissions, by=SourceSystem(organisation=TRUST), atomic=False, assurance="stated")
        assert "rejected" not in {outcome.status for outcome in outcomes}, version
        assert (made in {one.resource["resourceType"] for one in submissions}) == bool(made), version


def test_the_reference_lists_these_and_no_others() -> None:
    text = REFERENCE.read_text(encoding="utf-8").split("\n## Messages\n")[1].split("\n## ")[0]
    rows = [line.split("|") for line in text.splitlines() if line.startswith("| ")][1:]
    assert sorted(type_ for row in rows for type_ in row[2].split()) == sorted(case[1] for case in CASES)
