"""Searches that name no person: where what matches lies, in a viewer's own list or in what a contributor gave.

The database filters: by the index and by time as far as they know the criteria, and by what is open. What only a body
can tell is looked at afterwards, body by body, of few. What would take long is refused before it is begun.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from concord.base import Incorrect, Keys, OdsCode
from concord.fhir import Criterion, Search, index_keys
from concord.fhir.searches import in_compartment, index_decides, moments
from concord.governance import Asker, Gate, SourceSystem, Viewer, permit_source
from concord.record.paging import Key
from concord.record.prepare import UNINDEXED
from concord.record.scopes import person_at
from concord.store import Permitted, Reading, across, items, people
from concord.store.across import Match, OrderBy, Part, Sought, Way

MOST_ROWS = 20_000  # of the index, or of a span of time, that are looked up for a list
MOST_PEOPLE = 4_000  # of a list whose items are looked through
MOST_BODIES = 1_000  # that are opened to see whether they match
MOST_OWN_PEOPLE = 20_000  # source patients of a source system, all of whose items are looked through
MOST_OWN_BODIES = 20_000  # of them that are opened: they are cut for nobody, and no person is decided about
_NOWHERE = (0, 0)  # no source patient has this number
_OF_ROWS = ("_lastUpdated", "_id", "date")  # a row tells its place in these orders without its body
_TOO_MANY = (
    "More may match on your list than are looked through at once. Name a person (patient=...), "
    "or narrow the search by code or by date."
)
_TOO_MANY_TESTED = (
    "What you test has more people on your list than are looked through at once. Name a person (patient=...)."
)
_TOO_MANY_OWN = (
    "More of what you contributed may match than is looked through at once. Name a person (patient=...), narrow the "
    "search by code, status or date, or take all of it by $export."
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Across:
    """What may match: `found` as it is told, `to_decide` once it is decided about alone; `total` of those found.

    `left`: the criteria that each match must still be seen to meet; `opens`: whether each must be opened for that, or
    for its place in the order. Then, and where no part was asked for, `found` is all.
    """

    found: Sequence[Match]
    to_decide: Sequence[Match]
    total: int
    left: Sequence[Criterion]
    opens: bool


NOTHING = Across(found=(), to_decide=(), total=0, left=(), opens=False)


class AcrossPeople:
    def __init__(self, gate: Gate, keys: Keys) -> None:
        self._gate = gate
        self._keys = keys

    def find(self, reading: Reading, search: Search, asker: Asker, part: Part | None = None) -> Across:
        """Raises Incorrect for what would take too long."""
        type_, criteria = search.type, search.criteria
        left = [criterion for criterion in criteria if not index_decides(criterion)]
        opens = bool(left) or any(sort.by not in _OF_ROWS for sort in search.sort)
        if isinstance(asker, SourceSystem):
            return self._own(reading, search, asker, left, None if opens else part, opens)
        permitted = self._gate.permit_list(reading, asker)
        contributors = sorted({share.organisation for share in permitted.listed.shares}) if permitted.listed else []
        if not contributors:
            return NOTHING
        tested = self._tested(reading, permitted, asker)
        sought = self._sought(reading, type_, criteria, contributors)
        cheapest = _cheapest(reading, permitted, sought)
        theirs = across.find(reading, permitted, sought, by=cheapest, part=None if opens else part)
        if opens and theirs.total > MOST_BODIES:
            raise Incorrect(_TOO_MANY)
        alone = {each.person for each in theirs.to_decide if each.place is None}
        theirs = theirs._replace(to_decide=[*theirs.to_decide, *(each for each in tested if each.person not in alone)])
        return Across(**theirs._asdict(), left=left, opens=opens)

    def _tested(self, reading: Reading, permitted: Permitted, viewer: Viewer) -> list[Match]:
        """Who is on the viewer's list by what an organisation on trial says that they test, to be decided about alone:
        others may not know them, or not so."""
        if permitted.listed is None or not permitted.listed.tested:
            return []
        within = max(held.span for share in permitted.listed.shares for held in share.held)
        related = self._gate.relationships_tested(reading, viewer, within=timedelta(microseconds=within))
        places = {place.source: place for _, place in related}
        if len(places) > MOST_PEOPLE:
            raise Incorrect(_TOO_MANY_TESTED)
        persons = dict.fromkeys(person_at(reading, place, viewer) for place in places.values())
        return [Match(person, None, "", None, 0, 0) for person in persons if person is not None]

    def _own(
        self,
        reading: Reading,
        search: Search,
        asker: SourceSystem,
        left: Sequence[Criterion],
        part: Part | None,
        opens: bool,
    ) -> Across:
        """Of what a source system contributed: by the index, by time, or all that it has of the type."""
        permitted = permit_source(asker)
        sought = self._sought(reading, search.type, search.criteria, [asker.organisation])
        way: Way = "list"
        if sought.under and across.under(reading, sought.under[0], MOST_ROWS) <= MOST_ROWS:
            way = "index"
        elif sought.since is not None and across.dated(reading, sought, MOST_ROWS) <= MOST_ROWS:
            way = "time"
        elif _names_nobody(search.type):
            permitted = permit_source(asker, people.shelf(reading, asker.organisation) or _NOWHERE)
        elif people.count_contributed(reading, permitted, MOST_OWN_PEOPLE) > MOST_OWN_PEOPLE:
            raise Incorrect(_TOO_MANY_OWN)
        found = across.find(reading, permitted, sought, by=way, part=part)
        if opens and found.total > MOST_OWN_BODIES:
            raise Incorrect(_TOO_MANY_OWN)
        return Across(**found._asdict(), left=left, opens=opens)

    def _sought(
        self, reading: Reading, type_: str, criteria: Sequence[Criterion], contributors: Sequence[OdsCode]
    ) -> Sought:
        """With the index values that are rarest first."""
        sets = [
            {each: [items.index_value(self._keys, each, type_, criterion.name, key) for key in keys]
             for each in contributors}
            for criterion in criteria
            if criterion.name not in UNINDEXED and (keys := index_keys(criterion))
        ]  # fmt: skip
        if len(sets) > 1:
            sets.sort(key=lambda values: across.under(reading, values, MOST_ROWS))
        spans = [moments(type_, criterion) for criterion in criteria]
        return Sought(
            type=type_,
            under=sets,
            since=max((after for _, after in spans if after is not None), default=None),
            until=min((before for before, _ in spans if before is not None), default=None),
        )


def _names_nobody(type_: str) -> bool:
    """Whether what is of a type lies on its contributor's shelf, and never with a person."""
    return type_ != "Patient" and not in_compartment("Patient", type_)


def part_of(search: Search, most: int, behind: Key | None) -> Part | None:
    """The matches of a page, and one more; None where rows do not tell the order."""
    orders = [_ORDERS.get((sort.by, sort.descending)) for sort in search.sort]
    told = [order for order in orders if order is not None]
    return Part(order=told, most=most + 1, behind=behind) if len(told) == len(orders) else None


_ORDERS: Mapping[tuple[str, bool], OrderBy] = {
    ("date", False): "start",
    ("date", True): "-start",
    ("_lastUpdated", False): "stored",
    ("_lastUpdated", True): "-stored",
}


def _cheapest(reading: Reading, permitted: Permitted, sought: Sought) -> Way:
    """What leads to the matches soonest, by what a person and a row were seen to cost (in microseconds)."""
    listed = across.listed(reading, permitted, MOST_PEOPLE)
    ways: list[tuple[int, Way]] = [] if listed > MOST_PEOPLE else [(listed * 20, "list")]
    if sought.under:
        rows = across.under(reading, sought.under[0], MOST_ROWS)
        if rows <= MOST_ROWS:
            ways.append((rows * 8, "index"))
            if listed <= MOST_PEOPLE:
                ways.append((rows * 3 + listed * 3, "index on list"))
    if sought.since is not None and (rows := across.dated(reading, sought, MOST_ROWS)) <= MOST_ROWS:
        ways.append((rows * 10, "time"))
    if not ways:
        raise Incorrect(_TOO_MANY)
    return min(ways)[1]
