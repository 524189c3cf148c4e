"""How an agreement stands on a day: in force or not, who has signed, which dates come near."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from concord.base import OdsCode
from concord.governance.agreement import Agreement
from concord.governance.policy import Policy
from concord.governance.signatures import Signature

_UK = ZoneInfo("Europe/London")
_WARNED_AT = (7, 30, 90)


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
    """A party: its signature under this version, if any, and with how many other parties it shares now, of how many
    that the clauses name."""

    party: OdsCode
    signature: Signature | None
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
        return sum(each.signature is not None for each in self.parties)


def standing(agreement: Agreement, policy: Policy, now: datetime) -> Standing:
    """How an agreement of the policy stands at an instant, taken as its day in the United Kingdom."""
    today = now.astimezone(_UK).date()
    live = {pair for pair in _flows(agreement) if _is_signed(agreement, policy, pair, now)}
    return Standing(
        agreement=agreement,
        stage=_stage(agreement, today, signed=bool(live)),
        nearing=tuple(_nearing(agreement, today)),
        parties=tuple(_parties(agreement, policy, live)),
    )


def _flows(agreement: Agreement) -> set[tuple[OdsCode, OdsCode]]:
    """Who gives to whom by some clause; an organisation to itself too."""
    return {
        (giving, taking)
        for clause in agreement.clauses
        for giving in clause.contributors
        for taking in clause.recipients
        if clause.flows(giving, taking)
    }


def _is_signed(agreement: Agreement, policy: Policy, parties: tuple[OdsCode, OdsCode], now: datetime) -> bool:
    signed_at = policy.signed_at(agreement, parties)
    return signed_at is not None and signed_at <= now


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


def _parties(agreement: Agreement, policy: Policy, live: set[tuple[OdsCode, OdsCode]]) -> Iterator[PartyStanding]:
    named = _flows(agreement)
    signatures = {
        each.party: each
        for each in policy.signatures
        if (each.agreement, each.version) == (agreement.agreement, agreement.version)
    }
    for party in sorted(agreement.parties):
        yield PartyStanding(
            party=party,
            signature=signatures.get(party),
            gives_to=_others(live, party, giving=True),
            takes_from=_others(live, party, giving=False),
            could_give_to=_others(named, party, giving=True),
            could_take_from=_others(named, party, giving=False),
        )


def _others(flows: set[tuple[OdsCode, OdsCode]], party: OdsCode, *, giving: bool) -> int:
    ours = 0 if giving else 1
    return sum(pair[ours] == party and pair[1 - ours] != party for pair in flows)
