"""What differs between people with nearly the same details, so that a page can mark it."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Stretch:
    text: str
    differs: bool


def plain(text: str) -> list[Stretch]:
    return [Stretch(text=text, differs=False)]


def differences(texts: Sequence[str]) -> list[list[Stretch]]:
    """Each text in stretches that follow each other without further spaces.

    Compared word by word in order: what a word has beyond the beginning that all share differs (`19`+`42`).
    """
    rows = [text.split(" ") for text in texts]
    width = max((len(row) for row in rows), default=0)
    columns = [[row[i] if i < len(row) else "" for row in rows] for i in range(width)]
    shared = [_shared(column) for column in columns]
    return [_stretches(row, shared) for row in rows]


def _shared(words: Sequence[str]) -> int:
    """How many letters all begin with."""
    return next(
        (place for place, letters in enumerate(zip(*words, strict=False)) if len(set(letters)) > 1),
        min(map(len, words)),
    )


def _stretches(words: Sequence[str], shared: Sequence[int]) -> list[Stretch]:
    stretches = []
    for place, word in enumerate(words):
        same, other = word[: shared[place]], word[shared[place] :]
        lead = " " if place else ""
        if lead + same:
            stretches.append(Stretch(text=lead + same, differs=False))
        if other:
            stretches.append(Stretch(text=other, differs=True))
    return stretches
