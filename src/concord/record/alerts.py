"""The privacy officer's worklist: what users of their organisation asserted, and what they looked at that nothing
explains, to review, escalate and close.

The list and the figures name no person. Who opens one alert is told whom it is about, and that is audited.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from statistics import median
from typing import Any

from concord.audit import Audited, AuditWriter
from concord.base import Clock, Incorrect, NotFound, OdsCode, PersonId
from concord.governance import REASONS, Directory, Gate, Viewer, may_audit, roles
from concord.record.asking import asked
from concord.record.faces import AlertInFull, AlertRow, Step, TeamFigures
from concord.record.finding import Finder
from concord.record.misuse import WORDS_OF, Explanation, Tie, Why
from concord.store import Reading, Store, assertions, body, oddities
from concord.store.assertions import AssertionRow
from concord.store.oddities import OddityRow

OUTCOMES = {
    "justified": "Justified: care needed it",
    "mistake": "A mistake: no harm was meant or done",
    "not-justified": "Not justified: it is dealt with outside Concord",
}
_ESCALATED = "escalated"
CLOSED = "closed: "
_UNEXPLAINED = "Nothing that is held explains it"
_TIES = frozenset(tie.value for tie in Tie)
_Raised = AssertionRow | OddityRow
_SHOWN_FOR = timedelta(days=366)
_NOTHING = "There is no such alert."


class Alerts:
    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, finder: Finder) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._finder = finder

    def worklist(self, viewer: Viewer) -> Audited[Sequence[AlertRow]]:
        """Of the viewer's organisation and those in whose place it stands: those to review first, then the rest of a
        year; newest first. NotFound for who does not review."""
        now = self._clock.now()
        with self._store.reading() as reading:
            policy = self._gate.policy(reading)
            if not may_audit(viewer, policy):
                return self._audit.refuse(NotFound(_NOTHING), [asked(now, viewer, "review", "nothing")])
            seats = policy.directory.seats(viewer.organisation, now)
            rows = [row for each in seats for row in self._of(reading, each, now)]
        rows.sort(key=lambda row: row.state.startswith(CLOSED))
        return self._audit.record(rows, [asked(now, viewer, "review", "shown", detail={"count": len(rows)})])

    def waiting(self, organisation: OdsCode | None) -> list[tuple[OdsCode, AlertRow]]:
        """What waits for review, of one organisation or all, for whoever runs the installation: no person is named."""
        now = self._clock.now()
        with self._store.reading() as reading:
            known = self._gate.policy(reading).directory.organisations
            asked_for = [organisation] if organisation else list(known)
            return [(code, row) for code in asked_for for row in self._of(reading, code, now) if not _is_closed(row)]

    def one(self, reference: str, viewer: Viewer) -> Audited[AlertInFull]:
        """An alert of the viewer's organisation with what a reviewer needs. NotFound for any other."""
        now = self._clock.now()
        with self._store.reading() as reading:
            row = self._mine(reading, reference, viewer)
            if row is None:
                return self._audit.refuse(NotFound(_NOTHING), [asked(now, viewer, "review", "nothing")])
            policy = self._gate.policy(reading)
            person = PersonId(row.person)
            decided = self._gate.decide(reading, viewer, person)
            known = decided is not None and self._finder.may_know_of(reading, viewer, policy, decided)
            steps = oddities.reviews(reading, [row.reference])[row.reference]
            alert = AlertInFull(
                row=_alert(row, steps, policy.directory, now),
                found=self._finder.face(reading, person, viewer) if known else None,
                words=row.words if isinstance(row, AssertionRow) else "",
                clauses=row.clauses.splitlines() if isinstance(row, AssertionRow) else (),
                whys=_whys(row, told=known) if isinstance(row, OddityRow) else (),
                steps=[Step(at=body.instant(at), by=by, what=what, note=note) for at, by, what, note in steps],
            )
        return self._audit.record(alert, [asked(now, viewer, "review", "shown", person=person)])

    def review(self, reference: str, viewer: Viewer, *, outcome: str | None, note: str) -> Audited[None]:
        """Close an alert with an outcome of OUTCOMES, or (None) escalate it. NotFound for any that is not the viewer's
        to review, Incorrect for an unknown outcome, an empty note, or what the viewer did themself."""
        note = " ".join(note.split())
        if outcome is not None and outcome not in OUTCOMES:
            raise Incorrect(f"Choose an outcome: {', '.join(OUTCOMES)}.")
        if not note or len(note) > 2000:
            raise Incorrect("Note what you found, in up to 2000 letters.")
        now, step = self._clock.now(), _ESCALATED if outcome is None else f"{CLOSED}{outcome}"
        with self._store.writing() as writing:
            row = self._mine(writing, reference, viewer)
            if row is None:
                return self._audit.refuse(NotFound(_NOTHING), [asked(now, viewer, "review", "nothing")])
            if row.holder == viewer.user:
                raise Incorrect("This is what you did yourself. Somebody else must review it.")
            oddities.review(writing, row.reference, body.microseconds(now), viewer.name, step, note)
            event = asked(now, viewer, "review", "done", person=PersonId(row.person), detail={"step": step})
            self._audit.append(writing, [event])
        return self._audit.record(None, [])

    def figures(self, organisation: OdsCode, since: datetime) -> list[TeamFigures]:
        """By team (service and role) of one organisation and those in whose place it stands, of what began at `since`
        or later."""
        now, teams = self._clock.now(), defaultdict[tuple[str, str], list[tuple[AlertRow, float | None]]](list)
        with self._store.reading() as reading:
            directory = self._gate.policy(reading).directory
            seats = directory.seats(organisation, now)
            rows = [row for each in seats for row in _raised(reading, each, since)]
            steps = oddities.reviews(reading, [row.reference for row in rows])
        for row in rows:
            alert = _alert(row, steps[row.reference], directory, now)
            closed = [at for at, _, what, _ in steps[row.reference] if what.startswith(CLOSED)]
            hours = (closed[0] - _began(row)) / 3_600_000_000 if closed else None
            teams[alert.team, alert.role].append((alert, hours))
        return [_figures(team, role, told) for (team, role), told in sorted(teams.items())]

    def _of(self, reading: Reading, organisation: OdsCode, now: datetime) -> list[AlertRow]:
        directory = self._gate.policy(reading).directory
        rows = _raised(reading, organisation, now - _SHOWN_FOR)
        steps = oddities.reviews(reading, [row.reference for row in rows])
        return [_alert(row, steps[row.reference], directory, now) for row in rows]

    def _mine(self, reading: Reading, reference: str, viewer: Viewer) -> _Raised | None:
        row = assertions.with_reference(reading, reference) or oddities.with_reference(reading, reference)
        policy = self._gate.policy(reading)
        seats = policy.directory.seats(viewer.organisation, self._clock.now())
        return row if row is not None and row.organisation in seats and may_audit(viewer, policy) else None


def _raised(reading: Reading, organisation: OdsCode, since: datetime) -> list[_Raised]:
    """What users asserted, newest first; then what nothing explains, oddest first."""
    at = body.microseconds(since)
    return [
        *assertions.of_organisation(reading, organisation, at),
        *oddities.of_organisation(reading, organisation, at),
    ]


def _began(row: _Raised) -> int:
    return row.starts_at if isinstance(row, AssertionRow) else row.at


def _alert(row: _Raised, steps: Sequence[tuple[Any, ...]], directory: Directory, now: datetime) -> AlertRow:
    """In the list stands nothing about the person: why an access is odd may be just that."""
    services = {each.service: each.name for each in directory.services_of(OdsCode(row.organisation))}
    asserted = isinstance(row, AssertionRow)
    ends_at = row.ends_at if isinstance(row, AssertionRow) else row.at
    return AlertRow(
        reference=row.reference,
        kind=row.kind if isinstance(row, AssertionRow) else "access",
        who=row.shown_name,
        role=roles()[row.role].title if row.role in roles() else row.role,
        team=services.get(row.service or "", row.service or ""),
        reason=REASONS.get(row.reason, row.reason) if isinstance(row, AssertionRow) else _UNEXPLAINED,
        at=body.instant(_began(row)),
        until=body.instant(ends_at),
        lasting=asserted and ends_at > body.microseconds(now),
        state=str(steps[-1][2]) if steps else "to review",
    )


def _whys(row: OddityRow, *, told: bool) -> list[str]:
    """Why it stands there, in words; what tells of the person's name, home or death only to who may know of them."""
    whys = [Why(word) for word in row.whys.split() if told or word not in _TIES]
    explained = [f"But for that it is explained: {Explanation[row.explanation]}"] if row.explanation else []
    return [*(WORDS_OF[why] for why in whys), *explained]


def _is_closed(row: AlertRow) -> bool:
    return row.state.startswith(CLOSED)


def _figures(team: str, role: str, told: Sequence[tuple[AlertRow, float | None]]) -> TeamFigures:
    states = [row.state for row, _ in told]
    hours = [taken for _, taken in told if taken is not None]
    return TeamFigures(
        team=team,
        role=role,
        overrides=sum(row.kind == "override" for row, _ in told),
        claims=sum(row.kind == "self-claim" for row, _ in told),
        accesses=sum(row.kind == "access" for row, _ in told),
        open=states.count("to review"),
        escalated=states.count(_ESCALATED),
        justified=states.count(f"{CLOSED}justified"),
        not_justified=states.count(f"{CLOSED}not-justified"),
        hours=median(hours) if hours else None,
    )
