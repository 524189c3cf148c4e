"""A page of governance's on the terminal, and as a file for a browser or a printer."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from textwrap import TextWrapper

from concord.cli.terminal import out
from concord.governance.agreements import Page
from concord.portals import on_paper

_WIDTH = 100


def give_pages(pages: Sequence[Page], html: Path | None) -> None:
    """On the terminal, or into a file for a browser."""
    if html is None:
        for page in pages:
            print_page(page)
    else:
        write_page(pages, html)
        out.print(f"Written: {html}", markup=False)


def print_page(page: Page) -> None:
    """Plain text: what a table says beside each other stands below each other, under its first column."""
    out.print(page.title, style="bold", markup=False)
    for line in _lines(page):
        out.print(line, markup=False)
    out.print()


def _lines(page: Page) -> Iterator[str]:
    yield from _wrapped(page.lead, 0)
    for section in page.sections:
        yield from ("", section.title.upper()) if section.title else ()
        for sentence in section.sentences:
            yield from _wrapped(sentence, 0, "- ")
        for table in section.tables:
            yield from ("", table.title) if table.title else ()
            for row in table.rows:
                yield from _row(table.head, row)


def _row(head: Sequence[str], row: Sequence[str]) -> Iterator[str]:
    if len(row) == 2:
        yield from _wrapped(f"{row[0]}: {row[1]}", 2)
        return
    yield f"  {row[0]}"
    for name, value in zip(head[1:], row[1:], strict=True):
        if value:
            yield from _wrapped(f"{name[0].lower()}{name[1:]}: {value}", 4)


def _wrapped(text: str, indent: int, mark: str = "") -> list[str]:
    """Lines that hang by two spaces under the first; names with hyphens stay whole."""
    first = " " * indent + mark
    hanging = " " * (indent + 2 if indent or mark else 0)
    return TextWrapper(_WIDTH, initial_indent=first, subsequent_indent=hanging, break_on_hyphens=False).wrap(text)


def write_page(pages: Sequence[Page], file: Path) -> None:
    file.write_text(on_paper(pages), encoding="utf-8")
