"""The audit from the command line: prove it, list it, rebuild what was seen, hand it to a partner."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import typer

from concord.app import App
from concord.audit import Kept, export, read_checkpoint, stand_alone_verifier, verify
from concord.base import Incorrect, NhsNumber, nhs_number
from concord.cli.terminal import Data, opened, out, span
from concord.fhir import encode

audit_cli = typer.Typer(help="The audit: who looked at what, proved.", no_args_is_help=True)

_Format = Literal["proof", "rows", "fhir"]
_File = Annotated[Path, typer.Argument(help="A checkpoint's file.")]


@audit_cli.command("verify")
def verify_(
    data: Data,
    against: Annotated[Path | None, typer.Option(help="A checkpoint that was kept outside.")] = None,
) -> None:
    """Prove the whole audit: rows, chains, checkpoints, signatures. Exit status 1 when something is broken."""
    kept = None if against is None else read_checkpoint(against.read_bytes())
    with opened(data) as app, app.store.reading() as reading:
        proof = verify(reading, public_key=app.checkpoints.public_key, kept=kept)
    for each in proof.breaks:
        out.print(f"BROKEN: {each}", markup=False)
    out.print(
        f"{proof.rows:,} rows in {proof.links:,} links of {proof.chains:,} chains; {proof.checkpoints:,} checkpoints "
        f"with {proof.cosignatures:,} signatures of partners; {proof.unsigned:,} links not signed yet; "
        f"{proof.erased:,} rows with erased details; {proof.older:,} older than chains.",
        markup=False,
    )
    out.print(f"Root {proof.root}: {'whole' if proof.whole else 'NOT WHOLE'}.", markup=False)
    if not proof.whole:
        raise typer.Exit(1)


@audit_cli.command()
def show(
    data: Data,
    person: Annotated[str | None, typer.Option(help="An NHS number: looks at that person's record.")] = None,
    user: Annotated[str | None, typer.Option(help="A user, or system:ODS: what they did.")] = None,
    since: Annotated[str | None, typer.Option(help="How far back: 30m, 8h, 90d.")] = None,
    most: Annotated[int, typer.Option(help="How many rows at most.", min=1, max=100_000)] = 100,
    json_: Annotated[bool, typer.Option("--json", help="As lines of JSON, with all that a row keeps.")] = False,
) -> None:
    """List the newest rows, latest first. That you looked is recorded too."""
    with opened(data) as app:
        after = None if since is None else app.clock.now() - span(since)
        found = app.records.audit.listed(number=_number(person), user=user, since=after, most=most).wait()
    for each in found:
        if json_:
            print(encode(_row(each)).decode())  # noqa: T201 - JSON for programs, which rich would wrap
        else:
            out.print(_line(each), markup=False)


@audit_cli.command()
def rebuild(
    row: Annotated[int, typer.Argument(help="The row's number, as `show` prints it.")],
    data: Data,
    json_: Annotated[bool, typer.Option("--json", help="As JSON, with the resources.")] = False,
) -> None:
    """Rebuild what a row showed: which versions of which items, under which policy. Exit status 1 when it cannot be."""
    with opened(data) as app:
        rebuilt = app.records.audit.rebuilt(row).wait()
    if json_:
        items = [msgspec.to_builtins(each) for each in rebuilt.items]
        told = {
            "row": _row(rebuilt.look),
            "exact": rebuilt.exact,
            "told": rebuilt.told,
            "policy": rebuilt.policy,
            "policy_told": rebuilt.policy_told,
            "items": items,
        }
        print(encode(told).decode())  # noqa: T201 - JSON for programs, which rich would wrap
    else:
        out.print(_line(rebuilt.look), markup=False)
        for each in rebuilt.items:
            out.print(
                f"  {each.type}/{each.id} version {each.version}, {each.heading}, of {each.organisation}, "
                f"stored {each.stored_at}",
                markup=False,
            )
        if rebuilt.policy:
            out.print(f"Decided by policy {rebuilt.policy}. {rebuilt.policy_told}", markup=False)
        out.print(rebuilt.told, markup=False)
    if not rebuilt.exact:
        raise typer.Exit(1)


@audit_cli.command("export")
def export_(
    data: Data,
    format_: Annotated[
        Literal["proof", "rows", "fhir"], typer.Option("--format", help="Hashes, rows or AuditEvents.")
    ] = "proof",
) -> None:
    """Print the audit for somebody else to prove: `proof` holds hashes and names nobody, `rows` all that they say.

    `fhir`: each row as a FHIR AuditEvent (NDJSON), for another system's audit repository.
    """
    with opened(data) as app:
        app.checkpoints.sign()
        app.records.audit.exported().wait()
        lines = app.records.audit.audit_events() if format_ == "fhir" else _export(app, whole=format_ == "rows")
        for line in lines:
            sys.stdout.buffer.write(line.rstrip() + b"\n")


@audit_cli.command()
def verifier() -> None:
    """Print the stand-alone verifier: a program that proves an export with nothing but Python."""
    print(stand_alone_verifier(), end="")  # noqa: T201 - the text of a program, which rich would wrap


@audit_cli.command()
def key(data: Data) -> None:
    """Print the public key (Ed25519, hexadecimal) that signs this installation's checkpoints."""
    with opened(data) as app:
        print(app.checkpoints.public_key)  # noqa: T201 - one line for programs, which rich would wrap


@audit_cli.command()
def checkpoint(data: Data) -> None:
    """Sign where the audit stands, and print the newest checkpoint, for a partner to sign and keep."""
    with opened(data) as app:
        app.checkpoints.sign()
        sys.stdout.buffer.write(app.checkpoints.last().encoded() + b"\n")


@audit_cli.command()
def cosign(file: _File, data: Data) -> None:
    """Print a partner's checkpoint with the signature of this installation beside theirs. Keep a copy."""
    given = read_checkpoint(file.read_bytes())
    with opened(data) as app:
        sys.stdout.buffer.write(app.checkpoints.cosigned(given).encoded() + b"\n")


@audit_cli.command()
def keep(file: _File, data: Data) -> None:
    """Keep the signatures that partners have set beside a checkpoint of this installation."""
    given = read_checkpoint(file.read_bytes())
    with opened(data) as app:
        count = app.checkpoints.keep(given)
    out.print(f"Checkpoint {given.number} has {count} signature{'' if count == 1 else 's'} of partners.", markup=False)


def _export(app: App, *, whole: bool) -> Iterator[bytes]:
    with app.store.reading() as reading:
        yield from export(reading, whole=whole)


def _number(text: str | None) -> NhsNumber | None:
    if text is None:
        return None
    known = nhs_number(text)
    if known is None:
        raise Incorrect("This is no NHS number: ten digits, the last of which checks the others.")
    return known


def _line(kept: Kept) -> str:
    event = kept.event
    told = {**event.context, **event.detail}
    by = f"{event.who} ({told['role']}, {told['organisation']})" if "role" in told else event.who
    about = f" of {event.person}" if event.person else ""
    count = f", {told['count']} items" if "count" in told else ""
    held = f", {' and '.join(told['held'])}" if told.get("held") else ""
    return f"{kept.number:>8}  {event.at:%Y-%m-%d %H:%M:%S}  {by}: {event.action} {event.outcome}{about}{count}{held}"


def _row(kept: Kept) -> dict[str, Any]:
    event: dict[str, Any] = msgspec.to_builtins(kept.event)
    return {"row": kept.number, "chain": kept.chain, "link": kept.link} | event
