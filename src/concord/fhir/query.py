"""A FHIR search, parsed whole: http://hl7.org/fhir/R4/search.html. What of it is refused is refused by name."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from concord.base import Incorrect
from concord.fhir.criteria import Criterion
from concord.fhir.definitions import DEFINITIONS
from concord.fhir.naming import Expansions, Naming, NotSupported
from concord.fhir.parameters import ANY_TYPE, TABLE, reference_parameters

RESOURCE_TYPES = DEFINITIONS.resources
LARGEST_PAGE = 1000
MOST_CRITERIA = 50
MOST_INCLUDES = 20
COMPARTMENTS = tuple(TABLE.compartments)

Summary = Literal["true", "text", "data", "count"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Sort:
    """By the clinically relevant time (`date`), `_lastUpdated`, `_id`, or a search parameter of the type."""

    by: str
    descending: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Include:
    """`_include=type:parameter[:target]`: bring what that reference of each match names; `_revinclude`: bring what
    names each match by it. Empty `parameter`: by any; empty `type`: of any type. `iterate`: of what it brought too."""

    type: str
    parameter: str
    target: str | None = None
    iterate: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Compartment:
    """Of whom or what the items are: `GET [type]/[id]/...`."""

    type: str
    id: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """`count` is at most LARGEST_PAGE; None: as the server likes. `summary` "count" asks for the total alone.

    `elements` are the top-level elements wanted, empty: all. A search of several types has no `type` and a part of its
    own for each in `parts`. `ignored`: the names of parameters passed over, as `handling=lenient` asks.
    """

    type: str
    criteria: tuple[Criterion, ...] = ()
    count: int | None = None
    sort: tuple[Sort, ...] = ()
    summary: Summary | None = None
    elements: tuple[str, ...] = ()
    includes: tuple[Include, ...] = ()
    revincludes: tuple[Include, ...] = ()
    total: Literal["none", "estimate", "accurate"] | None = None
    page: str | None = None
    compartment: Compartment | None = None
    parts: tuple["Search", ...] = ()
    ignored: tuple[str, ...] = ()

    @property
    def by_type(self) -> tuple["Search", ...]:
        """The search of each type: of one type, itself."""
        return self.parts or (self,)


_ONCE = ("_count", "_sort", "_summary", "_total", "_page", "_elements", "_type")


def parse_search(
    of: str,
    pairs: Sequence[tuple[str, str]],
    *,
    lenient: bool = False,
    expansions: Expansions | None = None,
    compartment: Compartment | None = None,
) -> Search:
    """The search that the query's (name, value) pairs ask, already URL-decoded.

    `of`: the type sought; "" or "*" for the types that `_type` names. `lenient`: parameters that are not supported
    are passed over. Raises Incorrect naming the parameter (never its value) and what is supported.
    """
    once: dict[str, str] = {}
    asked: list[tuple[str, str]] = []
    for name, value in pairs:
        if name not in _ONCE:
            asked.append((name, value))
        elif once.setdefault(name, value) != value:
            raise Incorrect(f"{name} is given twice, with different values.")
    types = _types(of, once.pop("_type", None), compartment)
    parts = [_of_type(type_, asked, once, lenient=lenient, expansions=expansions) for type_ in types]
    whole = replace(parts[0], compartment=compartment)
    if len(types) == 1 and of == types[0]:
        return whole
    parts = [replace(part, includes=(), revincludes=(), compartment=compartment) for part in parts]
    return replace(whole, type="", criteria=(), parts=tuple(parts))


def parse_part(pairs: Sequence[tuple[str, str]]) -> tuple[Summary | None, tuple[str, ...]] | None:
    """What a read asks for by `_summary` or `_elements`; None for the whole. Raises Incorrect for other parameters."""
    given = dict(pairs)
    if len(given) < len(pairs) or not given.keys() <= {"_summary", "_elements"} or len(given) > 1:
        raise Incorrect("A read takes no parameter but _summary or _elements, and not both.")
    summary = _summary(given.get("_summary", "false"))
    if summary == "count":
        raise Incorrect("_summary=count is for searches.")
    elements = _elements(given["_elements"]) if "_elements" in given else ()
    return (summary, elements) if summary or elements else None


def _types(of: str, named: str | None, compartment: Compartment | None) -> list[str]:
    """The types sought, each once."""
    if of not in ("", ANY_TYPE):
        if of not in RESOURCE_TYPES:
            raise Incorrect("The resource type to search is not one of R4.")
        if named is not None:
            raise NotSupported("_type is for searches that name no type in their address.")
        return [of]
    if named is None:
        if compartment is None:
            raise Incorrect("Name the types to search: _type=Observation,Condition.")
        return sorted(TABLE.compartments[compartment.type])
    types = list(dict.fromkeys(named.split(",")))
    if not all(type_ in RESOURCE_TYPES for type_ in types):
        raise Incorrect("_type names resource types of R4, with commas between them.")
    return types


def _of_type(
    of: str, asked: Sequence[tuple[str, str]], once: dict[str, str], *, lenient: bool, expansions: Expansions | None
) -> Search:
    naming = Naming(expansions)
    criteria: list[Criterion] = []
    includes: list[Include] = []
    revincludes: list[Include] = []
    ignored: list[str] = []
    for name, value in asked:
        try:
            stem, _, modifier = name.partition(":")
            if stem == "_include":
                includes.append(_include(stem, modifier, value))
            elif stem == "_revinclude":
                revincludes.append(_include(stem, modifier, value))
            else:
                criteria.append(naming.criterion(of, name, value))
        except NotSupported:
            if not lenient:
                raise
            ignored.append(name)
    if len(criteria) > MOST_CRITERIA or len(includes) + len(revincludes) > MOST_INCLUDES:
        raise Incorrect(f"A search takes at most {MOST_CRITERIA} parameters and {MOST_INCLUDES} includes.")
    count = _count(once["_count"]) if "_count" in once else None
    summary = "count" if count == 0 else _summary(once.get("_summary", "false"))
    elements = _elements(once["_elements"]) if "_elements" in once else ()
    if summary == "text" and (includes or revincludes):
        raise Incorrect("_summary=text cannot be asked together with _include and _revinclude.")
    if summary in ("true", "text", "data") and elements:
        raise Incorrect("Ask for _summary or for _elements, not for both.")
    return Search(
        type=of, criteria=tuple(criteria), count=count, summary=summary, elements=elements,
        sort=_sort(of, once["_sort"]) if "_sort" in once else (),
        includes=tuple(includes), revincludes=tuple(revincludes),
        total=_total(once["_total"]) if "_total" in once else None,
        page=once.get("_page"), ignored=tuple(ignored),
    )  # fmt: skip


def _include(name: str, modifier: str, value: str) -> Include:
    if modifier not in ("", "iterate", "recurse"):  # `recurse` is what STU3 called it
        raise NotSupported(f"{name} takes :iterate and no other modifier.")
    if value == ANY_TYPE:
        return Include(type="", parameter="", iterate=bool(modifier))
    type_, _, rest = value.partition(":")
    parameter, _, target = rest.partition(":")
    known = reference_parameters(type_)
    if (parameter != ANY_TYPE and parameter not in known) or type_ not in RESOURCE_TYPES:
        raise Incorrect(f"{name} takes Type:parameter or Type:parameter:Target, the parameter being a reference.")
    if target and target not in RESOURCE_TYPES:
        raise Incorrect(f"The target of {name} is not a resource type of R4.")
    return Include(
        type=type_, parameter="" if parameter == ANY_TYPE else parameter, target=target or None, iterate=bool(modifier)
    )


def _count(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise Incorrect(f"_count is a whole number from 0; more than {LARGEST_PAGE} give pages of {LARGEST_PAGE}.")
    return min(int(value), LARGEST_PAGE)


def _sort(of: str, value: str) -> tuple[Sort, ...]:
    sorts = []
    for text in value.split(","):
        by = text.removeprefix("-")
        if by not in sortable(of):
            raise Incorrect(f"_sort of {of} is by {', '.join(sortable(of))}, each with - before it for the reverse.")
        sorts.append(Sort(by=by, descending=text != by))
    return tuple(sorts)


def sortable(of: str) -> list[str]:
    """What a search of a type may be sorted by."""
    by = {"date": None} if of in TABLE.times else {}
    by |= dict.fromkeys(("_lastUpdated", "_id"))
    for name, parameter in TABLE.parameters[of].items():
        if parameter.type not in ("composite", "special"):
            by[name] = None
    return list(by)


def _summary(value: str) -> Summary | None:
    match value:
        case "true" | "text" | "data" | "count":
            return value
        case "false":
            return None
    raise Incorrect("_summary is true, text, data, count or false.")


def _elements(value: str) -> tuple[str, ...]:
    names = value.split(",")
    if not all(re.fullmatch(r"[A-Za-z]{1,64}", name) for name in names):
        raise Incorrect("_elements takes the names of elements of the type's first level, with commas between them.")
    return tuple(dict.fromkeys(names))


def _total(value: str) -> Literal["none", "estimate", "accurate"]:
    match value:
        case "none" | "estimate" | "accurate":
            return value
    raise Incorrect("_total is none, estimate or accurate.")
