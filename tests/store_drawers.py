"""The store's drawers (`items`, `versions`, `people`, `feed`) as one face, and that face over a real store.

A test that asks through it runs on both engines and on the dictionaries of `store_reference` alike. Each call is a
transaction or snapshot of its own; a change is told to the feed in the transaction that makes it.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, Protocol

from concord.base import NhsNumber, OdsCode, PersonId
from concord.governance import Duty, permit_duty
from concord.store import Permitted, Reading, Store, feed, items, people, versions
from concord.store.feed import CREATED, DELETED, RELABELLED, UPDATED, Change
from concord.store.feed import Told as ToldOfChanges
from concord.store.items import NewRow, Place, StoredItem
from concord.store.people import Demographics, Source

DUTY = permit_duty(Duty(name="matching"))
GONE = b"gone"
"""The body of the version that says that an item was deleted."""


class Told(NamedTuple):
    """What is told of an item, or of one version of it."""

    place: Place
    type: str
    id: str
    version: int
    service: str | None
    heading: int
    labels: int
    lifecycle: int
    stored_at: int
    body: bytes


Arriving = Sequence[tuple[Place, NewRow, int, set[int]]]
"""Of each item its place, its row, its labels and what it is found under."""


class Drawers(Protocol):
    """The store's functions, over one store or the reference. Instants (`at`) in microseconds since 1970 UTC."""

    def new_source_patient(self, home: int, organisation: OdsCode, patient: str | None) -> int: ...
    def insert(self, rows: Arriving, at: int) -> None: ...
    def replace(self, place: Place, row: NewRow, labels: int, gone: set[int], come: set[int], at: int) -> None: ...
    def relabel(self, place: Place, labels: int, at: int) -> None: ...
    def delete(self, place: Place, values: set[int], at: int) -> None: ...
    def come_back(self, row: NewRow, place: Place, at: int) -> None: ...
    def name_others(self, place: Place, others: Iterable[Source]) -> None: ...
    def describe(self, source: Source, demographics: Demographics) -> None: ...
    def forget(self, source: Source) -> None: ...
    def link(self, source: Source, person: PersonId, held_for: PersonId | None) -> None: ...
    def tell(self, changes: Sequence[Change], at: int) -> None: ...
    def advance(self, consumer: str, part: int, to: int) -> None: ...

    def read(self, permitted: Permitted, types: Sequence[str] | None, current_only: bool) -> list[Told]: ...
    def read_under(
        self, permitted: Permitted, values: Sequence[int], types: Sequence[str] | None = None
    ) -> list[Told]: ...
    def read_named(self, permitted: Permitted) -> list[Told]: ...
    def read_one(self, permitted: Permitted, place: Place) -> Told | None: ...
    def read_versions(self, permitted: Permitted, place: Place, type_: str, id_: str) -> list[Told]: ...
    def read_as_of(
        self, permitted: Permitted, at: int, wanted: Sequence[tuple[int, int, int | None]]
    ) -> list[Told]: ...
    def versions_of_type(self, permitted: Permitted, type_: str, since: int) -> list[tuple[Place, str, int, int]]: ...
    def deletions(self, permitted: Permitted, after: int) -> set[tuple[str, str]]: ...
    def locate(self, type_: str, id_: str) -> Place | None: ...
    def locate_deleted(self, name: str) -> list[Place]: ...
    def last_number(self, source: Source) -> int: ...
    def last_version(self, place: Place) -> tuple[int, int]: ...
    def lies_alone(self, place: Place) -> bool: ...
    def linked(self, person: PersonId) -> list[tuple[int, int, OdsCode]]: ...
    def person_of(self, source: Source) -> PersonId | None: ...
    def traced(self, number: str, born_on: str, begins: str) -> list[tuple[int, PersonId | None, bool]]: ...
    def told_after(self, permitted: Permitted, part: int, position: int, most: int) -> list[ToldOfChanges]: ...
    def position(self, consumer: str, part: int) -> int: ...


class OnStore:
    """The drawers of a real store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def new_source_patient(self, home: int, organisation: OdsCode, patient: str | None) -> int:
        with self._store.writing() as writing:
            return people.new_source_patient(writing, home, organisation, patient)

    def insert(self, rows: Arriving, at: int) -> None:
        with self._store.writing() as writing:
            items.insert(writing, [(place, row, labels) for place, row, labels, _ in rows], at)
            items.index(writing, [(value, place) for place, _, _, values in rows for value in values])
            feed.append(writing, [Change(place, 1, CREATED) for place, *_ in rows], at)

    def replace(self, place: Place, row: NewRow, labels: int, gone: set[int], come: set[int], at: int) -> None:
        with self._store.writing() as writing:
            items.unindex(writing, place, gone)
            items.index(writing, [(value, place) for value in come])
            items.replace(writing, place, row, labels, at)
            replaced = items.read_one(writing, DUTY, place)
            assert replaced is not None
            feed.append(writing, [Change(place, replaced.version, UPDATED)], at)

    def relabel(self, place: Place, labels: int, at: int) -> None:
        with self._store.writing() as writing:
            version = items.relabel(writing, place, labels)
            feed.append(writing, [Change(place, version, RELABELLED)], at)

    def delete(self, place: Place, values: set[int], at: int) -> None:
        with self._store.writing() as writing:
            item = items.read_one(writing, DUTY, place)
            assert item is not None
            versions.delete(writing, item, GONE, at)
            items.unindex(writing, place, values)
            items.name_others(writing, place, ())
            feed.append(writing, [Change(place, item.version + 1, DELETED)], at)

    def come_back(self, row: NewRow, place: Place, at: int) -> None:
        with self._store.writing() as writing:
            version, *_ = versions.last_version(writing, place)
            versions.forget_deletion(writing, place)
            items.insert(writing, [(place, row, row.own_labels)], at, version=version + 1)
            feed.append(writing, [Change(place, version + 1, CREATED)], at)

    def name_others(self, place: Place, others: Iterable[Source]) -> None:
        with self._store.writing() as writing:
            items.name_others(writing, place, others)

    def describe(self, source: Source, demographics: Demographics) -> None:
        with self._store.writing() as writing:
            people.describe(writing, source, demographics)

    def forget(self, source: Source) -> None:
        with self._store.writing() as writing:
            people.forget(writing, source)

    def link(self, source: Source, person: PersonId, held_for: PersonId | None) -> None:
        with self._store.writing() as writing:
            people.link(writing, source, person, "test", held_for)

    def tell(self, changes: Sequence[Change], at: int) -> None:
        with self._store.writing() as writing:
            feed.append(writing, changes, at)

    def advance(self, consumer: str, part: int, to: int) -> None:
        with self._store.writing() as writing:
            feed.advance(writing, consumer, part, to)

    def read(self, permitted: Permitted, types: Sequence[str] | None, current_only: bool) -> list[Told]:
        with self._store.reading() as reading:
            return _in_order(reading, items.read(reading, permitted, types=types, current_only=current_only))

    def read_under(self, permitted: Permitted, values: Sequence[int], types: Sequence[str] | None = None) -> list[Told]:
        with self._store.reading() as reading:
            return _in_order(reading, items.read_under(reading, permitted, values, types=types))

    def read_named(self, permitted: Permitted) -> list[Told]:
        with self._store.reading() as reading:
            return _in_order(reading, items.read_named(reading, permitted))

    def read_one(self, permitted: Permitted, place: Place) -> Told | None:
        with self._store.reading() as reading:
            item = items.read_one(reading, permitted, place)
            return None if item is None else _told(reading, item)

    def read_versions(self, permitted: Permitted, place: Place, type_: str, id_: str) -> list[Told]:
        with self._store.reading() as reading:
            number = reading.words.number(reading, type_) or 0
            return [_told(reading, each) for each in versions.read_versions(reading, permitted, place, number, id_)]

    def read_as_of(self, permitted: Permitted, at: int, wanted: Sequence[tuple[int, int, int | None]]) -> list[Told]:
        with self._store.reading() as reading:
            return [_told(reading, each) for each in versions.read_as_of(reading, permitted, at, wanted)]

    def versions_of_type(self, permitted: Permitted, type_: str, since: int) -> list[tuple[Place, str, int, int]]:
        with self._store.reading() as reading:
            number = reading.words.number(reading, type_) or 0
            return sorted(versions.versions_of_type(reading, permitted, number, since=since))

    def deletions(self, permitted: Permitted, after: int) -> set[tuple[str, str]]:
        with self._store.reading() as reading:
            return versions.deletions(reading, permitted, after=after)

    def locate(self, type_: str, id_: str) -> Place | None:
        with self._store.reading() as reading:
            return items.locate(reading, type_, id_)

    def locate_deleted(self, name: str) -> list[Place]:
        with self._store.reading() as reading:
            return versions.locate_deleted(reading, [name]).get(name, [])

    def last_number(self, source: Source) -> int:
        with self._store.writing() as writing:
            return items.last_number(writing, *source)

    def last_version(self, place: Place) -> tuple[int, int]:
        with self._store.writing() as writing:
            version, stored_at, _ = versions.last_version(writing, place)
            return version, stored_at

    def lies_alone(self, place: Place) -> bool:
        with self._store.writing() as writing:
            return versions.lies_alone(writing, place)

    def linked(self, person: PersonId) -> list[tuple[int, int, OdsCode]]:
        with self._store.reading() as reading:
            return people.linked(reading, person)

    def person_of(self, source: Source) -> PersonId | None:
        with self._store.reading() as reading:
            return people.person_of(reading, source)

    def traced(self, number: str, born_on: str, begins: str) -> list[tuple[int, PersonId | None, bool]]:
        with self._store.reading() as reading:
            found = people.with_nhs_number(reading, DUTY, NhsNumber(number))
            found += people.with_name(reading, DUTY, born_on, begins, begins=True)
            return [(each.number, each.person, each.held) for each in found]

    def told_after(self, permitted: Permitted, part: int, position: int, most: int) -> list[ToldOfChanges]:
        with self._store.reading() as reading:
            return feed.after(reading, permitted, part, position, most=most)

    def position(self, consumer: str, part: int) -> int:
        with self._store.reading() as reading:
            return feed.position(reading, consumer, part)


def _in_order(reading: Reading, found: Iterable[StoredItem]) -> list[Told]:
    return sorted((_told(reading, item) for item in found), key=lambda told: told.place)


def _told(reading: Reading, item: StoredItem) -> Told:
    return Told(
        place=item.place, type=reading.words.text(reading, item.type), id=item.id, version=item.version,
        service=reading.words.text(reading, item.service) if item.service else None, heading=item.heading,
        labels=item.labels, lifecycle=item.lifecycle, stored_at=item.stored_at, body=bytes(item.body),
    )  # fmt: skip
