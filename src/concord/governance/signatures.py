"""Who has signed what: one line a party, until signing has a ceremony of its own."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from concord.base import FileRefused, OdsCode, suggestion
from concord.governance.agreement import Agreement
from concord.governance.directory import Directory


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature:
    """A party signed one version of an agreement; it counts from the start of `signed_on`, in UK time."""

    agreement: str
    version: int
    party: OdsCode
    signed_on: date
    signatory: str


def parse_signatures(
    text: str, *, filename: str, agreements: Sequence[Agreement], directory: Directory
) -> tuple[Signature, ...]:
    """The signatures of `text`: lines of `<agreement> <version> <party> <YYYY-MM-DD> <signatory>`; `#` comments.

    Signatures under earlier versions are history and stay. Raises FileRefused for an unknown agreement, a version
    not loaded yet, an organisation that is no party, a second signature of the same party.
    """
    known = {agreement.agreement: agreement for agreement in agreements}
    signatures: dict[tuple[str, int, OdsCode], Signature] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            signature = _Line(filename, number, line).signature(known, directory)
            key = (signature.agreement, signature.version, signature.party)
            if key in signatures:
                raise FileRefused("this party has signed above already", filename=filename, line=number, column=1)
            signatures[key] = signature
    return tuple(signatures.values())


@dataclass(frozen=True, slots=True)
class _Line:
    filename: str
    number: int
    text: str

    def refused(self, why: str, column: int) -> FileRefused:
        return FileRefused(why, filename=self.filename, line=self.number, column=column + 1)

    def words(self) -> Iterator[re.Match[str]]:
        return re.finditer(r"\S+", self.text)

    def signature(self, known: dict[str, Agreement], directory: Directory) -> Signature:
        words = list(self.words())
        if len(words) < 5:
            what = "a signature needs agreement, version, party, date and signatory, with spaces between"
            raise self.refused(what, words[0].start())
        agreement = known.get(words[0][0])
        if agreement is None:
            near = suggestion(words[0][0], known)
            raise self.refused(f'unknown agreement "{words[0][0]}"{near}', words[0].start())
        version = self._version(words[1], agreement)
        party = OdsCode(words[2][0])
        if party not in directory.organisations:
            near = suggestion(party, directory.organisations)
            raise self.refused(f'unknown organisation "{party}"{near}', words[2].start())
        if version == agreement.version and party not in agreement.parties:
            raise self.refused(f'"{party}" is not a party of {agreement.agreement}', words[2].start())
        return Signature(
            agreement=agreement.agreement,
            version=version,
            party=party,
            signed_on=self._date(words[3]),
            signatory=self.text[words[4].start() :].strip(),
        )

    def _version(self, word: re.Match[str], agreement: Agreement) -> int:
        digits = word[0]
        if not (digits.isascii() and digits.isdigit() and len(digits) < 7 and int(digits) > 0):
            raise self.refused(f'the version must be a whole number above 0, not "{digits}"', word.start())
        if int(digits) > agreement.version:
            why = f"version {digits} of {agreement.agreement} is not loaded (version {agreement.version} is)"
            raise self.refused(why, word.start())
        return int(digits)

    def _date(self, word: re.Match[str]) -> date:
        try:
            if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", word[0]):
                raise ValueError
            return date.fromisoformat(word[0])
        except ValueError:
            raise self.refused(f'the date must be such as 2026-04-01, not "{word[0]}"', word.start()) from None
