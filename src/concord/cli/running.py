"""Taking in the files of feeds as they arrive."""

import logging
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from concord.app import App
from concord.base import Busy, ConcordError, Incorrect, Unavailable
from concord.cli.feeds import check_feed, feed_files, feed_of, services_of
from concord.cli.loading import describe
from concord.cli.terminal import Data, opened, out
from concord.cli.trying import a_record_of
from concord.ingest import STILL_S, DropFolder, FeedDescription, LoadReport, Taken, counted, read_feed, taker

_LOOK_EVERY_S = 2.0
_AFTER_FAULT_S = 30.0


def run(
    data: Data,
    names: Annotated[list[str] | None, typer.Argument(help="Feeds; all that come by folder when left out.")] = None,
    once: Annotated[bool, typer.Option("--once", help="Take in what has arrived, and end.")] = False,
) -> None:
    """Take in the files of feeds as they arrive, and move each to done or failed with a report. Stop it with Ctrl-C."""
    with opened(data) as app:
        folders = [_folder(app, feed) for feed in _feeds(data, names)]
        if once:
            _once(folders)
        else:
            _until_stopped(folders, app)
        app.store.checkpoint()


def _feeds(data: Path, names: Sequence[str] | None) -> list[FeedDescription]:
    if not names:
        found = [feed for feed in map(read_feed, feed_files(data)) if feed.transport == "folder"]
        if not found:
            raise Incorrect("No feed comes by folder. `concord feed list` lists the feeds.")
        return found
    found = [feed_of(data, name) for name in names]
    for feed in found:
        if feed.transport != "folder":
            raise Incorrect(f"The feed {feed.name} does not come by folder. `concord listen` serves those of messages.")
    return found


def _folder(app: App, feed: FeedDescription) -> tuple[FeedDescription, DropFolder]:
    check_feed(app, feed)
    take = taker(feed, app.records, services=services_of(app, feed), clock=app.clock, ids=app.ids)
    if feed.shadow and feed.kind != "hl7v2":
        take = counted(feed, _tried(feed), app.records)
    folder = DropFolder(feed, take, app.clock)
    folder.prepare()
    return feed, folder


def _tried(feed: FeedDescription) -> Callable[[Path], LoadReport]:
    """Of a feed in its shadow: taken in by the whole of Concord, into a record that is thrown away."""

    def take(path: Path) -> LoadReport:
        with a_record_of(feed.organisation) as app:
            return taker(feed, app.records, services=(), clock=app.clock, ids=app.ids)(path)

    return take


def _once(folders: Sequence[tuple[FeedDescription, DropFolder]]) -> None:
    taken = [each for feed, folder in folders for each in _take(feed, folder)]
    if any(folder.lying() for _, folder in folders):
        time.sleep(STILL_S)  # whatever has stopped growing by then is whole
        taken += [each for feed, folder in folders for each in _take(feed, folder)]
    lying = [path for _, folder in folders for path in folder.lying()]
    for path in lying:
        out.print(f"not taken in: {path}", markup=False)
    if not taken and not lying:
        out.print("Nothing has arrived.")
    raise typer.Exit(3 if any(each.failed or each.report.rejected for each in taken) else 0)


def _until_stopped(folders: Sequence[tuple[FeedDescription, DropFolder]], app: App) -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    stopped: list[int] = []
    for sign in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sign, lambda number, _: stopped.append(number))
    for feed, _ in folders:
        out.print(f"{feed.name}: files are taken in from {feed.folder}", markup=False)
    out.print("Stop it with Ctrl-C.")
    rest_until = 0.0
    while not stopped:
        if time.monotonic() >= rest_until:
            try:
                for feed, folder in folders:
                    if _take(feed, folder, lambda: bool(stopped)):
                        app.store.checkpoint()
            except (Busy, Unavailable, OSError) as error:
                why = error.message if isinstance(error, ConcordError) else f"{error.filename}: {error.strerror}."
                out.print(f"{why} The files stay where they are.", markup=False)
                rest_until = time.monotonic() + _AFTER_FAULT_S
        time.sleep(_LOOK_EVERY_S if not stopped else 0)


def _take(feed: FeedDescription, folder: DropFolder, stopped: Callable[[], bool] = lambda: False) -> list[Taken]:
    try:
        taken = folder.run_once(stopped)
    except Incorrect as error:  # a mapping that somebody is still writing, a folder that is away
        out.print(f"{feed.name}: {error.message}", markup=False)
        return []
    for each in taken:
        out.print(f"{feed.name}: {each.path}{' (failed)' if each.failed else ''}", markup=False)
        describe(each.report, kept=not feed.shadow)
    return taken
