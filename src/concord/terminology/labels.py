"""Sensitivity labels: what makes an item more than ordinarily private.

An item carries a set of labels, stored as bits. `bit` must never change; add new labels at the end.
"""

from collections.abc import Iterable
from enum import StrEnum


class Label(StrEnum):
    UNKNOWN = "unknown"  # a source's tag that no row of the label table knows: withheld
    RESTRICTED = "restricted"
    MENTAL_HEALTH = "mental-health"
    SEXUAL_HEALTH = "sexual-health"
    HIV = "hiv"
    SUBSTANCE_MISUSE = "substance-misuse"
    TERMINATION = "termination"
    DOMESTIC_ABUSE = "domestic-abuse"
    SEXUAL_ASSAULT = "sexual-assault"
    CHILD_PROTECTION = "child-protection"
    GENDER_HISTORY = "gender-history"
    FERTILITY = "fertility-treatment"
    ADOPTION = "adoption"
    GENETIC = "genetic"
    SEALED_FLAGGED = "sealed-flagged"  # a choice of the person, kept as a label so that the store can apply it
    SEALED_LOCKED = "sealed-locked"
    THIRD_PARTY = "third-party"  # about somebody else, or told by them in confidence: not for the person's own eyes
    NOT_FOR_THE_PERSON = "not-for-the-person"  # would do them, or somebody else, serious harm to read

    @property
    def bit(self) -> int:
        """Position in a stored set of labels."""
        return _POSITIONS[self]

    @property
    def mask(self) -> int:
        return 1 << _POSITIONS[self]


_POSITIONS = {label: position for position, label in enumerate(Label)}
_LABELS = tuple(Label)


def label_mask(labels: Iterable[Label]) -> int:
    """The stored form of a set of labels."""
    mask = 0
    for label in labels:
        mask |= label.mask
    return mask


def labels_of(mask: int) -> frozenset[Label]:
    """The set of labels that `label_mask` stored."""
    return frozenset(label for label in _LABELS if mask & label.mask)
