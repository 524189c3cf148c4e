"""Who lives in Northfield: the protagonists, then as many others as asked for, deterministic by seed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from concord.base import NhsNumber, nhs_number
from concord.demo.names import FAMILY, GIVEN_FEMALE, GIVEN_MALE, STREET_POSTCODES, STREETS
from concord.demo.protagonists import PROTAGONISTS, Protagonist


@dataclass(frozen=True, kw_only=True, slots=True)
class Address:
    line: str
    postcode: str
    town: str = "Northfield"


@dataclass(frozen=True, kw_only=True, slots=True)
class Person:
    """The truth about a person, which no organisation holds as it is. `key` is unique and stable.

    `practice` and `pharmacy` are ODS codes ("" for none).
    """

    key: str
    number: int
    nhs_number: str
    title: str
    given: str
    family: str
    known_as: str
    sex: str
    born_on: date
    died_on: date | None
    address: Address
    former_address: Address
    telephone: str
    mobile: str
    practice: str
    pharmacy: str

    def age(self, on: date) -> int:
        """Whole years."""
        return on.year - self.born_on.year - ((on.month, on.day) < (self.born_on.month, self.born_on.day))


# Share of people by age band: more of the old than in life, since they are whom a shared record is for.
_AGES: Final = (
    ((0, 4), 5),
    ((5, 17), 10),
    ((18, 39), 22),
    ((40, 59), 22),
    ((60, 74), 20),
    ((75, 84), 13),
    ((85, 97), 8),
)
_PRACTICES: Final = ("ZZP01", "ZZP02", "ZZP03", "ZZP04")
_PRACTICE_WEIGHTS: Final = (4, 3, 3, 1)


def population(people: int, seed: int, today: date) -> list[Person]:
    """`people` persons (at least the protagonists), in a fixed order: protagonists first."""
    chosen = list(PROTAGONISTS.values())
    numbers = _numbers(Random(f"{seed}:nhs-numbers"), {each.nhs_number for each in chosen})
    found = [_protagonist(each, number, seed, today) for number, each in enumerate(chosen, 1)]
    for number in range(len(found) + 1, people + 1):
        found.append(_ordinary(number, next(numbers), seed, today))
    return found


def _numbers(rng: Random, taken: set[str]) -> Iterator[NhsNumber]:
    """Valid NHS numbers of the range 999, which is never issued and kept for tests."""
    while True:
        first = f"999{rng.randrange(20_000, 1_000_000):06}"
        for check in "0123456789":
            number = nhs_number(first + check)
            if number is not None and number not in taken:
                taken.add(number)
                yield number


def _ordinary(number: int, identifier: str, seed: int, today: date) -> Person:
    key = f"p{number:04}"
    rng = Random(f"{seed}:{key}")
    (youngest, oldest), _ = rng.choices(_AGES, [share for _, share in _AGES])[0]
    born_on = today - timedelta(days=int(rng.uniform(youngest + 0.05, oldest + 0.99) * 365.25))
    female = rng.random() < 0.53
    grown = (today - born_on).days // 365 >= 16
    titles = (("Mrs", "Ms", "Miss") if grown else ("Miss",)) if female else (("Mr",) if grown else ("Master",))
    who = Protagonist(
        key=key,
        nhs_number=identifier,
        title=rng.choice(titles),
        given=rng.choice(GIVEN_FEMALE if female else GIVEN_MALE),
        family=rng.choice(FAMILY),
        sex="female" if female else "male",
        born_on=born_on,
        practice=rng.choices(_PRACTICES, _PRACTICE_WEIGHTS)[0],
        story="",
    )
    return _settled(who, number, rng, died_on=None)


def _protagonist(who: Protagonist, number: int, seed: int, today: date) -> Person:
    died_on = today - timedelta(days=430) if who.key == "died" else None
    return _settled(who, number, Random(f"{seed}:{who.key}"), died_on=died_on)


# Where a protagonist lives and what they are called, where the story needs it.
_HOMES: Final = {
    "peggy": Address(line="17 Weavers Fold", postcode="NF4 2ZZ"),
    "same_name": Address(line="3 Canal Row", postcode="NF4 6ZZ"),
    "twin": Address(line="8 Tenter Lane", postcode="NF2 1ZZ"),
    "died": Address(line="40 Mill Brow", postcode="NF1 3ZZ"),
    "care_home": Address(line="Larkfield House, Larkfield Avenue", postcode="NF3 9ZZ"),
    "child": Address(line="22 Foundry Yard", postcode="NF5 4ZZ"),
    "sibling": Address(line="22 Foundry Yard", postcode="NF5 4ZZ"),
}
_TELEPHONES: Final = {"peggy": "01632 960417", "care_home": "01632 960410"}
_KNOWN_AS: Final = {"peggy": "Peggy", "caseload": "Wally", "care_home": "Win"}


def _settled(who: Protagonist, number: int, rng: Random, *, died_on: date | None) -> Person:
    """With a home, telephones and a pharmacy."""
    address, former = _address(rng), _address(rng)
    return Person(
        key=who.key,
        number=number,
        nhs_number=who.nhs_number,
        title=who.title,
        given=who.given,
        family=who.family,
        known_as=_KNOWN_AS.get(who.key, ""),
        sex=who.sex,
        born_on=who.born_on,
        died_on=died_on,
        address=_HOMES.get(who.key, address),
        former_address=former,
        telephone=_TELEPHONES.get(who.key, f"01632 960{500 + number % 280:03}"),
        mobile=f"07700 900{number % 1000:03}" if rng.random() < 0.8 and who.key != "peggy" else "",
        practice=who.practice,
        pharmacy=rng.choice(("ZZY", "ZZY", "ZZX", "")) if who.key != "peggy" else "ZZY",
    )


def _address(rng: Random) -> Address:
    street = rng.choice(STREETS)
    return Address(line=f"{rng.randint(1, 90)} {street}", postcode=STREET_POSTCODES[street])
