"""A FHIR search, parsed: http://hl7.org/fhir/R4/search.html, the part of it that Concord answers.

Every parameter of type token, string, reference or date that R4 defines for the resource type and whose expression
is a path; with `_id`, `_lastUpdated`, `_count`, `_sort`, `_summary=count`, `_include`, `_total` and `_page`. All else
is refused by name: what a server does not understand it must not pretend to have applied.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NoReturn

from concord.base import Incorrect
from concord.fhir.definitions import DEFINITIONS, SearchParameter
from concord.fhir.paths import literal
from concord.fhir.times import range_of

RESOURCE_TYPES = DEFINITIONS.resources
LARGEST_PAGE = 1000

Kind = Literal["token", "string", "reference", "date"]
Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Value:
    """One of the values that a criterion gives. `text` is what was asked, without escapes and a date's prefix.

    A token has `system` (None: any, or implied by the element; empty: none at all) and `code` (None: any of that
    system). A reference has `type` (None: any) and `id` of something held here, or the `url` of something that is
    not. A date has `prefix` and what it covers, [low, high) in microseconds since the epoch, UTC.
    """

    text: str
    system: str | None = None
    code: str | None = None
    type: str | None = None
    id: str | None = None
    url: str | None = None
    prefix: Prefix = "eq"
    low: int = 0
    high: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Criterion:
    """One parameter: an item meets it when it meets any of `values`; it must meet every criterion of the search.

    `missing` is set by the modifier of that name, and `values` is then empty. `modifier`: not, exact, contains,
    missing, or None; a type as modifier (`subject:Patient=1`) is in the values.
    """

    name: str
    kind: Kind
    values: tuple[Value, ...] = ()
    modifier: Literal["not", "exact", "contains", "missing"] | None = None
    missing: bool | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Sort:
    by: Literal["date", "_lastUpdated", "_id"]
    descending: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Include:
    """`_include=type:parameter[:target]`: bring what that reference of each match names."""

    type: str
    parameter: str
    target: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Search:
    """`count` is at most LARGEST_PAGE; None: as the server likes. `summary` "count" asks for the total alone."""

    type: str
    criteria: tuple[Criterion, ...] = ()
    count: int | None = None
    sort: tuple[Sort, ...] = ()
    summary: Literal["count"] | None = None
    includes: tuple[Include, ...] = ()
    total: Literal["none", "estimate", "accurate"] | None = None
    page: str | None = None


_OF_THE_SEARCH = ("_count", "_sort", "_summary", "_include", "_total", "_page")
_OF_EVERY_TYPE = {"_id": SearchParameter("token", ()), "_lastUpdated": SearchParameter("date", ())}
_MODIFIERS = {"token": ("not", "missing"), "string": ("exact", "contains", "missing"), "date": ("missing",)}


def parse_search(of: str, pairs: Sequence[tuple[str, str]]) -> Search:
    """The search for resources of type `of` that the query's (name, value) pairs ask, already URL-decoded.

    Raises Incorrect naming the parameter (never its value) and what is supported.
    """
    if of not in RESOURCE_TYPES:
        raise Incorrect("The resource type to search is not one of R4.")
    criteria: list[Criterion] = []
    includes: list[Include] = []
    once: dict[str, str] = {}
    for name, value in pairs:
        if name == "_include":
            includes.append(_include(value))
        elif name in _OF_THE_SEARCH:
            if once.setdefault(name, value) != value:
                raise Incorrect(f"{name} is given twice, with different values.")
        else:
            criteria.append(_criterion(of, name, value))
    count = _count(once["_count"]) if "_count" in once else None
    return Search(
        type=of,
        criteria=tuple(criteria),
        count=count,
        sort=_sort(of, once["_sort"]) if "_sort" in once else (),
        summary="count" if count == 0 or _summary(once.get("_summary", "false")) else None,
        includes=tuple(includes),
        total=_total(once["_total"]) if "_total" in once else None,
        page=once.get("_page"),
    )


def search_parameters(of: str) -> dict[str, Kind]:
    """The parameters that a search for that type may name, with their types."""
    return {name: _kind(p) for name, p in (_OF_EVERY_TYPE | DEFINITIONS.search[of]).items()}


_LETTERS_WITHOUT_DECOMPOSITION = str.maketrans(
    {"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th", "\u0131": "i", "\u2019": "'"}
)


def fold(text: str) -> str:
    """Text as compared when neither case, accents nor the width of spaces count."""
    text = text.casefold()
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
        text = text.translate(_LETTERS_WITHOUT_DECOMPOSITION)
    return " ".join(text.split())


def _kind(parameter: SearchParameter) -> Kind:
    return parameter.type  # type: ignore[return-value]  # the compiled table holds no other


def _criterion(of: str, name: str, value: str) -> Criterion:
    stem, _, modifier = name.partition(":")
    parameter = _OF_EVERY_TYPE.get(stem) or DEFINITIONS.search[of].get(stem)
    if parameter is None:
        _refuse_parameter(of, stem)
    kind = _kind(parameter)
    if modifier == "missing" and stem not in _OF_EVERY_TYPE:
        if value not in ("true", "false"):
            raise Incorrect(f"{stem}:missing is true or false.")
        return Criterion(name=stem, kind=kind, modifier="missing", missing=value == "true")
    texts = [part for part in _split(value, ",") if part]
    if not texts:
        raise Incorrect(f"The search parameter {stem} has no value.")
    if kind == "reference":
        target = _reference_type(stem, modifier) or parameter.target
        return Criterion(name=stem, kind=kind, values=tuple(_reference(stem, text, target) for text in texts))
    if modifier and (stem in _OF_EVERY_TYPE or modifier not in _MODIFIERS[kind]):
        known = "no modifier" if stem in _OF_EVERY_TYPE else ", ".join(f":{each}" for each in _MODIFIERS[kind])
        raise Incorrect(f"{_shown(name)} is not supported: {stem} takes {known}.")
    return Criterion(
        name=stem,
        kind=kind,
        values=tuple(_value(parameter, stem, text) for text in texts),
        modifier=modifier or None,  # type: ignore[arg-type]  # one of _MODIFIERS
    )


def _value(parameter: SearchParameter, name: str, text: str) -> Value:
    match _kind(parameter):
        case "token":
            return _token(name, text, implied=all(path.endswith(":code") for path in parameter.paths))
        case "date":
            return _date(name, text)
        case _:
            return Value(text=_unescape(text))


def _token(name: str, text: str, *, implied: bool) -> Value:
    """`implied`: the element is a `code`, whose system R4 fixes and JSON does not repeat."""
    plain = _unescape(text)
    parts = [_unescape(part) for part in _split(text, "|")]
    if len(parts) == 1:
        return Value(text=plain, code=plain)
    system, code = parts[0], "|".join(parts[1:])
    if not system and not code:
        raise Incorrect(f"The search parameter {name} is written code, system|code, |code or system|.")
    return Value(text=plain, system=None if implied else system, code=code or None)


_PREFIXES = ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")


def _date(name: str, text: str) -> Value:
    prefix, plain = (text[:2], text[2:]) if text[:2] in _PREFIXES else ("eq", text)
    try:
        low, high = range_of(plain)
    except ValueError:
        raise Incorrect(
            f"The search parameter {name} takes a date that exists, as YYYY, YYYY-MM, YYYY-MM-DD or "
            "YYYY-MM-DDThh:mm[:ss] with an offset (its + written %2B), after one of eq ne gt lt ge le sa eb ap."
        ) from None
    return Value(text=plain, prefix=prefix, low=low, high=high)  # type: ignore[arg-type]  # one of _PREFIXES


def _reference(name: str, text: str, target: str | None) -> Value:
    plain = _unescape(text)
    named = literal(plain)
    if named is None:
        raise Incorrect(f"The search parameter {name} takes an id, Type/id or a URL.")
    if named.base or ":" in plain:
        return Value(text=plain, url=named.url)
    if named.type is None:
        return Value(text=plain, type=target, id=plain)
    return Value(text=plain, type=named.type, id=named.id)


def _reference_type(name: str, modifier: str) -> str | None:
    if not modifier:
        return None
    if modifier in DEFINITIONS.resources:
        return modifier
    raise Incorrect(f"{_shown(f'{name}:{modifier}')} is not supported: {name} takes a resource type, or :missing.")


def _refuse_parameter(of: str, name: str) -> NoReturn:
    if "." in name or name == "_has":
        raise Incorrect("Chained search parameters are not supported. Search for what is referred to first.")
    known = ", ".join([*DEFINITIONS.search[of], *_OF_EVERY_TYPE, *_OF_THE_SEARCH])
    raise Incorrect(f"{of} has no search parameter {_shown(name)} here. Supported: {known}.")


def _include(value: str) -> Include:
    of, _, rest = value.partition(":")
    name, _, target = rest.partition(":")
    parameter = DEFINITIONS.search.get(of, {}).get(name)
    if parameter is None or parameter.type != "reference":
        raise Incorrect("_include takes Type:parameter or Type:parameter:Target, the parameter being a reference.")
    if target and target not in DEFINITIONS.resources:
        raise Incorrect("The target of _include is not a resource type of R4.")
    return Include(type=of, parameter=name, target=target or None)


def _count(value: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", value):
        raise Incorrect(f"_count is a whole number from 0; more than {LARGEST_PAGE} give pages of {LARGEST_PAGE}.")
    return min(int(value), LARGEST_PAGE)


def _sort(of: str, value: str) -> tuple[Sort, ...]:
    sorts = []
    for text in value.split(","):
        by = text.removeprefix("-")
        if by not in ("date", "_lastUpdated", "_id") or (by == "date" and of not in DEFINITIONS.times):
            known = "date, _lastUpdated and _id" if of in DEFINITIONS.times else "_lastUpdated and _id"
            raise Incorrect(f"_sort of {of} is by {known}, each with - before it for the reverse.")
        sorts.append(Sort(by=by, descending=text != by))  # type: ignore[arg-type]  # one of the three
    return tuple(sorts)


def _summary(value: str) -> bool:
    if value not in ("count", "false"):
        raise Incorrect("_summary is supported as count (or false) alone.")
    return value == "count"


def _total(value: str) -> Literal["none", "estimate", "accurate"]:
    match value:
        case "none" | "estimate" | "accurate":
            return value
    raise Incorrect("_total is none, estimate or accurate.")


def _split(text: str, separator: str) -> list[str]:
    """At each separator that is not escaped by a backslash; the parts keep their escapes."""
    parts = [""]
    for piece in re.findall(r"\\.|.", text, re.DOTALL):
        if piece == separator:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _unescape(text: str) -> str:
    return re.sub(r"\\([\\,|$])", r"\1", text)


_parameter_like = re.compile(r"[A-Za-z_][A-Za-z-]{0,39}(?::[A-Za-z-]{1,39})?").fullmatch


def _shown(name: str) -> str:
    """A name that does not look like a parameter's could be anything, and is not repeated."""
    return name if _parameter_like(name) else "of that name"
