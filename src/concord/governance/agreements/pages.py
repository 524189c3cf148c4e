"""A text to read: what pages, papers and the terminal show, whatever made it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Table:
    """Rows under a head; `title` may be empty."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Section:
    title: str
    sentences: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Page:
    """A text to read on a screen or on paper. `lead` says in a sentence what it is."""

    title: str
    lead: str
    sections: tuple[Section, ...]
