"""Users, tokens, and opening a record from the command line."""

import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from concord.accounts import User, viewer_of
from concord.base import Incorrect, NhsNumber, NotFound, OdsCode, nhs_number
from concord.cli.terminal import Data, opened, out, span
from concord.fhir import encode
from concord.governance import roles
from concord.record import OpenRecord, PersonQuery, ShutRecord

users_cli = typer.Typer(help="The users of an installation: list them, add one.", invoke_without_command=True)

_NOBODY = "There is nobody you can open with this number. Check it; if it is right, no source has sent this person."


@users_cli.callback()
def users(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option("--data", help="The folder of the installation.")] = None,
) -> None:
    """List the users, one a line."""
    if context.invoked_subcommand is not None:
        return
    if data is None:
        raise Incorrect("Say which installation: concord users --data DIR")
    with opened(data) as app:
        for user in app.accounts.users():
            service = f"/{user.service}" if user.service else ""
            state = "" if user.active else "  (not active)"
            out.print(
                f"{user.user:<24} {roles()[user.role].title:<28} {user.organisation}{service}  {user.name}{state}",
                markup=False,
            )


@users_cli.command("add")
def add_user(
    user: Annotated[str, typer.Argument(help="The name to sign in with.")],
    data: Data,
    name: Annotated[str, typer.Option(help="The name as colleagues know it.")],
    role: Annotated[str, typer.Option(help="A job role of the agreements, such as gp.")],
    organisation: Annotated[str, typer.Option(help="ODS code of the employer.")],
    staff_id: Annotated[str, typer.Option(help="The staff id that feeds use for this person.")],
    service: Annotated[str | None, typer.Option(help="The service they work in.")] = None,
    title: Annotated[str, typer.Option(help="Job title as it stands on the screen.")] = "",
    team: Annotated[list[str] | None, typer.Option(help="A team they belong to; may be repeated.")] = None,
    own_number: Annotated[
        str | None,
        typer.Option("--own-nhs-number", help="Their own NHS number, so that their own record stays shut to them."),
    ] = None,
    address: Annotated[str, typer.Option(help="Where the portal is reached.")] = "http://127.0.0.1:8000",
) -> None:
    """Add a user, and print a sign-in link that works once."""
    if role not in roles():
        raise Incorrect(f"There is no job role {role}. There are: {', '.join(roles())}.")
    own = None if own_number is None else _number(own_number)
    with opened(data) as app:
        with app.store.reading() as reading:
            directory = app.gate.policy(reading).directory
        if OdsCode(organisation) not in directory.organisations:
            raise Incorrect(
                f"There is no organisation {organisation} in the directory: concord organisations --data {data}"
            )
        app.accounts.add_user(
            User(
                user=user,
                name=name,
                title=title or roles()[role].title,
                staff_id=staff_id,
                organisation=OdsCode(organisation),
                service=service,
                role=role,
                teams=frozenset(team or ()),
                active=True,
                nhs_number=own,
            )
        )
        secret = app.accounts.sign_in_link(user)
    out.print(f"Added {user}. Give them this link; it works once, within an hour:", markup=False)
    out.print(f"{address}/sign-in/link/{secret}", markup=False)


@users_cli.command("link")
def link(
    user: Annotated[str, typer.Argument(help="The user.")],
    data: Data,
    address: Annotated[str, typer.Option(help="Where the portal is reached.")] = "http://127.0.0.1:8000",
) -> None:
    """Print a new sign-in link for a user; it works once, within an hour."""
    with opened(data) as app:
        out.print(f"{address}/sign-in/link/{app.accounts.sign_in_link(user)}", markup=False)


def token(
    data: Data,
    as_: Annotated[str | None, typer.Option("--as", help="A user; the token reads what they may see.")] = None,
    system: Annotated[str | None, typer.Option(help="ODS code: a token of that organisation's source system.")] = None,
    purpose: Annotated[str, typer.Option(help="What the user asks for.")] = "direct-care",
    for_: Annotated[str, typer.Option("--for", help="How long it works: 30m, 8h, 90d.")] = "1h",
) -> None:
    """Print a bearer token for the FHIR API."""
    if (as_ is None) == (system is None):
        raise Incorrect("Say whose token: either --as USER or --system ODS.")
    with opened(data) as app:
        if system is None:
            assert as_ is not None
            secret = app.accounts.issue_user_token(as_, purpose, span(for_))
        else:
            with app.store.reading() as reading:
                directory = app.gate.policy(reading).directory
            if OdsCode(system) not in directory.organisations:
                raise Incorrect(
                    f"There is no organisation {system} in the directory: concord organisations --data {data}"
                )
            secret = app.accounts.issue_system_token(OdsCode(system), span(for_))
    print(secret)  # noqa: T201 - one bare line, for $(concord token ...)


def open_(
    number: Annotated[str, typer.Argument(metavar="NHS_NUMBER", help="The person's NHS number.")],
    data: Data,
    as_: Annotated[str, typer.Option("--as", help="The user who opens it.")],
    json_: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
) -> None:
    """Open a person's record as a user: what they would see, audited as theirs."""
    known = _number(number)
    with opened(data) as app:
        viewer = viewer_of(app.accounts.user(as_), "direct-care")
        started = time.perf_counter()
        found = app.records.find(PersonQuery(nhs_number=known), viewer).wait()
        if not found:
            raise NotFound(_NOBODY)
        record = app.records.open(found[0].person, viewer).wait()
        server_ms = (time.perf_counter() - started) * 1000
    if json_:
        answer = _shut(record) if isinstance(record, ShutRecord) else _open(record)
        print(encode({"server_ms": round(server_ms, 2), **answer}).decode())  # noqa: T201 - JSON for programs, which rich would wrap
    elif isinstance(record, ShutRecord):
        out.print(f"{record.because} {' '.join(record.advice)}", markup=False)
    else:
        _show(record, server_ms)
    if isinstance(record, ShutRecord):
        raise typer.Exit(1)


def _number(text: str) -> NhsNumber:
    known = nhs_number(text)
    if known is None:
        raise Incorrect("This is no NHS number: ten digits, the last of which checks the others.")
    return known


def _open(record: OpenRecord) -> dict[str, Any]:
    return {
        "person": {"name": record.summary.identity.name, "nhs_number": record.summary.identity.nhs_number},
        "agreements": record.agreements,
        "withheld": record.withheld,
        "sources": [msgspec.to_builtins(source) for source in record.sources],
        "items": [
            {
                "type": item.type,
                "id": item.id,
                "heading": item.heading.value,
                "organisation": item.organisation,
                "service": item.service,
                "clause": item.clause.clause if item.clause else None,
                "resource": item.resource,
            }
            for item in record.items
        ],
    }


def _shut(record: ShutRecord) -> dict[str, Any]:
    return {"refused": record.because, "advice": list(record.advice), "items": []}


def _show(record: OpenRecord, server_ms: float) -> None:
    identity = record.summary.identity
    out.print(f"{identity.name}  born {identity.born}  NHS number {identity.nhs_number}", style="bold", markup=False)
    for alert in record.summary.alerts:
        out.print(f"! {alert.title}  {alert.detail}", markup=False)
    counts: dict[str, int] = {}
    for item in record.items:
        counts[item.heading.value] = counts.get(item.heading.value, 0) + 1
    for heading, count in sorted(counts.items()):
        out.print(f"{count:6}  {heading.replace('-', ' ')}", markup=False)
    out.print(f"{len(record.items)} items in {server_ms:.1f} ms, under {record.agreements}.", markup=False)


__all__ = ["open_", "token", "users_cli"]
