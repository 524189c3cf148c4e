"""Keys of test organisations, the same in every run, and what they sign."""

from collections.abc import Iterable
from datetime import date
from hashlib import sha256

from concord.app import App
from concord.base import OdsCode
from concord.governance import Agreement, Intent, Signature, read_statement
from concord.governance.agreements import SigningKey

SIGNED_ON = date(2026, 1, 1)


def key_of(organisation: str, name: str = "A Signatory") -> SigningKey:
    seed = sha256(f"{organisation} {name}".encode()).digest()
    return SigningKey(organisation=OdsCode(organisation), name=name, private=seed)


def signatories(*organisations: str, from_on: date = SIGNED_ON) -> str:
    """The text of `signatories.yaml`."""
    return "signatories:\n" + "".join(key_of(each).signatory_row(from_on) for each in organisations)


def signed(
    app: App, party: str, agreement: str, version: int = 1, *, intent: Intent = Intent.SIGN, from_on: date = SIGNED_ON
) -> str:
    """What a party says next about a version, signed by its key."""
    text = app.signing.statement(agreement, version, OdsCode(party), intent=intent, from_on=from_on)
    return key_of(party).sign(read_statement(text), signed_on=from_on)


def sign_everything(app: App, parties: Iterable[str]) -> None:
    """Each of the parties signs every published agreement that is theirs, unless it has said something of it."""
    for standing in app.signing.standings():
        for party in standing.parties:
            if party.party in set(parties) and not party.statements:
                text = signed(app, party.party, standing.agreement.agreement, standing.agreement.version)
                app.signing.receive(text, by="duty:test")


def counted(
    agreement: Agreement, party: str, *, number: int = 1, intent: Intent = Intent.SIGN, from_on: date = SIGNED_ON
) -> Signature:
    """A signature as a policy counts it."""
    return Signature(
        agreement=agreement.agreement,
        title=agreement.title,
        version=agreement.version,
        hash=agreement.digest,
        party=OdsCode(party),
        number=number,
        intent=intent,
        from_on=from_on,
        signatory="A Signatory",
        signed_on=from_on,
        key="",
    )
