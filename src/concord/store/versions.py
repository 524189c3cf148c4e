"""Versions of items: the earlier ones, deletion, and coming back.

A deleted item has no row in `item`: its last version, kept with the earlier ones, says that it was deleted.
"""

from collections.abc import Iterable
from typing import NamedTuple

from concord.store import items
from concord.store.face import Reading, Writing
from concord.store.items import LIFECYCLES, Place, StoredItem
from concord.store.permitted import Permitted
from concord.store.predicate import ranges

DELETED = LIFECYCLES.index("deleted")
_HELD = "i.version, i.service, i.heading, i.labels, i.lifecycle, i.plain, i.several, i.stored_at, i.body"
_AT = "home = ? AND source_patient = ? AND item = ?"


class VersionAt(NamedTuple):
    """Where one version lies, what it is of, and when it was stored (microseconds)."""

    place: Place
    id: str
    version: int
    stored_at: int


# -- reading ---------------------------------------------------------------------------------------------------------


def read_versions(reading: Reading, permitted: Permitted, place: Place, type_: int, id_: str) -> list[StoredItem]:
    """The versions at a place that are each permitted, as they were labelled then, the newest first."""
    found: list[StoredItem] = []
    for condition, values in ranges(reading, permitted, "item"):
        for table in ("item", "item_version"):
            sql = (
                f"SELECT {_HELD} FROM {table} i WHERE i.home = ? AND i.source_patient = ? AND i.item = ? "
                f"AND {condition} ORDER BY i.version DESC"
            )
            for version, service, heading, labels, *rest in reading.rows(sql, (*place, *values)):
                found.append(StoredItem(*place, type_, id_, version, service, heading, labels, None, *rest))
    return found


def read_as_of(
    reading: Reading, permitted: Permitted, at: int, wanted: Iterable[tuple[int, int, int | None]]
) -> list[StoredItem]:
    """Of each (source patient, item, version) that version; where it is None, the one that was current at an instant.

    In order; what is not permitted, not held, or was not there yet, is left out.
    """
    homes: dict[int, int | None] = {}
    found = []
    for number, item, version in wanted:
        if number not in homes:
            row = reading.row("SELECT home FROM source_patient WHERE number = ?", (number,))
            homes[number] = None if row is None else row[0]
        home = homes[number]
        for table in ("item", "deleted_item") if home is not None else ():
            named = reading.row(f"SELECT type, id FROM {table} WHERE {_AT}", (home, number, item))
            if named is not None:
                place = Place(home or 0, number, item)
                held = read_versions(reading, permitted, place, *named)
                meant = (each for each in held if version in (None, each.version))
                found += [each for each in meant if version is not None or each.stored_at <= at][:1]
                break
    return found


class Filed(NamedTuple):
    """Where a version of an item is filed, without what it says: all that a decision minds of it."""

    item: int
    version: int
    service: int
    heading: int
    labels: int
    lifecycle: int
    stored_at: int


def filed(reading: Reading, permitted: Permitted, source: tuple[int, int]) -> list[Filed]:
    """Every version of every item of a source patient, deletions too, item by item, the newest first."""
    found: list[Filed] = []
    for condition, values in ranges(reading, permitted, "item"):
        for table in ("item", "item_version"):
            sql = (
                "SELECT i.item, i.version, i.service, i.heading, i.labels, i.lifecycle, i.stored_at "
                f"FROM {table} i WHERE i.home = ? AND i.source_patient = ? AND {condition}"
            )
            found += map(Filed._make, reading.rows(sql, (*source, *values)))
    return sorted(found, key=lambda each: (each.item, -each.version))


def versions_of_type(reading: Reading, permitted: Permitted, type_: int, *, since: int) -> list[VersionAt]:
    """Every version of a contributor's items of one type that was stored at `since` or later, in no order."""
    found: list[VersionAt] = []
    for condition, values in ranges(reading, permitted, "item"):
        for sql in _OF_TYPE:
            rows = reading.rows(sql.format(condition=condition), (type_, since, *values))
            found += [VersionAt(Place(*place), id_, version, at) for *place, id_, version, at in rows]
    return found


_SAME_PLACE = "i.home = k.home AND i.source_patient = k.source_patient AND i.item = k.item"
_LATER = "i.type = ? AND i.stored_at >= ? AND {condition}"
_OF_TYPE = (
    "SELECT i.home, i.source_patient, i.item, i.id, i.version, i.stored_at FROM item i WHERE " + _LATER,
    *(
        f"SELECT i.home, i.source_patient, i.item, k.id, i.version, i.stored_at FROM {table} k "
        f"JOIN item_version i ON {_SAME_PLACE} WHERE " + _LATER.replace("i.type", "k.type")
        for table in ("item", "deleted_item")
    ),
)


def locate_deleted(reading: Reading, names: Iterable[str]) -> dict[str, list[Place]]:
    """Where items lay that were deleted, by "Type/id". Tells that they existed, so only their source may hear of it."""
    found: dict[str, list[Place]] = {}
    for some in items.portions(names):
        ids = [name.partition("/")[2] for name in some]
        sql = (
            "SELECT type, id, home, source_patient, item FROM deleted_item "
            f"WHERE id IN ({','.join('?' * len(ids))}) ORDER BY home, source_patient, item"
        )
        for type_, id_, *place in reading.rows(sql, ids):
            found.setdefault(f"{reading.words.text(reading, type_)}/{id_}", []).append(Place(*place))
    return found


def deletions(reading: Reading, permitted: Permitted, *, after: int) -> set[tuple[str, str]]:
    """(type, id) of each permitted item that was deleted after an instant and is deleted still."""
    found: set[tuple[str, str]] = set()
    for condition, values in ranges(reading, permitted, "item"):
        sql = (
            "SELECT d.type, d.id FROM item_version i JOIN deleted_item d ON d.home = i.home "
            "AND d.source_patient = i.source_patient AND d.item = i.item "
            f"WHERE i.lifecycle = ? AND i.stored_at > ? AND {condition}"
        )
        rows = reading.rows(sql, (DELETED, after, *values))
        found.update((reading.words.text(reading, type_), id_) for type_, id_ in rows)
    return found


def first_stored(reading: Reading, source: tuple[int, int]) -> int:
    """When the first item of a source patient was stored; 0 when none ever was."""
    found: list[int] = []
    for table in ("item", "item_version"):
        sql = f"SELECT stored_at FROM {table} WHERE home = ? AND source_patient = ? ORDER BY item, version LIMIT 1"
        found += [at for (at,) in reading.rows(sql, source)]
    return min(found, default=0)


def last_version(writing: Writing, place: Place) -> tuple[int, int, int]:
    """(version, stored_at, service) of the last earlier version at a place; zeros when there is none."""
    sql = f"SELECT version, stored_at, service FROM item_version WHERE {_AT} ORDER BY version DESC LIMIT 1"
    row = writing.row(sql, place)
    return (0, 0, 0) if row is None else (row[0], row[1], row[2])


def lies_alone(writing: Writing, place: Place) -> bool:
    """Whether no other item lies with its source patient."""
    sql = "SELECT 1 FROM item WHERE home = ? AND source_patient = ? AND item <> ? LIMIT 1"
    return writing.row(sql, place) is None


# -- writing ---------------------------------------------------------------------------------------------------------


def delete(writing: Writing, item: StoredItem, nothing: bytes, stored_at: int) -> None:
    """Take an item out of every scan; `nothing` is the body of the version that says so.

    What is derived from it (index, facts, who else is named, labels near it) is for the caller to take away.
    """
    place = item.place
    items.archive(writing, place)
    values = (*place, item.version + 1, item.service, item.heading, 0, 0, DELETED, 1, 0, stored_at, nothing)
    writing.run(f"INSERT INTO item_version VALUES ({','.join('?' * 13)})", values)
    writing.run(f"DELETE FROM item WHERE {_AT}", place)
    writing.run("DELETE FROM locator WHERE id = ? AND type = ?", (item.id, item.type))
    writing.run("INSERT INTO deleted_item VALUES (?,?,?,?,?)", (item.id, item.type, *place))


def forget_deletion(writing: Writing, place: Place) -> None:
    """What was deleted there has come back."""
    writing.run(f"DELETE FROM deleted_item WHERE {_AT}", place)
