"""A message told of one item: what the item says, in the sender's words, and nothing of the rest of the message."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import NotFound, OdsCode
from concord.governance import Viewer
from concord.ingest import ItemMessages, Receiver, parse_feed, read_feed
from concord.record import Submission
from tests.small_system import ED_DOCTOR, HOSPITAL, KEYS, NHS_NUMBER, small_system, viewer

ZZA = OdsCode("ZZA")
AT = "20261122010000"
ADMITTED = f"""\
MSH|^~\\&|PAS|ZZA|CONCORD|NN|{AT}||ADT^A01|C1|P|2.4
EVN|A01|{AT}
PID|1||70001^^^PAS~{NHS_NUMBER}^^^NHS^NH||Holroyd^Margaret||19420214|F|||1 High St^^Town||0163296|||||account
PV1|1|E|Ash^1||||D1^Grey|||||||||||vip|V1
AL1|1|DA|7980^Penicillin^L|SV|Rash
AL1|2|DA|7981^Latex^L
ZBD|1|Window
"""
RESULTS = f"""\
MSH|^~\\&|PAS|ZZA|CONCORD|NN|{AT}||ORU^R01|C2|P|2.4
PID|1||70001^^^PAS||Holroyd^Margaret
PV1|1|E||||||||||||||||||V1
OBR|1|P1|F1|UE^Urea^L|||202611220105|||||||||||||||202611220150||CH|F
OBX|1|NM|NA^Sodium^L||138|mmol/L|133 - 146|N|||F
NTE|1||haemolysed
OBX|2|NM|K^Potassium^L||4.1|mmol/L|3.5 - 5.3|N|||F
"""


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as app:
        yield app


def takes(app: App, *messages: str) -> None:
    feed = parse_feed("organisation: ZZA\nmessages: [ADT, ORU]\n", filename="pas.yaml", folder=Path())
    receiver = Receiver(feed, app.records, services=(), clock=app.clock, ids=app.ids)
    for text in messages:
        assert receiver.take(text.strip().replace("\n", "\r").encode()).became == "stored"


def held(app: App, type_: str) -> list[str]:
    with app.store.reading() as reading:
        rows = reading.rows(
            "SELECT i.id FROM item i JOIN word w ON w.number = i.type WHERE w.text = ? ORDER BY i.item", (type_,)
        )
    return [row[0] for row in rows]


def told(app: App, type_: str, number: int = 0, who: Viewer = ED_DOCTOR) -> list[dict[str, str]]:
    """Of each message behind the nth item of a type, the newest first: what stood in which field."""
    behind = ItemMessages(app.records).behind(type_, held(app, type_)[number], who).wait()
    return [{each.field: each.text for each in message.said} for message in behind.messages]


def test_they_are_read_in_the_character_set_of_their_feed(app: App, tmp_path: Path) -> None:
    (tmp_path / "lab.yaml").write_text("organisation: ZZA\nmessages: [ADT, ORU]\ncharacter_set: windows-1252\n")
    receiver = Receiver(read_feed(tmp_path / "lab.yaml"), app.records, services=(), clock=app.clock, ids=app.ids)
    for text in (ADMITTED, RESULTS.replace("haemolysed", "h\u00e6molysed")):
        assert receiver.take(text.strip().replace("\n", "\r").encode("cp1252")).became == "stored"
    behind = ItemMessages(app.records, tmp_path).behind("Observation", held(app, "Observation")[0], ED_DOCTOR).wait()
    (message,) = behind.messages
    assert {"h\u00e6molysed"} == {each.text for each in message.said if each.field == "NTE-3"}


@pytest.mark.parametrize(
    ("type_", "number", "fields"),
    [
        ("Patient", 0, {"PID-3", "PID-5", "PID-7", "PID-8", "PID-11", "PID-13"}),
        ("Encounter", 0, {"PV1-2", "PV1-3", "PV1-7", "PV1-19"}),
        ("AllergyIntolerance", 0, {"AL1-2", "AL1-3", "AL1-4", "AL1-5"}),
        ("AllergyIntolerance", 1, {"AL1-2", "AL1-3"}),
        (
            "Observation", 0,
            {"OBR-7", "OBR-22", "OBX-2", "OBX-3", "OBX-5", "OBX-6", "OBX-7", "OBX-8", "OBX-11", "NTE-3"},
        ),
        ("DiagnosticReport", 0, {"OBR-2", "OBR-3", "OBR-4", "OBR-7", "OBR-22", "OBR-24", "OBR-25"}),
    ],
)  # fmt: skip
def test_the_fields_that_an_item_has_its_words_from(app: App, type_: str, number: int, fields: set[str]) -> None:
    takes(app, ADMITTED, RESULTS)
    (said,) = told(app, type_, number)
    assert said.keys() == fields


def test_in_the_senders_words(app: App) -> None:
    takes(app, ADMITTED, RESULTS)
    assert told(app, "AllergyIntolerance", 1) == [{"AL1-2": "DA", "AL1-3": "7981^Latex^L"}], "and not the first one's"
    (said,) = told(app, "Observation", 1)
    assert (said["OBX-3"], said["OBX-5"], "NTE-3" in said) == ("K^Potassium^L", "4.1", False)


def test_what_else_the_message_held_makes_no_difference(app: App, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    alone = RESULTS.replace("OBX|1|NM|NA^Sodium^L||138|mmol/L|133 - 146|N|||F\nNTE|1||haemolysed\n", "")
    takes(app, ADMITTED, RESULTS)
    with small_system(tmp_path / "other") as other:
        takes(other, ADMITTED, alone)
        assert told(app, "Observation", 1) == told(other, "Observation")


def test_of_a_message_that_says_the_same_there_is_no_second(app: App) -> None:
    takes(app, ADMITTED)
    takes(app, ADMITTED.replace(f"NN|{AT}", "NN|20261122020000").replace("ZBD|1|Window", "ZBD|1|Door"))
    assert len(told(app, "AllergyIntolerance")) == 1


def test_what_was_overtaken_is_not_told(app: App) -> None:
    takes(app, ADMITTED)
    moved = ADMITTED.replace("ADT^A01|C1", "ADT^A02|C3").replace(AT, "20261122020000").replace("Ash^1", "Oak^2")
    takes(app, moved)
    newest, *_ = told(app, "Encounter")
    assert newest["PV1-7"] == "D1^Grey"
    assert "Ash^1" not in newest.values()


def protect(app: App) -> None:
    """The person is protected: nobody is told where they live."""
    resource: dict[str, Any] = {
        "resourceType": "Patient", "id": "gp-1", "identifier": [
            {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": NHS_NUMBER}
        ], "name": [{"family": "Holroyd", "given": ["Margaret"]}], "birthDate": "1942-02-14", "gender": "female",
        "meta": {"security": [
            {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
        ]},
    }  # fmt: skip
    submission = Submission(resource=resource, source_id="gp-1")
    (outcome,) = app.records.write([submission], by=HOSPITAL, atomic=False, assurance="traced")
    assert outcome.status == "stored"


def test_where_a_protected_person_lives_is_not_told(app: App) -> None:
    takes(app, ADMITTED)
    protect(app)
    (said,) = told(app, "Patient")
    assert "PID-5" in said
    assert not {"PID-11", "PID-13"} & said.keys()


@pytest.mark.parametrize("who", [viewer("gp", "ZZP01"), viewer("district-nurse", "ZZC"), viewer("receptionist", "ZZA")])
def test_it_is_nobody_elses(app: App, who: Viewer) -> None:
    takes(app, ADMITTED)
    with pytest.raises(NotFound, match="There is no message to show"):
        told(app, "AllergyIntolerance", who=who)


def test_absent_and_hidden_answer_alike_and_both_are_recorded(app: App) -> None:
    takes(app, ADMITTED)
    messages = ItemMessages(app.records)
    for type_, id_ in (("Condition", "x" * 24), ("Encounter", KEYS.logical_id(ZZA, "Encounter", "V9"))):
        with pytest.raises(NotFound, match="There is no message to show"):
            messages.behind(type_, id_, ED_DOCTOR).wait()
    told(app, "Encounter")
    with app.store.reading() as reading:
        rows = reading.rows("SELECT outcome, person IS NULL FROM audit WHERE action = 'original' ORDER BY number")
    assert [(outcome, bool(nobody)) for outcome, nobody in rows] == [("nothing", True)] * 2 + [("shown", False)]
