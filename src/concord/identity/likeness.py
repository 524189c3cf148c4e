"""How alike two source patients are, in bits of evidence: the model of Fellegi and Sunter. Pure.

Each comparison finds one level; a level's weight is log2(m/u), where m is how often source patients of one person
agree so, and u how often those of two do (Fellegi and Sunter 1969). Where a level says that a value is the same, u is
how common the value is: two Ramsbottoms tell more than two Smiths. Weights and the prior add up. The same levels stand
beside as SQL, by which Splink learns m and u (`training`); a test holds the two against each other.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import NamedTuple

import msgspec
from rapidfuzz.distance import Levenshtein

from concord.identity.names import ALIKE, alike, is_initial
from concord.identity.traits import Traits

MISSING = "not known"


class Level(NamedTuple):
    """One way in which two values agree or do not: the same rule for us and, as SQL over columns `_l` and `_r`, for
    Splink. `frequency`: the trait whose values are counted, where this level says that they are the same."""

    name: str
    holds: Callable[[Traits, Traits], bool]
    sql: str
    frequency: str = ""


class Comparison(NamedTuple):
    """Levels in their order: the first that holds is the one found. The first of all is that nothing is known."""

    name: str
    title: str
    levels: Sequence[Level]


def _missing(trait: str) -> Level:
    place = Traits._fields.index(trait)
    return Level(MISSING, lambda a, b: not a[place] or not b[place], f"{trait}_l = '' OR {trait}_r = ''")


def _else(name: str) -> Level:
    return Level(name, lambda _a, _b: True, "ELSE")


def _other_given_names_differ(a: Traits, b: Traits) -> bool:
    one, other = a.further, b.further
    return bool(
        a.long_form == b.long_form and one and other and not one.startswith(other) and not other.startswith(one)
    )


def _one_within_other(a: Traits, b: Traits) -> bool:
    short, long = sorted((a.family, b.family), key=len)
    return len(short) > 2 and (long.startswith(short) or long.endswith(short))


def _day_and_month_changed_round(a: Traits, b: Traits) -> bool:
    one, other = a.born_on, b.born_on
    return one[:4] == other[:4] and one[5:7] == other[8:10] and one[8:10] == other[5:7]


def _two_parts_agree(a: Traits, b: Traits) -> bool:
    one, other = a.born_on, b.born_on
    return (one[:4] == other[:4]) + (one[5:7] == other[5:7]) + (one[8:10] == other[8:10]) == 2


_YEAR, _MONTH, _DAY = (f"substr(born_on_l, {at}) = substr(born_on_r, {at})" for at in ("1, 4", "6, 2", "9, 2"))

COMPARISONS: Sequence[Comparison] = (
    Comparison(
        "nhs_number",
        "NHS number",
        (
            _missing("nhs_number"),
            Level("the same", lambda a, b: a.nhs_number == b.nhs_number, "nhs_number_l = nhs_number_r"),
            _else("different"),
        ),
    ),
    Comparison(
        "given",
        "Given name",
        (
            _missing("given"),
            Level(
                "the first agrees, the others do not",
                _other_given_names_differ,
                "long_form_l = long_form_r AND further_l <> '' AND further_r <> '' "
                "AND NOT starts_with(further_l, further_r) AND NOT starts_with(further_r, further_l)",
            ),
            Level("the same", lambda a, b: a.given == b.given, "given_l = given_r", "given"),
            Level("two forms of one name", lambda a, b: a.long_form == b.long_form, "long_form_l = long_form_r"),
            Level(
                "alike",
                lambda a, b: alike(a.given, b.given),
                f"jaro_winkler_similarity(given_l, given_r) >= {ALIKE}",
            ),
            Level(
                "an initial of the other",
                lambda a, b: is_initial(a.given, b.given),
                "least(length(given_l), length(given_r)) = 1 AND substr(given_l, 1, 1) = substr(given_r, 1, 1)",
            ),
            _else("different"),
        ),
    ),
    Comparison(
        "family",
        "Family name",
        (
            _missing("family"),
            Level("the same", lambda a, b: a.family == b.family, "family_l = family_r", "family"),
            Level(
                "alike",
                lambda a, b: a.family_form == b.family_form or alike(a.family, b.family),
                f"family_form_l = family_form_r OR jaro_winkler_similarity(family_l, family_r) >= {ALIKE}",
            ),
            Level(
                "one within the other",
                _one_within_other,
                "least(length(family_l), length(family_r)) > 2 AND "
                "(starts_with(family_l, family_r) OR starts_with(family_r, family_l) "
                "OR ends_with(family_l, family_r) OR ends_with(family_r, family_l))",
            ),
            Level(
                "changed round with the given name",
                lambda a, b: bool(a.given) and a.family == b.given and a.given == b.family,
                "given_l <> '' AND family_l = given_r AND given_l = family_r",
            ),
            _else("different"),
        ),
    ),
    Comparison(
        "born_on",
        "Date of birth",
        (
            _missing("born_on"),
            Level("the same", lambda a, b: a.born_on == b.born_on, "born_on_l = born_on_r", "born_on"),
            Level(
                "day and month changed round",
                _day_and_month_changed_round,
                "substr(born_on_l, 1, 4) = substr(born_on_r, 1, 4) AND "
                "substr(born_on_l, 6, 2) = substr(born_on_r, 9, 2) AND "
                "substr(born_on_l, 9, 2) = substr(born_on_r, 6, 2)",
            ),
            Level(
                "one digit differs",
                lambda a, b: Levenshtein.distance(a.born_on, b.born_on, score_cutoff=1) == 1,
                "levenshtein(born_on_l, born_on_r) = 1",
            ),
            Level(
                "two of day, month and year agree",
                _two_parts_agree,
                f"({_YEAR} AND {_MONTH}) OR ({_YEAR} AND {_DAY}) OR ({_MONTH} AND {_DAY})",
            ),
            _else("different"),
        ),
    ),
    Comparison(
        "sex",
        "Sex",
        (
            _missing("sex"),
            Level("the same", lambda a, b: a.sex == b.sex, "sex_l = sex_r"),
            _else("different"),
        ),
    ),
    Comparison(
        "place",
        "Address",
        (
            _missing("postcode"),
            Level(
                "the same house",
                lambda a, b: bool(a.house) and a.house == b.house and a.postcode == b.postcode,
                "house_l <> '' AND house_l = house_r AND postcode_l = postcode_r",
            ),
            Level("the same postcode", lambda a, b: a.postcode == b.postcode, "postcode_l = postcode_r"),
            Level(
                "a postcode with one character different",
                lambda a, b: Levenshtein.distance(a.postcode, b.postcode, score_cutoff=1) == 1,
                "levenshtein(postcode_l, postcode_r) = 1",
            ),
            Level("the same postcode district", lambda a, b: a.district == b.district, "district_l = district_r"),
            _else("elsewhere"),
        ),
    ),
)


class Rates(msgspec.Struct, frozen=True):
    """Of one level: how often source patients of one person agree so (m), and how often those of two (u)."""

    m: float
    u: float

    @property
    def bits(self) -> float:
        return math.log2(self.m / self.u)


class Weights(msgspec.Struct, frozen=True, kw_only=True):
    """What was learnt of a population, as data.

    `prior`: the share of pairs of source patients that are one person. `rates` by comparison and level. `frequencies`
    by trait and value: the share of source patients with it, of values that many have; whatever is not named is as
    common as `rarest` says. `link` and `review`: bits from which a pair may be linked, or is shown to a human.
    """

    source_patients: int
    prior: float
    rates: Mapping[str, Mapping[str, Rates]]
    frequencies: Mapping[str, Mapping[str, float]]
    rarest: Mapping[str, float]
    link: float
    review: float

    def listed(self) -> Iterator[tuple[str, str, Rates]]:
        """What was compared, how it agrees, and the rates, in the order of comparing."""
        for comparison in COMPARISONS:
            for level in comparison.levels:
                if level.name in self.rates[comparison.name]:
                    yield comparison.title, level.name, self.rates[comparison.name][level.name]


class Step(NamedTuple):
    """One bar of the waterfall: what was compared, how it agrees, and the bits for (or against) one person."""

    comparison: Comparison
    level: Level
    bits: float


class Weighed(NamedTuple):
    """All evidence about a pair. `bits`: log2 of the odds that they are one person, the prior's with it."""

    bits: float
    steps: Sequence[Step]

    def found(self, comparison: str) -> str:
        """The name of the level found."""
        return next(step.level.name for step in self.steps if step.comparison.name == comparison)


@dataclass(frozen=True, slots=True)
class _Weight:
    """A level with its weight. `common`: log2 of the share of each value that many have; `rarest` of all others."""

    step: Step
    m: float
    common: Mapping[str, float] | None
    rarest: float
    trait: int


class Scorer:
    """Weighs pairs by learnt weights. Safe to share between threads."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.prior_bits = math.log2(weights.prior / (1 - weights.prior))
        self._ladders = [
            [(level.holds, _weight(comparison, level, weights)) for level in comparison.levels]
            for comparison in COMPARISONS
        ]

    def weigh(self, one: Traits, other: Traits) -> Weighed:
        total, steps = self.prior_bits, []
        for ladder in self._ladders:
            for holds, weight in ladder:
                if holds(one, other):
                    step = weight.step
                    if weight.common is not None:
                        u = weight.common.get(one[weight.trait], weight.rarest)
                        step = Step(step.comparison, step.level, weight.m - u)
                    total += step.bits
                    steps.append(step)
                    break
        return Weighed(total, steps)


def _weight(comparison: Comparison, level: Level, weights: Weights) -> _Weight:
    if level.name == MISSING:
        return _Weight(Step(comparison, level, 0.0), 0.0, None, 0.0, 0)
    rates = weights.rates[comparison.name][level.name]
    m, u = math.log2(rates.m), math.log2(rates.u)
    counted = weights.frequencies.get(level.frequency) if level.frequency else None
    if counted is None:
        return _Weight(Step(comparison, level, m - u), m, None, 0.0, 0)
    common = {value: math.log2(share) for value, share in counted.items()}
    rarest = math.log2(weights.rarest[level.frequency])
    return _Weight(Step(comparison, level, m - u), m, common, rarest, Traits._fields.index(level.frequency))


@cache
def delivered_weights() -> str:
    """The weights that Concord comes with, learnt of synthetic people (JSON), for who has none of their own yet."""
    return (files("concord.identity") / "weights.json").read_text(encoding="utf-8")
