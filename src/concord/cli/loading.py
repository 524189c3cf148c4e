"""Taking in what source systems send, and looking at what could not be taken in."""

import gc
import itertools
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bar

from concord.app import App
from concord.base import Busy, Incorrect, OdsCode, Unavailable
from concord.cli.terminal import Data, opened, out
from concord.ingest import Assurance, LoadReport, Progress, Reject
from concord.ingest import load as take_in

_SHOWN_REASONS = 20


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
    if report is not None:
        _write_report(report, "")  # whether it can be; and an earlier load's is never taken for this one's
    with opened(data) as app:
        done = load_with_progress(
            app, paths, OdsCode(organisation), service, "traced" if nhs_numbers == "traced" else "stated"
        )
        app.store.checkpoint()
        held = len(app.records.held_for_review())
    if report is not None:
        _write_report(report, json.dumps(done.as_json(), indent=2) + "\n")
    describe(done)
    if held:
        out.print(
            f"Held for review, in all: {held:,} whose details disagree with their number. `concord review` lists them."
        )
    raise typer.Exit(done.exit_code)


def _write_report(report: Path, text: str) -> None:
    try:
        report.write_text(text, encoding="utf-8")
    except OSError as error:
        raise Incorrect(f"The report {report} cannot be written: {error.strerror}.") from None


def load_with_progress(
    app: App, paths: Sequence[Path], organisation: OdsCode, service: str | None, assurance: Assurance
) -> LoadReport:
    """Load with a bar on the terminal. Raises Incorrect before anything is read when the directory does not know
    the organisation, or names its services and not this one: a misspelt service would lose its labels."""
    with app.store.reading() as reading:
        known = app.gate.policy(reading).directory.organisations.get(organisation)
    if known is None:
        raise Incorrect(
            f"There is no organisation {organisation} in the directory. `concord organisations` lists and adds them."
        )
    services = frozenset(each.service for each in known.services)
    if service is not None and services and service not in services:
        raise Incorrect(
            f"{organisation} has no service {service} in the directory. It has: {', '.join(sorted(services))}."
        )
    gc.set_threshold(100_000, 10, 10)  # resources come and go by the thousand and hold no cycles: a tenth of the time
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=out, transient=True, disable=not out.is_terminal) as bar:
        task = bar.add_task("files")

        def progress(far: Progress) -> None:
            again = ", trying again" if far.again else ""
            bar.update(task, completed=far.files, total=far.files_in_all, description=f"{far.items:,} items{again}")

        try:
            return take_in(
                paths,
                app.records,
                organisation=organisation,
                service=service,
                services=services,
                assurance=assurance,
                progress=progress,
            )
        except (Busy, Unavailable) as error:
            kept = "What was stored before this stays; the same load again completes it."
            raise type(error)(f"{error.message} {kept}") from error


def describe(done: LoadReport, *, kept: bool = True) -> None:
    """The totals, and the first of the rejects, those with one reason in one file together. `kept`: in quarantine."""
    out.print(
        f"read {done.read:,}: stored {done.stored:,}, updated {done.updated:,}, unchanged {done.unchanged:,}, "
        f"waiting {done.waiting:,}, {f'deleted {done.deleted:,}, ' if done.deleted else ''}rejected {done.rejected:,}"
    )
    alike: dict[tuple[str, str], list[Reject]] = {}
    for reject in done.rejects:
        alike.setdefault((reject.file, reject.reason), []).append(reject)
    for (file, reason), rejects in itertools.islice(alike.items(), _SHOWN_REASONS):
        more = f" and {len(rejects) - 1:,} more" if len(rejects) > 1 else ""
        out.print(f"  rejected: {file}, {rejects[0].position}{more}: {reason}", markup=False)
    if len(alike) > _SHOWN_REASONS:
        out.print(f"  and for {len(alike) - _SHOWN_REASONS:,} more reasons")
    if alike and kept:
        out.print("What was rejected is kept whole; `concord quarantine list` lists it.")


def review(data: Data) -> None:
    """List the source patients whose link to a person waits for a human: their details disagree."""
    with opened(data) as app:
        held = app.records.held_for_review()
    for link in held:
        out.print(f"{link.organisation}  Patient/{link.patient}  {link.why}", markup=False)
    out.print(
        f"{len(held)} held for review: each stands as a person of its own until it is decided."
        if held
        else "Nothing waits."
    )
