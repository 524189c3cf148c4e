"""What a sender of messages hears, and what is held when it hears it. The real record, over a real socket."""

import sqlite3
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import OdsCode, SystemIds, Unavailable
from concord.ingest import Receiver, parse_feed
from concord.ingest.mllp.framing import Frame
from concord.store import registers
from tests.mllp_client import FS_CR, VT, Sender, admission, result
from tests.small_system import small_system
from tests.spec.ingest.listening import FEED, connected, items, listening


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as system:
        yield system


def versions(app: App) -> list[Any]:
    with app.store.reading() as reading:
        return reading.rows("SELECT home, source_patient, item, version FROM item ORDER BY 1, 2, 3")


def reasons(app: App) -> list[str]:
    return [held.reason for held in app.records.quarantined()]


def test_acknowledged_when_it_is_stored(app: App) -> None:
    with connected(app) as port, Sender(port) as sender:
        msh, msa = sender.send(admission(1))
        assert msa[:3] == ["MSA", "AA", "C1"]
        assert (msh[2], msh[4], msh[8]) == ("CONCORD", "PAS", "ACK^A01")
        assert items(app) == {"Patient": 1, "Encounter": 1}
        assert sender.code(result(1, 1)) == "AA"
        assert items(app) == {"Patient": 1, "Encounter": 1, "Observation": 1, "DiagnosticReport": 1}


def test_a_correction_sent_alone_leaves_the_report_its_other_results(app: App) -> None:
    whole = result(1, 1) + b"\rOBX|2|NM|K^Potassium^L||4.1|mmol/L|||||F"
    alone = result(1, 1, value="139").replace(b"|R1|", b"|R2|").replace(b"0959", b"1059")
    with connected(app) as port, Sender(port) as sender:
        assert [sender.code(each) for each in (admission(1), whole, alone)] == ["AA"] * 3
    earlier = app.records.earlier(OdsCode("ZZA"))
    report = earlier.resource("DiagnosticReport", "F1")
    held = [earlier.resource("Observation", each) for each in ("F1.-K", "F1.-NA")]
    assert report is not None
    listed = [one["reference"] for one in report["result"]]
    assert listed == [f"Observation/{one['id']}" for one in held if one is not None]


def test_the_same_again_is_acknowledged_and_stores_nothing(app: App) -> None:
    with connected(app) as port:
        with Sender(port) as sender:
            assert [sender.code(admission(1)), sender.code(admission(1))] == ["AA", "AA"]
            before = versions(app)
        with Sender(port) as sender:
            assert sender.code(admission(1) + b"\r") == "AA"
            for line_end in (b"\n", b"\r\n"):
                assert sender.code(admission(1).replace(b"\r", line_end)) == "AA"
    assert versions(app) == before
    assert reasons(app) == []


# on_reject; what the sender of the same key with other content, of nonsense ... hears
REJECTED = [
    ("another message under the same number", admission(1, family="Other"), "AA", "AE",
     "The same sender, time and control id came before with other content."),
    ("a field that cannot be read", admission(2, at="20240110250000"), "AA", "AE", "not a time that"),
    ("no segment that says what it is", b"PID|1||70001", "AA", "AE", "no MSH segment"),
    ("nothing at all", b"", "AA", "AE", "no MSH segment"),
    ("a type that the feed does not allow", admission(3).replace(b"ADT^A01", b"SIU^S12"), "AA", "AR", "of this type"),
    ("a sender that it does not allow", admission(4).replace(b"|PAS|", b"|XYZ|"), "AA", "AR", "sending application"),
    ("a type held for later", admission(5).replace(b"ADT^A01", b"ADT^A60"), "AA", "AA", "held for a later version"),
    ("a merge cut short", admission(7).replace(b"ADT^A01", b"ADT^A40"), "AA", "AE", "one MRG segment for each PID"),
    ("text in no known characters", admission(6, family="Zo\x00").replace(b"\x00", b"\xeb"), "AA", "AE", "not UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("message", "held", "refused", "reason"), [one[1:] for one in REJECTED], ids=[o[0] for o in REJECTED]
)
def test_what_is_rejected_lies_whole_in_quarantine_before_the_answer(
    app: App, message: bytes, held: str, refused: str, reason: str
) -> None:
    for word, code in (("refuse", refused), ("accept-and-hold", held)):
        with connected(app, FEED + f"on_reject: {word}\n") as port, Sender(port) as sender:
            assert sender.code(admission(1)) == "AA"
            before = versions(app)
            msa = sender.send(message)[1]
            assert msa[1] == code
            assert len(msa) == (3 if code == "AA" else 4)
            assert versions(app) == before
    (kept,) = app.records.quarantined()  # the same bytes for the same reason are kept once
    assert reason in kept.reason
    with app.store.reading() as reading:
        assert reading.row("SELECT original FROM quarantine") == (message,)


# assigning_authorities of the feed; that of the message; what its sender hears
AUTHORITIES = [("[PAS]", b"PAS", "AA"), ("[PAS, EPR]", b"epr", "AA"), ("PAS", b"EPR", "AR"), ("PAS", b"", "AA")]


@pytest.mark.parametrize(("allowed", "sent", "code"), AUTHORITIES)
def test_numberings_that_a_feed_does_not_know_are_refused(app: App, allowed: str, sent: bytes, code: str) -> None:
    text = FEED + f"on_reject: refuse\nassigning_authorities: {allowed}\n"
    with connected(app, text) as port, Sender(port) as sender:
        assert sender.code(admission(1).replace(b"^^^PAS^MR", b"^^^" + sent + b"^MR")) == code
    assert bool(items(app)) == (code == "AA")


@pytest.mark.parametrize(("sent", "code"), [(b"PAS", "AA"), (b"EPR", "AR"), (b"", "AA")])
def test_nor_does_a_merge_name_one(app: App, sent: bytes, code: str) -> None:
    merge = admission(1).replace(b"ADT^A01", b"ADT^A40").split(b"\rPV1")[0] + b"\rMRG|70002^^^" + sent
    with connected(app, FEED + "on_reject: refuse\nassigning_authorities: PAS\n") as port, Sender(port) as sender:
        assert sender.code(merge) == code
    assert bool(items(app)) == (code == "AA")


def test_in_its_shadow_a_feed_is_acknowledged_kept_and_shown_to_nobody(app: App) -> None:
    with connected(app, FEED + "shadow: yes\n") as port, Sender(port) as sender:
        assert sender.code(admission(1)) == "AA"
        assert sender.code(admission(2, at="2024011025")) == "AA"
    assert items(app) == {}
    waits, wrong = reasons(app)
    assert waits.startswith("The feed is in its shadow: this can be taken in")
    assert "not a time" in wrong


def test_another_word_under_a_number_does_not_replace_the_first(app: App) -> None:
    with connected(app) as port, Sender(port) as sender:
        assert [sender.code(admission(1)), sender.code(admission(1, family="Other")), sender.code(admission(1))] == [
            "AA"
        ] * 3
    assert len(reasons(app)) == 1


def test_a_refused_message_that_was_mended_is_taken_in_under_its_number(app: App) -> None:
    with connected(app, FEED + "on_reject: refuse\n") as port, Sender(port) as sender:
        wrong = admission(1).replace(b"EVN|A01|2024", b"EVN|A01|20X4")
        assert [sender.code(wrong), sender.code(wrong), sender.code(admission(1))] == ["AE", "AE", "AA"]
    assert items(app)["Encounter"] == 1


def test_messages_of_a_connection_are_answered_in_their_order(app: App) -> None:
    with connected(app) as port, Sender(port) as sender:
        sender.write(b"".join(VT + admission(number) + FS_CR + b"noise between" for number in range(20)))
        assert [sender.answer()[1][1:3] for _ in range(20)] == [["AA", f"C{number}"] for number in range(20)]
    assert items(app) == {"Patient": 20, "Encounter": 20}


def test_a_sender_that_leaves_in_mid_message_loses_nothing_acknowledged(app: App) -> None:
    with connected(app) as port:
        with Sender(port) as sender:
            assert sender.code(admission(1)) == "AA"
            sender.write(VT + admission(2)[:60])
        with Sender(port) as sender:
            assert [sender.code(admission(2)), sender.code(admission(3))] == ["AA", "AA"]
    assert items(app) == {"Patient": 3, "Encounter": 3}
    assert reasons(app) == []


def test_several_senders_at_once_about_one_visit_lose_no_event(app: App) -> None:
    def moves(first: int) -> None:
        with Sender(port) as sender:
            for minute in range(first, 60, 3):
                at = f"202401101000{minute:02}"
                moved = (
                    admission(1, control=f"M{minute}", at=at)
                    .replace(b"A01", b"A02")
                    .replace(b"Ash^1", b"Bed%d^1" % minute)
                )
                assert sender.code(moved) == "AA"

    with connected(app) as port:
        threads = [threading.Thread(target=moves, args=(first,)) for first in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    stay = app.records.earlier(parse_feed(FEED, filename="", folder=Path()).organisation).resource("Encounter", "V1")
    assert stay is not None
    assert len(stay["location"]) == 60


def test_too_long_a_message_is_refused_and_the_next_is_taken(app: App) -> None:
    with connected(app, largest=10_000) as port, Sender(port) as sender:
        assert sender.send(admission(1, extra="|x" * 10_000))[1] == [
            "MSA",
            "AE",
            "C1",
            "The message is longer than may be.",
        ]
        assert sender.code(admission(1)) == "AA"


def test_a_fault_of_ours_gives_no_answer_and_the_repeated_message_is_stored_once(app: App) -> None:
    feed = parse_feed(FEED, filename="pas.yaml", folder=Path())
    receiver = Receiver(feed, app.records, services=(), clock=app.clock, ids=SystemIds())
    faults: list[Exception] = [Unavailable("The disk is full."), sqlite3.OperationalError("disk I/O error")]

    def answer(frame: Frame) -> bytes:
        if faults and b"C2" in frame.message:
            raise faults.pop()
        return receiver.answer(frame)

    with listening(feed, answer, pause_after_fault_s=0.2) as port:
        heard = []
        for _ in range(3):
            with Sender(port) as sender:
                heard.append(sender.code(admission(1)))
                begun = time.monotonic()
                try:
                    heard.append(sender.code(admission(2)))
                except EOFError:
                    heard.append("closed")
                    assert time.monotonic() - begun >= 0.2
    assert heard == ["AA", "closed", "AA", "closed", "AA", "AA"]
    assert items(app) == {"Patient": 2, "Encounter": 2}


def test_what_the_database_did_not_keep_is_not_acknowledged(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each durable step fails in turn: no answer, then the repetition completes it and doubles nothing."""
    for place, step, message in (
        (app.records, "write", admission(1)),
        (registers, "receive", admission(2)),  # within the transaction that writes
        (app.records, "quarantine", admission(3, at="2024011025")),
        (registers, "receive", admission(4, at="2024011025")),  # within the one that holds
    ):
        with connected(app, pause_after_fault_s=0.0) as port:
            with monkeypatch.context() as broken, Sender(port) as sender:

                def fails(*_: Any, **__: Any) -> None:
                    raise Unavailable("The disk is full.")

                broken.setattr(place, step, fails)
                before = items(app), len(reasons(app))
                with pytest.raises(EOFError):
                    sender.code(message)
            if place is registers:
                assert (items(app), len(reasons(app))) == before, "nothing is kept without its receipt"
            with Sender(port) as sender:
                assert sender.code(message) == "AA"
    assert items(app) == {"Patient": 2, "Encounter": 2}
    assert len(reasons(app)) == 2


def test_a_fault_in_the_reading_is_held_and_does_not_block_what_follows(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumbles(*_: Any) -> None:
        raise KeyError("Holroyd")

    with connected(app) as port, Sender(port) as sender:
        with monkeypatch.context() as broken:
            broken.setattr("concord.ingest.mllp.receiving.map_message", stumbles)
            assert sender.code(admission(1)) == "AA"
        assert sender.code(admission(2)) == "AA"
    assert reasons(app) == ["Concord could not read this message. That is a fault of Concord's."]
    assert items(app) == {"Patient": 1, "Encounter": 1}


def test_the_organisation_is_heard(app: App) -> None:
    with connected(app) as port, Sender(port) as sender:
        sender.code(admission(1))
    with app.store.reading() as reading:
        assert reading.rows("SELECT organisation FROM heard") == [("ZZA",)]


def test_a_cancelled_admission_closes_what_it_opened_and_a_referral_opens_at_another(app: App) -> None:
    def opened() -> list[Any]:
        with app.store.reading() as reading:
            return reading.rows("SELECT kind, organisation, ends_at FROM relationship ORDER BY kind")

    referral = admission(1).replace(b"ADT^A01|C1", b"REF^I12|C9").partition(b"\rPV1")[0]
    referral += b"\rRF1|A|R||||R7|20240110\rPRD|RT|Nursing^Community|||||ZZC^ODS"
    with connected(app, FEED) as port, Sender(port) as sender:
        sender.code(admission(1))
        assert opened() == [("inpatient", "ZZA", None)]
        sender.code(admission(1, control="C2", at="20240110100000").replace(b"A01", b"A11"))
        assert opened() == []
    with connected(app, FEED.replace("ORU", "REF")) as port, Sender(port) as sender:
        assert sender.code(referral) == "AA"
        assert opened() == [("referred", "ZZC", None)]


def test_what_was_begun_when_the_listener_stops_is_answered(app: App) -> None:
    feed = parse_feed(FEED, filename="pas.yaml", folder=Path())
    receiver = Receiver(feed, app.records, services=(), clock=app.clock, ids=SystemIds())
    begun = threading.Event()

    def slowly(frame: Frame) -> bytes:
        begun.set()
        time.sleep(0.3)
        return receiver.answer(frame)

    with listening(feed, slowly) as port:
        sender = Sender(port)
        sender.write(VT + admission(1) + FS_CR)
        assert begun.wait(10)
    assert sender.answer()[1][1] == "AA"
    sender.connection.close()
