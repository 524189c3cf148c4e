"""Rows of items: placing, reading what is permitted, keeping every version."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import NamedTuple, TypeVar

from concord.base import Keys, OdsCode
from concord.store.face import Reading, Row, Writing
from concord.store.permitted import Permitted
from concord.store.predicate import Met, at_place, ranges

T = TypeVar("T")

LIFECYCLES = ("current", "entered-in-error", "cancelled", "deleted")
_COLUMNS = (
    "i.home, i.source_patient, i.item, i.type, i.id, i.version, i.service, i.heading, i.labels, "
    "i.starts_at, i.lifecycle, i.plain, i.several, i.stored_at, i.body"
)
_PORTION = 500  # values of one statement: both databases take more
_NO_SERVICE = 0  # the word number 0 is never given


During = tuple[int | None, int | None]
"""What begins before the first and ends after the second moment (microseconds since 1970 UTC; None: whenever)."""
WHENEVER: During = (None, None)


class Place(NamedTuple):
    """Where an item lies, for ever."""

    home: int
    source_patient: int
    item: int

    @property
    def source(self) -> tuple[int, int]:
        """The source patient that it lies with."""
        return self.home, self.source_patient


class StoredItem(NamedTuple):
    """A row as it was permitted to be read. `body` is compressed (see `body`).

    A tuple, since a record is a thousand of them.
    """

    home: int
    source_patient: int
    item: int
    type: int
    id: str
    version: int
    service: int
    heading: int
    labels: int
    starts_at: int | None
    lifecycle: int
    plain: int
    several: int
    stored_at: int
    body: bytes

    @property
    def source(self) -> tuple[int, int]:
        """The source patient that it lies with."""
        return self.home, self.source_patient

    @property
    def place(self) -> Place:
        return Place(self.home, self.source_patient, self.item)


class NewRow(NamedTuple):
    """An item ready to be kept. Times in microseconds since 1970 UTC; sets as stored bits.

    A tuple, since a load makes one of each resource.
    """

    type: str
    id: str
    service: str | None
    heading: int
    own_labels: int
    starts_at: int | None
    ends_at: int | None
    lifecycle: int
    plain: bool
    several: bool
    body: bytes


# -- reading ---------------------------------------------------------------------------------------------------------


def read(
    reading: Reading,
    permitted: Permitted,
    *,
    types: Iterable[str] | None = None,
    current_only: bool = False,
    value: int | None = None,
    during: During = WHENEVER,
) -> Iterator[StoredItem]:
    """Every permitted item of the wanted types, each once; the order is for the caller to make.

    What a decision closes is filtered by the database and never reaches this process; a source patient that is closed
    whole is not scanned at all. `value` is that of `read_under`.
    """
    if value is not None:
        yield from read_under(reading, permitted, [value], types=types)
        return
    wanted = _of_types(reading, types)
    if wanted is None:
        return
    if current_only:
        wanted += " AND i.lifecycle = 0"
    times, moments = _within(during)
    met: Met = "item" if permitted.contributor is None else "source_patient"
    source = "item i" if met == "item" else (
        "source_patient s CROSS JOIN item i ON i.home = s.home AND i.source_patient = s.number"
    )  # fmt: skip
    for condition, values in ranges(reading, permitted, met):
        yield from map(
            StoredItem._make,
            _met(reading, permitted)(
                f"SELECT {_COLUMNS} FROM {source} WHERE {condition}{wanted}{times}", (*values, *moments)
            ),
        )


def read_under(
    reading: Reading,
    permitted: Permitted,
    values: Sequence[int],
    *,
    types: Iterable[str] | None = None,
    during: During = WHENEVER,
) -> Iterator[StoredItem]:
    """The same of those alone that the search index holds under one of `values`."""
    wanted = _of_types(reading, types)
    if wanted is None or not values:
        return
    times, moments = _within(during)
    under = f"x.value IN ({','.join('?' * len(values))})"
    seen: set[Row] = set()
    for condition, bound in ranges(reading, permitted, "search_index"):
        sql = (
            f"SELECT {_COLUMNS} FROM search_index x CROSS JOIN item i ON i.home = x.home "
            f"AND i.source_patient = x.source_patient AND i.item = x.item WHERE {under} AND {condition}{wanted}{times}"
        )
        yield from _each_once(_met(reading, permitted)(sql, (*values, *bound, *moments)), seen)


def read_named(reading: Reading, permitted: Permitted, *, types: Iterable[str] | None = None) -> Iterator[StoredItem]:
    """Items that lie with somebody else and name one of the permitted source patients too, each once.

    They are not yet decided for the person they lie with: the caller must see that they are open for everyone named.
    For a contributor that is not narrowed to a source patient, and for a duty, `read` gives them already.
    """
    wanted = _of_types(reading, types)
    if wanted is None or not (permitted.openings or permitted.source_patient):
        return
    own = {(opening.home, opening.source_patient) for opening in permitted.openings} | {permitted.source_patient}
    seen: set[Row] = set()
    for condition, values in ranges(reading, permitted, "named"):
        sql = (
            f"SELECT {_COLUMNS} FROM named n CROSS JOIN item i ON i.home = n.of_home "
            f"AND i.source_patient = n.of_source_patient AND i.item = n.item WHERE {condition}{wanted}"
        )
        for item in _each_once(_met(reading, permitted)(sql, values), seen):
            if (item.home, item.source_patient) not in own:
                yield item


def read_one(reading: Reading, permitted: Permitted, place: Place) -> StoredItem | None:
    """The item at a place, if it is permitted."""
    condition, values = at_place(reading, permitted, place.source)
    row = reading.row(
        f"SELECT {_COLUMNS} FROM item i WHERE i.home = ? AND i.source_patient = ? AND i.item = ? AND {condition}",
        (*place, *values),
    )
    return None if row is None else StoredItem._make(row)


def read_at(reading: Reading, permitted: Permitted, places: Iterable[Place]) -> dict[Place, StoredItem]:
    """Of the items at several places those that are permitted."""
    by_source: dict[tuple[int, int], list[Place]] = {}
    for place in places:
        by_source.setdefault(place.source, []).append(place)
    found: list[StoredItem] = []
    if permitted.contributor is None and permitted.duty is None:
        for source, of_source in by_source.items():
            condition, values = at_place(reading, permitted, source)
            for some in portions(of_source):
                sql = (
                    f"SELECT {_COLUMNS} FROM item i WHERE i.home = ? AND i.source_patient = ? "
                    f"AND i.item IN ({','.join('?' * len(some))}) AND {condition}"
                )
                found += map(StoredItem._make, reading.rows(sql, (*source, *(place.item for place in some), *values)))
    else:
        condition, values = next(ranges(reading, permitted, "item"))
        for some in portions(place for of_source in by_source.values() for place in of_source):
            sql = (
                f"WITH wanted (home, source_patient, item) AS (VALUES {', '.join(['(?, ?, ?)'] * len(some))}) "
                f"SELECT {_COLUMNS} FROM wanted w CROSS JOIN item i ON i.home = w.home "
                f"AND i.source_patient = w.source_patient AND i.item = w.item WHERE {condition}"
            )
            found += map(StoredItem._make, reading.rows(sql, [*(each for place in some for each in place), *values]))
    return {item.place: item for item in found}


def locate(reading: Reading, type_: str, id_: str) -> Place | None:
    """Where an item lies. Tells that it exists, so only a decision's maker and the writer may ask."""
    number = reading.words.number(reading, type_)
    if number is None:
        return None
    row = reading.row("SELECT home, source_patient, item FROM locator WHERE id = ? AND type = ?", (id_, number))
    return None if row is None else Place(*row)


def locate_many(reading: Reading, names: Iterable[str]) -> dict[str, Place]:
    """The same for many at once, by "Type/id"; what is not held is left out."""
    found: dict[str, Place] = {}
    for some in portions(names):
        ids = [name.partition("/")[2] for name in some]
        sql = f"SELECT type, id, home, source_patient, item FROM locator WHERE id IN ({','.join('?' * len(ids))})"
        for type_, id_, *place in reading.rows(sql, ids):
            found[f"{reading.words.text(reading, type_)}/{id_}"] = Place(*place)
    return found


def _met(reading: Reading, permitted: Permitted) -> Callable[[str, Sequence[object]], Iterable[Row]]:
    """How rows are fetched: a source patient's at once, a contributor's or everybody's as they are met."""
    one_source = permitted.openings or permitted.source_patient
    return reading.rows if one_source else reading.stream


def _each_once(rows: Iterable[Row], seen: set[Row]) -> Iterator[StoredItem]:
    for row in rows:
        place = row[:3]
        if place not in seen:
            seen.add(place)
            yield StoredItem._make(row)


def portions(values: Iterable[T]) -> Iterator[list[T]]:
    """Lists that fit one statement."""
    left = iter(values)
    while portion := list(islice(left, _PORTION)):
        yield portion


def _within(during: During) -> tuple[str, list[int]]:
    """The condition that narrows to a time, and its values. What has no time is in none."""
    before, after = during
    begins = "" if before is None else " AND i.starts_at < ?"
    ends = "" if after is None else " AND i.ends_at > ?"
    return begins + ends, [moment for moment in during if moment is not None]


def _of_types(reading: Reading, types: Iterable[str] | None) -> str | None:
    """The condition that narrows to the types; None when no item is of any of them."""
    if types is None:
        return ""
    numbers = [number for type_ in types if (number := reading.words.number(reading, type_)) is not None]
    return f" AND i.type IN ({','.join(map(str, numbers))})" if numbers else None


# -- writing ---------------------------------------------------------------------------------------------------------


def insert(writing: Writing, arrived: Iterable[tuple[Place, NewRow, int]], stored_at: int, *, version: int = 1) -> None:
    """Keep new items at the places given them, each with its labels."""
    rows, locators = [], []
    for place, row, labels in arrived:
        type_ = writing.word(row.type)
        rows.append((*place, type_, row.id, version, *_values(writing, row, labels, stored_at)))
        locators.append((row.id, type_, *place))
    writing.run_many(f"INSERT INTO item VALUES ({','.join('?' * 17)})", rows)
    writing.run_many("INSERT INTO locator VALUES (?,?,?,?,?)", sorted(locators))


def replace(writing: Writing, place: Place, row: NewRow, labels: int, stored_at: int) -> None:
    """Keep a new version; the earlier one stays in the history."""
    archive(writing, place)
    writing.run(
        "UPDATE item SET version = version + 1, service = ?, heading = ?, own_labels = ?, labels = ?, starts_at = ?, "
        "ends_at = ?, lifecycle = ?, plain = ?, several = ?, stored_at = ?, body = ? "
        "WHERE home = ? AND source_patient = ? AND item = ?",
        (*_values(writing, row, labels, stored_at), *place),
    )


def archive(writing: Writing, place: Place) -> None:
    """Put the version held with the earlier ones; the caller replaces or removes it."""
    writing.run(
        "INSERT INTO item_version SELECT home, source_patient, item, version, service, heading, own_labels, labels, "
        "lifecycle, plain, several, stored_at, body FROM item WHERE home = ? AND source_patient = ? AND item = ?",
        place,
    )


def _values(writing: Writing, row: NewRow, labels: int, stored_at: int) -> tuple[object, ...]:
    service = _NO_SERVICE if row.service is None else writing.word(row.service)
    return (
        service, row.heading, row.own_labels, labels, row.starts_at, row.ends_at, row.lifecycle,
        int(row.plain), int(row.several), stored_at, row.body,
    )  # fmt: skip


def last_number(writing: Writing, home: int, source_patient: int) -> int:
    """The highest item number of a source patient, those of deleted items among them; 0 when it has none."""
    rows = [
        writing.row(
            f"SELECT item FROM {table} WHERE home = ? AND source_patient = ? ORDER BY item DESC LIMIT 1",
            (home, source_patient),
        )
        for table in ("item", "deleted_item")
    ]
    return max((int(row[0]) for row in rows if row is not None), default=0)


def index(writing: Writing, values: Iterable[tuple[int, Place]], *, new: bool = False) -> None:
    """Make items findable under values. `new`: at places that were never taken, each value once."""
    rows = sorted((value, *place) for value, place in values)  # in the order of the index: pages are met once
    writing.run_many(f"INSERT INTO search_index VALUES (?,?,?,?){'' if new else ' ON CONFLICT DO NOTHING'}", rows)


def unindex(writing: Writing, place: Place, values: Iterable[int]) -> None:
    writing.run_many(
        "DELETE FROM search_index WHERE value = ? AND home = ? AND source_patient = ? AND item = ?",
        [(value, *place) for value in values],
    )


def name_others(writing: Writing, place: Place, others: Iterable[tuple[int, int]]) -> None:
    """Record that exactly these other source patients (home, number) are named by the item."""
    writing.run("DELETE FROM named WHERE of_home = ? AND of_source_patient = ? AND item = ?", place)
    for other in others:
        name_also(writing, place, other)


def name_also(writing: Writing, place: Place, other: tuple[int, int]) -> None:
    """Record that one more source patient is named by the item."""
    writing.run("INSERT INTO named VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING", (*other, *place))


def labels_at(reading: Reading, place: Place) -> tuple[int, int]:
    """(own labels, labels) of an item, for labels to flow along references."""
    row = reading.row("SELECT own_labels, labels FROM item WHERE home = ? AND source_patient = ? AND item = ?", place)
    return (0, 0) if row is None else (row[0], row[1])


def label(writing: Writing, place: Place, own_labels: int) -> None:
    """Give an item other labels of its own; which it has in all is for `relabel`."""
    writing.run(
        "UPDATE item SET own_labels = ? WHERE home = ? AND source_patient = ? AND item = ?", (own_labels, *place)
    )


def relabel(writing: Writing, place: Place, labels: int) -> int:
    """Give an item other labels; its version, which stays."""
    where = "WHERE home = ? AND source_patient = ? AND item = ?"
    writing.run(f"UPDATE item SET labels = ? {where}", (labels, *place))
    row = writing.row(f"SELECT version FROM item {where}", place)
    return 0 if row is None else int(row[0])


def found_under(reading: Reading, values: Iterable[int]) -> list[tuple[int, Place]]:
    """(value, place) of what the index holds under values, for what refers to an item or a Patient that arrives."""
    found = []
    for some in portions(values):
        sql = f"SELECT value, home, source_patient, item FROM search_index WHERE value IN ({','.join('?' * len(some))})"
        found += [(value, Place(*place)) for value, *place in reading.rows(sql, some)]
    return found


def index_value(keys: Keys, organisation: OdsCode, type_: str, parameter: str, text: str) -> int:
    """A signed 64-bit number that stands for a searched value of one organisation's items of one type."""
    return int.from_bytes(keys.hashed("search-index", organisation, type_, parameter, text, size=8), "big", signed=True)
