"""Counts of the people who are held, for whoever the agreements let count them: numbers, none small and none exact."""

from dataclasses import replace

from concord.audit import Audited, AuditWriter
from concord.base import Clock, NotFound, OdsCode, PersonId
from concord.governance import Duty, Gate, Viewer, everybody, permit_duty
from concord.governance.agreements import Described, Headcount, Page, counting_purposes
from concord.record.asking import asked
from concord.record.counting import Filed
from concord.store import Reading, Store, census

_COUNTING = permit_duty(Duty(name="population-counting"))


class Population:
    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._filed = Filed(_COUNTING)

    def counted(self, viewer: Viewer, purpose: str | None = None) -> Audited[tuple[list[str], Page]]:
        """The purposes for which the viewer may count, and the counts for one of them (None: the first).

        NotFound for whoever may not count, or not for that purpose.
        """
        now = self._clock.now()
        with self._store.reading() as reading:
            policy = self._gate.policy(reading)
            may = counting_purposes(viewer, policy, now)
            chosen = purpose or next(iter(may), "")
            if chosen not in may:
                return self._audit.refuse(
                    NotFound("There is nothing that you may count here."), [asked(now, viewer, "count", "nothing")]
                )
            counting = replace(viewer, purpose=chosen)
            headcount = Headcount(counting, policy, now)
            for portion, facts in everybody(reading):
                held = self._filed.of(reading, portion)
                described = _described(reading, portion)
                for person, known in facts.items():
                    headcount.add(known, held.get(person, {}), described.get(person, ()))
        event = asked(now, counting, "count", "shown", detail={"policy_hash": policy.version})
        return self._audit.record((may, headcount.page()), [event])


def _described(reading: Reading, portion: census.Portion) -> dict[PersonId, list[Described]]:
    found: dict[PersonId, list[Described]] = {}
    for person, organisation, born_on, sex in census.described(reading, _COUNTING, portion):
        code = OdsCode(reading.words.text(reading, organisation))
        found.setdefault(PersonId(person), []).append(
            Described(organisation=code, born_on=born_on or "", sex=sex or "")
        )
    return found
