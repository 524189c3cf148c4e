"""Whether the tables agree with each other: what every row points to is there, and nothing stands for nobody.

Each check is a query that a sound database answers with 0.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from concord.store.face import Reading, Row
from concord.store.facts import FactRows
from concord.store.items import Place, StoredItem, portions, read_at
from concord.store.permitted import Permitted

_SAME_PLACE = "i.home = {0}.home AND i.source_patient = {0}.source_patient AND i.item = {0}.item"


class Check(NamedTuple):
    """`asked` counts rows that ought not to be; `wrong` says what they are."""

    wrong: str
    asked: str


def _without_item(table: str) -> str:
    return f"SELECT count(*) FROM {table} t WHERE NOT EXISTS (SELECT 1 FROM item i WHERE {_SAME_PLACE.format('t')})"


CHECKS = (
    Check(
        "locators that find no item",
        "SELECT count(*) FROM locator t WHERE NOT EXISTS (SELECT 1 FROM item i "
        f"WHERE {_SAME_PLACE.format('t')} AND i.id = t.id AND i.type = t.type)",
    ),
    Check(
        "items that no locator finds",
        "SELECT count(*) FROM item i WHERE NOT EXISTS (SELECT 1 FROM locator t "
        f"WHERE t.id = i.id AND t.type = i.type AND {_SAME_PLACE.format('t')})",
    ),
    Check(
        "items of no source patient",
        "SELECT count(*) FROM item i WHERE NOT EXISTS "
        "(SELECT 1 FROM source_patient s WHERE s.home = i.home AND s.number = i.source_patient)",
    ),
    Check("index rows of no item", _without_item("search_index")),
    Check("relationships of no item", _without_item("relationship")),
    Check("choices of no item", _without_item("choice")),
    Check("proxies of no item", _without_item("proxy")),
    Check(
        "earlier versions of no item",
        _without_item("item_version")
        + f" AND NOT EXISTS (SELECT 1 FROM deleted_item i WHERE {_SAME_PLACE.format('t')})",
    ),
    Check(
        "deletions of items that are there",
        f"SELECT count(*) FROM deleted_item t WHERE EXISTS (SELECT 1 FROM item i WHERE {_SAME_PLACE.format('t')})",
    ),
    Check(
        "items that lack an earlier version",
        "SELECT count(*) FROM item i WHERE i.version <> 1 + (SELECT count(*) FROM item_version v WHERE "
        "v.home = i.home AND v.source_patient = i.source_patient AND v.item = i.item AND v.version < i.version)",
    ),
    Check(
        "rows of items with several people that name no item",
        "SELECT count(*) FROM named n WHERE NOT EXISTS (SELECT 1 FROM item i "
        "WHERE i.home = n.of_home AND i.source_patient = n.of_source_patient AND i.item = n.item)",
    ),
    Check(
        "links of no source patient",
        "SELECT count(*) FROM link l WHERE NOT EXISTS "
        "(SELECT 1 FROM source_patient s WHERE s.home = l.home AND s.number = l.source_patient "
        "AND s.patient IS NOT NULL)",
    ),
    Check(
        "ties of no source patient",
        "SELECT count(*) FROM tie t WHERE NOT EXISTS "
        "(SELECT 1 FROM source_patient s WHERE s.home = t.home AND s.number = t.source_patient "
        "AND s.patient IS NOT NULL)",
    ),
    Check(
        "messages, rows and entries kept with no source patient",
        "SELECT count(*) FROM original o WHERE NOT EXISTS "
        "(SELECT 1 FROM source_patient s WHERE s.home = o.home AND s.number = o.source_patient)",
    ),
    Check(
        "source patients of no person",
        "SELECT count(*) FROM source_patient s WHERE s.patient IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM link l WHERE l.home = s.home AND l.source_patient = s.number) "
        "AND NOT EXISTS (SELECT 1 FROM trial_patient t WHERE t.home = s.home AND t.source_patient = s.number)",
    ),
    Check(
        "items that wait for a Patient who is there",
        "SELECT count(*) FROM waiting w WHERE EXISTS (SELECT 1 FROM source_patient s WHERE s.patient = w.patient) "
        "AND NOT EXISTS (SELECT 1 FROM deleted_item d WHERE d.id = w.patient)",
    ),
)


def disagreements(reading: Reading) -> list[str]:
    """What is wrong between the tables, as counts ("3 locators that find no item"); empty when they agree."""
    found = []
    for check in CHECKS:
        row = reading.row(check.asked)
        if row and row[0]:
            found.append(f"{row[0]:,} {check.wrong}")
    return found


IndexRow = tuple[int, int, int, int]
"""Value, and the place of the item that is held under it."""


class Drawn(NamedTuple):
    """An item drawn for a closer look, and what is kept beside it. `facts` as in `FactRows`."""

    organisation: int
    item: StoredItem
    facts: FactRows


def draw(reading: Reading, permitted: Permitted, *, after: str, most: int) -> Iterator[Drawn]:
    """Up to `most` items whose ids follow `after`, for a duty: ids are spread evenly, so this is a fair sample."""
    if permitted.duty is None:
        return
    sql = (
        "SELECT s.organisation, l.home, l.source_patient, l.item FROM locator l JOIN source_patient s "
        "ON s.home = l.home AND s.number = l.source_patient WHERE l.id > ? ORDER BY l.id, l.type LIMIT ?"
    )
    for some in portions(reading.stream(sql, (after, most))):
        contributed_by = {Place(*at): organisation for organisation, *at in some}
        found, facts = read_at(reading, permitted, contributed_by), _facts(reading, list(contributed_by))
        for place, organisation in contributed_by.items():
            if place in found:
                yield Drawn(organisation, found[place], facts.get(place, FactRows()))


def not_indexed(reading: Reading, rows: Iterable[IndexRow]) -> int:
    """How many of these rows the index does not have; each is to be given once."""
    missing = 0
    for some in portions(rows):
        marks = ", ".join(["(?, ?, ?, ?)"] * len(some))
        sql = (
            f"WITH wanted (value, home, source_patient, item) AS (VALUES {marks}) SELECT count(*) FROM wanted w "
            "CROSS JOIN search_index x ON x.value = w.value AND x.home = w.home "
            "AND x.source_patient = w.source_patient AND x.item = w.item"
        )
        ((held,),) = reading.rows(sql, [each for row in some for each in row])
        missing += len(some) - held
    return missing


def indexed(reading: Reading) -> int:
    """How many rows the index has."""
    row = reading.row("SELECT count(*) FROM search_index")
    return int(row[0]) if row else 0


def _facts(reading: Reading, places: Sequence[Place]) -> dict[Place, FactRows]:
    """What is kept beside the items at these places (one portion), of those that have any."""
    wanted = f"WITH wanted (home, source_patient, item) AS (VALUES {', '.join(['(?, ?, ?)'] * len(places))}) SELECT "
    beside = "t.home = w.home AND t.source_patient = w.source_patient AND t.item = w.item"
    values = [each for place in places for each in place]

    def beside_them(table: str, columns: str, order: str = "") -> Iterator[tuple[Place, Row]]:
        at = "t.home, t.source_patient, t.item"
        sql = f"{wanted} {at}, {columns} FROM wanted w CROSS JOIN {table} t ON {beside}{order}"
        for row in reading.rows(sql, values):
            yield Place(*row[:3]), row[3:]

    related: dict[Place, list[Row]] = {}
    columns = "kind, organisation, service, team, holder, starts_at, ends_at"
    for place, row in beside_them("relationship", columns, " ORDER BY t.home, t.source_patient, t.item, t.part"):
        related.setdefault(place, []).append(row)
    chosen = dict(beside_them("choice", "kind, given, contributor, organisation, silent, starts_at, ends_at, firm"))
    acts = dict(beside_them("proxy", "nhs_number, kind, given, contributor, starts_at, ends_at"))
    return {
        place: FactRows(relationships=related.get(place, ()), choice=chosen.get(place), proxy=acts.get(place))
        for place in related.keys() | chosen.keys() | acts.keys()
    }
