"""What a comparison counts over people is what the decision would say of each of them, viewer by viewer."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import product

from hypothesis import given, settings

from concord.governance import PersonFacts, Policy, Viewer, decide
from concord.governance.agreements import Census, ItemClass, compare
from concord.governance.model import BrokenGlass
from concord.governance.situations import someone
from tests.properties.agreement_cases import Versions, questions, versions
from tests.properties.decision_cases import DAY, NOW, ORGANISATIONS, SERVICES, Dice, _person

PURPOSES = ("direct-care", "safeguarding")
ROLES = ("doctor", "nurse", "receptionist")
STAFF = "555000000001"
# One case asks thousands of decisions.
FEWER = settings(max_examples=settings().max_examples // 5)


def employed(dice: Dice) -> Viewer:
    """The one user whom relationships name."""
    organisation = dice.choice(ORGANISATIONS)
    viewer = someone(dice.choice(ROLES), organisation, dice.choice(SERVICES[organisation]), "direct-care")
    return replace(viewer, staff_id=STAFF, teams=frozenset({"team"}))


def viewers(user: Viewer, facts: PersonFacts) -> Iterator[Viewer]:
    """Everybody who could ask: of each kind one whom no relationship names, and the user; members of every team."""
    teams = teams_of(facts)
    kinds = product(ORGANISATIONS, ROLES, (None, "emergency", "clinic", "adults", "another"), PURPOSES)
    for organisation, role, service, purpose in kinds:
        yield replace(someone(role, organisation, service, purpose), teams=teams)
    for purpose in PURPOSES:
        yield replace(user, teams=teams, purpose=purpose)


def teams_of(facts: PersonFacts) -> frozenset[str]:
    return frozenset(each.team for each in facts.relationships if each.team)


def seen(
    viewer: Viewer, facts: PersonFacts, policy: Policy, items: Iterable[ItemClass], *, broken: bool
) -> set[ItemClass]:
    glass = BrokenGlass(
        user=viewer.user, organisation=viewer.organisation, role=viewer.role, start_at=NOW, end_at=NOW + 999 * DAY
    )
    decision = decide(viewer, replace(facts, overrides=[glass] if broken else ()), policy, NOW)
    sources = {(source.home, source.number): source.organisation for source in facts.sources}
    return {
        item
        for item in items
        for cell in decision.openings
        if sources[cell.home, cell.source_patient] == item.contributor
        and cell.service in (None, item.service)
        and cell.headings >> item.heading.bit & 1
        and item.labels & ~cell.labels == 0
    }


def somebody(dice: Dice, user: Viewer, case: Versions) -> tuple[PersonFacts, dict[ItemClass, int]]:
    """A person who often stands as some cell of the comparison says, and in other relationships beside; their items."""
    found = compare(case.before, case.after)
    asked = questions(dice, 12, [*found.opens, *found.closes])
    facts = _person(dice, user)
    if dice.percent(70):
        likely = asked[0].situation.facts(asked[0].viewer.organisation, ORGANISATIONS, NOW)
        facts = replace(likely, relationships=[*likely.relationships, *facts.relationships[: dice.choice([0, 1, 2])]])
    named = [each for each in facts.relationships if each.user in (None, STAFF)]
    held = {source.organisation for source in facts.sources}
    items = {each.item: 1 for each in asked if each.item.contributor in held}
    return replace(facts, relationships=named, overrides=()), items


@FEWER
@given(versions())
def test_a_person_is_counted_where_the_decision_changes_for_somebody(case: Versions) -> None:
    dice = case.dice
    user = employed(dice)
    facts, classes = somebody(dice, user, case)
    census = Census(case.before, case.after, [replace(user, teams=teams_of(facts))], NOW)
    census.add(facts, classes)
    counted = census.counted()
    opens, closes = set[ItemClass](), set[ItemClass]()
    for viewer, broken in product(viewers(user, facts), (False, True)):
        was, now = (seen(viewer, facts, each, classes, broken=broken) for each in (case.before, case.after))
        opens |= now - was
        closes |= was - now
    assert counted.all_opens.items == len(opens)
    assert counted.all_closes.items == len(closes)
    assert (counted.all_opens.people, counted.all_closes.people) == (int(bool(opens)), int(bool(closes)))
