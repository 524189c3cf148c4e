"""Whose name is whose: a user's, as colleagues know it, beside those of people held. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from concord.record.dates import when
from concord.record.misuse.model import Tie
from concord.record.prepare import fold
from concord.store.people import TracedSource

Name = tuple[str, str]
"""Folded family name and first name."""

_TITLES = frozenset({"dr", "mr", "mrs", "ms", "miss", "mx", "prof", "professor", "sister", "nurse", "sr", "rev"})
_NAMESAKES = 3  # of more people of one name none is taken for the user
_RARE = 0.005  # of all people
_SO_FEW = 5
_LONG_DEAD = timedelta(days=30)


def name_of_user(shown: str) -> Name | None:
    """`Dr Ada Nwosu`: ("nwosu", "ada"); None for a name of one word."""
    words = [word for word in shown.split() if fold(word) not in _TITLES]
    return (fold(words[-1]), fold(words[0])) if len(words) > 1 else None


def name_of_person(shown: str) -> Name:
    """`NWOSU, Ada Chidinma (Miss)`: ("nwosu", "ada")."""
    family, _, given = shown.partition(", ")
    return fold(family), fold(given.partition(" ")[0])


@dataclass(frozen=True, kw_only=True)
class Namesakes:
    """`persons`: the few of each user's name. `surnames`: how many of `total` people have each."""

    persons: Mapping[Name, frozenset[str]]
    surnames: Mapping[str, int]
    total: int

    def of(self, name: Name | None) -> frozenset[str]:
        return self.persons.get(name, frozenset()) if name else frozenset()

    def is_rare(self, family: str) -> bool:
        return self.surnames.get(family, 0) <= max(_SO_FEW, _RARE * self.total)


def namesakes(everybody: Iterable[tuple[str, str, str]], users: Iterable[Name]) -> Namesakes:
    """Of (person, folded family name, name as shown) of every source patient."""
    wanted = frozenset(users)
    found: dict[Name, set[str]] = {}
    surnames: dict[str, set[str]] = {}
    total: set[str] = set()
    for person, family, shown in everybody:
        total.add(person)
        surnames.setdefault(family, set()).add(person)
        if (name := name_of_person(shown or "")) in wanted:
            found.setdefault(name, set()).add(person)
    return Namesakes(
        persons={name: frozenset(persons) for name, persons in found.items() if len(persons) <= _NAMESAKES},
        surnames=Counter({family: len(persons) for family, persons in surnames.items()}),
        total=len(total),
    )


@dataclass(frozen=True, kw_only=True)
class Home:
    """Where a person lives as each source has it, the newest source last: (folded postcode, folded address)."""

    family: str
    addresses: Sequence[tuple[str, str]]
    protected: bool
    died_on: date | None

    @classmethod
    def of(cls, sources: Sequence[TracedSource]) -> "Home":
        known = [source.demographics for source in sources]
        died = next((when(each.died_on) for each in known if each.died_on), None)
        return cls(
            family=known[-1].family if known else "",
            addresses=[(each.postcode, fold(each.address)) for each in known if each.postcode],
            protected=any(each.protected for each in known),
            died_on=died.low.date() if died else None,
        )


def ties(
    person: str, home: Home, user: Name | None, own: Mapping[str, Home], colleagues: frozenset[str], on: date,
    *, rare: bool,
) -> frozenset[Tie]:  # fmt: skip
    """What a user and a person have in common. `own`: the homes of the people of the user's name; `colleagues`: the
    people of the names of others at the user's organisation; `rare`: whether the person's surname is."""
    found: set[Tie] = set()
    if person in own:
        found.add(Tie.OWN)
    elif person in colleagues:
        found.add(Tie.COLLEAGUE)
    if user is not None and home.family == user[0] and rare and person not in own:
        found.add(Tie.SURNAME)
    for theirs in () if person in own else own.values():
        found |= _by_address(home, theirs)
    if Tie.FAMILY in found:
        found.discard(Tie.SURNAME)
    if home.protected:
        found.add(Tie.PROTECTED)
    if home.died_on is not None and home.died_on + _LONG_DEAD < on:
        found.add(Tie.DIED)
    return frozenset(found)


def _by_address(one: Home, other: Home) -> set[Tie]:
    common = set(one.addresses) & set(other.addresses)
    if common:
        now = one.addresses[-1] in common and other.addresses[-1] in common
        if not now:
            return {Tie.FORMER_HOUSEHOLD}
        return {Tie.FAMILY if one.family == other.family else Tie.HOUSEHOLD}
    postcodes = {postcode for postcode, _ in one.addresses} & {postcode for postcode, _ in other.addresses}
    return {Tie.NEIGHBOUR} if postcodes else set()
