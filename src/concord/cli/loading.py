"""Taking in what source systems send, and looking at what could not be taken in."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from concord.app import App
from concord.base import Incorrect, OdsCode
from concord.cli.terminal import Data, opened, out
from concord.ingest import Assurance, LoadReport, Progress
from concord.ingest import load as take_in

_SHOWN_REJECTS = 20


def load(
    paths: Annotated[list[Path], typer.Argument(help="Files or folders: FHIR JSON, NDJSON, HL7 v2, council CSV.")],
    data: Data,
    organisation: Annotated[str, typer.Option(help="ODS code of the organisation whose system sends this.")],
    service: Annotated[str | None, typer.Option(help="Service of the items that name none.")] = None,
    nhs_numbers: Annotated[
        str, typer.Option("--nhs-numbers", help="traced or stated: how far its NHS numbers are to be trusted.")
    ] = "stated",
    report: Annotated[Path | None, typer.Option(help="Write the report here, as JSON.")] = None,
) -> None:
    """Take in what a source system sends. Exit 0 when all was taken in, 3 when something was rejected."""
    if nhs_numbers not in ("traced", "stated"):
        raise Incorrect("--nhs-numbers is traced or stated.")
    with opened(data) as app:
        done = load_with_progress(
            app, paths, OdsCode(organisation), service, "traced" if nhs_numbers == "traced" else "stated"
        )
        app.store.checkpoint()
    if report is not None:
        report.write_text(json.dumps(done.as_json(), indent=2) + "\n", encoding="utf-8")
    describe(done)
    raise typer.Exit(done.exit_code)


def load_with_progress(
    app: App, paths: Sequence[Path], organisation: OdsCode, service: str | None, assurance: Assurance
) -> LoadReport:
    """Load with a bar on the terminal."""
    with app.store.reading() as reading:
        known = app.gate.policy(reading).directory.organisations.get(organisation)
    services = frozenset(each.service for each in known.services) if known else frozenset()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=out, transient=True) as bar:
        task = bar.add_task("files")

        def progress(far: Progress) -> None:
            again = ", trying again" if far.again else ""
            bar.update(task, completed=far.files, total=far.files_in_all, description=f"{far.items:,} items{again}")

        return take_in(
            paths,
            app.records,
            organisation=organisation,
            service=service,
            services=services,
            assurance=assurance,
            progress=progress,
        )


def describe(done: LoadReport) -> None:
    """The totals, and the first of the rejects."""
    out.print(
        f"read {done.read:,}: stored {done.stored:,}, updated {done.updated:,}, unchanged {done.unchanged:,}, "
        f"waiting {done.waiting:,}, rejected {done.rejected:,}"
    )
    for reject in done.rejects[:_SHOWN_REJECTS]:
        place = f" entry {reject.entry}" if reject.entry is not None else ""
        out.print(f"  rejected: {reject.file}{place} {reject.position}: {reject.reason}", markup=False)
    if len(done.rejects) > _SHOWN_REJECTS:
        out.print(f"  and {len(done.rejects) - _SHOWN_REJECTS} more; all are kept: concord quarantine")


def quarantine(data: Data) -> None:
    """List what could not be taken in. The originals are kept whole in the database."""
    with opened(data) as app:
        held = app.records.quarantined()
    counts: dict[tuple[str, str], int] = {}
    for entry in held:
        counts[entry.organisation, entry.kind] = counts.get((entry.organisation, entry.kind), 0) + 1
        place = f" entry {entry.entry}" if entry.entry else ""
        out.print(
            f"{entry.number:>6}  {entry.held_at:%Y-%m-%d %H:%M}  {entry.organisation}  {entry.kind}  {entry.file}{place} "
            f"{entry.position}: {entry.reason}",
            markup=False,
        )
    for (organisation, kind), count in sorted(counts.items()):
        out.print(f"{count:>6}  {organisation}  {kind}", style="bold", markup=False)
    if not held:
        out.print("Nothing is held.")
