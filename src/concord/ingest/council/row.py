"""One row of a table: its cells by column, read as what they should be."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from concord.base import Incorrect

_LONDON = ZoneInfo("Europe/London")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")


@dataclass(frozen=True, slots=True)
class Row:
    """`line` is where the row begins in its file, the header being line 1; `raw` its bytes."""

    table: str
    line: int
    cells: Mapping[str, str]
    raw: bytes

    class Wrong(Incorrect):
        """A cell that cannot be read. The message does not repeat what it says."""

        def __init__(self, column: str, reason: str) -> None:
            super().__init__(reason)
            self.column = column

    @property
    def kind(self) -> str:
        return f"council {self.table}"

    def original(self) -> bytes:
        return self.raw

    def text(self, column: str) -> str:
        return self.cells[column].strip()

    def needed(self, column: str) -> str:
        """A cell that must say something."""
        text = self.text(column)
        if not text:
            raise Row.Wrong(column, f"The column {column} is empty.")
        return text

    def one_of(self, column: str, *words: str) -> str:
        """One of the words that the column may hold ("" among them where it may be empty)."""
        text = self.text(column)
        if text not in words:
            known = ", ".join(word or "nothing" for word in words)
            raise Row.Wrong(column, f"The column {column} holds a word that is not known. It may hold {known}.")
        return text

    def date(self, column: str) -> str | None:
        """A date YYYY-MM-DD, None when empty."""
        text = self.text(column)
        if not text:
            return None
        try:
            if not _DATE.fullmatch(text):
                raise ValueError
            return date.fromisoformat(text).isoformat()
        except ValueError:
            raise Row.Wrong(column, f"The column {column} does not hold a real date written YYYY-MM-DD.") from None

    def instant(self, column: str) -> str | None:
        """An ISO 8601 date and time, London's when it has no offset; as a FHIR dateTime; None when empty."""
        text = self.text(column)
        if not text:
            return None
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            raise Row.Wrong(column, f"The column {column} does not hold a real date and time in ISO 8601.") from None
        return (value if value.tzinfo else value.replace(tzinfo=_LONDON)).isoformat(timespec="seconds")

    def count(self, column: str) -> int:
        """A whole number, 0 when empty."""
        text = self.text(column)
        if not text:
            return 0
        if not (text.isascii() and text.isdigit() and len(text) < 6):
            raise Row.Wrong(column, f"The column {column} does not hold a whole number.")
        return int(text)
