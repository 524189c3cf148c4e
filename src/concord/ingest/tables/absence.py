"""What a file that holds all there is lacks, of what earlier ones held."""

from collections.abc import Iterator, Sequence

from concord.ingest.model import Feed, Piece, Refusal, Remark, Withdrawn
from concord.ingest.tables.cells import Row, Wrong
from concord.ingest.tables.making import Named, names_of, withdrawal
from concord.ingest.tables.mapping import Absence, Table, TableMapping

AT_ONCE = 200
"""So many rows are noted, and so many withdrawals written, at a time."""
_FEW = 4  # so many may always go, unless they are all there were


class Present:
    """What one file holds, noted so that the next file's absences can be told.

    A name is noted before its row is written, and struck off after it is withdrawn: whenever this is cut short, the
    same file again does the rest. Where a mapping does not delete by absence, nothing is noted.
    """

    def __init__(self, mapping: TableMapping, feed: Feed) -> None:
        self._mapping = mapping
        self._feed = feed
        self._table: Table | None = None
        self._names: set[Named] = set()
        self._unread = 0
        self._before: set[Named] = set()

    def note(self, found: Sequence[Row | Refusal | Remark]) -> None:
        """These are about to be written."""
        fresh: set[Named] = set()
        for row in found:
            if isinstance(row, Refusal):
                self._unread += 1
            elif isinstance(row, Row) and isinstance(row.table.deletes, Absence):
                if self._table is None:
                    self._table = row.table
                    self._before = self._feed.snapshots.held(self._source)
                try:
                    fresh.update(names_of(row))
                except Wrong:
                    self._unread += 1
        self._names |= fresh
        if fresh - self._before:
            self._feed.snapshots.note(self._source, fresh - self._before)

    def absent(self) -> Iterator[Piece]:
        """To be asked for once the whole file has been read."""
        gone = self._before - self._names
        if self._table is None or not gone:
            return
        if reason := self._in_doubt(self._table, gone):
            yield Refusal(entry=None, position="what it lacks", reason=reason, kind=self._source, original=None)
            return
        makes = {each.type: each for each in self._table.makes}
        names = sorted(gone)
        for start in range(0, len(names), AT_ONCE):
            some = names[start : start + AT_ONCE]
            changes = [withdrawal(makes[type_], id_, f"absent {type_}") for type_, id_ in some if type_ in makes]
            yield Withdrawn(changes=changes, entry=None, kind=self._source, original=None)
            self._feed.snapshots.strike(self._source, some)  # asked on, it has been written

    def _in_doubt(self, table: Table, gone: set[Named]) -> str:
        """Why nothing is taken away; "" when there is no doubt."""
        assert isinstance(table.deletes, Absence)
        if self._unread:
            return (
                f"{self._unread} rows could not be read, so that what the file lacks is not known. Nothing was taken "
                "away for being absent."
            )
        most = max(_FEW, len(self._before) * table.deletes.at_most // 100)
        if len(gone) > most or not self._before & self._names:
            return (
                f"The file lacks {len(gone)} of {len(self._before)} that the one before held, more than may go at once "
                f"({table.deletes.at_most}%). Nothing was taken away. Is it whole? If so, raise at_most in the mapping "
                "and take it in again."
            )
        return ""

    @property
    def _source(self) -> str:
        return f"{self._mapping.name} {self._table.name}" if self._table else self._mapping.name
