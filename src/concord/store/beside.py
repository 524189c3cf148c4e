"""The source patients beside which another is linked: several questions, asked of the database at once."""

from collections.abc import Mapping, Sequence
from typing import Literal, NamedTuple

from concord.base import NhsNumber
from concord.store.face import Reading
from concord.store.people import ITS_LINK, LINKED, SAID, SUPERSEDES, Source, TracedSource, traced_source
from concord.store.permitted import Permitted

Compared = Literal["born_on", "family", "given", "postcode"]
"""A column by which those who are alike are found."""


class Beside(NamedTuple):
    """A source patient as it is kept, and those that linking it looks at: who bears a number (itself, if it does), of
    whom their source says that this number has been superseded, and who else is alike."""

    itself: TracedSource | None
    bearing: Sequence[TracedSource]
    superseding: Sequence[TracedSource]
    alike: Sequence[TracedSource]


class _Part(NamedTuple):
    """One of several questions: a condition, its values, and how many rows are enough."""

    condition: str
    values: Sequence[object]
    most: int | None = None


def beside(
    reading: Reading,
    permitted: Permitted,
    source: Source,
    nhs_number: NhsNumber | None,
    keys: Sequence[Mapping[Compared, str]],
    most: int,
) -> Beside:
    """What linking a source patient needs, for whoever holds a duty: a feed asks it for each Patient that it brings.

    `keys` and `most` as in `alike`.
    """
    numbers = () if nhs_number is None else ("s.nhs_number = ?", SUPERSEDES)
    itself, *parts = _at_once(
        reading,
        permitted,
        [
            _Part("s.home = ? AND s.number = ?", source),
            *(_Part(condition, (nhs_number,)) for condition in numbers),
            *(_sharing(key, most) for key in keys),
        ],
    )
    bearing, superseding = parts[: len(numbers)] or ([], [])
    others = [[each for each in part if each.source != source] for part in parts[len(numbers) :]]
    return Beside(next(iter(itself), None), bearing, superseding, _of_any(others, most))


def alike(
    reading: Reading, permitted: Permitted, keys: Sequence[Mapping[Compared, str]], most: int | None
) -> list[TracedSource]:
    """Those that have all values of any of `keys`, each once. A key that more than `most` share finds nobody."""
    return _of_any(_at_once(reading, permitted, [_sharing(key, most) for key in keys]), most)


def _sharing(key: Mapping[Compared, str], most: int | None) -> _Part:
    """One more than `most` tells that there are too many; another may be the one who asks."""
    condition = " AND ".join(f"s.{column} = ?" for column in key)
    return _Part(condition, tuple(key.values()), None if most is None else most + 2)


def _of_any(parts: Sequence[Sequence[TracedSource]], most: int | None) -> list[TracedSource]:
    few = (part for part in parts if most is None or len(part) <= most)
    found = {source.number: source for part in few for source in part}
    return [found[number] for number in sorted(found)]


def _at_once(reading: Reading, permitted: Permitted, parts: Sequence[_Part]) -> list[list[TracedSource]]:
    """What is found for each part, in order of number; only for a duty (default deny)."""
    found: list[list[TracedSource]] = [[] for _ in parts]
    if permitted.duty is None or not parts:
        return found
    each = " UNION ALL ".join(
        f"SELECT * FROM (SELECT {which} AS part, {SAID} FROM source_patient s WHERE s.patient IS NOT NULL "
        f"AND {part.condition}{'' if part.most is None else f' LIMIT {part.most}'}) AS part_{which}"
        for which, part in enumerate(parts)
    )
    sql = f"WITH found AS ({each}) SELECT s.part, {SAID}, {LINKED} FROM found s {ITS_LINK} ORDER BY s.part, s.number"
    for which, *row in reading.rows(sql, [value for part in parts for value in part.values]):
        found[which].append(traced_source(reading, tuple(row)))
    return found
