"""The audit for those who run an installation: listing it, and rebuilding what was seen. Each look leaves a row."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from concord.audit import Audited, AuditEvent, AuditWriter, Kept, every, looks
from concord.base import Clock, Keys, NhsNumber, PersonId
from concord.governance import Gate
from concord.identity import persons_with_number
from concord.record.audit_events import exported
from concord.record.rebuilding import Rebuilder, Rebuilt
from concord.record.tracing import TRACING
from concord.store import Store


class Auditor:
    """Whoever runs Concord acts under a duty, which the audit names as the author."""

    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, keys: Keys, clock: Clock) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._rebuilder = Rebuilder(gate, keys)

    def listed(
        self, *, number: NhsNumber | None, user: str | None, since: datetime | None, most: int
    ) -> Audited[Sequence[Kept]]:
        """The newest rows of the person with an NHS number, of a user, since an instant; all that is given is met."""
        with self._store.reading() as reading:
            persons: list[PersonId | None] = [None]
            if number is not None:
                persons = [*persons_with_number(reading, TRACING, number)]
            kept = [
                each for person in persons for each in looks(reading, person=person, who=user, since=since, most=most)
            ]
            kept.sort(key=lambda each: each.position, reverse=True)
        return self._audit.record(kept[:most], [self._event("duty:audit-show", each) for each in persons or [None]])

    def rebuilt(self, number: int) -> Audited[Rebuilt]:
        """What the row of this number showed. Raises NotFound."""
        with self._store.reading() as reading:
            rebuilt = self._rebuilder.rebuild(reading, number)
        return self._audit.record(rebuilt, [self._event("duty:audit-rebuild", rebuilt.look.event.person)])

    def exported(self) -> Audited[None]:
        """The row that says that the audit was handed out."""
        return self._audit.record(None, [self._event("duty:audit-export", None)])

    def audit_events(self) -> Iterator[bytes]:
        """Every row as a FHIR AuditEvent in JSON, oldest first. Say first that it was `exported`."""
        with self._store.reading() as reading:
            directory = self._gate.policy(reading).directory
            for kept in every(reading):
                yield exported(kept, directory)

    def _event(self, who: str, person: PersonId | None) -> AuditEvent:
        return AuditEvent(at=self._clock.now(), action="look-at-audit", outcome="shown", who=who, person=person)
