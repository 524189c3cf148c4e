"""A person's own record: what they see of it by right of access, and who looked, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from concord.audit import Audited, AuditWriter, looks_at
from concord.base import Clock, NhsNumber, NotFound, PersonId, nhs_number
from concord.governance import Decided, Gate, Viewer
from concord.identity import persons_with_number
from concord.record.asking import asked
from concord.record.faces import OpenRecord, ShutRecord
from concord.record.finding import Finder, nobody
from concord.record.look_words import in_words
from concord.record.opening import RecordOpener
from concord.record.tracing import TRACING
from concord.store import Reading, Store, items
from concord.terminology import HEADINGS

_MOST_LOOKS = 100
NOTHING = "There is no record here that you can see. Ask your GP practice."


@dataclass(frozen=True, kw_only=True, slots=True)
class OwnLooks:
    """Who looked at one's own record, a few sentences each, latest first; not `complete` when there are older ones.

    `told` is False for somebody whose whereabouts are protected: where they are known could be read off it.
    """

    looks: Sequence[str]
    complete: bool
    told: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class ActedFor:
    """Somebody for whom the viewer acts: "MARSH, Tyler", born "8 Nov 2017"; `acting`: as whom they do."""

    person: PersonId
    name: str
    born: str
    acting: str


class OwnRecords:
    """Whoever's own record it is, by the NHS number of their account, and those of the people for whom they act.
    NotFound for anybody else, and in doubt."""

    def __init__(
        self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, opener: RecordOpener, finder: Finder
    ) -> None:
        self._finder = finder
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._opener = opener

    def open(self, viewer: Viewer) -> Audited[OpenRecord | ShutRecord]:
        now = self._clock.now()
        with self._store.reading() as reading:
            person = own_person(reading, viewer)
            decided = None if person is None else self._gate.decide(reading, viewer, person)
        if person is None or decided is None:
            return self._audit.refuse(NotFound(NOTHING), [asked(now, viewer, "open", "nothing")])
        if decided.own_but_shut and decided.facts.death is not None and (ended := decided.decision.refusal) is not None:
            told = NotFound(f"{ended.sentence} {ended.remedy}")
            return self._audit.refuse(told, [asked(now, viewer, "open", "refused", person=person, decided=decided)])
        if not decided.own:
            return self._audit.refuse(
                NotFound(NOTHING), [asked(now, viewer, "open", "refused", person=person, decided=decided)]
            )
        return self._opener.open(person, viewer)

    def looks(self, viewer: Viewer) -> Audited[OwnLooks]:
        now = self._clock.now()
        with self._store.reading() as reading:
            person = own_person(reading, viewer)
            decided = None if person is None else self._gate.decide(reading, viewer, person)
            if person is None or decided is None or not decided.own:
                return self._audit.refuse(NotFound(NOTHING), [asked(now, viewer, "look-at-audit", "nothing")])
            kept = looks_at(reading, person, most=_MOST_LOOKS + 1) if decided.locates else []
            directory = self._gate.policy(reading).directory
            rows = items.read(reading, decided.permitted, current_only=True)
            kinds = {HEADINGS[row.heading].value for row in rows}
        others = [each.event for _, each in kept[:_MOST_LOOKS] if each.event.who != viewer.author]
        looks = [in_words(event, directory, kinds) for event in others]
        answer = OwnLooks(looks=looks, complete=len(kept) <= _MOST_LOOKS, told=decided.locates)
        return self._audit.record(answer, [asked(now, viewer, "look-at-audit", "shown", person=person)])

    def acted_for(self, viewer: Viewer) -> Audited[Sequence[ActedFor]]:
        """Everybody for whom the viewer acts now."""
        now = self._clock.now()
        with self._store.reading() as reading:
            decided = self._gate.acted_for(reading, viewer)
            found = [acted_for(self._finder, reading, each, viewer) for each in decided]
        events = [asked(now, viewer, "list", "shown", person=each.person, decided=each) for each in decided]
        return self._audit.record(found, events or [asked(now, viewer, "list", "nothing")])

    def open_for(self, person: PersonId, viewer: Viewer) -> Audited[OpenRecord | ShutRecord]:
        """The record of somebody for whom the viewer acts. NotFound for anybody else's."""
        with self._store.reading() as reading:
            decided = self._gate.decide(reading, viewer, person)
        if decided is None or not decided.acting:
            return nobody(self._audit, self._clock.now(), viewer, "open", decided)
        return self._opener.open(person, viewer)


def acted_for(finder: Finder, reading: Reading, decided: Decided, viewer: Viewer) -> ActedFor:
    """Whom a decision is about, as whoever acts for them is told."""
    face = finder.face(reading, decided.person, viewer)
    return ActedFor(person=face.person, name=face.name, born=face.born, acting=decided.acting)


def own_number(viewer: Viewer) -> NhsNumber | None:
    return None if viewer.nhs_number is None else nhs_number(viewer.nhs_number)


def own_person(reading: Reading, viewer: Viewer) -> PersonId | None:
    """Whoever is held under the viewer's own number, if that is one person."""
    number = own_number(viewer)
    found = [] if number is None else persons_with_number(reading, TRACING, number)
    return found[0] if len(found) == 1 else None
