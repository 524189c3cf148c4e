"""Reviewing whose records belong together: what waits, two records side by side, and the reviewer's word.

Who reviews sees what tells people apart, and nothing of their care: pairs of which their own organisation contributed
one. What is said takes effect everywhere at once, moves no row, and can be said otherwise later.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from concord.audit import Audited, AuditWriter
from concord.base import Clock, Conflict, IdSource, Incorrect, NhsNumber, NotFound, PersonId
from concord.governance import Gate, Viewer
from concord.identity import Explained, settle_persons
from concord.record.asking import asked
from concord.record.reviewing import REVIEWING, Reviewing, Side
from concord.store import Reading, Store, Writing, audit_rows, body, people, ties

SHORTEST_WHY, LONGEST_WHY = 5, 500
MOST_ROWS = 200
TOLD_FOR = timedelta(days=14)
"""How long those are told of a change of link who looked before it, and how long before it they must have looked."""

_NOTHING = "There are no such records for you to review."
_LOOKS = ("open", "read", "search")
_LINKED_OTHERWISE = (
    "Both would still be one person, because other records link them. Part those first: what you may see of them is "
    "listed below."
)
_KEPT_APART = "A reviewer keeps records apart that this would bring together. Decide those first."


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
            sight = self._sight(reading, viewer)
            if not sight.allowed:
                return self._audit.refuse(NotFound(_NOTHING), [asked(now, viewer, "link", "nothing")])
            found = [
                LinkRow(one=sight.side(each.one), other=sight.side(each.other), why=each.why)
                for each in islice(sight.waiting(), MOST_ROWS)
            ]
        persons = dict.fromkeys(side.person for row in found for side in (row.one, row.other))
        events = [asked(now, viewer, "link", "shown", person=person) for person in persons]
        return self._audit.record(found, events or [asked(now, viewer, "link", "shown", detail={"count": 0})])

    def under_number(self, number: NhsNumber, viewer: Viewer) -> Audited[Sequence[Side]]:
        """The records of all persons under an NHS number of which the viewer may know, if any is their
        organisation's."""
        now = self._clock.now()
        with self._store.reading() as reading:
            sight = self._sight(reading, viewer)
            if not sight.allowed:
                return self._audit.refuse(NotFound(_NOTHING), [asked(now, viewer, "link", "nothing")])
            sides = [sight.side(source) for source in sight.under(number)]
        events = [asked(now, viewer, "link", "shown", person=side.person) for side in sides]
        return self._audit.record(sides, events or [asked(now, viewer, "link", "nothing")])

    def pair(self, one: str, other: str, viewer: Viewer) -> Audited[LinkPair]:
        """Two records side by side, by the ids of their Patients. NotFound for what is not the viewer's to review."""
        now = self._clock.now()
        with self._store.reading() as reading:
            sight = self._sight(reading, viewer)
            sources = sight.pair(one, other)
            if sources is None:
                return self._audit.refuse(NotFound(_NOTHING), [asked(now, viewer, "link", "nothing")])
            here, there = (sight.side(source) for source in sources)
            pair = LinkPair(
                one=here,
                other=there,
                together=here.person == there.person,
                why=sight.why_waiting(*sources),
                alike=sight.alike(*sources),
                beside=[sight.side(source) for source in sight.linked_with(*sources)],
                said=[
                    Said(says=says, by=author, at=body.instant(at), why=why)
                    for says, author, at, why in ties.said(reading, one, other)
                ],
            )
        persons = dict.fromkeys([here.person, there.person])
        return self._audit.record(pair, [asked(now, viewer, "link", "shown", person=person) for person in persons])

    def say(self, one: str, other: str, viewer: Viewer, *, same: bool, why: str) -> Audited[None]:
        """Link two records, or keep them apart (and unlink them), remembered. NotFound for what is not the viewer's to
        review, Incorrect without a reason, Conflict where other words and links say the opposite."""
        why = " ".join(why.split())
        if not SHORTEST_WHY <= len(why) <= LONGEST_WHY:
            raise Incorrect(f"Say why, in {SHORTEST_WHY} to {LONGEST_WHY} letters.")
        now, says = self._clock.now(), "same" if same else "apart"
        with self._store.writing() as writing:
            sources = self._sight(writing, viewer).pair(one, other)
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

    def _sight(self, reading: Reading, viewer: Viewer) -> Reviewing:
        return Reviewing(reading, self._gate.policy(reading), viewer)


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
