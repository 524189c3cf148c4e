"""Watching for misuse: the accesses of the past gathered from the audit, judged, and the odd ones put on the worklist.

Under a duty of its own (`misuse-detection`). What it reads of people is names, addresses, relationships and when the
user's organisation recorded something; nothing of it goes further than the worklist of the privacy officer.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from concord.accounts import User
from concord.audit import Action, Audited, AuditEvent, AuditWriter, Kept, looks_since
from concord.base import Clock, IdSource, PersonId
from concord.governance import OWN_ACCESS, PATIENT, Duty, RelationshipKind, permit_duty
from concord.record.alerts import CLOSED
from concord.record.misuse import Access, Near, Odd, Rota, Tie, Verdict, parse_rota, rank
from concord.record.misuse.names import Home, Name, Namesakes, name_of_user, namesakes, ties
from concord.store import Reading, Store, account_rows, body, oddities, people
from concord.store.oddities import OddityRow

_WATCHING = permit_duty(Duty(name="misuse-detection"))
_ACTIONS: tuple[Action, ...] = ("open", "read", "search", "list")
_AROUND = timedelta(days=7)
_BESIDE = timedelta(days=1)
_HABIT = timedelta(days=56)
"""How far back accesses are gathered, to know what is usual for a user."""
_STANDING = (RelationshipKind.REGISTERED, RelationshipKind.NOMINATED_PHARMACY, RelationshipKind.SELF_CLAIMED)
"""What goes on for years, or is the user's own word, says nothing of this week's care."""


class Watch:
    def __init__(self, store: Store, audit: AuditWriter, clock: Clock, ids: IdSource) -> None:
        self._store = store
        self._audit = audit
        self._clock = clock
        self._ids = ids

    def look(self, *, within: timedelta, rota: str = "") -> Audited[int]:
        """Judge the accesses `within` the time up to now, beside those of eight weeks; how many new ones are put on the
        worklists of the users' organisations. `rota`: when they were at work, as far as that is known (CSV, see
        `misuse.rota`). Raises Incorrect for a rota that cannot be read."""
        shifts = parse_rota(rota)
        now = self._clock.now()
        with self._store.reading() as reading:
            gathered = _Gathering(reading, now - max(within, _HABIT), shifts).all()
            odd = rank([each.access for each in gathered], _verdicts(reading))
        names = {id(each.access): each.shown_name for each in gathered}
        since = now - within
        rows = [self._row(each, names[id(each.access)]) for each in odd if each.access.at >= since]
        with self._store.writing() as writing:
            added = sum(oddities.add(writing, row) for row in rows)
        told = AuditEvent(
            at=now, action="look-at-audit", outcome="shown", who="duty:misuse-detection", detail={"count": added}
        )
        return self._audit.record(added, [told])

    def _row(self, odd: Odd, shown_name: str) -> OddityRow:
        access = odd.access
        return OddityRow(
            reference=self._ids.fresh(),
            person=access.person,
            holder=access.user,
            shown_name=shown_name,
            organisation=access.organisation,
            service=access.service,
            role=access.role,
            at=body.microseconds(access.at),
            looks=access.looks,
            points=round(odd.points * 10),
            whys=" ".join(odd.whys),
            explanation=odd.explanation.name if odd.explanation else "",
        )


def _verdicts(reading: Reading) -> list[Verdict]:
    """What reviewers made of accesses that stood on the worklist before."""
    rows = oddities.every(reading)
    steps = oddities.reviews(reading, [row.reference for row in rows])
    closed = [(row, str(steps[row.reference][-1][2])) for row in rows if steps[row.reference]]
    return [
        Verdict(
            user=row.holder,
            person=row.person,
            justified=step == f"{CLOSED}justified",
            whys=frozenset(row.whys.split()),
        )
        for row, step in closed
        if step.startswith(CLOSED)
    ]


@dataclass(frozen=True, kw_only=True)
class _Gathered:
    access: Access
    shown_name: str


class _Gathering:
    """Accesses as `misuse` judges them, person by person, in one snapshot."""

    def __init__(self, reading: Reading, since: datetime, rota: Rota) -> None:
        self._reading = reading
        self._since = since
        self._rota = rota
        self._users = {user.user: user for user in account_rows.users(reading)}
        self._names = {name: user for name, of in self._users.items() if (user := name_of_user(of.name))}
        self._namesakes = self._known()
        self._homes: dict[str, Home] = {}

    def all(self) -> list[_Gathered]:
        found: list[_Gathered] = []
        of_person: list[Kept] = []
        for row in looks_since(self._reading, self._since, _ACTIONS):
            if of_person and of_person[0].event.person != row.event.person:
                found += self._of(of_person)
                of_person = []
            of_person.append(row)
        return found + (self._of(of_person) if of_person else [])

    def _known(self) -> Namesakes:
        return namesakes(
            ((person, family, shown) for person, family, shown in oddities.everybodys_names(self._reading, _WATCHING)),
            self._names.values(),
        )

    def _of(self, rows: Sequence[Kept]) -> list[_Gathered]:
        """The rows of one person, gathered by user and day."""
        days: dict[tuple[str, date], list[Kept]] = defaultdict(list)
        listed: set[tuple[str, date]] = set()
        for row in rows:
            key = (row.event.who, row.event.at.date())
            if row.event.action == "list":
                listed.add(key)
            elif row.event.outcome != "nothing" and "role" in row.event.context and not _by_right(row):
                days[key].append(row)
        if not days:
            return []
        person = _Person(self._reading, rows[0].event.person or PersonId(""))
        return [
            self._gathered(person, looks, listed=(user, day) in listed or (user, day - _BESIDE) in listed)
            for (user, day), looks in days.items()
        ]

    def _gathered(self, person: "_Person", looks: Sequence[Kept], *, listed: bool) -> _Gathered:
        first, told = looks[0].event, looks[0].event.context
        held = {str(word).partition(" ")[0] for look in looks for word in look.event.context.get("held", ())}
        user = self._users.get(first.who)
        organisation, service = str(told["organisation"]), told.get("service")
        return _Gathered(
            access=Access(
                user=first.who,
                organisation=organisation,
                service=service,
                role=str(told["role"]),
                person=person.person,
                at=first.at,
                looks=len(looks),
                near=person.near(user, organisation, service, first.at) if user else Near.NOT,
                related=bool(held),
                contact=person.contact(organisation, first.at),
                listed=listed,
                own_word=any("override" in look.event.context for look in looks) or "self-claimed" in held,
                ties=self._ties(person.person, first.who, organisation, first.at.date()),
                on_shift=self._rota.on_shift(first.who, first.at),
            ),
            shown_name=str(told.get("name", "")),
        )

    def _ties(self, person: str, user: str, organisation: str, on: date) -> frozenset[Tie]:
        name, home = self._names.get(user), self._home(person)
        own = self._namesakes.of(name)
        colleagues = frozenset[str]().union(
            *(self._namesakes.of(other) for other in self._names_at(organisation) if other != name)
        )
        theirs = {each: self._home(each) for each in own}
        return ties(person, home, name, theirs, colleagues, on, rare=self._namesakes.is_rare(home.family))

    def _names_at(self, organisation: str) -> list[Name]:
        staff = [user for user in self._names if self._users[user].role != PATIENT]
        return [self._names[user] for user in staff if self._users[user].organisation == organisation]

    def _home(self, person: str) -> Home:
        if person not in self._homes:
            self._homes[person] = Home.of(people.of_person(self._reading, _WATCHING, PersonId(person)))
        return self._homes[person]


def _by_right(row: Kept) -> bool:
    """Whether somebody looked at their own record, or at that of somebody for whom they act."""
    return row.event.context.get("purpose") == OWN_ACCESS


class _Person:
    """Who had to do with one person, and when."""

    def __init__(self, reading: Reading, person: PersonId) -> None:
        self.person = person
        self._reading = reading
        self._sources = people.linked(reading, person)
        self._related = [
            each for home, number, _ in self._sources for each in oddities.relationships(reading, (home, number))
        ]
        self._moments: dict[str, list[int]] = {}

    def near(self, user: User, organisation: str, service: str | None, at: datetime) -> Near:
        """By the relationships of the day and of those beside it."""
        low, high = body.microseconds(at - _BESIDE), body.microseconds(at + _BESIDE)
        near = Near.NOT
        for each in self._related:
            if (each.starts_at or low) > high or (each.ends_at or high) < low:
                continue
            if each.holder is not None and each.holder == user.staff_id:
                return Near.NAMED
            if each.organisation != organisation or each.kind in _STANDING or each.holder is not None:
                continue
            if each.team is not None:
                if each.team in user.teams:
                    return Near.NAMED
            elif service is None or service in (each.service, self._service_of(each)):
                near = Near.SERVICE
        return near

    def _service_of(self, related: oddities.Related) -> str | None:
        return self._reading.words.text(self._reading, related.of_service) if related.of_service else None

    def contact(self, organisation: str, at: datetime) -> bool:
        """Whether the organisation recorded something that is not private in the days around."""
        if organisation not in self._moments:
            self._moments[organisation] = sorted(
                moment
                for home, number, of in self._sources
                if of == organisation
                for moment in oddities.moments(self._reading, _WATCHING, (home, number))
            )
        moments = self._moments[organisation]
        place = bisect_left(moments, body.microseconds(at - _AROUND))
        return place < len(moments) and moments[place] <= body.microseconds(at + _AROUND)
