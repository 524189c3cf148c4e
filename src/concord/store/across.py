"""Searches that name no person: where what is sought lies, of a viewer's list or of what a contributor gave.

Narrow rows alone come out, of what the right to read opens; the bodies of what is shown are read person by person.
Two ways lead there, and the cheaper is taken: from the search index, or from the people on the list. Both are bounded
by the caller, who asks first how far each would go.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

from concord.base import OdsCode, PersonId
from concord.store.face import Reading
from concord.store.items import Place
from concord.store.listed import Held, Listed, Share
from concord.store.permitted import Permitted

__all__ = ["Held", "Listed", "Match", "Matches", "OrderBy", "Part", "Share", "Sought", "Way", "dated", "find", "listed",
           "under"]  # fmt: skip
Way = Literal["index", "index on list", "time", "list"]
_UNKNOWN = -1  # a word that was never given: no row carries it


@dataclass(frozen=True, kw_only=True, slots=True)
class Sought:
    """Items of a type that stand in the index under one value at least of each of `under`, and that touch the time
    from `since` up to, not including, `until` (microseconds; None: open).

    Values by contributor, since each has its own: of one of `under` equally many, and in the same order.
    """

    type: str
    under: Sequence[Mapping[OdsCode, Sequence[int]]] = ()
    since: int | None = None
    until: int | None = None


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
    every = _every(values)
    return _count(reading, f"SELECT 1 FROM search_index WHERE value IN ({_marks(every)})", every, most)


def dated(reading: Reading, sought: Sought, most: int) -> int:
    """The same of the items of the type that end after `since`."""
    type_ = reading.words.number(reading, sought.type) or _UNKNOWN
    return _count(reading, "SELECT 1 FROM item WHERE type = ? AND ends_at > ?", (type_, sought.since), most)


def listed(reading: Reading, permitted: Permitted, most: int) -> int:
    """The same of the relationships that may put somebody on the list."""
    if permitted.listed is None:
        return 0
    sql, values = _related(permitted.listed)
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
        query = _OnList(reading, permitted.listed)
        found = query.by_people(sought) if by == "list" else query.by_items(sought, by)
    return _told(reading, found, part)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Query:
    """Tables one after another, the last of which is `open_item`; and what gives those who are decided about alone."""

    tables: Sequence[str]
    values: Sequence[object]
    alone: str | None = None


def _told(reading: Reading, query: _Query, part: Part | None) -> Matches:
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


def _contributed(reading: Reading, permitted: Permitted, sought: Sought, by: Way) -> _Query:
    """From what stands in the index or touches the time, or from the contributor's source patients ("list").

    Index values are one contributor's, so that what stands under them is theirs.
    """
    terms = _Terms(reading, sought, met=_MET_FIRST[by])
    join = "s.home = i.home AND s.number = i.source_patient"
    tables = f"source_patient s CROSS JOIN {terms.first}" if by == "list" else (
        f"{terms.first} CROSS JOIN source_patient s ON {join}"
    )  # fmt: skip
    narrowed = "" if permitted.source_patient is None else " AND s.home = ? AND s.number = ?"
    sql = (
        f"open_item AS MATERIALIZED (SELECT DISTINCT NULL AS person, {_ITEM} FROM {tables} "
        f"WHERE {terms.condition} AND s.organisation = ?{narrowed})"
    )
    organisation = reading.words.number(reading, permitted.contributor or "") or _UNKNOWN
    return _Query(tables=[sql], values=[*terms.values, organisation, *(permitted.source_patient or ())])


_ITEM = "i.home, i.source_patient, i.item, i.id, i.starts_at, i.stored_at, i.several"
_OUT = "o.person, o.home, o.source_patient, o.item, o.id, o.starts_at, o.stored_at, o.several"
_KEYS: Mapping[OrderBy, Sequence[str]] = {
    "start": ("CASE WHEN o.starts_at IS NULL THEN 1 ELSE 0 END", "coalesce(o.starts_at, 0)"),
    "-start": ("CASE WHEN o.starts_at IS NULL THEN 1 ELSE 0 END", "-coalesce(o.starts_at, 0)"),
    "stored": ("o.stored_at",),
    "-stored": ("-o.stored_at",),
    "id": (),
}
_GUARDED = (
    "CASE WHEN EXISTS (SELECT 1 FROM link l CROSS JOIN source_patient s ON s.home = l.home "
    "AND s.number = l.source_patient WHERE l.person = m.person AND (s.protected = 1 OR s.died_on IS NOT NULL "
    "OR s.nhs_number = ? "
    "OR s.nhs_number IN (SELECT o.nhs_number FROM source_patient o WHERE o.protected = 1 AND o.nhs_number IS NOT NULL) "
    "OR EXISTS (SELECT 1 FROM choice d WHERE d.home = l.home AND d.source_patient = l.source_patient) "
    "OR EXISTS (SELECT 1 FROM own_choice d WHERE d.nhs_number = s.nhs_number))) "
    "THEN 1 ELSE 0 END AS guarded"
)
_MET_FIRST: Mapping[Way, Literal["search_index", "item", "source_patient"]] = {
    "index": "search_index", "time": "item", "list": "source_patient",
}  # fmt: skip
_AT = "i.home = {0}.home AND i.source_patient = {0}.source_patient AND i.item = {0}.item"


class _Terms:
    """What is sought as a condition on `i`; `first` is where it is met: in the index (as `x`), at once (as `i`), at
    places that were found before (`c`), or with a source patient (`s`)."""

    def __init__(
        self, reading: Reading, sought: Sought, *, met: Literal["search_index", "item", "place", "source_patient"]
    ) -> None:
        self.values: list[object] = []
        conditions = []
        under = list(sought.under)
        if met == "search_index":
            self.first = f"search_index x CROSS JOIN item i ON {_AT.format('x')}"
            every = _every(under.pop(0))
            conditions.append(f"x.value IN ({_marks(every)})")
            self.values += every
        elif met == "item":
            self.first = "item i"
        elif met == "place":
            self.first = f"item i ON {_AT.format('c')}"
        elif under:
            self.first = self._of_contributor(reading, under.pop(0))
        else:
            self.first = "item i ON i.home = s.home AND i.source_patient = s.number"
        for values in under:
            every = _every(values)
            conditions.append(
                f"EXISTS (SELECT 1 FROM search_index y WHERE y.value IN ({_marks(every)}) AND y.home = i.home "
                "AND y.source_patient = i.source_patient AND y.item = i.item)"
            )
            self.values += every
        conditions.append("i.type = ?")
        self.values.append(reading.words.number(reading, sought.type) or _UNKNOWN)
        if sought.since is not None:
            conditions.append("i.ends_at > ?")
            self.values.append(sought.since)
        if sought.until is not None:
            conditions.append("i.starts_at < ?")
            self.values.append(sought.until)
        self.condition = " AND ".join(conditions)

    def _of_contributor(self, reading: Reading, values: Mapping[OdsCode, Sequence[int]]) -> str:
        """In the index, of each source patient under its contributor's values alone."""
        numbers = [reading.words.number(reading, each) or _UNKNOWN for each in values]
        which = f"CASE s.organisation {' '.join('WHEN ? THEN ?' for _ in numbers)} END"
        sets = list(zip(*values.values(), strict=True))
        self.values += [each for one in sets for pair in zip(numbers, one, strict=True) for each in pair]
        return (
            f"search_index x ON x.value IN ({','.join(which for _ in sets)}) AND x.home = s.home "
            f"AND x.source_patient = s.number CROSS JOIN item i ON {_AT.format('x')}"
        )


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _every(values: Mapping[OdsCode, Sequence[int]]) -> list[int]:
    return [value for of_one in values.values() for value in of_one]


class _OnList:
    """The queries over one viewer's list."""

    def __init__(self, reading: Reading, of: Listed) -> None:
        self._reading = reading
        self._of = of
        self._held = list(dict.fromkeys(share.held for share in of.shares))

    def by_items(self, sought: Sought, by: Way) -> _Query:
        """From the items to the people: whose they are, and whether those are on the list."""
        values: list[object] = []
        if by == "time":
            first, candidate = "item", "x.type = ? AND x.ends_at > ?"
            values += (self._number(sought.type), sought.since)
        else:
            first, every = "search_index", _every(sought.under[0])
            candidate = f"x.value IN ({_marks(every)})"
            values += every
            sought = replace(sought, under=sought.under[1:])
        terms = _Terms(self._reading, sought, met="place")
        tables, on_list = [], ""
        if by == "index on list":
            listed, listed_values = self._listed()
            tables.append(f"listed AS MATERIALIZED ({listed})")
            values = [*listed_values, *values]
            # Joined last: of a condition on the link SQLite makes a look-up of each on the list for each row met.
            on_list = "CROSS JOIN listed m ON m.person = l.person "
        tables.append(
            f"candidate AS MATERIALIZED (SELECT l.person, x.home, x.source_patient, x.item FROM {first} x "
            f"CROSS JOIN link l ON l.home = x.home AND l.source_patient = x.source_patient {on_list}WHERE {candidate})"
        )
        standing, standing_values = self._standing("SELECT DISTINCT person FROM candidate")
        opens, opens_values = self._opens()
        open_item = (
            f"open_item AS MATERIALIZED (SELECT DISTINCT t.person, {_ITEM} FROM candidate c CROSS JOIN standing t "
            f"ON t.person = c.person AND t.guarded = 0 CROSS JOIN {terms.first} CROSS JOIN source_patient s "
            f"ON s.home = i.home AND s.number = i.source_patient WHERE {terms.condition} AND ({opens}))"
        )
        return self._query([*tables, standing, open_item], [*values, *standing_values, *terms.values, *opens_values])

    def by_people(self, sought: Sought) -> _Query:
        """From the people on the list to their items."""
        listed, values = self._listed()
        standing, standing_values = self._standing("SELECT person FROM listed")
        terms = _Terms(self._reading, sought, met="source_patient")
        opens, opens_values = self._opens()
        open_item = (
            f"open_item AS MATERIALIZED (SELECT DISTINCT t.person, {_ITEM} FROM standing t "
            "CROSS JOIN link l ON l.person = t.person AND t.guarded = 0 CROSS JOIN source_patient s ON s.home = l.home "
            f"AND s.number = l.source_patient CROSS JOIN {terms.first} WHERE {terms.condition} AND ({opens}))"
        )
        tables = [f"listed AS MATERIALIZED ({listed})", standing, open_item]
        return self._query(tables, [*values, *standing_values, *terms.values, *opens_values])

    def _listed(self) -> tuple[str, list[object]]:
        related, values = _related(self._of)
        return (
            f"SELECT DISTINCT l.person FROM ({related}) f CROSS JOIN link l "
            "ON l.home = f.home AND l.source_patient = f.source_patient"
        ), values

    def _standing(self, people: str) -> tuple[str, list[object]]:
        """For those of the people whose relationships with the viewer meet a condition: which ones, and whether they
        are to be decided about alone."""
        met, met_values = self._met()
        viewers, viewers_values = self._viewers()
        names = [f"met_{number}" for number in range(len(self._held))]
        sql = (
            f"standing AS MATERIALIZED (SELECT m.person, {', '.join(f'm.{each}' for each in names)}, {_GUARDED} "
            f"FROM (SELECT p.person, {met} FROM ({people}) p CROSS JOIN link l ON l.person = p.person "
            # Joined from the left, since SQLite would else read the whole table to make a filter of it.
            "LEFT JOIN relationship r ON r.home = l.home AND r.source_patient = l.source_patient "
            f"AND {viewers} GROUP BY p.person) m WHERE {' + '.join(f'm.{each}' for each in names)} > 0)"
        )
        # The first is met as the viewer's own number; nobody has none.
        return sql, [self._of.nhs_number or "", *met_values, *viewers_values]

    def _query(self, tables: Sequence[str], values: Sequence[object]) -> _Query:
        alone = "SELECT t.person, NULL, NULL, NULL, '', NULL, 0, 0 FROM standing t WHERE t.guarded = 1"
        return _Query(tables=tables, values=values, alone=alone)

    def _opens(self) -> tuple[str, list[object]]:
        """Whether item `i` of `s` is open by what its person, `t`, has met: as `Permitted` says of openings."""
        any_of, values = [], list[object]()
        for share in self._of.shares:
            any_of.append(
                f"(t.met_{self._held.index(share.held)} = 1 AND s.organisation = ? AND {_in_service(share)}"
                "((? >> i.heading) & 1) = 1 AND (i.labels & ~?) = 0)"
            )
            values.append(self._number(share.organisation))
            if share.service is not None:
                values.append(self._number(share.service))
            values += (share.headings, share.labels)
        return " OR ".join(any_of), values

    def _met(self) -> tuple[str, list[object]]:
        """A column for each set of conditions: whether a relationship `r` of the person meets one of them."""
        columns, values = [], list[object]()
        for number, some in enumerate(self._held):
            tests = []
            for held in some:
                text, bound = _meets(held, self._of.now)
                tests.append(text)
                values += bound
            columns.append(f"max(CASE WHEN {' OR '.join(tests)} THEN 1 ELSE 0 END) AS met_{number}")
        return ", ".join(columns), values

    def _viewers(self) -> tuple[str, list[object]]:
        """Whether a relationship `r` names the viewer: every narrowing that it makes must fit."""
        of = self._of
        teams = f" OR r.team IN ({','.join('?' * len(of.teams))})" if of.teams else ""
        sql = (
            f"(r.organisation IN ({_marks(of.organisations)}) OR (r.organisation IS NULL AND r.holder = ?)) "
            "AND (r.service IS NULL OR r.service = ?) "
            f"AND (r.team IS NULL{teams}) AND (r.holder IS NULL OR r.holder = ?)"
        )
        return sql, [*of.organisations, of.staff_id, of.service or "", *of.teams, of.staff_id]

    def _number(self, word: str) -> int:
        return self._reading.words.number(self._reading, word) or _UNKNOWN


def _in_service(share: Share) -> str:
    return "" if share.service is None else "i.service = ? AND "


def _meets(held: Held, now: int) -> tuple[str, list[object]]:
    """Whether relationship `r` is as `held` says; one that ends before it begins never is."""
    never = "r.ends_at < r.starts_at"
    kinds = f"r.kind IN ({','.join('?' * len(held.kinds))}) AND NOT coalesce({never}, FALSE)"
    if held.when == "ended":
        times, values = "r.ends_at <= ? AND r.ends_at > ?", [now, now - held.span]
    elif held.when == "near":
        times = "r.starts_at <= ? AND coalesce(r.ends_at, r.starts_at) > ?"
        values = [now + held.span, now - held.span]
    elif held.when == "claimed":
        times = "r.starts_at <= ? AND r.starts_at > ? AND (r.ends_at IS NULL OR r.ends_at > ?)"
        values = [now, now - held.span, now]
    else:
        times = "(r.starts_at IS NULL OR r.starts_at <= ?) AND (r.ends_at IS NULL OR r.ends_at > ?)"
        values = [now, now]
    whose = f" AND r.organisation IN ({_marks(held.organisations)})" if held.organisations else ""
    return f"({kinds} AND {times}{whose})", [*held.kinds, *values, *held.organisations]


def _related(of: Listed) -> tuple[str, list[object]]:
    """Source patients with a relationship of the viewer's that may hold still: as their indexes find them."""
    every = [held for share in of.shares for held in share.held]
    kinds = sorted({kind for held in every for kind in held.kinds})
    lately = of.now - max((held.span for held in every), default=0)
    of_kinds = f"kind IN ({_marks(kinds)})"
    theirs = f"organisation IN ({_marks(of.organisations)})"
    sql = " UNION ALL ".join(
        f"SELECT home, source_patient FROM relationship WHERE {whose} AND {of_kinds}"
        for whose in (f"{theirs} AND ends_at IS NULL", f"{theirs} AND ends_at > ?",
                      "holder = ? AND organisation IS NULL")
    )  # fmt: skip
    return sql, [*of.organisations, *kinds, *of.organisations, lately, *kinds, of.staff_id, *kinds]
