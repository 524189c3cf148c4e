"""The council's CSV set: people, services, packages, involvements and safeguarding concerns.

Promises: each file is recognised by its header, columns in any order; a row becomes FHIR R4 or is refused with its
line and column. Refuses: a header with columns missing or unknown, dates that no calendar knows, and any word for a
choice about sharing that it does not know.
"""

from collections.abc import Iterator

from concord.ingest.council.reading import recognises, rows
from concord.ingest.council.row import Row
from concord.ingest.council.tables import TABLES
from concord.ingest.model import Feed, Group, Piece, Refusal, Sent
from concord.ingest.stream import Stream

__all__ = ["pieces", "recognises"]


def pieces(stream: Stream, feed: Feed) -> Iterator[Piece]:
    """What each row becomes. Raises Incorrect for a header that lacks columns or has unknown ones."""
    for found in rows(stream):
        if not isinstance(found, Row):
            yield found
            continue
        try:
            submissions = TABLES[found.table].build(found, feed)
        except Row.Wrong as wrong:
            yield Refusal(
                entry=found.line,
                position=f"line {found.line}, {wrong.column}",
                reason=wrong.message,
                kind=found.kind,
                original=found.original,
            )
            continue
        yield Group(
            sent=[
                Sent(submission=submission, entry=found.line, kind=found.kind, original=found.original)
                for submission in submissions
            ]
        )
