"""Versions of items: one by name, all of an item, and, for a source system, all of what it contributed of a type.

A user is told of a version only if the item as it is now is open, and the version too, as it was labelled then and with
the labels that flow to it from what it refers to: nothing comes back from before a seal or a label. How many versions
there are that are not shown, nothing tells.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import NamedTuple, Never

from concord.audit import Audited, AuditWriter
from concord.base import Clock, ConcordError, Forbidden, Incorrect, Keys, NotFound
from concord.fhir import BEGINNING, END
from concord.governance import Asker, Gate, SourceSystem, permit_source
from concord.record.asking import asked
from concord.record.model import ItemDeleted
from concord.record.paging import Key, Pager
from concord.record.reading import ItemReader, Served
from concord.record.rows import Rows
from concord.record.scopes import Scope, Timings
from concord.record.seen import Seen
from concord.store import Reading, Store, people, versions
from concord.store.items import Place, StoredItem

_PAGE = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Past:
    """Which versions are wanted: stored at `since` or later; current at some time within `during` ([low, high)).

    In microseconds since 1970 UTC.
    """

    since: int | None = None
    during: tuple[int, int] | None = None


class Version(NamedTuple):
    """A version as it goes out. `deleted`: it says that the item was deleted, and `served.wire` is empty.

    `first`: the item was not there before, as far as the asker is told.
    """

    served: Served
    deleted: bool
    first: bool


@dataclass(frozen=True, slots=True)
class History:
    """One page, the newest first; `total` counts all pages, `next` is the sealed token of the next."""

    versions: Sequence[Version]
    total: int
    next: str | None


class Historian:
    """One snapshot, one decision and one audit row a request."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock, reader: ItemReader
    ) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._reader = reader
        self._rows = Rows(gate, keys)
        self._pager = Pager(keys, clock)

    def version(self, type_: str, id_: str, version: str, asker: Asker) -> Audited[Served]:
        """One version by its name. NotFound for what is absent or hidden; to its source ItemDeleted for a deletion."""
        timings: Timings = {}
        with self._store.reading() as reading:
            scope, found = self._versions(reading, type_, id_, asker, timings)
            for item in found:
                assert scope is not None
                served = self._reader.serve(reading, item, scope)
                if served.version != version:
                    continue
                if item.lifecycle == versions.DELETED:
                    return self._nothing(asker, type_, ItemDeleted("This version says that the item was deleted."))
                shown = self._reader.shown(asker, "read", scope, Seen([(item, served.wire)], past=True), type=type_)
                return self._audit.record(served, [shown], timings)
        return self._nothing(asker, type_, NotFound(f"There is no such version of a {type_} here."))

    def of_item(
        self, type_: str, id_: str, asker: Asker, *, past: Past, count: int | None, page: str | None
    ) -> Audited[History]:
        """The versions of one item. NotFound for what is absent or hidden."""
        timings: Timings = {}
        with self._store.reading() as reading:
            scope, found = self._versions(reading, type_, id_, asker, timings)
            if scope is None or not found:
                return self._nothing(asker, type_, NotFound(f"There is no {type_} with this id here."))
            told = list(_told(found, past))
            shown, following = self._pager.page(
                told, _when, count=_PAGE if count is None else count, token=page,
                query=f"history/{type_}/{id_}/{past}", asker=asker,
            )  # fmt: skip
            served = [self._served(reading, scope, item, first=first) for item, first in shown]
            seen = Seen(((item, each.served.wire) for (item, _), each in zip(shown, served, strict=True)), past=True)
            event = self._reader.shown(asker, "read", scope, seen, type=type_, history=True)
        return self._audit.record(History(served, len(told), following), [event], timings)

    def of_type(self, type_: str, asker: Asker, *, past: Past, count: int | None, page: str | None) -> Audited[History]:
        """The versions of all items of a type that a source system contributed. Forbidden to users, always."""
        if not isinstance(asker, SourceSystem):
            raise Forbidden("The history of a type is for source systems. Ask for the history of one item.")
        if past.during is not None:
            raise Incorrect("_at is for the history of one item. Ask for that of a type with _since.")
        scope = Scope(permit_source(asker))
        with self._store.reading() as reading:
            number = reading.words.number(reading, type_) or 0
            since = BEGINNING if past.since is None else past.since
            at = sorted(versions.versions_of_type(reading, scope.permitted, number, since=since), key=_order)
            shown, following = self._pager.page(
                at, _order, count=_PAGE if count is None else count, token=page,
                query=f"history/{type_}/{past}", asker=asker,
            )  # fmt: skip
            served = list(self._each(reading, scope, number, shown))
        detail = {"type": type_, "history": True, "count": len(served)}
        event = asked(self._clock.now(), asker, "search", "shown" if served else "nothing", detail=detail)
        return self._audit.record(History(served, len(at), following), [event])

    # ------------------------------------------------------------------------------------------------------------------

    def _versions(
        self, reading: Reading, type_: str, id_: str, asker: Asker, timings: Timings
    ) -> tuple[Scope | None, list[StoredItem]]:
        """What the asker may be told of an item's versions, the newest first. Of deletions its source alone is told."""
        found = self._reader.scopes.of_item(reading, type_, id_, asker, timings)
        item = None if found is None else self._rows.one(reading, *found)
        if isinstance(asker, SourceSystem):
            return self._of_source(reading, type_, id_, asker, item)
        if found is None or item is None:
            return None, []
        return found[0], self._rows.versions(reading, found[0], item)

    def _of_source(
        self, reading: Reading, type_: str, id_: str, asker: SourceSystem, item: StoredItem | None
    ) -> tuple[Scope, list[StoredItem]]:
        """All of them, wherever the item lay before it was deleted."""
        permitted = permit_source(asker)
        name, places = self._reader.scopes.former(reading, type_, id_, asker)
        if item is not None:
            name, places = item.id, [item.place, *places]
        number = reading.words.number(reading, type_) or 0
        found = [each for place in places for each in versions.read_versions(reading, permitted, place, number, name)]
        person = people.person_of(reading, found[0].source) if found else None
        return Scope(permitted, person), sorted(found, key=lambda each: -each.stored_at)

    def _each(
        self, reading: Reading, scope: Scope, number: int, wanted: Sequence[versions.VersionAt]
    ) -> Iterator[Version]:
        """The versions that stand at the places; those of one place are read once."""
        read: dict[Place, list[StoredItem]] = {}
        for place, id_, version, _ in wanted:
            if place not in read:
                read[place] = versions.read_versions(reading, scope.permitted, place, number, id_)
            for item, first in _told(read[place], Past()):
                if item.version == version:
                    yield self._served(reading, scope, item, first=first)

    def _served(self, reading: Reading, scope: Scope, item: StoredItem, *, first: bool) -> Version:
        served, deleted = self._reader.serve(reading, item, scope), item.lifecycle == versions.DELETED
        return Version(served._replace(wire=b"") if deleted else served, deleted, first)

    def _nothing(self, asker: Asker, type_: str, refusal: ConcordError) -> Audited[Never]:
        nothing = asked(self._clock.now(), asker, "read", "nothing", detail={"type": type_})
        return self._audit.refuse(refusal, [nothing])


def _told(found: Sequence[StoredItem], past: Past) -> Iterator[tuple[StoredItem, bool]]:
    """The wanted ones, and whether each was the first: reckoned from what is told alone."""
    until = END
    for item, before in zip_longest(found, found[1:]):
        wanted = past.since is None or item.stored_at >= past.since
        if past.during is not None:
            wanted = wanted and item.stored_at < past.during[1] and until > past.during[0]
        if wanted:
            yield item, before is None or before.lifecycle == versions.DELETED
        until = item.stored_at


def _when(told: tuple[StoredItem, bool]) -> Key:
    """Two versions of one item are never of one moment."""
    return (-told[0].stored_at,)


def _order(at: versions.VersionAt) -> Key:
    return -at.stored_at, at.id
