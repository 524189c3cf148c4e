"""The messages that items were made from: kept whole with those of whom they tell, once, for good."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.app import App
from concord.base import NotFound, OdsCode
from concord.fhir import parse_search
from concord.ingest import Receiver, load, parse_feed, taker
from tests.mllp_client import admission
from tests.small_system import HOSPITAL, KEYS, small_system

ZZA = OdsCode("ZZA")
FEED = "organisation: ZZA\nmessages: [ADT, SIU]\n"
HEAD = "MSH|^~\\&|PAS|ZZA|CONCORD|NN|{at}||{type_}|{control}|P|2.4"


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as app:
        yield app


def receiver(app: App) -> Receiver:
    feed = parse_feed(FEED, filename="pas.yaml", folder=Path())
    return Receiver(feed, app.records, services=(), clock=app.clock, ids=app.ids)


def kept(app: App) -> int:
    with app.store.reading() as reading:
        return int(reading.rows("SELECT count(*) FROM original")[0][0])


def originals(app: App, type_: str, source_id: str) -> list[bytes]:
    found = app.records.originals.of_item(type_, KEYS.logical_id(ZZA, type_, source_id)).wait()
    return [each.content for each in found]


def written(type_: str, control: str, *segments: str, at: str = "20240110090000") -> bytes:
    return "\r".join([HEAD.format(at=at, type_=type_, control=control), f"EVN||{at}", *segments]).encode()


def test_a_message_is_kept_with_what_was_made_of_it_once_however_often_it_comes(app: App, tmp_path: Path) -> None:
    message = admission(1, extra="\rZBD|1|Window")
    assert receiver(app).take(message).became == "stored"
    assert receiver(app).take(message).became == "known"
    (tmp_path / "again.hl7").write_bytes(message + b"\r\n")
    load([tmp_path / "again.hl7"], app.records, organisation=ZZA)
    assert originals(app, "Encounter", "V1") == [message]
    assert originals(app, "Patient", "70001") == [message]
    assert kept(app) == 1
    assert dict(app.records.originals.unmapped("pas")) == {"ZBD-2": 1}, "what came again is counted once"


@pytest.mark.parametrize(("shadow", "counted"), [("yes", {}), ("no", {"ZBD-2": 2})])
def test_of_a_file_of_messages_the_report_names_the_fields_too(
    app: App, tmp_path: Path, shadow: str, counted: dict[str, int]
) -> None:
    both = [admission(number, extra="\rZBD|1|Window") for number in (1, 2)]
    (tmp_path / "day.hl7").write_bytes(b"\r\r".join(both))
    feed = parse_feed(FEED + f"shadow: {shadow}\n", filename="pas.yaml", folder=Path())
    report = taker(feed, app.records, services=(), clock=app.clock, ids=app.ids)(tmp_path / "day.hl7")
    assert report.passed_over == {"ZBD-2": 2}, "in its shadow too"
    assert dict(app.records.originals.unmapped("pas")) == counted


def test_whoever_looks_at_one_is_told_to_the_person(app: App) -> None:
    receiver(app).take(admission(1))
    originals(app, "Patient", "70001")
    with app.store.reading() as reading:
        rows = reading.rows("SELECT who, outcome, person FROM audit WHERE action = 'original'")
        persons = [row[0] for row in reading.rows("SELECT person FROM link")]
    assert rows == [("duty:originals", "shown", persons[0])]


def test_it_is_found_by_its_number_and_each_whom_it_tells_of_is_told(app: App) -> None:
    merge = written("ADT^A40", "C%9", "PID|1||70001^^^PAS^MR||Holroyd^Margaret", "MRG|70002^^^PAS^MR")
    for each in (admission(1), admission(2), merge):
        receiver(app).take(each)
    (found,) = app.records.originals.of_control_id("C%9").wait()
    assert found.content == merge
    for other in ("c%9", "C_9", "9"):
        with pytest.raises(NotFound):
            app.records.originals.of_control_id(other).wait()
    with app.store.reading() as reading:
        rows = reading.rows("SELECT outcome, person FROM audit WHERE action = 'original' ORDER BY number")
        persons = {row[0] for row in reading.rows("SELECT person FROM link")}
    assert {person for outcome, person in rows if outcome == "shown"} == persons


def test_of_what_is_not_held_there_is_none(app: App) -> None:
    with pytest.raises(NotFound, match="No message is kept"):
        originals(app, "Patient", "70001")


def test_a_message_that_says_nothing_new_is_kept_all_the_same(app: App) -> None:
    later, earlier = admission(1, control="C2", at="20240110100000"), admission(1, control="C1")
    assert [receiver(app).take(each).became for each in (later, earlier)] == ["stored"] * 2
    assert kept(app) == 2


def test_it_stays_with_each_of_two_patients_that_were_merged(app: App) -> None:
    first, other = admission(1), admission(2)
    pid = "PID|1||70001^^^PAS^MR||Holroyd^Margaret"
    merge = written("ADT^A40", "C9", pid, "MRG|70002^^^PAS^MR", at="20240111090000")
    assert [receiver(app).take(each).became for each in (first, other, merge)] == ["stored"] * 3
    assert originals(app, "Encounter", "V2") == [other]
    assert originals(app, "Patient", "70002") == [other]
    assert kept(app) == 4, "the merge tells of both"


def test_it_is_found_from_a_visit_that_moved_to_another_patient(app: App) -> None:
    first, other = admission(1), admission(2)
    pid, visit = "PID|1||70002^^^PAS^MR||Holroyd^Margaret", "PV1|1|I|Ash^1^A" + "|" * 16 + "V1"
    move = written("ADT^A45", "C9", pid, "MRG|70001^^^PAS^MR||||V1", visit, at="20240111090000")
    assert [receiver(app).take(each).became for each in (first, other, move)] == ["stored"] * 3
    assert first in originals(app, "Encounter", "V1")
    assert move in originals(app, "Encounter", "V1")


def test_what_is_about_nobody_lies_on_the_organisations_shelf(app: App) -> None:
    blocked = written("SIU^S23", "C1", "SCH|P1|F1", "AIL|1||Clinic 4|OUT||202401120900|||30|min")
    assert receiver(app).take(blocked).became == "stored"
    assert kept(app) == 1
    assert dict(app.records.originals.unmapped("pas")) == {"AIL-4": 1}
    (slot,) = app.records.search(parse_search("Slot", []), HOSPITAL).wait().items
    assert [each.content for each in app.records.originals.of_item("Slot", slot.id).wait()] == [blocked]
    with app.store.reading() as reading:
        assert reading.rows(
            "SELECT s.patient FROM original o JOIN source_patient s ON s.number = o.source_patient"
        ) == [(None,)]


def test_a_message_in_quarantine_is_kept_there_alone(app: App) -> None:
    assert receiver(app).take(admission(1, at="never")).became == "rejected"
    assert kept(app) == 0
    assert not app.records.originals.unmapped("pas")
