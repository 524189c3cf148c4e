"""Searches that name no person: where what is sought lies, of a viewer's list or of what a contributor gave.

Narrow rows alone come out, of what the right to read opens; the bodies of what is shown are read person by person.
Two ways lead there, and the cheaper is taken: from the search index, or from the people on the list. Both are bounded
by the caller, who asks first how far each would go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from concord.base import OdsCode, PersonId
from concord.store.face import Reading
from concord.store.items import Place
from concord.store.listed import Held, Listed, Share
from concord.store.on_list import OnList, relationships
from concord.store.permitted import Permitted
from concord.store.sought import ITEM, UNKNOWN, Query, Sought, Terms, Way, all_of, marks

__all__ = ["Held", "Listed", "Match", "Matches", "OrderBy", "Part", "Share", "Sought", "Way", "dated", "find", "listed",
           "under"]  # fmt: skip


class Match(NamedTuple):
    """Where an open item lies, and what it is put in order by. `person` is None for a contributor.

    Without a place: a person on the list who has made a choice, is protected or has died, to be decided about alone.
    """

    person: PersonId | None
    place: Place | None
    id: str
    starts_at: int | None
    stored_at: int
    several: int


OrderBy = Literal["start", "-start", "stored", "-stored", "id"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """The first `most` matches of an order, behind the place that `behind` names by what it was put in order by.

    Each order ends with the id; what has no start comes last, in either direction ("-start": latest first).
    """

    order: Sequence[OrderBy]
    most: int
    behind: Sequence[int | str] | None = None


class Matches(NamedTuple):
    """All matches, or a part of them; how many there are in all, but for those that are returned as `to_decide`:
    what names several people, and whoever is decided about alone. Those are returned whole."""

    found: Sequence[Match]
    to_decide: Sequence[Match]
    total: int


def under(reading: Reading, values: Mapping[OdsCode, Sequence[int]], most: int) -> int:
    """How many rows stand in the index under the values, counted up to one more than `most`."""
    every = all_of(values)
    return _count(reading, f"SELECT 1 FROM search_index WHERE value IN ({marks(every)})", every, most)


def dated(reading: Reading, sought: Sought, most: int) -> int:
    """The same of the items of the type that end after `since`."""
    type_ = reading.words.number(reading, sought.type) or UNKNOWN
    return _count(reading, "SELECT 1 FROM item WHERE type = ? AND ends_at > ?", (type_, sought.since), most)


def listed(reading: Reading, permitted: Permitted, most: int) -> int:
    """The same of the relationships that may put somebody on the list."""
    if permitted.listed is None:
        return 0
    sql, values = relationships(permitted.listed)
    return _count(reading, sql, values, most)


def _count(reading: Reading, sql: str, values: Sequence[object], most: int) -> int:
    row = reading.row(f"SELECT count(*) FROM ({sql} LIMIT {most + 1}) few", values)
    return 0 if row is None else int(row[0])


def find(reading: Reading, permitted: Permitted, sought: Sought, *, by: Way, part: Part | None = None) -> Matches:
    """What is open of what is sought. `by`: what leads there, "index" (the first of `under`), "time" or "list" (of a
    contributor: all its source patients); or for a viewer "index on list", where what the index holds of others is put
    aside first, as pays while the list is short."""
    if permitted.contributor is not None:
        found = _contributed(reading, permitted, sought, by)
    elif permitted.listed is None or not permitted.listed.shares:
        return Matches((), (), 0)
    else:
        query = OnList(reading, permitted.listed)
        found = query.by_people(sought) if by == "list" else query.by_items(sought, by)
    return _told(reading, found, part)


def _told(reading: Reading, query: Query, part: Part | None) -> Matches:
    """One statement: what is shown, what is counted, and what is to be decided about alone."""
    behind, order, values = "", "", list[object]()
    if part is not None:
        keys = [key for each in part.order for key in _KEYS[each]] + ["o.id"]
        order = f" ORDER BY {', '.join(keys)} LIMIT {part.most}"
        if part.behind is not None:
            behind = f" AND ({', '.join(keys)}) > ({','.join('?' * len(keys))})"
            values += part.behind
    sql = (
        f"WITH {', '.join(query.tables)}, counted AS (SELECT count(*) AS total FROM open_item o WHERE o.several = 0) "
        f"SELECT * FROM (SELECT {_OUT} FROM open_item o WHERE o.several = 0{behind}{order}) shown "
        f"UNION ALL SELECT {_OUT} FROM open_item o WHERE o.several = 1 "
        "UNION ALL SELECT NULL, NULL, NULL, NULL, '', NULL, c.total, 0 FROM counted c"
    )
    if query.alone is not None:
        sql += f" UNION ALL {query.alone}"
    found, to_decide, total = list[Match](), list[Match](), 0
    for person, home, source_patient, item, *rest in reading.rows(sql, (*query.values, *values)):
        if home is not None:
            match = Match(person, Place(home, source_patient, item), *rest)
            (to_decide if match.several else found).append(match)
        elif person is not None:
            to_decide.append(Match(person, None, *rest))
        else:
            total = rest[2]
    return Matches(found, to_decide, total)


def _contributed(reading: Reading, permitted: Permitted, sought: Sought, by: Way) -> Query:
    """From what stands in the index or touches the time, or from the contributor's source patients ("list").

    Index values are one contributor's, so that what stands under them is theirs.
    """
    terms = Terms(reading, sought, met=MET_FIRST[by])
    join = "s.home = i.home AND s.number = i.source_patient"
    tables = f"source_patient s CROSS JOIN {terms.first}" if by == "list" else (
        f"{terms.first} CROSS JOIN source_patient s ON {join}"
    )  # fmt: skip
    narrowed = "" if permitted.source_patient is None else " AND s.home = ? AND s.number = ?"
    sql = (
        f"open_item AS MATERIALIZED (SELECT DISTINCT NULL AS person, {ITEM} FROM {tables} "
        f"WHERE {terms.condition} AND s.organisation = ?{narrowed})"
    )
    organisation = reading.words.number(reading, permitted.contributor or "") or UNKNOWN
    return Query(tables=[sql], values=[*terms.values, organisation, *(permitted.source_patient or ())])


_OUT = "o.person, o.home, o.source_patient, o.item, o.id, o.starts_at, o.stored_at, o.several"
_KEYS: Mapping[OrderBy, Sequence[str]] = {
    "start": ("CASE WHEN o.starts_at IS NULL THEN 1 ELSE 0 END", "coalesce(o.starts_at, 0)"),
    "-start": ("CASE WHEN o.starts_at IS NULL THEN 1 ELSE 0 END", "-coalesce(o.starts_at, 0)"),
    "stored": ("o.stored_at",),
    "-stored": ("-o.stored_at",),
    "id": (),
}
MET_FIRST: Mapping[Way, Literal["search_index", "item", "source_patient"]] = {
    "index": "search_index", "time": "item", "list": "source_patient",
}  # fmt: skip
