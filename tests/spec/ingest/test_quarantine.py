"""What is held: whom it holds up, what becomes of it when it is taken in again, and what it never touches."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import FixedClock, NotFound, OdsCode, SystemIds
from concord.fhir import encode
from concord.ingest import FeedDescription, Receiver, Replays, parse_feed, taker
from tests.mllp_client import admission, result
from tests.small_system import HOSPITAL, condition, patient, send, small_system

FEED = "organisation: ZZA\nmessages: [ADT, ORU]\norder: by-person\n"


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as system:
        yield system


def described(text: str, folder: Path = Path(), name: str = "pas") -> FeedDescription:
    return parse_feed(text, filename=f"{name}.yaml", folder=folder)


def receiver(app: App, text: str = FEED) -> Receiver:
    return Receiver(described(text), app.records, services=(), clock=app.clock, ids=SystemIds())


def replays(app: App, text: str = FEED, folder: Path = Path()) -> Replays:
    return Replays(app.records, feed=lambda name: described(text, folder, name), clock=app.clock, ids=SystemIds())


def items(app: App) -> dict[str, int]:
    with app.store.reading() as reading:
        return dict(
            reading.rows("SELECT word.text, count(*) FROM item JOIN word ON word.number = item.type GROUP BY word.text")
        )


def held(app: App) -> list[tuple[int, str]]:
    return [(each.number, each.reason.split(".")[0]) for each in app.records.quarantined()]


WRONG = admission(1, at="2024011025")
RIGHT = admission(1, control="C1b")


def became(app: App, *messages: bytes, text: str = FEED) -> list[str]:
    taking = receiver(app, text)
    return [taking.take(message).became for message in messages]


def test_what_comes_for_a_person_waits_behind_what_is_held_and_nobody_elses(app: App) -> None:
    assert became(app, admission(2), WRONG, result(1, 1), result(2, 2), result(3, 1)) == [
        "stored", "rejected", "behind", "stored", "behind",
    ]  # fmt: skip
    assert items(app) == {"Patient": 1, "Encounter": 1, "Observation": 1, "DiagnosticReport": 1}


def test_it_is_kept_only_where_the_feed_says_so(app: App) -> None:
    assert became(app, WRONG, result(1, 1), text=FEED.replace("order: by-person\n", "")) == ["rejected", "stored"]


def test_what_holds_nobody_up(app: App) -> None:
    strange = [
        admission(1).replace(b"ADT^A01", b"SIU^S12"),  # a type that the feed does not allow
        b"PID|1||70001",  # no message at all
    ]
    assert became(app, *strange, admission(1, control="again")) == ["not allowed", "rejected", "stored"]


def test_discarded_it_holds_nobody_up(app: App) -> None:
    became(app, WRONG, result(1, 1))
    (first, _), _ = held(app)
    one, _ = app.records.rejects.one(first)
    app.records.rejects.end(first, "discarded", "Sent again by hand.")
    assert [each.became for each in replays(app).released(one)] == ["replayed"]
    assert held(app) == []
    assert items(app) == {"Patient": 1, "Observation": 1, "DiagnosticReport": 1}


class TestReplay:
    def test_those_behind_follow_in_their_order_until_one_is_wrong_itself(self, app: App) -> None:
        broken = result(2, 1).replace(b"20240110095900", b"yesterday")
        became(app, WRONG, result(1, 1), broken, result(3, 1))
        numbers = [number for number, _ in held(app)]
        assert [each.became for each in replays(app).one(numbers[2])] == ["waits"]
        app.records.rejects.end(numbers[0], "discarded", "Sent again.")
        done = list(replays(app).one(numbers[1]))
        assert [each.became for each in done] == ["replayed", "held"]
        assert [number for number, _ in held(app)] == numbers[2:], "it keeps its place"
        assert "not a time" in held(app)[0][1]
        assert items(app)["Observation"] == 1
        assert became(app, result(4, 1)) == ["behind"], "what is held still holds up what comes"

    def test_with_a_feed_that_was_mended_it_is_in(self, app: App) -> None:
        narrow = FEED.replace("ADT, ORU", "ADT")
        assert became(app, admission(1), result(1, 1), text=narrow) == ["stored", "not allowed"]
        assert [each.became for each in replays(app, narrow).every(lambda _: True)] == ["held"]
        assert [each.became for each in replays(app).every(lambda _: True)] == ["replayed"]
        assert held(app) == []
        assert items(app)["Observation"] == 1

    def test_with_the_character_set_that_its_sender_uses_it_is_in(self, app: App) -> None:
        latin = admission(1, family="Zo\u00eb").decode().encode("latin-1")
        assert became(app, latin) == ["rejected"]
        western = FEED + "character_set: windows-1252\n"
        assert [each.became for each in replays(app, western).every(lambda _: True)] == ["replayed"]
        patient = app.records.earlier(OdsCode("ZZA")).resource("Patient", "70001")
        assert patient is not None
        assert patient["name"][0]["family"] == "Zo\u00eb"

    def test_twice_is_once(self, app: App) -> None:
        became(app, admission(1), result(1, 1), text=FEED.replace("ADT, ORU", "ADT"))
        ((number, _),) = held(app)
        list(replays(app).one(number))
        with pytest.raises(NotFound, match="held no more; replayed"):
            list(replays(app).one(number))
        assert became(app, result(1, 1)) == ["known"]

    def test_what_was_discarded_and_comes_again_is_held_again(self, app: App) -> None:
        text = FEED + "on_reject: accept-and-hold\n"
        became(app, admission(9, control="", at="2024011025").replace(b"|C9|", b"||"), text=text)
        ((number, _),) = held(app)
        app.records.rejects.end(number, "discarded", "A test.")
        assert held(app) == []
        became(app, admission(9, control="", at="2024011025").replace(b"|C9|", b"||"), text=text)
        assert [number for number, _ in held(app)] == [number]

    def test_from_its_shadow_a_feed_goes_live_by_replaying_what_it_kept(self, app: App) -> None:
        shadow = FEED + "shadow: yes\n"
        assert became(app, admission(1), result(1, 1), text=shadow) == ["waits", "waits"]
        assert items(app) == {}
        assert {each.became for each in replays(app, shadow).every(lambda _: True)} == {"held"}
        assert {each.became for each in replays(app).every(lambda _: True)} == {"replayed"}
        assert items(app) == {"Patient": 1, "Encounter": 1, "Observation": 1, "DiagnosticReport": 1}


MAPPING = """\
tables:
  people:
    columns: {key: {needed: yes}, name: text, state: {codes: {Open: active}}}
    deletes: {by: absence}
    makes:
      - {resource: Patient, id: $key, gone: {active: false}, elements: {name: [{text: $name}]}}
      - {resource: Flag, id: $key, elements: {status: $state, code: {text: x}, subject: {reference: Patient/$key}}}
"""
TIMED = """\
tables:
  people:
    columns: {key: {needed: yes}, name: text, state: {codes: {Open: active}}, at: instant}
    makes:
      - {resource: Patient, id: $key, RECORDED elements: {name: [{text: $name}]}}
      - {resource: Flag, id: $key, RECORDED elements:
          {status: $state, code: {text: x}, subject: {reference: Patient/$key}}}
"""
TABLE = "organisation: ZZA\nkind: table\nmapping: people.yaml\n"


class TestTables:
    def taken_in(self, app: App, folder: Path, rows: str) -> None:
        (folder / "people.yaml").write_text(MAPPING, encoding="utf-8")
        (folder / "people.csv").write_text("key,name,state\n" + rows, encoding="utf-8")
        take = taker(described(TABLE, folder), app.records, services=(), clock=app.clock, ids=SystemIds())
        take(folder / "people.csv")

    def test_a_row_is_in_once_the_mapping_knows_its_word(self, app: App, tmp_path: Path) -> None:
        self.taken_in(app, tmp_path, "1,A,Open\n2,B,Shut\n3,C,Open\n")
        assert items(app) == {"Patient": 2, "Flag": 2}
        assert [each.became for each in replays(app, TABLE, tmp_path).every(lambda _: True)] == ["held"]
        mended = MAPPING.replace("{Open: active}", "{Open: active, Shut: inactive}")
        (tmp_path / "people.yaml").write_text(mended, encoding="utf-8")
        assert [each.became for each in replays(app, TABLE, tmp_path).every(lambda _: True)] == ["replayed"]
        assert items(app) == {"Patient": 3, "Flag": 3}, "a row by itself says nothing of the others"
        assert held(app) == []

    def test_held_for_another_reason_it_keeps_its_place(self, app: App, tmp_path: Path) -> None:
        self.taken_in(app, tmp_path, "1,A,Shut\n2,B,Shut\n")
        mended = MAPPING.replace("name: text", "name: date").replace("name: [{text: $name}]", "birthDate: $name")
        (tmp_path / "people.yaml").write_text(mended, encoding="utf-8")
        first = app.records.quarantined()[0]
        (done,) = replays(app, TABLE, tmp_path).one(first.number)
        assert (done.became, "does not hold a real date" in done.reason) == ("held", True)
        held_first = app.records.quarantined()[0]
        assert (held_first.number, held_first.reason) == (first.number, done.reason)


BY_API = "organisation: ZZA\nkind: fhir\ntransport: folder\n"
HERE = "urn:uuid:0d4a7a2e-0000-4000-8000-000000000001"


class TestWhatCameSince:
    """A resource is a whole snapshot of one item, so that order matters between two of one item alone: there what came
    later stands, and nobody's later ones have to wait."""

    def held_first(self, app: App, folder: Path, sent: dict[str, Any]) -> list[str]:
        """Something is held; an hour on its source says something newer; then it is replayed by the mended feed."""
        inbox = folder / "in"
        inbox.mkdir()
        (inbox / "one.json").write_bytes(encode(sent))
        feed = described(BY_API + "resources: [Organization]\n", folder)
        taker(feed, app.records, services=(), clock=app.clock, ids=SystemIds())(inbox / "one.json")
        assert held(app)
        assert isinstance(app.clock, FixedClock)
        app.clock.instant += timedelta(hours=1)
        send(app, HOSPITAL, patient("p1", gender="other"))
        return [each.became for each in replays(app, BY_API, folder).every(lambda _: True)]

    def gender(self, app: App) -> str:
        return str((app.records.earlier(HOSPITAL.organisation).resource("Patient", "p1") or {})["gender"])

    def test_an_entry_that_is_replayed_does_not_undo_what_came_later(self, app: App, tmp_path: Path) -> None:
        sent = {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": patient("p1", gender="male")}]}
        assert self.held_first(app, tmp_path, sent) == ["replayed"]
        assert (self.gender(app), held(app)) == ("other", [])

    @pytest.mark.parametrize("kind", ["message", "transaction"])
    def test_what_refers_to_it_comes_in_all_the_same(self, app: App, tmp_path: Path, kind: str) -> None:
        entries: list[dict[str, Any]] = [
            {"resource": patient("p1", gender="male"), "fullUrl": HERE},
            {"resource": condition("c1", "x") | {"subject": {"reference": HERE}}, "fullUrl": HERE[:-1] + "2"},
        ]
        for entry in entries if kind == "transaction" else ():
            entry["request"] = {
                "method": "PUT",
                "url": f"{entry['resource']['resourceType']}/{entry['resource']['id']}",
            }
        sent = {"resourceType": "Bundle", "type": kind, "entry": entries}
        assert self.held_first(app, tmp_path, sent) == ["replayed"]
        assert (self.gender(app), items(app), held(app)) == ("other", {"Patient": 1, "Condition": 1}, [])

    def test_a_row_of_a_table_too_unless_it_says_when_it_was_recorded(self, app: App, tmp_path: Path) -> None:
        assert isinstance(app.clock, FixedClock)
        for name, recorded, stands in (("plain", "", "Newer"), ("timed", "recorded: $at,", "Older")):
            folder = tmp_path / name
            folder.mkdir()
            (folder / "people.yaml").write_text(TIMED.replace("RECORDED", recorded), encoding="utf-8")
            take = taker(described(TABLE, folder), app.records, services=(), clock=app.clock, ids=SystemIds())
            for text in ("Older,Shut,2026-11-22", "Newer,Open,2026-11-21"):
                (folder / "people.csv").write_text(f"key,name,state,at\n{name},{text}T10:00:00Z\n", encoding="utf-8")
                take(folder / "people.csv")
                app.clock.instant += timedelta(hours=1)
            mended = TIMED.replace("RECORDED", recorded).replace("{Open: active}", "{Open: active, Shut: inactive}")
            (folder / "people.yaml").write_text(mended, encoding="utf-8")
            assert [each.became for each in replays(app, TABLE, folder).every(lambda _: True)] == ["replayed"]
            held_now = app.records.earlier(described(TABLE, folder).organisation).resource("Patient", name) or {}
            assert held_now["name"] == [{"text": stands}]
