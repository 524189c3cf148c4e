"""Rows of items: placing, reading what is permitted, keeping every version."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from concord.base import Keys, OdsCode
from concord.store.permitted import Opening, Permitted
from concord.store.sqlite import Reading, Writing

LIFECYCLES = ("current", "entered-in-error", "cancelled")
_COLUMNS = (
    "i.home, i.source_patient, i.item, i.type, i.id, i.version, i.service, i.heading, i.labels, "
    "i.starts_at, i.lifecycle, i.plain, i.several, i.stored_at, i.body"
)
_NO_SERVICE = 0  # the word number 0 is never given


@dataclass(frozen=True, slots=True)
class Place:
    """Where an item lies, for ever."""

    home: int
    source_patient: int
    item: int


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
    def place(self) -> Place:
        return Place(self.home, self.source_patient, self.item)


@dataclass(frozen=True, kw_only=True, slots=True)
class NewRow:
    """An item ready to be kept. Times in microseconds since 1970 UTC; sets as stored bits."""

    type: str
    id: str
    service: str | None
    heading: int
    own_labels: int
    labels: int
    starts_at: int | None
    ends_at: int | None
    lifecycle: int
    plain: bool
    several: bool
    stored_at: int
    body: bytes


# -- reading ---------------------------------------------------------------------------------------------------------


def read(
    reading: Reading,
    permitted: Permitted,
    *,
    types: Iterable[str] | None = None,
    current_only: bool = False,
    value: int | None = None,
) -> Iterator[StoredItem]:
    """Every permitted item of the wanted types, each once; the order is for the caller to make.

    `value` narrows to items that the search index holds under that value. What a decision closes is filtered by the
    database and never reaches this process; a source patient that is closed whole is not scanned at all.
    """
    wanted = _type_condition(reading, types)
    if wanted is None:
        return
    if current_only:
        wanted += " AND i.lifecycle = 0"
    source, first = "item i", "i"
    if value is not None:
        first = "x"
        source = (
            "search_index x CROSS JOIN item i ON i.home = x.home AND i.source_patient = x.source_patient "
            "AND i.item = x.item AND x.value = ?"
        )
    elif permitted.contributor is not None:
        source = "source_patient s CROSS JOIN item i ON i.home = s.home AND i.source_patient = s.number"
    narrowed = () if value is None else (value,)
    for condition, values in _scopes(reading, permitted, first, joined=value is None):
        sql = f"SELECT {_COLUMNS} FROM {source} WHERE {condition}{wanted}"
        for row in reading.stream(sql, (*narrowed, *values)):
            yield StoredItem._make(row)


def read_named(reading: Reading, permitted: Permitted, *, types: Iterable[str] | None = None) -> Iterator[StoredItem]:
    """Items that lie with somebody else and name one of the permitted source patients too.

    They are not yet decided for the person they lie with: the caller must see that they are open for everyone named.
    """
    wanted = _type_condition(reading, types)
    if wanted is None:
        return
    for opening in permitted.openings:
        condition, values = _opening_filter(reading, opening)
        sql = (
            f"SELECT {_COLUMNS} FROM named n JOIN item i ON i.home = n.of_home "
            "AND i.source_patient = n.of_source_patient AND i.item = n.item "
            f"WHERE n.home = ? AND n.source_patient = ? AND {condition}{wanted}"
        )
        for row in reading.stream(sql, (opening.home, opening.source_patient, *values)):
            yield StoredItem._make(row)


def read_one(reading: Reading, permitted: Permitted, place: Place) -> StoredItem | None:
    """The item at a place, if it is permitted."""
    for condition, values in _scopes(reading, permitted, "i", joined=False):
        row = reading.row(
            f"SELECT {_COLUMNS} FROM item i WHERE i.home = ? AND i.source_patient = ? AND i.item = ? AND {condition}",
            (place.home, place.source_patient, place.item, *values),
        )
        if row is not None:
            return StoredItem._make(row)
    return None


def locate(reading: Reading, type_: str, id_: str) -> Place | None:
    """Where an item lies. Tells that it exists, so only a decision's maker and the writer may ask."""
    number = reading.words.number(reading, type_)
    if number is None:
        return None
    row = reading.row("SELECT home, source_patient, item FROM locator WHERE id = ? AND type = ?", (id_, number))
    return None if row is None else Place(*row)


def also_named(reading: Reading, item: StoredItem) -> list[tuple[int, int]]:
    """The other source patients (home, number) whom an item already read names."""
    return [
        (row[0], row[1])
        for row in reading.rows(
            "SELECT home, source_patient FROM named WHERE of_home = ? AND of_source_patient = ? AND item = ?",
            (item.home, item.source_patient, item.item),
        )
    ]


def _type_condition(reading: Reading, types: Iterable[str] | None) -> str | None:
    if types is None:
        return ""
    numbers = [number for type_ in types if (number := reading.words.number(reading, type_)) is not None]
    if not numbers:
        return None
    return f" AND i.type IN ({','.join(map(str, numbers))})"


def _scopes(
    reading: Reading, permitted: Permitted, place: str, *, joined: bool
) -> Iterator[tuple[str, Sequence[int]]]:
    """One condition a range of rows that may be read: a source patient, a contributor's whole, or all (a duty)."""
    if permitted.duty is not None:
        yield "1 = 1", ()
    elif permitted.contributor is not None:
        number = reading.words.number(reading, permitted.contributor)
        condition, values = "s.organisation = ?", [-1 if number is None else number]
        if not joined:
            condition = f"EXISTS (SELECT 1 FROM source_patient s WHERE s.number = {place}.source_patient AND {condition})"
        if permitted.source_patient is not None:
            condition += f" AND {place}.home = ? AND {place}.source_patient = ?"
            values += permitted.source_patient
        yield condition, values
    else:
        by_source: dict[tuple[int, int], list[Opening]] = {}
        for opening in permitted.openings:
            by_source.setdefault((opening.home, opening.source_patient), []).append(opening)
        for (home, source_patient), openings in by_source.items():
            filters = [_opening_filter(reading, opening) for opening in openings]
            condition = (
                f"{place}.home = ? AND {place}.source_patient = ? AND ("
                + " OR ".join(text for text, _ in filters)
                + ")"
            )
            yield condition, (home, source_patient, *(value for _, values in filters for value in values))


def _opening_filter(reading: Reading, opening: Opening) -> tuple[str, tuple[int, ...]]:
    """An item is open when its heading is in the set and no label of it is outside the mask."""
    condition, values = "((? >> i.heading) & 1) = 1 AND (i.labels & ~?) = 0", (opening.headings, opening.labels)
    if opening.service is None:
        return f"({condition})", values
    number = reading.words.number(reading, opening.service)
    return f"(i.service = ? AND {condition})", (-1 if number is None else number, *values)


# -- writing ---------------------------------------------------------------------------------------------------------


def insert(writing: Writing, source: tuple[int, int], number: int, row: NewRow) -> Place:
    """Keep a new item as number `number` of its source patient."""
    place = Place(*source, number)
    type_ = writing.word(row.type)
    writing.run("INSERT INTO locator VALUES (?,?,?,?,?)", (row.id, type_, *source, number))
    writing.run(f"INSERT INTO item VALUES ({','.join('?' * 17)})", (*source, number, type_, row.id, 1, *_values(writing, row)))
    return place


def replace(writing: Writing, place: Place, row: NewRow) -> int:
    """Keep a new version; the earlier one stays in the history. The new version's number."""
    key = (place.home, place.source_patient, place.item)
    writing.run(
        "INSERT INTO item_version SELECT home, source_patient, item, version, service, heading, own_labels, labels, "
        "lifecycle, plain, several, stored_at, body FROM item WHERE home = ? AND source_patient = ? AND item = ?",
        key,
    )
    writing.run(
        "UPDATE item SET version = version + 1, service = ?, heading = ?, own_labels = ?, labels = ?, starts_at = ?, "
        "ends_at = ?, lifecycle = ?, plain = ?, several = ?, stored_at = ?, body = ? "
        "WHERE home = ? AND source_patient = ? AND item = ?",
        (*_values(writing, row), *key),
    )
    found = writing.row("SELECT version FROM item WHERE home = ? AND source_patient = ? AND item = ?", key)
    assert found is not None
    return int(found[0])


def _values(writing: Writing, row: NewRow) -> tuple[object, ...]:
    service = _NO_SERVICE if row.service is None else writing.word(row.service)
    return (
        service, row.heading, row.own_labels, row.labels, row.starts_at, row.ends_at, row.lifecycle,
        int(row.plain), int(row.several), row.stored_at, row.body,
    )  # fmt: skip


def last_number(writing: Writing, home: int, source_patient: int) -> int:
    """The highest item number of a source patient; 0 when it has none."""
    row = writing.row(
        "SELECT item FROM item WHERE home = ? AND source_patient = ? ORDER BY item DESC LIMIT 1",
        (home, source_patient),
    )
    return 0 if row is None else int(row[0])


def index(writing: Writing, place: Place, values: Iterable[int]) -> None:
    """Make the item findable under exactly these values."""
    key = (place.home, place.source_patient, place.item)
    writing.run_many("INSERT INTO search_index VALUES (?,?,?,?) ON CONFLICT DO NOTHING", [(value, *key) for value in values])


def unindex(writing: Writing, place: Place, values: Iterable[int]) -> None:
    key = (place.home, place.source_patient, place.item)
    writing.run_many(
        "DELETE FROM search_index WHERE value = ? AND home = ? AND source_patient = ? AND item = ?",
        [(value, *key) for value in values],
    )


def name_others(writing: Writing, place: Place, others: Iterable[tuple[int, int]]) -> None:
    """Record which other source patients (home, number) the item names."""
    key = (place.home, place.source_patient, place.item)
    writing.run("DELETE FROM named WHERE of_home = ? AND of_source_patient = ? AND item = ?", key)
    writing.run_many("INSERT INTO named VALUES (?,?,?,?,?) ON CONFLICT DO NOTHING", [(*other, *key) for other in others])


def labels_at(writing: Writing, place: Place) -> tuple[int, int]:
    """(own labels, labels) of an item, for labels to flow along references."""
    row = writing.row(
        "SELECT own_labels, labels FROM item WHERE home = ? AND source_patient = ? AND item = ?",
        (place.home, place.source_patient, place.item),
    )
    return (0, 0) if row is None else (row[0], row[1])


def relabel(writing: Writing, place: Place, labels: int) -> None:
    writing.run(
        "UPDATE item SET labels = ? WHERE home = ? AND source_patient = ? AND item = ?",
        (labels, place.home, place.source_patient, place.item),
    )


def found_under(reading: Reading, value: int) -> list[Place]:
    """Places that the index holds under a value, for conditional references and label flow."""
    return [
        Place(*row)
        for row in reading.rows("SELECT home, source_patient, item FROM search_index WHERE value = ?", (value,))
    ]


def index_value(keys: Keys, organisation: OdsCode, type_: str, parameter: str, text: str) -> int:
    """A signed 64-bit number that stands for a searched value of one organisation's items of one type."""
    return int.from_bytes(keys.hashed("search-index", organisation, type_, parameter, text, size=8), "big", signed=True)
