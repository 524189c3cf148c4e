"""Breaking the glass, and claiming a relationship by one's own word: offered, begun, ended.

Whoever begins is told what it opens first. The row that opens the record is the row of the privacy officer's worklist,
so that neither is there without the other.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from concord.audit import Audited, AuditWriter
from concord.base import Clock, Forbidden, IdSource, Incorrect, PersonId
from concord.governance import REASONS, Decided, Gate, Offer, Viewer
from concord.record.asking import asked
from concord.record.faces import Asking, Asserted
from concord.record.finding import Finder, nobody
from concord.store import Store, assertions, body

SHORTEST_WORDS, LONGEST_WORDS = 10, 500
_NOT_OFFERED = "No agreement lets your role open more of this record than you see. Telephone the organisation you need."


class Assertions:
    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, ids: IdSource, finder: Finder
    ) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._ids = ids
        self._finder = finder

    def offered(self, person: PersonId, viewer: Viewer) -> Audited[Asking]:
        """What the viewer may assert about a person. NotFound for who may not even find them."""
        now = self._clock.now()
        with self._store.reading() as reading:
            decided = self._gate.decide(reading, viewer, person)
            policy = self._gate.policy(reading)
            if decided is None or not self._finder.may_know_of(reading, viewer, policy, decided):
                return nobody(self._audit, now, viewer, "find", decided)
            found = self._finder.face(reading, person, viewer)
        asking = Asking(found=found, offers=decided.offers, asserted=asserted_now(decided, now))
        return self._audit.record(asking, [asked(now, viewer, "find", "shown", person=person)])

    def begin(self, person: PersonId, viewer: Viewer, kind: str, reason: str, words: str) -> Audited[Asserted]:
        """Begin what was offered, and raise the alert, in one transaction.

        NotFound for who may not even find the person; Forbidden where it is not offered; Incorrect without a reason of
        the list and a sentence of one's own.
        """
        words = " ".join(words.split())
        if reason not in REASONS:
            raise Incorrect(f"Choose why you need this: {', '.join(REASONS)}.")
        if not SHORTEST_WORDS <= len(words) <= LONGEST_WORDS:
            raise Incorrect(f"Say in your own words why you need this, in {SHORTEST_WORDS} to {LONGEST_WORDS} letters.")
        now = self._clock.now()
        with self._store.writing() as writing:
            decided = self._gate.decide(writing, viewer, person)
            policy = self._gate.policy(writing)
            if decided is None or not self._finder.may_know_of(writing, viewer, policy, decided):
                return nobody(self._audit, now, viewer, "assert", decided)
            offer = decided.may_assert(kind)
            if offer is None:
                event = asked(now, viewer, "assert", "refused", person=person, decided=decided)
                return self._audit.refuse(Forbidden(_NOT_OFFERED), [event])
            row = _row(self._ids.fresh(), person, viewer, offer, (reason, words), body.microseconds(now))
            assertions.add(writing, row)
            detail = {"asserted": offer.kind.value, "reason": reason, "reference": row.reference}
            event = asked(now, viewer, "assert", "done", person=person, decided=decided, detail=detail)
            self._audit.append(writing, [event])
        return self._audit.record(_asserted(row, body.microseconds(now)), [])

    def end(self, person: PersonId, viewer: Viewer) -> int:
        """End at once all that the viewer asserts about a person; how many they were."""
        now = self._clock.now()
        with self._store.writing() as writing:
            ended = assertions.end(writing, person, viewer.user, body.microseconds(now))
            if ended:
                self._audit.append(writing, [asked(now, viewer, "end-assertion", "done", person=person)])
        return ended


def asserted_now(decided: Decided, now: datetime) -> Sequence[Asserted]:
    """What the viewer has asserted about the person and has not ended."""
    return [_asserted(row, body.microseconds(now)) for row in decided.asserted]


def _asserted(row: assertions.AssertionRow, now: int) -> Asserted:
    return Asserted(
        kind=row.kind,
        reason=REASONS.get(row.reason, row.reason),
        until=body.instant(row.ends_at),
        minutes_left=max(0, (row.ends_at - now) // (timedelta(minutes=1) // timedelta(microseconds=1))),
    )


def _row(
    reference: str, person: PersonId, viewer: Viewer, offer: Offer, why: tuple[str, str], now: int
) -> assertions.AssertionRow:
    return assertions.AssertionRow(
        reference=reference,
        kind=offer.kind,
        person=person,
        holder=viewer.user,
        staff_id=viewer.staff_id,
        shown_name=viewer.name,
        organisation=viewer.organisation,
        service=viewer.service,
        role=viewer.role,
        reason=why[0],
        words=why[1],
        clauses="\n".join(f"{name.agreement} {name.version} {name.clause}" for name in offer.clauses),
        starts_at=now,
        ends_at=now + offer.span // timedelta(microseconds=1),
    )
