"""Why an item is shown, in sentences: what stands behind `Why?`. Says nothing but agreement, clause and sender."""

from collections.abc import Sequence
from dataclasses import dataclass

from concord.record import ClauseReference, Source


@dataclass(frozen=True, kw_only=True, slots=True)
class Reason:
    """`because` and, for what a clause opened, which (`clause` of `agreement`); `senders` who sent it."""

    because: str
    clause: str
    agreement: str
    senders: str


_NO_CLAUSE = "Shown because no agreement is needed for it."


def reasons(sources: Sequence[Source]) -> list[Reason]:
    """One reason for each clause that opens a source, in the order of the sources, with all its senders."""
    senders: dict[ClauseReference | None, dict[str, None]] = {}
    for source in sources:
        senders.setdefault(source.clause, {})[source.name] = None
    return [_reason(clause, list(names)) for clause, names in senders.items()]


def _reason(clause: ClauseReference | None, names: Sequence[str]) -> Reason:
    sent = " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))
    if clause is None:
        return Reason(because=_NO_CLAUSE, clause="", agreement="", senders=sent)
    return Reason(
        because=clause.because,
        clause=clause.clause,
        agreement=f"{clause.title}, version {clause.version}",
        senders=sent,
    )
