"""What a search that names no person seeks, as conditions and tables of its one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from concord.base import OdsCode
from concord.store.face import Reading

Way = Literal["index", "index on list", "time", "list"]
UNKNOWN = -1  # a word that was never given: no row carries it


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


@dataclass(frozen=True, kw_only=True, slots=True)
class Query:
    """Tables one after another, the last of which is `open_item`; and what gives those who are decided about alone."""

    tables: Sequence[str]
    values: Sequence[object]
    alone: str | None = None


ITEM = "i.home, i.source_patient, i.item, i.id, i.starts_at, i.stored_at, i.several"
AT = "i.home = {0}.home AND i.source_patient = {0}.source_patient AND i.item = {0}.item"


class Terms:
    """What is sought as a condition on `i`; `first` is where it is met: in the index (as `x`), at once (as `i`), at
    places that were found before (`c`), or with a source patient (`s`)."""

    def __init__(
        self, reading: Reading, sought: Sought, *, met: Literal["search_index", "item", "place", "source_patient"]
    ) -> None:
        self.values: list[object] = []
        conditions = []
        under = list(sought.under)
        if met == "search_index":
            self.first = f"search_index x CROSS JOIN item i ON {AT.format('x')}"
            every = all_of(under.pop(0))
            conditions.append(f"x.value IN ({marks(every)})")
            self.values += every
        elif met == "item":
            self.first = "item i"
        elif met == "place":
            self.first = f"item i ON {AT.format('c')}"
        elif under:
            self.first = self._of_contributor(reading, under.pop(0))
        else:
            self.first = "item i ON i.home = s.home AND i.source_patient = s.number"
        for values in under:
            every = all_of(values)
            conditions.append(
                f"EXISTS (SELECT 1 FROM search_index y WHERE y.value IN ({marks(every)}) AND y.home = i.home "
                "AND y.source_patient = i.source_patient AND y.item = i.item)"
            )
            self.values += every
        conditions.append("i.type = ?")
        self.values.append(reading.words.number(reading, sought.type) or UNKNOWN)
        if sought.since is not None:
            conditions.append("i.ends_at > ?")
            self.values.append(sought.since)
        if sought.until is not None:
            conditions.append("i.starts_at < ?")
            self.values.append(sought.until)
        self.condition = " AND ".join(conditions)

    def _of_contributor(self, reading: Reading, values: Mapping[OdsCode, Sequence[int]]) -> str:
        """In the index, of each source patient under its contributor's values alone."""
        numbers = [reading.words.number(reading, each) or UNKNOWN for each in values]
        which = f"CASE s.organisation {' '.join('WHEN ? THEN ?' for _ in numbers)} END"
        sets = list(zip(*values.values(), strict=True))
        self.values += [each for one in sets for pair in zip(numbers, one, strict=True) for each in pair]
        return (
            f"search_index x ON x.value IN ({','.join(which for _ in sets)}) AND x.home = s.home "
            f"AND x.source_patient = s.number CROSS JOIN item i ON {AT.format('x')}"
        )


def marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def all_of(values: Mapping[OdsCode, Sequence[int]]) -> list[int]:
    return [value for of_one in values.values() for value in of_one]
