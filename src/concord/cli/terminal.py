"""What the commands share: the terminal, the folder option, spans of time."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from concord.app import App, compose_installation
from concord.base import Incorrect, SystemIds
from concord.installation import Installation, find

out = Console(highlight=False, soft_wrap=True)
err = Console(stderr=True, highlight=False, soft_wrap=True)

Data = Annotated[Path, typer.Option("--data", help="The folder of the installation.")]

_database: ContextVar[str | None] = ContextVar("database", default=None)
_SPAN = re.compile(r"(\d{1,5})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


@contextmanager
def opened(data: Path) -> Iterator[App]:
    """The system in a folder, closed at the end."""
    app = compose_installation(installation_in(data), SystemIds())
    try:
        yield app
    finally:
        app.close()


def installation_in(data: Path) -> Installation:
    """The installation in a folder, on the database that this command was told of."""
    return find(data, named_database())


def named_database() -> str | None:
    """`concord --database`, or CONCORD_DATABASE."""
    return _database.get()


def name_database(database: str | None) -> None:
    """For the command that runs now."""
    _database.set(database)


def span(text: str) -> timedelta:
    """`30m`, `8h`, `90d`. Raises Incorrect."""
    found = _SPAN.fullmatch(text)
    if found is None:
        raise Incorrect(f"{text!r} is no span of time. Write it like 30m, 8h or 90d.")
    return timedelta(**{_UNITS[found[2]]: int(found[1])})
