"""What follows from likeness: link, wait for a human, or stay apart. Pure.

Bits alone never link. Who is linked without a number must agree in all that tells twins, a father from his son, and
whoever happens to bear the same name, apart (`_LINKS`); what speaks against it, in any source patient of the person,
speaks for a human.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from concord.base import OdsCode, PersonId
from concord.identity.likeness import MISSING, Scorer, Weighed
from concord.identity.traits import Described, traits

_BOTH_OF_ONE = "one organisation holds both"
_PROTECTED = "one is protected"


class Comparable(Described, Protocol):
    """`protected`: where the person lives must be kept back."""

    @property
    def protected(self) -> bool: ...


# The levels that a link needs; a number is needed by none, and where both have one it must be the same.
_LINKS: Mapping[str, set[str]] = {
    "nhs_number": {MISSING, "the same"},
    "given": {"the same", "two forms of one name"},
    "family": {"the same", "alike", "one within the other"},
    "born_on": {"the same"},
    "sex": {MISSING, "the same"},
    "place": {"the same house", "the same postcode"},
}
# What another source patient of the person may say without speaking against a link: people move and change names.
_BESIDE: Mapping[str, set[str]] = {
    "nhs_number": {MISSING, "the same"},
    "given": {MISSING, "the same", "two forms of one name", "alike", "an initial of the other"},
    "born_on": {MISSING, "the same"},
    "sex": {MISSING, "the same"},
}


class Candidate(Protocol):
    """A source patient, as `store.people` tells of it. `base` is what the rules link it to, `person` what words make of
    that; `held`: it waits for a human itself."""

    @property
    def source(self) -> tuple[int, int]: ...
    @property
    def held(self) -> bool: ...
    @property
    def organisation(self) -> OdsCode: ...
    @property
    def person(self) -> PersonId | None: ...
    @property
    def base(self) -> PersonId | None: ...
    @property
    def demographics(self) -> Comparable: ...


class Alike(NamedTuple):
    """A source patient that may be the same human. `obstacle`: why a human must say so, empty if not."""

    known: Candidate
    person: PersonId
    base: PersonId
    bits: float
    obstacle: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Judgement:
    """`link` to a base, `wait` for a human to say whether it is one of those who are alike, or stay `apart`.

    `alike`: all who may be the same human, best first. `why` names what was compared, never a value.
    """

    decision: Literal["link", "wait", "apart"]
    base: PersonId | None = None
    alike: Sequence[Alike] = ()
    why: str


def judge(
    organisation: OdsCode,
    new: Comparable,
    candidates: Iterable[Candidate],
    scorer: Scorer,
    whole: Callable[[PersonId], Iterable[Candidate]],
) -> Judgement:
    """Judge a source patient of an organisation beside others that it may be; `whole`: all that is linked to a person.

    A person whom it surely is gets it when there is no second such, and nothing of theirs speaks against it. Nobody
    joins what waits itself, and whoever is surely that waits too. The order of `candidates` does not matter.
    """
    alike = sorted(_alike(organisation, new, candidates, scorer), key=lambda each: (-each.bits, each.base))
    if not alike:
        return Judgement(decision="apart", why="nobody is alike")
    sure = {each.person for each in alike if not each.obstacle}
    if not sure:
        return Judgement(decision="wait", alike=alike, why=f"alike; {alike[0].obstacle}")
    if len(sure) > 1 or any(each.known.held for each in alike):
        return Judgement(decision="wait", alike=alike, why="alike; so is another person")
    (person,), own = sure, traits(new)
    for other in whole(person):
        if other.organisation == organisation:
            return Judgement(decision="wait", alike=alike, why=f"alike; {_BOTH_OF_ONE}")
        if other.demographics.protected:
            return Judgement(decision="wait", alike=alike, why=f"alike; {_PROTECTED}")
        if against := contradiction(scorer.weigh(own, traits(other.demographics))):
            return Judgement(decision="wait", alike=alike, why=f"alike; of another of their sources {against}")
    base = next(each.base for each in alike if not each.obstacle)
    return Judgement(decision="link", base=base, alike=alike, why="alike: names, date of birth and address agree")


def _alike(organisation: OdsCode, new: Comparable, candidates: Iterable[Candidate], scorer: Scorer) -> Iterator[Alike]:
    """Those who are enough alike for a human to look at. Two valid numbers are two people, however alike."""
    own = traits(new)
    for known in candidates:
        if known.person is None or known.base is None:  # it is not linked yet
            continue
        weighed = scorer.weigh(own, traits(known.demographics))
        if weighed.bits < scorer.weights.review or weighed.found("nhs_number") == "different":
            continue
        against = obstacle(organisation, new, known, weighed, scorer.weights.link)
        if not (known.held and against):
            yield Alike(known, known.person, known.base, weighed.bits, against)


def obstacle(organisation: OdsCode, new: Comparable, known: Candidate, weighed: Weighed, link: float) -> str:
    """Why a pair may not be linked by likeness; empty when it may, from `link` bits on."""
    if new.protected or known.demographics.protected:
        return _PROTECTED
    if organisation == known.organisation:
        return _BOTH_OF_ONE
    return shortfall(weighed, link)


def shortfall(weighed: Weighed, link: float) -> str:
    """What two lack to be linked by likeness, whoever holds them; empty when nothing."""
    return _outside(weighed, _LINKS) or ("too little is known" if weighed.bits < link else "")


def contradiction(weighed: Weighed) -> str:
    """What another source patient of a person says against a link to them; empty when nothing."""
    return _outside(weighed, _BESIDE)


def _outside(weighed: Weighed, allowed: Mapping[str, set[str]]) -> str:
    """The first comparison whose level is not among those allowed, in words; empty when there is none."""
    for comparison, level, _ in weighed.steps:
        if comparison.name in allowed and level.name not in allowed[comparison.name]:
            return f"{comparison.title}: {level.name}"
    return ""
