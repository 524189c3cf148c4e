"""Words in free text that suggest a sensitive matter. They label nothing: they put an item before a reviewer.

The table is `cues.yaml`. Pure.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from concord.base import Entry, read_entry
from concord.governance.labels.correcting import correctable
from concord.terminology import Label


@dataclass(frozen=True, kw_only=True, slots=True)
class Cue:
    """A word or words that suggest a label. Where `pattern` matches a text, all `parts` stand in it."""

    label: Label
    parts: tuple[str, ...]
    pattern: re.Pattern[str]


@dataclass(frozen=True, kw_only=True, slots=True)
class CueTable:
    """`stems` finds, much more quickly, what each cue begins with that may stand in a text. No stem hides another: each
    stands at the beginning of a word, and none is the beginning of another."""

    stems: re.Pattern[str]
    cues: Mapping[str, Sequence[Cue]]

    def may_stand_in(self, text: str) -> bool:
        """Whether a text is worth reading for words; quick, and never wrong when it says no."""
        return self.stems.search(text.lower()) is not None

    def found(self, text: str) -> Iterator[tuple[Label, re.Match[str]]]:
        small = text.lower()
        for stem in dict.fromkeys(self.stems.findall(small)):
            for cue in self.cues[stem]:
                if all(part in small for part in cue.parts):
                    for match in cue.pattern.finditer(small):
                        yield cue.label, match

    def rules(self) -> list[tuple[int, str]]:
        """What the table says: the label of each pattern, in stored form."""
        return sorted((cue.label.mask, cue.pattern.pattern) for cues in self.cues.values() for cue in cues)


@cache
def cue_table() -> CueTable:
    """The table that ships with Concord."""
    return parse_cues(
        files("concord.governance.labels").joinpath("cues.yaml").read_text(encoding="utf-8"), filename="cues.yaml"
    )


def parse_cues(text: str, *, filename: str) -> CueTable:
    """Raises FileRefused with line and column."""
    cues: list[Cue] = []
    for key, value in read_entry(text, filename=filename).pairs("the table of cues"):
        label = Label(key.one_of("label", [str(each) for each in correctable()]))
        for each in value.entries("the words"):
            word = _word(each)
            parts = tuple(re.findall("[a-z0-9]+", word))
            cues.append(Cue(label=label, parts=parts, pattern=re.compile(_pattern(word))))
    stems = _any_of(_longest(cue) for cue in cues)
    by_stem: dict[str, list[Cue]] = {}
    for cue in cues:
        stem = stems.match(_longest(cue))
        assert stem is not None  # it was made of them
        by_stem.setdefault(stem[0], []).append(cue)
    return CueTable(stems=stems, cues=by_stem)


def _longest(cue: Cue) -> str:
    """The part of which the fewest words are."""
    return max(cue.parts, key=len)


def _any_of(stems: Iterable[str]) -> re.Pattern[str]:
    """As a tree, whose branches part at the first letter that differs: four times as quick as one after the other."""
    root: dict[str, Any] = {}
    for stem in stems:
        branch = root
        for letter in stem:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return re.compile(_branch(root))


def _branch(branch: Mapping[str, Any]) -> str:
    if "" in branch:  # where one stem ends, it has been found, whatever follows
        return ""
    return f"(?:{'|'.join(letter + _branch(more) for letter, more in sorted(branch.items()))})"


def _word(entry: Entry) -> str:
    word = entry.text("word")
    if not re.fullmatch(r"[a-z0-9]+(?:[ -][a-z0-9]+)*\*?", word):
        raise entry.refused(f'"{word}" must be words in small letters; one that ends in * stands for all that begin so')
    return word


def _pattern(word: str) -> str:
    """Words stand apart by space or hyphen, whichever is written."""
    begin = re.sub(r"[ -]", r"[\\s-]+", word.removesuffix("*"))
    return rf"\b{begin}\w*" if word.endswith("*") else rf"\b{begin}\b"
