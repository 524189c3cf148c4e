"""Data quality of organisations: measured, told, and written for the organisation itself."""

from pathlib import Path
from typing import Annotated

import typer
from rich.status import Status

from concord.app import App
from concord.base import NotFound, OdsCode
from concord.cli.agreement_pages import print_page, write_page
from concord.cli.terminal import Data, err, opened, out
from concord.governance.agreements import Page
from concord.ingest import Measured, quality_csv, quality_page

quality_cli = typer.Typer(no_args_is_help=True, help="What the data of each organisation are like.")
Organisation = Annotated[str, typer.Argument(help="ODS code of the organisation.")]


@quality_cli.command()
def measure(
    data: Data,
    organisations: Annotated[
        list[str] | None, typer.Argument(help="ODS codes; all of the directory, by default.")
    ] = None,
) -> None:
    """Count what organisations have contributed against the standard, and keep it as the figures of this day.

    Cut short, it goes on where it was when it is run again on the same day. While others read and write.
    """
    with opened(data) as app, err.status("Measuring") as status:
        known = app.directory()
        for code in map(OdsCode, organisations) if organisations else known.organisations:
            app.records.services(code)  # refuses what the directory does not know
            measured = app.quality.measure(
                code,
                lambda people, of=code: status.update(f"Measuring {of}: {people:,} people"),  # type: ignore[misc]  # mypy cannot infer a lambda with a default
            )
            out.print(f"{code}: {measured.figures.people:,} people, {measured.figures.items:,} items", markup=False)


@quality_cli.command()
def show(data: Data, organisation: Organisation) -> None:
    """Say what was measured of an organisation last, as it may leave."""
    with opened(data) as app:
        print_page(_told(app, OdsCode(organisation))[0])


@quality_cli.command()
def write(
    data: Data,
    organisation: Organisation,
    to: Annotated[Path, typer.Option("--to", help="The folder to write into; made if it is not there.")],
) -> None:
    """Write for an organisation what was measured of it last: a page to read (HTML) and its figures (CSV).

    Nobody is in them: counts of 7 or fewer read alike, and all others are to the nearest 5.
    """
    with opened(data) as app:
        page, measured = _told(app, OdsCode(organisation))
    to.mkdir(parents=True, exist_ok=True)
    name = f"data-quality-{organisation}-{measured.day}"
    write_page([page], to / f"{name}.html")
    (to / f"{name}.csv").write_text(quality_csv(measured), encoding="utf-8-sig", newline="")
    out.print(f"Written: {to / name}, .html and .csv", markup=False)


def _progress(status: Status, organisation: OdsCode, people: int) -> None:
    status.update(f"Measuring {organisation}: {people:,} people")


def _told(app: App, organisation: OdsCode) -> tuple[Page, Measured]:
    days = app.quality.trend(organisation)
    if not days:
        raise NotFound(f"{organisation} was not measured yet: concord quality measure {organisation} --data DIR")
    return quality_page(days[0], app.directory().name(organisation), days[1:]), days[0]
