"""Who may sign for an organisation, and by which key: the register that lies beside the directory of organisations.

Grammar of `signatories.yaml`:

    signatories:
      - {organisation: code, name: text, key: 64 hexadecimal digits, from: date, until?: date, revoked?: date}
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from concord.base import Entry, OdsCode, read_entry, suggestion
from concord.governance.directory import Directory
from concord.governance.signatures import Signature
from concord.governance.spans import start_of_day
from concord.governance.statements import StatementRefused, read_signature

_KEY = re.compile(r"[0-9a-f]{64}")
_LONGEST_NAME = 200


@dataclass(frozen=True, kw_only=True, slots=True)
class Signatory:
    """Who signs for an organisation with `key` (Ed25519, hexadecimal), from `from_on` to `until_on`, by their dates.

    `revoked_on`: nothing counts that arrives from then on, whatever date it bears.
    """

    organisation: OdsCode
    name: str
    key: str
    from_on: date
    until_on: date | None = None
    revoked_on: date | None = None


def one_line(name: str) -> bool:
    """Whether a name can stand on a line of a statement, as it is."""
    return 0 < len(name) <= _LONGEST_NAME and name.isprintable() and name == name.strip()


@dataclass(frozen=True, slots=True)
class Signatories:
    """The register, a key once."""

    each: tuple[Signatory, ...] = ()

    def refuse(self, signature: Signature, received_at: datetime) -> None:
        """Raises StatementRefused when the key does not speak for this party by this name, on this day."""
        known = next((each for each in self.each if each.key == signature.key), None)
        if known is None:
            raise StatementRefused("key", "This key is not among the signatories. Register it, or look whose it is.")
        if known.organisation != signature.party:
            raise StatementRefused("organisation", f"This key signs for another organisation than {signature.party}.")
        if known.name != signature.signatory:
            raise StatementRefused("name", "This key is registered under another name than the statement bears.")
        if known.revoked_on is not None and received_at >= start_of_day(known.revoked_on):
            raise StatementRefused("revoked", "This key was revoked before the statement came.")
        late = known.until_on is not None and signature.signed_on > known.until_on
        if late or signature.signed_on < known.from_on:
            raise StatementRefused("date", "The day of signing lies outside the days on which this key may sign.")

    def standing(self, received: Iterable[tuple[str, datetime]]) -> tuple[Signature, ...]:
        """Of signed texts and when they came, those that still prove themselves: by their own key, and by whose it is.

        What was kept is not believed for having been kept: a text that was changed where it lies counts no longer.
        """
        return tuple(self._proved(received))

    def _proved(self, received: Iterable[tuple[str, datetime]]) -> Iterator[Signature]:
        for text, received_at in received:
            try:
                signature = read_signature(text)
                self.refuse(signature, received_at)
            except StatementRefused:
                continue
            yield signature


def parse_signatories(text: str, *, filename: str, directory: Directory) -> Signatories:
    """The signatories of a file; none of an empty one. Raises FileRefused with line and column."""
    if not text.strip():
        return Signatories()
    root = read_entry(text, filename=filename).fields("the signatories", required=["signatories"])
    found: dict[str, Signatory] = {}
    for entry in root["signatories"].entries("signatories", empty=True):
        signatory = _signatory(entry, directory)
        if signatory.key in found:
            raise entry.refused("this key stands above already")
        found[signatory.key] = signatory
    return Signatories(tuple(found.values()))


def _signatory(entry: Entry, directory: Directory) -> Signatory:
    fields = entry.fields(
        "a signatory", required=["organisation", "name", "key", "from"], optional=["until", "revoked"]
    )
    code, name, key = (fields[each].text(each) for each in ("organisation", "name", "key"))
    if code not in directory.organisations:
        near = suggestion(code, directory.organisations)
        raise fields["organisation"].refused(f'unknown organisation "{code}"{near}')
    if not one_line(name):
        raise fields["name"].refused("a name must be one line of at most 200 characters")
    if not _KEY.fullmatch(key):
        raise fields["key"].refused("a key must be 64 hexadecimal digits in small letters")
    return Signatory(
        organisation=OdsCode(code),
        name=name,
        key=key,
        from_on=fields["from"].day("from"),
        until_on=fields["until"].day("until") if "until" in fields else None,
        revoked_on=fields["revoked"].day("revoked") if "revoked" in fields else None,
    )
