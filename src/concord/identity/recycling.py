"""Whether a source's number has come to mean somebody else: given out again, or typed for the wrong person. Pure."""

from collections.abc import Set
from dataclasses import dataclass

# What systems write where they do not know a name; it tells nothing.
_NO_NAMES = {"unknown", "unidentified", "unk", "notknown", "anon", "anonymous"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Told:
    """What a source tells of a Patient: every NHS number and (folded) name, and the date of birth as a FHIR date. What
    is empty is not told."""

    nhs_numbers: Set[str] = frozenset()
    families: Set[str] = frozenset()
    givens: Set[str] = frozenset()
    born_on: str = ""


def is_another(known: Told, now: Told) -> bool:
    """Whether both can hardly be one human: names and date of birth all differ, or the NHS numbers and one of these.

    People change a name, a number or a date that was typed wrong; hardly all at once.
    """
    born = bool(known.born_on and now.born_on) and not _alike(known.born_on, now.born_on)
    numbers = _disjoint(known.nhs_numbers, now.nhs_numbers)
    names = _disjoint(known.families - _NO_NAMES, now.families - _NO_NAMES) and _disjoint(
        known.givens - _NO_NAMES, now.givens - _NO_NAMES
    )
    return (born and names) or (numbers and (born or names))


def _alike(one: str, other: str) -> bool:
    """A date that is known in part agrees with each day in it."""
    return one.startswith(other) or other.startswith(one)


def _disjoint(one: Set[str], other: Set[str]) -> bool:
    return bool(one) and bool(other) and not one & other
