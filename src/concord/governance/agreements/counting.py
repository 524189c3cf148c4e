"""How many people and items a comparison concerns, of those that are held.

Pure. A person is counted for a cell of the comparison when an item of theirs opens (or closes) to some viewer whom the
cell addresses, as they stand to that viewer now. Like the comparison it speaks of the texts, whoever has signed.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from concord.base import OdsCode
from concord.governance.agreement import Condition, When
from concord.governance.agreements.classes import Classes, Related, Unrelated
from concord.governance.agreements.comparison import compare
from concord.governance.agreements.reach import Circumstance, Contributors, ItemClass, Reach
from concord.governance.agreements.reach_words import told
from concord.governance.decision import LOCATING
from concord.governance.directory import Directory
from concord.governance.model import PersonFacts, Relationship, RelationshipKind, Viewer
from concord.governance.policy import Policy
from concord.governance.relationships import held_by, spans
from concord.governance.replaying import Replayed
from concord.governance.situations import ANY_DAY, Held, Situation, as_signed, someone
from concord.governance.wishes import Wishes, wishes_for

_STAYS = (RelationshipKind.ATTENDING, RelationshipKind.INPATIENT)
_INVENTED = (
    "Edith Marlow, 81", "Tom Askew, 34", "Nasreen Qadir, 52", "Oscar Penn, 7", "Ivy Thorne, 68", "Kwame Adjei, 45",
    "Lena Brandt, 29", "Harold Sykes, 90", "Mei Lin, 61", "Ruth Calder, 16",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True, slots=True)
class Concerned:
    """People for whom something opens (or closes), and their items that do. Exact: not for a page."""

    people: int
    items: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Counted:
    """`opens`, `closes`: for each cell of the comparison, in its order. `all_opens`, `all_closes`: each person and
    item once. Of `people` in all, who have `items`."""

    people: int
    items: int
    opens: Sequence[Concerned]
    closes: Sequence[Concerned]
    all_opens: Concerned
    all_closes: Concerned


@dataclass(frozen=True, slots=True)
class _Standing:
    """A class of relationships that a person is in with some of an organisation's staff: those of a service, a role."""

    related: Related
    service: str | None
    role: str | None


@dataclass(frozen=True, slots=True)
class _Stance:
    """All of a person that a decision of one organisation's viewers minds."""

    viewing: OdsCode
    stands: frozenset[_Standing]
    wishes: Wishes
    protected: bool

    def met_by(self, viewer: Viewer) -> frozenset[Related]:
        """The relationships that such a viewer holds."""
        return frozenset(
            each.related
            for each in self.stands
            if each.service in (None, viewer.service) and each.role in (None, viewer.role)
        )

    def said_of(self, item: ItemClass) -> Situation:
        return Situation(
            objects=self.wishes.objection is not None,
            share_out=self.wishes.consented_out(item.contributor),
            share_in=self.wishes.consented_in,
            protected=self.protected,
        )


_Known = dict[ItemClass, tuple[int, ...]]


class Census:
    """Counts person by person. What hangs on the same things is worked out once.

    The cells of the comparison say where to look; whether an item opens (or closes) for somebody who stands in several
    relationships, both versions are asked.
    """

    def __init__(self, before: Policy, after: Policy, staff: Iterable[Viewer], now: datetime) -> None:
        """`staff`: the users, whom relationships may name by staff id."""
        comparison = compare(before, after)
        self._reaches = (*comparison.opens, *comparison.closes)
        self._opening = len(comparison.opens)
        self._pair = [as_signed(each.agreements, each.directory) for each in (before, after)]
        self._related = Classes(
            agreements=[*before.agreements, *after.agreements], directories=[before.directory, after.directory]
        ).related
        self._staff: dict[str, list[Viewer]] = {}
        for each in staff:
            self._staff.setdefault(each.staff_id, []).append(each)
        self._now = now
        self._recipients = frozenset[OdsCode]().union(*(reach.recipients for reach in self._reaches))
        self._for_anybody = frozenset[OdsCode]().union(
            *(reach.recipients for reach in self._reaches if any(isinstance(each, Unrelated) for each in reach.related))
        )
        self._known: dict[_Stance, _Known] = {}
        self._people = [0] * len(self._reaches)
        self._items = [0] * len(self._reaches)
        self._all = [[0, 0], [0, 0]]
        self._counted = [0, 0]

    def add(self, facts: PersonFacts, held: Mapping[ItemClass, int]) -> None:
        """A person, and how many current items of each class they have."""
        self._counted[0] += 1
        self._counted[1] += sum(held.values())
        concerned = self._concerned(facts, held)
        for index, items in concerned.items():
            self._people[index] += 1
            self._items[index] += sum(held[item] for item in items)
        for side, opening in enumerate((True, False)):
            items_once = {
                item for index, items in concerned.items() if (index < self._opening) is opening for item in items
            }
            self._all[side][0] += bool(items_once)
            self._all[side][1] += sum(held[item] for item in items_once)

    def counted(self) -> Counted:
        each = [Concerned(people=people, items=items) for people, items in zip(self._people, self._items, strict=True)]
        opens, closes = (Concerned(people=people, items=items) for people, items in self._all)
        return Counted(
            people=self._counted[0],
            items=self._counted[1],
            opens=each[: self._opening],
            closes=each[self._opening :],
            all_opens=opens,
            all_closes=closes,
        )

    def _concerned(self, facts: PersonFacts, held: Mapping[ItemClass, int]) -> dict[int, set[ItemClass]]:
        """By cell, the classes of the person's items that open, or close, to somebody whom it addresses."""
        found: dict[int, set[ItemClass]] = {}
        standings = self._standings(facts)
        for viewing in standings.keys() | self._for_anybody:
            wishes = wishes_for(viewing, facts.choices, self._now, self._pair[1].directory)
            stance = _Stance(viewing, frozenset(standings.get(viewing, ())), wishes, facts.protected)
            known = self._known.setdefault(stance, {})
            for item in held:
                cells = known.get(item)
                if cells is None:
                    cells = known[item] = tuple(self._cells(stance, item))
                for index in cells:
                    found.setdefault(index, set()).add(item)
        return found

    def _standings(self, facts: PersonFacts) -> dict[OdsCode, set[_Standing]]:
        found: dict[OdsCode, set[_Standing]] = {}
        for relationship in facts.relationships:
            held = standing(relationship, self._now)
            related = () if held is None else [each for each in self._related if held in each]
            for organisation, service, role in self._held_by(relationship) if related else ():
                if organisation in self._recipients:
                    found.setdefault(organisation, set()).update(_Standing(each, service, role) for each in related)
        return found

    def _held_by(self, relationship: Relationship) -> Iterator[tuple[OdsCode, str | None, str | None]]:
        """Organisation, service and role of those who hold it, None for any."""
        if relationship.user is not None:
            for user in self._staff.get(relationship.user, ()):
                if held_by(relationship, user, (user.organisation,)):
                    yield user.organisation, user.service, user.role
        elif relationship.organisation is not None:
            yield relationship.organisation, relationship.service, None

    def _cells(self, stance: _Stance, item: ItemClass) -> Iterator[int]:
        said = stance.said_of(item)
        for index, reach in enumerate(self._reaches):
            if (
                stance.viewing in reach.recipients
                and reach.covers(item, stance.viewing)
                and any(each.is_of(said, item.heading) for each in reach.said)
                and any(self._changes(index, viewer, stance, item) for viewer in self._addressed(reach, stance))
            ):
                yield index

    def _addressed(self, reach: Reach, stance: _Stance) -> Iterator[Viewer]:
        """One of each kind of viewer of an organisation whom the cell addresses."""
        known = (each.service for each in self._pair[1].directory.services_of(stance.viewing))
        services = {None, *known, *reach.services.names, *(each.service for each in stance.stands)}
        for role in sorted(reach.roles):
            yield from (
                someone(role, stance.viewing, service, reach.purpose)
                for service in services
                if service in reach.services
            )

    def _changes(self, index: int, viewer: Viewer, stance: _Stance, item: ItemClass) -> bool:
        """Whether the item opens (or closes) to the viewer, by all the relationships that they hold."""
        reach, met = self._reaches[index], stance.met_by(viewer)
        if not any(not met & each.besides if isinstance(each, Unrelated) else each in met for each in reach.related):
            return False
        broken = False not in reach.broken
        was, now = (_is_open(policy, viewer, stance, item, broken=broken) for policy in self._pair)
        return was != now and now == (index < self._opening)


def _is_open(policy: Policy, viewer: Viewer, stance: _Stance, item: ItemClass, *, broken: bool) -> bool:
    profile = policy.profile(viewer, ANY_DAY)
    met = stance.met_by(viewer)
    bits = sum(
        1 << bit for bit, each in enumerate(profile.conditions) if any(_meets(one, each.condition) for one in met)
    )
    flows = profile.flows.get(item.contributor, ())
    tried = [flow.broken or flow for flow in flows] if broken else flows
    closed = LOCATING if stance.protected and not profile.locates else 0
    opened = Replayed({item.contributor: tried}, bits, stance.wishes, ANY_DAY, closed=closed, guessed=False)
    return opened.clause(item.contributor, item.service, item.heading.bit, item.labels) is not None


def _meets(related: Related, condition: Condition) -> bool:
    """Of the classes that all spans of a word make, each lies within a span or outside it."""
    within = condition.span is None or (related.until is not None and related.until <= condition.span)
    return related.word is condition.word and within


def standing(relationship: Relationship, now: datetime) -> Held | None:
    """The relationship as it bears now: held, ended some time ago, or some time away; None where it bears in no way."""
    start, end, kind = relationship.start_at, relationship.end_at, relationship.kind
    if start is not None and end is not None and end < start:
        return None
    if kind is RelationshipKind.APPOINTMENT:
        if start is None:
            return None
        away = max(start - now, now - (end or start), timedelta())
        return Held(word=When.APPOINTMENT_WITHIN, ago=away)
    if kind in _STAYS and end is not None and end <= now:
        return Held(word=When.DISCHARGED_WITHIN, ago=now - end)
    if not spans((start, end), now):
        return None
    if kind is RelationshipKind.SELF_CLAIMED:
        return None if start is None else Held(word=When.SELF_CLAIMED, ago=now - start)
    return Held(word=When(kind.value))


def invented_example(reach: Reach, directory: Directory, verb: str, nth: int) -> str:
    """One case of the many, of a person who is made up from the cell: nobody held plays a part in it."""
    viewing = min(reach.recipients)
    others = reach.contributors.others - {viewing}
    whose = min(others) if others else viewing
    first = replace(
        reach,
        recipients=frozenset({viewing}),
        roles=frozenset({min(reach.roles)}),
        contributors=Contributors(own=not others, others=frozenset({whose}) if others else frozenset()),
        headings=frozenset({min(reach.headings, key=lambda heading: heading.bit)}),
        related=frozenset({min(reach.related, key=str)}),
        said=frozenset({min(reach.said, key=_unusual)}),
    )
    words = told(first, directory)
    labelled = f", {words.labelled}," if words.labelled else ""
    said = f", {words.said}" if words.said else ""
    name = _INVENTED[nth % len(_INVENTED)]
    return f"{words.who} {verb} {words.what} of {words.whose}{labelled} about {name}, who {words.related}{said}."


def _unusual(said: Circumstance) -> tuple[bool, bool, str]:
    return said.objects, said.protected, str(said)
