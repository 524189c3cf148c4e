"""The index rows that find a resource, and under which a search looks: what `matches` says, said beforehand."""

from functools import cache

from concord.fhir.codes_and_words import texts, tokens
from concord.fhir.criteria import Criterion
from concord.fhir.folding import fold
from concord.fhir.parameters import TABLE, SearchParameter
from concord.fhir.paths import Path, compiled, reach
from concord.fhir.times import day_of
from concord.fhir.wire import Resource

# The parameters that have index rows, the most telling first.
INDEXED = ("identifier", "family", "given", "name", "birthdate", "code", "category", "status", "gender")

# What may be asked across persons: what has index rows or columns of its own. All else works within a person.
_PUBLISHED = {*INDEXED, "date", "patient", "subject", "encounter", "organization", "_id", "_lastUpdated"}

_NEVER_CUT = ("code", "category", "status")  # from nobody whom the item is open to


def index_values(resource: Resource) -> list[tuple[str, str]]:
    """The index rows of a resource, (parameter, value), for INDEXED; none twice.

    A token gives `system|code` (when it has a system) and `|code`, which stands for that code in any system; a
    string its folded text; a birth date the date as written.
    """
    rows: dict[tuple[str, str], None] = {}
    for name, kind, paths in _indexed(resource.get("resourceType", "")):
        for path in paths:
            for value in reach(resource, path):
                if kind == "token":
                    for system, code in tokens(value, path.type):
                        if system:
                            rows[name, f"{system}|{code}"] = None
                        rows[name, f"|{code}"] = None
                elif kind == "string":
                    for text in texts(value, path.type):
                        rows[name, fold(text)] = None
                else:
                    rows[name, value] = None
    return list(rows)


def index_keys(criterion: Criterion) -> tuple[str, ...] | None:
    """The index values under which all that meets the criterion stands; None when the index cannot tell.

    What stands under them may still fail the criterion (a code of no system, an exact spelling): `matches` decides.
    """
    if criterion.name not in INDEXED or criterion.modifier not in (None, "exact"):
        return None
    keys = []
    for value in criterion.values:
        if criterion.kind == "token" and value.code is not None:
            keys.append(f"{value.system or ''}|{value.code}")
        elif criterion.modifier == "exact":
            keys.append(fold(value.text))
        elif criterion.kind == "date" and value.prefix == "eq" and (day := day_of((value.low, value.high))):
            keys.append(day)
        else:
            return None
    return tuple(keys)


def index_decides(criterion: Criterion) -> bool:
    """Whether all that stands under its `index_keys` meets the criterion, so that nobody need look."""
    return (
        criterion.name in _NEVER_CUT
        and criterion.kind == "token"
        and criterion.modifier is None
        and all(value.system != "" and value.code is not None for value in criterion.values)
    )


def in_order_of_index(criteria: tuple[Criterion, ...]) -> list[Criterion]:
    """The criteria, the one that narrows most by the index first."""
    return sorted(criteria, key=lambda each: INDEXED.index(each.name) if index_keys(each) else len(INDEXED))


def is_published(criterion: Criterion) -> bool:
    """Whether it may be asked across persons."""
    if criterion.modifier == "chain":
        return criterion.name in ("patient", "subject") and all(is_published(each) for _, each in criterion.chain)
    return criterion.name in _PUBLISHED


def moments(of: str, criterion: Criterion) -> tuple[int | None, int | None]:
    """What meets a `date` criterion begins before the first and ends after the second moment; None: whenever.

    Only for types whose relevant time is first that of the `date` parameter, of one value: what has no such time at all
    does not meet it.
    """
    if not _date_is_relevant_time(of) or criterion.name != "date" or criterion.modifier is not None:
        return None, None
    before: list[int | None] = []
    after: list[int | None] = []
    for value in criterion.values:
        around = value.high - value.low if value.prefix == "ap" else 0
        upper = {"eq": value.high, "le": value.high, "lt": value.low, "eb": value.low, "ap": value.high + around}
        lower = {"eq": value.low, "ge": value.low, "gt": value.high, "sa": value.high, "ap": value.low - around}
        before.append(upper.get(value.prefix))
        after.append(lower.get(value.prefix))
    return _latest(before), _earliest(after)


def _latest(moments: list[int | None]) -> int | None:
    told = [each for each in moments if each is not None]
    return max(told) if len(told) == len(moments) else None


def _earliest(moments: list[int | None]) -> int | None:
    told = [each for each in moments if each is not None]
    return min(told) if len(told) == len(moments) else None


@cache
def _date_is_relevant_time(of: str) -> bool:
    parameter = TABLE.parameters.get(of, {}).get("date")
    times = TABLE.times.get(of, ())
    return parameter is not None and times[: len(parameter.paths)] == parameter.paths and _is_one_choice(parameter)


def _is_one_choice(parameter: SearchParameter) -> bool:
    """One element, or the types of one value[x]."""
    stems = {path.partition(":")[0].removesuffix(_capital(path.rpartition(":")[2])) for path in parameter.paths}
    return len(stems) == 1 and "." not in next(iter(stems)) and "[" not in next(iter(stems))


def _capital(type_: str) -> str:
    return type_[0].upper() + type_[1:]


@cache
def _indexed(of: str) -> tuple[tuple[str, str, tuple[Path, ...]], ...]:
    known = TABLE.parameters.get(of, {})
    return tuple(
        (name, known[name].type, tuple(compiled(path) for path in known[name].paths))
        for name in INDEXED
        if name in known
    )
