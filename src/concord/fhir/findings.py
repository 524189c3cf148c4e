"""What a survey finds, and where: breaches of the rules, references, codings, words."""

import re
from dataclasses import dataclass, field
from typing import Any

MOST_BREACHES = 100  # told of one resource: enough to mend it by, and a bound on what a hostile one costs

# Where something stands: its holder's place, the name there, the index if that is an array, how deep.
Trail = tuple[Any, str, int | None, int]


@dataclass(frozen=True, kw_only=True, slots=True)
class Breach:
    """A rule that a resource breaks: where (`Patient.name[0].given`), which, and what was expected instead.

    `rule` is one of: resource-type, unknown-element, cardinality, json-type, format, choice, empty, null,
    extension, binding, target, contained, narrative, depth. Nothing here quotes a value of the resource.
    """

    path: str
    rule: str
    message: str


@dataclass(slots=True)
class Survey:
    """What one pass found. `references` are the resource's own Reference objects, to be rewritten in place;
    `holders` the names of the elements that they stand in, in the same order.

    `codings` holds (system, code) of every Coding that has a code. Contained and bundled resources are included.
    `texts` are its strings and markdown, but literal references; `pages` the objects that hold text in another guise:
    Narratives, and Attachments and Binaries of a `text/` type. `urns` are the places, holder and name or index, of
    addresses that begin with `urn:` and are no Reference. `local` is what refers to contained resources (`#id`),
    with the types that it may refer to, until they are all known.
    """

    breaches: list[Breach] = field(default_factory=list)
    references: list[dict[str, Any]] = field(default_factory=list)
    holders: list[str] = field(default_factory=list)
    codings: list[tuple[str | None, str]] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    pages: list[dict[str, Any]] = field(default_factory=list)
    urns: list[tuple[Any, Any]] = field(default_factory=list)
    local: list[tuple[str, frozenset[str], Trail]] = field(default_factory=list)
    has_narrative: bool = False
    has_contained: bool = False


def at(holder: Trail | None, name: str, index: int | None = None) -> Trail:
    return (holder, name, index, 0 if holder is None else holder[3] + 1)


def breach(found: Survey, here: Trail | None, rule: str, expected: str) -> None:
    """Note a breach at `here`, but for those beyond the first MOST_BREACHES."""
    if len(found.breaches) < MOST_BREACHES:
        found.breaches.append(Breach(path=path_of(here), rule=rule, message=expected))


def path_of(here: Trail | None) -> str:
    steps: list[str] = []
    while here is not None:
        here, name, index, _ = here
        steps.append(name if index is None else f"{name}[{index}]")
    return ".".join(reversed(steps))


_looks_like_an_element = re.compile(r"_?[a-z][A-Za-z_]{0,39}").fullmatch


def shown(name: str) -> str:
    """A name that does not look like an element's could be anything, and is not repeated."""
    return name if _looks_like_an_element(name) else "?"
