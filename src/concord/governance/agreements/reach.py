"""Who sees what, by enumeration: the decision itself, asked once for each class, gathered into few descriptions."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from itertools import product

from concord.base import OdsCode
from concord.governance.agreement import Agreement
from concord.governance.agreements.classes import Classes, Related, Services, Unrelated, ViewerClass
from concord.governance.decision import LOCATING, decide
from concord.governance.model import Choice, ChoiceKind, Viewer
from concord.governance.policy import Policy, Profile
from concord.governance.relationships import spans
from concord.governance.situations import ANY_DAY, Situation, as_signed, between, someone
from concord.governance.spans import is_within
from concord.terminology import HEADINGS, Heading

Region = frozenset[tuple[int, frozenset[int]]]
"""Sets of labels (stored form): those that fit, in some pair, within the first mask and within none of the second."""
_Masks = frozenset[int]
_Cell = tuple[str | None, int, int]  # service, headings, labels of an open cell
_Opened = Mapping[OdsCode, Sequence[_Cell]]


@dataclass(frozen=True, kw_only=True, slots=True)
class Contributors:
    """Whose items: the viewer's `own` organisation's, and those of `others`."""

    own: bool
    others: frozenset[OdsCode]

    def __or__(self, more: "Contributors") -> "Contributors":
        return Contributors(own=self.own or more.own, others=self.others | more.others)

    def includes(self, contributor: OdsCode, viewing: OdsCode) -> bool:
        return self.own if contributor == viewing else contributor in self.others


@dataclass(frozen=True, kw_only=True, slots=True)
class Circumstance:
    """What the person has said: consents recorded as given (None: no clause asks), an objection; and whether their
    whereabouts are `protected`."""

    share_out: bool | None = None
    share_in: bool | None = None
    objects: bool = False
    protected: bool = False

    @property
    def situation(self) -> Situation:
        return Situation(
            objects=self.objects,
            share_out=True if self.share_out else None,
            share_in=True if self.share_in else None,
            protected=self.protected,
        )

    def is_of(self, situation: Situation, heading: Heading) -> bool:
        locates = bool(LOCATING >> heading.bit & 1)
        return (
            self.share_out in (None, bool(situation.share_out))
            and self.share_in in (None, bool(situation.share_in))
            and self.objects == situation.objects
            and self.protected == (situation.protected and locates)
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ItemClass:
    """Items of one contributor, service and heading that carry the same labels (stored form)."""

    contributor: OdsCode
    service: str | None
    heading: Heading
    labels: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Reach:
    """Each of these viewers sees each of these items of a person in each of these situations.

    A person is in one of the situations when one of their relationships is `related`, what they have said is one of
    `said`, and whether the viewer has broken the glass is among `broken`. What locates nobody is the same whether or
    not the person is protected, and stands here once, as if not.
    """

    purpose: str
    recipients: frozenset[OdsCode]
    services: Services
    roles: frozenset[str]
    contributors: Contributors
    contributing: Services
    headings: frozenset[Heading]
    labels: Region
    related: frozenset[Related | Unrelated]
    said: frozenset[Circumstance]
    broken: frozenset[bool]

    def includes(self, viewer: Viewer, item: ItemClass, situation: Situation) -> bool:
        """Whether it says that this viewer sees this item of a person in this situation.

        A refusal of consent closes all between organisations.
        """
        refused = situation.share_out is False or situation.share_in is False
        return (
            self.addresses(viewer)
            and not (refused and item.contributor != viewer.organisation)
            and self.covers(item, viewer.organisation)
            and any(said.is_of(situation, item.heading) for said in self.said)
            and self.relates(situation)
        )

    def holds_in(self, situation: Situation) -> bool:
        """Whether it says anything about a person in this situation."""
        return self.relates(situation) and any(
            said.is_of(situation, heading) for said in self.said for heading in self.headings
        )

    def relates(self, situation: Situation) -> bool:
        """Of the person's relationships one that fits is enough; to be unrelated, none may fit anything asked for."""
        return situation.overrides in self.broken and any(
            (all if isinstance(related, Unrelated) else any)(held in related for held in situation.held)
            for related in self.related
        )

    def addresses(self, viewer: Viewer) -> bool:
        return (
            viewer.purpose == self.purpose
            and viewer.organisation in self.recipients
            and viewer.service in self.services
            and viewer.role in self.roles
        )

    def covers(self, item: ItemClass, viewing: OdsCode) -> bool:
        return (
            self.contributors.includes(item.contributor, viewing)
            and item.service in self.contributing
            and item.heading in self.headings
            and fits(item.labels, self.labels)
        )


def fits(labels: int, region: Region) -> bool:
    return any(labels & ~mask == 0 and all(labels & ~lower for lower in below) for mask, below in region)


def reaches(policy: Policy) -> tuple[Reach, ...]:
    """All that the agreements of the policy open, once every party has signed and while they are in force."""
    nothing = Policy(agreements=(), signatures=(), directory=policy.directory)
    return differences(nothing, policy)[0]


def differences(before: Policy, after: Policy) -> tuple[tuple[Reach, ...], tuple[Reach, ...]]:
    """What opens and what closes between two policies, exactly; of both, whoever has signed and on whatever day."""
    classes = Classes(
        agreements=[*before.agreements, *after.agreements], directories=[before.directory, after.directory]
    )
    pair = [as_signed(each.agreements, each.directory, among=classes.tried) for each in (before, after)]
    opens: list[Reach] = []
    closes: list[Reach] = []
    for viewers in classes.viewers():
        asked = tuple(classes.contributors(viewers))
        standings = _standings(classes, overridable=any(_of(policy, viewers).override_spans for policy in pair))
        for standing, said in product(standings, circumstances(classes)):
            one, other = (_opened(policy, viewers, standing, said.situation, classes.tried) for policy in pair)
            if one != other:
                opens.extend(_atoms(asked, viewers, standing, said, one, other))
                closes.extend(_atoms(asked, viewers, standing, said, other, one))
    return gathered(opens), gathered(closes)


@dataclass(frozen=True, kw_only=True, slots=True)
class About:
    """What is known of one person, however they are related to anybody: what they have chosen, of whatever time, and
    whether their whereabouts are protected."""

    choices: tuple[Choice, ...] = ()
    protected: bool = False

    @property
    def named(self) -> frozenset[OdsCode]:
        """The organisations of which a choice speaks."""
        of_each = ({choice.contributor, choice.organisation} for choice in self.choices)
        return frozenset(code for codes in of_each for code in codes if code is not None)

    @property
    def circumstance(self) -> Circumstance:
        objects = any(each.kind is ChoiceKind.OBJECTION and not each.given for each in self.choices)
        return Circumstance(objects=objects, protected=self.protected)


def reaches_about(policy: Policy, about: About, now: datetime) -> tuple[Reach, ...]:
    """All that is open of one person to whoever stands to them as it says: as is signed and in force now, and under
    their choices. What each says of the person is so of this one: ask it `covers` and `relates`, not `includes`."""
    agreements, directory = tuple(_in_force(policy, now)), policy.directory.settled(now)
    succeeded = {code for old in directory.successions for code in directory.line(old, now)}
    classes = Classes(agreements=agreements, directories=[directory], apart=about.named | succeeded)
    trying = replace(as_signed(agreements, directory, among=classes.tried), directory=directory)
    chosen = tuple(
        replace(choice, start_at=None, end_at=None)
        for choice in about.choices
        if spans((choice.start_at, choice.end_at), now)
    )
    said = replace(about.circumstance, protected=False)
    found: list[Reach] = []
    for viewers in classes.viewers():
        asked = tuple(classes.contributors(viewers))
        for standing in _standings(classes, overridable=bool(_of(trying, viewers).override_spans)):
            situation = Situation(chosen=chosen, protected=about.protected)
            opened = _opened(trying, viewers, standing, situation, classes.tried)
            found.extend(_atoms(asked, viewers, standing, said, {}, opened))
    return gathered(found)


def _in_force(policy: Policy, now: datetime) -> Iterator[Agreement]:
    """The agreements whose dates act now, between those whose signature counts."""
    for agreement in policy.agreements:
        parties = frozenset(each for each in agreement.parties if is_within(policy.live(agreement, each, each), now))
        if parties:
            yield between(agreement, parties)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Standing:
    """How a person stands to the viewer, and for whom it stands: for who has broken the glass, has not, or both."""

    related: Related | Unrelated
    broken: frozenset[bool]

    @property
    def overrides(self) -> bool:
        return self.broken == {True}


def _standings(classes: Classes, *, overridable: bool) -> list[_Standing]:
    """To viewers for whom no clause gives way breaking the glass changes nothing; without it nothing opens to the
    unrelated."""
    if not overridable:
        return [_Standing(related=each, broken=frozenset({False, True})) for each in classes.related]
    unrelated = Unrelated(besides=frozenset(classes.related))
    everybody: list[Related | Unrelated] = [*classes.related, unrelated]
    whole = [_Standing(related=each, broken=frozenset({False})) for each in classes.related]
    return whole + [_Standing(related=each, broken=frozenset({True})) for each in everybody]


_LOCATING_HEADINGS = tuple(heading for heading in HEADINGS if LOCATING >> heading.bit & 1)


def circumstances(classes: Classes) -> list[Circumstance]:
    """What people can have said that some clause minds; a consent that no clause asks for changes nothing."""
    clauses = [clause for agreement in classes.agreements for clause in agreement.clauses]
    asked_out = (False, True) if any(clause.explicit_out for clause in clauses) else (None,)
    asked_in = (False, True) if any(clause.explicit_in for clause in clauses) else (None,)
    return [
        Circumstance(share_out=share_out, share_in=share_in, objects=objects, protected=protected)
        for share_out, share_in, objects, protected in product(asked_out, asked_in, (False, True), (False, True))
    ]


def _opened(
    policy: Policy, viewers: ViewerClass, standing: _Standing, known: Situation, contributors: Iterable[OdsCode]
) -> _Opened:
    """The cells that the decision opens to one viewer of the class, by contributor. `known`: of the person, but for how
    they stand to the viewer."""
    viewer, profile = _example(viewers), _of(policy, viewers)
    held = standing.related.example
    asked = {each.condition.word for each in profile.conditions}
    if (held is None or held.word not in asked) and not (standing.overrides and profile.override_spans):
        return {}
    situation = replace(known, held=() if held is None else (held,), overrides=standing.overrides)
    sources = sorted(contributors)
    opened: dict[OdsCode, list[_Cell]] = {}
    for cell in decide(viewer, situation.facts(viewer.organisation, sources, ANY_DAY), policy, ANY_DAY).openings:
        opened.setdefault(sources[cell.source_patient], []).append((cell.service, cell.headings, cell.labels))
    return opened


def _example(viewers: ViewerClass) -> Viewer:
    return someone(min(viewers.roles), min(viewers.organisations), viewers.services.example, viewers.purpose)


def _of(policy: Policy, viewers: ViewerClass) -> Profile:
    return policy.profile(_example(viewers), ANY_DAY)


def _atoms(
    asked: Iterable[tuple[OdsCode, frozenset[OdsCode] | None, Services]],
    viewers: ViewerClass,
    standing: _Standing,
    said: Circumstance,
    before: _Opened,
    after: _Opened,
) -> Iterator[Reach]:
    """What is in `after` and not in `before`, for one class of viewers and one situation."""
    for contributor, alike, services in asked:
        was = [cell for cell in before.get(contributor, ()) if cell[0] in (None, services.example)]
        now = [cell for cell in after.get(contributor, ()) if cell[0] in (None, services.example)]
        if now and was != now:
            for labels, headings in _regions(was, now, _LOCATING_HEADINGS if said.protected else HEADINGS):
                yield Reach(
                    purpose=viewers.purpose,
                    recipients=viewers.organisations,
                    services=viewers.services,
                    roles=viewers.roles,
                    contributors=Contributors(own=alike is None, others=alike or frozenset()),
                    contributing=services,
                    headings=headings,
                    labels=labels,
                    related=frozenset({standing.related}),
                    said=frozenset({said}),
                    broken=standing.broken,
                )


def _regions(
    was: Sequence[_Cell], now: Sequence[_Cell], headings: Iterable[Heading]
) -> Iterator[tuple[Region, frozenset[Heading]]]:
    """What is open `now` and not before, by sets of labels, and under which headings each."""
    alike: dict[tuple[_Masks, _Masks], set[Heading]] = {}
    opened = 0
    for _, set_, _ in now:
        opened |= set_
    for heading in headings:
        if opened >> heading.bit & 1:
            alike.setdefault((_masks(was, heading), _masks(now, heading)), set()).add(heading)
    found: dict[Region, frozenset[Heading]] = {}
    for (before, after), of_both in alike.items():
        if region := _beyond(before, after):
            found[region] = found.get(region, frozenset()) | of_both
    yield from found.items()


def _masks(cells: Iterable[_Cell], heading: Heading) -> _Masks:
    """The label masks under which a heading is open."""
    bit = heading.bit
    return frozenset(labels for _, headings, labels in cells if headings >> bit & 1)


def _beyond(before: _Masks, after: _Masks) -> Region:
    """The sets of labels that fit within one of `after` and within none of `before`, each described one way."""
    region = set()
    for mask in _widest(after):
        below = _widest(frozenset(mask & lower for lower in before))
        if mask not in below:
            region.add((mask, below))
    return frozenset(region)


def _widest(masks: _Masks) -> _Masks:
    return frozenset(mask for mask in masks if not any(mask != other and mask & ~other == 0 for other in masks))


# In the order in which likeness reads best: first what a line lists, last whom it addresses.
_GATHERED = ("broken", "contributing", "services", "said", "related", "headings", "contributors", "roles", "recipients")


def gathered(atoms: Iterable[Reach]) -> tuple[Reach, ...]:
    """The same, in fewer: those that differ in one respect alone become one, again until nothing does."""
    found = tuple(atoms)
    while True:
        fewer = found
        for name in _GATHERED:
            fewer = _gathered_by(name, fewer)
        if len(fewer) == len(found):
            return tuple(sorted(fewer, key=_reading_order))
        found = fewer


def _gathered_by(name: str, reached: Iterable[Reach]) -> tuple[Reach, ...]:
    others = [each.name for each in fields(Reach) if each.name != name]
    groups: dict[tuple[object, ...], Reach] = {}
    for each in reached:
        key = tuple(getattr(each, other) for other in others)
        first = groups.get(key)
        groups[key] = each if first is None else replace(first, **{name: getattr(first, name) | getattr(each, name)})
    return tuple(groups.values())


def _reading_order(reach: Reach) -> tuple[object, ...]:
    """By whom it addresses, then its own record before others', then the rest in a fixed order."""
    return (
        reach.purpose,
        sorted(reach.recipients),
        sorted(reach.services.names),
        reach.services.other,
        sorted(reach.roles),
        not reach.contributors.own,
        sorted(reach.contributors.others),
        sorted(reach.contributing.names),
        sorted(heading.bit for heading in reach.headings),
        sorted((mask, sorted(below)) for mask, below in reach.labels),
        sorted(str(each) for each in reach.related),
        sorted(str(each) for each in reach.said),
        sorted(reach.broken),
    )
