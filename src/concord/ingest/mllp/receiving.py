"""What becomes of one message that came over a connection, and what its sender is told."""

import hashlib
import logging
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from concord.base import Clock, IdSource, OdsCode
from concord.fhir import check
from concord.governance import SourceSystem
from concord.ingest.feeds import FeedDescription
from concord.ingest.hl7v2 import (
    NAMES_PATIENT,
    Message,
    NotMapped,
    Order,
    assigned_by,
    map_message,
    mapped,
    original_of,
    patients_named,
    type_of,
)
from concord.ingest.mllp.acknowledgement import CODES, Became, Header, acknowledged, acknowledgement
from concord.ingest.mllp.framing import Frame
from concord.ingest.model import Assurance, Feed, RecordsDoor, ToKeep
from concord.record import Arrival, Change, Original, Outcome, Receipt, Submission

SHADOWED = "The feed is in its shadow: this can be taken in, and waits for the feed to go live."
_LOG = logging.getLogger("concord.mllp")
BEHIND = "It waits behind an earlier message of the same person."
NEVER_PASS = (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError)
"""Faults in the reading itself: the same bytes would meet them again. The database's faults are others."""
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LINE_ENDS = re.compile(rb"[\r\n]+")
_KEY = (3, 4, 7, 10)  # sending application and facility, time, control id: together the name of a message


class ReceivingDoor(RecordsDoor, Protocol):
    """What receiving needs of the record beyond what files need."""

    def arrived(self, arrival: Arrival) -> None:
        """Note durably that something came by a feed."""
        ...

    def write(
        self,
        changes: Sequence[Change],
        *,
        by: SourceSystem,
        atomic: bool,
        assurance: Assurance,
        receipt: Receipt | None = None,
        sent: Sequence[Original] = (),
    ) -> Sequence[Outcome]:
        """As for files; the receipt of the message is kept in the same transaction, unless something is rejected."""
        ...

    def quarantine(self, kept: Sequence[ToKeep], *, by: SourceSystem, receipt: Receipt | None = None) -> None:
        """As for files; the receipt of the message is kept in the same transaction."""
        ...

    def received(self, message: bytes, *, by: SourceSystem) -> bytes | None:
        """The hash of the content that a message was taken in with; None when it was not."""
        ...

    def holding_up(self, organisation: OdsCode, patient: str) -> list[int]:
        """The numbers of what is held and holds up a patient's messages, by the source's own id."""
        ...


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of a message: what it is ("HL7 v2 ADT^A01"); why and where, if it went into quarantine; whose later
    messages wait behind it there, by the source's own id; and, of one that can be taken in, how often nothing is made
    of which of its fields."""

    became: Became
    reason: str = ""
    where: str = ""
    kind: str = "HL7 v2 message"
    patient: str = ""
    unmapped: Mapping[str, int] = field(default_factory=dict)


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
        self._order = Order()
        self._read_against = Feed(
            organisation=feed.organisation,
            earlier=records.earlier(feed.organisation),
            snapshots=records.snapshots(feed.organisation),
            service=feed.service,
            services=frozenset(services),
            name=feed.name,
            character_set=feed.character_set,
        )

    def answer(self, frame: Frame) -> bytes:
        """The acknowledgement, once all that it says is durable. Whatever it raises is a fault of ours that may pass:
        the sender must hear nothing, and repeat."""
        if frame.too_long:
            _LOG.warning("%s: a message is too long to be held", self._feed.name)
            judged = Judged("too long", "The message is longer than may be.")
            self._records.arrived(Arrival(feed=self._feed.name, rejected=1))
        else:
            judged = self.take(frame.message)
        code = CODES[judged.became][self._feed.on_reject]
        text = "" if code == "AA" else ": ".join(part for part in (judged.where, judged.reason) if part)
        header = Header.of(frame.message)
        return acknowledgement(header, code, at=self._clock.now(), id_=self._ids.fresh()[:20], text=text)

    def take(self, message: bytes) -> Judged:
        """What becomes of a message, once it is durable. Raises for a fault of ours that may pass."""
        header = Header.of(message)
        sent_at = self._order.sent_at(header.field(7))  # of one that is known too: it has its place in the order
        receipt = receipt_of(message) if header.field(10) else None
        known = None if receipt is None else self._records.received(receipt.message, by=self._by)
        if receipt is not None and known == receipt.content:
            judged = Judged("known")
        elif known is not None:
            judged = Judged(
                "rejected", "The same sender, time and control id came before with other content.", "MSH-10"
            )
            receipt = None
        else:
            judged = self._taken_in(message, receipt, in_order=self._feed.order == "by-person")
        if judged.became not in ("stored", "known"):
            self._hold(message, header, judged, receipt if acknowledged(judged.became, self._feed.on_reject) else None)
        rejected = int(judged.became in ("rejected", "not allowed"))
        arrival = Arrival(feed=self._feed.name, rejected=rejected, sent_at=sent_at)
        self._records.arrived(arrival)
        return judged

    def replay(self, message: bytes) -> Judged:
        """The same for one that is held, though it came before and whatever waits with it."""
        judged = self._taken_in(message, None, in_order=False)
        if judged.became != "stored":
            self._hold(message, Header.of(message), judged)
        return judged

    def _taken_in(self, raw: bytes, receipt: Receipt | None, *, in_order: bool) -> Judged:
        """What becomes of a message by the same reading as a file's; `receipt` is kept with what is stored whole.
        `in_order`: not before what is held of the same person."""
        kind, about = "HL7 v2 message", ""

        def judged(became: Became, reason: str = "", where: str = "") -> Judged:
            return Judged(became, reason, where, kind, about if in_order and became in ("rejected", "behind") else "")

        try:
            message = Message.parse(
                raw.removeprefix(_BYTE_ORDER_MARK), order=self._order, character_set=self._feed.character_set
            )
            kind = f"HL7 v2 {type_of(message)}"
            if strange := self._not_allowed(message):
                return judged("not allowed", *strange)
            if not mapped(message):
                return judged("waits", f"{type_of(message)} is held for a later version of Concord.")
            patients = list(patients_named(message)) if in_order else []
            about = patients[0] if patients else ""
            if any(self._records.holding_up(self._feed.organisation, patient) for patient in patients):
                return judged("behind", BEHIND)
            submissions = map_message(message, self._read_against)
            original = original_of(message, submissions, self._read_against)
        except NotMapped as error:
            return judged("rejected", error.message, error.where)
        except NEVER_PASS as error:
            # Repeating it would block all that comes after it. What the error says might tell of a person.
            _LOG.error("%s: %s could not be read: %s", self._feed.name, kind, type(error).__name__)
            return judged("rejected", "Concord could not read this message. That is a fault of Concord's.")
        if self._feed.shadow:
            return replace(judged(*tried(submissions)), unmapped=original.unmapped)
        outcomes = self._records.write(
            submissions, by=self._by, atomic=False, assurance=self._feed.nhs_numbers, receipt=receipt, sent=[original]
        )
        refused = [outcome for outcome in outcomes if outcome.status == "rejected"]
        if refused:
            return judged("rejected", refused[0].reason, refused[0].type)
        return replace(judged("stored"), unmapped=original.unmapped)

    def _not_allowed(self, message: Message) -> tuple[str, str] | None:
        """Why the feed does not let it in, and the field that says so. Raises NotMapped."""
        if not self._feed.allows_sender(message.segments[0].text(3)):
            return "The feed does not allow this sending application.", "MSH-3"
        if not self._feed.allows_type(type_of(message)):
            return "The feed does not allow messages of this type.", "MSH-9"
        allowed = self._feed.assigning_authorities
        for segment in message.segments if allowed else ():
            number = NAMES_PATIENT.get(segment.name, 0)
            if number and segment.raw(number) and assigned_by(segment, number).upper() not in {"", *allowed}:
                return "The feed does not allow this assigning authority.", segment.where(number)
        return None

    def _hold(self, raw: bytes, header: Header, judged: Judged, receipt: Receipt | None = None) -> None:
        position = ", ".join(part for part in (f"message {header.field(10)}".strip(), judged.where) if part)
        kept = ToKeep(
            feed=self._feed.name, file=self._feed.name, entry=None, position=position, reason=judged.reason,
            kind=judged.kind, patient=judged.patient, original=raw,
        )  # fmt: skip
        self._records.quarantine([kept], by=self._by, receipt=receipt)
        _LOG.warning("%s: %s in quarantine: %s", self._feed.name, judged.kind, judged.reason)


def tried(submissions: Sequence[Submission]) -> tuple[Became, str]:
    """Of a feed in its shadow: what came is kept whole until the feed goes live, and nobody is shown it."""
    for submission in submissions:
        if breaches := check(submission.resource):
            return "rejected", f"{breaches[0].path}: {breaches[0].message}"
    return "waits", SHADOWED


def receipt_of(message: bytes) -> Receipt:
    """What a message is known again by: its sender, time and number, and what it says, whatever ends its lines."""
    header = Header.of(message)
    said = _LINE_ENDS.sub(b"\r", message.strip())
    return Receipt(message=hashed(*(header.field(number) for number in _KEY)), content=hashed(said))


def hashed(*parts: str | bytes) -> bytes:
    """Sixteen bytes that stand for `parts`, in their order."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()
