"""What could not be taken in: looked at, taken in again, or discarded with a reason."""

import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from concord.app import App
from concord.base import Incorrect
from concord.cli.feeds import feed_of
from concord.cli.terminal import Data, opened, out
from concord.ingest import Replayed, Replays, advice_on
from concord.record import Held

quarantine_cli = typer.Typer(no_args_is_help=True, help="What could not be taken in, kept whole.")

Feed = Annotated[str | None, typer.Option(help="Of this feed alone.")]
Numbers = Annotated[list[int] | None, typer.Argument(help="Numbers, as `concord quarantine list` gives them.")]
Why = Annotated[str | None, typer.Option(help="Those alone whose reason has these words.")]


@quarantine_cli.command("list")
def list_(data: Data, feed: Feed = None, why: Why = None) -> None:
    """List what is held, and why, oldest first; no originals."""
    with opened(data) as app:
        held = [each for each in app.records.quarantined() if _is_meant(each, feed, why)]
    for each in held:
        out.print(f"{each.number:>6}  {each.held_at:%Y-%m-%d %H:%M}  {_of(each)}: {each.reason}", markup=False)
    for (where, kind), count in sorted(Counter((each.feed or each.organisation, each.kind) for each in held).items()):
        out.print(f"{count:>6}  {where}  {kind}", style="bold", markup=False)
    if not held:
        out.print("Nothing is held.")


@quarantine_cli.command()
def show(
    data: Data,
    number: Annotated[int, typer.Argument(help="The number under which it is held.")],
    original: Annotated[bool, typer.Option("--original", help="Print what was sent, byte for byte.")] = False,
) -> None:
    """Say why one is held and what to try; or print the original, which may name people: that is recorded."""
    with opened(data) as app:
        if original:
            sys.stdout.buffer.write(app.records.rejects.original(number).wait())
            return
        held, _ = app.records.rejects.one(number)
        behind = [each for each in app.records.rejects.held_up_with(held) if each != number]
    out.print(f"{held.number}: {_of(held)}", markup=False)
    out.print(f"held since {held.held_at:%Y-%m-%d %H:%M}, {held.size:,} bytes", markup=False)
    out.print(f"why: {held.reason}", markup=False)
    out.print(f"try: {advice_on(held.reason)}", markup=False)
    out.print(f"how far it came: `concord feed trace --held {number}`", markup=False)
    if behind:
        out.print(f"of the same person, in order: {', '.join(map(str, sorted([number, *behind])))}", markup=False)


@quarantine_cli.command()
def replay(
    data: Data,
    numbers: Numbers = None,
    feed: Feed = None,
    why: Why = None,
    all_: Annotated[bool, typer.Option("--all", help="All that is held.")] = False,
) -> None:
    """Take in again what is held, by feed and mapping as they are now. Exit 3 when something is held still."""
    if not (numbers or feed or why or all_):
        raise Incorrect("Say what to replay: numbers, --feed NAME, --why WORDS, or --all.")
    with opened(data) as app:
        replays = _replays(app, data)
        if numbers:
            done = [each for number in numbers for each in replays.one(number)]
        else:
            done = list(replays.every(lambda held: _is_meant(held, feed, why)))
        app.store.checkpoint()
    _tell(done)


@quarantine_cli.command()
def discard(
    data: Data,
    reason: Annotated[str, typer.Option(help="Why; it is kept.")],
    numbers: Numbers = None,
    feed: Feed = None,
    why: Why = None,
) -> None:
    """Hold something no more: a sentence says why. What waited behind it is taken in."""
    if not reason.strip():
        raise Incorrect("Say why: --reason.")
    if not (numbers or feed or why):
        raise Incorrect("Say what to discard: numbers, --feed NAME, or --why WORDS.")
    done: list[Replayed] = []
    with opened(data) as app:
        replays = _replays(app, data)
        meant = numbers or [each.number for each in app.records.quarantined() if _is_meant(each, feed, why)]
        # The latest first: else what waits behind one would be taken in before its own turn comes.
        for number in sorted(meant, reverse=True):
            done += _discarded(app, replays, number, reason.strip())
    out.print(f"discarded {', '.join(map(str, meant))}" if meant else "Nothing of that is held.", markup=False)
    _tell(done)


def _discarded(app: App, replays: Replays, number: int, reason: str) -> Sequence[Replayed]:
    """What waited behind it, and is taken in now."""
    held, _ = app.records.rejects.one(number)
    first = app.records.rejects.held_up_with(held)[:1] in ([], [number])
    app.records.rejects.end(number, "discarded", reason)
    return list(replays.released(held)) if first else ()


def _is_meant(held: Held, feed: str | None, why: str | None) -> bool:
    return (feed is None or held.feed == feed) and (why is None or why.lower() in held.reason.lower())


def _replays(app: App, data: Path) -> Replays:
    return Replays(app.records, feed=lambda name: feed_of(data, name), clock=app.clock, ids=app.ids)


def _tell(done: Iterable[Replayed]) -> None:
    counts: Counter[str] = Counter()
    for each in done:
        counts[each.became] += 1
        if each.became != "replayed":
            out.print(f"{each.held.number:>6}  {each.became}: {each.reason}", markup=False)
    if counts:
        out.print(f"taken in {counts['replayed']:,}, held still {counts['held']:,}, waiting behind {counts['waits']:,}")
    raise typer.Exit(3 if counts["held"] or counts["waits"] else 0)


def _of(held: Held) -> str:
    feed = f"{held.feed}, " if held.feed and held.feed != held.file else ""
    return f"{held.organisation}  {held.kind}  {feed}{held.file}, {held.position}"
