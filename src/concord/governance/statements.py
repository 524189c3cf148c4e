"""Statements as texts: what a signatory reads and signs, and what anybody can prove afterwards.

A text is made from the fields of its statement and nothing else, and one that says anything else is refused; so what
a signatory reads is what counts. The signature is Ed25519 over the text above its last line, in UTF-8.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from concord.base import Incorrect, OdsCode
from concord.governance.agreement import Agreement
from concord.governance.signatures import Intent, Signature, Statement

_HEAD = "Concord agreement statement 1"
_FIELD = re.compile(r"([a-z-]+): (\S.*)")
_HEX = re.compile(r"[0-9a-f]+")
_NUMBER = re.compile(r"[1-9]\d{0,5}")
_STATED = ("agreement", "title", "version", "hash", "party", "number", "intent", "from")
_SIGNED = ("signatory", "signed-on", "key")
_LAST = "signature"
_LONGEST = 4_000
_NO_STATEMENT = "This is no statement about an agreement as Concord writes it"


class StatementRefused(Incorrect):
    """A statement that does not count. `reason` is a word of the table in docs/reference/agreements.md."""

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


def stated(agreement: Agreement, party: OdsCode, *, intent: Intent, from_on: date, number: int) -> Statement:
    """The statement of a party about an agreement. Raises Incorrect for an organisation that is no party."""
    if party not in agreement.parties:
        raise Incorrect(f"{party} is no party of {agreement.agreement}, version {agreement.version}.")
    return Statement(
        agreement=agreement.agreement,
        title=" ".join(agreement.title.split()),  # on one line, as whatever a statement says
        version=agreement.version,
        hash=agreement.digest,
        party=party,
        number=number,
        intent=intent,
        from_on=from_on,
    )


def statement_text(statement: Statement) -> str:
    """The statement for a signatory to read; of a Signature, the text that is signed."""
    fields = {
        "agreement": statement.agreement,
        "title": statement.title,
        "version": statement.version,
        "hash": statement.hash,
        "party": statement.party,
        "number": statement.number,
        "intent": statement.intent,
        "from": statement.from_on.isoformat(),
    }
    if isinstance(statement, Signature):
        fields |= {
            "signatory": statement.signatory,
            "signed-on": statement.signed_on.isoformat(),
            "key": statement.key,
        }
    lines = [_HEAD, "", statement.sentence, "", *(f"{name}: {value}" for name, value in fields.items())]
    return "\n".join(lines) + "\n"


def read_statement(text: str) -> Statement:
    """The statement of a text that nobody has signed yet. Raises StatementRefused (`form`)."""
    given, statement = _read(text, _STATED)
    _refuse_altered(given, statement_text(statement))
    return statement


def statement_fields(statement: Statement) -> dict[str, Any]:
    """What a statement says, for a Signature of it."""
    return {name: getattr(statement, name) for name in Statement.__dataclass_fields__}


def sealed_text(signature: Signature, private_key: bytes) -> str:
    """The signed text, with the seal that the private key of `signature.key` sets under it."""
    text = statement_text(signature)
    seal = Ed25519PrivateKey.from_private_bytes(private_key).sign(text.encode())
    return f"{text}{_LAST}: {seal.hex()}\n"


def read_signature(text: str) -> Signature:
    """What a signed text states; whose key it is, the text cannot prove.

    Raises StatementRefused: `form` when it is no statement, or one whose sentence says something else than its fields;
    `seal` when the signature is not that of this text under this key.
    """
    given, statement = _read(text, (*_STATED, *_SIGNED, _LAST))
    fields = _fields(given)
    signature = Signature(
        **statement_fields(statement),
        signatory=fields["signatory"],
        signed_on=_day(fields["signed-on"]),
        key=fields["key"],
    )
    signed = statement_text(signature)
    _refuse_altered(given, f"{signed}{_LAST}: {fields[_LAST]}\n")
    try:
        Ed25519PublicKey.from_public_bytes(_bytes(signature.key)).verify(_bytes(fields[_LAST]), signed.encode())
    except (InvalidSignature, ValueError):
        raise StatementRefused("seal", "The signature is not that of this text under this key.") from None
    return signature


def _read(text: str, names: tuple[str, ...]) -> tuple[str, Statement]:
    """The text with its line ends as they were written, and what it states."""
    lines = text.removeprefix("\ufeff").strip().splitlines() if len(text) <= _LONGEST else []
    given = "\n".join(line.rstrip() for line in lines) + "\n"
    if not given.startswith(f"{_HEAD}\n"):
        raise StatementRefused("form", f"{_NO_STATEMENT}.")
    fields = _fields(given)
    if tuple(fields) != names:
        raise StatementRefused("form", f"{_NO_STATEMENT}: it needs the lines {', '.join(names)}, in this order.")
    if not all(_NUMBER.fullmatch(fields[name]) for name in ("version", "number")) or fields["intent"] not in set(
        Intent
    ):
        raise StatementRefused("form", f"{_NO_STATEMENT}: version, number or intent is none.")
    return given, Statement(
        agreement=fields["agreement"],
        title=fields["title"],
        version=int(fields["version"]),
        hash=fields["hash"],
        party=OdsCode(fields["party"]),
        number=int(fields["number"]),
        intent=Intent(fields["intent"]),
        from_on=_day(fields["from"]),
    )


def _fields(given: str) -> Mapping[str, str]:
    found = (_FIELD.fullmatch(line) for line in given.splitlines())
    return {match[1]: match[2] for match in found if match}


def _refuse_altered(given: str, written: str) -> None:
    if given != written:
        raise StatementRefused("form", "The words of this statement say something else than its fields.")


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        day = None
    if day is None or day.isoformat() != text:
        raise StatementRefused("form", f"{_NO_STATEMENT}: a date must be such as 2026-04-01.")
    return day


def _bytes(text: str) -> bytes:
    return bytes.fromhex(text) if _HEX.fullmatch(text) else b""
