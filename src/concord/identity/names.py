"""Names as they vary: short forms, spellings, scripts, slips, initials, and words that are no name. Pure. Folded."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

import yaml
from rapidfuzz.distance import JaroWinkler

from concord.fhir import fold

ALIKE = 0.9  # Jaro-Winkler: "kathryn" and "katherine" are, "emma" and "emily" are not
_NO_NAME = re.compile(r"(baby|infant|newborn|twin|triplet|male|female|boy|girl|unknown|notknown|nk|bo|of|[0-9])+")


def known_name(given: str) -> str:
    """The name, or nothing where the word stands for none, as of a newborn ("Baby", "Twin 1")."""
    return "" if _NO_NAME.fullmatch(given) else given


@cache
def spellings() -> Mapping[str, str]:
    """Spelling to the one under which it stands in the reviewed table `spellings.yaml`, other scripts' among them."""
    table = _table("spellings.yaml")
    return {fold(form): name for name, forms in table.items() for form in [name, *forms.split()]}


@cache
def _latin() -> Mapping[int, str]:
    return str.maketrans({letter: to for script in _table("letters.yaml").values() for letter, to in script.items()})


def romanised(name: str) -> str:
    """A name in Latin letters, if its script or the table tells them; else as it is."""
    if name.isascii():
        return name
    return spellings().get(name) or name.translate(_latin())


@cache
def long_forms() -> Mapping[str, str]:
    """Short form to long form, of the reviewed table `short_forms.yaml`."""
    return {short: long for long, forms in _table("short_forms.yaml").items() for short in forms.split()}


def long_form(given: str) -> str:
    """What a given name is short for, or a spelling of; else itself."""
    whole = long_forms().get(given, given)
    return spellings().get(whole, whole)


def family_form(family: str) -> str:
    """What a family name is a spelling of, else itself."""
    return spellings().get(family, family)


def _table(name: str) -> Any:
    return yaml.safe_load((files("concord.identity") / name).read_text(encoding="utf-8"))


def alike(one: str, other: str) -> bool:
    """Whether one may be the other with a slip of the hand."""
    return JaroWinkler.similarity(one, other) >= ALIKE


def is_initial(one: str, other: str) -> bool:
    """Whether one is an initial, of the other. Neither may be empty."""
    return min(len(one), len(other)) == 1 and one[0] == other[0]


def another_name(one: str, other: str) -> bool:
    """Whether both are names, and not two ways of writing one."""
    one, other = known_name(romanised(one)), known_name(romanised(other))
    if not one or not other or long_form(one) == long_form(other):
        return False
    return not (alike(one, other) or is_initial(one, other))


def same_family(one: str, other: str) -> bool:
    """Whether both are one family name, however spelt. An empty one is none."""
    return bool(one) and family_form(romanised(one)) == family_form(romanised(other))
