"""What an organisation has written down about who a person is; how copies come to disagree."""

from dataclasses import dataclass, replace
from datetime import date
from random import Random
from typing import Final

from concord.demo.people import Address, Person


@dataclass(frozen=True, kw_only=True, slots=True)
class Copy:
    """One organisation's idea of a person's identity. `local_id` is that organisation's own number."""

    local_id: str
    nhs_number: str
    title: str
    given: str
    family: str
    known_as: str
    sex: str
    born_on: date
    died_on: date | None
    address: Address
    telephone: str
    mobile: str


def faithful(person: Person, local_id: str) -> Copy:
    return Copy(
        local_id=local_id,
        nhs_number=person.nhs_number,
        title=person.title,
        given=person.given,
        family=person.family,
        known_as=person.known_as,
        sex=person.sex,
        born_on=person.born_on,
        died_on=person.died_on,
        address=person.address,
        telephone=person.telephone,
        mobile=person.mobile,
    )


def as_in_life(person: Person, local_id: str, rng: Random) -> Copy:
    """The copy of an organisation that is not the practice: sometimes misspelt, out of date or without a number."""
    copy = faithful(person, local_id)
    if rng.random() < 0.07:
        copy = replace(copy, given=misspelt(copy.given, rng))
    if rng.random() < 0.08:
        copy = replace(copy, address=person.former_address)
    if rng.random() < 0.015:  # such a copy is held for review: it may be somebody else's
        copy = replace(copy, family=misspelt(copy.family, rng))
    if rng.random() < 0.01 and copy.born_on.day <= 12:  # day and month changed round: held for review too
        copy = replace(copy, born_on=copy.born_on.replace(day=copy.born_on.month, month=copy.born_on.day))
    if rng.random() < 0.03:  # kept apart: nothing yet says whose it is
        copy = replace(copy, nhs_number="")
    if rng.random() < 0.2:
        copy = replace(copy, telephone="")
    return copy


_SOUNDS_LIKE: Final = (
    ("ph", "f"),
    ("ie", "ei"),
    ("ll", "l"),
    ("nn", "n"),
    ("th", "t"),
    ("y", "i"),
    ("c", "k"),
    ("e", "a"),
)


def misspelt(name: str, rng: Random) -> str:
    """As somebody would write it who only heard it, or typed it in a hurry; never the same as `name`."""
    heard = [name.replace(one, other, 1) for one, other in _SOUNDS_LIKE if one in name]
    if heard:
        return rng.choice(heard)
    doubled = rng.randrange(1, len(name))
    return name[:doubled] + name[doubled] + name[doubled:]
