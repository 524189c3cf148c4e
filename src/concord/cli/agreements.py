"""Publishing agreements, signatories and the directory of organisations."""

from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from concord.app import App
from concord.base import Incorrect, OdsCode, quoted
from concord.cli.policy_files import read_policy_files, write_policy
from concord.cli.terminal import Data, err, opened, out
from concord.governance import ORGANISATION_KINDS
from concord.governance.agreements import Signed, read_policy
from concord.governance.labels import SITE_FILE, label_rules

agreements_cli = typer.Typer(no_args_is_help=True, help="Agreements: read, compare and publish them, sign them.")
organisations_cli = typer.Typer(help="The directory of organisations: list it, add one.", invoke_without_command=True)


@agreements_cli.command("list")
def list_agreements(data: Data) -> None:
    """List the agreements that are published, and where each party stands."""
    with opened(data) as app:
        for standing in app.signing.standings():
            each = standing.agreement
            name = f"{each.agreement} version {each.version}: {each.title}, {standing.stage}"
            out.print(name, style="bold", markup=False)
            for signed in Signed:
                parties = [party.party for party in standing.parties if party.signed is signed]
                if parties:
                    out.print(f"  {signed}: {', '.join(parties)}", markup=False)


@agreements_cli.command("load")
def load_agreements(
    data: Data,
    signed: Annotated[
        list[Path] | None, typer.Option("--signed", help="What a party has signed of it already; may be repeated.")
    ] = None,
) -> None:
    """Publish what lies in the folder: organisations.yaml, agreements/*.yaml, signatories.yaml, and
    agreements/sensitivity.yaml, the labels that codes give beside those that Concord ships.

    All or nothing: one file that does not load, or an example in it that fails, and what is published stays. A flow is
    in force when its parties have signed the very text that is published: at once, where they have signed it before.
    """
    files, texts = read_policy_files(data), [file.read_text(encoding="utf-8") for file in signed or ()]
    with opened(data) as app:
        before = _label_rules(app)
        number = app.signing.publish(files, texts, by="duty:agreements-load")
        labels_changed = _label_rules(app) != before
        untold = _untold(app)
    out.print(f"Published, and obeyed from the next request on: {len(files.agreements)} agreements (number {number}).")
    for sentence in untold:
        err.print(sentence, markup=False)
    if labels_changed:
        out.print(f"Labels changed. What is held takes them by: concord labels apply --data {data}", markup=False)


def _label_rules(app: App) -> str:
    with app.store.reading() as reading:
        return label_rules(app.gate.policy(reading).directory, app.gate.sensitivity(reading))


def _untold(app: App) -> list[str]:
    """What the site's table of sensitivity says that nobody can tell yet, a sentence for each row."""
    with app.store.reading() as reading:
        site = app.gate.sensitivity(reading).site
    return [
        f"{SITE_FILE}, line {each.line}: no {' or '.join(site.systems[each.system].urls)} is loaded that has the code "
        f"{each.code}, so nobody can tell what lies below it. Until it is, every code of this system that no row names "
        "is labelled unknown, and withheld from everybody. Load it (concord terminology load), then label what is held "
        "(concord labels apply)."
        for each in site.untold()
    ]


@agreements_cli.command("save")
def save_agreements(data: Data) -> None:
    """Write what is published into the folder: the reverse of `load`, for what was signed in the portal."""
    with opened(data) as app:
        files = app.published()
    write_policy(data, files)
    out.print(f"Written to {data}: {len(files.agreements)} agreements.", markup=False)


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
        directory = app.gate.policy(reading).directory
        for organisation in directory.organisations.values():
            line = f"{organisation.code:<8} {organisation.kind:<20} {organisation.name}"
            if succession := directory.successions.get(organisation.code):
                line += f", succeeded by {succession.successor} on {succession.from_on}"
            out.print(line, markup=False)


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
        entry = ", ".join(
            f"{key}: {quoted(value)}"
            for key, value in (
                ("code", code),
                ("name", name),
                ("short", short or name),
                ("kind", kind),
                ("telephone", telephone),
            )
            if value
        )
        changed = replace(files, directory=files.directory.rstrip("\n") + f"\n  - {{{entry}}}\n")
        read_policy(changed)
        app.publish(changed)
    write_policy(data, changed)
    out.print(f"Added {code}.")
