"""Admissions, transfers and discharges that were cancelled, and what was only expected: told in any order."""

from itertools import permutations
from typing import Any

import pytest

from concord.base import OdsCode
from concord.governance import SourceSystem
from concord.ingest.hl7v2 import MOVEMENT, Message, NotMapped, map_message
from concord.record.facts import relationships
from tests.unit.ingest.fake_records import TRUST, FakeRecords, feed

PID = "PID|1||70001^^^PAS^MR~9990003114^^^NHS^NH||Holroyd^Margaret"


def told(event: str, at: str, place: str = "", *, class_: str = "I", of: str = "", visit: str = "V1") -> str:
    """One message at an hour of 10 January; `of`: the hour of the event that it cancels (EVN-6)."""
    said, happened = f"20240110{at}", f"20240110{of}" if of else ""
    pv1 = "|".join(["PV1", "1", class_, place, *[""] * 15, visit])
    header = f"MSH|^~\\&|PAS|ZZA|CONCORD|NN|{said}||ADT^{event}|M{event}{said}|P|2.4"
    return "\r".join([header, f"EVN|{event}|{said}||||{happened}", PID, pv1])


def after(*messages: str) -> dict[str, Any]:
    """The Encounter after these messages."""
    records = FakeRecords()
    for text in messages:
        submissions = map_message(Message.parse(text.encode()), feed(records))
        records.write(submissions, by=SourceSystem(organisation=TRUST), atomic=False, assurance="stated")
    found = records.resource("Encounter", "V1")
    assert found is not None
    return found


def course(encounter: dict[str, Any]) -> tuple[str, str, list[str]]:
    """Status, class, and each place with the hours spent there."""
    stays = [(one["location"]["display"], one.get("period", {})) for one in encounter.get("location", ())]
    places = [f"{place} {hour(period.get('start'))}-{hour(period.get('end'))}" for place, period in stays]
    return encounter["status"], encounter["class"]["code"], places


def hour(time: str | None) -> str:
    return time[11:16] if time else ""


def opened(encounter: dict[str, Any]) -> list[str]:
    """The relationships that the Encounter gives, those without an end marked by a plus."""
    found = relationships(encounter, OdsCode("ZZA"), "acute-trust", None)
    return [f"{one.kind.value}{'' if one.end_at else '+'}" for one in found]


ADMIT = told("A01", "0900", "Ash")
MOVE = told("A02", "1200", "Beech")
DISCHARGE = told("A03", "1700")

# what happened; the messages; status, class, places; relationships
STORIES = [
    ("an admission that never was", [ADMIT, told("A11", "1000")], ("entered-in-error", "IMP", []), []),
    ("with what followed it", [ADMIT, MOVE, told("A11", "1300")], ("entered-in-error", "IMP", []), []),
    ("its time named", [ADMIT, MOVE, told("A11", "1300", of="0900")], ("entered-in-error", "IMP", []), []),
    ("told twice, cancelled once", [ADMIT, told("A01", "0905", "Ash"), told("A11", "1000")],
     ("entered-in-error", "IMP", []), []),
    ("admitted after all", [ADMIT, told("A11", "1000"), told("A01", "1100", "Cedar")],
     ("in-progress", "IMP", ["Cedar 11:00-"]), ["inpatient+"]),
    ("the second admission of a visit cancelled", [ADMIT, DISCHARGE, told("A01", "1800", "Ash"), told("A11", "1900")],
     ("finished", "IMP", ["Ash 09:00-17:00"]), ["inpatient"]),
    ("back from the ward to the emergency department, where the patient still is",
     [told("A04", "0800", "Majors", class_="E"), ADMIT, told("A11", "1000", class_="E")],
     ("in-progress", "EMER", ["Majors 08:00-"]), ["attending+"]),
    ("a transfer cancelled", [ADMIT, MOVE, told("A12", "1300", "Ash")],
     ("in-progress", "IMP", ["Ash 09:00-"]), ["inpatient+"]),
    ("by a sender who repeats where it led", [ADMIT, MOVE, told("A12", "1300", "Beech")],
     ("in-progress", "IMP", ["Ash 09:00-"]), ["inpatient+"]),
    ("with the update that repeated it", [ADMIT, MOVE, told("A08", "1230", "Beech"), told("A12", "1300", "Ash")],
     ("in-progress", "IMP", ["Ash 09:00-"]), ["inpatient+"]),
    ("the earlier of two transfers, its time named",
     [ADMIT, MOVE, told("A02", "1400", "Cedar"), told("A12", "1500", of="1200")],
     ("in-progress", "IMP", ["Ash 09:00-14:00", "Cedar 14:00-"]), ["inpatient+"]),
    ("a discharge cancelled", [ADMIT, DISCHARGE, told("A13", "1800")],
     ("in-progress", "IMP", ["Ash 09:00-"]), ["inpatient+"]),
    ("and home at last", [ADMIT, DISCHARGE, told("A13", "1800"), told("A03", "2000")],
     ("finished", "IMP", ["Ash 09:00-20:00"]), ["inpatient"]),
    ("an outpatient who becomes an inpatient",
     [told("A04", "0900", "Clinic 4", class_="O"), told("A06", "1100", "Ash")],
     ("in-progress", "IMP", ["Clinic 4 09:00-11:00", "Ash 11:00-"]), ["inpatient+"]),
    ("and the other way round", [ADMIT, told("A07", "1100", "Clinic 4", class_="O")],
     ("in-progress", "AMB", ["Ash 09:00-11:00", "Clinic 4 11:00-"]), []),
    ("to a scan and back, while the bed stays theirs",
     [ADMIT, told("A09", "1000", "Scanner"), told("A10", "1015", "Scanner"), told("A08", "1020", "Ash"),
      told("A10", "1100", "Ash")],
     ("in-progress", "IMP", ["Ash 09:00-10:00", "Scanner 10:15-11:00", "Ash 11:00-"]), ["inpatient+"]),
    ("on the way", [ADMIT, told("A09", "1000", "Scanner")],
     ("in-progress", "IMP", ["Ash 09:00-10:00", "Scanner 10:00-"]), ["inpatient+"]),
    ("an arrival cancelled", [ADMIT, told("A10", "1015", "Scanner"), told("A32", "1030", "Scanner")],
     ("in-progress", "IMP", ["Ash 09:00-"]), ["inpatient+"]),
    ("a departure cancelled", [ADMIT, told("A09", "1000", "Scanner"), told("A33", "1005", "Scanner")],
     ("in-progress", "IMP", ["Ash 09:00-"]), ["inpatient+"]),
    ("tracked after the discharge", [ADMIT, DISCHARGE, told("A10", "1800", "Lounge")],
     ("finished", "IMP", ["Ash 09:00-17:00"]), ["inpatient"]),
    ("only expected", [told("A05", "0900", "Ash")], ("planned", "IMP", ["Ash -"]), []),
    ("expected later, another way", [told("A14", "0900", "Ash", class_="P")], ("planned", "PRENC", ["Ash -"]), []),
    ("expected, then there", [told("A05", "0800", "Ash"), told("A01", "0900", "Beech")],
     ("in-progress", "IMP", ["Beech 09:00-"]), ["inpatient+"]),
    ("expected, there, cancelled: expected again",
     [told("A05", "0800", "Ash"), told("A01", "0900", "Beech"), told("A11", "1000")],
     ("planned", "IMP", ["Ash -"]), []),
    ("expected no more", [told("A05", "0800", "Ash"), told("A38", "0900")], ("entered-in-error", "IMP", []), []),
    ("expected no more, for the patient is there",
     [told("A05", "0800", "Ash"), told("A01", "0900", "Beech"), told("A38", "1000")],
     ("in-progress", "IMP", ["Beech 09:00-"]), ["inpatient+"]),
]  # fmt: skip


@pytest.mark.parametrize(
    ("messages", "becomes", "gives"), [story[1:] for story in STORIES], ids=[s[0] for s in STORIES]
)
def test_stories_in_whatever_order_their_messages_come(messages: list[str], becomes: Any, gives: list[str]) -> None:
    for order in permutations(messages):
        found = after(*order)
        assert course(found) == becomes
        assert opened(found) == gives
        assert after(*order, *order) == found


@pytest.mark.parametrize("event", ["A11", "A12", "A13"])
def test_a_cancellation_that_names_no_visit_is_not_guessed_at(event: str) -> None:
    with pytest.raises(NotMapped) as caught:
        map_message(Message.parse(told(event, "0900", visit="").encode()), feed())
    assert caught.value.where == "PV1-19"


def test_updates_that_say_nothing_new_are_kept_and_seen_nowhere() -> None:
    """Kept, for a message that comes late may make one of them news: tests/properties/test_visits_in_every_order.py."""
    quiet = [told("A08", f"{number:02}00", "Ash") for number in range(10, 20)]
    found = after(ADMIT, *quiet)
    assert found | {"extension": []} == after(ADMIT) | {"extension": []}
    assert [one["url"] for one in found["extension"]].count(MOVEMENT) == 1 + len(quiet)
