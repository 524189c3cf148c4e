"""What comes of documents: their texts, and what later ones do to them."""

from base64 import b64decode
from typing import Any

import pytest

from concord.ingest.hl7v2 import NotMapped
from tests.spec.ingest.hl7v2_told import PV1, only, told


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
