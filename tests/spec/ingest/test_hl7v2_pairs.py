"""Pairs of a message and what becomes of it: NAME.hl7 (its story, message by message) and NAME.json (the resources that
the last message makes or changes, in a Bundle), to be read by whoever knows the sender."""

from pathlib import Path
from typing import Any

import pytest

from concord.fhir import check, encode, parse
from concord.governance import SourceSystem
from concord.ingest.hl7v2 import Message, Order, map_message
from tests.unit.ingest.fake_records import TRUST, FakeRecords, feed

PAIRS = Path(__file__).with_name("hl7v2_pairs")


def become(name: str) -> bytes:
    records, order, entries = FakeRecords(), Order(), list[dict[str, Any]]()
    for raw in (PAIRS / f"{name}.hl7").read_bytes().split(b"\n\n"):
        submissions = map_message(Message.parse(raw, order=order), feed(records, services=frozenset({"respiratory"})))
        entries = [{"resource": parse(encode({"id": one.source_id} | one.resource))} for one in submissions]
        for one in submissions:
            assert check(one.resource | {"id": "x"}) == []
        records.write(submissions, by=SourceSystem(organisation=TRUST), atomic=False, assurance="stated")
    return encode({"resourceType": "Bundle", "type": "collection", "entry": entries})


@pytest.mark.parametrize("name", sorted(path.stem for path in PAIRS.glob("*.hl7")))
def test_pairs(name: str) -> None:
    assert parse(become(name)) == parse((PAIRS / f"{name}.json").read_bytes())


def test_every_pair_is_whole() -> None:
    stems = {ending: {path.stem for path in PAIRS.glob(f"*.{ending}")} for ending in ("hl7", "json")}
    assert stems["hl7"] == stems["json"] != set()
