"""Words in an item's free text that suggest a label, and where they stand in it. Pure."""

import binascii
import html
import re
from base64 import b64decode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from concord.fhir import Resource
from concord.governance.labels import cue_table
from concord.terminology import Label

_NO_TEXT = {
    "system", "code", "reference", "id", "url", "resourceType", "versionId", "contentType", "unit", "status", "hash",
    "fullUrl", "source", "lang", "profile",
}  # fmt: skip
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


def suggested(resource: Resource) -> Mapping[Label, tuple[str, ...]]:
    """By label, the words found that suggest it, each once, in order."""
    found: dict[Label, set[str]] = {}
    for text in _texts(resource):
        for label, match in cue_table().found(text):
            found.setdefault(label, set()).add(" ".join(match[0].split()))
    return {label: tuple(sorted(words)) for label, words in found.items()}


def excerpts(resource: Resource) -> list[Found]:
    """The same with what stands around the words."""
    found: dict[Label, list[Excerpt]] = {}
    for text in dict.fromkeys(_texts(resource)):
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


def _texts(value: Any, key: str = "") -> Iterator[str]:
    """What people wrote: every string but codes, ids and addresses; narratives and attached text as they read."""
    if isinstance(value, str):
        if key == "div":
            yield " ".join(html.unescape(_TAG.sub(" ", value)).split())
        elif key not in _NO_TEXT and key != "data":
            yield value
    elif isinstance(value, dict):
        if isinstance(value.get("data"), str) and str(value.get("contentType", "")).startswith("text/"):
            yield _attached(value["data"])
        for name, each in value.items():
            yield from _texts(each, name)
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, key)


def _attached(data: str) -> str:
    try:
        text = b64decode(data).decode("utf-8", errors="replace")
    except binascii.Error:
        return ""
    return " ".join(html.unescape(_TAG.sub(" ", text)).split())
