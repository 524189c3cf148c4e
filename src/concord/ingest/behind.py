"""The messages behind an item, as whoever has the item may see them: in the sender's words, no more than it says."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord.audit import Audited
from concord.governance import Viewer
from concord.ingest.hl7v2 import FieldSaid, in_senders_words
from concord.ingest.model import Feed
from concord.record import Behind, KeptOriginal, OpenItem, Records


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageBehind:
    """`kind` such as "HL7 v2 ADT^A01"; `feed` by which it came, "" for none; `said`: the fields that the item has its
    words from, none where what it said has been overtaken."""

    kind: str
    feed: str
    received_at: datetime
    said: Sequence[FieldSaid]


class ItemMessages:
    def __init__(self, records: Records) -> None:
        self._records = records

    def behind(self, type_: str, id_: str, viewer: Viewer) -> Audited[Behind[MessageBehind]]:
        """NotFound for what is not open to the viewer, not of their own organisation, or came by no message."""
        return self._records.originals.behind(type_, id_, viewer, self._told)

    def _told(self, kept: Sequence[KeptOriginal], item: OpenItem) -> list[MessageBehind]:
        """Of several that say the same of the item the first: another may have come for what is not open."""
        read_against = Feed(
            organisation=item.organisation,
            earlier=_NothingEarlier(),
            snapshots=_NothingEarlier(),
            services=self._records.services(item.organisation),
        )
        told: list[MessageBehind] = []
        for each in reversed(kept):
            said = in_senders_words(each.content, read_against, item)
            if not any((before.kind, before.said) == (each.kind, said) for before in told):
                told.append(MessageBehind(kind=each.kind, feed=each.feed, received_at=each.received_at, said=said))
        return told[::-1]


class _NothingEarlier:
    """What a message is read against, for it alone to speak: nothing was said before it."""

    def resource(self, type_: str, source_id: str) -> dict[str, Any] | None:  # noqa: ARG002 - the door has it; the answer is the same for all
        return None

    def held(self, source: str) -> set[tuple[str, str]]:  # noqa: ARG002 - the door has it; the answer is the same for all
        return set()

    def note(self, source: str, names: Collection[tuple[str, str]]) -> None: ...

    def strike(self, source: str, names: Collection[tuple[str, str]]) -> None: ...
