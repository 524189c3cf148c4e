"""Messages out of a stream: one or many a file, CR, LF or CRLF, blank lines between, MLLP frames, batch headers."""

import re
from collections.abc import Iterator
from functools import partial

from concord.ingest.hl7v2.mapping import MAPPED_SEGMENTS, map_message, mapped
from concord.ingest.hl7v2.message import Message, NotMapped
from concord.ingest.model import Feed, Group, Piece, Refusal, Remark, Sent
from concord.ingest.stream import LARGEST_DOCUMENT, Stream

# Where one message ends: before an MSH, at a frame (MLLP: VT message FS CR), at a blank line, at a batch segment.
_END = re.compile(rb"\n(?=MSH)|[\x0b\x1c]|\n[ \t]*(?=\n)|\n(?=[FB][HT]S)")
_BATCH = (b"FHS", b"BHS", b"BTS", b"FTS")


def pieces(stream: Stream, feed: Feed) -> Iterator[Piece]:
    """What each message becomes; one that cannot be read is refused with its number, segment and field."""
    for number, raw in enumerate(_messages(stream), 1):
        yield from _pieces(raw, number, feed)


def _pieces(raw: bytes, number: int, feed: Feed) -> Iterator[Piece]:
    position = f"message {number}"
    original = partial(bytes, raw)
    try:
        message = Message.parse(raw, number)
        if not mapped(message):
            kind = f"HL7 v2 {message.type}"
            reason = f"{message.type} is held for a later version of Concord."
            yield Refusal(
                entry=number, position=position, reason=reason, kind=kind, original=original, held=message.type
            )
            return
        submissions = map_message(message, feed)
    except NotMapped as error:
        where = f"{position}, {error.where}"
        yield Refusal(entry=number, position=where, reason=error.message, kind="HL7 v2 message", original=original)
        return
    kind = f"HL7 v2 {message.type}"
    yield Group(
        sent=[Sent(submission=submission, entry=number, kind=kind, original=original) for submission in submissions]
    )
    unmapped = [segment.name for segment in message.segments if segment.name not in MAPPED_SEGMENTS]
    if unmapped:
        yield Remark(passed_over=unmapped)


def _messages(stream: Stream) -> Iterator[bytes]:
    """The bytes of each message, segments separated by LF."""
    held = b""
    for block in stream.blocks():
        # A CRLF may fall between two blocks: its CR waits for the next.
        held += block
        waiting = b"\r" if held.endswith(b"\r") else b""
        held = _lines(held.removesuffix(b"\r"))
        *whole, held = _END.split(held)
        yield from _not_blank(whole)
        held += waiting
        if len(held) > LARGEST_DOCUMENT:
            break
    yield from _not_blank(_END.split(_lines(held)))


def _lines(data: bytes) -> bytes:
    return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _not_blank(messages: list[bytes]) -> Iterator[bytes]:
    for message in messages:
        if (message := message.strip(b" \t\n")) and not message.startswith(_BATCH):
            yield message
