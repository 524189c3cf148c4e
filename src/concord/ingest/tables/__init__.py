"""Tables: CSV and fixed-width extracts to FHIR R4, by a mapping file.

Promises: a mapping is read strictly and refused with line and column; each row becomes what the mapping says or is
refused with its line and column; an older row does not undo newer words; what is gone, by a flag or because a file that
holds all there is lacks it, is withdrawn. Refuses: a header with columns missing, dates that no calendar knows, words
that no code map knows, and to take away what is absent where rows could not be read or too much would go.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources

from concord.base import Incorrect
from concord.ingest.model import Feed, Group, Piece, Refusal, Remark, Sent, Withdrawn
from concord.ingest.stream import Stream
from concord.ingest.tables.absence import AT_ONCE, Present
from concord.ingest.tables.cells import Row, Wrong
from concord.ingest.tables.grammar import parse_mapping, read_mapping
from concord.ingest.tables.making import Named, names_of, said_by
from concord.ingest.tables.mapping import TableMapping
from concord.ingest.tables.rows import recognises, rows
from concord.ingest.tables.words import ROW_OF, in_senders_words
from concord.record import Original, Submission

__all__ = [
    "ROW_OF",
    "TableMapping",
    "council",
    "in_senders_words",
    "parse_mapping",
    "pieces",
    "read_mapping",
    "recognises",
]


@cache
def council() -> TableMapping:
    """The council's CSV set: people, services, packages, involvements and safeguarding concerns."""
    text = resources.files("concord.ingest.tables").joinpath("council.yaml").read_text(encoding="utf-8")
    return parse_mapping(text, filename="council.yaml")


def pieces(stream: Stream, feed: Feed, mapping: TableMapping, file: str) -> Iterator[Piece]:
    """What each row becomes. Raises Incorrect for a file of which no table is known."""
    present = Present(mapping, feed)
    for some in _portions(rows(stream, mapping, file, feed.organisation)):
        present.note(some)
        for found in some:
            if isinstance(found, Row):
                yield from _pieces(found, feed, f"{mapping.name} {found.table.name}", file)
            else:
                yield found
    yield from present.absent()


def _portions(found: Iterator[Row | Refusal | Remark]) -> Iterator[list[Row | Refusal | Remark]]:
    """What is found, so many at a time; also what came before the reading failed."""
    some: list[Row | Refusal | Remark] = []
    try:
        for each in found:
            some.append(each)
            if len(some) == AT_ONCE:
                yield some
                some = []
    except Incorrect:
        yield some
        raise
    yield some


def _pieces(row: Row, feed: Feed, kind: str, file: str) -> Iterator[Piece]:
    try:
        said = list(said_by(row, feed))
        names = frozenset(names_of(row))
    except Wrong as wrong:
        position = f"line {row.line}, {wrong.column}"
        yield Refusal(entry=row.line, position=position, reason=wrong.message, kind=kind, original=row.original)
        return
    made = [each for each in said if isinstance(each, Submission)]
    gone = [each for each in said if not isinstance(each, Submission)]
    of_gone = {(each.type, each.source_id) for each in gone}

    def kept(of: Iterable[Named]) -> Original:
        return Original(
            name="", kind=f"{ROW_OF}{kind}", feed=feed.name, content=row.raw, tells_of=frozenset(of),
            place=f"{file}:{row.line}",
        )  # fmt: skip

    sent = [Sent(submission=each, entry=row.line, kind=kind, original=row.original) for each in made]
    if stays := names - of_gone:
        yield Group(sent=sent, kept=kept(stays))
    if gone:
        yield Withdrawn(changes=gone, entry=row.line, kind=kind, original=row.original, kept=kept(names & of_gone))
