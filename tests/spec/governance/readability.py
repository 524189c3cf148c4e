"""How hard a text is to read: the Flesch-Kincaid grade, as years of school (Kincaid and others, 1975)."""

import re
from collections.abc import Iterator

from concord.governance.agreements import Page

_ENDS = re.compile(r"[.!?]+(?:\s|$)")
_WORD = re.compile(r"[A-Za-z]+(?:['-][A-Za-z]+)*")
_VOWELS = re.compile(r"[aeiouy]+")


def grade(texts: list[str]) -> float:
    """0.39 times words a sentence, plus 11.8 times syllables a word, less 15.59."""
    sentences = [words for text in texts for part in _ENDS.split(text) if (words := _WORD.findall(part))]
    words = [word for sentence in sentences for word in sentence]
    return 0.39 * len(words) / len(sentences) + 11.8 * sum(map(syllables, words)) / len(words) - 15.59


def syllables(word: str) -> int:
    """By groups of vowels, less an `e` that is silent at the end. Abbreviations are spelled out."""
    if word.isupper() and len(word) > 1:
        return len(word)
    lower = word.lower()
    found = len(_VOWELS.findall(lower))
    if re.search(r"[^aeiouyl]e$|[^aeiouytds]ed$|[^aeiouysxz]es$|[aeiouy]le$", lower) and found > 1:
        found -= 1
    if re.search(r"[aeiou]ing$|ia|io(?!u|n)|eous$", lower):
        found += 1
    return max(found, 1)


def texts_of(page: Page) -> Iterator[str]:
    """All that a reader reads; what ends without a stop (a title, a cell) is a sentence by itself."""
    yield page.title
    yield page.lead
    for section in page.sections:
        yield section.title
        yield from section.sentences
        for table in section.tables:
            yield table.title
            yield from table.head
            for row in table.rows:
                yield from row
