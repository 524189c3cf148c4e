"""Frames out of bytes, however they fall; and the answers, in the sender's own delimiters."""

from datetime import UTC, datetime

import pytest

from concord.ingest.mllp.acknowledgement import CODES, Header, acknowledgement
from concord.ingest.mllp.framing import Frame, Frames, framed

ONE, TWO = b"MSH|^~\\&|A\rPID|1", b"MSH|^~\\&|B"
AT = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)


def frames(data: bytes, size: int = 1000, largest: int = 1000) -> list[Frame]:
    taken = Frames(largest)
    return [frame for at in range(0, len(data), size) for frame in taken.add(data[at : at + size])]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("data", "found"),
    [
        (framed(ONE) + framed(TWO), [ONE, TWO]),
        (b"\r\n" + framed(ONE) + b"GET / HTTP/1.1\r\n\r\n" + framed(TWO) + b"\x00", [ONE, TWO]),
        (b"\x0b" + ONE + b"\x1c" + framed(TWO), [ONE, TWO]),  # a sender that leaves the last CR out
        (b"\x0b" + ONE[:9] + framed(TWO), [TWO]),  # begun anew
        (framed(ONE) + b"\x0b" + TWO, [ONE]),  # cut short
        (framed(b""), [b""]),
        (b"MSH|^~\\&|no frame at all\r", []),
    ],
)
def test_frames(data: bytes, found: list[bytes], size: int) -> None:
    assert [frame.message for frame in frames(data, size)] == found


@pytest.mark.parametrize("size", [1, 64, 100_000])
def test_a_message_that_is_too_long_is_not_held_and_the_next_one_is(size: int) -> None:
    found = frames(framed(ONE + b"x" * 50_000) + framed(TWO), size, largest=20_000)
    assert [frame.too_long for frame in found] == [True, False]
    assert found[0].message.startswith(ONE)
    assert len(found[0].message) <= 16 * 1024 + 1
    assert found[1].message == TWO


def test_an_answer_changes_sender_and_receiver_over() -> None:
    sent = b"MSH|^~\\&|PAS|ZZA|CONCORD|NN|20240110||ADT^A01^ADT_A01|M7|T|2.5.1\rPID|1"
    assert acknowledgement(Header.of(sent), "AA", at=AT, id_="k1") == (
        b"MSH|^~\\&|CONCORD|NN|PAS|ZZA|20261122031200+0000||ACK^A01|k1|T|2.5.1\rMSA|AA|M7\r"
    )


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"MSH#*~\\&#PAS#ZZA###20240110##ADT*A01#M*7#P#2.4", b"MSA#AE#M*7#PID-3: what   is wrong\r"),
        (b"MSH|^~\\&|PAS", b"MSA|AE||PID-3: what # is wrong\r"),
        (b"nothing of the kind", b"MSA|AE||PID-3: what # is wrong\r"),
        (b"MSH", b"MSA|AE||PID-3: what # is wrong\r"),
        (b"", b"MSA|AE||PID-3: what # is wrong\r"),
        ("MSH|^~\\&|PÅS|||||||Zoë".encode("latin-1"), "MSA|AE|Zoë|PID-3: what # is wrong\r".encode("latin-1")),
    ],
)
def test_whatever_was_sent_can_be_answered(sent: bytes, answer: bytes) -> None:
    given = acknowledgement(Header.of(sent), "AE", at=AT, id_="k1", text="PID-3: what # is wrong")
    assert given.endswith(answer)


def test_every_code_that_leaves() -> None:
    told = {(became, word): code for became, words in CODES.items() for word, code in words.items()}
    assert told == {
        ("stored", "accept-and-hold"): "AA", ("stored", "refuse"): "AA",
        ("known", "accept-and-hold"): "AA", ("known", "refuse"): "AA",
        ("waits", "accept-and-hold"): "AA", ("waits", "refuse"): "AA",
        ("behind", "accept-and-hold"): "AA", ("behind", "refuse"): "AA",
        ("rejected", "accept-and-hold"): "AA", ("rejected", "refuse"): "AE",
        ("not allowed", "accept-and-hold"): "AA", ("not allowed", "refuse"): "AR",
        ("too long", "accept-and-hold"): "AE", ("too long", "refuse"): "AE",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ("|||AL|NE", "CA"),
        ("|||SU|NE", "CA"),
        ("|||AL", "AA"),
        ("|||AL|AL", "AA"),
        ("|||NE|NE", "AA"),
        ("|||NE|AL", "AA"),
    ],
)
def test_who_asks_for_word_of_the_commit_alone_hears_a_commit_code(asked: str, code: str) -> None:
    sent = Header.of(f"MSH|^~\\&|PAS|ZZA|||2024||ADT^A01|M1|P|2.4{asked}".encode())
    assert f"MSA|{code}|M1".encode() in acknowledgement(sent, "AA", at=AT, id_="k1")
    refused = acknowledgement(sent, "AE", at=AT, id_="k1", text="PID-3: wrong")
    assert f"MSA|{code[0]}E|M1|PID-3: wrong".encode() in refused
