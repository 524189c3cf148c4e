"""The hour that the clocks repeat in autumn, and the one that they leave out in spring.

In 2024 the clocks of London went back on 27 October at 02:00 summer time (01:00 UTC), and forward on 31 March at 01:00.
"""

from pathlib import Path
from typing import Any

import pytest

from concord.base import OdsCode
from concord.fhir import CLOCKS_CHANGED
from concord.governance import SourceSystem
from concord.ingest.hl7v2 import Message, Order, map_message
from concord.ingest.loading import load
from tests.unit.ingest.fake_records import TRUST, FakeRecords, feed

PID = "PID|1||70001^^^PAS^MR~9990003114^^^NHS^NH||Holroyd^Margaret"


def adt(sent: str, *, event: str = "A01", at: str = "", place: str = "Ash", visit: str = "V1", number: str = "") -> str:
    header = f"MSH|^~\\&|PAS|ZZA|CONCORD|NN|{sent}||ADT^{event}|{number or event + sent}|P|2.4"
    return "\r".join([header, f"EVN|{event}|{at or sent}", PID, "|".join(["PV1", "1", "I", place, *[""] * 15, visit])])


def told(*messages: str) -> FakeRecords:
    records, order = FakeRecords(), Order()
    for text in messages:
        submissions = map_message(Message.parse(text.encode(), order=order), feed(records))
        records.write(submissions, by=SourceSystem(organisation=TRUST), atomic=False, assurance="stated")
    return records


def visit(records: FakeRecords, number: str = "V1") -> dict[str, Any]:
    found = records.resource("Encounter", number)
    assert found is not None
    return found


def marks(resource: dict[str, Any]) -> list[str]:
    return [one["valueDateTime"] for one in resource["extension"] if one["url"] == CLOCKS_CHANGED]


# what MSH-7 says, message by message; when each was sent, in UTC
ORDERS = [
    ("the first time", ["20241027010500"], ["00:05"]),
    ("again after an hour", ["20241027013000", "20241027015500", "20241027011000"], ["00:30", "00:55", "01:10"]),
    ("and on from there", ["20241027015500", "20241027010000", "20241027013000", "20241027015900", "20241027020000"],
     ["00:55", "01:00", "01:30", "01:59", "02:00"]),
    ("a little out of step is no hour", ["20241027013005", "20241027013001", "20241027012600"],
     ["00:30", "00:30", "00:26"]),
    ("the sender says which", ["20241027013000+0000", "20241027014000", "20241027015000+0100"],
     ["01:30", "01:40", "00:50"]),
    ("long after, it cannot be told: the first", ["20241027060000", "20241027013000"], ["06:00", "00:30"]),
    ("the evening before says nothing", ["20241026233000", "20241027013000"], ["22:30", "00:30"]),
    ("in any other night the clock is the clock", ["20241020013000", "20241020010000"], ["00:30", "00:00"]),
    ("in spring: the clock was not put forward", ["20240331005900", "20240331013000", "20240331030000"],
     ["00:59", "01:30", "02:00"]),
    ("no time at all", ["20241027", "yesterday", "", "20241027013000"], [None, None, None, "00:30"]),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "meant"), [each[1:] for each in ORDERS], ids=[each[0] for each in ORDERS])
def test_the_order_of_messages_tells_the_two_hours_apart(sent: list[str], meant: list[str | None]) -> None:
    order = Order()
    found = [order.sent_at(text) for text in sent]
    assert [at and f"{at:%H:%M}" for at in found] == meant


# when the message was sent, a time in it, what that becomes
WITHIN = [
    ("20241027010500", "20241027010400", "2024-10-27T01:04:00+01:00"),
    ("20241027010500+0000", "20241027010400", "2024-10-27T01:04:00+00:00"),
    ("20241027010500+0000", "20241027015000", "2024-10-27T01:50:00+01:00"),
    ("20241027010500+0000", "20241027015000+0000", "2024-10-27T01:50:00+00:00"),
    ("20241027010500Z", "20241027015000Z", "2024-10-27T01:50:00+00:00"),
    ("20241027021500", "20241027014500", "2024-10-27T01:45:00+00:00"),
    ("20241027093000", "20241027014500", "2024-10-27T01:45:00+01:00"),
    ("20241020093000", "20241027014500", "2024-10-27T01:45:00+01:00"),
    ("20240331090000", "20240331013000", "2024-03-31T01:30:00+00:00"),
    ("20240331090000", "20240331020000", "2024-03-31T02:00:00+01:00"),
    ("20241027093000", "20241027", "2024-10-27"),
]


@pytest.mark.parametrize(("sent", "at", "becomes"), WITHIN)
def test_a_time_in_a_message_is_the_last_such_before_it(sent: str, at: str, becomes: str) -> None:
    encounter = visit(told(adt(sent, at=at)))
    assert encounter["period"]["start"] == becomes
    open_ = "T01:" in becomes and not at.endswith(("+0000", "Z"))
    assert marks(encounter) == ([becomes] if open_ else [])


def test_a_visit_through_the_night_is_in_order_and_marked() -> None:
    encounter = visit(
        told(
            adt("20241027013000"),
            adt("20241027015500", event="A02", place="Beech"),
            adt("20241027011500", event="A02", place="Cedar"),
            adt("20241027050000", event="A03", place="Cedar"),
        )
    )
    assert [(one["location"]["display"], one["period"]["start"]) for one in encounter["location"]] == [
        ("Ash", "2024-10-27T01:30:00+01:00"),
        ("Beech", "2024-10-27T01:55:00+01:00"),
        ("Cedar", "2024-10-27T01:15:00+00:00"),
    ]
    assert encounter["period"]["end"] == "2024-10-27T05:00:00+00:00"
    assert marks(encounter) == [
        "2024-10-27T01:15:00+00:00", "2024-10-27T01:30:00+01:00", "2024-10-27T01:55:00+01:00",
    ]  # fmt: skip


def test_a_mark_stands_as_long_as_the_time_does() -> None:
    night = adt("20241027013000")
    told_again = adt("20241028090000", event="A08", at="20241028090000")
    assert marks(visit(told(night, told_again))) == ["2024-10-27T01:30:00+01:00"]
    died = night.replace(PID, PID + "|" * 24 + "20241027013000")
    patient = told(died, told_again).resource("Patient", "70001")
    assert patient is not None
    assert (patient["deceasedDateTime"], marks(patient)) == ("2024-10-27T01:30:00+01:00", ["2024-10-27T01:30:00+01:00"])


def test_a_late_message_of_the_night_is_marked_too() -> None:
    encounter = visit(told(adt("20241028090000", event="A02", place="Beech"), adt("20241027013000")))
    assert marks(encounter) == ["2024-10-27T01:30:00+01:00"]


def test_the_same_again_changes_nothing() -> None:
    once = told(adt("20241027013000"))
    twice = told(adt("20241027013000"), adt("20241027013000", number="M2"))
    assert twice.held == once.held


def test_of_a_file_the_order_is_that_of_its_messages(tmp_path: Path) -> None:
    (tmp_path / "night.hl7").write_text(
        "\n".join([adt("20241027015500", visit="V1"), adt("20241027011000", visit="V2")]), encoding="utf-8"
    )
    records = FakeRecords()
    for _ in range(2):  # again it comes to the same
        load([tmp_path], records, organisation=OdsCode(TRUST))
        assert [visit(records, number)["period"]["start"] for number in ("V1", "V2")] == [
            "2024-10-27T01:55:00+01:00", "2024-10-27T01:10:00+00:00",
        ]  # fmt: skip
