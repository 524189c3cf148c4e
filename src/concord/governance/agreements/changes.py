"""What a new version changes, laid out for a page that compares."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from concord.governance.agreements.comparison import Mark, compare, squares
from concord.governance.agreements.counting import Concerned, Counted, invented_example
from concord.governance.agreements.reach import Reach
from concord.governance.agreements.reach_words import Told, told
from concord.governance.agreements.reading_out import CLOSES, OPENS, held_here, located_words
from concord.governance.agreements.small_numbers import disclosed
from concord.governance.directory import Directory, roles
from concord.governance.policy import Policy


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A row: who would see what that they do not see now, or the reverse. Where it was counted, how many `people` and
    `items` held it concerns, as may be told, and somebody invented of whom it speaks; else empty."""

    opens: bool
    told: Told
    people: str = ""
    items: str = ""
    example: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Square:
    heading: str
    mark: Mark


@dataclass(frozen=True, kw_only=True, slots=True)
class Changes:
    """`rows`: what opens, then what closes. `map`: for each role of which something changes, its squares in one order.
    `others`: of protected people and of terms, sentences under their titles."""

    rows: Sequence[Change]
    opens: int
    closes: int
    map: Mapping[str, Sequence[Square]]
    others: Mapping[str, Sequence[str]]
    held: Sequence[str] = ()
    """Of all that opens and all that closes: how many people and items held, and how they were counted."""


def changes(before: Policy, after: Policy, counted: Counted | None = None) -> Changes:
    """Exactly what `after` opens and closes, by comparing every class of viewers, items and situations. `counted`: of
    this very comparison."""
    comparison, directory = compare(before, after), after.directory
    drawn = squares(comparison, before)
    others = {"Protected people": located_words(comparison, directory), "Terms": comparison.terms}
    return Changes(
        rows=[
            *_rows(comparison.opens, counted.opens if counted else None, directory, opens=True),
            *_rows(comparison.closes, counted.closes if counted else None, directory, opens=False),
        ],
        opens=sum(square in (Mark.OPENS, Mark.BOTH) for row in drawn.values() for square in row.values()),
        closes=sum(square in (Mark.CLOSES, Mark.BOTH) for row in drawn.values() for square in row.values()),
        map={
            roles()[role].title: [
                Square(heading=str(heading).replace("-", " "), mark=mark) for heading, mark in row.items()
            ]
            for role, row in drawn.items()
        },
        others={title: sentences for title, sentences in others.items() if sentences},
        held=tuple(held_here(counted)) if counted else (),
    )


def _rows(
    reached: Sequence[Reach], counts: Sequence[Concerned] | None, directory: Directory, *, opens: bool
) -> Iterator[Change]:
    verb = OPENS if opens else CLOSES
    for nth, reach in enumerate(reached):
        if counts is None:
            yield Change(opens=opens, told=told(reach, directory))
        else:
            yield Change(
                opens=opens,
                told=told(reach, directory),
                people=disclosed(counts[nth].people),
                items=disclosed(counts[nth].items),
                example=invented_example(reach, directory, verb, nth),
            )
