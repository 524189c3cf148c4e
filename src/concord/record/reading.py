"""Reading one item by id, and how any item goes out: whole to its source, cut for everybody else."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from concord.audit import Action, Audited, AuditEvent, AuditWriter
from concord.base import Clock, ConcordError, Keys, NotFound, PersonId
from concord.fhir import Resource, encode, parse
from concord.governance import Asker, Gate, SourceSystem, Viewer
from concord.record.asking import asked
from concord.record.model import ItemDeleted
from concord.record.references import NAMES_NO_PERSON
from concord.record.rows import Rows
from concord.record.scopes import Scope, Scopes, Timings
from concord.record.seen import Seen
from concord.record.wire import cut, version_id, whole
from concord.store import Reading, Store, body, items
from concord.store.items import StoredItem

_WORDLESS = re.compile(rf'\{{"reference":"({"|".join(sorted(NAMES_NO_PERSON))})/([A-Za-z0-9.-]+)"\}}'.encode())


class Served(NamedTuple):
    """An item as it goes out: `wire` is the whole resource in JSON, cut for the asker. A tuple, as `StoredItem` is."""

    type: str
    id: str
    version: str
    stored_micros: int
    wire: bytes

    @property
    def stored_at(self) -> datetime:
        return body.instant(self.stored_micros)


class Opened:
    """An open item as its asker may have it, as bytes and as a resource: each made when first asked for, from one
    reading of its body."""

    __slots__ = ("_reader", "_reading", "_resource", "_wire", "item", "scope", "type")

    def __init__(self, reader: "ItemReader", reading: Reading, item: StoredItem, scope: Scope) -> None:
        self._reader = reader
        self._reading = reading
        self._wire: bytes | None = None
        self._resource: Resource | None = None
        self.item = item
        self.scope = scope
        self.type = reading.words.text(reading, item.type)

    @property
    def name(self) -> str:
        """ "Type/id"."""
        return f"{self.type}/{self.item.id}"

    @property
    def resource(self) -> Resource:
        self._make()
        if self._resource is None:
            assert self._wire is not None
            self._resource = parse(self._wire)
        return self._resource

    @property
    def served(self) -> Served:
        self._make()
        if self._wire is None:
            self._wire = encode(self._resource)
        return self._reader.served(self.type, self.item, self._wire)

    def _make(self) -> None:
        if self._wire is None and self._resource is None:
            self._wire, self._resource = self._reader.content(self._reading, self.item, self.scope)


@dataclass(frozen=True, slots=True)
class Found:
    """One page of an answer; `next` is the sealed token of the next, None on the last."""

    items: Sequence[Served]
    included: Sequence[Served]
    total: int | None
    next: str | None


class ItemReader:
    """Read by id; and for its neighbours, which find items in their own ways, how an item goes out and is told of."""

    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._keys = keys
        self._clock = clock
        self._codec = body.Codec()
        self.scopes = Scopes(gate, keys)
        self._rows = Rows(gate, keys)

    def read(self, type_: str, id_: str, asker: Asker) -> Audited[Served]:
        """One item by id. NotFound, in the same words, for what is absent and what is hidden.

        Its source hears ItemDeleted of what it deleted.
        """
        timings: Timings = {}
        with self._store.reading() as reading:
            found = self.open_item(reading, type_, id_, asker, timings)
            if found is None:
                nothing = asked(self._clock.now(), asker, "read", "nothing", detail={"type": type_})
                refusal: ConcordError = NotFound(f"There is no {type_} with this id here.")
                if isinstance(asker, SourceSystem) and self.scopes.former(reading, type_, id_, asker)[1]:
                    refusal = ItemDeleted("This item was deleted. Its history still has it.")
                return self._audit.refuse(refusal, [nothing])
            scope, item = found
            served = self.serve(reading, item, scope)
        seen = Seen([(item, served.wire)])
        return self._audit.record(served, [self.shown(asker, "read", scope, seen, type=type_)], timings)

    def open_item(
        self, reading: Reading, type_: str, id_: str, asker: Asker, timings: Timings
    ) -> tuple[Scope, StoredItem] | None:
        """An item that is open to the asker, and in what scope; None alike for what is hidden and what is absent."""
        found = self.scopes.of_item(reading, type_, id_, asker, timings)
        item = None if found is None else self._rows.one(reading, *found)
        return None if found is None or item is None else (found[0], item)

    # -- for the neighbours, which have a scope already ----------------------------------------------------------------

    def scope_of_person(self, reading: Reading, person: PersonId, viewer: Viewer, timings: Timings) -> Scope | None:
        """None for whom no source knows."""
        return self.scopes.of_person(reading, person, viewer, timings)

    def rows(self, reading: Reading, scope: Scope) -> Iterator[StoredItem]:
        """Every row of a person that the scope opens."""
        return self._rows.of(reading, scope)

    def resource(self, reading: Reading, item: StoredItem, scope: Scope) -> Resource:
        """A row as the resource that this asker may have."""
        return self.opened(reading, item, scope).resource

    def serve(self, reading: Reading, item: StoredItem, scope: Scope) -> Served:
        """A row as it goes out, cut for whoever asked."""
        wire, resource = self.content(reading, item, scope)
        return self.served(reading.words.text(reading, item.type), item, encode(resource) if wire is None else wire)

    def served(self, type_: str, item: StoredItem, wire: bytes) -> Served:
        return Served(type_, item.id, version_id(self._keys, item.stored_at), item.stored_at, wire)

    def opened(self, reading: Reading, item: StoredItem, scope: Scope) -> Opened:
        """A row that the scope opens, to be looked at and perhaps to go out."""
        return Opened(self, reading, item, scope)

    def content(self, reading: Reading, item: StoredItem, scope: Scope) -> tuple[bytes | None, Resource | None]:
        """A row as this asker may have it: in bytes when it goes out as it lies, else as a resource."""
        type_ = reading.words.text(reading, item.type)
        locates = scope.decided is None or scope.decided.locates
        source = self._gate.organisation_of(reading, item.source) if locates else None
        wire = whole(type_, item, self._codec, self._keys, source)
        if scope.whole:
            return wire, None
        others = [one for one in scope.patients(reading) if one != item.id] if type_ == "Patient" else ()
        if item.plain and locates and not others:
            return wire, None
        return None, cut(parse(wire), locates=locates, seealso=others)

    def add_referred(
        self, reading: Reading, scope: Scope, by: StoredItem, wire: bytes, known: dict[str, dict[str, Any]]
    ) -> None:
        """Add what names nobody and an open item refers to without saying in words what it is."""
        for type_, id_ in _WORDLESS.findall(wire):
            name = f"{type_.decode()}/{id_.decode()}"
            if name in known:
                continue
            known[name] = {}
            place = items.locate(reading, type_.decode(), id_.decode())
            item = None if place is None else self._rows.referred(reading, scope, place, by)
            if item is not None:
                served = self.serve(reading, item, scope).wire
                known[name] = parse(served)
                if type_ == b"PractitionerRole":
                    self.add_referred(reading, scope, by, served, known)

    def shown(self, asker: Asker, action: Action, scope: Scope, seen: Seen, **detail: object) -> AuditEvent:
        """The row that tells of items: which versions, and to a user of which headings (a source's own it knows)."""
        person, decided = scope.person, scope.decided
        detail |= seen.facts()
        if decided is not None:
            detail["headings"] = seen.headings
        return asked(self._clock.now(), asker, action, "shown", person=person, decided=decided, detail=detail)
