"""Messages out of a stream: one or many a file, CR, LF or CRLF, blank lines between, MLLP frames, batch headers."""

import re
from collections.abc import Iterator
from functools import partial

from concord.base import Incorrect
from concord.ingest.hl7v2.clocks import Order
from concord.ingest.hl7v2.mapping import map_message, mapped, type_of
from concord.ingest.hl7v2.message import BATCH, Message, NotMapped
from concord.ingest.hl7v2.original import original_of
from concord.ingest.model import Feed, Group, Piece, Refusal, Remark, Sent
from concord.ingest.stream import LARGEST_DOCUMENT, Stream

# Where one message ends: before an MSH, at a frame (MLLP: VT message FS CR), at a blank line, at a batch segment.
_BREAK = rb"(?>\r\n|\r|\n)"
_END = re.compile(rb"[\x0b\x1c]|" + _BREAK + rb"(?:[ \t]*" + _BREAK + rb"|(?=MSH|[FB][HT]S))")
_BATCH = tuple(name.encode() for name in BATCH)


def pieces(stream: Stream, feed: Feed) -> Iterator[Piece]:
    """What each message becomes; one that cannot be read is refused with its number, segment and field."""
    order = Order()
    for number, raw in enumerate(messages(stream), 1):
        yield from _pieces(raw, number, order, feed)


def _pieces(raw: bytes, number: int, order: Order, feed: Feed) -> Iterator[Piece]:
    position = f"message {number}"
    original = partial(bytes, raw)
    try:
        message = Message.parse(raw, number, order, feed.character_set)
        if not mapped(message):
            type_ = type_of(message)
            kind = f"HL7 v2 {type_}"
            reason = f"{type_} is held for a later version of Concord."
            yield Refusal(entry=number, position=position, reason=reason, kind=kind, original=original, held=type_)
            return
        submissions = map_message(message, feed)
    except NotMapped as error:
        where = f"{position}, {error.where}"
        yield Refusal(entry=number, position=where, reason=error.message, kind="HL7 v2 message", original=original)
        return
    kind = f"HL7 v2 {type_of(message)}"
    kept = original_of(message, submissions, feed)
    yield Group(
        sent=[Sent(submission=submission, entry=number, kind=kind, original=original) for submission in submissions],
        kept=kept,
    )
    if kept.unmapped:
        yield Remark(passed_over=list(kept.unmapped.elements()))


def messages(stream: Stream) -> Iterator[bytes]:
    """The bytes of each message as sent. Raises Incorrect when one is larger than a document may be."""
    held = b""
    for block in stream.blocks():
        held += block
        # What may be the beginning of an end (CR of a CRLF, "MS" of an MSH) waits for the next block.
        settled = len(held.rstrip(b"\r\n \t")) - len(b"MSH")
        if settled > 0:
            *whole, last = _END.split(held[:settled])
            yield from _messages_among(whole)
            held = last + held[settled:]
        if len(held) > LARGEST_DOCUMENT:
            raise Incorrect(f"A message is larger than {LARGEST_DOCUMENT >> 20} MiB. Is the file HL7 v2 throughout?")
    yield from _messages_among(_END.split(held))


def _messages_among(parts: list[bytes]) -> Iterator[bytes]:
    for part in parts:
        message = part.strip(b" \t\r\n")
        if message and not message.startswith(_BATCH):
            yield message
