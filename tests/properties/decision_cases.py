"""Random cases for the decision's laws, from a vocabulary small enough that everything meets everything.

In one file, since whoever adds a word must see what each kind of case does with it.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import TypeVar

from hypothesis import strategies as st

from concord.base import OdsCode
from concord.governance import PersonFacts, Policy, Viewer, parse_directory
from concord.governance.agreement import Agreement, Clause, Condition, Lift, Override, When
from concord.governance.bars import legal_bars
from concord.governance.directory import Succession
from concord.governance.model import (
    BrokenGlass,
    Choice,
    ChoiceKind,
    Death,
    Proxy,
    Relationship,
    RelationshipKind,
    SourcePatient,
)
from concord.governance.signatures import Intent, Signature
from concord.terminology import Heading, Label
from tests.properties.decision_reference import Item, Rules
from tests.signing import counted

DIRECTORY = parse_directory(
    """
organisations:
  - {code: ZZP01, name: Millbrook Surgery, short: GP, kind: gp-practice, telephone: "0", services: []}
  - {code: ZZA, name: Northfield General, short: Hospital, kind: acute-trust, telephone: "0",
     services: [{service: emergency, name: Emergency}, {service: clinic, name: Clinic}]}
  - {code: ZZL, name: Northfield Council, short: Council, kind: council, telephone: "0",
     services: [{service: adults, name: Adults}]}
""",
    filename="test",
)
T = TypeVar("T")
PRACTICE, HOSPITAL, COUNCIL = OdsCode("ZZP01"), OdsCode("ZZA"), OdsCode("ZZL")
ORGANISATIONS = (PRACTICE, HOSPITAL, COUNCIL)
SERVICES: dict[OdsCode, list[str | None]] = {
    PRACTICE: [None],
    HOSPITAL: ["emergency", "clinic", None],
    COUNCIL: ["adults", None],
}
HEADINGS = (Heading.MEDICATIONS, Heading.PROBLEMS, Heading.SAFEGUARDING, Heading.GP_PRACTICE)
OPEN_LABELS = (Label.MENTAL_HEALTH, Label.HIV)
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
TODAY = NOW.date()
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
TAIL = timedelta(days=14)
WINDOW = timedelta(days=7)
SHIFT = timedelta(hours=8)
OWN_NUMBER, ANOTHER_NUMBER = "9990003114", "9990003203"
CONDITIONS = (
    Condition(word=When.REGISTERED),
    Condition(word=When.ATTENDING),
    Condition(word=When.INPATIENT),
    Condition(word=When.DISCHARGED_WITHIN, span=TAIL),
    Condition(word=When.ON_CASELOAD),
    Condition(word=When.CARE_TEAM),
    Condition(word=When.APPOINTMENT_WITHIN, span=WINDOW),
    Condition(word=When.SELF_CLAIMED, span=SHIFT),
)
# Starts and ends that lie on, just before and just after what can be a boundary at NOW.
EDGES = (
    NOW,
    NOW + TICK,
    NOW - TAIL,
    NOW - TAIL + TICK,
    NOW - WINDOW,
    NOW + WINDOW,
    NOW - SHIFT,
    NOW - 30 * DAY,
    NOW + 30 * DAY,
)


@dataclass(frozen=True, kw_only=True)
class Case:
    viewer: Viewer
    person: PersonFacts
    rules: Rules
    item: Item

    def policy(self, agreements: tuple[Agreement, ...] | None = None) -> Policy:
        texts = self.rules.agreements if agreements is None else agreements
        hashes = {(each.agreement, each.version): each.digest for each in texts}
        return Policy(
            agreements=texts,
            # Laws change the clauses that were signed: what is signed is the text as the law has it.
            signatures=[
                replace(each, hash=hashes.get((each.agreement, each.version), "")) for each in self.rules.signatures
            ],
            directory=self.rules.directory,
            bars=self.rules.bars,
        )


class Dice(random.Random):
    """Hypothesis hands in the seed. Its own draws favour extremes and repeat each other, and the quotas are about
    how often a rule decides; so the dice are plain, and a case that fails is small enough to be read as it is."""

    def percent(self, chance: int) -> bool:
        return self.random() * 100 < chance

    def some(self, of: Sequence[T], chance: int) -> frozenset[T]:
        """Each with that chance; never none at all."""
        return frozenset(each for each in of if self.percent(chance)) or frozenset({self.choice(of)})

    def shuffled(self, of: Sequence[T]) -> list[T]:
        return self.sample(of, len(of))


def cases() -> st.SearchStrategy[Case]:
    """A viewer, a person, rules and an item that often, not always, have to do with each other."""
    return st.integers(0, 2**48).map(lambda seed: case_of(Dice(seed)))


def succeeded_cases() -> st.SearchStrategy[Case]:
    """The same, where some of the organisations have been succeeded by others of them, are from today, or will be."""
    return st.integers(0, 2**48).map(lambda seed: succeeded_case_of(Dice(seed)))


def succeeded_case_of(dice: Dice) -> Case:
    """Facts name the viewer's organisation and those in whose place it stands alike."""
    case = case_of(dice)
    first, second, last = dice.shuffled(ORGANISATIONS)
    days = [TODAY - 30 * DAY, TODAY - DAY, TODAY, TODAY, TODAY + DAY]
    early, late = sorted([dice.choice(days), dice.choice(days)])
    successions = {first: Succession(successor=last, from_on=early)}
    if dice.percent(50):
        onto = dice.choice([second, last])
        successions[first] = Succession(successor=onto, from_on=early)
        successions[second] = Succession(successor=last, from_on=late)
    directory = replace(DIRECTORY, successions=successions)

    def named(code: OdsCode | None) -> OdsCode | None:
        return dice.choice(ORGANISATIONS) if code is not None and dice.percent(60) else code

    person = replace(
        case.person,
        relationships=[replace(each, organisation=named(each.organisation)) for each in case.person.relationships],
        overrides=[
            replace(each, organisation=named(each.organisation) or each.organisation) for each in case.person.overrides
        ],
        choices=[_choice(dice, case.viewer) for _ in range(dice.choice([0, 0, 0, 1, 2, 3]))],
    )
    viewer = replace(case.viewer, organisation=dice.choice([case.viewer.organisation, first, last, last]))
    return replace(case, viewer=viewer, person=person, rules=replace(case.rules, directory=directory))


def own_cases() -> st.SearchStrategy[Case]:
    """The same, of viewers whose own record it may be."""
    return st.integers(0, 2**48).map(lambda seed: own_case_of(Dice(seed)))


def own_case_of(dice: Dice) -> Case:
    case = case_of(dice)
    purpose = "own-access" if dice.percent(70) else case.viewer.purpose
    number = OWN_NUMBER if dice.percent(80) else ANOTHER_NUMBER
    numbers = dice.choice([{OWN_NUMBER}] * 8 + [{OWN_NUMBER, ANOTHER_NUMBER}, set()])
    return replace(
        case,
        viewer=replace(case.viewer, purpose=purpose, nhs_number=number),
        person=replace(case.person, nhs_numbers=frozenset(numbers), number_shared=dice.percent(10)),
    )


def acting_cases() -> st.SearchStrategy[Case]:
    """The same, of viewers who may act for the person."""
    return st.integers(0, 2**48).map(lambda seed: acting_case_of(Dice(seed)))


def acting_case_of(dice: Dice) -> Case:
    case = case_of(dice)
    births = [f"{TODAY.year - age}-11-22" for age in (10, 11, 15, 16, 18, 40)] + ["2015-11-23", "2010", "2015-11", "x"]
    choices = [] if dice.percent(75) else list(case.person.choices)
    choices += [_of_proxies(dice) for _ in range(dice.choice([0, 1, 1, 1, 2]))]
    person = replace(
        case.person,
        nhs_numbers=frozenset(dice.choice([{ANOTHER_NUMBER}] * 9 + [{ANOTHER_NUMBER, "9990003300"}, set()])),
        number_shared=dice.percent(4),
        proxies=[_proxy(dice) for _ in range(dice.choice([0, 1, 1, 1, 2, 3]))],
        born_on=dice.sample(births, dice.choice([0, *[1] * 12, 2])),
        protected=dice.percent(6),
        choices=choices,
        death=None if dice.percent(95) else Death(at=NOW - DAY),
    )
    if dice.percent(40):
        person = _of_somebody_who_acts(dice, person)
    purpose = "own-access" if dice.percent(92) else "direct-care"
    return replace(case, viewer=replace(case.viewer, purpose=purpose, nhs_number=OWN_NUMBER), person=person)


def _of_somebody_who_acts(dice: Dice, person: PersonFacts) -> PersonFacts:
    """The same of the right age, with a proxy whom the practice names, and the person's word."""
    kind, ages = dice.choice(
        [
            ("parental-responsibility", [10, 11, 15]),
            ("health-and-welfare-attorney", [18, 40]),
            ("named-by-the-person", [16, 40]),
        ]
    )
    named = replace(_proxy(dice), nhs_number=OWN_NUMBER, kind=kind, given=True, contributor=PRACTICE)
    agreed = replace(_of_proxies(dice), given=True, contributor=PRACTICE)
    born_on = [f"{TODAY.year - dice.choice(ages)}-11-22"]
    return replace(person, proxies=[named], choices=[*person.choices, agreed], born_on=born_on)


def _proxy(dice: Dice) -> Proxy:
    start, end = _spell(dice)
    return Proxy(
        nhs_number=dice.choice([OWN_NUMBER] * 12 + ["9990003408"]),
        kind=dice.choice(["parental-responsibility", "health-and-welfare-attorney", "named-by-the-person"]),
        given=dice.percent(92),
        contributor=dice.choice([PRACTICE] * 8 + [HOSPITAL, COUNCIL]),
        start_at=start,
        end_at=end,
    )


def _of_proxies(dice: Dice) -> Choice:
    start, end = _spell(dice)
    return Choice(
        kind=ChoiceKind.PROXY_ACCESS,
        given=dice.percent(85),
        contributor=dice.choice([*[PRACTICE] * 6, HOSPITAL, None]),
        organisation=None,
        silent=False,
        start_at=start,
        end_at=end,
    )


def case_of(dice: Dice) -> Case:
    viewer = _viewer(dice)
    return Case(viewer=viewer, person=_person(dice, viewer), rules=_rules(dice, viewer), item=_item(dice))


def _viewer(dice: Dice) -> Viewer:
    organisation = dice.choice([HOSPITAL, HOSPITAL, HOSPITAL, PRACTICE, COUNCIL])
    return Viewer(
        user="user",
        name="Name",
        title="Title",
        staff_id="555000000001",
        organisation=organisation,
        service=dice.choice(SERVICES[organisation]),
        role=dice.choice(["doctor"] * 4 + ["nurse"]),
        teams=frozenset({"red"}),
        purpose="direct-care",
        with_overrides=dice.percent(90),
    )


def _rules(dice: Dice, viewer: Viewer) -> Rules:
    agreements = [_agreement(dice, name, viewer) for name in ("alpha", "beta")[: dice.randint(1, 2)]]
    signatures = [
        signature
        for each in agreements
        for party in ORGANISATIONS
        if dice.percent(99)
        for signature in _said(dice, replace(each, version=each.version - dice.percent(2)), party)
    ]
    return Rules(agreements=agreements, signatures=signatures, directory=DIRECTORY, bars=legal_bars())


def _said(dice: Dice, agreement: Agreement, party: OdsCode) -> Iterator[Signature]:
    """A signature, most often; now and then taken back, and given again."""
    days = [TODAY - 100 * DAY] * 20 + [TODAY, TODAY + DAY]
    yield counted(agreement, party, from_on=dice.choice(days))
    if dice.percent(2):
        back = dice.choice([Intent.SUSPEND, Intent.WITHDRAW])
        yield counted(agreement, party, number=2, intent=back, from_on=dice.choice(days))
        if dice.percent(50):
            yield counted(agreement, party, number=3, from_on=dice.choice(days))


def _agreement(dice: Dice, name: str, viewer: Viewer) -> Agreement:
    started, ends = TODAY - 200 * DAY, TODAY + 200 * DAY
    return Agreement(
        agreement=name,
        title=f"Agreement {name}",
        version=2,
        purpose=dice.choice(["direct-care"] * 48 + ["safeguarding", "research"]),
        lawful_basis=("6(1)(e)",),
        confidence=("implied-consent",),
        from_on=dice.choice([started] * 15 + [TODAY, TODAY + DAY]),
        review_on=ends,
        until_on=dice.choice([ends] * 15 + [TODAY, TODAY - DAY]),
        parties=frozenset(ORGANISATIONS),
        clauses=tuple(_clause(dice, f"clause-{letter}", viewer) for letter in "cab"[: dice.randint(1, 3)]),
        locating_roles=dice.some(["doctor", "nurse"], 60),
    )


def _clause(dice: Dice, id_: str, viewer: Viewer) -> Clause:
    own = dice.percent(10)
    contributors = dice.some(ORGANISATIONS, 94)
    headings = dice.some(HEADINGS, 94)
    taking = dice.some(["doctor", "nurse"], 90)
    return Clause(
        id=id_,
        contributors=contributors,
        contributing_services=_services(dice),
        headings=headings | ({Heading.UNCLASSIFIED} if dice.percent(10) else frozenset()),
        own=own,
        recipients=contributors if own else dice.some(ORGANISATIONS, 30) | {viewer.organisation},
        recipient_services=_services(dice),
        roles=taking,
        when=tuple(sorted(dice.some(CONDITIONS, 70))),
        explicit_out=dice.percent(16),
        explicit_in=dice.percent(10),
        despite_objection=frozenset(each for each in headings if dice.percent(20)),
        # Labels that no parser lets through stand here too: the decision does not rely on the parser.
        allows=frozenset(each for each in Label if dice.percent(66 if each in OPEN_LABELS else 15)),
        override=_override(dice, taking) if dice.percent(72) else None,
    )


def _override(dice: Dice, roles: frozenset[str]) -> Override:
    return Override(
        roles=dice.some(sorted(roles), 80),
        lifts=dice.some(list(Lift), 60),
        labels=frozenset(each for each in Label if dice.percent(40 if each in OPEN_LABELS else 10)),
        span=dice.choice([timedelta(hours=4), timedelta(hours=4), SHIFT]),
    )


def _services(dice: Dice) -> frozenset[str] | None:
    return dice.some(["emergency", "clinic", "adults"], 60) if dice.percent(8) else None


def _person(dice: Dice, viewer: Viewer) -> PersonFacts:
    contributors = [each for each in (*ORGANISATIONS, HOSPITAL) if dice.percent(85)]
    return PersonFacts(
        sources=[SourcePatient(home=7, number=n, organisation=each) for n, each in enumerate(contributors)],
        relationships=[_relationship(dice, viewer) for _ in range(dice.randint(2, 7))],
        choices=[_choice(dice, viewer) for _ in range(dice.choice([0] * 12 + [1, 1, 2, 3]))],
        protected=dice.percent(45),
        overrides=[_broken_glass(dice, viewer) for _ in range(dice.choice([0, 1, 1, 2]))],
        death=_death(dice) if dice.percent(8) else None,
    )


def _death(dice: Dice) -> Death:
    """Just now, or as long ago as some relationship lasts after it, to the instant; or on no day that anybody names."""
    ago = dice.choice([timedelta(), DAY, 14 * DAY, 28 * DAY, 90 * DAY])
    return Death(at=dice.choice([NOW - ago, NOW - ago, NOW - ago + TICK, None]))


def _broken_glass(dice: Dice, viewer: Viewer) -> BrokenGlass:
    """Often just now; or ended, or begun as long ago as a clause lets it last, or somebody else's."""
    start = NOW - dice.choice([timedelta()] * 6 + [TICK, timedelta(hours=4) - TICK, timedelta(hours=4), SHIFT, -TICK])
    return BrokenGlass(
        user=dice.choice([viewer.user] * 12 + ["another"]),
        organisation=dice.choice([viewer.organisation] * 12 + [PRACTICE]),
        role=dice.choice([viewer.role] * 12 + ["receptionist"]),
        start_at=start,
        end_at=dice.choice([start + SHIFT] * 8 + [NOW, NOW + TICK]),
    )


def _relationship(dice: Dice, viewer: Viewer) -> Relationship:
    start, end = _spell(dice)
    return Relationship(
        kind=dice.choice([*RelationshipKind, RelationshipKind.INPATIENT, RelationshipKind.ATTENDING]),
        organisation=dice.choice([viewer.organisation] * 12 + [None, PRACTICE]),
        service=dice.choice([None] * 12 + ["emergency", "clinic"]),
        team=dice.choice([None] * 12 + ["red", "blue"]),
        user=dice.choice([None] * 12 + [viewer.staff_id, "555000000002"]),
        start_at=start,
        end_at=end,
    )


def _spell(dice: Dice) -> tuple[datetime | None, datetime | None]:
    start = dice.choice([None, *[NOW - 30 * DAY] * 20, *EDGES])
    return start, dice.choice([*[None] * 20, *EDGES])


def _choice(dice: Dice, viewer: Viewer) -> Choice:
    start, end = _spell(dice)
    return Choice(
        kind=dice.choice([*ChoiceKind, ChoiceKind.SHARE_OUT, ChoiceKind.SHARE_OUT, ChoiceKind.SHARE_IN]),
        given=dice.percent(60),
        contributor=dice.choice(ORGANISATIONS),
        organisation=dice.choice([None, viewer.organisation, viewer.organisation, *ORGANISATIONS]),
        silent=dice.percent(40),
        start_at=start,
        end_at=end,
        firm=dice.percent(30),
    )


def _item(dice: Dice) -> Item:
    organisation = dice.choice(ORGANISATIONS)
    return Item(
        organisation=organisation,
        service=dice.choice(SERVICES[organisation]),
        heading=dice.choice([*HEADINGS * 8, Heading.UNCLASSIFIED]),
        labels=dice.choice(LABEL_SETS),
    )


LABEL_SETS = (
    *[frozenset[Label]()] * 14,
    *[frozenset({label}) for label in OPEN_LABELS] * 2,
    *[frozenset(OPEN_LABELS)] * 2,
    frozenset({Label.RESTRICTED}),
    frozenset({Label.UNKNOWN}),
    frozenset({Label.SEALED_FLAGGED}),
    frozenset({Label.SEALED_LOCKED, Label.HIV}),
    *[frozenset({Label.GENDER_HISTORY})] * 2,
    frozenset({Label.THIRD_PARTY}),
    frozenset({Label.NOT_FOR_THE_PERSON, Label.MENTAL_HEALTH}),
)


def every_item() -> Iterator[Item]:
    """All items that the vocabulary can name, for laws about everything that a decision opens."""
    for organisation in ORGANISATIONS:
        for service, heading in product(SERVICES[organisation], [*HEADINGS, Heading.UNCLASSIFIED]):
            for labels in dict.fromkeys(LABEL_SETS):
                yield Item(organisation=organisation, service=service, heading=heading, labels=labels)


EVERY_ITEM = tuple(every_item())
