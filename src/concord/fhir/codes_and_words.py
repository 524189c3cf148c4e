"""The codes and the words that a value, or a whole resource, gives to be searched by."""

import re
from collections.abc import Iterator
from typing import Any

from concord.fhir.folding import fold
from concord.fhir.wire import Resource

_TAG = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")
_PARTS = {
    "HumanName": ("text", "family", "given"),
    "Address": ("text", "line", "city", "district", "state", "postalCode", "country"),
    "CodeableConcept": ("text",),
    "Coding": ("display",),
    "Identifier": ("value",),
    "Reference": ("display",),
}


def texts(value: Any, of: str) -> Iterator[str]:
    """The texts that a string parameter looks in."""
    if type(value) is str:
        yield value
    elif type(value) is dict:
        for part in _PARTS.get(of, ()):
            found = value.get(part, ())
            yield from (found,) if type(found) is str else (each for each in found if type(each) is str)
        for coding in value.get("coding", ()) if of == "CodeableConcept" else ():
            yield from texts(coding, "Coding")


def tokens(value: Any, of: str) -> Iterator[tuple[str, str]]:
    """(system, code) that a value of a FHIR type gives; the system is empty where none is said."""
    if type(value) is bool:
        yield "", "true" if value else "false"
    elif type(value) is str:
        yield "", value
    elif type(value) is dict:
        code_key = "value" if of in ("Identifier", "ContactPoint") else "code"
        for each in value.get("coding", ()) if of == "CodeableConcept" else (value,):
            code = each.get(code_key)
            if code is not None:
                yield "" if of == "ContactPoint" else each.get("system", ""), code


def said(found: Any, of: str) -> Iterator[str]:
    """The words beside a code: what `:text` looks in."""
    if type(found) is not dict:
        return
    concept = found.get("type") if of == "Identifier" else found
    if type(concept) is not dict:
        return
    for spoken in (concept.get("text"), concept.get("display")):
        if type(spoken) is str:
            yield spoken
    yield from (coding["display"] for coding in concept.get("coding", ()) if "display" in coding)


def words(resource: Resource, *, narrative: bool) -> list[str]:
    """The folded words of a resource's narrative, or of all that it says."""
    if narrative:
        div = resource.get("text", {}).get("div", "")
        return words_of(fold(_TAG.sub(" ", div)))
    return [word for text in _strings(resource) for word in words_of(fold(_TAG.sub(" ", text)))]


def _strings(node: Any) -> Iterator[str]:
    if type(node) is str:
        yield node
    elif type(node) is list:
        for each in node:
            yield from _strings(each)
    elif type(node) is dict:
        for each in node.values():
            yield from _strings(each)


def words_of(folded: str) -> list[str]:
    """The words of a folded text."""
    return _WORD.findall(folded)
