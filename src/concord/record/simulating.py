"""A draft agreement tried on the accesses of the past: which would have been refused, or have shown less or more.

Each audited read of the period is judged again by the facts of its day (`concord.governance.Replayer`): under the
policy that decided then, to see that the row tells all that decided, and under the policy in force with the draft in
its place. Nothing that leaves here is about a person: counts alone, and small ones are not told.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from concord.audit import Action, Audited, AuditEvent, AuditWriter, Kept, count_since, looks_since
from concord.base import Clock, OdsCode, PersonId
from concord.governance import (
    Agreement,
    ClauseName,
    Duty,
    Gate,
    PersonFacts,
    Policy,
    Remembered,
    Replayed,
    Replayer,
    Viewer,
    permit_duty,
    with_drafts,
)
from concord.record.seen import places
from concord.record.simulation import Change, Simulation, Why
from concord.store import Reading, Store, account_rows, body, versions
from concord.store.versions import Filed

Progress = Callable[[int, int], None]
"""Hears how many rows of how many are done."""

_SIMULATING = permit_duty(Duty(name="agreement-simulation"))
_ACTIONS: tuple[Action, ...] = ("open", "read", "search", "list")


class _UnreplayableError(Exception):
    def __init__(self, why: Why) -> None:
        super().__init__(why)
        self.why = why


class Simulator:
    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock

    def simulate(
        self,
        drafts: Sequence[Agreement],
        *,
        within: timedelta,
        progress: Progress | None = None,
        by: Viewer | None = None,
    ) -> Audited[Simulation]:
        """The accesses `within` the time up to now, as if `drafts` had stood in the place of the agreements of their
        names (see `with_drafts`). `by`: who asks for it; None: whoever runs the installation."""
        now = self._clock.now()
        with self._store.reading() as reading:
            policy = self._gate.policy(reading)
            run = _Run(reading, self._gate, Replayer(with_drafts(policy, drafts)), now - within)
            run.all(progress)
        simulation = Simulation(
            since=now - within,
            until=now,
            drafts=[f"{each.title}, version {each.version}" for each in drafts],
            changes=dict(sorted(run.changes.items())),
            closing=run.closing,
            opening=run.opening,
            guessed=run.guessed,
            unjudged=run.unjudged,
            directory=policy.directory,
        )
        who, context = ("duty:agreement-simulation", {}) if by is None else (by.author, by.claims)
        told = AuditEvent(at=now, action="look-at-audit", outcome="shown", who=who, context=context)
        return self._audit.record(simulation, [told])


class _Run:
    """One simulation, in one snapshot."""

    def __init__(self, reading: Reading, gate: Gate, draft: Replayer, since: datetime) -> None:
        self.changes: Counter[tuple[OdsCode, str, Change]] = Counter()
        self.closing: Counter[ClauseName] = Counter()
        self.opening: Counter[ClauseName] = Counter()
        self.unjudged: Counter[Why] = Counter()
        self.guessed = 0
        self._reading = reading
        self._gate = gate
        self._draft = draft
        self._since = since
        self._users = {user.user: user for user in account_rows.users(reading)}
        self._policies: dict[tuple[int, str], Replayer | None] = {}
        self._person: _Person | None = None

    def all(self, progress: Progress | None) -> None:
        total = count_since(self._reading, self._since) if progress else 0
        for done, row in enumerate(looks_since(self._reading, self._since, _ACTIONS), start=1):
            try:
                self._one(row)
            except _UnreplayableError as cannot:
                self.unjudged[cannot.why] += 1
            if progress and done % 500 == 0:
                progress(done, max(done, total))

    def _one(self, row: Kept) -> None:
        context, detail = row.event.context, row.event.detail
        if row.erased:
            raise _UnreplayableError(Why.ERASED)
        if "policy" not in context or row.event.person is None:
            raise _UnreplayableError(Why.NO_DECISION)
        then = self._policy(int(context["policy"]), str(context.get("policy_hash")), row.event.at)
        person = self._of(row.event.person)
        remembered = self._remembered(row, then, person.facts)
        if "own" in context or "acting" in context:  # what opens by right hangs on no agreement
            viewer = remembered.viewer
            self.changes[viewer.organisation, viewer.role, Change.SAME] += 1
            return
        was, would = then.replay(remembered), self._draft.replay(remembered)
        cells = {
            code: {(each[0], each[1], each[2]) for each in held} for code, held in context.get("cells", {}).items()
        }
        known = {source.organisation for source in person.facts.sources}
        if {code: found for code in known if (found := was.cells(code))} != cells:
            raise _UnreplayableError(Why.FACTS if then.version == context.get("policy_hash") else Why.TABLES)
        self.guessed += would.guessed
        if all(was.cells(code) == would.cells(code) for code in known):
            change = Change.SAME
        elif row.event.action == "list":
            opens = any(would.cells(code) for code in known)
            change = Change.SAME if opens else Change.REFUSED
        else:
            change = self._of_items(row, person, was, would, places(str(detail.get("shown", ""))))
        self.changes[remembered.viewer.organisation, remembered.viewer.role, change] += 1

    def _of_items(
        self, row: Kept, person: "_Person", was: Replayed, would: Replayed,
        shown: Sequence[tuple[int, int, int | None]],
    ) -> Change:  # fmt: skip
        """By what was shown, and, of a whole record, by what the draft would show besides.

        What was labelled otherwise since, so that it would not have been shown, is no longer counted.
        """
        at = body.microseconds(row.event.at)
        filed = (person.item(*place, at) for place in shown)
        seen = [item for item in filed if item is not None and was.clause(*item) is not None]
        lost = [item for item in seen if would.clause(*item) is None]
        current = person.current(at) if row.event.action == "open" else ()
        gained = [item for item in current if was.clause(*item) is None and would.clause(*item) is not None]
        for clause in {was.clause(*item) for item in lost}:
            if clause is not None:
                self.closing[clause] += 1
        for clause in {would.clause(*item) for item in gained}:
            if clause is not None:
                self.opening[clause] += 1
        if lost and gained:
            return Change.BOTH
        if lost:
            return Change.REFUSED if len(lost) == len(seen) else Change.NARROWED
        return Change.WIDENED if gained else Change.SAME

    def _policy(self, version: int, hash_: str, at: datetime) -> Replayer:
        if (version, hash_) not in self._policies:
            policy: Policy | None = self._gate.past_policy(self._reading, version, at)
            self._policies[version, hash_] = None if policy is None else Replayer(policy)
        replayer = self._policies[version, hash_]
        if replayer is None:
            raise _UnreplayableError(Why.POLICY)
        return replayer

    def _of(self, person: PersonId) -> "_Person":
        """Rows come person by person."""
        if self._person is None or self._person.person != person:
            self._person = _Person(self._reading, person, self._gate.facts(self._reading, person, self._since))
        return self._person

    def _remembered(self, row: Kept, then: Replayer, facts: PersonFacts) -> Remembered:
        told = row.event.context
        user = self._users.get(row.event.who)
        viewer = Viewer(
            user=row.event.who,
            name="",
            title="",
            staff_id=user.staff_id if user else "",
            organisation=OdsCode(str(told.get("organisation", ""))),
            service=told.get("service"),
            role=str(told.get("role", "")),
            teams=user.teams if user else frozenset(),
            purpose=str(told.get("purpose", "")),
            with_overrides="override" in told,
        )
        return Remembered(
            viewer=viewer,
            at=row.event.at,
            asked=then.asks(viewer, row.event.at),
            held=frozenset(told.get("held", ())),
            choices=frozenset(told.get("choices", ())),
            protected=bool(told.get("protected")),
            facts=facts,
        )


Filing = tuple[OdsCode, str | None, int, int]
"""What a decision minds of an item: contributor, service, heading (its bit), labels (stored form)."""


class _Person:
    """Where the items of one person are filed, read once and only when it is asked for."""

    def __init__(self, reading: Reading, person: PersonId, facts: PersonFacts) -> None:
        self.person = person
        self.facts = facts
        self._reading = reading
        self._sources = {source.number: source for source in facts.sources}
        self._held: dict[tuple[int, int], list[Filed]] | None = None

    def item(self, source: int, item: int, version: int | None, at: int) -> Filing | None:
        """Of one version, or of that which was current; None for what is not this person's, or is not held."""
        for each in self._items().get((source, item), ()):
            if version == each.version or (version is None and each.stored_at <= at):
                return self._filing(source, each)
        return None

    def current(self, at: int) -> Iterator[Filing]:
        """What was neither cancelled, entered in error nor deleted at an instant."""
        for (source, _), held in self._items().items():
            then = next((each for each in held if each.stored_at <= at), None)
            if then is not None and then.lifecycle == 0:
                yield self._filing(source, then)

    def _items(self) -> Mapping[tuple[int, int], Sequence[Filed]]:
        if self._held is None:
            self._held = {}
            for source in self.facts.sources:
                for each in versions.filed(self._reading, _SIMULATING, (source.home, source.number)):
                    self._held.setdefault((source.number, each.item), []).append(each)
        return self._held

    def _filing(self, source: int, item: Filed) -> Filing:
        service = self._reading.words.text(self._reading, item.service) if item.service else None
        return self._sources[source].organisation, service, item.heading, item.labels
