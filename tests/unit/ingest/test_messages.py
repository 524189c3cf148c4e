"""Messages out of a stream, and the grammar of one message."""

import pytest

from concord.ingest import advice_on
from concord.ingest.hl7v2.message import Message, NotMapped
from concord.ingest.hl7v2.reading import messages as parted
from concord.ingest.stream import Stream
from tests.unit.ingest.fake_records import in_blocks

ONE, TWO, THREE = (b"MSH|^~\\&|A|B|||2024||ADT^A31|%d\rPID|1||%d^^^X" % (number, number) for number in (1, 2, 3))


def messages(data: bytes, size: int = 1000) -> list[bytes]:
    stream = Stream(in_blocks(data, size))
    stream.head(4)
    return list(parted(stream))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 13, 1000])
@pytest.mark.parametrize("line", [b"\r", b"\n", b"\r\n"], ids=["CR", "LF", "CRLF"])
@pytest.mark.parametrize(
    "between", [b"LINE", b"LINELINE", b"LINE \tLINELINE", b"\x1c\r\x0b", b"LINEBTS|1LINEBHS|^~LINE"]
)
def test_however_they_are_parted_and_however_blocks_fall(size: int, line: bytes, between: bytes) -> None:
    ones = [one.replace(b"\r", line) for one in (ONE, TWO, THREE)]
    assert messages(between.replace(b"LINE", line).join(ones) + line, size) == ones


def test_segments_after_a_blank_line_are_never_taken_for_the_message_before() -> None:
    assert messages(ONE + b"\r\rPID|1||9^^^X") == [ONE, b"PID|1||9^^^X"]


def test_fields_repetitions_components_and_escapes() -> None:
    raw = b"MSH|^~\\&|A||||2024||ADT^A31^ADT_A05|1\r"
    raw += b'PID|1||a&b^c~d||x\\F\\y\\S\\\\T\\\\R\\\\E\\\\X41C3A9\\z\\H\\!|""|lone\\'
    message = Message.parse(raw)
    pid = message.only("PID")
    assert (message.type, message.control_id) == ("ADT^A31", "1")
    assert message.segments[0].text(1) == "|"
    assert [one.text() for one in pid.repetitions(3)] == ["a", "d"]
    assert (pid.first(3).text(1, 2), pid.first(3).text(2), pid.first(3).text(9)) == ("b", "c", "")
    assert pid.first(3).joined(1) == "a b"
    assert pid.text(5) == "x|y^&~\\A\u00e9z!"
    assert (pid.raw(6), pid.text(6), pid.repetitions(6)) == ('""', "", [])
    assert pid.text(7) == "lone\\"
    assert (pid.text(99), pid.where(3)) == ("", "PID-3")


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (r"One\.br\two\.sp2\three", "One\ntwo\nthree"),
        (r"a\.in+4\b\.ce\c", "ab\nc"),
        (r"caf\XE9\ caf\XC3A9\ \Xzz\ ", "café café \\Xzz\\"),
        (r"\C2842\\M24A6AC\\Zab\x", "x"),
        # What opens no sequence of the standard is the writer's.
        (r"C:\letters\7.pdf", r"C:\letters\7.pdf"),
        (r"\\server\share\a.pdf", r"\\server\share\a.pdf"),
        (r"C:\E\temp", r"C:\temp"),
        (r"either\or \F\ both", "either\\or | both"),
    ],
)
def test_escape_sequences(sent: str, read: str) -> None:
    assert Message.parse(rf"MSH|^~\&|A||||2024||ADT^A31|1{chr(13)}PID|1||{sent}".encode()).only("PID").text(3) == read


def test_a_line_end_within_a_text_is_kept_where_others_end_the_segments() -> None:
    raw = b"MSH|^~\\&|A||||2024||ORU^R01|1\rPID|1||7\rNTE|1||First line\nsecond|x\n\nTHE third\r\nNTE|2||y\n\rOBX|1|TX"
    notes = [(one.text(3), one.text(4)) for one in Message.parse(raw).all("NTE")]
    assert notes == [("First line\nsecond", "x\n\nTHE third"), ("y", "")]
    with pytest.raises(NotMapped):
        Message.parse(raw.replace(b"\r", b"\n"))


def test_latin_1_is_read_where_the_message_says_so() -> None:
    latin = "MSH|^~\\&|A||||2024||ADT^A31|1|P|2.4||||||8859/1\rPID|1||7^^^X||Zoë".encode("latin-1")
    assert Message.parse(latin).only("PID").text(5) == "Zoë"


@pytest.mark.parametrize(
    ("name", "sent", "read"),
    [
        ("8859/1", b"O\x92Hara \xa320", "O\u2019Hara £20"),  # the apostrophe of Windows-1252, as many send it
        ("8859/2", b"\xa3ucja", "Łucja"),
        ("8859/15", b"\xa4", "€"),
        ("UNICODE UTF-8", "Zoë".encode(), "Zoë"),
        ("ASCII", b"Zoe", "Zoe"),
    ],
)
def test_character_sets(name: str, sent: bytes, read: str) -> None:
    raw = b"MSH|^~\\&|A||||2024||ADT^A31|1|P|2.4||||||" + name.encode() + b"\rPID|1||7^^^X||" + sent
    assert Message.parse(raw).only("PID").text(5) == read


@pytest.mark.parametrize(
    ("name", "used", "sent", "read"),
    [
        ("", "windows-1252", b"Zo\xeb O\x92Hara", "Zo\u00eb O\u2019Hara"),
        ("", "iso-8859-1", b"Zo\xeb", "Zoë"),
        ("", "iso-8859-15", b"\xa4", "€"),
        ("ASCII", "windows-1252", b"Zo\xeb", "Zoë"),
        ("8859/15", "windows-1252", b"\xa4", "€"),  # what the message says stands before what the feed says
        ("UNICODE UTF-8", "windows-1252", "Zoë".encode(), "Zoë"),
    ],
)
def test_a_message_that_does_not_name_its_character_set_has_its_sender_s(
    name: str, used: str, sent: bytes, read: str
) -> None:
    raw = b"MSH|^~\\&|A||||2024||ADT^A31|1|P|2.4||||||" + name.encode() + b"\rPID|1||7^^^X||" + sent
    assert Message.parse(raw, character_set=used).only("PID").text(5) == read


def test_what_is_not_of_the_character_set_says_whose_word_that_is() -> None:
    def reason(name: str) -> str:
        raw = b"MSH|^~\\&|A||||2024||ADT^A31|1|P|2.4||||||" + name.encode() + b"\rPID|1||7^^^X||Zo\xeb"
        with pytest.raises(NotMapped) as refused:
            Message.parse(raw)
        return refused.value.message

    assert "`character_set: windows-1252` in the feed's file" in reason("")
    assert "into the feed's file (`character_set: windows-1252`)" in advice_on(reason(""))
    assert reason("UNICODE UTF-8").endswith("The field says that it is.")


@pytest.mark.parametrize(("before", "where"), [(ONE + b"\r", "MSH[2]"), (b"BHS|^~\\&|PAS\r", "BHS")])
def test_several_messages_are_not_read_as_one(before: bytes, where: str) -> None:
    with pytest.raises(NotMapped) as refused:
        Message.parse(before + TWO)
    assert refused.value.where == where


def test_a_character_set_that_there_is_not_is_refused() -> None:
    with pytest.raises(NotMapped) as refused:
        Message.parse(b"MSH|^~\\&|A||||2024||ADT^A31|1|P|2.4||||||8859/99\rPID|1||7^^^X")
    assert refused.value.where == "MSH-18"


def test_messages_do_not_show_what_they_say_when_printed() -> None:
    assert "70001" not in repr(Message.parse(b"MSH|^~\\&|A||||2024||ADT^A31|1\rPID|1||70001^^^X"))
