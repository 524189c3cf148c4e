"""Which bases are one person, by what is said of their Patients. Pure, and the same in whatever order it was said.

A base is what the rules alone link. Reviewers' words come first; then what sources say of their own Patients, unless
that would put two NHS numbers, or two Patients that a reviewer keeps apart, into one person. Then nobody can tell which
of the sayings is wrong: none of those that bring them together counts, until a reviewer has decided.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

Says = Literal["same", "apart"]
Pair = tuple[str, str]
"""Two Patients by their logical ids, the lesser first."""

TWO_NUMBERS = "it would join two NHS numbers"
KEPT_APART = "a reviewer keeps Patients apart that it would join"


class Member(Protocol):
    """A source patient: its Patient's logical id, its number in the order of arrival, its base."""

    @property
    def patient(self) -> str: ...
    @property
    def number(self) -> int: ...
    @property
    def nhs_number(self) -> str | None: ...
    @property
    def base(self) -> str: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Joined:
    """`persons`: base -> the base whose id the person bears (that of its oldest member). `held`: pair -> why not."""

    persons: Mapping[str, str]
    held: Mapping[Pair, str]


def pair(one: str, other: str) -> Pair:
    return (one, other) if one < other else (other, one)


def join(members: Sequence[Member], said: Mapping[Pair, Says], ties: Iterable[Pair]) -> Joined:
    """What words (`said`, the last of each pair) and ties make of bases. Those about who is not a member say nothing.

    Two Patients of one base that are kept apart must have been given bases of their own before.
    """
    base_of = {member.patient: member.base for member in members}
    known = {each: word for each, word in said.items() if each[0] in base_of and each[1] in base_of}
    apart = [each for each, word in known.items() if word == "apart"]
    reviewed = _Groups(base_of.values())
    for one, other in (each for each, word in known.items() if word == "same"):
        reviewed.unite(base_of[one], base_of[other])
    open_ties = [each for each in ties if each[0] in base_of and each[1] in base_of and each not in known]
    together = _Groups(base_of.values())
    for one, other in [*(each for each, word in known.items() if word == "same"), *open_ties]:
        together.unite(base_of[one], base_of[other])
    numbers: dict[str, dict[str, set[str]]] = {}
    for member in members:
        if member.nhs_number is not None:
            within = numbers.setdefault(together.of(member.base), {})
            within.setdefault(reviewed.of(member.base), set()).add(member.nhs_number)
    wrong = {group: TWO_NUMBERS for group, each in numbers.items() if _disjoint(list(each.values()))}
    for one, other in apart:
        if together.of(base_of[one]) == together.of(base_of[other]):
            wrong[together.of(base_of[one])] = KEPT_APART
    held = {}
    for one, other in open_ties:
        group = together.of(base_of[one])
        if group in wrong and reviewed.of(base_of[one]) != reviewed.of(base_of[other]):
            held[one, other] = wrong[group]
        elif group not in wrong:
            reviewed.unite(base_of[one], base_of[other])
    oldest: dict[str, Member] = {}
    for member in sorted(members, key=lambda each: each.number):
        oldest.setdefault(reviewed.of(member.base), member)
    return Joined(persons={base: oldest[reviewed.of(base)].base for base in set(base_of.values())}, held=held)


def _disjoint(sets: Sequence[set[str]]) -> bool:
    """Whether two of them have nothing in common."""
    return any(not one & other for at, one in enumerate(sets) for other in sets[at + 1 :])


class _Groups:
    """Bases in groups."""

    def __init__(self, bases: Iterable[str]) -> None:
        self._next = {base: base for base in bases}

    def of(self, base: str) -> str:
        while self._next[base] != base:
            base = self._next[base]
        return base

    def unite(self, one: str, other: str) -> None:
        one, other = sorted((self.of(one), self.of(other)))
        self._next[other] = one
