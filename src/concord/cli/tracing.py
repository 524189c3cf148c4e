"""Following messages, rows and items through every step, and looking at what they were made from."""

import re
import sys
from pathlib import Path
from typing import Annotated

import typer

from concord.app import App
from concord.base import Incorrect
from concord.cli.feeds import feed_of
from concord.cli.terminal import Data, err, opened, out
from concord.ingest import Traces

_LINE_ENDS = re.compile(rb"\r\n?")
_WHAT = "Say what to follow: a feed and a file of it, a feed and --control-id, --held, or --item."


def trace(
    data: Data,
    name: Annotated[str, typer.Argument(help="The feed.")] = "",
    file: Annotated[Path | None, typer.Argument(help="A file that came, or is to come.")] = None,
    entry: Annotated[int | None, typer.Option(help="One message, row or entry of the file, by its number.")] = None,
    control_id: Annotated[str, typer.Option(help="An HL7 v2 message, by its number (MSH-10).")] = "",
    item: Annotated[str, typer.Option(help="What an item was made from: Observation/ID.")] = "",
    held: Annotated[int | None, typer.Option(help="What is in quarantine under this number.")] = None,
) -> None:
    """Follow what came through every step, and say where each resource stands now. It may name people.

    Nothing is taken in. Looking is audited as the source system's.
    """
    with opened(data) as app:
        following = _following(app, data)
        if file is not None:
            found = following.of_file(file, name, entry=entry, number=control_id, item=item)
        elif held is not None:
            found = following.of_held(held, name)
        elif item:
            found = following.of_item(item, name)
        elif name and control_id:
            found = following.of_number(control_id, name)
        else:
            raise Incorrect(_WHAT)
        none = True
        for each in found:
            none = False
            out.print(f"{each.entry}: {each.kind}", style="bold", markup=False)
            for step, said in each.steps:
                out.print(f"  {step:<10} {said}", markup=False)
        if none:
            out.print("There is no such thing in it.")


def original(
    data: Data,
    item: Annotated[
        str | None, typer.Argument(help="An item, as `concord feed trace` names it: Observation/ID.")
    ] = None,
    control_id: Annotated[str | None, typer.Option(help="Or the control id of an HL7 v2 message (MSH-10).")] = None,
    file: Annotated[str | None, typer.Option(help="Or the name of a file of rows or GP Connect.")] = None,
    entry: Annotated[int | None, typer.Option(help="With --file: the line of a row, or the entry of a bundle.")] = None,
) -> None:
    """Print what an item was made from, as it came, the newest first: messages, rows, entries of GP Connect.

    It may hold more of the person, and of others. Looking is recorded with the person, who can read it.
    """
    if [item, control_id, file].count(None) != 2 or (file is None) is not (entry is None):
        raise Incorrect("Name one: an item, --control-id, or --file with --entry.")
    with opened(data) as app:
        originals = app.records.originals
        if item is not None:
            type_, _, id_ = item.partition("/")
            kept = originals.of_item(type_, id_).wait()
        elif control_id is not None:
            kept = originals.of_control_id(control_id).wait()
        else:
            kept = originals.at_place(f"{file}:{entry}").wait()
    for each in kept:
        at = f" in {each.place}" if each.place else ""
        by = f" by {each.feed}" if each.feed else ""
        err.print(f"{each.kind}{at}, came {each.received_at:%Y-%m-%d %H:%M}{by}", style="bold", markup=False)
        sys.stdout.buffer.write(_LINE_ENDS.sub(b"\n", each.content) + b"\n")


def _following(app: App, data: Path) -> Traces:
    return Traces(records=app.records, feed=lambda name: feed_of(data, name), logical_id=app.keys.logical_id)
