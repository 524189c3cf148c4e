"""The key of one signatory, as a file at their side. Concord keeps its public part alone, among the signatories."""

from dataclasses import dataclass, field
from datetime import date
from importlib.resources import files
from typing import Self

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from concord.audit import stand_alone
from concord.base import Incorrect, OdsCode, quoted, read_entry
from concord.governance.signatories import one_line
from concord.governance.signatures import Signature, Statement
from concord.governance.statements import sealed_text, statement_fields

_LENGTH = 32
_WARNING = """\
# A signing key of Concord. Whoever holds this file can sign agreements in this name: keep it where its owner alone can
# read it. Its public part stands among the signatories of the installation.
"""


@dataclass(frozen=True, kw_only=True, slots=True)
class SigningKey:
    """Who signs for an organisation, and the 32 bytes with which they do. Raises Incorrect for what cannot be one."""

    organisation: OdsCode
    name: str
    private: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if not one_line(self.name):
            raise Incorrect("The name of a signatory must be one line of at most 200 characters.")
        if len(self.private) != _LENGTH:
            raise Incorrect(f"A signing key has {_LENGTH} bytes.")

    @classmethod
    def new(cls, organisation: OdsCode, name: str) -> Self:
        """One that nobody has had."""
        return cls(organisation=organisation, name=name, private=Ed25519PrivateKey.generate().private_bytes_raw())

    @classmethod
    def parse(cls, text: str, *, filename: str) -> Self:
        """The key of a file. Raises FileRefused or Incorrect; no message repeats what the file holds."""
        root = read_entry(text, filename=filename)
        fields = root.fields("a signing key", required=["organisation", "name", "private"])
        try:
            private = bytes.fromhex(fields["private"].text("private"))
        except ValueError:
            raise fields["private"].refused("this is no key: 64 hexadecimal digits") from None
        return cls(
            organisation=OdsCode(fields["organisation"].text("organisation")),
            name=fields["name"].text("name"),
            private=private,
        )

    @property
    def public(self) -> str:
        """The public part (Ed25519, hexadecimal)."""
        return Ed25519PrivateKey.from_private_bytes(self.private).public_key().public_bytes_raw().hex()

    @property
    def text(self) -> str:
        """What its file holds."""
        return (
            f"{_WARNING}organisation: {self.organisation}\nname: {quoted(self.name)}\nprivate: {self.private.hex()}\n"
        )

    def signatory_row(self, from_on: date) -> str:
        """The row of `signatories.yaml` by which it may sign."""
        name = quoted(self.name)
        return f"  - {{organisation: {self.organisation}, name: {name}, key: {self.public}, from: {from_on}}}\n"

    def sign(self, statement: Statement, *, signed_on: date) -> str:
        """The signed text. Raises Incorrect for a statement of another organisation."""
        if statement.party != self.organisation:
            raise Incorrect(f"This key signs for {self.organisation}, and the statement is of {statement.party}.")
        signature = Signature(**statement_fields(statement), signatory=self.name, signed_on=signed_on, key=self.public)
        return sealed_text(signature, self.private)


def statement_verifier() -> str:
    """The text of a program that proves signed statements with nothing but Python."""
    return stand_alone(
        files("concord.governance.agreements").joinpath("verify_statement.py").read_text(encoding="utf-8")
    )
