"""Why two source patients are one person, may be, or are not: the waterfall of what was compared. Tells no value."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from concord.identity.judging import Candidate, obstacle
from concord.identity.likeness import Scorer, Step
from concord.identity.traits import traits

_MANY = 1_000_000


class Line(NamedTuple):
    """One bar: what was compared, how it agrees, and the bits for (or against) one person."""

    compared: str
    found: str
    bits: float

    @property
    def words(self) -> str:
        return in_words(self.bits)


@dataclass(frozen=True, kw_only=True, slots=True)
class Explained:
    """`prior`: bits for any two source patients; `steps` add to it; `bits` is the sum. `link` and `review`: the bits
    from which they may be linked, or are shown to a human. `obstacle`: what keeps them from being linked by likeness.
    """

    prior: float
    steps: Sequence[Step]
    bits: float
    link: float
    review: float
    obstacle: str

    @property
    def lines(self) -> Sequence[Line]:
        """The waterfall, from any two records to these two."""
        first = Line("Before", "any two records", self.prior)
        return [first, *(Line(step.comparison.title, step.level.name, step.bits) for step in self.steps)]

    @property
    def together(self) -> str:
        """The sum in words."""
        return in_words(self.bits)

    @property
    def thresholds(self) -> str:
        review, link = in_words(self.review), in_words(self.link)
        return f"Shown for review from {review} on, linked from {link} on if nothing speaks against it."

    @property
    def follows(self) -> str:
        """What likeness alone makes of it."""
        if self.bits < self.review:
            return "Not enough alike to be shown for review."
        if self.obstacle:
            return f"Not linked by likeness alone: {self.obstacle}."
        return "May be linked by likeness alone, if nobody else fits as well and no other record of theirs contradicts."

    def without(self, comparison: str) -> "Explained":
        """The same without one comparison, for whoever may not know how that agrees."""
        steps = [step for step in self.steps if step.comparison.name != comparison]
        return replace(self, steps=steps, bits=self.prior + sum(step.bits for step in steps))


def explained(one: Candidate, other: Candidate, scorer: Scorer) -> Explained:
    weighed = scorer.weigh(traits(one.demographics), traits(other.demographics))
    return Explained(
        prior=scorer.prior_bits,
        steps=weighed.steps,
        bits=weighed.bits,
        link=scorer.weights.link,
        review=scorer.weights.review,
        obstacle=obstacle(one.organisation, one.demographics, other, weighed, scorer.weights.link),
    )


def in_words(bits: float) -> str:
    """Bits as odds, to two figures: "24,000 to 1 for one person"."""
    if abs(bits) < 1:
        return "says little or nothing"
    odds = 2 ** min(abs(bits), 64.0)
    digits = 1 - math.floor(math.log10(odds))
    shown = "more than a million" if odds > _MANY else f"{round(odds, min(digits, 0)):,.0f}"
    return f"{shown} to 1 for {'one person' if bits > 0 else 'two people'}"
