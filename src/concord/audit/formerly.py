"""By which ids a person has been known, and when: what was noted of their records then is found by that."""

from concord.base import PersonId
from concord.store import Reading, people, ties, versions
from concord.store.audit_rows import Span

_NOW = 2**62  # later than any instant


def gone_by(reading: Reading, person: PersonId) -> list[Span]:
    """The ids that the records of a person, as they are linked now, have had since they came; spans are disjoint.

    Whatever was done about one of these ids meanwhile was done about a record that is the person's now: before records
    were joined, while they were joined wrongly, and since. What went before, or after it had left, is another's.
    """
    found: list[Span] = []
    sources = people.linked_to(reading, person)
    for source in sources:
        since = versions.first_stored(reading, source)
        for until, was in ties.history(reading, source):
            found.append(Span(was, since, until))
            since = until
        found.append(Span(person, since, _NOW))
    return _disjoint(found) if sources else [Span(person, 0, _NOW)]


def _disjoint(spans: list[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in sorted(spans):
        last = joined[-1] if joined else None
        if last is not None and last.person == span.person and span.since <= last.until:
            joined[-1] = last._replace(until=max(last.until, span.until))
        else:
            joined.append(span)
    return joined
