"""The face of the record's database, whichever engine stands behind it.

SQL is written once, for SQLite and PostgreSQL both: `?` for a parameter, 64-bit INTEGER, TEXT, BLOB, `ON CONFLICT`,
`RETURNING`; no types or functions that only one of them knows. What is spelt differently all the same, each engine
translates for itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol

Row = tuple[Any, ...]
TOO_LONG = "Another writer has held the database for too long. Try again."


class Reading(Protocol):
    """One consistent snapshot of the database."""

    words: "Words"
    committed: bool = True
    """Whether what is read may be kept by its number: what a transaction wrote may be undone, its number used anew."""

    def rows(self, sql: str, parameters: Sequence[Any] = ()) -> list[Row]: ...

    def row(self, sql: str, parameters: Sequence[Any] = ()) -> Row | None:
        """The first row, of a query that gives one or none."""
        ...

    def stream(self, sql: str, parameters: Sequence[Any] = ()) -> Iterator[Row]:
        """Rows of which there may be more than fit in memory; what is left of them ends with the snapshot."""
        ...


class Writing(Reading, Protocol):
    """A snapshot that may be changed: all of it, or nothing."""

    committed: bool = False

    def run(self, sql: str, parameters: Sequence[Any] = ()) -> int:
        """Carry out one statement; the number of rows it touched."""
        ...

    def run_many(self, sql: str, rows: Sequence[Sequence[Any]]) -> None:
        """Carry out one statement for each row of parameters."""
        ...

    def number_on(self, table: str, column: str) -> None:
        """Rows were put in with numbers of their own: the next that the database gives follows the highest."""
        ...

    def word(self, text: str) -> int:
        """The number of a recurring word, given on first use."""
        number = self.words.number(self, text)
        if number is None:
            self.run("INSERT INTO word (text) VALUES (?) ON CONFLICT (text) DO NOTHING", (text,))
            number = self.words.number(self, text)
            assert number is not None
        return number


class Words:
    """Recurring words and their numbers, as read. Rows of `word` are only ever added, so what was read stays true.

    A transaction has a copy of its own: a number that it gives is nobody else's business before it is committed.
    """

    def __init__(self) -> None:
        self._number: dict[str, int] = {}
        self._text: dict[int, str] = {}

    def copy(self) -> "Words":
        copied = Words()
        copied.learn(self)
        return copied

    def learn(self, others: "Words") -> None:
        """Take over what a transaction read and gave, once it is committed."""
        self._number |= others._number  # noqa: SLF001 - its own kind
        self._text |= others._text  # noqa: SLF001 - its own kind

    def number(self, reading: Reading, text: str) -> int | None:
        number = self._number.get(text)
        if number is None:
            row = reading.row("SELECT number FROM word WHERE text = ?", (text,))
            if row is None:
                return None
            number = self._number[text] = int(row[0])
        return number

    def text(self, reading: Reading, number: int) -> str:
        text = self._text.get(number)
        if text is None:
            row = reading.row("SELECT text FROM word WHERE number = ?", (number,))
            assert row is not None, "a row names a word that the word table lacks"
            text = self._text[number] = str(row[0])
        return text


class Store(Protocol):
    """Safe to use from several threads."""

    @property
    def waits(self) -> bool:
        """Whether reading waits for another process, so that it must leave an event loop free."""
        ...

    def reading(self) -> AbstractContextManager[Reading]:
        """A snapshot; inside one already open on this thread, that same snapshot. Raises Busy, Unavailable.

        What is read for somebody who has left is interrupted, and raises Abandoned: see `base.Stop`.
        """
        ...

    def writing(self) -> AbstractContextManager[Writing]:
        """A transaction: committed and durable when the block ends, undone when it raises.

        One at a time, whichever process writes, so that what it reads first stays true until it ends.
        Raises Busy when no turn comes, Unavailable when the database does not take it.
        """
        ...

    def appending(self, *, at_once: bool = False) -> AbstractContextManager[Writing]:
        """The same for what only adds rows that no other transaction reads first: it need not take a turn.

        `at_once`: where it must take one all the same, and somebody else has it, Busy is raised without waiting.
        What must be written so that anything can be read (audit rows, sessions) is written so: on a full disk there is
        a reserve for it.
        """
        ...

    def keep_reserve(self) -> None:
        """Set room aside on the disk, where the disk is this process's to look after."""
        ...

    def alarm(self) -> str | None:
        """What somebody must be rung for; None when all is well."""
        ...

    def checkpoint(self) -> None:
        """Tidy up after much was written."""
        ...

    def size(self) -> int:
        """Bytes on disk, all in all; quickly."""
        ...

    def sizes(self) -> Mapping[str, int]:
        """Bytes on disk by table, its indexes included, and of what else the engine keeps, in parentheses."""
        ...

    def damage(self) -> Sequence[str]:
        """What the engine finds wrong with its own files; empty when they are whole."""
        ...

    def close(self) -> None: ...
