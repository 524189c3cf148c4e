"""Anything that came, followed through the steps: in a file; or what Concord keeps, in quarantine, or as a message or
row that was taken in, by its number or from an item that it made."""

import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from concord.audit import Audited
from concord.base import Incorrect, NotFound, OdsCode
from concord.ingest.feeds import FeedDescription
from concord.ingest.replaying import alone
from concord.ingest.tables import ROW_OF
from concord.ingest.tracing import Makes, Trace, TracingDoor, number_of, traces
from concord.record import Held, KeptOriginal

_STANDS_ALONE = ("HL7 v2 ", ROW_OF)


class KeptOriginals(Protocol):
    """See `concord.record.Originals`."""

    def of_control_id(self, control_id: str) -> Audited[Sequence[KeptOriginal]]: ...

    def of_item(self, type_: str, id_: str) -> Audited[Sequence[KeptOriginal]]: ...


class KeptTracingDoor(TracingDoor, Protocol):
    @property
    def originals(self) -> KeptOriginals: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Traces:
    """`feed`: the feed of a name. `logical_id` of what an organisation calls an item. A feed's name is needed for what
    came by none; it also says by which feed to read what came by another. Looking is audited."""

    records: KeptTracingDoor
    feed: Callable[[str], FeedDescription]
    logical_id: Callable[[OdsCode, str, str], str]

    def of_file(
        self, path: Path, feed: str, *, entry: int | None = None, number: str = "", item: str = ""
    ) -> Iterator[Trace]:
        """Of all in a file; or of one entry, of the HL7 v2 messages of one number, of what makes one item (Type/id)."""
        read_by = self.feed(feed)
        makes = self._makes(item, read_by) if item else None
        yield from traces(path, read_by, self.records, entry=entry, number=number, makes=makes)

    def of_held(self, number: int, feed: str = "") -> Iterator[Trace]:
        """Of one that is in quarantine, as its feed and mapping are now. NotFound where none is."""
        held, _ = self.records.rejects.one(number)
        yield from self._of_held(held, self._feed(feed or held.feed))

    def of_item(self, item: str, feed: str = "") -> Iterator[Trace]:
        """Of the messages and rows that an item (Type/id) was made from, as far as they made it. NotFound where none is
        kept."""
        type_, _, id_ = item.partition("/")
        for kept in self.records.originals.of_item(type_, id_).wait():
            read_by = self._feed(feed or kept.feed)
            yield from self._of_kept(kept, read_by, self._makes(item, read_by))

    def of_number(self, number: str, feed: str) -> Iterator[Trace]:
        """Of the HL7 v2 messages of a number (MSH-10) that came by a feed: those taken in (by it, or by no feed), then
        those in quarantine. NotFound where there is none."""
        read_by, found = self.feed(feed), False
        with suppress(NotFound):
            for kept in self.records.originals.of_control_id(number).wait():
                if kept.feed in (read_by.name, ""):
                    found = True
                    yield from self._of_kept(kept, read_by)
        for held in self.records.rejects.held():
            if held.feed != read_by.name:
                continue
            if number_of(self.records.rejects.one(held.number)[1], read_by) == number:
                found = True
                yield from self._of_held(held, read_by)
        if not found:
            raise NotFound(
                f"No message of this number is kept that came by {read_by.name}, and none is in its quarantine. "
                "`concord feed trace NAME FILE --control-id NUMBER` looks in a file."
            )

    def _feed(self, name: str) -> FeedDescription:
        if not name:
            raise Incorrect("It came by no feed. Name the feed by which to read it.")
        return self.feed(name)

    def _makes(self, item: str, feed: FeedDescription) -> Makes:
        return lambda type_, source_id: f"{type_}/{self.logical_id(feed.organisation, type_, source_id)}" == item

    def _of_held(self, held: Held, feed: FeedDescription) -> Iterator[Trace]:
        original = self.records.rejects.original(held.number).wait()
        told = f"{held.kind}, held under the number {held.number}: {held.file}, {held.position}"
        for each in self._of_bytes(alone(held, original), held.file, feed):
            yield replace(each, kind=told)

    def _of_kept(self, kept: KeptOriginal, feed: FeedDescription, makes: Makes | None = None) -> Iterator[Trace]:
        """Of an entry of a bundle only that it is kept: it says nothing without the others."""
        at, by = f" in {kept.place}" if kept.place else "", f" by {kept.feed}" if kept.feed else ""
        kind = f"{kept.kind}{at}, came {kept.received_at:%Y-%m-%d %H:%M}{by}"
        if not kept.kind.startswith(_STANDS_ALONE):
            told = "it is kept, and says nothing by itself: to follow it, name the feed and the file"
            yield Trace(entry=1, kind=kind, steps=[("receive", told)])
            return
        for each in self._of_bytes(kept.content, kept.place.rpartition(":")[0], feed, makes):
            yield replace(each, kind=kind)

    def _of_bytes(
        self, content: bytes, file: str, feed: FeedDescription, makes: Makes | None = None
    ) -> Iterator[Trace]:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / (Path(file).name or "kept")
            path.write_bytes(content)
            yield from traces(path, feed, self.records, makes=makes)
