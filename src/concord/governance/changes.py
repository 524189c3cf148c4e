"""What a new version changes, laid out for a page that compares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from concord.governance.comparison import Mark, compare, squares
from concord.governance.directory import roles
from concord.governance.policy import Policy
from concord.governance.reach_words import Told, told
from concord.governance.reading_out import located_words


@dataclass(frozen=True, kw_only=True, slots=True)
class Change:
    """A row: who would see what that they do not see now, or the reverse."""

    opens: bool
    told: Told


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


def changes(before: Policy, after: Policy) -> Changes:
    """Exactly what `after` opens and closes, by comparing every class of viewers, items and situations."""
    comparison, directory = compare(before, after), after.directory
    drawn = squares(comparison, before)
    others = {"Protected people": located_words(comparison, directory), "Terms": comparison.terms}
    return Changes(
        rows=[
            *(Change(opens=True, told=told(each, directory)) for each in comparison.opens),
            *(Change(opens=False, told=told(each, directory)) for each in comparison.closes),
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
    )
