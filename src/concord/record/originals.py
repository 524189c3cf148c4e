"""The messages that items were made from, as they came; and how often nothing was made of which of their fields.

A message may hold more than the item, sealed and labelled things and other people among it. So a user is told of one
what an open item of their own organisation says already, in its sender's words (`docs/adr/0030-originals-are-kept.md`);
whole it is for those who run the installation.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Never, TypeVar

from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import Clock, Keys, NotFound, OdsCode, PersonId
from concord.fhir import Resource, told
from concord.governance import Duty, Gate, Viewer, permit_duty
from concord.record.asking import asked
from concord.record.reading import ItemReader
from concord.record.scopes import Scope, Timings
from concord.record.seen import Seen
from concord.record.wire import as_sent
from concord.store import Reading, Store, body, items, originals, people, versions
from concord.store.items import Place, StoredItem

TELLING = permit_duty(Duty(name="originals"))
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptOriginal:
    """A message: what it is ("HL7 v2 ADT^A01"), by which feed it came ("" for none), when, and its bytes."""

    kind: str
    feed: str
    received_at: datetime
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenItem:
    """An item as the viewer has it, of which a message may be told: `is_it` knows it by type and source id."""

    organisation: OdsCode
    resource: Resource
    is_it: Callable[[str, str], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Behind(Generic[T]):
    """What is told of the messages behind an item, the newest first."""

    person: PersonId
    type: str
    messages: Sequence[T]


class Originals:
    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock, reader: ItemReader
    ) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._keys = keys
        self._clock = clock
        self._reader = reader
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

    def behind(
        self, type_: str, id_: str, viewer: Viewer, tell: Callable[[Sequence[KeptOriginal], OpenItem], Sequence[T]]
    ) -> Audited[Behind[T]]:
        """What `tell` makes of the messages that an item names, the newest first. It gets the item as the viewer has
        it, and must tell nothing that does not stand there, nor how many messages said the same. NotFound for what is
        not open to the viewer, not of their own organisation, or of which no message is kept, all alike."""
        timings: Timings = {}
        with self._store.reading() as reading:
            found = self._reader.open_item(reading, type_, id_, viewer, timings)
            if found is None or not self._is_own(reading, *found, viewer):
                return self._nothing(viewer)
            scope, item = found
            resource = self._reader.resource(reading, item, scope)
            kept = kept_of(reading, item.place, as_sent(type_, item, self._codec))
        if not kept or scope.person is None:
            return self._nothing(viewer)
        own = viewer.organisation
        seen = OpenItem(
            organisation=own,
            resource=resource,
            is_it=lambda of, source_id: (of, self._keys.logical_id(own, of, source_id)) == (type_, id_),
        )
        shown = Behind(person=scope.person, type=type_, messages=tell(kept, seen))
        event = self._reader.shown(viewer, "original", scope, Seen([(item, b"")]), type=type_)
        return self._audit.record(shown, [event], timings)

    def _is_own(self, reading: Reading, scope: Scope, item: StoredItem, viewer: Viewer) -> bool:
        """Whether somebody at work looks at what their own organisation contributed."""
        decided = scope.decided
        at_work = decided is not None and not decided.own and not decided.acting
        return at_work and self._gate.organisation_of(reading, item.source) == viewer.organisation

    def _nothing(self, viewer: Viewer) -> Audited[Never]:
        refusal = NotFound("There is no message to show.")
        return self._audit.refuse(refusal, [asked(self._clock.now(), viewer, "original", "nothing")])


def kept_of(reading: Reading, place: Place, resource: Resource) -> list[KeptOriginal]:
    """The messages that an item names, which lie where it lies, or where it lay when they came."""
    name = f"{resource['resourceType']}/{resource['id']}"
    before = versions.locate_deleted(reading, [name]).get(name, [])
    names = dict.fromkeys(each.partition(" ")[2] for one in told(resource) for each in one.messages)
    return [
        KeptOriginal(kind=row.kind, feed=row.feed, received_at=body.instant(row.received_at), content=row.content)
        for row in originals.of_item(reading, [place, *before], list(names))
    ]
