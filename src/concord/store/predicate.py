"""A `Permitted` in SQL: the conditions under which the database gives a row to whoever holds it."""

from collections.abc import Iterator, Sequence
from typing import Literal

from concord.store.face import Reading
from concord.store.permitted import Opening, Permitted

Met = Literal["item", "search_index", "named", "source_patient"]
"""The table that a query meets first; it gives home and source patient, so that nothing else is looked at."""

_CONTRIBUTED = (
    "EXISTS (SELECT 1 FROM source_patient c "
    "WHERE c.number = i.source_patient AND c.home = i.home AND c.organisation = ?)"
)
_FIRST: dict[Met, tuple[str, str, str]] = {
    "item": ("i.home", "i.source_patient", _CONTRIBUTED),
    "search_index": ("x.home", "x.source_patient", _CONTRIBUTED),
    "named": ("n.home", "n.source_patient", _CONTRIBUTED),
    "source_patient": ("s.home", "s.number", "s.organisation = ?"),
}
_UNKNOWN = -1  # a word that was never given: no row carries it


def ranges(reading: Reading, permitted: Permitted, met: Met) -> Iterator[tuple[str, Sequence[int]]]:
    """Condition and values of each range of rows that may be read; none if nothing may.

    A range is a source patient, a contributor's whole, or everything (a duty). The rows are those of `item` as `i`;
    the table met first is called `x`, `n` or `s`.
    """
    home, source_patient, contributed = _FIRST[met]
    if permitted.duty is not None:
        yield "1 = 1", ()
    elif permitted.contributor is not None:
        condition, values = contributed, [_number(reading, permitted.contributor)]
        if permitted.source_patient is not None:
            condition += f" AND {home} = ? AND {source_patient} = ?"
            values += permitted.source_patient
        yield condition, values
    else:
        by_source: dict[tuple[int, int], list[Opening]] = {}
        for opening in permitted.openings:
            by_source.setdefault((opening.home, opening.source_patient), []).append(opening)
        for place, openings in by_source.items():
            any_of, values = _any_of(reading, openings)
            yield f"{home} = ? AND {source_patient} = ? AND {any_of}", [*place, *values]


def at_place(reading: Reading, permitted: Permitted, source: tuple[int, int]) -> tuple[str, Sequence[int]]:
    """Condition and values under which rows of `item` as `i` may be read that lie with a source patient.

    Where nothing may, no row meets it, though it asks for as much: what is closed, what is hidden and what is not there
    take as long.
    """
    if permitted.duty is None and permitted.contributor is None:
        openings = [each for each in permitted.openings if (each.home, each.source_patient) == source]
        return _any_of(reading, openings or [_closed(source)])
    return next(ranges(reading, permitted, "item"))


def _closed(source: tuple[int, int]) -> Opening:
    return Opening(home=source[0], source_patient=source[1], service=None, headings=0, labels=0)


def _any_of(reading: Reading, openings: Sequence[Opening]) -> tuple[str, list[int]]:
    filters = [_opening(reading, opening) for opening in openings]
    any_of = " OR ".join(text for text, _ in filters)
    return f"({any_of})", [value for _, bound in filters for value in bound]


def _opening(reading: Reading, opening: Opening) -> tuple[str, tuple[int, ...]]:
    """An item is open when its heading is in the set and no label of it is outside the mask."""
    condition, values = "((? >> i.heading) & 1) = 1 AND (i.labels & ~?) = 0", (opening.headings, opening.labels)
    if opening.service is None:
        return f"({condition})", values
    return f"(i.service = ? AND {condition})", (_number(reading, opening.service), *values)


def _number(reading: Reading, word: str) -> int:
    number = reading.words.number(reading, word)
    return _UNKNOWN if number is None else number
