"""A large Northfield for matching: who people are, and how organisations wrote them down, wrongly too. Seeded.

Harder than life where wrong links come from: twins who share an address, many with names that sound alike, some with
one first name and different second ones; sons who bear their father's name; a relative's number written down; newborns
who have no name yet; common names; dates of birth that stand for none.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import accumulate
from random import Random
from typing import NamedTuple

from concord.base import NhsNumber, OdsCode, nhs_number
from concord.demo.names import FAMILY, GIVEN_FEMALE, GIVEN_MALE
from concord.identity import Assurance
from concord.identity.names import long_forms
from concord.store.people import Demographics

_TODAY = date(2026, 6, 1)
_BEGINNINGS = """
ash bar bex brad cal chad cran dal dun ed ex fair fen gar gold had hal hart hol ing kel kirk lang lin mar mel nor oak
old pel pen quar rad rams red sal sel stan sut tad thorn ul wal west wind wool yar""".split()
_ENDS = """
bourne bridge burn bury by combe cott croft dale den field ford gate ham hurst ley low man mere mouth ridge sett shaw
son stead stone stow thorpe ton vale ville well wick wood worth""".split()
_SHORT = {long: short for short, long in reversed([*long_forms().items()])}
_NO_NAME: Sequence[str] = ("Baby",)
_KEYS = "qwertyuiopasdfghjklzxcvbnm"


@dataclass(frozen=True, kw_only=True, slots=True)
class Human:
    """The truth. `relative`: the number of somebody at the same address, which may be written down by mistake."""

    key: int
    nhs_number: NhsNumber
    family: str
    given: Sequence[str]
    sex: str
    born_on: date
    house: str
    postcode: str
    former: tuple[str, str]
    maiden: str
    relative: NhsNumber | None
    protected: bool


class Written(NamedTuple):
    """One source patient: whose it is in truth, and what `link_source_patient` is told of it."""

    truth: int
    organisation: OdsCode
    demographics: Demographics
    assurance: Assurance


@dataclass(frozen=True, kw_only=True, slots=True)
class Habits:
    """How an organisation writes people down: shares of the people it knows, and of what it gets wrong."""

    organisation: str
    knows: float
    assurance: Assurance
    numbered: float
    misspells: float
    shortens: float
    behind: float  # an old address, or the name before marriage
    dates: float  # a slip in the date of birth
    leaves_out: float  # no postcode; of these, one in four no date of birth
    wrong_number: float


HABITS = (
    Habits(organisation="ZZP01", knows=0.97, assurance="traced", numbered=1.0, misspells=0.005, shortens=0.01,
           behind=0.02, dates=0.002, leaves_out=0.002, wrong_number=0.0),
    Habits(organisation="ZZA", knows=0.55, assurance="traced", numbered=0.88, misspells=0.03, shortens=0.02,
           behind=0.08, dates=0.008, leaves_out=0.01, wrong_number=0.0002),
    Habits(organisation="ZZC", knows=0.15, assurance="traced", numbered=0.9, misspells=0.03, shortens=0.04,
           behind=0.06, dates=0.008, leaves_out=0.01, wrong_number=0.0002),
    Habits(organisation="ZZB", knows=0.2, assurance="stated", numbered=0.4, misspells=0.08, shortens=0.08,
           behind=0.08, dates=0.02, leaves_out=0.1, wrong_number=0.005),
    Habits(organisation="ZZL", knows=0.15, assurance="stated", numbered=0.25, misspells=0.04, shortens=0.1,
           behind=0.1, dates=0.01, leaves_out=0.03, wrong_number=0.005),
)  # fmt: skip


def humans(count: int, seed: int) -> list[Human]:
    rng = Random(f"{seed}:people")
    names, numbers = _Names(rng), _numbers(rng)
    postcodes = [
        f"nf{district}{unit}{one}{two}"
        for district in range(1, 30) for unit in range(1, 10) for one in "abdefg" for two in "hjlnpq"
    ][: max(20, count // 35)]  # fmt: skip
    found: list[Human] = []
    while len(found) < count:
        found += _household(rng, names, numbers, len(found), rng.choice(postcodes), postcodes)
    return found[:count]


def _household(
    rng: Random, names: "_Names", numbers: Iterator[NhsNumber], first: int, postcode: str, postcodes: Sequence[str]
) -> list[Human]:
    """One or two adults, their children, twins among them; sometimes a grandmother."""
    family, house = names.family(), str(rng.randint(1, 90))
    eldest = _TODAY - timedelta(days=int(rng.uniform(19, 92) * 365.25))
    members: list[tuple[str, Sequence[str], str, date]] = []
    for sex in rng.choice((("male", "female"), ("male", "female"), ("female",), ("male",))):
        name = family if sex == "male" or rng.random() < 0.7 else names.family()
        members.append((name, names.given(sex), sex, eldest + timedelta(days=rng.randint(0, 2500))))
    born = eldest + timedelta(days=int(rng.uniform(20, 38) * 365.25))
    for _ in range(rng.choice((0, 0, 1, 2, 2, 3))):
        if born >= _TODAY:
            break
        members += _children(rng, names, family, members[0], born)
        born += timedelta(days=rng.randint(330, 1800))
    ours = [next(numbers) for _ in members]
    return [
        Human(
            key=first + at, nhs_number=ours[at], family=name, given=given, sex=sex, born_on=born_on, house=house,
            postcode=postcode, former=(str(rng.randint(1, 90)), rng.choice(postcodes)),
            maiden=names.family() if sex == "female" else "",
            relative=ours[at - 1] if len(ours) > 1 else None, protected=rng.random() < 0.002,
        )
        for at, (name, given, sex, born_on) in enumerate(members)
    ]  # fmt: skip


def _children(
    rng: Random, names: "_Names", family: str, parent: tuple[str, Sequence[str], str, date], born: date
) -> Iterator[tuple[str, Sequence[str], str, date]]:
    """One child, or twins: sometimes of like names, of one first name, or of no name yet."""
    sex = rng.choice(("male", "female"))
    given = parent[1] if sex == parent[2] and rng.random() < 0.06 else names.given(sex)  # a junior
    if rng.random() > 0.03:
        yield family, given, sex, born
        return
    kind = rng.random()
    other: Sequence[str]
    if (_TODAY - born).days < 60:
        given = other = _NO_NAME
    elif kind < 0.25:
        other = names.alike(given[0], sex)
    elif kind < 0.35 and len(given) > 1:
        other = (given[0], names.given(sex)[0])
    else:
        sex = sex if kind < 0.7 else rng.choice(("male", "female"))
        other = names.given(sex)
    yield family, given, sex, born
    if other != given or other is _NO_NAME:
        yield family, other, sex, born


class _Names:
    """Names as common as in life: a few that many have, and a long tail."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        tail = [f"{one}{two}".title() for one in _BEGINNINGS for two in _ENDS]
        rng.shuffle(tail)
        self._families, self._family_weights = self._weighted((*FAMILY, *tail), 0.8)
        self._given = {"female": self._weighted(GIVEN_FEMALE, 0.6), "male": self._weighted(GIVEN_MALE, 0.6)}

    def _weighted(self, names: Sequence[str], power: float) -> tuple[list[str], list[float]]:
        shuffled = list(names)
        self._rng.shuffle(shuffled)
        return shuffled, list(accumulate(1 / (rank + 3) ** power for rank in range(len(shuffled))))

    def family(self) -> str:
        one = self._rng.choices(self._families, cum_weights=self._family_weights)[0]
        return f"{one}-{self.family()}" if self._rng.random() < 0.02 else one

    def given(self, sex: str) -> Sequence[str]:
        known, weights = self._given[sex]
        return self._rng.choices(known, cum_weights=weights, k=2 if self._rng.random() < 0.6 else 1)

    def alike(self, name: str, sex: str) -> Sequence[str]:
        """Another name that begins alike, as twins are given."""
        return (self._rng.choice([each for each in self._given[sex][0] if each[0] == name[0]]),)


def _numbers(rng: Random) -> Iterator[NhsNumber]:
    """Valid NHS numbers of the range 999, which is never issued; of that there are not enough, so 9 and any."""
    taken = set()
    while True:
        first = f"9{rng.randrange(100_000_000):08}"
        for check in "0123456789":
            number = nhs_number(first + check)
            if number is not None and number not in taken:
                taken.add(number)
                yield number


def written(people: Sequence[Human], seed: int) -> list[Written]:
    """Every source patient, in the order of arrival: any."""
    rng = Random(f"{seed}:written")
    found = [_written(person, habits, rng) for person in people for habits in HABITS if rng.random() < habits.knows]
    rng.shuffle(found)
    return found


def _written(person: Human, habits: Habits, rng: Random) -> Written:
    family, given, born_on = person.family, list(person.given), person.born_on.isoformat()
    house, postcode = person.house, person.postcode
    if rng.random() < habits.shortens:
        given[0] = _SHORT.get(given[0].lower(), given[0])
    if rng.random() < 0.3:
        given = given[:1]
    if rng.random() < habits.misspells:
        given[0] = _slip(given[0], rng)
    if rng.random() < habits.misspells:
        family = _slip(family, rng)
    if rng.random() < habits.behind:
        house, postcode = person.former
    if person.maiden and rng.random() < habits.behind / 2:
        family = person.maiden
    if rng.random() < habits.dates:
        born_on = _wrong_date(person.born_on, rng)
    if rng.random() < habits.leaves_out:
        postcode = ""
        if rng.random() < 0.25:
            born_on = ""
    number: NhsNumber | None = person.nhs_number if rng.random() < habits.numbered else None
    if number is not None and person.relative is not None and rng.random() < habits.wrong_number:
        number = person.relative
    shown = f"{house} Some Street, Northfield"
    demographics = Demographics(
        nhs_number=number, family=_fold(family), given=_fold(given[0]), born_on=born_on, postcode=postcode,
        sex=person.sex, shown_name=f"{family.upper()}, {' '.join(given)}", died_on=None, protected=person.protected,
        address=f"{shown}, {postcode.upper()}" if postcode else "",
    )  # fmt: skip
    return Written(person.key, OdsCode(habits.organisation), demographics, habits.assurance)


def recycled(known: Written, person: Human) -> Written:
    """The same local identifier, given to another human."""
    anew = replace(
        known.demographics, nhs_number=None, family=_fold(person.family), given=_fold(person.given[0]),
        born_on=person.born_on.isoformat(), postcode=person.postcode, sex=person.sex,
        shown_name=f"{person.family.upper()}, {' '.join(person.given)}",
        address=f"{person.house} Some Street, Northfield, {person.postcode.upper()}",
    )  # fmt: skip
    return known._replace(truth=person.key, demographics=anew)


def _slip(name: str, rng: Random) -> str:
    """One letter left out, doubled, changed round with the next, or taken for its neighbour on the keyboard."""
    at = rng.randrange(1, max(2, len(name) - 1))
    before, here, after = name[:at], name[at : at + 1], name[at + 1 :]
    kind = rng.randrange(4)
    if kind == 0 and len(name) > 3:
        return before + after
    if kind == 1:
        return before + here * 2 + after
    if kind == 2 and after:
        return before + after[0] + here + after[1:]
    near = _KEYS[(_KEYS.find(here.lower()) + rng.choice((-1, 1))) % len(_KEYS)]
    return before + near + after


def _wrong_date(born_on: date, rng: Random) -> str:
    kind = rng.random()
    if kind < 0.35 and born_on.day <= 12:
        return born_on.replace(day=born_on.month, month=born_on.day).isoformat()
    if kind < 0.5:
        return f"{born_on.year}-01-01"
    text = born_on.isoformat()
    at = rng.choice((2, 3, 9))
    wrong = f"{text[:at]}{(int(text[at]) + rng.randint(1, 9)) % 10}{text[at + 1 :]}"
    try:
        return date.fromisoformat(wrong).isoformat()
    except ValueError:
        return text[:-2] + "01"


def _fold(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isalnum())
