"""What waits for the privacy officers: opened by a user's own word, or explained by nothing. No person is named."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from concord.accounts import viewer_of
from concord.base import OdsCode
from concord.cli.terminal import Data, opened, out, span
from concord.record import OUTCOMES

alerts_cli = typer.Typer(no_args_is_help=True, help="What users opened by their own word, or that nothing explains.")

User = Annotated[str, typer.Option("--as", help="The privacy officer who reviews.")]
Note = Annotated[str, typer.Option(help="What was found.")]
_KINDS = {"override": "glass broken", "self-claim": "relationship claimed", "access": "access that nothing explains"}
Reference = Annotated[str, typer.Argument(help="The alert, as `concord alerts list` names it.")]


@alerts_cli.command("list")
def list_alerts(
    data: Data,
    organisation: Annotated[str | None, typer.Option(help="Of this organisation alone (ODS code).")] = None,
) -> None:
    """List what waits for review, one a line: what a mailer may send on, since it names nobody whose record it was."""
    with opened(data) as app:
        waiting = app.records.alerts.waiting(OdsCode(organisation) if organisation else None)
    for code, row in waiting:
        what = _KINDS[row.kind]
        team = ", ".join(part for part in (row.role, row.team) if part)
        out.print(f"{row.reference}  {row.at:%Y-%m-%d %H:%M}Z  {code}  {what} ({team}): {row.state}", markup=False)
    if not waiting:
        out.print("Nothing waits for review.")


@alerts_cli.command("look")
def look_for_misuse(
    data: Data,
    since: Annotated[str, typer.Option(help="How far back: 8h, 7d.")] = "1d",
    rota: Annotated[Path | None, typer.Option(help="When users were at work: CSV of user, starts_at, ends_at.")] = None,
) -> None:
    """Judge the accesses of the last day, and put those that nothing explains on the worklists; to be run every day."""
    shifts = "" if rota is None else rota.read_text(encoding="utf-8")
    with opened(data) as app:
        added = app.records.watch.look(within=span(since), rota=shifts).wait()
    out.print(f"{added} put before a reviewer." if added else "Nothing new to review.")


@alerts_cli.command("close")
def close_alert(
    reference: Reference,
    data: Data,
    as_: User,
    outcome: Annotated[str, typer.Option(help=", ".join(OUTCOMES))],
    note: Note,
) -> None:
    """Close an alert with an outcome."""
    with opened(data) as app:
        viewer = viewer_of(app.accounts.user(as_), "direct-care")
        app.records.alerts.review(reference, viewer, outcome=outcome, note=note).wait()
    out.print("Closed.")


@alerts_cli.command("escalate")
def escalate_alert(reference: Reference, data: Data, as_: User, note: Note) -> None:
    """Mark an alert as taken further; it stays open."""
    with opened(data) as app:
        viewer = viewer_of(app.accounts.user(as_), "direct-care")
        app.records.alerts.review(reference, viewer, outcome=None, note=note).wait()
    out.print("Escalated.")


@alerts_cli.command("figures")
def figures(
    organisation: Annotated[str, typer.Argument(help="ODS code.")],
    data: Data,
    days: Annotated[int, typer.Option(help="Of the last so many days.")] = 91,
) -> None:
    """Count by team what was opened by a user's own word, and what reviews said of it."""
    with opened(data) as app:
        teams = app.records.alerts.figures(OdsCode(organisation), app.clock.now() - timedelta(days=days))
    for team in teams:
        named = ", ".join(part for part in (team.team, team.role) if part)
        took = "" if team.hours is None else f"; closed after {team.hours:.1f} hours (median)"
        out.print(
            f"{named}: {team.overrides} glass broken, {team.claims} claimed, {team.accesses} "
            f"unexplained; {team.open} to review, "
            f"{team.escalated} escalated, {team.justified} justified, {team.not_justified} not justified{took}",
            markup=False,
        )
