"""People who are alike, for those who run an installation: learning by what, and saying why. Each leaves a row."""

from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import Clock, NotFound
from concord.governance import Duty, permit_duty
from concord.identity import Engine, Explained, Weights, explain, keep_weights, learn
from concord.store import Reading, Store, items, people

MATCHING = permit_duty(Duty(name="matching"))


class Alike:
    """Acts under the duty of matching, which the audit names as the author."""

    def __init__(self, store: Store, audit: AuditWriter, clock: Clock) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock

    def train(self, engine: Engine) -> tuple[int, Weights]:
        """Learn weights from all source patients, in force from now on; their version.

        Raises Unavailable where the engine is not installed, Conflict when too few people agree to learn from.
        """
        with self._store.reading() as reading:
            held = [source.demographics for source in people.every(reading, MATCHING)]
        now, detail = self._clock.now(), {"source_patients": len(held)}
        self._audit.record(
            None, [AuditEvent(at=now, action="export", outcome="done", who="duty:matching", detail=detail)]
        ).wait()
        weights = learn(held, engine)
        with self._store.writing() as writing:
            return keep_weights(writing, weights, now), weights

    def explain(self, one: str, other: str) -> Audited[Explained]:
        """How two Patients, by their logical ids, are alike. Raises NotFound."""
        with self._store.reading() as reading:
            pair = self._source(reading, one), self._source(reading, other)
            explained = explain(reading, *pair)
        at = self._clock.now()
        return self._audit.record(
            explained,
            [
                AuditEvent(at=at, action="read", outcome="shown", who="duty:matching", person=source.person)
                for source in pair
            ],
        )

    @staticmethod
    def _source(reading: Reading, patient: str) -> people.TracedSource:
        place = items.locate(reading, "Patient", patient)
        found = None if place is None else people.described(reading, MATCHING, place.source)
        if found is None or found.person is None:
            raise NotFound(f"No Patient/{patient} is held. `concord review` lists those that wait for a human.")
        return found
