"""Sensitivity labels of what is held."""

import typer

from concord.cli.terminal import Data, err, opened, out

labels_cli = typer.Typer(no_args_is_help=True, help="Sensitivity labels of what is held.")


@labels_cli.command("apply")
def apply_labels(data: Data) -> None:
    """Label what is held by the tables and the directory as they are now, while it is served and written to.

    Cut short, it goes on where it was when it is run again. What is relabelled is withheld, or shown, from the next
    request on.
    """
    with opened(data) as app, err.status("Labelling") as status:

        def tell(looked_at: int, changed: int) -> None:
            status.update(f"Labelling: {looked_at:,} items looked at, {changed:,} labelled otherwise")

        done = app.records.labelling.apply(tell)
    if done.resumed:
        out.print("Went on where an earlier pass was cut short.")
    out.print(f"Looked at {done.looked_at:,} items; {done.changed:,} carry other labels now.")
