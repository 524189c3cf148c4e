"""A file followed through every step: how far each entry came, and where what it makes stands."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.app import App
from concord.base import NotFound, SystemIds
from concord.fhir import encode
from concord.ingest import Receiver, Traces, parse_feed
from concord.ingest.tracing import Trace
from tests.mllp_client import admission, result
from tests.small_system import HOSPITAL, patient, small_system
from tests.spec.api.interactions import bundle

FEED = parse_feed("organisation: ZZA\nmessages: [ADT, ORU]\n", filename="pas.yaml", folder=Path())
WRONG = admission(2, at="2024011025")


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as system:
        yield system


def following(app: App) -> Traces:
    return Traces(records=app.records, feed=lambda name: FEED, logical_id=app.keys.logical_id)


def followed(app: App, folder: Path, *messages: bytes, entry: int | None = None) -> dict[int, dict[str, list[str]]]:
    """What is said of each step, by entry."""
    (folder / "sent.hl7").write_bytes(b"\r\r".join(messages))
    told: dict[int, dict[str, list[str]]] = {}
    for found in following(app).of_file(folder / "sent.hl7", "pas", entry=entry):
        for step, said in found.steps:
            told.setdefault(found.entry, {}).setdefault(step, []).append(said)
    return told


def test_before_and_after_it_was_taken_in(app: App, tmp_path: Path) -> None:
    before = followed(app, tmp_path, admission(1), WRONG)
    assert list(before[1]) == ["receive", "parse", "map", "from", "validate", "store"]
    assert before[1]["receive"] == ["no receipt is kept of this sender, time and number"]
    assert before[1]["map"] == ["Patient/70001, Encounter/V1"]
    assert before[1]["from"][0].startswith("Patient/70001: Message ")
    assert "name PID-5" in before[1]["from"][0]
    assert any(said.startswith("Encounter/V1: ") and "location PV1-3" in said for said in before[1]["from"])
    assert before[1]["validate"] == ["Patient/70001: R4", "Encounter/V1: R4"]
    assert before[1]["store"] == ["Patient/70001: nothing is held", "Encounter/V1: nothing is held"]
    assert list(before[2]) == ["receive", "parse"]
    assert "not a time" in before[2]["parse"][0]

    receiver = Receiver(FEED, app.records, services=(), clock=app.clock, ids=SystemIds())
    assert [receiver.take(message).became for message in (admission(1), WRONG)] == ["stored", "rejected"]
    after = followed(app, tmp_path, admission(1), WRONG)
    assert list(after[1]) == ["receive", "parse", "map", "from", "validate", "label", "identify", "store"]
    assert after[1]["receive"] == ["it was acknowledged"]
    assert after[1]["label"][0] == "Patient/70001: person-demographics, no labels"
    patient = app.keys.logical_id(FEED.organisation, "Patient", "70001")
    assert after[1]["identify"] == ["Patient/70001: linked", f"Encounter/V1: with Patient/{patient}"]
    assert all("version 1 since 2026-11-22 03:12" in said for said in after[1]["store"])
    (held,) = app.records.quarantined()
    assert after[2]["quarantine"] == [f"held under the number {held.number}"]


def test_one_entry_alone_and_nothing_is_taken_in(app: App, tmp_path: Path) -> None:
    assert list(followed(app, tmp_path, admission(1), result(1, 1), entry=2)) == [2]
    assert app.records.earlier(FEED.organisation).resource("Patient", "70001") is None
    assert app.records.quarantined() == []


def said(found: Iterator[Trace]) -> list[tuple[str, dict[str, list[str]]]]:
    """What each is called, and what is said of each step."""
    told = []
    for each in found:
        steps: dict[str, list[str]] = {}
        for step, words in each.steps:
            steps.setdefault(step, []).append(words)
        told.append((each.kind, steps))
    return told


def test_by_its_number_from_what_is_held_and_from_the_item(app: App, tmp_path: Path) -> None:
    receiver = Receiver(FEED, app.records, services=(), clock=app.clock, ids=SystemIds())
    wrong = admission(3, control="C7", at="2024011025")
    for message in (admission(1, control="C7"), admission(2, control="C8"), wrong):
        receiver.take(message)
    (held,) = app.records.quarantined()
    stored, rejected = said(following(app).of_number("C7", "pas"))
    assert stored[0] == "HL7 v2 ADT^A01, came 2026-11-22 03:12 by pas"
    assert (stored[1]["receive"], stored[1]["map"]) == (["it was acknowledged"], ["Patient/70001, Encounter/V1"])
    assert "version 1" in stored[1]["store"][1]
    assert rejected[0].startswith(f"HL7 v2 ADT^A01, held under the number {held.number}: pas, message C7, EVN-2")
    assert "not a time" in rejected[1]["parse"][0]
    assert said(following(app).of_held(held.number)) == [rejected]
    visit = "Encounter/" + app.keys.logical_id(FEED.organisation, "Encounter", "V1")
    assert said(following(app).of_item(visit)) == [stored]
    (tmp_path / "day.hl7").write_bytes(b"\r\r".join([admission(2, control="C8"), admission(1, control="C7")]))
    in_file = following(app).of_file(tmp_path / "day.hl7", "pas", item=visit)
    assert [(each.entry, each.steps) for each in in_file] == [(2, each.steps) for each in following(app).of_item(visit)]
    assert [each.entry for each in following(app).of_file(tmp_path / "day.hl7", "pas", number="C8")] == [1]
    with app.store.reading() as reading:
        looks = reading.rows("SELECT outcome, count(*) FROM audit WHERE action = 'original' GROUP BY outcome")
    assert dict(looks) == {"shown": 3}, "of the person, each time that their message was looked at"


def test_what_is_not_kept(app: App) -> None:
    with pytest.raises(NotFound, match="No message of this number is kept that came by pas"):
        list(following(app).of_number("C7", "pas"))
    with pytest.raises(NotFound, match="No message is kept of Encounter/none"):
        list(following(app).of_item("Encounter/none"))
    with pytest.raises(NotFound, match="quarantine list"):
        list(following(app).of_held(7))


def test_a_fhir_message_and_a_file_say_how_they_were_received(app: App, tmp_path: Path) -> None:
    text = f"organisation: ZZA\nkind: fhir\ntransport: folder\nfolder: {tmp_path}\n"
    feed = parse_feed(text, filename="out.yaml", folder=tmp_path)
    follow = Traces(records=app.records, feed=lambda name: feed, logical_id=app.keys.logical_id)
    head = {"resourceType": "MessageHeader", "id": "m-1", "eventUri": "urn:x", "source": {"endpoint": "urn:y"}}
    whole = bundle("message", {"resource": head}, {"resource": patient("p1")})
    sent = encode(whole)
    (tmp_path / "m.json").write_bytes(sent)
    assert said(follow.of_file(tmp_path / "m.json", "out"))[1][1]["receive"] == [
        "no receipt is kept of this sender, time and number"
    ]
    assert app.messages.take(sent, whole, HOSPITAL).accepted
    received = said(follow.of_file(tmp_path / "m.json", "out"))[1][1]
    assert (received["receive"], received["identify"]) == (["it was acknowledged"], ["Patient/p1: linked"])
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "p.ndjson").write_bytes(encode(patient("p1")) + b"\n")
    ((_, steps),) = said(follow.of_file(tmp_path / "done" / "p.ndjson", "out"))
    assert steps["receive"] == ["its file was taken in: it lies in done"]
