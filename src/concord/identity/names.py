"""Given names as they vary: short forms, slips of the hand, initials, and words that are no name. Pure. All folded."""

import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files

import yaml
from rapidfuzz.distance import JaroWinkler

ALIKE = 0.9  # Jaro-Winkler: "kathryn" and "katherine" are, "emma" and "emily" are not
_NO_NAME = re.compile(r"(baby|infant|newborn|twin|triplet|male|female|boy|girl|unknown|notknown|nk|bo|of|[0-9])+")


def known_name(given: str) -> str:
    """The name, or nothing where the word stands for none, as of a newborn ("Baby", "Twin 1")."""
    return "" if _NO_NAME.fullmatch(given) else given


@cache
def long_forms() -> Mapping[str, str]:
    """Short form to long form, of the reviewed table `short_forms.yaml`."""
    table = yaml.safe_load((files("concord.identity") / "short_forms.yaml").read_text(encoding="utf-8"))
    return {short: long for long, forms in table.items() for short in forms.split()}


def long_form(given: str) -> str:
    return long_forms().get(given, given)


def alike(one: str, other: str) -> bool:
    """Whether one may be the other with a slip of the hand."""
    return JaroWinkler.similarity(one, other) >= ALIKE


def is_initial(one: str, other: str) -> bool:
    """Whether one is an initial, of the other. Neither may be empty."""
    return min(len(one), len(other)) == 1 and one[0] == other[0]


def another_name(one: str, other: str) -> bool:
    """Whether both are names, and not two ways of writing one."""
    one, other = known_name(one), known_name(other)
    if not one or not other or long_form(one) == long_form(other):
        return False
    return not (alike(one, other) or is_initial(one, other))
