"""Why two source patients are one person, may be, or are not: the waterfall of what was compared. Tells no value."""

from collections.abc import Sequence
from dataclasses import dataclass

from concord.identity.judging import Candidate, obstacle
from concord.identity.likeness import Scorer, Step
from concord.identity.traits import traits


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
    def probability(self) -> float:
        return 1 / (1 + 2**-self.bits)


def explain(one: Candidate, other: Candidate, scorer: Scorer) -> Explained:
    weighed = scorer.weigh(traits(one.demographics), traits(other.demographics))
    return Explained(
        prior=scorer.prior_bits,
        steps=weighed.steps,
        bits=weighed.bits,
        link=scorer.weights.link,
        review=scorer.weights.review,
        obstacle=obstacle(one.organisation, one.demographics, other, weighed, scorer.weights.link),
    )
