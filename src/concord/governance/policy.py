"""The agreements, signatures and bars in force, laid out so that a decision finds at once what concerns a viewer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, reduce
from hashlib import sha256

import msgspec

from concord.base import Incorrect, OdsCode
from concord.governance.after_death import after_death
from concord.governance.agreement import Agreement, Clause, Lift
from concord.governance.bars import LegalBar, legal_bars
from concord.governance.directory import PATIENT, Directory, purposes, roles
from concord.governance.headings import heading_set
from concord.governance.labels.tables import NO_ROWS, SensitivityTable
from concord.governance.model import Viewer
from concord.governance.proxies import proxy_kinds
from concord.governance.seats import Asked, Seat, seats_of
from concord.governance.signatories import Signatories
from concord.governance.signatures import Signature, signed_spans
from concord.governance.spans import Span, common_spans, end_of_day, is_within, start_of_day
from concord.terminology import Label, label_mask

# Whatever an agreement lists, these open to nobody: the parser refuses them, and so does the policy.
_NEVER_ALLOWED = label_mask([Label.UNKNOWN, Label.SEALED_FLAGGED, Label.SEALED_LOCKED])
# These keep an item from the person and from whoever acts for them, and from nobody at work: a clause need not, and
# cannot, list them.
OPEN_AT_WORK = label_mask([Label.THIRD_PARTY, Label.NOT_FOR_THE_PERSON])


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

    Sets are stored sets. `recipient`: in which of their seats the viewer receives by it. `conditions` are positions in
    the profile's conditions. `signed`: when the signatures of those who must sign count; `unsigned` names those whose
    signature never does. `live`: when it is in force, too. `broken`: the same as an override lets this viewer's role
    have it, with what that `lifts`; None: it does not.
    """

    name: ClauseName
    clause: Clause
    contributor: OdsCode
    recipient: OdsCode
    services: tuple[str | None, ...]
    headings: int
    labels: int
    conditions: int
    despite_objection: int
    signed: tuple[Span, ...]
    live: tuple[Span, ...]
    unsigned: tuple[OdsCode, ...]
    lifts: frozenset[Lift] = frozenset()
    broken: "Flow | None" = None

    def is_related(self, met: int) -> bool:
        """Whether one of the relationships that it asks for is among those `met`, or none is asked for any longer."""
        return bool(self.conditions & met) or Lift.RELATIONSHIP in self.lifts

    def is_signed(self, now: datetime) -> bool:
        return is_within(self.signed, now)

    def is_live(self, now: datetime) -> bool:
        return is_within(self.live, now)

    def covers(self, service: str | None, heading_bit: int) -> bool:
        return bool(self.headings >> heading_bit & 1) and (self.services == (None,) or service in self.services)


@dataclass(frozen=True, kw_only=True, slots=True)
class Profile:
    """All that the policy says to one kind of viewer. Flows of a contributor stand in order of clause id.

    `seats`: the organisations as which the viewer sees records, their own first (docs/adr/0029).
    `locates`: every agreement that has a clause for this viewer names the role among those who may see what
    locates a protected person; signatures and dates play no part, so that losing one never shows more.
    `override_spans`: how long an override by this viewer lasts, by one clause or another.
    """

    flows: Mapping[OdsCode, tuple[Flow, ...]]
    conditions: tuple[Asked, ...]
    edges: tuple[datetime, ...]
    locates: bool
    seats: tuple[OdsCode, ...] = ()
    override_spans: frozenset[timedelta] = frozenset()


NOTHING = Profile(flows={}, conditions=(), edges=(), locates=False)


@dataclass(frozen=True, kw_only=True)
class Policy:
    """What decides, but for the facts about a person. Raises Incorrect if an agreement stands in it twice.

    Of the signatures those count that are of the very text that stands here: its hash is what was signed. That each is
    by one of the `signatories` has been looked at before. No decision hangs on
    `sensitivity`, the site's own table, since an item carries its labels.
    """

    agreements: Sequence[Agreement]
    signatures: Sequence[Signature]
    directory: Directory
    bars: Sequence[LegalBar] = field(default_factory=legal_bars)
    signatories: Signatories = field(default_factory=Signatories)
    sensitivity: SensitivityTable = NO_ROWS
    version: str = field(init=False)
    barred: int = field(init=False)
    _said: Mapping[tuple[str, OdsCode], Sequence[Signature]] = field(init=False, repr=False)
    _signed: Mapping[tuple[str, OdsCode], tuple[Span, ...]] = field(init=False, repr=False)
    _profiles: dict[tuple[tuple[Seat, ...], str | None, str, str], Profile] = field(
        init=False, repr=False, default_factory=dict
    )

    def __post_init__(self) -> None:
        names = [agreement.agreement for agreement in self.agreements]
        for name in names:
            if names.count(name) > 1:
                raise Incorrect(f'agreement "{name}" stands in two files: keep the one version that is to be in force')
        said: dict[tuple[str, OdsCode], list[Signature]] = {}
        for each in self.signatures:
            if self.digests.get((each.agreement, each.version)) == each.hash:
                said.setdefault((each.hash, each.party), []).append(each)
        object.__setattr__(self, "_said", said)
        object.__setattr__(self, "_signed", {key: signed_spans(of_one) for key, of_one in said.items()})
        object.__setattr__(self, "barred", label_mask(label for bar in self.bars for label in bar.labels))
        object.__setattr__(self, "version", self._digest())

    @cached_property
    def digests(self) -> Mapping[tuple[str, int], str]:
        """The digest of each agreement by its name and version."""
        return {(each.agreement, each.version): each.digest for each in self.agreements}

    def profile(self, viewer: Viewer, now: datetime) -> Profile:
        """What the policy says to such a viewer in the seats that they have now; nothing to an unknown organisation,
        role or purpose, nor to one for which people are counted: no record opens to whoever counts, and none by a
        clause to a patient."""
        return self._profile(viewer, now, shows_records=True)

    def counting(self, viewer: Viewer, now: datetime) -> Profile:
        """What such a viewer may count, for a purpose for which people are counted; nothing for any other."""
        return self._profile(viewer, now, shows_records=False)

    def _profile(self, viewer: Viewer, now: datetime, *, shows_records: bool) -> Profile:
        known = viewer.organisation in self.directory.organisations
        purpose = purposes().get(viewer.purpose)
        staff = viewer.role in roles() and viewer.role != PATIENT
        if not known or not staff or purpose is None or purpose.shows_records is not shows_records:
            return NOTHING
        seats = seats_of(viewer.organisation, self.directory, now)
        key = (seats, viewer.service, viewer.role, viewer.purpose)
        profile = self._profiles.get(key)
        if profile is None:
            profile = self._profiles[key] = self._compiled(viewer, seats)
        return profile

    def said(self, agreement: Agreement, party: OdsCode) -> Sequence[Signature]:
        """What a party has said about this version."""
        return self._said.get((agreement.digest, party), ())

    def signed(self, agreement: Agreement, *parties: OdsCode) -> tuple[Span, ...]:
        """When the signatures of all these parties of this version count."""
        return reduce(common_spans, (self._signed.get((agreement.digest, party), ()) for party in parties))

    def live(self, agreement: Agreement, *parties: OdsCode) -> tuple[Span, ...]:
        """When this version is in force between these parties: all have signed, and its dates act."""
        dates = [(start_of_day(agreement.from_on), end_of_day(agreement.until_on))]
        return common_spans(self.signed(agreement, *parties), dates)

    def _compiled(self, viewer: Viewer, seats: Sequence[Seat]) -> Profile:
        mine = [
            (agreement, clause, seat)
            for agreement in self.agreements
            if agreement.purpose == viewer.purpose
            for clause in agreement.clauses
            for seat in seats
            if _addresses(clause, viewer, seat)
        ]
        mine.sort(key=lambda each: (each[1].id, each[0].agreement, seats.index(each[2])))
        asked = {seat.asks(condition) for _, clause, seat in mine for condition in clause.when}
        conditions = tuple(sorted(asked, key=lambda each: (each.condition, each.predecessor or "")))
        flows: dict[OdsCode, list[Flow]] = {}
        for agreement, clause, seat in mine:
            for contributor in seat.own_data if clause.own else sorted(clause.contributors):
                flow = self._flow(agreement, clause, contributor, viewer.role, seat, conditions)
                flows.setdefault(contributor, []).append(flow)
        every = [flow for of_one in flows.values() for flow in of_one]
        edges = {edge for flow in every for span in (*flow.signed, *flow.live) for edge in span}
        return Profile(
            flows={contributor: tuple(of_one) for contributor, of_one in flows.items()},
            conditions=conditions,
            edges=tuple(sorted(edges)),
            seats=tuple(seat.organisation for seat in seats),
            override_spans=frozenset(
                flow.clause.override.span for flow in every if flow.broken is not None and flow.clause.override
            ),
            locates=bool(mine) and all(viewer.role in agreement.locating_roles for agreement, _, _ in mine),
        )

    def _flow(
        self,
        agreement: Agreement,
        clause: Clause,
        contributor: OdsCode,
        role: str,
        seat: Seat,
        conditions: tuple[Asked, ...],
    ) -> Flow:
        recipient, override = seat.organisation, clause.override
        # What a predecessor contributed is the organisation's own, by its own signature.
        parties = [recipient] if clause.own else sorted({contributor, recipient})
        flow = Flow(
            name=ClauseName(
                agreement=agreement.agreement, title=agreement.title, version=agreement.version, clause=clause.id
            ),
            clause=clause,
            contributor=contributor,
            recipient=recipient,
            services=(None,) if clause.contributing_services is None else tuple(sorted(clause.contributing_services)),
            headings=heading_set(clause.headings),
            labels=(label_mask(clause.allows) & ~_NEVER_ALLOWED | OPEN_AT_WORK) & ~self.barred,
            conditions=sum(1 << conditions.index(seat.asks(condition)) for condition in set(clause.when)),
            despite_objection=heading_set(clause.despite_objection),
            signed=self.signed(agreement, *parties),
            live=self.live(agreement, *parties),
            unsigned=tuple(party for party in parties if not self.signed(agreement, party)),
        )
        if override is None or role not in override.roles:
            return flow
        named = label_mask(override.labels) & ~(_NEVER_ALLOWED | self.barred)
        if Lift.FLAGGED_SEALS in override.lifts:
            named |= Label.SEALED_FLAGGED.mask & ~self.barred
        return replace(flow, broken=replace(flow, labels=flow.labels | named, lifts=override.lifts))

    def _digest(self) -> str:
        """SHA-256 (hex) of all that decides: agreements, signatures, organisations, and every table of the package that
        a decision reads."""
        content = {
            "agreements": sorted(agreement.digest for agreement in self.agreements),
            "signatures": sorted(
                f"{each.hash} {each.party} {each.number} {each.intent} {each.from_on}" for each in self.signatures
            ),
            "directory": {"organisations": self.directory.organisations},
            "bars": tuple(self.bars),
            "roles": roles(),
            "purposes": purposes(),
            "proxies": proxy_kinds(),
            "after_death": after_death(),
        }
        if self.directory.successions:
            content["successions"] = self.directory.successions
        return sha256(msgspec.json.encode(content, order="deterministic")).hexdigest()


def _addresses(clause: Clause, viewer: Viewer, seat: Seat) -> bool:
    service = clause.recipient_services is None or viewer.service in clause.recipient_services
    return seat.organisation in clause.recipients and viewer.role in clause.roles and service
