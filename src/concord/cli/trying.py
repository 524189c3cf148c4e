"""`concord feed try`: what a mapping, or a feed, makes of a sample. Nothing is stored."""

import json
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from concord.app import App, compose_installation
from concord.base import Incorrect, OdsCode, SystemIds, read_entry
from concord.cli.installations import starter_policy
from concord.cli.loading import describe
from concord.cli.terminal import out
from concord.ingest import FeedDescription, LoadReport, Rehearsal, load, parse_feed, read_mapping, text_of
from concord.installation import create

_STATUSES = ("stored", "updated", "unchanged", "waiting", "deleted", "rejected")


def try_(
    described: Annotated[Path, typer.Argument(metavar="MAPPING", help="A mapping, or the file of a feed.")],
    sample: Annotated[list[Path], typer.Argument(help="Files or folders as the source sends them.")],
    organisation: Annotated[str, typer.Option(help="ODS code of the source, where a mapping is tried.")] = "ZZZ01",
    examples: Annotated[bool, typer.Option("--examples", help="Show the first resource of each type.")] = False,
) -> None:
    """Say what would become of a sample: rows, resources, rejects with line and column, columns that nothing reads.

    It is taken in twice by the whole of Concord, into a record of its own that is thrown away. Exit 3 when something
    was rejected.
    """
    feed = _feed(described, organisation)
    with a_record_of(feed.organisation) as app:
        rehearsal = Rehearsal(app.records)
        first = _taken_in(rehearsal, feed, sample)
        # Of files that each hold all there is, only the last can come again and change nothing.
        last = sample[-1:] if feed.mapping and read_mapping(feed.mapping).holds_all else sample
        again = _taken_in(rehearsal, feed, last)
    _show(first, again)
    if examples:
        for resource in rehearsal.first.values():
            out.print_json(resource.decode(), indent=2)
    raise typer.Exit(first.exit_code)


def _feed(described: Path, organisation: str) -> FeedDescription:
    """The feed that a file describes; of a mapping, one that is read by it."""
    text = text_of(described, "mapping or feed")
    written = read_entry(text, filename=described.name)
    if any(key.is_word("tables") for key, _ in written.pairs("the file")):
        text = f"organisation: {OdsCode(organisation)}\nkind: table\nmapping: {json.dumps(described.name)}\n"
    feed = parse_feed(text, filename=described.name, folder=described.parent)
    if feed.kind == "hl7v2":
        raise Incorrect(
            "Messages need no mapping file. Load a sample into an installation made for it: `concord load`."
        )
    return feed


@contextmanager
def a_record_of(organisation: OdsCode) -> Iterator[App]:
    """A whole system that knows this organisation alone, and is gone afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        app = compose_installation(create(Path(folder) / "tried", organisation=organisation), SystemIds())
        try:
            app.publish(starter_policy(organisation, ""))
            yield app
        finally:
            app.close()


def _taken_in(rehearsal: Rehearsal, feed: FeedDescription, sample: Sequence[Path]) -> LoadReport:
    return load(
        sample, rehearsal, organisation=feed.organisation, service=feed.service, assurance=feed.nhs_numbers,
        feed=feed.name, mapping=read_mapping(feed.mapping) if feed.mapping else None, allowed=feed.resources,
    )  # fmt: skip


def _show(first: LoadReport, again: LoadReport) -> None:
    if first.by_type:
        table = Table("type", *_STATUSES, box=None)
        for type_, counts in first.by_type.items():
            table.add_row(type_, *(f"{counts.get(status, 0):,}" for status in _STATUSES))
        out.print(table)
    describe(first, kept=False)
    if first.passed_over:
        told = ", ".join(f"{name} ({count:,})" if count > 1 else name for name, count in first.passed_over.items())
        out.print(f"Nothing is made of: {told}", markup=False)
    for finding, count in first.findings.items():
        out.print(f"To look at: {finding} ({count:,})", markup=False)
    changed = again.stored + again.updated + again.deleted
    out.print(
        f"Taken in again it changes {changed:,} items; it should change none."
        if changed
        else "Taken in again it changes nothing."
    )
    out.print("This was a try: nothing was stored.")
