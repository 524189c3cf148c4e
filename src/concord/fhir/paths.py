"""From a resource to the values that a path of `definitions.json` reaches, and what a literal reference names."""

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple

from concord.fhir.wire import Resource


class Step(NamedTuple):
    """A name, and what to keep of what stands there: references to type `target`, or objects whose `key` is `value`."""

    name: str
    target: str | None
    key: str | None
    value: str | None


class Path(NamedTuple):
    """`type` is the FHIR type of what the path reaches."""

    steps: tuple[Step, ...]
    type: str


class Literal(NamedTuple):
    """What a literal reference names. `base` is empty for a relative one; `type` and `id` are None for what only a
    URL names (urn:uuid:..., a canonical URL)."""

    url: str
    base: str
    type: str | None
    id: str | None


_STEP = re.compile(r"(?P<name>\w+)(?:\[(?:(?P<target>[A-Z]\w*)|(?P<key>\w+)=(?P<value>[\w-]+))\])?\.?")
_LITERAL = re.compile(
    r"(?P<base>https?://\S+/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)


@cache
def compiled(path: str) -> Path:
    """A path in the table's notation, such as `telecom[system=email]:ContactPoint`."""
    text, _, of = path.rpartition(":")
    return Path(tuple(Step(*found.group("name", "target", "key", "value")) for found in _STEP.finditer(text)), of)


def reach(resource: Resource, path: Path) -> list[Any]:
    """The values at `path`, arrays opened, nulls left out; [] when there are none."""
    here: list[Any] = [resource]
    for name, target, key, value in path.steps:
        there: list[Any] = []
        for each in here:
            item = each.get(name) if type(each) is dict else None
            if type(item) is list:
                there += item
            elif item is not None:
                there.append(item)
        if target is not None:
            there = [each for each in there if refers_to(each, target)]
        elif key is not None:
            there = [each for each in there if type(each) is dict and each.get(key) == value]
        if not there:
            return there
        here = there
    return [each for each in here if each is not None]


@lru_cache(maxsize=8192)  # one person's items name the same few: the person, a visit, who was there
def literal(reference: str) -> Literal | None:
    """What `reference` names, its version left aside. None for a fragment (#...) or a conditional reference."""
    found = _LITERAL.fullmatch(reference)
    if found is None:
        return None if reference.startswith("#") or "?" in reference else Literal(reference, "", None, None)
    base, of, logical_id = found.group("base", "type", "id")
    return Literal(f"{base or ''}{of}/{logical_id}", base or "", of, logical_id)


def refers_to(reference: Any, target: str) -> bool:
    """Whether a Reference object says by its literal, or else by its `type`, that it means a resource of that type."""
    if type(reference) is not dict:
        return False
    text = reference.get("reference")
    named = literal(text) if type(text) is str else None
    if named is not None and named.type is not None:
        return named.type == target
    return bool(reference.get("type") == target)
