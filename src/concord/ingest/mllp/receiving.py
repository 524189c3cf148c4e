"""What becomes of one message that came over a connection, and what its sender is told."""

import hashlib
import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from concord.base import Clock, IdSource
from concord.fhir import check
from concord.governance import SourceSystem
from concord.ingest.feeds import FeedDescription
from concord.ingest.hl7v2 import Message, NotMapped, assigned_by, map_message, mapped, type_of
from concord.ingest.mllp.acknowledgement import CODES, Became, Header, acknowledgement
from concord.ingest.mllp.framing import Frame
from concord.ingest.model import Feed, RecordsDoor, ToKeep
from concord.record import Submission

SHADOWED = "The feed is in its shadow: this can be taken in, and waits for the feed to go live."
_LOG = logging.getLogger("concord.mllp")
# Faults in the reading itself: the same message would meet them again. The database's faults are others.
_NEVER_PASS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_KEY = (3, 4, 7, 10)  # sending application and facility, time, control id: together the name of a message


class ReceivingDoor(RecordsDoor, Protocol):
    """What receiving needs of the record beyond what files need."""

    def receive(self, message: bytes, content: bytes, *, by: SourceSystem) -> None:
        """Note durably that a message was taken in, by the hashes of its name and its content."""
        ...

    def received(self, message: bytes, *, by: SourceSystem) -> bytes | None:
        """The hash of the content that a message was taken in with; None when it was not."""
        ...


@dataclass(frozen=True, slots=True)
class _Judged:
    """What became of a message; why and where, if it went into quarantine."""

    became: Became
    reason: str = ""
    where: str = ""


class Receiver:
    """Takes messages in, one at a time: what one says is read against what those before it left."""

    def __init__(
        self, feed: FeedDescription, records: ReceivingDoor, *, services: Collection[str], clock: Clock, ids: IdSource
    ) -> None:
        self._feed = feed
        self._records = records
        self._by = SourceSystem(organisation=feed.organisation)
        self._clock = clock
        self._ids = ids
        self._read_against = Feed(
            organisation=feed.organisation,
            earlier=records.earlier(feed.organisation),
            snapshots=records.snapshots(feed.organisation),
            service=feed.service,
            services=frozenset(services),
        )

    def answer(self, frame: Frame) -> bytes:
        """The acknowledgement, once all that it says is durable. Whatever it raises is a fault of ours that may pass:
        the sender must hear nothing, and repeat."""
        header = Header.of(frame.message)
        judged = self._judged(frame, header)
        code = CODES[judged.became][self._feed.on_reject]
        text = "" if code == "AA" else ": ".join(part for part in (judged.where, judged.reason) if part)
        return acknowledgement(header, code, at=self._clock.now(), id_=self._ids.fresh()[:20], text=text)

    def _judged(self, frame: Frame, header: Header) -> _Judged:
        if frame.too_long:
            _LOG.warning("%s: a message is too long to be held", self._feed.name)
            return _Judged("too long", "The message is longer than may be.")
        name, content = _hashed(*(header.field(number) for number in _KEY)), _hashed(frame.message.strip())
        known = self._records.received(name, by=self._by) if header.field(10) else None
        if known == content:
            return _Judged("known")
        kind, judged = "HL7 v2 message", _Judged("rejected")
        if known is not None:
            judged = _Judged(
                "rejected", "The same sender, time and control id came before with other content.", "MSH-10"
            )
        else:
            kind, judged = self._taken_in(frame.message)
        if judged.became != "stored":
            self._hold(frame.message, kind, header, judged)
        if header.field(10) and known is None and CODES[judged.became][self._feed.on_reject] == "AA":
            self._records.receive(name, content, by=self._by)
        return judged

    def _taken_in(self, raw: bytes) -> tuple[str, _Judged]:
        """What the message is, and what becomes of it by the same reading as a file's."""
        kind = "HL7 v2 message"
        try:
            message = Message.parse(raw.removeprefix(_BYTE_ORDER_MARK))
            kind = f"HL7 v2 {type_of(message)}"
            if not self._feed.allows_sender(message.segments[0].text(3)):
                return kind, _Judged("not allowed", "The feed does not allow this sending application.", "MSH-3")
            if not self._feed.allows_type(type_of(message)):
                return kind, _Judged("not allowed", "The feed does not allow messages of this type.", "MSH-9")
            if not self._knows_authority(message):
                return kind, _Judged("not allowed", "The feed does not allow this assigning authority.", "PID-3")
            if not mapped(message):
                return kind, _Judged("waits", f"{type_of(message)} is held for a later version of Concord.")
            submissions = map_message(message, self._read_against)
        except NotMapped as error:
            return kind, _Judged("rejected", error.message, error.where)
        except _NEVER_PASS as error:
            # Repeating it would block all that comes after it. What the error says might tell of a person.
            _LOG.error("%s: %s could not be read: %s", self._feed.name, kind, type(error).__name__)
            return kind, _Judged("rejected", "Concord could not read this message. That is a fault of Concord's.")
        if self._feed.shadow:
            return kind, self._tried(submissions)
        outcomes = self._records.write(submissions, by=self._by, atomic=False, assurance=self._feed.nhs_numbers)
        refused = [outcome for outcome in outcomes if outcome.status == "rejected"]
        if refused:
            return kind, _Judged("rejected", refused[0].reason, refused[0].type)
        return kind, _Judged("stored")

    def _knows_authority(self, message: Message) -> bool:
        """Whether the numbering by which the message knows its patient is one of the feed's."""
        pid = message.first("PID")
        allowed = self._feed.assigning_authorities
        return not allowed or pid is None or assigned_by(pid).upper() in {"", *allowed}

    def _tried(self, submissions: Sequence[Submission]) -> _Judged:
        """Of a feed in its shadow: what came is kept whole until the feed goes live, and nobody is shown it."""
        for submission in submissions:
            if breaches := check(submission.resource):
                return _Judged("rejected", f"{breaches[0].path}: {breaches[0].message}")
        return _Judged("waits", SHADOWED)

    def _hold(self, raw: bytes, kind: str, header: Header, judged: _Judged) -> None:
        position = ", ".join(part for part in (f"message {header.field(10)}".strip(), judged.where) if part)
        kept = ToKeep(
            feed=self._feed.name,
            file=self._feed.name,
            entry=None,
            position=position,
            reason=judged.reason,
            kind=kind,
            original=raw,
        )
        self._records.quarantine([kept], by=self._by)
        _LOG.warning("%s: %s in quarantine: %s", self._feed.name, kind, judged.reason)


def _hashed(*parts: str | bytes) -> bytes:
    """Sixteen bytes that stand for `parts`."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()
