"""What a story of events comes to: the Encounter, told in any order, told twice."""

from itertools import permutations
from typing import Any

import pytest

from concord.governance import SourceSystem
from concord.ingest.hl7v2 import Message, NotMapped, map_message, original_of
from tests.unit.ingest.fake_records import TRUST, FakeRecords, feed

PID = "PID|1||70001^^^PAS^MR~9990003114^^^NHS^NH||Holroyd^Margaret"


def message(event: str, at: str, place: str = "", *, class_: str = "I", visit: str = "V1", **pv1: str) -> str:
    cells = {1: "1", 2: class_, 3: place, 19: visit} | {int(name[1:]): value for name, value in pv1.items()}
    visit_segment = "|".join(["PV1", *(cells.get(number, "") for number in range(1, max(cells) + 1))])
    header = f"MSH|^~\\&|PAS|ZZA|CONCORD|NN|{at}||ADT^{event}|M{at}|P|2.4"
    return "\r".join([header, f"EVN|{event}|{at}", PID, visit_segment])


def told(*messages: str, records: FakeRecords | None = None, **more: Any) -> dict[str, Any]:
    """The Encounter V1 after these messages."""
    records = records or FakeRecords()
    for text in messages:
        submissions = map_message(Message.parse(text.encode()), feed(records, **more))
        records.write(submissions, by=SourceSystem(organisation=TRUST), atomic=False, assurance="stated")
    found = records.resource("Encounter", "V1")
    assert found is not None
    return found


def course(encounter: dict[str, Any]) -> tuple[str, str | None, str | None, list[str]]:
    """Status, beginning, end, and each place with the hours spent there."""
    period = encounter.get("period", {})
    return encounter["status"], hour(period.get("start")), hour(period.get("end")), places(encounter)


def places(encounter: dict[str, Any]) -> list[str]:
    return [
        f"{one['location']['display']} {hour(one['period']['start'])}-{hour(one['period'].get('end')) or ''}"
        for one in encounter.get("location", ())
    ]


def hour(time: str | None) -> str | None:
    return time and time[11:16]


ADMIT = message("A01", "20240110090000", "Ash^1^A")
MOVE = message("A02", "20240110120000", "Beech^2^B")
MOVE_AGAIN = message("A02", "20240110150000", "Cedar^3^C")
DISCHARGE = message("A03", "20240110170000", "Cedar^3^C")

STORIES = [
    ("admitted", [ADMIT], ("in-progress", "09:00", None, ["Ash, 1, A 09:00-"])),
    ("moved", [ADMIT, MOVE], ("in-progress", "09:00", None, ["Ash, 1, A 09:00-12:00", "Beech, 2, B 12:00-"])),
    ("moved within the ward", [ADMIT, message("A02", "20240110120000", "Ash^1^B")],
     ("in-progress", "09:00", None, ["Ash, 1, A 09:00-12:00", "Ash, 1, B 12:00-"])),
    ("home again", [ADMIT, MOVE, DISCHARGE],
     ("finished", "09:00", "17:00", ["Ash, 1, A 09:00-12:00", "Beech, 2, B 12:00-17:00"])),
    ("an update changes nothing of the course", [ADMIT, message("A08", "20240110100000", "Ash^1^A")],
     ("in-progress", "09:00", None, ["Ash, 1, A 09:00-"])),
    ("an update that knows a new bed", [ADMIT, message("A08", "20240110100000", "Ash^1^B")],
     ("in-progress", "09:00", None, ["Ash, 1, A 09:00-10:00", "Ash, 1, B 10:00-"])),
    ("an update after discharge does not reopen", [ADMIT, DISCHARGE, message("A08", "20240112100000", "Ash^1^A")],
     ("finished", "09:00", "17:00", ["Ash, 1, A 09:00-17:00"])),
    ("an admission after discharge does", [ADMIT, DISCHARGE, message("A01", "20240110183000", "Ash^1^A")],
     ("in-progress", "09:00", None, ["Ash, 1, A 09:00-"])),
    ("a discharge alone", [message("A03", "20240110170000", "Cedar^3^C", f44="20240110080000")],
     ("finished", "08:00", "17:00", ["Cedar, 3, C 08:00-17:00"])),
    ("the admission time of PV1-44 counts before the event's", [message("A01", "20240110090000", f44="20240110083000")],
     ("in-progress", "08:30", None, [])),
    ("the discharge time of PV1-45 too", [ADMIT, message("A03", "20240110170000", f45="20240110164500")],
     ("finished", "09:00", "16:45", ["Ash, 1, A 09:00-16:45"])),
    ("attending, then leaving", [message("A04", "20240110090000", "Majors^^7", class_="E"), DISCHARGE],
     ("finished", "09:00", "17:00", ["Majors, 7 09:00-17:00"])),
]  # fmt: skip


@pytest.mark.parametrize(("messages", "becomes"), [(messages, becomes) for _, messages, becomes in STORIES])
def test_stories(messages: list[str], becomes: Any) -> None:
    assert course(told(*messages)) == becomes


@pytest.mark.parametrize("order", list(permutations([ADMIT, MOVE, MOVE_AGAIN, DISCHARGE])))
def test_the_course_is_the_same_in_whatever_order_the_messages_come(order: tuple[str, ...]) -> None:
    in_order = course(told(ADMIT, MOVE, MOVE_AGAIN, DISCHARGE))
    assert in_order[3] == ["Ash, 1, A 09:00-12:00", "Beech, 2, B 12:00-15:00", "Cedar, 3, C 15:00-17:00"]
    assert course(told(*order)) == in_order


def test_the_same_messages_again_change_nothing() -> None:
    records = FakeRecords()
    story = [ADMIT, MOVE, MOVE_AGAIN, DISCHARGE]
    told(*story, records=records)
    before = dict(records.held)
    told(*story, records=records)
    assert records.held == before


@pytest.mark.parametrize(
    ("sent", "code"), [("I", "IMP"), ("E", "EMER"), ("O", "AMB"), ("P", "PRENC"), ("U", "U"), ("N", "N")]
)
def test_patient_class(sent: str, code: str) -> None:
    assert told(message("A01", "20240110090000", class_=sent))["class"]["code"] == code


def test_who_where_and_whose() -> None:
    encounter = told(message("A01", "20240110090000", "Ash^1^A^ZZA", f7="D1^Woolfson^Kathleen^^^Dr", f10="respiratory"))
    assert encounter["participant"][0]["individual"] == {
        "type": "Practitioner",
        "identifier": {"system": "https://concord.example/Id/ZZA/staff", "value": "D1"},
        "display": "Dr Kathleen Woolfson",
    }
    assert encounter["location"][0]["location"] == {
        "type": "Location",
        "identifier": {"system": "https://concord.example/Id/ZZA/location", "value": "Ash/1/A/ZZA"},
        "display": "Ash, 1, A",
    }
    assert encounter["serviceProvider"]["identifier"]["value"] == "ZZA"
    assert encounter["serviceType"] == {"coding": [{"code": "respiratory"}]}


@pytest.mark.parametrize(("known", "tag"), [({"respiratory"}, ["respiratory"]), (set(), [])])
def test_the_hospital_service_is_a_service_when_the_directory_knows_it(known: set[str], tag: list[str]) -> None:
    admitted = message("A01", "20240110090000", f10="RESPIRATORY")
    (_, submission) = map_message(Message.parse(admitted.encode()), feed(services=frozenset(known)))
    tags = submission.resource.get("meta", {}).get("tag", [])
    assert [one["code"] for one in tags] == tag


def test_a_later_message_that_is_silent_leaves_who_and_which_service() -> None:
    admitted = message("A01", "20240110090000", "Ash^1^A", f7="D1^Woolfson^Kathleen^^^Dr", f10="respiratory")
    encounter = told(admitted, DISCHARGE, services=frozenset({"respiratory"}))
    assert encounter["participant"]
    assert encounter["serviceType"]["coding"][0]["code"] == "respiratory"
    assert encounter["meta"]["tag"][0]["code"] == "respiratory"


def test_a_visit_without_a_number_is_known_by_its_message() -> None:
    (_, submission) = map_message(Message.parse(message("A01", "20240110090000", visit="").encode()), feed())
    assert submission.source_id == "M20240110090000"


def test_an_update_about_no_visit_speaks_of_the_person_alone() -> None:
    (submission,) = map_message(Message.parse(message("A08", "20240110090000", visit="").encode()), feed())
    assert submission.resource["resourceType"] == "Patient"


def test_what_an_admission_measures_is_read_and_what_is_local_is_counted() -> None:
    text = message("A01", "20240110090000") + "\rOBX|1|NM|HT^Height^L||170|cm|||||F\rNTE|1||Measured\rZBD|1|Window"
    read = Message.parse(text.encode())
    made = map_message(read, feed())
    found = [one.resource for one in made]
    assert original_of(read, made, feed()).unmapped == {"ZBD-2": 1}
    assert [one["note"] for one in found if one["resourceType"] == "Observation"] == [[{"text": "Measured"}]]


@pytest.mark.parametrize("event", ["A28", "A31"])
def test_messages_about_the_person_open_no_visit(event: str) -> None:
    (submission,) = map_message(Message.parse(message(event, "20240110090000", class_="N").encode()), feed())
    assert submission.resource["resourceType"] == "Patient"


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (message("A01", "20240110090000").rpartition("\r")[0], "PV1"),
        (message("A01", "20240110090000", class_=""), "PV1-2"),
        (message("A01", "20240110090000", f44="20240230"), "PV1-44"),
        (message("A03", "20240110090000", f45="yesterday"), "PV1-45"),
        (message("A01", "20240110250000"), "EVN-2"),
    ],
)
def test_what_cannot_be_read_names_its_field(text: str, where: str) -> None:
    with pytest.raises(NotMapped) as caught:
        map_message(Message.parse(text.encode()), feed())
    assert caught.value.where == where
