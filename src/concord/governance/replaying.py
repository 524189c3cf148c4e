"""A decision made again from what its audit row keeps: yesterday judged by yesterday's facts, under another policy.

Pure. The row says which relationships held of those that its policy asked for, and the choices; what a draft asks for
and nobody asked then is judged by the relationships that are held now, at that moment.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from concord.base import OdsCode
from concord.governance.agreement import Agreement
from concord.governance.decision import LOCATING, flows_under, opened
from concord.governance.model import PersonFacts, Viewer
from concord.governance.policy import OPEN_AT_WORK, ClauseName, Flow, Policy, Profile
from concord.governance.relationships import conditions_met, held_by
from concord.governance.seats import Asked
from concord.governance.signatures import Signature, as_if_signed
from concord.governance.wishes import Wishes, wishes_of_words

_ALWAYS = date(1900, 1, 1)
_Cells = Mapping[tuple[str | None, int], int]  # headings by service and labels


def with_drafts(policy: Policy, drafts: Sequence[Agreement]) -> Policy:
    """The policy with `drafts` in the place of the agreements of their names.

    Whoever has signed the one in force counts as having signed its draft, from the same day, and whoever has not, not;
    a party that is new, and every party of an agreement that is new, counts as having signed long ago. A draft is in
    force from the day of what it stands for.
    """
    replaced = {draft.agreement for draft in drafts}
    before = {each.agreement: each for each in policy.agreements if each.agreement in replaced}
    dated = [replace(each, from_on=_from(before.get(each.agreement))) for each in drafts]
    return Policy(
        agreements=[*(each for each in policy.agreements if each.agreement not in replaced), *dated],
        signatures=[
            *(each for each in policy.signatures if each.agreement not in replaced),
            *(each for draft in dated for each in _signatures(draft, before.get(draft.agreement), policy)),
        ],
        directory=policy.directory,
        bars=policy.bars,
    )


def _from(before: Agreement | None) -> date:
    return _ALWAYS if before is None else before.from_on


def _signatures(draft: Agreement, before: Agreement | None, policy: Policy) -> Iterable[Signature]:
    for each in policy.signatures:
        if before is not None and (each.version, each.hash) == (before.version, before.digest):
            yield replace(each, version=draft.version, hash=draft.digest)
    for party in sorted(draft.parties - (before.parties if before else frozenset())):
        yield as_if_signed(draft, party, _ALWAYS)


@dataclass(frozen=True, kw_only=True, slots=True)
class Remembered:
    """What a row keeps of its decision, with the facts that are held now.

    `asked`: what the policy of the day asked of such a viewer; `held`: what of it held, and `choices`: those in effect,
    as the row spells them.
    """

    viewer: Viewer
    at: datetime
    asked: tuple[Asked, ...]
    held: frozenset[str]
    choices: frozenset[str]
    protected: bool
    facts: PersonFacts


class Replayed:
    """What one policy opened to one viewer at one moment, contributor by contributor."""

    def __init__(
        self, flows: Mapping[OdsCode, Sequence[Flow]], met: int, wishes: Wishes, now: datetime,
        *, closed: int, guessed: bool,
    ) -> None:  # fmt: skip
        self._flows = flows
        self._met = met
        self._wishes = wishes
        self._now = now
        self._closed = closed
        self._by_flow: dict[OdsCode, list[tuple[ClauseName, _Cells]]] = {}
        self._clauses: dict[tuple[OdsCode, str | None, int, int], ClauseName | None] = {}
        self.guessed = guessed
        """Whether a relationship that nobody asked for then plays a part."""

    def clause(self, organisation: OdsCode, service: str | None, heading: int, labels: int) -> ClauseName | None:
        """The first clause that opens such an item; None where none does. `heading`: its bit; `labels`: stored form."""
        key = (organisation, service, heading, labels)
        if key not in self._clauses:
            self._clauses[key] = self._first(*key)
        return self._clauses[key]

    def cells(self, organisation: OdsCode) -> set[tuple[str, int, int]]:
        """(service, headings, labels) of what is open of one contributor, as an audit row keeps it."""
        cells = self._opened(self._flows.get(organisation, ()))
        return {(service or "", headings, labels & ~OPEN_AT_WORK) for (service, labels), headings in cells.items()}

    def _first(self, organisation: OdsCode, service: str | None, heading: int, labels: int) -> ClauseName | None:
        if organisation not in self._by_flow:
            flows = self._flows.get(organisation, ())
            self._by_flow[organisation] = [(flow.name, self._opened([flow])) for flow in flows]
        for name, cells in self._by_flow[organisation]:
            for (of_service, mask), headings in cells.items():
                if of_service in (None, service) and headings >> heading & 1 and labels & ~mask == 0:
                    return name
        return None

    def _opened(self, flows: Sequence[Flow]) -> _Cells:
        cells = opened(flows, self._met, self._wishes, self._now)
        return {key: left for key, headings in cells.items() if (left := headings & ~self._closed)}


class Replayer:
    """Replays under one policy; what hangs on the same things is worked out once."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._known: dict[tuple[object, ...], Replayed] = {}

    @property
    def version(self) -> str:
        """The hash of the policy."""
        return self._policy.version

    def replay(self, row: Remembered) -> Replayed:
        viewer, wishes = row.viewer, wishes_of_words(row.choices)
        profile = self._policy.profile(viewer, row.at)
        met, guessed = _met(profile, row)
        closed = LOCATING if row.protected and not profile.locates else 0
        flows, _ = flows_under(viewer, row.facts.overrides, profile, row.at)
        if flows is not profile.flows:
            return Replayed(flows, met, wishes, row.at, closed=closed, guessed=guessed)
        place = bisect_right(profile.edges, row.at)
        key = (
            profile.seats,
            viewer.service,
            viewer.role,
            viewer.purpose,
            met,
            wishes,
            closed,
            place,
            guessed,
        )
        if key not in self._known:
            self._known[key] = Replayed(flows, met, wishes, row.at, closed=closed, guessed=guessed)
        return self._known[key]

    def asks(self, viewer: Viewer, at: datetime) -> tuple[Asked, ...]:
        """What the policy's clauses ask of such a viewer at that moment."""
        return self._policy.profile(viewer, at).conditions


def _met(profile: Profile, row: Remembered) -> tuple[int, bool]:
    """The profile's conditions that held (bit by position), and whether one does that nobody asked for then."""
    asked = set(row.asked)
    met = sum(1 << bit for bit, each in enumerate(profile.conditions) if each in asked and str(each) in row.held)
    if all(each in asked for each in profile.conditions):
        return met, False
    held = [each for each in row.facts.relationships if held_by(each, row.viewer, profile.seats)]
    now_known, _ = conditions_met(profile.conditions, held, row.at, row.facts.death)
    guessed = sum(now_known & 1 << bit for bit, each in enumerate(profile.conditions) if each not in asked)
    return met | guessed, bool(guessed)
