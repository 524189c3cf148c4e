"""What the store's drawers do, in dictionaries: obviously right, and slow.

The reference stands at the level of the drawers' functions, not of SQL: what the house asks of a database is what these
functions promise, and a reference of SQL would be a third database engine. It has no transactions and no snapshots:
each of its calls is whole.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from concord.base import OdsCode, PersonId
from concord.store import Opening, Permitted
from concord.store.feed import CREATED, DELETED, PARTS, RELABELLED, UPDATED, Change
from concord.store.feed import Told as ToldOfChanges
from concord.store.items import LIFECYCLES, NewRow, Place
from concord.store.people import Demographics, Source
from tests.store_drawers import GONE, Arriving, Told

_DELETED = LIFECYCLES.index("deleted")


@dataclass
class _Kept:
    """All that was ever at a place: its versions, the last of which may say that it was deleted."""

    type: str
    id: str
    versions: list[Told]
    values: set[int]
    others: set[Source] = field(default_factory=set)

    @property
    def last(self) -> Told:
        return self.versions[-1]

    @property
    def held(self) -> bool:
        return self.last.lifecycle != _DELETED


class Reference:
    """The drawers in dictionaries."""

    def __init__(self) -> None:
        self._sources: dict[Source, tuple[OdsCode, str | None]] = {}
        self._described: dict[Source, Demographics] = {}
        self._links: dict[Source, tuple[PersonId, PersonId | None]] = {}
        self._items: dict[Place, _Kept] = {}
        self._feed: dict[int, list[ToldOfChanges]] = {part: [] for part in range(PARTS)}
        self._read_up_to: dict[tuple[str, int], int] = {}

    # -- writing -----------------------------------------------------------------------------------------------------

    def new_source_patient(self, home: int, organisation: OdsCode, patient: str | None) -> int:
        number = len(self._sources) + 1
        self._sources[home, number] = organisation, patient
        return number

    def insert(self, rows: Arriving, at: int) -> None:
        for place, row, labels, values in rows:
            self._items[place] = _Kept(row.type, row.id, [_version(place, row, 1, labels, at)], set(values))
        self.tell([Change(place, 1, CREATED) for place, *_ in rows], at)

    def replace(self, place: Place, row: NewRow, labels: int, gone: set[int], come: set[int], at: int) -> None:
        kept = self._items[place]
        kept.versions.append(_version(place, row, kept.last.version + 1, labels, at))
        kept.values = kept.values - gone | come
        self.tell([Change(place, kept.last.version, UPDATED)], at)

    def relabel(self, place: Place, labels: int, at: int) -> None:
        kept = self._items[place]
        kept.versions[-1] = kept.last._replace(labels=labels)
        self.tell([Change(place, kept.last.version, RELABELLED)], at)

    def delete(self, place: Place, values: set[int], at: int) -> None:
        """All that it is found under goes with it."""
        kept = self._items[place]
        assert kept.values <= values
        number = kept.last.version + 1
        kept.versions.append(kept.last._replace(version=number, labels=0, lifecycle=_DELETED, stored_at=at, body=GONE))
        kept.values, kept.others = set(), set()
        self.tell([Change(place, number, DELETED)], at)

    def come_back(self, row: NewRow, place: Place, at: int) -> None:
        kept = self._items.setdefault(place, _Kept(row.type, row.id, [], set()))
        number = kept.last.version + 1 if kept.versions else 1
        kept.versions.append(_version(place, row, number, row.own_labels, at))
        self.tell([Change(place, number, CREATED)], at)

    def name_others(self, place: Place, others: Iterable[Source]) -> None:
        self._items[place].others = set(others)

    def describe(self, source: Source, demographics: Demographics) -> None:
        self._described[source] = demographics

    def forget(self, source: Source) -> None:
        self._described.pop(source, None)

    def link(self, source: Source, person: PersonId, held_for: PersonId | None) -> None:
        self._links[source] = person, held_for

    def tell(self, changes: Sequence[Change], at: int) -> None:
        for part, told in self._feed.items():
            of_part = sorted(change for change in changes if change.place.home % PARTS == part)
            if of_part:
                told.append(ToldOfChanges(len(told) + 1, at // 1_000_000, of_part))

    def advance(self, consumer: str, part: int, to: int) -> None:
        self._read_up_to[consumer, part] = max(to, self.position(consumer, part))

    # -- reading -----------------------------------------------------------------------------------------------------

    def read(self, permitted: Permitted, types: Sequence[str] | None, current_only: bool) -> list[Told]:
        return sorted(
            kept.last
            for place, kept in self._open(permitted)
            if (types is None or kept.type in types) and (not current_only or kept.last.lifecycle == 0)
        )

    def read_under(self, permitted: Permitted, values: Sequence[int], types: Sequence[str] | None = None) -> list[Told]:
        return [told for told in self.read(permitted, types, False) if self._items[told.place].values & set(values)]

    def read_named(self, permitted: Permitted) -> list[Told]:
        if not (permitted.openings or permitted.source_patient):
            return []
        own = {(opening.home, opening.source_patient) for opening in permitted.openings} | {permitted.source_patient}
        return sorted(
            kept.last
            for place, kept in self._items.items()
            if kept.held
            and place.source not in own
            and any(self._opens(permitted, kept.last, other) for other in kept.others)
        )

    def read_one(self, permitted: Permitted, place: Place) -> Told | None:
        return next((kept.last for at, kept in self._open(permitted) if at == place), None)

    def read_versions(self, permitted: Permitted, place: Place, type_: str, id_: str) -> list[Told]:
        kept = self._items.get(place)
        every = [] if kept is None else kept.versions
        return [each for each in reversed(every) if self._opens(permitted, each, place.source)]

    def read_as_of(self, permitted: Permitted, at: int, wanted: Sequence[tuple[int, int, int | None]]) -> list[Told]:
        found = []
        for number, item, version in wanted:
            for place, kept in self._items.items():
                if (place.source_patient, place.item) == (number, item):
                    every = self.read_versions(permitted, place, kept.type, kept.id)
                    if version is None:
                        found += [each for each in every if each.stored_at <= at][:1]
                    else:
                        found += [each for each in every if each.version == version]
        return found

    def versions_of_type(self, permitted: Permitted, type_: str, since: int) -> list[tuple[Place, str, int, int]]:
        return sorted(
            (place, kept.id, each.version, each.stored_at)
            for place, kept in self._items.items()
            for each in kept.versions
            if kept.type == type_ and each.stored_at >= since and self._opens(permitted, each, place.source)
        )

    def deletions(self, permitted: Permitted, after: int) -> set[tuple[str, str]]:
        return {
            (kept.type, kept.id)
            for place, kept in self._items.items()
            for each in kept.versions
            if not kept.held and each.lifecycle == _DELETED
            if each.stored_at > after and self._opens(permitted, each, place.source)
        }

    def called(self, place: Place) -> tuple[str, str]:
        """Type and id of what is or was at a place."""
        return self._items[place].type, self._items[place].id

    def locate(self, type_: str, id_: str) -> Place | None:
        return next(
            (at for at, kept in self._items.items() if kept.held and (kept.type, kept.id) == (type_, id_)), None
        )

    def locate_deleted(self, name: str) -> list[Place]:
        return sorted(at for at, kept in self._items.items() if not kept.held and f"{kept.type}/{kept.id}" == name)

    def last_number(self, source: Source) -> int:
        return max((place.item for place in self._items if place.source == source), default=0)

    def last_version(self, place: Place) -> tuple[int, int]:
        """Of the versions before the one that is held."""
        kept = self._items.get(place)
        earlier = [] if kept is None else kept.versions[:-1] if kept.held else kept.versions
        return (earlier[-1].version, earlier[-1].stored_at) if earlier else (0, 0)

    def lies_alone(self, place: Place) -> bool:
        return not any(kept.held and at != place and at.source == place.source for at, kept in self._items.items())

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

    def told_after(self, permitted: Permitted, part: int, position: int, most: int) -> list[ToldOfChanges]:
        """Whole transactions, as long as fewer than `most` source patients were told of."""
        told, rows = [], 0
        for each in self._feed[part][position:] if permitted.duty is not None else ():
            if rows >= most:
                break
            told.append(each)
            rows += len({change.place.source for change in each.changes})
        return told

    def position(self, consumer: str, part: int) -> int:
        return self._read_up_to.get((consumer, part), 0)

    # -- what is open ------------------------------------------------------------------------------------------------

    def _open(self, permitted: Permitted) -> Iterator[tuple[Place, _Kept]]:
        for place, kept in self._items.items():
            if kept.held and self._opens(permitted, kept.last, place.source):
                yield place, kept

    def _opens(self, permitted: Permitted, version: Told, source: Source) -> bool:
        """Whether a version is open to whoever reads it at `source`: where it lies, or where it is named."""
        if permitted.duty is not None:
            return True
        if permitted.contributor is not None:
            narrowed = permitted.source_patient in (None, source)
            return narrowed and self._sources[version.place.source][0] == permitted.contributor
        return any(_opened_by(opening, version, source) for opening in permitted.openings)


def _version(place: Place, row: NewRow, number: int, labels: int, at: int) -> Told:
    return Told(place, row.type, row.id, number, row.service, row.heading, labels, row.lifecycle, at, row.body)


def _opened_by(opening: Opening, version: Told, source: Source) -> bool:
    return (
        (opening.home, opening.source_patient) == source
        and opening.service in (None, version.service)
        and opening.headings >> version.heading & 1 == 1
        and version.labels & ~opening.labels == 0
    )
