"""Words in an item's free text that suggest a label, and where they stand in it. Pure."""

import binascii
import html
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from concord.fhir import Survey
from concord.governance.labels import cue_table
from concord.terminology import Label

_TAG = re.compile(r"<[^>]*>")
_AROUND = 60  # letters of an excerpt on either side of a word
_MOST_EXCERPTS = 3


@dataclass(frozen=True, kw_only=True, slots=True)
class Excerpt:
    before: str
    word: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Found:
    """A label that words suggest, and where: at most three excerpts."""

    label: Label
    excerpts: tuple[Excerpt, ...]


def suggested(survey: Survey) -> Mapping[Label, tuple[str, ...]]:
    """By label, the words found in a resource that suggest it, each once, in order."""
    found: dict[Label, set[str]] = {}
    for text in _texts(survey):
        for label, match in cue_table().found(text):
            found.setdefault(label, set()).add(" ".join(match[0].split()))
    return {label: tuple(sorted(words)) for label, words in found.items()}


def excerpts(survey: Survey) -> list[Found]:
    """The same with what stands around the words."""
    found: dict[Label, list[Excerpt]] = {}
    for text in _texts(survey):
        for label, match in cue_table().found(text):
            begin, end = match.span()
            excerpt = Excerpt(
                before=text[max(0, begin - _AROUND) : begin], word=text[begin:end], after=text[end : end + _AROUND]
            )
            found.setdefault(label, []).append(excerpt)
    return [
        Found(label=label, excerpts=tuple(each[:_MOST_EXCERPTS]))
        for label, each in sorted(found.items(), key=lambda pair: pair[0].bit)
    ]


def _texts(survey: Survey) -> Iterable[str]:
    """What people wrote, each text once, as it reads: nothing where a first look at it all together finds nothing."""
    texts = dict.fromkeys([*survey.texts, *(_plain(page) for page in survey.pages)])
    return texts if cue_table().may_stand_in("\n".join(texts)) else ()


def _plain(page: Mapping[str, Any]) -> str:
    """A narrative, or an attached text, without its markup."""
    text = page.get("div")
    if text is None:
        try:
            text = b64decode(page["data"]).decode("utf-8", errors="replace")
        except binascii.Error:
            return ""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())
