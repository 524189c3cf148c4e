"""Whose records belong together: what waits for a reviewer, and the reviewer's word."""

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated

import typer

from concord.accounts import viewer_of
from concord.cli.terminal import Data, opened, out
from concord.record import Side

User = Annotated[str, typer.Option("--as", help="The data quality officer who reviews.")]
Why = Annotated[str, typer.Option(help="How you know; kept with your name.")]
One = Annotated[str, typer.Argument(help="The id of a Patient, as `concord identity held` names it.")]
Other = Annotated[str, typer.Argument(help="The id of the other one.")]


def held(data: Data, as_: User) -> None:
    """List the pairs of records that wait for you: their ids, and why."""
    with opened(data) as app:
        rows = app.records.links.worklist(viewer_of(app.accounts.user(as_), "direct-care")).wait()
    for row in rows:
        out.print(f"{row.one.patient}  {row.other.patient}  {row.why}", markup=False)
    if not rows:
        out.print("Nothing waits.")


def show(one: One, other: Other, data: Data, as_: User) -> None:
    """Print two records side by side."""
    with opened(data) as app:
        pair = app.records.links.pair(one, other, viewer_of(app.accounts.user(as_), "direct-care")).wait()
    for label, told in _LINES:
        here, there = told(pair.one), told(pair.other)
        out.print(f"{'' if here == there else '≠':<2}{label:<13} {here:<36} {there}", markup=False)
    state = "one person" if pair.together else "two people"
    out.print(f"They are {state} now.{f' They wait: {pair.why}.' if pair.why else ''}", markup=False)
    for said in pair.said:
        out.print(f"{said.at:%Y-%m-%d %H:%M}Z  {said.by}: {said.says}, “{said.why}”", markup=False)


def link(one: One, other: Other, data: Data, as_: User, why: Why) -> None:
    """Say that two records are one person's."""
    _say(one, other, data, as_, why, same=True)


def apart(one: One, other: Other, data: Data, as_: User, why: Why) -> None:
    """Say that two records are two people's: unlink them if they are linked, and keep them apart."""
    _say(one, other, data, as_, why, same=False)


def changes(data: Data, days: Annotated[int, typer.Option(help="Of the last so many days.")] = 14) -> None:
    """List the changes of links, newest first: when, who, why, and how many had looked before. Nobody is named."""
    with opened(data) as app:
        found = app.records.link_changes(app.clock.now() - timedelta(days=days))
    for each in found:
        out.print(
            f"{each.at:%Y-%m-%d %H:%M}Z  {each.author}: {each.why}; {each.before} to {each.after}, "
            f"looked at by {each.lookers} before",
            markup=False,
        )
    if not found:
        out.print("No link has changed.")


_LINES: tuple[tuple[str, Callable[[Side], str]], ...] = (
    ("organisation", lambda side: side.organisation),
    ("name", lambda side: side.name),
    ("born", lambda side: side.born),
    ("sex", lambda side: side.sex),
    ("NHS number", lambda side: side.nhs_number),
    ("Tracing", lambda side: side.tracing),
    ("address", lambda side: side.address),
)


def _say(one: str, other: str, data: Data, as_: str, why: str, *, same: bool) -> None:
    with opened(data) as app:
        viewer = viewer_of(app.accounts.user(as_), "direct-care")
        app.records.links.say(one, other, viewer, same=same, why=why).wait()
    out.print("They are one person now." if same else "They are two people now, and stay apart.")
