"""Reviewing whose records belong together: what waits, two records side by side, and the reviewer's word.

Who reviews sees what tells people apart, and nothing of their care: pairs of which their own organisation contributed
one. What is said takes effect everywhere at once, moves no row, and can be said otherwise later.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from concord.audit import Audited, AuditWriter
from concord.base import Clock, Conflict, IdSource, Incorrect, NhsNumber, NotFound, PersonId
from concord.governance import Duty, Gate, Viewer, may_review_links, permit_duty
from concord.identity import Explained, explain, settle_persons
from concord.record.asking import asked
from concord.record.dates import when
from concord.record.finding import spaced
from concord.store import Reading, Store, Writing, audit_rows, body, items, people, ties

REVIEWING = permit_duty(Duty(name="matching"))
SHORTEST_WHY, LONGEST_WHY = 5, 500
MOST_ROWS = 200
TOLD_FOR = timedelta(days=14)
"""How long those are told of a change of link who looked before it, and how long before it they must have looked."""

_NOTHING = "There are no such records for you to review."
_LOOKS = ("open", "read", "search")
_LINKED_OTHERWISE = (
    "Both would still be one person, because other records link them. Part those first: each is listed below."
)
_KEPT_APART = "A reviewer keeps records apart that this would bring together. Decide those first."


@dataclass(frozen=True, kw_only=True, slots=True)
class Side:
    """One organisation's record of a person, by what tells people apart. `patient` is the logical id of its Patient,
    `person` opaque. Of a protected person no address, nor who else knows them."""

    patient: str
    person: PersonId
    organisation: str
    name: str
    born: str
    sex: str
    nhs_number: str
    address: str
    died: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkRow:
    """Two records that wait for a reviewer; `why` names what was compared, never a value."""

    one: Side
    other: Side
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Said:
    """What a reviewer said of two records: "same" or "apart"."""

    says: str
    by: str
    at: datetime
    why: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkPair:
    """Two records side by side. `together`: they are one person's now; `beside`: what else is, of either. `alike`: what
    comparing them tells; of whoever is protected without the address."""

    one: Side
    other: Side
    together: bool
    why: str
    alike: Explained
    beside: Sequence[Side]
    said: Sequence[Said]


@dataclass(frozen=True, kw_only=True, slots=True)
class ChangedLink:
    """A record that the viewer looked at was another one, or not all, by what is known since `at`."""

    person: PersonId
    at: datetime


class Links:
    def __init__(self, store: Store, gate: Gate, audit: AuditWriter, clock: Clock, ids: IdSource) -> None:
        self._store = store
        self._gate = gate
        self._audit = audit
        self._clock = clock
        self._ids = ids

    def worklist(self, viewer: Viewer) -> Audited[Sequence[LinkRow]]:
        """What waits for the viewer, at most MOST_ROWS. NotFound for who does not review."""
        now = self._clock.now()
        with self._store.reading() as reading:
            if not may_review_links(viewer, self._gate.policy(reading)):
                return self._audit.refuse(NotFound(_NOTHING), [asked(now, viewer, "link", "nothing")])
            found = []
            for row in self._waiting(reading, viewer):
                found.append(row)
                if len(found) == MOST_ROWS:
                    break
        persons = dict.fromkeys(side.person for row in found for side in (row.one, row.other))
        events = [asked(now, viewer, "link", "shown", person=person) for person in persons]
        return self._audit.record(found, events or [asked(now, viewer, "link", "shown", detail={"count": 0})])

    def under_number(self, number: NhsNumber, viewer: Viewer) -> Audited[Sequence[Side]]:
        """The records of all persons under an NHS number, one of which the viewer's organisation contributed."""
        now = self._clock.now()
        with self._store.reading() as reading:
            if not may_review_links(viewer, self._gate.policy(reading)):
                return self._audit.refuse(NotFound(_NOTHING), [asked(now, viewer, "link", "nothing")])
            found = people.with_nhs_number(reading, REVIEWING, number)
            persons = dict.fromkeys(source.person for source in found if source.person is not None)
            sources = [source for person in persons for source in people.of_person(reading, REVIEWING, person)]
            if not any(source.organisation == viewer.organisation for source in sources):
                sources = []
            sides = [self._side(reading, source, viewer) for source in sources]
        events = [asked(now, viewer, "link", "shown", person=side.person) for side in sides]
        return self._audit.record(sides, events or [asked(now, viewer, "link", "nothing")])

    def pair(self, one: str, other: str, viewer: Viewer) -> Audited[LinkPair]:
        """Two records side by side, by the ids of their Patients. NotFound for what is not the viewer's to review."""
        now = self._clock.now()
        with self._store.reading() as reading:
            sources = self._mine(reading, one, other, viewer)
            if sources is None:
                return self._audit.refuse(NotFound(_NOTHING), [asked(now, viewer, "link", "nothing")])
            here, there = (self._side(reading, source, viewer) for source in sources)
            waits = [
                row for row in self._waiting(reading, viewer) if {row.one.patient, row.other.patient} == {one, other}
            ]
            persons = dict.fromkeys([here.person, there.person])
            beside = [
                self._side(reading, source, viewer)
                for person in persons
                for source in people.of_person(reading, REVIEWING, person)
                if source.patient not in (one, other)
            ]
            pair = LinkPair(
                one=here,
                other=there,
                together=here.person == there.person,
                why=waits[0].why if waits else "",
                alike=_alike(reading, sources),
                beside=beside,
                said=[
                    Said(says=says, by=author, at=body.instant(at), why=why)
                    for says, author, at, why in ties.said(reading, one, other)
                ],
            )
        return self._audit.record(pair, [asked(now, viewer, "link", "shown", person=person) for person in persons])

    def say(self, one: str, other: str, viewer: Viewer, *, same: bool, why: str) -> Audited[None]:
        """Link two records, or keep them apart (and unlink them), remembered. NotFound for what is not the viewer's to
        review, Incorrect without a reason, Conflict where other words and links say the opposite."""
        why = " ".join(why.split())
        if not SHORTEST_WHY <= len(why) <= LONGEST_WHY:
            raise Incorrect(f"Say why, in {SHORTEST_WHY} to {LONGEST_WHY} letters.")
        now, says = self._clock.now(), "same" if same else "apart"
        with self._store.writing() as writing:
            sources = self._mine(writing, one, other, viewer)
            if sources is None:
                return self._audit.refuse(NotFound(_NOTHING), [asked(now, viewer, "link", "nothing")])
            before = {source.person for source in sources if source.person is not None}
            at = body.microseconds(now)
            ties.say(writing, one, other, says, author=viewer.name, at=at, why=why)
            settle_persons(
                writing, REVIEWING, before, {}, at=at, author=viewer.user, why=f"{says}, by review", ids=self._ids
            )
            after = {people.person_of(writing, (source.home, source.number)) for source in sources}
            if same != (len(after) == 1):
                raise Conflict(_KEPT_APART if same else _LINKED_OTHERWISE)
            if same and _torn(writing, after):
                raise Conflict(_KEPT_APART)
            touched = before | {person for person in after if person is not None}
            events = [
                asked(now, viewer, "link", "done", person=person, detail={"says": says}) for person in sorted(touched)
            ]
            self._audit.append(writing, events)
        return self._audit.record(None, [])

    # ------------------------------------------------------------------------------------------------------------------

    def _waiting(self, reading: Reading, viewer: Viewer) -> Iterator[LinkRow]:
        seen: set[frozenset[str]] = set()
        for source, base, target, why in ties.waiting(reading):
            here = people.described(reading, REVIEWING, source)
            there = self._held_for(reading, base) if base is not None else self._patient(reading, target)
            if here is None or there is None or viewer.organisation not in (here.organisation, there.organisation):
                continue
            both = frozenset((here.patient, there.patient))
            if both not in seen:
                seen.add(both)
                sides = self._side(reading, here, viewer), self._side(reading, there, viewer)
                yield LinkRow(one=sides[0], other=sides[1], why=why)

    def _held_for(self, reading: Reading, base: PersonId) -> people.TracedSource | None:
        oldest = next(iter(ties.members(reading, REVIEWING, base)), None)
        return None if oldest is None else people.described(reading, REVIEWING, oldest.source)

    def _patient(self, reading: Reading, patient: str) -> people.TracedSource | None:
        place = items.locate(reading, "Patient", patient)
        return None if place is None else people.described(reading, REVIEWING, place.source)

    def _mine(
        self, reading: Reading, one: str, other: str, viewer: Viewer
    ) -> tuple[people.TracedSource, people.TracedSource] | None:
        """Both records, if the viewer may review them."""
        if one == other or not may_review_links(viewer, self._gate.policy(reading)):
            return None
        here, there = self._patient(reading, one), self._patient(reading, other)
        if here is None or there is None or viewer.organisation not in (here.organisation, there.organisation):
            return None
        return here, there

    def _side(self, reading: Reading, source: people.TracedSource, viewer: Viewer) -> Side:
        known = source.demographics
        hidden = known.protected and source.organisation != viewer.organisation
        assert source.person is not None
        born, died = when(known.born_on), known.died_on
        directory = self._gate.policy(reading).directory
        return Side(
            patient=source.patient,
            person=source.person,
            organisation="Not shown: protected" if hidden else directory.name(source.organisation),
            name=known.shown_name or "Not known",
            born=born.text if born else "Not known",
            sex=known.sex.capitalize() or "Not known",
            nhs_number=spaced(known.nhs_number or ""),
            address="Not shown: protected" if known.protected else known.address or "Not known",
            died="" if not died else f"Died {day.text}" if (day := when(died)) else "Died",
        )


def _alike(reading: Reading, sources: tuple[people.TracedSource, people.TracedSource]) -> Explained:
    explained = explain(reading, *sources)
    if any(source.demographics.protected for source in sources):
        return explained.without("place")
    return explained


def _torn(writing: Writing, persons: set[PersonId | None]) -> bool:
    """Whether a person holds two records that a reviewer keeps apart."""
    held = {
        member.patient
        for person in persons
        if person is not None
        for base in ties.bases(writing, person)
        for member in ties.members(writing, REVIEWING, base)
        if member.person == person
    }
    last = {(one, other): says for patient in held for one, other, says in ties.words(writing, patient)}
    return any(says == "apart" and one in held and other in held for (one, other), says in last.items())


@dataclass(frozen=True, kw_only=True, slots=True)
class LinkChange:
    """A record went from one person to another. `lookers`: how many users had looked at either, lately before."""

    at: datetime
    before: PersonId
    after: PersonId
    author: str
    why: str
    lookers: int


def link_changes(reading: Reading, since: datetime) -> list[LinkChange]:
    """Every change of a link since an instant, newest first; for whoever runs Concord. Nobody is named."""
    return [
        LinkChange(
            at=body.instant(at), before=before, after=after, author=author, why=why,
            lookers=audit_rows.count_lookers(reading, (before, after), _LOOKS, at - _span(), at),
        )
        for at, before, after, author, why, *_ in ties.changes(reading, body.microseconds(since))
    ]  # fmt: skip


def changed_links(reading: Reading, viewer: Viewer, now: datetime) -> list[ChangedLink]:
    """What a user looked at that is linked otherwise since, and has not looked at again; nothing but opaque ids."""
    since = now - TOLD_FOR
    looked = audit_rows.looked_at(reading, viewer.user, _LOOKS, body.microseconds(since - TOLD_FOR))
    changed: dict[PersonId, int] = {}
    for at, before, after in ties.changes_of(reading, looked, body.microseconds(since)):
        for person in (before, after):
            if any(at - _span() <= seen < at for seen in looked.get(person, ())):
                there = person if people.count_of_person(reading, person) else after
                changed[there] = max(at, changed.get(there, 0))
    return [
        ChangedLink(person=person, at=body.instant(at))
        for person, at in sorted(changed.items(), key=lambda each: -each[1])
        if not any(seen >= at for seen in looked.get(person, ()))
    ]


def _span() -> int:
    return TOLD_FOR // timedelta(microseconds=1)
