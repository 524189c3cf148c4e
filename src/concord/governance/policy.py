"""The agreements, signatures and bars in force, laid out so that a decision finds at once what concerns a viewer."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from hashlib import sha256
from zoneinfo import ZoneInfo

import msgspec

from concord.base import Incorrect, OdsCode
from concord.governance.agreement import Agreement, Clause, Condition, Lift
from concord.governance.bars import LegalBar, legal_bars
from concord.governance.directory import Directory, purposes, roles
from concord.governance.model import Viewer
from concord.governance.signatures import Signature
from concord.terminology import Heading, Label, label_mask

_UK = ZoneInfo("Europe/London")
# Whatever an agreement lists, these open to nobody: the parser refuses them, and so does the policy.
_NEVER_ALLOWED = label_mask([Label.UNKNOWN, Label.SEALED_FLAGGED, Label.SEALED_LOCKED])


@dataclass(frozen=True, kw_only=True, slots=True)
class ClauseName:
    """Which clause of which version of which agreement."""

    agreement: str
    title: str
    version: int
    clause: str

    def __str__(self) -> str:
        return f"Clause {self.clause}, {self.title}, version {self.version}."


@dataclass(frozen=True, kw_only=True, slots=True)
class Flow:
    """A clause as it runs from one contributor to one viewer's organisation, role, service and purpose.

    Sets are stored sets. `conditions` are positions in the profile's conditions. `signed_at` None: some party of
    this flow has not signed; `unsigned` names it. In force from `from_at` up to, not including, `until_at`.
    `broken`: the same as an override lets this viewer's role have it, with what that `lifts`; None: it does not.
    """

    name: ClauseName
    clause: Clause
    contributor: OdsCode
    services: tuple[str | None, ...]
    headings: int
    labels: int
    conditions: int
    despite_objection: int
    signed_at: datetime | None
    unsigned: tuple[OdsCode, ...]
    from_at: datetime
    until_at: datetime
    lifts: frozenset[Lift] = frozenset()
    broken: "Flow | None" = None

    def is_related(self, met: int) -> bool:
        """Whether one of the relationships that it asks for is among those `met`, or none is asked for any longer."""
        return bool(self.conditions & met) or Lift.RELATIONSHIP in self.lifts

    def is_signed(self, now: datetime) -> bool:
        return self.signed_at is not None and self.signed_at <= now

    def is_in_force(self, now: datetime) -> bool:
        return self.from_at <= now < self.until_at

    def is_live(self, now: datetime) -> bool:
        return self.is_signed(now) and self.is_in_force(now)

    def covers(self, service: str | None, heading_bit: int) -> bool:
        return bool(self.headings >> heading_bit & 1) and (self.services == (None,) or service in self.services)


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """All that the policy says to one kind of viewer. Flows of a contributor stand in order of clause id.

    `locates`: every agreement that has a clause for this viewer names the role among those who may see what
    locates a protected person; signatures and dates play no part, so that losing one never shows more.
    `override_spans`: how long an override by this viewer lasts, by one clause or another.
    """

    flows: Mapping[OdsCode, tuple[Flow, ...]]
    conditions: tuple[Condition, ...]
    edges: tuple[datetime, ...]
    locates: bool
    override_spans: frozenset[timedelta] = frozenset()


_NOTHING = Profile(flows={}, conditions=(), edges=(), locates=False)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What decides, but for the facts about a person. Raises Incorrect if an agreement stands in it twice."""

    agreements: Sequence[Agreement]
    signatures: Sequence[Signature]
    directory: Directory
    bars: Sequence[LegalBar] = field(default_factory=legal_bars)
    version: str = field(init=False)
    barred: int = field(init=False)
    _signed: Mapping[tuple[str, int, OdsCode], datetime] = field(init=False, repr=False)
    _profiles: dict[tuple[OdsCode, str | None, str, str], Profile] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        names = [agreement.agreement for agreement in self.agreements]
        for name in names:
            if names.count(name) > 1:
                raise Incorrect(f'agreement "{name}" stands in two files: keep the one version that is to be in force')
        signed: dict[tuple[str, int, OdsCode], datetime] = {}
        for each in self.signatures:
            key = (each.agreement, each.version, each.party)
            signed[key] = min(start_of_day(each.signed_on), signed.get(key, _END_OF_TIME))
        object.__setattr__(self, "_signed", signed)
        object.__setattr__(self, "barred", label_mask(label for bar in self.bars for label in bar.labels))
        object.__setattr__(self, "version", self._digest())

    @cached_property
    def digests(self) -> Mapping[tuple[str, int], str]:
        """The digest of each agreement by its name and version."""
        return {(each.agreement, each.version): each.digest for each in self.agreements}

    def profile(self, viewer: Viewer) -> Profile:
        """What the policy says to such a viewer; nothing to an unknown organisation, role or purpose, nor to one for
        which people are counted: no record opens to whoever counts."""
        known = viewer.organisation in self.directory.organisations
        purpose = purposes().get(viewer.purpose)
        if not known or viewer.role not in roles() or purpose is None or not purpose.shows_records:
            return _NOTHING
        key = (viewer.organisation, viewer.service, viewer.role, viewer.purpose)
        profile = self._profiles.get(key)
        if profile is None:
            profile = self._profiles[key] = self._compiled(viewer)
        return profile

    def signed_at(self, agreement: Agreement, parties: Iterable[OdsCode]) -> datetime | None:
        """The instant by which all of the parties have signed this version; None if one has not."""
        instants = [self._signed.get((agreement.agreement, agreement.version, party)) for party in parties]
        return None if not instants or None in instants else max(at for at in instants if at is not None)

    def _compiled(self, viewer: Viewer) -> Profile:
        mine = [
            (agreement, clause)
            for agreement in self.agreements
            if agreement.purpose == viewer.purpose
            for clause in agreement.clauses
            if _addresses(clause, viewer)
        ]
        conditions = tuple(sorted({condition for _, clause in mine for condition in clause.when}))
        flows: dict[OdsCode, list[Flow]] = {}
        for agreement, clause in sorted(mine, key=lambda pair: (pair[1].id, pair[0].agreement)):
            for contributor in sorted(clause.contributors):
                if clause.flows(contributor, viewer.organisation):
                    flow = self._flow(agreement, clause, contributor, viewer, conditions)
                    flows.setdefault(contributor, []).append(flow)
        every = [flow for of_one in flows.values() for flow in of_one]
        edges = {edge for flow in every for edge in (flow.signed_at, flow.from_at, flow.until_at) if edge is not None}
        return Profile(
            flows={contributor: tuple(of_one) for contributor, of_one in flows.items()},
            conditions=conditions,
            edges=tuple(sorted(edges)),
            override_spans=frozenset(
                flow.clause.override.span for flow in every if flow.broken is not None and flow.clause.override
            ),
            locates=bool(mine) and all(viewer.role in agreement.locating_roles for agreement, _ in mine),
        )

    def _flow(
        self,
        agreement: Agreement,
        clause: Clause,
        contributor: OdsCode,
        viewer: Viewer,
        conditions: tuple[Condition, ...],
    ) -> Flow:
        recipient, override = viewer.organisation, clause.override
        parties = sorted({contributor, recipient})
        flow = Flow(
            name=ClauseName(
                agreement=agreement.agreement, title=agreement.title, version=agreement.version, clause=clause.id
            ),
            clause=clause,
            contributor=contributor,
            services=(None,) if clause.contributing_services is None else tuple(sorted(clause.contributing_services)),
            headings=heading_set(clause.headings),
            labels=label_mask(clause.allows) & ~(_NEVER_ALLOWED | self.barred),
            conditions=sum(1 << conditions.index(condition) for condition in set(clause.when)),
            despite_objection=heading_set(clause.despite_objection),
            signed_at=self.signed_at(agreement, parties),
            unsigned=tuple(party for party in parties if self.signed_at(agreement, [party]) is None),
            from_at=start_of_day(agreement.from_on),
            until_at=end_of_day(agreement.until_on),
        )
        if override is None or viewer.role not in override.roles:
            return flow
        named = label_mask(override.labels) & ~(_NEVER_ALLOWED | self.barred)
        if Lift.FLAGGED_SEALS in override.lifts:
            named |= Label.SEALED_FLAGGED.mask & ~self.barred
        return replace(flow, broken=replace(flow, labels=flow.labels | named, lifts=override.lifts))

    def _digest(self) -> str:
        """SHA-256 (hex) of all that decides: agreements, signatures, organisations, bars, roles, purposes."""
        content = {
            "agreements": sorted(agreement.digest for agreement in self.agreements),
            "signatures": sorted(
                f"{each.agreement} {each.version} {each.party} {each.signed_on}" for each in self.signatures
            ),
            "directory": self.directory,
            "bars": tuple(self.bars),
            "roles": roles(),
            "purposes": purposes(),
        }
        return sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def _addresses(clause: Clause, viewer: Viewer) -> bool:
    service = clause.recipient_services is None or viewer.service in clause.recipient_services
    return viewer.organisation in clause.recipients and viewer.role in clause.roles and service


def heading_set(headings: Iterable[Heading]) -> int:
    """The stored form of a set of headings; what is unclassified never enters it."""
    return sum(1 << heading.bit for heading in set(headings) - {Heading.UNCLASSIFIED})


def start_of_day(day: date) -> datetime:
    """Midnight in the United Kingdom, in UTC."""
    return datetime.combine(day, time(), tzinfo=_UK).astimezone(UTC)


def end_of_day(day: date) -> datetime:
    return start_of_day(day + timedelta(days=1)) if day < date.max else _END_OF_TIME


_END_OF_TIME = datetime.max.replace(tzinfo=UTC)
