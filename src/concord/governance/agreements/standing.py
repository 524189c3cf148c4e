"""How an agreement stands on a day: in force or not, who has signed, which dates come near."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from concord.base import OdsCode
from concord.governance.agreement import Agreement
from concord.governance.directory import Succession
from concord.governance.policy import Policy
from concord.governance.signatures import Intent, Signature
from concord.governance.spans import Span, is_within, start_of_day

_UK = ZoneInfo("Europe/London")
_WARNED_AT = (7, 30, 90)


class Signed(StrEnum):
    """Whether a party has signed. LATER: from a day to come."""

    SIGNED = "signed"
    LATER = "signed from a later day"
    SUSPENDED = "suspended"
    WITHDRAWN = "withdrawn"
    NOT_SIGNED = "not signed"


class Stage(StrEnum):
    """`UNSIGNED`: on a day between its dates, but no two parties of a flow have signed."""

    NOT_YET = "not yet in force"
    UNSIGNED = "not signed"
    IN_FORCE = "in force"
    EXPIRED = "expired"


@dataclass(frozen=True, kw_only=True, slots=True)
class Nearing:
    """A date of an agreement that comes near or has passed. `days` are left; below 0: they have passed.

    `within`: 90, 30 or 7, the nearest mark that it has crossed; 0 when it has passed.
    """

    what: str
    on: date
    days: int
    within: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyStanding:
    """A party: what it has said about this version, the latest last, and with how many other parties it shares now, of
    how many that the clauses name. `signature`: the one that counts now, or from a later day. `succeeded`: by whom and
    from when it is, or will be.
    """

    party: OdsCode
    signed: Signed
    signature: Signature | None
    succeeded: Succession | None
    statements: tuple[Signature, ...]
    gives_to: int
    takes_from: int
    could_give_to: int
    could_take_from: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Standing:
    agreement: Agreement
    stage: Stage
    nearing: tuple[Nearing, ...]
    parties: tuple[PartyStanding, ...]

    @property
    def signed(self) -> int:
        return sum(each.signed is Signed.SIGNED for each in self.parties)


def standing(agreement: Agreement, policy: Policy, now: datetime) -> Standing:
    """How an agreement of the policy stands at an instant, taken as its day in the United Kingdom."""
    today = now.astimezone(_UK).date()
    live = {pair for pair in flows(agreement) if is_within(policy.signed(agreement, *pair), now)}
    return Standing(
        agreement=agreement,
        stage=_stage(agreement, today, signed=bool(live)),
        nearing=tuple(_nearing(agreement, today)),
        parties=tuple(_parties(agreement, policy, live, now)),
    )


def flows(agreement: Agreement) -> set[tuple[OdsCode, OdsCode]]:
    """Who gives to whom by some clause; an organisation to itself too."""
    return {
        (giving, taking)
        for clause in agreement.clauses
        for giving in clause.contributors
        for taking in clause.recipients
        if clause.flows(giving, taking)
    }


def _stage(agreement: Agreement, today: date, *, signed: bool) -> Stage:
    if today > agreement.until_on:
        return Stage.EXPIRED
    if today < agreement.from_on:
        return Stage.NOT_YET
    return Stage.IN_FORCE if signed else Stage.UNSIGNED


def _nearing(agreement: Agreement, today: date) -> Iterator[Nearing]:
    for what, on in (("review", agreement.review_on), ("end", agreement.until_on)):
        days = (on - today).days
        within = 0 if days < 0 else next((mark for mark in _WARNED_AT if days <= mark), None)
        if within is not None:
            yield Nearing(what=what, on=on, days=days, within=within)


def _parties(
    agreement: Agreement, policy: Policy, live: set[tuple[OdsCode, OdsCode]], now: datetime
) -> Iterator[PartyStanding]:
    named = flows(agreement)
    for party in sorted(agreement.parties):
        said = sorted(policy.said(agreement, party), key=lambda each: each.number)
        signed = _signed(policy.signed(agreement, party), said, now)
        counts = signed in (Signed.SIGNED, Signed.LATER)
        yield PartyStanding(
            party=party,
            signed=signed,
            signature=next((each for each in reversed(said) if counts and each.intent is Intent.SIGN), None),
            succeeded=policy.directory.successions.get(party),
            statements=tuple(said),
            gives_to=_others(live, party, giving=True),
            takes_from=_others(live, party, giving=False),
            could_give_to=_others(named, party, giving=True),
            could_take_from=_others(named, party, giving=False),
        )


def _signed(spans: Sequence[Span], said: Sequence[Signature], now: datetime) -> Signed:
    """`said`: in the order in which it was said. `spans`: when the signature counts by that."""
    if is_within(spans, now):
        return Signed.SIGNED
    if any(start > now for start, _ in spans):
        return Signed.LATER
    if not said:
        return Signed.NOT_SIGNED
    acting = [each for each in said if start_of_day(each.from_on) <= now] or said
    return Signed.SUSPENDED if acting[-1].intent is Intent.SUSPEND else Signed.WITHDRAWN


def _others(flows: set[tuple[OdsCode, OdsCode]], party: OdsCode, *, giving: bool) -> int:
    ours = 0 if giving else 1
    return sum(pair[ours] == party and pair[1 - ours] != party for pair in flows)
