"""Whom a viewer's agreements make a source: the same list for every person, whoever is or is not known there."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from concord.base import OdsCode
from concord.governance.agreement import Agreement
from concord.governance.model import Viewer
from concord.governance.policy import Policy
from concord.governance.spans import is_within


class Sharing(StrEnum):
    SHARED = "shared"
    NOT_WITH_ROLE = "not-shared-with-role"
    NOT_YET = "not-sharing-yet"


@dataclass(frozen=True, kw_only=True, slots=True)
class Source:
    """One organisation of the agreements. `headings` (stored set): what it shares with the viewer's role at all.

    `agreement` (title) and `version` name the agreement that says so: the first, where several do.
    """

    organisation: OdsCode
    sharing: Sharing
    headings: int
    agreement: str
    version: int


def sources(viewer: Viewer, policy: Policy, now: datetime) -> tuple[Source, ...]:
    """The contributors of every agreement that the viewer's organisation is a party of, in order of the directory."""
    found = (_source(code, viewer, policy, now) for code in policy.directory.organisations)
    return tuple(source for source in found if source is not None)


def _source(code: OdsCode, viewer: Viewer, policy: Policy, now: datetime) -> Source | None:
    flows = policy.profile(viewer, now).flows.get(code, ())
    live = [flow for flow in flows if flow.is_live(now)]
    if live:
        headings = 0
        for flow in live:
            headings |= flow.headings
        name = live[0].name
        return Source(
            organisation=code,
            sharing=Sharing.SHARED,
            headings=headings,
            agreement=name.title,
            version=name.version,
        )
    seats = policy.directory.seats(viewer.organisation, now)
    agreements = [agreement for agreement in policy.agreements if _shows(agreement, code, seats, viewer.purpose)]
    if not agreements:
        return None
    signed = [each for each in agreements if any(is_within(policy.live(each, code, seat), now) for seat in seats)]
    theirs = {flow.name.agreement for flow in flows}  # those that have a clause for this viewer speak to them first
    told = min(signed or agreements, key=lambda agreement: agreement.agreement not in theirs)
    return Source(
        organisation=code,
        sharing=Sharing.NOT_WITH_ROLE if signed and not flows else Sharing.NOT_YET,
        headings=0,
        agreement=told.title,
        version=told.version,
    )


def _shows(agreement: Agreement, contributor: OdsCode, seats: Collection[OdsCode], purpose: str) -> bool:
    """Whether it shows the contributor's items to anybody in one of these seats, for the purpose."""
    flows = any(clause.when and clause.flows(contributor, seat) for clause in agreement.clauses for seat in seats)
    return flows and agreement.purpose == purpose
