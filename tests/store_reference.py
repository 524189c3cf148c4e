"""What the store's drawers do, in dictionaries: obviously right, and slow.

The reference stands at the level of the drawers' functions (`items`, `people`), not of SQL: what the house asks of a
database is what these functions promise, and a reference of SQL would be a third database engine. `OnStore` asks a real
store the same questions, each in a transaction or snapshot of its own.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from concord.base import OdsCode, PersonId
from concord.governance import Duty, permit_duty
from concord.store import Opening, Permitted, Store, items, people
from concord.store.items import NewRow, Place
from concord.store.people import Demographics, Source

DUTY = permit_duty(Duty(name="matching"))


class Told(NamedTuple):
    """What is told of an item."""

    place: Place
    type: str
    id: str
    version: int
    labels: int
    lifecycle: int
    body: bytes


class Drawers(Protocol):
    """The store's functions, over one store or the reference."""

    def new_source_patient(self, home: int, organisation: OdsCode, patient: str | None) -> int: ...
    def insert(self, rows: Sequence[tuple[Place, NewRow, int, set[int]]]) -> None: ...
    def replace(self, place: Place, row: NewRow, labels: int, gone: set[int], come: set[int]) -> None: ...
    def relabel(self, place: Place, labels: int) -> None: ...
    def name_others(self, place: Place, others: Iterable[Source]) -> None: ...
    def describe(self, source: Source, demographics: Demographics) -> None: ...
    def link(self, source: Source, person: PersonId, held_for: PersonId | None) -> None: ...
    def read(self, permitted: Permitted, types: Sequence[str] | None, current_only: bool) -> list[Told]: ...
    def read_under(self, permitted: Permitted, values: Sequence[int]) -> list[Told]: ...
    def read_named(self, permitted: Permitted) -> list[Told]: ...
    def read_one(self, permitted: Permitted, place: Place) -> Told | None: ...
    def history(self, place: Place) -> list[tuple[int, bytes]]: ...
    def locate(self, type_: str, id_: str) -> Place | None: ...
    def last_number(self, source: Source) -> int: ...
    def linked(self, person: PersonId) -> list[tuple[int, int, OdsCode]]: ...
    def person_of(self, source: Source) -> PersonId | None: ...
    def traced(self, number: str, born_on: str, begins: str) -> list[tuple[int, PersonId | None, bool]]: ...


class OnStore:
    def __init__(self, store: Store) -> None:
        self._store = store

    def new_source_patient(self, home: int, organisation: OdsCode, patient: str | None) -> int:
        with self._store.writing() as writing:
            return people.new_source_patient(writing, home, organisation, patient)

    def insert(self, rows: Sequence[tuple[Place, NewRow, int, set[int]]]) -> None:
        with self._store.writing() as writing:
            items.insert(writing, [(place, row, labels) for place, row, labels, _ in rows], 1)
            items.index(writing, [(value, place) for place, _, _, values in rows for value in values])

    def replace(self, place: Place, row: NewRow, labels: int, gone: set[int], come: set[int]) -> None:
        with self._store.writing() as writing:
            items.unindex(writing, place, gone)
            items.index(writing, [(value, place) for value in come])
            items.replace(writing, place, row, labels, 2)

    def relabel(self, place: Place, labels: int) -> None:
        with self._store.writing() as writing:
            items.relabel(writing, place, labels)

    def name_others(self, place: Place, others: Iterable[Source]) -> None:
        with self._store.writing() as writing:
            items.name_others(writing, place, others)

    def describe(self, source: Source, demographics: Demographics) -> None:
        with self._store.writing() as writing:
            people.describe(writing, source, demographics)

    def link(self, source: Source, person: PersonId, held_for: PersonId | None) -> None:
        with self._store.writing() as writing:
            people.link(writing, source, person, "test", held_for)

    def read(self, permitted: Permitted, types: Sequence[str] | None, current_only: bool) -> list[Told]:
        with self._store.reading() as reading:
            found = items.read(reading, permitted, types=types, current_only=current_only)
            return sorted(_told(reading.words.text(reading, item.type), item) for item in found)

    def read_under(self, permitted: Permitted, values: Sequence[int]) -> list[Told]:
        with self._store.reading() as reading:
            found = items.read_under(reading, permitted, values)
            return sorted(_told(reading.words.text(reading, item.type), item) for item in found)

    def read_named(self, permitted: Permitted) -> list[Told]:
        with self._store.reading() as reading:
            found = items.read_named(reading, permitted)
            return sorted(_told(reading.words.text(reading, item.type), item) for item in found)

    def read_one(self, permitted: Permitted, place: Place) -> Told | None:
        with self._store.reading() as reading:
            item = items.read_one(reading, permitted, place)
            return None if item is None else _told(reading.words.text(reading, item.type), item)

    def history(self, place: Place) -> list[tuple[int, bytes]]:
        with self._store.reading() as reading:
            return reading.rows(
                "SELECT version, body FROM item_version WHERE home = ? AND source_patient = ? AND item = ? "
                "ORDER BY version",
                place,
            )

    def locate(self, type_: str, id_: str) -> Place | None:
        with self._store.reading() as reading:
            return items.locate(reading, type_, id_)

    def last_number(self, source: Source) -> int:
        with self._store.writing() as writing:
            return items.last_number(writing, *source)

    def linked(self, person: PersonId) -> list[tuple[int, int, OdsCode]]:
        with self._store.reading() as reading:
            return people.linked(reading, person)

    def person_of(self, source: Source) -> PersonId | None:
        with self._store.reading() as reading:
            return people.person_of(reading, source)

    def traced(self, number: str, born_on: str, begins: str) -> list[tuple[int, PersonId | None, bool]]:
        with self._store.reading() as reading:
            found = people.with_nhs_number(reading, DUTY, number)  # type: ignore[arg-type]
            found += people.with_name(reading, DUTY, born_on, begins, begins=True)
            return [(each.number, each.person, each.held) for each in found]


def _told(type_: str, item: items.StoredItem) -> Told:
    return Told(item.place, type_, item.id, item.version, item.labels, item.lifecycle, bytes(item.body))


@dataclass
class _Kept:
    row: NewRow
    labels: int
    values: set[int]
    version: int = 1
    others: set[Source] = field(default_factory=set)
    earlier: list[tuple[int, bytes]] = field(default_factory=list)


class Reference:
    """The drawers in dictionaries."""

    def __init__(self) -> None:
        self._sources: dict[Source, tuple[OdsCode, str | None]] = {}
        self._described: dict[Source, Demographics] = {}
        self._links: dict[Source, tuple[PersonId, PersonId | None]] = {}
        self._items: dict[Place, _Kept] = {}

    def new_source_patient(self, home: int, organisation: OdsCode, patient: str | None) -> int:
        number = len(self._sources) + 1
        self._sources[home, number] = organisation, patient
        return number

    def insert(self, rows: Sequence[tuple[Place, NewRow, int, set[int]]]) -> None:
        for place, row, labels, values in rows:
            self._items[place] = _Kept(row, labels, set(values))

    def replace(self, place: Place, row: NewRow, labels: int, gone: set[int], come: set[int]) -> None:
        kept = self._items[place]
        kept.earlier.append((kept.version, kept.row.body))
        kept.row, kept.labels, kept.version = row, labels, kept.version + 1
        kept.values = kept.values - gone | come

    def relabel(self, place: Place, labels: int) -> None:
        self._items[place].labels = labels

    def name_others(self, place: Place, others: Iterable[Source]) -> None:
        self._items[place].others = set(others)

    def describe(self, source: Source, demographics: Demographics) -> None:
        self._described[source] = demographics

    def link(self, source: Source, person: PersonId, held_for: PersonId | None) -> None:
        self._links[source] = person, held_for

    def read(self, permitted: Permitted, types: Sequence[str] | None, current_only: bool) -> list[Told]:
        return self._all(
            place
            for place, kept in self._items.items()
            if self._open(permitted, place, place.source)
            and (types is None or kept.row.type in types)
            and (not current_only or kept.row.lifecycle == 0)
        )

    def read_under(self, permitted: Permitted, values: Sequence[int]) -> list[Told]:
        return self._all(
            place
            for place, kept in self._items.items()
            if kept.values & set(values) and self._open(permitted, place, place.source)
        )

    def read_named(self, permitted: Permitted) -> list[Told]:
        if not (permitted.openings or permitted.source_patient):
            return []
        own = {(opening.home, opening.source_patient) for opening in permitted.openings} | {permitted.source_patient}
        return self._all(
            place
            for place, kept in self._items.items()
            if place.source not in own and any(self._open(permitted, place, other) for other in kept.others)
        )

    def read_one(self, permitted: Permitted, place: Place) -> Told | None:
        return next(iter(self._all([place])), None) if self._open(permitted, place, place.source) else None

    def history(self, place: Place) -> list[tuple[int, bytes]]:
        return list(self._items[place].earlier)

    def locate(self, type_: str, id_: str) -> Place | None:
        return next((at for at, kept in self._items.items() if (kept.row.type, kept.row.id) == (type_, id_)), None)

    def last_number(self, source: Source) -> int:
        return max((place.item for place in self._items if place.source == source), default=0)

    def linked(self, person: PersonId) -> list[tuple[int, int, OdsCode]]:
        """Of a source patient that was never described, or whose Patient was deleted, nothing is told."""
        told = [source for source, (who, _) in self._links.items() if who == person and source in self._described]
        return [(*source, self._sources[source][0]) for source in sorted(told, key=lambda source: source[1])]

    def person_of(self, source: Source) -> PersonId | None:
        return self._links[source][0] if source in self._links else None

    def traced(self, number: str, born_on: str, begins: str) -> list[tuple[int, PersonId | None, bool]]:
        by_number = sorted(self._described.items(), key=lambda each: each[0][1])
        return [
            *(self._trace(source) for source, who in by_number if who.nhs_number == number),
            *(self._trace(at) for at, who in by_number if who.born_on == born_on and who.family.startswith(begins)),
        ]

    def _trace(self, source: Source) -> tuple[int, PersonId | None, bool]:
        person, held_for = self._links.get(source, (None, None))
        return source[1], person, held_for is not None

    def _open(self, permitted: Permitted, place: Place, source: Source) -> bool:
        """Whether an item is open to whoever reads it at `source`: where it lies, or where it is named."""
        kept = self._items.get(place)
        if kept is None:
            return False
        if permitted.duty is not None:
            return True
        if permitted.contributor is not None:
            narrowed = permitted.source_patient in (None, source)
            return narrowed and self._sources[place.source][0] == permitted.contributor
        return any(_opens(opening, kept, source) for opening in permitted.openings)

    def _all(self, places: Iterable[Place]) -> list[Told]:
        return sorted(self._tell(places))

    def _tell(self, places: Iterable[Place]) -> Iterator[Told]:
        for place in places:
            kept = self._items[place]
            row = kept.row
            yield Told(place, row.type, row.id, kept.version, kept.labels, row.lifecycle, row.body)


def _opens(opening: Opening, kept: _Kept, source: Source) -> bool:
    return (
        (opening.home, opening.source_patient) == source
        and opening.service in (None, kept.row.service)
        and opening.headings >> kept.row.heading & 1 == 1
        and kept.labels & ~opening.labels == 0
    )
