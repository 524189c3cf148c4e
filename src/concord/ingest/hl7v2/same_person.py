"""What a source says of two of its own patients: one replaces the other, both are linked, or they are not one.

Every such word is kept with the Patient (extension `OF_ANOTHER`), so that a late one finds its place; what they come
to is Patient.link. The last word about another patient stands; a patient is replaced by one alone, the last said.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from concord.fhir import LAST_WORD
from concord.ingest.hl7v2.clocks import moment
from concord.ingest.hl7v2.types import Element

OF_ANOTHER = "https://concord.example/StructureDefinition/of-another-patient"
"""Extension of a Patient, one a word: `says`, `other` (the source's number of it), `at`."""

Says = Literal["replaced-by", "seealso", "unlinked"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """`other` is the source id of another patient, `at` when it was said (a FHIR dateTime)."""

    says: Says
    other: str
    at: str


def words_of(patient: Mapping[str, Any] | None) -> list[Word]:
    """The words that a Patient keeps."""
    extensions = patient.get("extension", ()) if patient else ()
    return [_word(one["extension"]) for one in extensions if one.get("url") == OF_ANOTHER]


def with_words(patient: Mapping[str, Any], words: Iterable[Word]) -> Element:
    """The Patient with exactly these words, and the links that they come to."""
    kept = sorted(set(words), key=_in_order)
    others = [one for one in patient.get("extension", ()) if one.get("url") not in (OF_ANOTHER, LAST_WORD)]
    last_words = [one for one in patient.get("extension", ()) if one.get("url") == LAST_WORD]
    rest = {name: value for name, value in patient.items() if name not in ("extension", "link")}
    links = [{"other": {"reference": f"Patient/{word.other}"}, "type": word.says} for word in _standing(kept)]
    extensions = [*others, *({"url": OF_ANOTHER, "extension": _parts(word)} for word in kept), *last_words]
    return rest | ({"link": links} if links else {}) | ({"extension": extensions} if extensions else {})


def _standing(kept: list[Word]) -> list[Word]:
    """Of words in order: the last about each other patient, of replacements the last of all."""
    last = {word.other: word for word in kept}
    replaced = [word for word in kept if word.says == "replaced-by"][-1:]
    return [word for word in last.values() if word.says == "seealso" or word in replaced]


def _in_order(word: Word) -> tuple[Any, ...]:
    return moment(word.at), word.says, word.other


def _parts(word: Word) -> list[Element]:
    return [
        {"url": "says", "valueCode": word.says},
        {"url": "other", "valueString": word.other},
        {"url": "at", "valueDateTime": word.at},
    ]


def _word(parts: Iterable[Element]) -> Word:
    said = {part["url"]: next(value for name, value in part.items() if name != "url") for part in parts}
    return Word(says=said["says"], other=said["other"], at=said["at"])
