"""Reading agreements before anybody signs them: are they right, what do they say, what would change?"""

from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from concord.base import FileRefused, Incorrect, OdsCode, suggestion
from concord.cli.agreement_pages import give_pages
from concord.cli.policy_files import agreement_files, read_directory, sensitivity_files
from concord.cli.terminal import err, opened, out, span
from concord.governance import Agreement, Held, Policy, Situation, When, as_signed, parse_agreement, roles
from concord.governance.agreements import (
    Question,
    agreement_page,
    comparison_page,
    explanation,
    promises_page,
    refuse_broken_promises,
)
from concord.governance.labels import parse_site_table
from concord.terminology import HEADINGS, Heading, Label

Files = Annotated[list[Path], typer.Argument(help="Agreements, or folders of installations.")]
DirectoryFile = Annotated[
    Path | None,
    typer.Option("--directory", help="organisations.yaml, if not beside or above the files."),
]
Html = Annotated[Path | None, typer.Option("--html", help="Write a page for a browser or a printer to this file.")]


def check(files: Files, directory: DirectoryFile = None) -> None:
    """Read agreements strictly, run their examples, prove their promises. Nothing is put in force."""
    found: list[tuple[Path, Agreement]] = []
    wrong = 0
    known = read_directory(files, directory)
    for path in agreement_files(files):
        try:
            agreement = parse_agreement(path.read_text(encoding="utf-8"), filename=path.name, directory=known)
        except FileRefused as refused:
            err.print(refused.message, markup=False)
            wrong += 1
        else:
            found.append((path, agreement))
            parts = ((agreement.clauses, "clauses"), (agreement.promises, "promises"), (agreement.examples, "examples"))
            told = ", ".join(f"{len(each)} {what}" for each, what in parts)
            out.print(f"{path.name}: {agreement.title}, version {agreement.version}: {told}", markup=False)
    for path in sensitivity_files(files):
        try:
            table = parse_site_table(path.read_text(encoding="utf-8"))
        except FileRefused as refused:
            err.print(refused.message, markup=False)
            wrong += 1
        else:
            rows = len(table.exact) + len(table.below) + sum(map(len, table.prefixes.values()))
            out.print(f"{path.name}: labels by {rows} codes", markup=False)
    try:
        policy = as_signed([agreement for _, agreement in found], known)
        refuse_broken_promises(policy, filenames=[path.name for path, _ in found])
    except Incorrect as refused:
        err.print(refused.message, markup=False)
        wrong += 1
    if wrong:
        raise typer.Exit(2)
    out.print("Every example holds and every promise is kept.")


def show(files: Files, directory: DirectoryFile = None, html: Html = None) -> None:
    """Say agreements in plain English, generated from what is enforced, with who sees what."""
    policy = policy_of(files, directory)
    give_pages([agreement_page(agreement, policy.directory) for agreement in policy.agreements], html)


def promises(files: Files, directory: DirectoryFile = None, html: Html = None) -> None:
    """Prove the promises of agreements, against all of those given together. Exit status 2 if one is broken."""
    policy = policy_of(files, directory)
    give_pages([promises_page(policy)], html)
    refuse_broken_promises(policy, filenames=[path.name for path in agreement_files(files)])


def compare(
    old: Annotated[Path, typer.Argument(help="An agreement, or the folder of an installation.")],
    new: Annotated[Path, typer.Argument(help="Its next version.")],
    directory: DirectoryFile = None,
    html: Html = None,
    counted: Annotated[bool, typer.Option("--counted", help="For how many of the people and items held.")] = False,
    data: Annotated[Path | None, typer.Option("--data", help="The installation that holds them.")] = None,
) -> None:
    """Say exactly what opens and what closes from one version to the next; and, if counted, for how many."""
    before, after = policy_of([old], directory), policy_of([new], directory)
    if not counted:
        give_pages([comparison_page(before, after)], html)
        return
    if data is None:
        raise Incorrect("Say which installation to count in: --counted --data DIR")
    with opened(data) as app, Progress(console=err, transient=True) as bar:
        task = bar.add_task("People", total=None)
        found = app.records.counting.compared(
            before, after, progress=lambda people, of: bar.update(task, completed=people, total=of)
        ).wait()
    give_pages([comparison_page(before, after, found)], html)


def explain(
    files: Files,
    role: Annotated[str | None, typer.Option(help="A job role: what does it see?")] = None,
    at: Annotated[str | None, typer.Option(help="ODS code of the viewer's organisation.")] = None,
    service: Annotated[str | None, typer.Option(help="The viewer's service.")] = None,
    heading: Annotated[str | None, typer.Option(help="A heading: who sees it?")] = None,
    contributor: Annotated[str | None, typer.Option("--from", help="ODS code of whose items.")] = None,
    from_service: Annotated[str | None, typer.Option(help="The service that contributed them.")] = None,
    label: Annotated[list[str] | None, typer.Option(help="A label of the item; may be repeated.")] = None,
    relationship: Annotated[
        list[str] | None, typer.Option("--while", help="A relationship, such as inpatient; may be repeated.")
    ] = None,
    discharged: Annotated[str | None, typer.Option(help="How long ago a stay ended: 3d.")] = None,
    objects: Annotated[bool, typer.Option("--objects", help="The person objects to the shared record.")] = False,
    protected: Annotated[bool, typer.Option("--protected", help="The person is protected from being found.")] = False,
    lay: Annotated[bool, typer.Option("--lay", help="In words for the person.")] = False,
    directory: DirectoryFile = None,
) -> None:
    """Say who sees this, what this role sees, or why it does or does not: name what is asked, leave out the rest."""
    policy = policy_of(files, directory)
    held = [Held(word=When(_known(each, list(When), "relationship"))) for each in relationship or ()]
    held += [Held(word=When.DISCHARGED_WITHIN, ago=span(discharged))] if discharged else []
    asked = Question(
        role=role and _known(role, list(roles()), "role"),
        organisation=_organisation(at, policy),
        service=service,
        contributor=_organisation(contributor, policy),
        contributing=from_service,
        heading=Heading(_known(heading, list(HEADINGS), "heading")) if heading else None,
        labels=frozenset(Label(_known(each, list(Label), "label")) for each in label) if label else None,
        situation=Situation(held=tuple(held), objects=objects, protected=protected)
        if held or objects or protected
        else None,
    )
    give_pages([explanation(policy, asked, lay=lay)], None)


def policy_of(files: list[Path], directory: Path | None) -> Policy:
    """The agreements as their texts have them, whoever has signed."""
    known = read_directory(files, directory)
    agreements = [
        parse_agreement(path.read_text(encoding="utf-8"), filename=path.name, directory=known)
        for path in agreement_files(files)
    ]
    return Policy(agreements=agreements, signatures=(), directory=known)


def _organisation(code: str | None, policy: Policy) -> OdsCode | None:
    return OdsCode(_known(code, list(policy.directory.organisations), "organisation")) if code else None


def _known(word: str, words: list[str], what: str) -> str:
    if word not in words:
        raise Incorrect(f'Unknown {what} "{word}"{suggestion(word, words)}')
    return word
