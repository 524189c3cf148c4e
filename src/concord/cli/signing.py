"""Signing agreements: keys, statements, and taking in what was signed. Signing itself needs no installation."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from concord.base import Conflict, Incorrect, OdsCode, SystemClock
from concord.cli.policy_files import read_directory
from concord.cli.signing_keys import write_key
from concord.cli.terminal import Data, opened, out
from concord.governance import (
    Agreement,
    Intent,
    StatementRefused,
    parse_agreement,
    parse_signatories,
    read_signature,
    read_statement,
    stated,
)
from concord.governance.agreements import SigningKey, statement_verifier

keys_cli = typer.Typer(no_args_is_help=True, help="The keys with which signatories sign.")

_Day = Annotated[datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="From this day; else from today.")]
_What = Annotated[Path, typer.Argument(help="The agreement, or a statement that Concord wrote for you to sign.")]
_Key = Annotated[Path, typer.Option("--key", help="The file of your key.")]
_Number = Annotated[
    int | None,
    typer.Option("--number", min=1, help="Which statement of yours about this version it is; else 1."),
]
_To = Annotated[Path | None, typer.Option("--to", help="Write to this new file, instead of the terminal.")]
_AGREEMENTS = (".yaml", ".yml")
_COMMANDS = {
    Intent.SIGN: "Sign an agreement: what it enforces and promises, by its hash. Prints the signed statement.",
    Intent.SUSPEND: "Take a signature back for a time: nothing is shared by it until it is signed again.",
    Intent.WITHDRAW: "Take a signature back: nothing is shared by it any longer.",
}
_DirectoryFile = Annotated[
    Path | None, typer.Option("--directory", help="organisations.yaml, if not beside or above the agreement.")
]


@keys_cli.command("new")
def new_key(
    file: Annotated[Path, typer.Argument(help="The file to make, which its owner alone may read.")],
    organisation: Annotated[str, typer.Option("--as", help="ODS code of the organisation that it signs for.")],
    name: Annotated[str, typer.Option(help="The signatory: name and office.")],
) -> None:
    """Make a signatory's key, and print the row by which it is registered in signatories.yaml."""
    key = SigningKey.new(OdsCode(organisation), name)
    write_key(key, file)
    out.print(f"Made {file}. Keep it where {name} alone can read it. For signatories.yaml:", markup=False)
    print(key.signatory_row(_today()), end="")  # noqa: T201 - to be pasted as it is


def command_to(intent: Intent) -> Callable[..., None]:
    """The command by which a signatory signs, suspends or withdraws."""

    def command(
        what: _What,
        key: _Key,
        from_on: _Day = None,
        number: _Number = None,
        to: _To = None,
        directory: _DirectoryFile = None,
    ) -> None:
        own = _key(key)
        if what.suffix in _AGREEMENTS:
            day = from_on.date() if from_on else _today()
            agreement = _agreement(what, directory)
            statement = stated(agreement, own.organisation, intent=intent, from_on=day, number=number or 1)
        elif from_on or number:
            raise Incorrect("This statement has its day and its number. Leave out --from and --number.")
        else:
            statement = read_statement(what.read_text(encoding="utf-8"))
        if statement.intent is not intent:
            raise Incorrect(f"This statement is there to {statement.intent}: concord agreements {statement.intent}")
        _write(own.sign(statement, signed_on=_today()), to)

    command.__doc__ = _COMMANDS[intent]
    return command


def verify_signature(
    file: Annotated[Path, typer.Argument(help="A signed statement.")],
    agreement: Annotated[Path | None, typer.Option(help="The agreement that it must be of.")] = None,
    signatories: Annotated[Path | None, typer.Option(help="signatories.yaml, where its key must stand.")] = None,
    directory: _DirectoryFile = None,
) -> None:
    """Prove a signed statement, on any machine. Exit status 2 where it does not prove itself."""
    signature = read_signature(file.read_text(encoding="utf-8"))
    out.print(signature.sentence, markup=False)
    out.print(f"Signed by {signature.signatory} on {signature.signed_on}, key {signature.key}.", markup=False)
    if agreement is not None:
        found = _agreement(agreement, directory)
        if (found.agreement, found.version, found.digest) != (signature.agreement, signature.version, signature.hash):
            raise StatementRefused("hash", f"What was signed is not what {agreement.name} says.")
        out.print(f"It is of what {agreement.name} says.", markup=False)
    if signatories is not None:
        known = parse_signatories(
            signatories.read_text(encoding="utf-8"),
            filename=signatories.name,
            directory=read_directory([signatories], directory),
        )
        known.refuse(signature, SystemClock().now())
        out.print(f"The key is registered for {signature.party}.", markup=False)


def meaning(agreement: Annotated[Path, typer.Argument(help="An agreement.")], directory: _DirectoryFile = None) -> None:
    """Print what is signed of an agreement: the JSON whose SHA-256 is the hash that statements name."""
    print(_agreement(agreement, directory).meaning.decode())  # noqa: T201 - to be hashed as it is


def verifier() -> None:
    """Print the stand-alone verifier: a program that proves signed statements with nothing but Python."""
    print(statement_verifier(), end="")  # noqa: T201 - the text of a program, which rich would wrap


def statement(
    agreement: Annotated[str, typer.Argument(help="The name of a published agreement.")],
    data: Data,
    party: Annotated[str, typer.Option(help="ODS code of the organisation that is to sign.")],
    intent: Annotated[Intent, typer.Option(help="What it is to say.")] = Intent.SIGN,
    from_on: _Day = None,
    to: _To = None,
) -> None:
    """Print what a party has to sign, numbered as its next statement, for its signatory to read and sign."""
    with opened(data) as app:
        versions = [each.agreement.version for each in app.signing.standings() if each.agreement.agreement == agreement]
        if not versions:
            raise Incorrect(f'No agreement "{agreement}" is published. See: concord agreements list --data {data}')
        day = from_on.date() if from_on else None
        text = app.signing.statement(agreement, max(versions), OdsCode(party), intent=intent, from_on=day)
    _write(text, to)


def receive(
    files: Annotated[list[Path], typer.Argument(help="Signed statements.")],
    data: Data,
) -> None:
    """Take in signed statements. What they change is so from the next request on."""
    with opened(data) as app:
        for file in files:
            signature = app.signing.receive(file.read_text(encoding="utf-8"), by="duty:agreements-receive")
            out.print(f"{file.name}: {signature.sentence}", markup=False)


def _agreement(file: Path, directory: Path | None) -> Agreement:
    known = read_directory([file], directory)
    return parse_agreement(file.read_text(encoding="utf-8"), filename=file.name, directory=known)


def _key(file: Path) -> SigningKey:
    return SigningKey.parse(file.read_text(encoding="utf-8"), filename=file.name)


def _write(text: str, to: Path | None) -> None:
    if to is None:
        print(text, end="")  # noqa: T201 - the text of a file, which rich would wrap
        return
    try:
        with to.open("x", encoding="utf-8") as written:
            written.write(text)
    except FileExistsError:
        raise Conflict(f"{to} is there already. Choose another name.") from None
    out.print(f"Written: {to}", markup=False)


def _today() -> date:
    return SystemClock().now().date()
