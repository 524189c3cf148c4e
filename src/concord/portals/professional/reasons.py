"""Why an item is shown, in sentences: what stands behind `Why?`. Says nothing but agreement, clause and sender, and the
fields of the messages that it came from."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from concord.ingest import origins
from concord.record import ClauseReference, Source


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """`because` and, for what a clause opened, which (`clause` of `agreement`); `senders` who sent it;
    `told`, in sentences, from which fields of which messages it was read; `originals`: the items (type, id) of which
    the viewer may look at what they were made from, and when each was true."""

    because: str
    clause: str
    agreement: str
    senders: str
    told: Sequence[str]
    originals: Sequence[tuple[str, str, str]]


_MOST_ORIGINALS = 6
_PARTS = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_CLAUSE = "Shown because no agreement is needed for it."


def reasons(sources: Sequence[Source]) -> list[Reason]:
    """One reason for each clause that opens a source, in the order of the sources, with all its senders."""
    by_clause: dict[ClauseReference | None, list[Source]] = {}
    for source in sources:
        by_clause.setdefault(source.clause, []).append(source)
    return [_reason(clause, opened) for clause, opened in by_clause.items()]


def _reason(clause: ClauseReference | None, sources: Sequence[Source]) -> Reason:
    names = list(dict.fromkeys(source.name for source in sources))
    told = list(dict.fromkeys(each for source in sources for each in origins(source.type, source.told)))
    originals = [(each.type, each.id, each.when) for each in sources if each.original]
    sent = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    if clause is None:
        return Reason(because=_NO_CLAUSE, clause="", agreement="", senders=sent, told=told, originals=())
    return Reason(
        because=clause.because,
        clause=clause.clause,
        agreement=f"{clause.title}, version {clause.version}",
        senders=sent,
        told=told,
        originals=originals[:_MOST_ORIGINALS],
    )


def in_words(name: str) -> str:
    """A type or an element, such as "reference range" for referenceRange."""
    return _PARTS.sub(" ", name).lower()
