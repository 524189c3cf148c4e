"""Putting agreements, signatures and the directory of organisations in force."""

from pathlib import Path
from typing import Annotated

import typer

from concord.base import Incorrect, OdsCode
from concord.cli.policy_files import read_policy_files, write_policy
from concord.cli.terminal import Data, opened, out
from concord.governance import ORGANISATION_KINDS, PolicyFiles, read_policy

agreements_cli = typer.Typer(no_args_is_help=True, help="The agreements in force: list them, put new ones in force.")
organisations_cli = typer.Typer(help="The directory of organisations: list it, add one.", invoke_without_command=True)


@agreements_cli.command("list")
def list_agreements(data: Data) -> None:
    """List the agreements in force and who has signed them."""
    with opened(data) as app, app.store.reading() as reading:
        policy = app.gate.policy(reading)
        for agreement in policy.agreements:
            signed = sorted(
                each.party
                for each in policy.signatures
                if (each.agreement, each.version) == (agreement.agreement, agreement.version)
            )
            missing = sorted(set(agreement.parties) - set(signed))
            out.print(
                f"{agreement.agreement} version {agreement.version}: {agreement.title}", style="bold", markup=False
            )
            out.print(
                f"  signed: {', '.join(signed) or 'nobody'}; not yet: {', '.join(missing) or 'nobody'}", markup=False
            )


@agreements_cli.command("load")
def load_agreements(data: Data) -> None:
    """Put in force what lies in the folder: organisations.yaml, agreements/*.yaml, agreements/signatures.

    All or nothing: one file that does not load, or an example in it that fails, and the policy in force stays.
    """
    files = read_policy_files(data)
    with opened(data) as app:
        number = app.publish(files)
    out.print(f"In force from the next request on: {len(files.agreements)} agreements (publication {number}).")


@organisations_cli.callback()
def organisations(
    context: typer.Context,
    data: Annotated[Path | None, typer.Option("--data", help="The folder of the installation.")] = None,
) -> None:
    """List the organisations of the directory, one a line."""
    if context.invoked_subcommand is not None:
        return
    if data is None:
        raise Incorrect("Say which installation: concord organisations --data DIR")
    with opened(data) as app, app.store.reading() as reading:
        for organisation in app.gate.policy(reading).directory.organisations.values():
            out.print(f"{organisation.code:<8} {organisation.kind:<20} {organisation.name}", markup=False)


@organisations_cli.command("add")
def add_organisation(
    code: Annotated[str, typer.Argument(help="ODS code.")],
    data: Data,
    name: Annotated[str, typer.Option(help="Its name.")],
    kind: Annotated[str, typer.Option(help=", ".join(ORGANISATION_KINDS))],
    short: Annotated[str, typer.Option(help="Its name on a chip, such as GP.")] = "",
    telephone: Annotated[str, typer.Option(help="Its telephone number.")] = "",
) -> None:
    """Add an organisation to the directory. It shares nothing until it has signed an agreement."""
    with opened(data) as app:
        files = app.published()
        if read_policy_files(data) != files:  # somebody is still writing it
            raise Incorrect(
                f"What lies in {data} is not what is in force. First: concord agreements load --data {data}"
            )
        with app.store.reading() as reading:
            if OdsCode(code) in app.gate.policy(reading).directory.organisations:
                raise Incorrect(f"{code} is in the directory already.")
        quoted = ", ".join(
            f"{key}: {_quoted(value)}"
            for key, value in (
                ("code", code),
                ("name", name),
                ("short", short or name),
                ("kind", kind),
                ("telephone", telephone),
            )
            if value
        )
        changed = PolicyFiles(
            directory=files.directory.rstrip("\n") + f"\n  - {{{quoted}}}\n",
            agreements=files.agreements,
            signatures=files.signatures,
        )
        read_policy(changed)
        app.publish(changed)
    write_policy(data, changed)
    out.print(f"Added {code}.")


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
