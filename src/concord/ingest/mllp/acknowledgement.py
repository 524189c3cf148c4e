"""What a sender is told, and the message that tells it (HL7 v2.4, 2.13: MSH and MSA).

Every code that leaves stands in `CODES`: what became of a message, and what its sender hears by the feed's word. Who
asks in the enhanced mode for word of the commit alone (MSH-15, and NE in MSH-16) hears the same as a commit code.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from concord.ingest.feeds import OnReject

Became = Literal["stored", "known", "waits", "behind", "rejected", "not allowed", "too long"]
Code = Literal["AA", "AE", "AR"]

# "known": the same message again. "waits": held whole, for a later version of Concord or for the feed to go live.
# "behind": held whole, behind what is held of the same person. What is too long is not held,
# so nobody may be told that it is safe.
CODES: dict[Became, dict[OnReject, Code]] = {
    "stored": {"accept-and-hold": "AA", "refuse": "AA"},
    "known": {"accept-and-hold": "AA", "refuse": "AA"},
    "waits": {"accept-and-hold": "AA", "refuse": "AA"},
    "behind": {"accept-and-hold": "AA", "refuse": "AA"},
    "rejected": {"accept-and-hold": "AA", "refuse": "AE"},
    "not allowed": {"accept-and-hold": "AA", "refuse": "AR"},
    "too long": {"accept-and-hold": "AE", "refuse": "AE"},
}


_COMMIT = {"AA": "CA", "AE": "CE", "AR": "CR"}
_NEVER = "NE"


def acknowledged(became: Became, on_reject: OnReject) -> bool:
    """Whether a sender hears that its message is safe, so that it never has to send it again."""
    return CODES[became][on_reject] == "AA"


@dataclass(frozen=True, slots=True)
class Header:
    """What is needed of an MSH segment, even where the rest cannot be read. Fields are as sent, by HL7's numbers."""

    mark: str
    fields: tuple[str, ...]

    @classmethod
    def of(cls, message: bytes) -> "Header":
        """Never fails: of what has no MSH, every field is empty."""
        first = message.lstrip(b"\xef\xbb\xbf \t\r\n")[:8192].replace(b"\n", b"\r").split(b"\r")[0].decode("latin-1")
        if not first.startswith("MSH") or len(first) < 5:
            return cls("|", ())
        return cls(first[3], (first[3], *first[4:].split(first[3])))

    def field(self, number: int) -> str:
        return self.fields[number - 1] if 1 <= number <= len(self.fields) else ""


def acknowledgement(header: Header, code: Code, *, at: datetime, id_: str, text: str = "") -> bytes:
    """The answer to a message, in its own delimiters: sender and receiver changed over, its control id in MSA-2.

    `text` (MSA-3) tells why something is refused; it names fields and never what they hold.
    """
    mark, marks = header.mark, header.field(2) or "^~\\&"
    event = header.field(9).split(marks[0])[1:2]
    type_ = marks[0].join(["ACK", *event])
    sent_at = at.strftime("%Y%m%d%H%M%S") + "+0000"
    msh = ["MSH", marks, header.field(5), header.field(6), header.field(3), header.field(4), sent_at, "", type_, id_]
    msh += [header.field(11) or "P", header.field(12) or "2.4"]
    commit_alone = header.field(15) not in ("", _NEVER) and header.field(16) == _NEVER
    msa = [
        "MSA",
        _COMMIT[code] if commit_alone else code,
        header.field(10),
        *([_plain(text, mark + marks)] if text else []),
    ]
    return f"{mark.join(msh)}\r{mark.join(msa)}\r".encode("latin-1", "replace")


def _plain(text: str, delimiters: str) -> str:
    return "".join(" " if letter in delimiters or letter in "\r\n" else letter for letter in text)[:200]
