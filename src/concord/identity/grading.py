"""How surely somebody in hand is somebody held: by the rules, weights and thresholds by which links are made. Pure."""

from collections.abc import Sequence
from typing import Literal, Protocol

from concord.identity.judging import Comparable, contradiction, shortfall
from concord.identity.likeness import Scorer
from concord.identity.matching import compare
from concord.identity.traits import traits

Grade = Literal["certain", "probable", "possible"]


class Described(Protocol):
    """A source patient, as `store.people` tells of it."""

    @property
    def demographics(self) -> Comparable: ...


def grade_all(asked: Comparable, groups: Sequence[Sequence[Described]], scorer: Scorer) -> list[Grade | None]:
    """`grade` for each of several humans. One is certain, or none: where several would be, nobody can tell which; a
    number tells before likeness does."""
    grades = [grade(asked, [each.demographics for each in group], scorer) for group in groups]
    sure = [at for at, each in enumerate(grades) if each == "certain"]
    by_number = [at for at in sure if _bears(groups[at], asked.nhs_number)]
    one = by_number if len(by_number) == 1 else sure if len(sure) == 1 else []
    return ["probable" if each == "certain" and at not in one else each for at, each in enumerate(grades)]


def grade(asked: Comparable, known: Sequence[Comparable], scorer: Scorer) -> Grade | None:
    """How surely `asked` means the human whom `known` source patients describe; None when nothing says so.

    certain: it would be linked, by the rules for a stated number to every one that bears it; or, where nobody's number
    is known or differs, by likeness to one while none contradicts.
    probable: alike enough for a link, and a human would be asked. possible: enough alike for a human to look, or the
    number is theirs. Who has another number is never more than possible.
    """
    own = traits(asked)
    weighed = [scorer.weigh(own, traits(other)) for other in known]
    numbers = {each.found("nhs_number") for each in weighed}
    bits = max(each.bits for each in weighed)
    likely: Grade | None = "possible" if bits >= scorer.weights.review else None
    if bits >= scorer.weights.link:
        likely = "probable"
    if "the same" in numbers:
        bearing = [other for other in known if other.nhs_number == asked.nhs_number]
        return "certain" if compare(asked, bearing, "stated").decision == "link" else likely or "possible"
    if "different" in numbers:
        return likely and "possible"
    protected = asked.protected or any(other.protected for other in known)
    if not protected and any(not shortfall(each, scorer.weights.link) for each in weighed):
        return "probable" if any(contradiction(each) for each in weighed) else "certain"
    return likely


def _bears(group: Sequence[Described], number: str | None) -> bool:
    return number is not None and any(each.demographics.nhs_number == number for each in group)
