"""A comparison of agreements counted over the people and items held, by how people stand and where items are filed."""

from collections.abc import Callable, Mapping

from concord.accounts import viewer_of
from concord.audit import Audited, AuditEvent, AuditWriter
from concord.base import Clock, OdsCode, PersonId
from concord.governance import Duty, Gate, Policy, Viewer, everybody, permit_duty
from concord.governance.agreements import Census, Counted, ItemClass
from concord.store import Permitted, Reading, Store, account_rows, census
from concord.terminology import HEADINGS

Progress = Callable[[int, int], None]
"""Hears how many people of about how many are counted."""

_COUNTING = permit_duty(Duty(name="agreement-counting"))


class Counting:
    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._filed = Filed(_COUNTING)

    def compared(
        self, before: Policy, after: Policy, *, progress: Progress | None = None, by: Viewer | None = None
    ) -> Audited[Counted]:
        """How many of those held each cell of `compare(before, after)` concerns, as they stand now.

        `by`: who asks for it; None: whoever runs the installation. Exact numbers: `comparison_page` tells them as they
        may leave.
        """
        now = self._clock.now()
        with self._store.reading() as reading:
            staff = [viewer_of(user, "direct-care") for user in account_rows.users(reading) if user.active]
            counter = Census(before, after, staff, now)
            people, of = 0, census.people(reading)
            for portion, facts in everybody(reading):
                held = self._filed.of(reading, portion)
                for person, known in facts.items():
                    counter.add(known, held.get(person, {}))
                people += len(facts)
                if progress is not None:
                    progress(people, of)
        who, context = ("duty:agreement-counting", {}) if by is None else (by.author, by.claims)
        told = AuditEvent(at=now, action="look-at-audit", outcome="shown", who=who, context=context)
        return self._audit.record(counter.counted(), [told])


class Filed:
    """How many current items of each class people have, as their items are filed; for a duty."""

    def __init__(self, duty: Permitted) -> None:
        self._duty = duty
        self._classes: dict[tuple[int, int, int, int], ItemClass] = {}

    def of(self, reading: Reading, portion: census.Portion) -> Mapping[PersonId, Mapping[ItemClass, int]]:
        held: dict[PersonId, dict[ItemClass, int]] = {}
        for person, organisation, service, heading, labels, count in census.filed(reading, self._duty, portion):
            key = (organisation, service, heading, labels)
            if key not in self._classes:
                self._classes[key] = ItemClass(
                    contributor=OdsCode(reading.words.text(reading, organisation)),
                    service=reading.words.text(reading, service) if service else None,
                    heading=HEADINGS[heading],
                    labels=labels,
                )
            held.setdefault(PersonId(person), {})[self._classes[key]] = count
        return held
