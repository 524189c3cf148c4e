"""Words in free text that suggest a sensitive matter. They label nothing: they put an item before a reviewer.

The table is `cues.yaml`. Pure.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from concord.base import Entry, read_entry
from concord.governance.labels.correcting import correctable
from concord.terminology import Label

_ATTACHED = b'"contenttype":"text/'  # written in base64


@dataclass(frozen=True, kw_only=True, slots=True)
class CueTable:
    """`pattern` finds words, each in the group of its label's number. In every text in which it finds any
    stands one of `words`, or stand all the words of one of `phrases`."""

    pattern: re.Pattern[str]
    labels: Mapping[str, Label]
    words: tuple[bytes, ...]
    phrases: tuple[tuple[bytes, ...], ...]

    def found(self, text: str) -> Iterator[tuple[Label, re.Match[str]]]:
        for match in self.pattern.finditer(text.lower()):
            yield self.labels[str(match.lastgroup)], match

    def may_stand_in(self, encoded: bytes) -> bool:
        """Whether a resource (JSON) is worth reading for words; quick, and never wrong when it says no."""
        text = encoded.lower()
        return (
            _ATTACHED in text
            or any(word in text for word in self.words)
            or any(all(word in text for word in phrase) for phrase in self.phrases)
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
    entries: list[tuple[bytes, ...]] = []
    for key, value in read_entry(text, filename=filename).pairs("the table of cues"):
        label = Label(key.one_of("label", [str(each) for each in correctable()]))
        group = f"l{label.bit}"
        groups[group] = label
        words = [_word(each) for each in value.entries("the words")]
        patterns.append(f"(?P<{group}>{'|'.join(_pattern(word) for word in words)})")
        entries += [tuple(part.encode() for part in re.findall("[a-z0-9]+", word)) for word in words]
    return CueTable(
        pattern=re.compile("|".join(patterns)),
        labels=groups,
        words=tuple(each[0] for each in entries if len(each) == 1),
        phrases=tuple(each for each in entries if len(each) > 1),
    )


def _word(entry: Entry) -> str:
    word = entry.text("word")
    if not re.fullmatch(r"[a-z0-9]+(?:[ -][a-z0-9]+)*\*?", word):
        raise entry.refused(f'"{word}" must be words in small letters; one that ends in * stands for all that begin so')
    return word


def _pattern(word: str) -> str:
    """Words stand apart by space or hyphen, whichever is written."""
    begin = re.sub(r"[ -]", r"[\\s-]+", word.removesuffix("*"))
    return rf"\b{begin}\w*" if word.endswith("*") else rf"\b{begin}\b"
