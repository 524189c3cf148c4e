"""The feeds of an installation: files in its folder, feeds/NAME.yaml."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from concord.app import App
from concord.base import ConcordError, Incorrect
from concord.cli.terminal import Data, installation_in, opened, out
from concord.cli.trying import try_
from concord.ingest import FeedDescription, FeedHealth, read_feed, read_mapping
from concord.installation import FEEDS

_KINDS = {"hl7v2": "HL7 v2 messages", "fhir": "FHIR or GP Connect", "table": "tables"}
_COLUMNS = ("feed", "state", "heard ago", "24 h", "usual", "rejected", "lag", "files", "failed", "held")
_TRANSPORTS = {"mllp": "connections (MLLP)", "folder": "files in a folder", "fhir": "the FHIR API"}

feeds_cli = typer.Typer(no_args_is_help=True, help="The feeds of an installation: its files feeds/NAME.yaml.")


@feeds_cli.command("list")
def list_(data: Data) -> None:
    """List the feeds, one a line; and which of their files cannot be read."""
    table = Table("feed", "organisation", "kind", "comes by", "rhythm", "", box=None)
    refused: list[str] = []
    for path in feed_files(data):
        try:
            feed = read_feed(path)
        except Incorrect as error:
            refused.append(error.message)
            continue
        table.add_row(
            feed.name,
            feed.organisation,
            feed.kind,
            feed.transport,
            feed.rhythm_in_words,
            "in its shadow" if feed.shadow else "",
        )
    if table.row_count:
        out.print(table)
    for reason in refused:
        out.print(reason, markup=False)
    if not table.row_count and not refused:
        out.print(f"There is no feed yet. Describe one in {data / FEEDS}/NAME.yaml.", markup=False)


@feeds_cli.command()
def check(
    data: Data, names: Annotated[list[str] | None, typer.Argument(help="Feeds; all when left out.")] = None
) -> None:
    """Read feeds strictly and look whether all that they name is there. Exit 2 when something is wrong."""
    wrong = 0
    with opened(data) as app:
        paths = [feed_path(data, name) for name in names] if names else feed_files(data)
        for path in paths:
            try:
                feed = read_feed(path)
                check_feed(app, feed)
            except ConcordError as error:
                wrong += 1
                out.print(error.message, markup=False)
            else:
                out.print(f"{feed.name}: good", markup=False)
    if not paths:
        out.print(f"There is no feed yet. Describe one in {data / FEEDS}/NAME.yaml.", markup=False)
    raise typer.Exit(2 if wrong else 0)


@feeds_cli.command()
def status(data: Data) -> None:
    """Say how each feed does: when it was last heard, what came in 24 hours, what waits. Exit 3 when one is overdue."""
    with opened(data) as app:
        health = app.feeds.health()
    table = Table(*_COLUMNS, box=None)
    for each in health.feeds:
        table.add_row(*_row(each))
    if health.feeds:
        out.print(table)
    for reason in health.refused:
        out.print(reason, markup=False)
    raise typer.Exit(3 if any(each.is_overdue for each in health.feeds) else 0)


feeds_cli.command("try")(try_)


@feeds_cli.command()
def show(data: Data, name: Annotated[str, typer.Argument(help="The feed.")]) -> None:
    """Say in words what a feed's file says, what it leaves out included."""
    feed = feed_of(data, name)
    for sentence in sentences(feed):
        out.print(sentence, markup=False)


def _row(health: FeedHealth) -> list[str]:
    came = health.traffic
    counts = [came and came.messages, came and came.usual, came and came.rejected, health.waiting, health.failed]
    day, usual, rejected, waiting, failed = ("" if count is None else f"{count:,.0f}" for count in counts)
    shadow = " (shadow)" if health.feed.shadow else ""
    name, state, silence, lag = health.feed.name, health.state + shadow, health.silence_in_words, health.lag_in_words
    return [name, state, silence, day, usual, rejected, lag, waiting, failed, f"{health.held:,}"]


def feed_files(data: Path) -> list[Path]:
    """The files that describe feeds, by name. NotFound where there is no installation."""
    return sorted((installation_in(data).path / FEEDS).glob("*.yaml"))


def feed_path(data: Path, name: str) -> Path:
    """The file of the feed of that name; or the file itself."""
    path = Path(name)
    return path if path.suffix == ".yaml" else data / FEEDS / f"{name}.yaml"


def feed_of(data: Path, name: str) -> FeedDescription:
    """The feed of that name. Raises Incorrect naming those that there are."""
    path = feed_path(data, name)
    if not path.exists():
        known = ", ".join(each.stem for each in feed_files(data)) or "none"
        raise Incorrect(f"There is no feed at {path}. There are: {known}.")
    return read_feed(path)


def services_of(app: App, feed: FeedDescription) -> frozenset[str]:
    """The services that the directory knows of the feed's organisation. Raises Incorrect when it knows none such."""
    services = app.records.services(feed.organisation)
    if feed.service is not None and services and feed.service not in services:
        has = ", ".join(sorted(services))
        raise Incorrect(
            f"{feed.name}: {feed.organisation} has no service {feed.service} in the directory. It has: {has}."
        )
    return services


def check_feed(app: App, feed: FeedDescription) -> None:
    """That what the feed names is there. Raises Incorrect."""
    services_of(app, feed)
    if feed.tls is not None:
        feed.tls.context()  # certificates that cannot be used are said at once
    if feed.mapping is not None:
        read_mapping(feed.mapping)


def sentences(feed: FeedDescription) -> list[str]:
    """What the feed's file says, in words."""
    shown = [f"{feed.name}: what {feed.organisation} sends, {_KINDS[feed.kind]}, by {_TRANSPORTS[feed.transport]}."]
    if feed.service:
        shown.append(f"Items that name no service are of {feed.service}.")
    trusted = "as traced with the national service" if feed.nhs_numbers == "traced" else "as stated, no further"
    shown.append(f"NHS numbers are trusted {trusted}.")
    shown += _what_may_come(feed)
    if feed.folder:
        when = "once NAME.ok stands beside it" if feed.ready == "marker" else "once it has stopped growing"
        shown.append(f"A file is taken from {feed.folder} {when}.")
    if feed.tls:
        shown.append("Connections are encrypted.")
        if feed.tls.clients:
            shown.append(f"Clients may connect whose certificate bears one of: {', '.join(sorted(feed.tls.clients))}.")
        elif feed.tls.clients_signed_by:
            shown.append(f"Any client may connect whose certificate {feed.tls.clients_signed_by} signed.")
        else:
            shown.append("Any client may connect: none is asked for a certificate.")
    shown.append(
        f"Something is expected at least every {feed.rhythm_in_words}." if feed.rhythm else "No rhythm is expected."
    )
    shown.append(
        "What is rejected is held in quarantine; its sender hears "
        + ("that it was rejected." if feed.on_reject == "refuse" else "that it is safe.")
    )
    if feed.order == "by-person":
        shown.append("What comes for a person waits behind a message of theirs that is held.")
    if feed.shadow:
        shown.append("It is in its shadow: what comes is tried and kept, and shown to nobody.")
        if feed.transport == "fhir":
            shown.append("What is written otherwise than as messages is tried and refused.")
    return shown


def _what_may_come(feed: FeedDescription) -> list[str]:
    shown = [
        f"{what} that may come: {', '.join(sorted(among))}."
        for what, among in (
            ("Messages", feed.messages),
            ("Sending applications", feed.sending_applications),
            ("Assigning authorities", feed.assigning_authorities),
            ("Resources", feed.resources),
        )
        if among
    ]
    if feed.kind == "hl7v2":
        shown.append(f"Messages that do not name their character set are read as {feed.character_set}.")
    if feed.mapping:
        shown.append(f"Columns are mapped by {feed.mapping}.")
    return shown
