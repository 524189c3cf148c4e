"""Messages out of a stream, and the grammar of one message."""

import pytest

from concord.ingest.hl7v2.message import Message
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


def test_latin_1_is_read_where_the_message_says_so() -> None:
    latin = "MSH|^~\\&|A||||2024||ADT^A31|1|P|2.4||||||8859/1\rPID|1||7^^^X||Zoë".encode("latin-1")
    assert Message.parse(latin).only("PID").text(5) == "Zoë"


def test_messages_do_not_show_what_they_say_when_printed() -> None:
    assert "70001" not in repr(Message.parse(b"MSH|^~\\&|A||||2024||ADT^A31|1\rPID|1||70001^^^X"))
