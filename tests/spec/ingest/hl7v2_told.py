"""What is held after messages of HL7 v2, told one by one."""

from typing import Any

from concord.base import OdsCode
from concord.fhir import check
from concord.governance import SourceSystem
from concord.ingest.hl7v2 import Message, map_message
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
