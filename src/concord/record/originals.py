"""What items were made from (messages, entries of bundles, rows), as it came; and how often nothing was made of which
field of messages.

A message may hold more than the item, sealed and labelled things and other people among it. So a user is told of one
what an open item of their own organisation says already, in its sender's words (`docs/adr/0030-originals-are-kept.md`);
whole it is for those who run the installation.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Never, TypeVar

from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import Clock, Keys, NotFound, OdsCode, PersonId
from concord.fhir import Resource, told
from concord.governance import Decided, Directory, Duty, Gate, Viewer, permit_duty
from concord.record.asking import asked
from concord.record.reading import ItemReader
from concord.record.scopes import Timings
from concord.record.seen import Seen
from concord.record.wire import as_sent
from concord.store import Reading, Store, body, items, originals, people, versions
from concord.store.items import Place

TELLING = permit_duty(Duty(name="originals"))
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptOriginal:
    """A message ("HL7 v2 ADT^A01"), an entry or a row ("Row of council people"), by which feed it came ("" for none),
    when, where it stood ("people.csv:12"; "" for what came by itself), and its bytes."""

    kind: str
    feed: str
    received_at: datetime
    place: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenItem:
    """An item as the viewer has it, and who contributed it, of which a message may be told: `is_it` knows it by type
    and source id."""

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
                found = self._kept_of(reading, place, as_sent(type_, item, self._codec))
        if not found:
            nothing = NotFound(f"No message is kept of {type_}/{id_}. `concord feed trace` gives the ids of items.")
            return self._audit.refuse(nothing, [self._looked(person, 0)])
        return self._audit.record(found, [self._looked(person, len(found))])

    def of_control_id(self, control_id: str) -> Audited[Sequence[KeptOriginal]]:
        """The messages of a number ("M123"), of whomever, whole, the newest first, each once: for those who run the
        installation. A look in the record of each of whom they tell. NotFound where there is none."""
        return self._wherever(lambda reading: originals.numbered(reading, control_id, self._codec))

    def at_place(self, place: str) -> Audited[Sequence[KeptOriginal]]:
        """The same of what stood at a place ("people.csv:12")."""
        return self._wherever(lambda reading: originals.at_place(reading, place, self._codec))

    def _wherever(
        self, find: Callable[[Reading], Sequence[tuple[people.Source, originals.OriginalRow]]]
    ) -> Audited[Sequence[KeptOriginal]]:
        with self._store.reading() as reading:
            rows = find(reading)
            persons = Counter(people.person_of(reading, source) for source, _ in rows)
        if not rows:
            nothing = NotFound("Nothing of this name, or that stood there, is kept.")
            return self._audit.refuse(nothing, [self._looked(None, 0)])
        found = [_kept(row) for row in dict.fromkeys(row for _, row in rows)]
        return self._audit.record(found, [self._looked(person, count) for person, count in persons.items()])

    def _looked(self, person: PersonId | None, count: int) -> AuditEvent:
        return AuditEvent(
            at=self._clock.now(), action="original", outcome="shown" if count else "nothing", who="duty:originals",
            person=person, detail={"count": count},
        )  # fmt: skip

    def behind(
        self, type_: str, id_: str, viewer: Viewer, tell: Callable[[Sequence[KeptOriginal], OpenItem], Sequence[T]]
    ) -> Audited[Behind[T]]:
        """What `tell` makes of the messages that an item names, the newest first. It gets the item as the viewer has
        it, and must tell nothing that does not stand there, nor how many messages said the same. NotFound for what is
        not open to the viewer, of neither their own organisation nor one in whose place it stands, or of which no
        message is kept, all alike."""
        timings: Timings = {}
        with self._store.reading() as reading:
            found = self._reader.open_item(reading, type_, id_, viewer, timings)
            if found is None:
                return self._nothing(viewer)
            scope, item = found
            sender = self._gate.organisation_of(reading, item.source)
            directory = self._gate.policy(reading).directory
            if sender not in told_of(scope.decided, viewer, directory, self._clock.now()):
                return self._nothing(viewer)
            resource = self._reader.resource(reading, item, scope)
            kept = self._kept_of(reading, item.place, as_sent(type_, item, self._codec))
        if not kept or scope.person is None:
            return self._nothing(viewer)
        seen = OpenItem(
            organisation=sender,
            resource=resource,
            is_it=lambda of, source_id: (of, self._keys.logical_id(sender, of, source_id)) == (type_, id_),
        )
        shown = Behind(person=scope.person, type=type_, messages=tell(kept, seen))
        event = self._reader.shown(viewer, "original", scope, Seen([(item, b"")]), type=type_)
        return self._audit.record(shown, [event], timings)

    def _nothing(self, viewer: Viewer) -> Audited[Never]:
        refusal = NotFound("There is no message to show.")
        return self._audit.refuse(refusal, [asked(self._clock.now(), viewer, "original", "nothing")])

    def _kept_of(self, reading: Reading, place: Place, resource: Resource) -> list[KeptOriginal]:
        """What an item was made from, which lies where the item lies, or where it lay when that came."""
        name, *messages = names_in(resource["resourceType"], resource["id"], resource)
        before = versions.locate_deleted(reading, [name]).get(name, [])
        return [_kept(row) for row in originals.of_item(reading, [place, *before], [name, *messages], self._codec)]


def told_of(decided: Decided | None, viewer: Viewer, directory: Directory, now: datetime) -> Collection[OdsCode]:
    """Of whose contributions somebody may be told what they were made from: at work, of their own organisation's, and
    of those in whose place it stands (`docs/adr/0029-an-organisation-is-succeeded.md`: these are its own)."""
    at_work = decided is not None and not decided.own and not decided.acting
    return directory.seats(viewer.organisation, now) if at_work else ()


def names_in(type_: str, id_: str, resource: Resource) -> list[str]:
    """Under which names that is kept which an item was made from: its own, and those of the messages that it names."""
    messages = (each.partition(" ")[2] for one in told(resource) for each in one.messages)
    return list(dict.fromkeys((f"{type_}/{id_}", *messages)))


def _kept(row: originals.OriginalRow) -> KeptOriginal:
    received_at = body.instant(row.received_at)
    return KeptOriginal(
        kind=row.kind, feed=row.feed, received_at=received_at, place=row.place, content=row.content
    )  # fmt: skip
