"""From a resource to the values that a path of `search_parameters.json` reaches, and what a literal reference names."""

import re
from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any, NamedTuple

from concord.fhir.wire import Resource


class Step(NamedTuple):
    """A name, and what to keep of what stands there: `keep` says of each; `first` that only the first is meant."""

    name: str
    keep: Callable[[Any], bool] | None
    first: bool


class Path(NamedTuple):
    """`type` is the FHIR type of what the path reaches; `rooted` of a component's path that starts at the resource."""

    steps: tuple[Step, ...]
    type: str
    rooted: bool = False


class Literal(NamedTuple):
    """What a literal reference names. `base` is empty for a relative one; `type` and `id` are None for what only a
    URL names (urn:uuid:..., a canonical URL)."""

    url: str
    base: str
    type: str | None
    id: str | None


_STEP = re.compile(r"(?P<name>\w+)(?:\[(?P<keep>[^\]]+)\])?(?:\.|$)")
_LITERAL = re.compile(
    r"(?P<base>https?://\S+/)?(?P<type>[A-Z][A-Za-z]+)/(?P<id>[A-Za-z0-9\-.]{1,64})(?:/_history/[A-Za-z0-9\-.]{1,64})?"
)


@cache
def compiled(path: str) -> Path:
    """A path in the table's notation, such as `telecom[system=email]:ContactPoint`. Raises ValueError for another."""
    text, _, of = path.rpartition(":")
    rooted = text.startswith("^")
    steps, at = [], int(rooted)
    while at < len(text):
        found = _STEP.match(text, at)
        if found is None:
            raise ValueError(f"no path of the table: {path}")
        keep = found["keep"]
        steps.append(Step(found["name"], _keeper(keep) if keep and keep != "0" else None, keep == "0"))
        at = found.end()
    return Path(tuple(steps), of, rooted)


def _keeper(text: str) -> Callable[[Any], bool]:
    key, equals, value = text.partition("=")
    if not equals:
        return lambda each: refers_to(each, text)
    if key == "has":
        return lambda each: (
            type(each) is dict
            and any(type(inner) is dict and inner.get("url") == value for inner in each.get("extension", ()))
        )
    return lambda each: type(each) is dict and each.get(key) == value


def reach(resource: Resource, path: Path) -> list[Any]:
    """The values at `path`, arrays opened, nulls left out; [] when there are none."""
    here: list[Any] = [resource]
    for name, keep, first in path.steps:
        there: list[Any] = []
        for each in here:
            item = each.get(name) if type(each) is dict else None
            if type(item) is list:
                there += item
            elif item is not None:
                there.append(item)
        if keep is not None:
            there = [each for each in there if keep(each)]
        elif first:
            there = there[:1]
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


def literal_in(value: Any) -> Literal | None:
    """What a Reference, a canonical or a uri names, or the resource that stands there itself."""
    if type(value) is dict:
        if "resourceType" in value:
            of, id_ = value["resourceType"], value.get("id")
            return Literal(f"{of}/{id_}", "", of, id_) if id_ else None
        value = value.get("reference")
    return literal(value) if type(value) is str else None


def refers_to(reference: Any, target: str) -> bool:
    """Whether a Reference object says by its literal, or else by its `type`, that it means a resource of that type."""
    if type(reference) is not dict:
        return False
    text = reference.get("reference")
    named = literal(text) if type(text) is str else None
    if named is not None and named.type is not None:
        return named.type == target
    return bool(reference.get("type") == target)
