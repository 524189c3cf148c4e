"""The messages that items were made from, as they came; and how often nothing was made of which of their fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import Clock, NotFound
from concord.fhir import Resource, told
from concord.governance import Duty, permit_duty
from concord.record.wire import as_sent
from concord.store import Reading, Store, body, items, originals, people, versions
from concord.store.items import Place

TELLING = permit_duty(Duty(name="originals"))


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptOriginal:
    """A message: what it is ("HL7 v2 ADT^A01"), by which feed it came ("" for none), when, and its bytes."""

    kind: str
    feed: str
    received_at: datetime
    content: bytes = field(repr=False)


class Originals:
    def __init__(self, store: Store, audit: AuditWriter, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._codec = body.Codec()

    def unmapped(self, feed: str) -> Mapping[str, int]:
        """How often nothing was made of each field of a feed's messages ("PID-18"), what occurs most first; of nobody
        in particular."""
        with self._store.reading() as reading:
            return originals.unmapped(reading, feed)

    def of_item(self, type_: str, id_: str) -> Audited[Sequence[KeptOriginal]]:
        """The messages that an item names as it stands, whole, the newest first: for those who run the installation.

        A message may hold more of the person than the item, and of others; looking is a read in their record. NotFound
        for an item that is not held, or of which no message is.
        """
        with self._store.reading() as reading:
            place = items.locate(reading, type_, id_)
            item = None if place is None else items.read_one(reading, TELLING, place)
            person = None if place is None else people.person_of(reading, place.source)
            found = []
            if place is not None and item is not None:
                found = kept_of(reading, place, as_sent(type_, item, self._codec))
        event = AuditEvent(
            at=self._clock.now(), action="original", outcome="shown" if found else "nothing", who="duty:originals",
            person=person, detail={"count": len(found)},
        )  # fmt: skip
        if not found:
            nothing = NotFound(f"No message is kept of {type_}/{id_}. `concord feed trace` gives the ids of items.")
            return self._audit.refuse(nothing, [event])
        return self._audit.record(found, [event])


def kept_of(reading: Reading, place: Place, resource: Resource) -> list[KeptOriginal]:
    """The messages that an item names, which lie where it lies, or where it lay when they came."""
    name = f"{resource['resourceType']}/{resource['id']}"
    before = versions.locate_deleted(reading, [name]).get(name, [])
    names = dict.fromkeys(each.partition(" ")[2] for one in told(resource) for each in one.messages)
    return [
        KeptOriginal(kind=row.kind, feed=row.feed, received_at=body.instant(row.received_at), content=row.content)
        for row in originals.of_item(reading, [place, *before], list(names))
    ]
