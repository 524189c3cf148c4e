"""Who is who: learning what agreement tells, and saying why two Patients are one person or not."""

from typing import Annotated

import typer
from rich.table import Table

from concord.cli.terminal import Data, err, opened, out
from concord.identity import Engine, Explained, Weights

identity_cli = typer.Typer(no_args_is_help=True, help="Who is who.")

_Patient = Annotated[str, typer.Argument(help="A Patient's id, as `concord review` names it.")]
_BAR = 12  # characters for the longest bar


@identity_cli.command()
def train(
    data: Data,
    engine: Annotated[Engine, typer.Option(help="Where Splink counts: in this process, or on Spark.")] = "duckdb",
) -> None:
    """Learn from the people held what each agreement tells, and compare by that from now on.

    Needs the extra `matching` (Splink). Nothing is written but the weights, which tell of nobody.
    """
    with opened(data) as app:
        version, weights = app.records.alike.train(engine)
    out.print(f"Weights {version}, learnt of {weights.source_patients:,} source patients:", markup=False)
    out.print(_table(weights))
    out.print(f"Linked from {weights.link:g} bits on, shown for review from {weights.review:g}.", markup=False)
    out.print(f"Who is held stays as they are until: concord identity rejudge --data {data} --try", markup=False)


@identity_cli.command()
def rejudge(
    data: Data, try_: Annotated[bool, typer.Option("--try", help="Say what would change, and change nothing.")] = False
) -> None:
    """Judge everybody held by the weights in force, as after training; while it is served and written to.

    Links whom likeness alone may link, puts before a human whom it finds alike, and parts nobody: who is linked and no
    longer alike is put before a human too. What numbers and reviewers decided stays. Cut short, it goes on where it
    was.
    """
    with opened(data) as app, err.status("Judging") as status:

        def tell(looked_at: int) -> None:
            status.update(f"Judging: {looked_at:,} source patients looked at")

        done = (app.records.rejudging.tried if try_ else app.records.rejudging.apply)(tell)
    if done.resumed:
        out.print("Went on where an earlier pass was cut short.")
    out.print(f"Looked at {done.looked_at:,} source patients.")
    would = "would be" if try_ else "were"
    out.print(f"{done.linked:,} {would} linked by likeness.")
    out.print(f"{done.waiting:,} {would} put before a human, to link or to keep apart.")
    out.print(f"{done.doubted:,} {would} put before a human in doubt, linked as before.")


@identity_cli.command()
def explain(one: _Patient, other: _Patient, data: Data) -> None:
    """Say what was compared of two Patients and what it weighs. Tells no value. That you looked is recorded."""
    with opened(data) as app:
        explained = app.records.alike.explain(one, other).wait()
    for line in waterfall(explained):
        out.print(line, markup=False)


def waterfall(explained: Explained) -> list[str]:
    """A line for each step, its bar to the right of the middle when it speaks for one person, else to the left."""
    most = max(abs(line.bits) for line in explained.lines)
    lines = [
        f"{line.compared:<14} {line.found:<40} {line.words:<39} {line.bits:+6.1f} {_bar(line.bits / most)}".rstrip()
        for line in explained.lines
    ]
    lines.append(f"{'Together':<55} {explained.together:<39} {explained.bits:+6.1f}")
    return [*lines, explained.thresholds, explained.follows]


def _bar(share: float) -> str:
    width = round(abs(share) * _BAR)
    return ("-" * width).rjust(_BAR) + "|" if share < 0 else " " * _BAR + "|" + "+" * width


def _table(weights: Weights) -> Table:
    table = Table("Compared", "Level", "One person (m)", "Two (u)", "Bits")
    for title, level, rates in weights.listed():
        table.add_row(title, level, f"{rates.m:.4f}", f"{rates.u:.7f}", f"{rates.bits:+.1f}")
    return table
