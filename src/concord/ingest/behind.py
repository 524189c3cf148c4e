"""What an item was made from, as whoever has the item may see it: in the sender's words, no more than it says."""

from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

from concord.audit import Audited
from concord.base import Incorrect
from concord.governance import Viewer
from concord.ingest import gpconnect, hl7v2, tables
from concord.ingest.feeds import FeedDescription, read_feed
from concord.ingest.model import Feed
from concord.ingest.said import FieldSaid
from concord.record import Behind, KeptOriginal, OpenItem, Records


@dataclass(frozen=True, kw_only=True, slots=True)
class MessageBehind:
    """A message, an entry of a bundle or a row of a table. `kind` such as "HL7 v2 ADT^A01"; `feed` by which it came, ""
    for none; `said`: the fields that the item has its words from, none where what it said has been overtaken."""

    kind: str
    feed: str
    received_at: datetime
    said: Sequence[FieldSaid]


class ItemMessages:
    """`folder`: where feeds are described, whose mappings say how rows are read; None: nowhere."""

    def __init__(self, records: Records, folder: Path | None = None) -> None:
        self._records = records
        self._folder = folder

    def behind(self, type_: str, id_: str, viewer: Viewer) -> Audited[Behind[MessageBehind]]:
        """NotFound for what is not open to the viewer, not of their own organisation, or came by no message."""
        return self._records.originals.behind(type_, id_, viewer, self._told)

    def _told(self, kept: Sequence[KeptOriginal], item: OpenItem) -> list[MessageBehind]:
        """Of several that say the same of the item the first: another may have come for what is not open. Nor one that
        says but a part of what a later one of its kind does."""
        read_against = Feed(
            organisation=item.organisation,
            earlier=_NothingEarlier(),
            snapshots=_NothingEarlier(),
            services=self._records.services(item.organisation),
        )
        told: list[MessageBehind] = []
        for each in reversed(kept):
            said = self._said(each, read_against, item)
            if not any((before.kind, before.said) == (each.kind, said) for before in told):
                told = [before for before in told if before.kind != each.kind or not _is_part(before.said, said)]
                told.append(MessageBehind(kind=each.kind, feed=each.feed, received_at=each.received_at, said=said))
        return told[::-1]

    def _said(self, kept: KeptOriginal, read_against: Feed, item: OpenItem) -> Sequence[FieldSaid]:
        if kept.kind == gpconnect.ENTRY:
            return gpconnect.in_senders_words(kept.content, item)
        if not kept.kind.startswith(tables.ROW_OF):
            by_feed = replace(read_against, character_set=self._character_set_of(kept.feed))
            return hl7v2.in_senders_words(kept.content, by_feed, item)
        mapping = self._mapping_of(kept.feed)
        return [] if mapping is None else tables.in_senders_words(kept.content, kept.kind, mapping, item)

    def _mapping_of(self, feed: str) -> tables.TableMapping | None:
        """That by which the feed's rows are read today; None where it cannot be read."""
        try:
            described = self._described(feed)
            if described is None or (mapping := described.mapping) is None:
                return tables.council()
            stat = mapping.stat()
            return _read(mapping, stat.st_mtime_ns, stat.st_size)
        except (Incorrect, OSError):
            return None

    def _character_set_of(self, feed: str) -> str:
        with suppress(Incorrect):
            if (described := self._described(feed)) is not None:
                return described.character_set
        return "utf-8"

    def _described(self, feed: str) -> FeedDescription | None:
        """As its file says today; None for what came by no feed. Raises Incorrect."""
        return read_feed(self._folder / f"{feed}.yaml") if feed and self._folder is not None else None


@lru_cache(maxsize=64)
def _read(path: Path, changed_at: int, size: int) -> tables.TableMapping:  # noqa: ARG001 - part of the key: they tell that the file has changed
    return tables.read_mapping(path)


def _is_part(some: Sequence[FieldSaid], every: Sequence[FieldSaid]) -> bool:
    return bool(some) and all(each in every for each in some)


class _NothingEarlier:
    """What a message is read against, for it alone to speak: nothing was said before it."""

    def resource(self, type_: str, source_id: str) -> dict[str, Any] | None:  # noqa: ARG002 - the door has it; the answer is the same for all
        return None

    def told_of_visit(self, visit: str, besides: Collection[tuple[str, str]]) -> Sequence[tuple[str, dict[str, Any]]]:  # noqa: ARG002 - the door has it; the answer is the same for all
        return ()

    def held(self, source: str) -> set[tuple[str, str]]:  # noqa: ARG002 - the door has it; the answer is the same for all
        return set()

    def note(self, source: str, names: Collection[tuple[str, str]]) -> None: ...

    def strike(self, source: str, names: Collection[tuple[str, str]]) -> None: ...
