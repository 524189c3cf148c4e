"""What becomes of one FHIR message that an organisation's system sends over HTTP, by the organisation's feed.

A message is one act: all of it is stored, with a receipt, in one transaction, or it is held whole in quarantine. It is
known again by its sender and the id of its MessageHeader; the Bundle around it may be another
(http://hl7.org/fhir/R4/messaging.html).
"""

import logging
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from concord.base import Incorrect, OdsCode
from concord.fhir import Resource, encode, range_of
from concord.governance import SourceSystem
from concord.ingest.bundles import of_document
from concord.ingest.feeds import FeedDescription
from concord.ingest.fhir_feeds import FhirFeeds
from concord.ingest.mllp import NEVER_PASS, Judged, ReceivingDoor, acknowledged, hashed, tried
from concord.ingest.model import Feed, Group, Refusal, ToKeep
from concord.record import Arrival, Receipt, to_blame

_LOG = logging.getLogger("concord.messages")
_KIND = "FHIR message"
_OF_THE_ENVELOPE = ("id", "meta", "timestamp")
_ID = re.compile(r"[A-Za-z0-9.-]{1,64}")  # http://hl7.org/fhir/R4/datatypes.html#id
_START = datetime(1970, 1, 1, tzinfo=UTC)


class MessagesDoor(ReceivingDoor, Protocol):
    """What taking in messages needs of the record."""

    def services(self, organisation: OdsCode) -> frozenset[str]: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageHeader:
    """What of a message's header its answer repeats: `id`, the sender's `endpoint`, and the `event` (eventCoding or
    eventUri, under that name). `sent_at`: when the Bundle says that it was put together."""

    id: str
    endpoint: str
    event: Resource
    sent_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Received:
    """What a sender is told: `accepted`, once the message is safe (stored, known already, or held); or why not, and
    where in the message."""

    accepted: bool
    reason: str = ""
    where: str = ""


def _header_of(document: Resource) -> MessageHeader:
    entries = document.get("entry")
    if document.get("resourceType") != "Bundle" or document.get("type") != "message":
        raise Incorrect("A message is a Bundle of the type message.")
    first = entries[0] if isinstance(entries, list) and entries else None
    header = first.get("resource") if isinstance(first, dict) else None
    if not isinstance(header, dict) or header.get("resourceType") != "MessageHeader":
        raise Incorrect("Bundle.entry[0]: the first entry of a message is its MessageHeader.")
    source, id_ = header.get("source"), header.get("id")
    endpoint = source.get("endpoint") if isinstance(source, dict) else None
    if not (isinstance(id_, str) and _ID.fullmatch(id_) and isinstance(endpoint, str) and endpoint):
        raise Incorrect("Bundle.entry[0].resource: id and source.endpoint are needed: they name the message.")
    event = {name: header[name] for name in ("eventCoding", "eventUri") if isinstance(header.get(name), dict | str)}
    if len(event) != 1:
        raise Incorrect("Bundle.entry[0].resource: eventCoding or eventUri says what the message is about.")
    return MessageHeader(id=id_, endpoint=endpoint, event=event, sent_at=_instant(document.get("timestamp")))


class FhirMessages:
    def __init__(self, records: MessagesDoor, feeds: FhirFeeds) -> None:
        self._records = records
        self._feeds = feeds

    def header(self, document: Resource) -> MessageHeader:
        """Raises Incorrect for what is no message, or one that does not say what its answer needs."""
        return _header_of(document)

    def take(self, sent: bytes, document: Resource, by: SourceSystem) -> Received:
        """What becomes of a message, parsed as `document`, once it is durable. Raises Incorrect as `header` does, and
        for a fault of ours that may pass: its sender repeats it."""
        header = _header_of(document)
        feed = self._feeds.of(by.organisation, header.endpoint)
        receipt = _receipt_of(header, document)
        known = self._records.received(receipt.message, by=by)
        if known == receipt.content:
            judged = Judged("known")
        elif known is not None:
            judged = Judged("rejected", "A message of this id came before with other content.", "MessageHeader.id")
        elif not feed.allows_sender(header.endpoint):
            judged = Judged("not allowed", "The feed does not allow this sender.", "MessageHeader.source.endpoint")
        else:
            judged = self._taken_in(sent, document, feed, by, receipt)
        accepted = acknowledged(judged.became, feed.on_reject)
        if judged.became not in ("stored", "known"):
            self._hold(sent, feed, judged, by, receipt if accepted and known is None else None)
        if feed.name:
            rejected = int(judged.became in ("rejected", "not allowed"))
            self._records.arrived(Arrival(feed=feed.name, rejected=rejected, sent_at=header.sent_at))
        if accepted:
            return Received(accepted=True)
        return Received(accepted=False, reason=judged.reason, where=judged.where)

    def _taken_in(
        self, sent: bytes, document: Resource, feed: FeedDescription, by: SourceSystem, receipt: Receipt
    ) -> Judged:
        try:
            pieces = list(of_document(document, sent, self._read_against(feed)))
        except NEVER_PASS as error:
            # Repeating it would change nothing. What the error says might tell of a person.
            _LOG.error("%s: a message could not be read: %s", feed.name or feed.organisation, type(error).__name__)
            return Judged("rejected", "Concord could not read this message. That is a fault of Concord's.")
        for piece in pieces:
            if isinstance(piece, Refusal) and piece.original is not None:
                return Judged("rejected", piece.reason, piece.position)
        submissions = [one.submission for piece in pieces if isinstance(piece, Group) for one in piece.sent]
        for submission in submissions:
            if feed.resources and submission.resource["resourceType"] not in feed.resources:
                return Judged("not allowed", "The feed does not allow resources of this type.", submission.position)
        if feed.shadow:
            return Judged(*tried(submissions))
        outcomes = self._records.write(submissions, by=by, atomic=True, assurance=feed.nhs_numbers, receipt=receipt)
        if refused := to_blame([outcome for outcome in outcomes if outcome.status == "rejected"]):
            return Judged("rejected", refused[0].reason, refused[0].position)
        return Judged("stored")

    def _read_against(self, feed: FeedDescription) -> Feed:
        return Feed(
            organisation=feed.organisation,
            earlier=self._records.earlier(feed.organisation),
            snapshots=self._records.snapshots(feed.organisation),
            service=feed.service,
            services=self._records.services(feed.organisation),
        )

    def _hold(
        self, sent: bytes, feed: FeedDescription, judged: Judged, by: SourceSystem, receipt: Receipt | None
    ) -> None:
        kept = ToKeep(
            feed=feed.name, file=feed.name or "$process-message", entry=None, position=judged.where,
            reason=judged.reason, kind=_KIND, original=sent,
        )  # fmt: skip
        self._records.quarantine([kept], by=by, receipt=receipt)
        _LOG.warning("%s: a message in quarantine: %s", feed.name or feed.organisation, judged.reason)


def receipt_of_document(document: Resource) -> Receipt:
    """What a FHIR message is known again by. Raises Incorrect for what is none."""
    return _receipt_of(_header_of(document), document)


def _receipt_of(header: MessageHeader, document: Resource) -> Receipt:
    """What a message is known again by. Sent again its Bundle may have another id and time."""
    said = {name: value for name, value in document.items() if name not in _OF_THE_ENVELOPE}
    return Receipt(message=hashed(_KIND, header.endpoint, header.id), content=hashed(encode(said)))


def _instant(text: object) -> datetime | None:
    """When a Bundle says that it was put together; None where it does not, or not in a way that can be read."""
    try:
        return _START + timedelta(microseconds=range_of(text)[0]) if isinstance(text, str) else None
    except (ValueError, OverflowError):
        return None
