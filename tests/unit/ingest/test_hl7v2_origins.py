"""The table of origins against the mapping: a field of a message is changed, and whatever changes by it must say so."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any

import pytest

from concord.fhir import Told
from concord.ingest.hl7v2 import KINDS, Kind, Message, NotMapped, map_message, origins
from concord.ingest.hl7v2.origins import ORIGINS
from concord.ingest.hl7v2.telling import without_telling
from tests.unit.ingest.fake_records import feed

# What stands in each field, and what it is changed to: another that means something else.
Cells = dict[int, tuple[str, str]]
SEGMENTS: dict[str, Cells] = {
    "EVN": {2: ("202401100900", "202401100901"), 6: ("202401100855", "202401100856")},
    "PID": {
        3: ("70001^^^PAS~9990003114^^^NHS", "70009^^^PAS"), 5: ("Holroyd^Margaret", "Hall^Ann"),
        7: ("19420214", "1943"),
        8: ("F", "M"), 11: ("1 High St", "2 High St"), 13: ("01632960001", "01632960009"),
        14: ("01632960002", "01632960008"), 29: ("202401090100", "202401090200"), 30: ("Y", "N"), 32: ("01", "02"),
    },
    "PD1": {3: ("Millbrook^^ZZP01", "Oak^^ZZP02")},
    "MRG": {1: ("70002^^^PAS", "70003^^^PAS")},
    "PV1": {
        2: ("I", "E"), 3: ("Ash^1", "Oak^1"), 7: ("D1^A", "D9^A"), 9: ("D2^B", "D8^B"), 10: ("x", "y"),
        11: ("Tmp", "Tmp2"), 17: ("D3^C", "D7^C"), 19: ("V1", "V2"), 42: ("Pend", "Pend2"),
        44: ("202401100850", "202401100851"), 45: ("202401110850", "202401110851"),
    },
    "PV2": {3: ("R1^Reason^L", "R2^Other^L"), 8: ("202401120900", "202401120901")},
    "AL1": {
        2: ("DA", "FA"), 3: ("7980^Penicillin^L", "7981^Latex^L"), 4: ("SV", "MI"), 5: ("Rash", "Wheeze"),
        6: ("20190301", "20190302"),
    },
    "DG1": {
        3: ("J18.9^Pneumonia^I10", "J19^Other^I10"), 4: ("words", "others"), 5: ("20240110", "20240111"), 6: ("W", "F"),
        16: ("D1^A", "D9^A"), 19: ("20240109", "20240108"), 20: ("D7", "D8"), 21: ("A", "D"),
    },
    "PR1": {
        3: ("E85^Ventilation^L", "E86^Other^L"), 4: ("words", "others"), 5: ("202401101015", "202401101016"),
        8: ("D1^A", "D9^A"), 11: ("D2^B", "D8^B"), 12: ("D3^C", "D7^C"), 15: ("J18^P^I10", "J19^Q^I10"),
        19: ("PR9", "PR8"), 20: ("A", "D"),
    },
    "NK1": {
        2: ("Holroyd^Alan", "Hall^Alan"), 3: ("SPO^Spouse", "BRO^Brother"), 4: ("17 Fold", "18 Fold"),
        5: ("01632960003", "01632960007"), 6: ("01632960004", "01632960006"), 7: ("C^Contact", "E^Employer"),
        8: ("20200101", "20200102"), 9: ("20250101", "20250102"), 33: ("N1", "N2"),
    },
    "SCH": {
        1: ("P1", "P2"), 2: ("F1", "F2"), 6: ("CX^Cancel", "CY^Other"), 7: ("CHECK^Check^L", "X^Other^L"),
        8: ("T^Type^L", "U^Other^L"), 9: ("20", "30"), 10: ("min", "h"),
        11: ("^^^202401120900^202401120930", "^^^202401120901^202401120931"), 25: ("Booked", "Cancelled"),
    },
    "AIS": {3: ("CLINIC^Clinic^L", "WARD^Ward^L"), 4: ("202401120900", "202401120905"), 7: ("20", "30"),
            8: ("min", "h")},
    "AIL": {3: ("Clinic 4", "Clinic 5"), 6: ("202401120900", "202401120905"), 9: ("20", "30"), 10: ("min", "h")},
    "AIP": {3: ("D1^A", "D9^A"), 6: ("202401120900", "202401120905"), 9: ("20", "30"), 10: ("min", "h")},
    "AIG": {3: ("S2^Spirometer", "S3^Other"), 8: ("202401120900", "202401120905"), 11: ("20", "30"), 12: ("min", "h")},
    "TXA": {
        2: ("DS^Discharge", "CN^Consult"), 4: ("202401101200", "202401101201"), 5: ("D1^A", "D9^A"),
        6: ("202401101130", "202401101132"), 7: ("202401101131", "202401101133"), 9: ("D2^B", "D8^B"),
        10: ("D3^C", "D7^C"), 12: ("DOC1", "DOC2"), 13: ("DOC0", "DOC9"), 16: ("file", "other"), 17: ("AU", "IN"),
        19: ("AV", "CA"), 22: ("D4^D", "D6^D"),
    },
    "RF1": {
        1: ("A", "C"), 2: ("R", "S"), 3: ("SURG^Surgery^L", "MED^Medicine^L"), 6: ("R1", "R2"),
        7: ("202401120900", "202401120901"), 8: ("20240901", "20240902"), 9: ("202401100900", "202401100901"),
        10: ("why^why^L", "no^no^L"), 11: ("X1", "X2"),
    },
    "PRD": {
        1: ("RT", "RP"), 2: ("Green^Ann", "Grey^Ann"), 4: ("^^^ZZC&&ODS", "^^^ZZD&&ODS"), 7: ("ZZC^ODS", "ZZD^ODS"),
        10: ("Org", "Other"),
    },
    "PRB": {
        1: ("AD", "DE"), 3: ("73211009^Diabetes^SCT", "1^Other^SCT"), 4: ("PR7", "PR8"), 7: ("20190301", "20190302"),
        9: ("20240201", "20240202"), 13: ("C", "P"), 14: ("R", "I"), 16: ("20181101", "20181102"),
        17: ("since", "ever"), 25: ("R", "PSY"),
    },
    "ORC": {
        1: ("NW", "CA"), 2: ("P1", "P2"), 3: ("F1", "F2"), 4: ("G1", "G2"), 5: ("IP", "CM"),
        9: ("202401100800", "202401100801"), 12: ("D5^E", "D6^E"),
    },
    "OBR": {
        2: ("P1", "P2"), 3: ("F1", "F2"), 4: ("UE^Urea^L", "FBC^Count^L"), 5: ("R", "S"),
        6: ("202401100730", "202401100731"), 7: ("202401100800", "202401100801"), 16: ("D6^F", "D5^F"),
        22: ("202401101000", "202401101001"), 24: ("CH", "RAD"), 25: ("F", "P"), 27: ("^^^^^S", "^^^^^R"),
        31: ("Why^Why^L", "No^No^L"),
    },
    "RXO": {
        1: ("AMOX^Amoxicillin^L", "PEN^Penicillin^L"), 2: ("500", "250"), 4: ("mg", "g"),
        7: ("take^words", "do^others"), 14: ("D1^A", "D9^A"),
    },
    "RXE": {
        1: ("1^BD^^20240110", "1^TDS^^20240110"), 2: ("AMOX^Amoxicillin^L", "PEN^Penicillin^L"), 3: ("500", "250"),
        5: ("mg", "g"), 7: ("take^words", "do^others"), 10: ("28", "14"), 11: ("tab", "cap"), 12: ("2", "3"),
        13: ("D1^A", "D9^A"), 15: ("RX1", "RX2"),
    },
    "RXR": {1: ("PO^Oral^L", "IV^Vein^L"), 2: ("ARM^Arm^L", "LEG^Leg^L")},
    "RXA": {
        3: ("20240110", "20240111"), 5: ("FLU^Influenza^L", "MMR^Measles^L"), 6: ("0.5", "0.6"), 7: ("mL", "L"),
        9: ("00^New^NIP001", "01^Old^NIP001"), 10: ("D1^A", "D9^A"), 15: ("LOT", "LOU"), 16: ("20250101", "20250102"),
        17: ("MK^Maker^L", "MX^Other^L"), 18: ("R^Reason^L", "S^Other^L"), 20: ("CP", "RE"), 21: ("A", "D"),
    },
    "TQ1": {
        3: ("BD", "TDS"), 7: ("202401120900", "202401120905"), 8: ("202401120930", "202401120935"), 9: ("S", "R"),
        11: ("with food", "alone"),
    },
    "OBX": {
        2: ("NM", "ST"), 3: ("NA^Sodium^L", "K^Potassium^L"), 4: ("1", "2"), 5: ("138", "139"), 6: ("mmol/L", "mg"),
        7: ("133 - 146", "132 - 145"), 8: ("N", "H"), 11: ("F", "W"), 14: ("202401100801", "202401100802"),
    },
    "NTE": {3: ("note", "other")},
}  # fmt: skip
# What another field stands in for where it is empty, so that both are read.
EMPTIED: tuple[tuple[tuple[str, int], ...], ...] = (
    (("EVN", 6),), (("PV1", 44),), (("PV1", 11), ("PV1", 44)), (("PV1", 11), ("PV1", 42), ("PV1", 44)),
    (("PID", 29),), (("ORC", 1),), (("ORC", 2), ("ORC", 12)), (("ORC", 2), ("ORC", 3)), (("OBR", 5),),
    (("OBR", 5), ("OBR", 27)), (("DG1", 3), ("PR1", 3)), (("DG1", 5),), (("OBX", 14),), (("PRB", 16), ("PRB", 9)),
    (("PRB", 9),), (("RF1", 6),), (("RXE", 13), ("ORC", 12)), (("TXA", 4), ("TXA", 9), ("TXA", 10)), (("OBR", 6),),
    (("RXA", 21),), (("SCH", 25),), (("PRD", 7), ("PRD", 2), ("PRD", 10)),
)  # fmt: skip
LEFT_OUT: tuple[tuple[str, ...], ...] = ((), ("RXE",), ("TQ1",), ("TQ1", "AIS"), ("TQ1", "AIS", "AIP", "AIL", "AIG"))
VARIANTS = (*((names, ()) for names in LEFT_OUT), *(((), cells) for cells in EMPTIED), (("RXE",), (("ORC", 12),)))
TYPES = ("ADT^A01", "ADT^A03", "ADT^A05", "ADT^A09", "ADT^A28", "SIU^S15")
# What stands in for a field that is empty.
BEARERS = {"EVN", "PV1", "ORC", "OBR", "RXE", "RXO"}
# By what an item is known and filed; a link has its own rule, and the message's time its own place.
NOT_TOLD = {"id", "meta", "extension", "resourceType", "link"}

Fields = frozenset[tuple[str, int]]


def written(type_: str, names: list[str], changed: Fields, emptied: Fields) -> bytes:
    lines = [f"MSH|^~\\&|PAS|ZZA|||20240110091000||{type_}|M1|P|2.4"]
    for name in names:
        cells = {
            number: "" if (name, number) in emptied else words[(name, number) in changed]
            for number, words in SEGMENTS[name].items()
        }
        lines.append("|".join([name, *(cells.get(number, "") for number in range(1, max(cells) + 1))]))
    return "\r".join(lines).encode()


def made(raw: bytes) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for one in map_message(Message.parse(raw), feed()):
        found.setdefault(one.resource["resourceType"], without_telling(one.resource))
    return found


def changes(kind: Kind, type_: str) -> Iterator[tuple[str, str, str]]:
    """(type of resource, element, field) of what changes with a field."""
    order = [name for name in SEGMENTS if name in kind.segments]
    for left_out, cells in VARIANTS:
        emptied = frozenset(cells)
        names = [name for name in order if name not in left_out]
        if (left_out and not set(left_out) & set(order)) or (
            emptied and not {name for name, _ in emptied} & set(names)
        ):
            continue
        with suppress(NotMapped):
            before = made(written(type_, names, frozenset(), emptied))
            for name in names:
                if cells and name not in BEARERS | {segment for segment, _ in cells}:
                    continue
                for number in SEGMENTS[name]:
                    with suppress(NotMapped):
                        after = made(written(type_, names, frozenset({(name, number)}), emptied))
                        for of in before.keys() & after.keys():
                            for element in (before[of].keys() | after[of].keys()) - NOT_TOLD:
                                if before[of].get(element) != after[of].get(element):
                                    yield of, element, f"{name}-{number}"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.becomes], ids=lambda kind: kind.title)
def test_what_changes_with_a_field_names_it(kind: Kind) -> None:
    unsaid = set()
    for type_ in [*kind.types[:1], *(type_ for type_ in kind.types[1:] if type_ in TYPES)]:
        for of, element, field in changes(kind, type_):
            table = ORIGINS.get(f"{of} {type_[:3]}") or ORIGINS[of]
            key = "value" if element.startswith("value") else element
            if field not in table.get(key, "").split(", "):
                unsaid.add((of, element, field))
    assert sorted(unsaid) == []


BOTH = "Messages M1 (ADT^A01), M2 (ADT^A02)"
SAID = [
    ("Observation", [Told(("1 ORU^R01 M7",), ("id", "code", "valueQuantity"))],
     ["Message M7 (ORU^R01): code OBX-3; value OBX-2, OBX-5, OBX-6."]),
    ("Encounter",
     [Told(("1 ADT^A02 M2",), ("class", "participant")), Told(("1 ADT^A01 M1", "1 ADT^A02 M2"), ("location",)),
      Told(("1 ADT^A01 M1", "1 ADT^A02 M2"), ())],
     ["Message M2 (ADT^A02): participant PV1-7, PV1-9, PV1-17.",
      f"{BOTH}: location PV1-3, PV1-11, PV1-42, EVN-2, EVN-6, PV1-44, PV1-45.",
      f"{BOTH}: status EVN-1, PV1-45; class PV1-2; period EVN-2, EVN-6, PV1-44, PV1-45, PV2-8."]),
    ("Condition", [Told(("1 PPR^PC1 M 3",), ("code", "onsetDateTime"))],
     ["Message M 3 (PPR^PC1): code PRB-3; onset PRB-16."]),
    ("Patient", [Told(tuple(f"1 ADT^A08 M{number}" for number in range(5)), ("name",))],
     ["Messages M2 (ADT^A08), M3 (ADT^A08), M4 (ADT^A08) and 2 before: name PID-5."]),
    ("Patient", [Told(("1 ADT^A28",), ("name",))], ["Message without a number (ADT^A28): name PID-5."]),
    ("Patient", [Told(("0 ADT^A28 M1",), ("name",))], []),
    ("Basic", [Told(("1 ADT^A28 M1",), ("code",))], []),
    ("Patient", [], []),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "told", "says"), SAID)
def test_in_sentences(type_: str, told: list[Told], says: list[str]) -> None:
    assert origins(type_, told) == says
