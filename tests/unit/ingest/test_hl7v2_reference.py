"""docs/reference/hl7-v2.md says what the program does: its messages, its segments, its fields, its answers."""

import re
from collections.abc import Iterator
from contextlib import suppress
from itertools import product
from pathlib import Path

import pytest

from concord.ingest.hl7v2 import KINDS, Message, NotMapped, map_message
from concord.ingest.hl7v2.message import Segment
from concord.ingest.mllp.acknowledgement import CODES
from tests.unit.ingest.fake_records import feed

REFERENCE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "hl7-v2.md"
_FIELD = re.compile(r"([A-Z][A-Z0-9]{2})-(\d+)")

# One segment each, sparse where a field is a fallback for another, so that both are read.
SEGMENTS = {
    "EVN": "EVN|A01|202401100900", "PID": "PID|1||70001^^^PAS~9990003114^^^NHS||Holroyd", "PD1": "PD1|",
    "PV1": "PV1|1|I|Ash||||D1^A||||||||||||V1", "PV2": "PV2|", "AL1": "AL1|1|DA|X^Y", "DG1": "DG1|1||X^Y",
    "PR1": "PR1|1||X^Y", "NK1": "NK1|1|Holroyd^Alan", "ORC": "ORC|NW", "OBR": "OBR|1|||X^Y", "OBX": "OBX|1|NM|X^Y||1",
    "NTE": "NTE|1||note", "TXA": "TXA|1|DS", "SCH": "SCH||F1", "AIS": "AIS|1||X", "AIP": "AIP|1||D1^A",
    "AIL": "AIL|1||C",
    "AIG": "AIG|1||S|||||202401100900|||20|min", "TQ1": "TQ1|1", "RF1": "RF1||||||R1", "PRD": "PRD|RT|A^B",
    "RGS": "RGS|1", "PRB": "PRB|AD||X^Y", "MRG": "MRG|70002^^^PAS||7001||V1",
    "RXO": "RXO|X^Y", "RXE": "RXE||X^Y", "RXR": "RXR|PO", "RXA": "RXA|0|1|20240110||X^Y",
}  # fmt: skip
SPARSE = SEGMENTS | {
    "SCH": "SCH|P1", "RF1": "RF1|||||||||||X1", "DG1": "DG1|1|||words", "PR1": "PR1|1|||words",
    "TXA": "TXA|1|DS|||||||||||7", "PRD": "PRD|RT|||||44",
    "PID": "PID|1||70001", "RXE": "RXE||X^Y|||||||||||||RX1",
}  # fmt: skip
SPARSE |= {"MRG": "MRG|||7001||V1"}
LEFT_OUT: tuple[tuple[str, ...], ...] = ((), ("RXE",), ("TQ1",), ("TQ1", "AIS", "AIP", "AIL", "AIG"))
# Not read for what it holds: the delimiters, and what says how the rest is to be read.
_UNSAID = {("MSH", 1), ("MSH", 2), ("MSH", 9)}


def rows(title: str) -> Iterator[list[str]]:
    """The cells of the table under a heading."""
    section = REFERENCE.read_text(encoding="utf-8").split(f"\n## {title}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    for line in lines[2:]:
        yield [cell.strip() for cell in line.strip("|").split("|")]


def test_messages() -> None:
    documented = [(title, *(cell.split() for cell in cells)) for title, *cells in rows("Messages")]
    assert documented == [(kind.title, list(kind.types), list(kind.becomes), sorted(kind.segments)) for kind in KINDS]


def test_fields(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[tuple[str, int]] = set()
    raw = Segment.raw

    def noted(self: Segment, number: int) -> str:
        read.add((self.name, number))
        return raw(self, number)

    monkeypatch.setattr(Segment, "raw", noted)
    for kind in KINDS:
        for type_ in kind.types:
            for segments, left_out in product((SEGMENTS, SPARSE), LEFT_OUT):
                names = [name for name in SEGMENTS if name in kind.segments and name not in left_out]
                header = f"MSH|^~\\&|PAS|ZZA|||20240110||{type_}|M1"
                text = "\r".join([header, *(segments[name] for name in names)])
                with suppress(NotMapped):
                    map_message(Message.parse(text.encode()), feed(services=frozenset({"x"})))
    eventless = "\r".join(["MSH|^~\\&|||||20240110||ADT", SEGMENTS["EVN"], SEGMENTS["PID"], SEGMENTS["PV1"]])
    map_message(Message.parse(eventless.encode()), feed())
    documented = {(name, int(number)) for fields, _ in rows("Fields") for name, number in _FIELD.findall(fields)}
    assert sorted(documented - read) == []
    assert sorted(read - documented - _UNSAID) == []


def test_answers() -> None:
    documented = {re.split("[:,]", what)[0]: (held, refused) for what, held, refused in rows("Answers over MLLP")}
    told = {became: (words["accept-and-hold"], words["refuse"]) for became, words in CODES.items()}
    assert {what: codes for what, codes in documented.items() if what in told} == told
    assert len(documented) == len(told) + 1  # and what a fault of Concord's own gives: no answer
