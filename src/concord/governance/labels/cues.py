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

_ATTACHED = b'"contenttype":"text/'  # written in base64


@dataclass(frozen=True, kw_only=True, slots=True)
class CueTable:
    """`pattern` finds words, each in the group of its label's number. In every text in which it finds any, `stems`
    finds something too, and much more quickly; and with it all that stands together in one of its `phrases`."""

    pattern: re.Pattern[str]
    labels: Mapping[str, Label]
    stems: re.Pattern[bytes]
    phrases: Mapping[bytes, Sequence[tuple[bytes, ...]]]

    def found(self, text: str) -> Iterator[tuple[Label, re.Match[str]]]:
        small = text.lower()
        if self._may_stand_in(small.encode()):
            for match in self.pattern.finditer(small):
                yield self.labels[str(match.lastgroup)], match

    def may_stand_in(self, encoded: bytes) -> bool:
        """Whether a resource (JSON) is worth reading for words; quick, and never wrong when it says no."""
        text = encoded.lower()
        return _ATTACHED in text or self._may_stand_in(text)

    def _may_stand_in(self, text: bytes) -> bool:
        return any(
            all(part in text for part in phrase)
            for stem in dict.fromkeys(self.stems.findall(text))
            for phrase in self.phrases[stem]
        )


@cache
def cue_table() -> CueTable:
    """The table that ships with Concord."""
    return parse_cues(
        files("concord.governance.labels").joinpath("cues.yaml").read_text(encoding="utf-8"), filename="cues.yaml"
    )


def parse_cues(text: str, *, filename: str) -> CueTable:
    """Raises FileRefused with line and column."""
    groups: dict[str, Label] = {}
    patterns: list[str] = []
    entries: list[tuple[str, ...]] = []
    for key, value in read_entry(text, filename=filename).pairs("the table of cues"):
        label = Label(key.one_of("label", [str(each) for each in correctable()]))
        group = f"l{label.bit}"
        groups[group] = label
        words = [_word(each) for each in value.entries("the words")]
        patterns.append(f"(?P<{group}>{'|'.join(_pattern(word) for word in words)})")
        entries += [tuple(re.findall("[a-z0-9]+", word)) for word in words]
    stems = _any_of(max(entry, key=len) for entry in entries)
    phrases: dict[bytes, list[tuple[bytes, ...]]] = {}
    for entry in entries:
        first = stems.match(max(entry, key=len).encode())
        assert first is not None  # it was made of them
        phrases.setdefault(first[0], []).append(tuple(part.encode() for part in entry))
    return CueTable(pattern=re.compile("|".join(patterns)), labels=groups, stems=stems, phrases=phrases)


def _any_of(stems: Iterable[str]) -> re.Pattern[bytes]:
    """As a tree, whose branches part at the first letter that differs: four times as quick as one after the other."""
    root: dict[str, Any] = {}
    for stem in stems:
        branch = root
        for letter in stem:
            branch = branch.setdefault(letter, {})
        branch[""] = {}
    return re.compile(_branch(root).encode())


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
