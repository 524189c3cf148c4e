"""Trying a draft agreement on what an installation holds: on the accesses of the past."""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from concord.app import App
from concord.cli.agreement_pages import give_pages
from concord.cli.agreement_texts import DirectoryFile, Html
from concord.cli.policy_files import agreement_files, read_directory
from concord.cli.terminal import Data, err, opened, span
from concord.governance import Agreement, parse_agreement

Drafts = Annotated[list[Path], typer.Argument(help="Drafts of agreements, or folders of installations.")]


def simulate(
    drafts: Drafts,
    data: Data,
    since: Annotated[str, typer.Option(help="How far back: 8h, 30d.")] = "30d",
    directory: DirectoryFile = None,
    html: Html = None,
) -> None:
    """Judge the accesses of the past by drafts: what would have been refused, or have shown fewer or more items.

    Only counts are told, and no small one. That it was done is recorded.
    """
    with opened(data) as app, Progress(console=err, transient=True) as bar:
        task = bar.add_task("Accesses", total=None)
        simulation = app.records.simulator.simulate(
            _drafts(app, drafts, directory),
            within=span(since),
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        ).wait()
    give_pages([simulation.page()], html)


def _drafts(app: App, paths: list[Path], directory: Path | None) -> list[Agreement]:
    """Read against the directory in force, unless another is named."""
    if directory is None:
        with app.store.reading() as reading:
            known = app.gate.policy(reading).directory
    else:
        known = read_directory(paths, directory)
    return [
        parse_agreement(path.read_text(encoding="utf-8"), filename=path.name, directory=known)
        for path in agreement_files(paths)
    ]
