"""What a party says about one version of an agreement, and from when to when its signature counts by that."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from concord.base import OdsCode
from concord.governance.agreement import Agreement
from concord.governance.spans import END_OF_TIME, Span, start_of_day


class Intent(StrEnum):
    """What a statement does. Whoever has suspended or withdrawn shares again when they have signed again."""

    SIGN = "sign"
    SUSPEND = "suspend"
    WITHDRAW = "withdraw"


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What a party can sign: of one version of an agreement, by the hash of what that enforces.

    It acts from the start of `from_on`, in UK time. `number` counts the party's statements about this version from 1:
    each follows the one before, so that none can be brought in again, or out of turn.
    """

    agreement: str
    title: str
    version: int
    hash: str
    party: OdsCode
    number: int
    intent: Intent
    from_on: date

    @property
    def sentence(self) -> str:
        what = f'version {self.version} of the agreement "{self.title}"'
        day = f"{self.from_on.day} {self.from_on:%B %Y}"
        match self.intent:
            case Intent.SIGN:
                return f"{self.party} signs {what} and shares by it from {day}."
            case Intent.SUSPEND:
                return f"{self.party} suspends {what}: from {day} it shares nothing by it until it signs again."
            case Intent.WITHDRAW:
                return f"{self.party} withdraws from {what}: from {day} it shares nothing by it."


@dataclass(frozen=True, kw_only=True, slots=True)
class Signature(Statement):
    """A statement that was signed. `key`: the public key (Ed25519, hexadecimal) that signed it."""

    signatory: str
    signed_on: date
    key: str


def as_if_signed(agreement: Agreement, party: OdsCode, from_on: date) -> Signature:
    """What a policy would count, had the party signed."""
    return Signature(
        agreement=agreement.agreement,
        title=agreement.title,
        version=agreement.version,
        hash=agreement.digest,
        party=party,
        number=1,
        intent=Intent.SIGN,
        from_on=from_on,
        signatory="",
        signed_on=from_on,
        key="",
    )


def signed_spans(signatures: Iterable[Signature]) -> tuple[Span, ...]:
    """When one party's signature counts, by all that it has said about one version, in order of time.

    At any instant the statement decides that was made last of those that act by then.
    """
    turns: list[tuple[datetime, Intent]] = []
    for each in sorted(signatures, key=_in_turn):
        at = start_of_day(each.from_on)
        turns = [turn for turn in turns if turn[0] < at]
        turns.append((at, each.intent))
    ends = [*(at for at, _ in turns[1:]), END_OF_TIME]
    return _joined([(turn[0], end) for turn, end in zip(turns, ends, strict=False) if turn[1] is Intent.SIGN])


def _in_turn(signature: Signature) -> tuple[int, bool]:
    """Of two under one number, which only a forged list can hold, the one that closes counts."""
    return signature.number, signature.intent is not Intent.SIGN


def _joined(spans: Sequence[Span]) -> tuple[Span, ...]:
    """The same without seams: signing anew what is signed is no edge."""
    joined: list[Span] = []
    for start, end in spans:
        if joined and joined[-1][1] == start:
            joined[-1] = (joined[-1][0], end)
        else:
            joined.append((start, end))
    return tuple(joined)
