"""What of a source patient is compared. Pure.

What says nothing is empty: the name of a newborn who has none yet, the postcode of nobody's home, a date of birth that
is not whole or stands for none.
"""

import re
from typing import Literal, NamedTuple, Protocol

from concord.fhir import fold
from concord.identity.matching import Demographics
from concord.identity.names import family_form, known_name, long_form, romanised

_NOT_COMPARED = re.compile(r"[^a-z0-9]+")
_HOUSE = re.compile(r"\d+[a-z]?\b")
_NO_DATE = {"1900-01-01", "1901-01-01"}  # what systems write where nobody was asked
_NO_HOME = "zz99"  # pseudo-postcodes of the NHS: no fixed abode, abroad, not known
_KNOWN_SEXES = {"male", "female"}
_INWARD = 3  # a postcode's last part: "M1 1AA" is district M1

Block = Literal["born_on", "family", "given", "postcode"]


class Described(Demographics, Protocol):
    """Demographics with what only likeness asks for: `shown_name` ("HOLROYD, Margaret Ann") and `address` as written,
    sex as FHIR spells it."""

    @property
    def sex(self) -> str: ...
    @property
    def shown_name(self) -> str: ...
    @property
    def address(self) -> str: ...


class Traits(NamedTuple):
    """Folded, and empty where not known. `further`: given names after the first; `long_form`: what the given name is
    a form of, else itself, `family_form` likewise; `house`: the number (or name) with which the address begins;
    `district`: of the postcode. Names in Latin letters, as far as their script tells these."""

    nhs_number: str
    family: str
    given: str
    long_form: str
    further: str
    born_on: str
    sex: str
    postcode: str
    district: str
    house: str
    family_form: str


def traits(of: Described) -> Traits:
    given, family = known_name(romanised(of.given)), romanised(of.family)
    postcode = "" if of.postcode.startswith(_NO_HOME) else of.postcode
    return Traits(
        nhs_number=of.nhs_number or "",
        family=family,
        given=given,
        long_form=long_form(given),
        further=_folded("".join(map(_in_latin, of.shown_name.partition(", ")[2].split()[1:]))) if given else "",
        born_on="" if len(of.born_on) != 10 or of.born_on in _NO_DATE else of.born_on,
        sex=of.sex if of.sex in _KNOWN_SEXES else "",
        postcode=postcode,
        district=postcode[:-_INWARD],
        house=_house(of.address) if postcode else "",
        family_form=family_form(family),
    )


def blocks(of: Described) -> list[dict[Block, str]]:
    """By what source patients that may be one person are found: all values of any of these agree."""
    born, turned = of.born_on, f"{of.born_on[:4]}-{of.born_on[8:10]}-{of.born_on[5:7]}"
    known = traits(of)
    wanted: list[dict[Block, str]] = [
        {"born_on": known.born_on},
        {"born_on": turned if known.born_on and turned != born and born[8:10] <= "12" else ""},
        {"postcode": known.postcode, "family": known.family},
        {"postcode": known.postcode, "given": known.given},
        {"family": known.family, "given": known.given},
    ]
    return [block for block in wanted if all(block.values())]


def _house(address: str) -> str:
    first = fold(address)
    number = _HOUSE.search(first.rpartition(",")[0] or first)
    return number[0] if number else _folded(first.partition(",")[0])


def _in_latin(name: str) -> str:
    return romanised(fold(name))


def _folded(text: str) -> str:
    return _NOT_COMPARED.sub("", fold(text))
