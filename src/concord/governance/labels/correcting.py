"""What people say of an item's labels, over what the tables say: a label added, or taken away on the grounds that they
looked at. Pure.

A seal is the person's, and what the law bars is the law's: of these nothing can be said. A mark that the source set
itself goes only where the reason recorded is that the source set it by mistake. A ground that comes later than the
correction gives the label again: nobody has looked at it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from concord.base import Incorrect
from concord.governance.bars import legal_bars
from concord.governance.labels.grounds import Ground
from concord.terminology import Label, label_mask


class Says(StrEnum):
    """AS_LABELLED takes back what was said before: the tables decide again."""

    CARRIES = "carries"
    LACKS = "lacks"
    AS_LABELLED = "as-labelled"


@dataclass(frozen=True, kw_only=True, slots=True)
class Correction:
    """What somebody said of one label of one item. `grounds`: the keys of those that gave the label then; `mistake`:
    the source's own mark was a mistake of the source."""

    label: Label
    says: Says
    mistake: bool = False
    grounds: frozenset[str] = frozenset()


@cache
def correctable() -> tuple[Label, ...]:
    """The labels of which people can say that an item carries or lacks them."""
    barred = {label for bar in legal_bars() for label in bar.labels}
    return tuple(label for label in Label if label not in {Label.SEALED_FLAGGED, Label.SEALED_LOCKED, *barred})


@cache
def beyond_review() -> int:
    """The labels (stored form) of what no reviewer of labels is shown either."""
    return label_mask(set(Label) - set(correctable()))


def corrected(grounds: Iterable[Ground], said: Sequence[Correction]) -> int:
    """The labels (stored form) by the grounds that an item has, and by what was `said` of it, oldest first."""
    grounds = list(grounds)
    labels = 0
    for ground in grounds:
        labels |= ground.labels
    for correction in {each.label: each for each in said}.values():
        if correction.label in correctable():
            mask = correction.label.mask
            if correction.says is Says.CARRIES:
                labels |= mask
            elif correction.says is Says.LACKS and _answers(correction, grounds):
                labels &= ~mask
    return labels


def refuse_correction(correction: Correction, grounds: Iterable[Ground]) -> None:
    """Raises Incorrect for what cannot be said of an item with these grounds."""
    if correction.label not in correctable():
        raise Incorrect("Nobody can add or remove this label here: it is the person's own choice, or the law's.")
    if correction.says is Says.LACKS and not _answers(correction, grounds):
        raise Incorrect(
            "The source marked this item so itself. Remove the label only where the source set the mark by mistake, "
            "and say so."
        )


def _answers(correction: Correction, grounds: Iterable[Ground]) -> bool:
    """Whether it speaks of every ground that the label has by now, and may."""
    giving = (each for each in grounds if each.labels & correction.label.mask)
    return all(each.key in correction.grounds and (correction.mistake or each.kind != "tag") for each in giving)
