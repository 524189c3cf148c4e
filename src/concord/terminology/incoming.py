"""What a user loads: FHIR R4 CodeSystem, ValueSet and ConceptMap resources, as rows; and how the rows come in."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar

from concord.base import Incorrect
from concord.fhir import Resource, check, encode, fold
from concord.store import Reading, Store, terms

KINDS = ("CodeSystem", "ValueSet", "ConceptMap")
_PORTION = 2000  # rows of one transaction: others write between
_NO_SUBSUMPTION = ("grouped-by", "part-of", "classified-with")
_PARENTS = ("parent", "subsumedBy")
_ENDED = ("retired", "inactive")
_KEPT_WHOLE = 256 * 1024  # bytes of JSON: a larger one is kept in rows alone, and is read without what they hold
# http://hl7.org/fhir/R4/codesystem.html: what is no concept is kept; narratives are not.
_HAVE_ROWS = ("concept", "group", "text", "contained")

T = TypeVar("T")
ConceptRow = tuple[str, str, str, int, bytes]  # code, display, folded, active, detail
MappingRow = tuple[
    str, str, int, str, str, str, str
]  # source, code, position, target, target code, display, equivalence


@dataclass(frozen=True, kw_only=True, slots=True)
class Incoming:
    """One resource to be loaded; its rows are read once."""

    kind: str
    url: str
    version: str
    body: Resource
    concepts: Iterable[ConceptRow] = ()
    parents: Iterable[tuple[str, str]] = ()
    mappings: Iterable[MappingRow] = ()


def incoming_of(resource: Resource) -> Incoming:
    """A CodeSystem, ValueSet or ConceptMap as it comes in. Raises Incorrect, naming its URL."""
    kind, url = resource.get("resourceType"), resource.get("url")
    if kind not in KINDS or not isinstance(url, str):
        raise Incorrect(f"{kind}: only {', '.join(KINDS)} with a url can be loaded.")
    if breaches := check(resource):
        raise Incorrect(f"{url}: {breaches[0].path}: {breaches[0].message}.")
    if kind == "CodeSystem" and (resource["content"] in ("not-present", "supplement") or not resource.get("concept")):
        raise Incorrect(f"{url}: this CodeSystem holds no concepts of its own. Load one that does.")
    whole = kind == "ValueSet" or len(encode(resource)) <= _KEPT_WHOLE
    kept = resource if whole else {k: v for k, v in resource.items() if k not in _HAVE_ROWS}
    listed = resource.get("concept", [])
    return Incoming(
        kind=kind, url=url, version=resource.get("version", ""), body=kept,
        concepts=(concept_row(each) for each, _ in _nested(listed)),
        parents=() if resource.get("hierarchyMeaning") in _NO_SUBSUMPTION else _parents(listed),
        mappings=_mappings(resource) if kind == "ConceptMap" else (),
    )  # fmt: skip


def concept_row(concept: Mapping[str, Any]) -> ConceptRow:
    """The row of a CodeSystem.concept."""
    said = {name: concept[name] for name in ("definition", "designation", "property") if name in concept}
    display = concept.get("display", "")
    names = [display, *(each.get("value", "") for each in said.get("designation", ()))]
    active = not any(_ends(each) for each in said.get("property", ()))
    return (
        concept["code"],
        display,
        "".join(f" {word}" for name in names for word in words_of(name)),
        int(active),
        encode(said),
    )


def words_of(text: str) -> list[str]:
    """The words that a name is found by, folded, without what stands between them."""
    return re.findall(r"\w+", fold(text))


def load_terminology(store: Store, incoming: Incoming) -> int:
    """Keep what comes in, in place of the one of its URL and version; how many rows. In force once it is whole.

    Raises Conflict when the same comes in twice at a time, Busy, Unavailable.
    """
    with store.writing() as writing:
        number = terms.begin(writing, incoming.kind, incoming.url, incoming.version, encode(incoming.body))
    rows = 0
    try:
        for concepts in _portions(incoming.concepts):
            rows += len(concepts)
            with store.writing() as writing:
                terms.add_concepts(writing, [(number, *row) for row in concepts])
        for parents in _portions(incoming.parents):
            with store.writing() as writing:
                terms.add_parents(writing, [(number, *row) for row in parents])
        for mappings in _portions(incoming.mappings):
            rows += len(mappings)
            with store.writing() as writing:
                terms.add_mappings(writing, [(number, *row) for row in mappings])
    except BaseException:
        with store.writing() as writing:
            terms.remove(writing, number)
        raise
    with store.writing() as writing:
        terms.put_in_force(writing, number)
    return rows


def loaded_terminology(reading: Reading) -> list[tuple[str, str, str, int]]:
    """(type, URL, version, concepts or mappings) of what is loaded, by type and URL."""
    return terms.all_loaded(reading)


def _nested(listed: Sequence[dict[str, Any]], parent: str | None = None) -> Iterator[tuple[dict[str, Any], str | None]]:
    """Every concept, with its parent."""
    for each in listed:
        yield each, parent
        yield from _nested(each.get("concept", ()), each["code"])


def _parents(listed: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    for each, parent in _nested(listed):
        if parent is not None:
            yield each["code"], parent
        for said in each.get("property", ()):
            if said["code"] in _PARENTS and "valueCode" in said:
                yield each["code"], said["valueCode"]


def _ends(said: Mapping[str, Any]) -> bool:
    """Whether a property says that a concept is no longer active."""
    ended = said["code"] == "status" and said.get("valueCode") in _ENDED
    return ended or (said["code"] == "inactive" and said.get("valueBoolean") is True)


def _mappings(resource: Resource) -> Iterator[MappingRow]:
    position = 0
    for group in resource.get("group", ()):
        source, target = group.get("source", ""), group.get("target", "")
        for element in group["element"]:
            for each in element.get("target", ()):
                position += 1
                yield (
                    source, element.get("code", ""), position, target, each.get("code", ""), each.get("display", ""),
                    each["equivalence"],
                )  # fmt: skip


def _portions(rows: Iterable[T]) -> Iterator[list[T]]:
    left = iter(rows)
    while portion := list(islice(left, _PORTION)):
        yield portion
