"""What a person is told of who can see their record is what the decision opens: asked of everybody at once, in words,
and of each viewer by themselves."""

import re
import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.governance.agreements.lay import of_item, who_sees_the_item, who_sees_the_kind, who_sees_what
from concord.governance.agreements.reach import About, Reach, reaches_about
from concord.governance.agreements.reach_words import told_to_the_person
from concord.governance.decision import decide
from concord.governance.model import PersonFacts
from concord.governance.policy import Policy
from concord.governance.words import words
from tests.properties.agreement_cases import Question, questions
from tests.properties.decision_cases import (
    DIRECTORY,
    NOW,
    ORGANISATIONS,
    Case,
    Dice,
    _choice,
    case_of,
    succeeded_case_of,
)

FEWER = settings(max_examples=settings().max_examples // 5)
ASKED = 30


def of_choosers(dice: Dice) -> Case:
    """A case of somebody who has chosen more often than most; in some of them organisations have been succeeded."""
    case = succeeded_case_of(dice) if dice.percent(40) else case_of(dice)
    chosen = [_choice(dice, case.viewer) for _ in range(dice.choice([0, 1, 1, 2]))]
    return replace(case, person=replace(case.person, choices=[*case.person.choices, *chosen]))


def about(person: PersonFacts) -> About:
    return About(choices=tuple(person.choices), protected=person.protected)


def shown(policy: Policy, person: PersonFacts, asked: Question) -> bool:
    """By the decision about one viewer and one item, with the person's own choices at their own times."""
    situation = replace(
        asked.situation, objects=False, share_out=None, share_in=None, chosen=tuple(person.choices),
        protected=person.protected,
    )  # fmt: skip
    facts = situation.facts(asked.viewer.organisation, ORGANISATIONS, NOW)
    decision, item = decide(asked.viewer, facts, policy, NOW), asked.item
    return decision.explain(item.contributor, item.service, item.heading, item.labels).shown


def unchosen(policy: Policy, person: PersonFacts) -> tuple[Reach, ...]:
    """What would be open if they had chosen nothing: to ask where a choice may close something."""
    return reaches_about(policy, About(protected=person.protected), NOW)


def told(reached: tuple[Reach, ...], asked: Question) -> bool:
    return any(
        each.addresses(asked.viewer)
        and each.covers(asked.item, asked.viewer.organisation)
        and each.relates(asked.situation)
        for each in reached
    )


@FEWER
@given(st.integers(0, 2**48))
def test_who_can_see_what_is_what_the_decision_opens(seed: int) -> None:
    dice = Dice(seed)
    case = of_choosers(dice)
    policy = case.policy()
    reached = reaches_about(policy, about(case.person), NOW)
    for asked in questions(dice, ASKED, [*reached, *unchosen(policy, case.person)]):
        assert told(reached, asked) == shown(policy, case.person, asked)


@FEWER
@given(st.integers(0, 2**48))
def test_the_words_about_a_kind_and_about_an_item_are_of_the_same_decision(seed: int) -> None:
    """Of the item those who see it alone, and each: in the table under its heading, and in the sentences."""
    dice = Dice(seed)
    case = of_choosers(dice)
    policy = case.policy()
    reached = reaches_about(policy, about(case.person), NOW)
    everything = who_sees_what(reached, DIRECTORY)
    by_heading = {
        each.heading: {jobs.where: (jobs.of_others, jobs.of_their_own) for jobs in each.seers}
        for kinds in everything.themes.values()
        for each in kinds
    }
    for asked in questions(dice, ASKED, [*reached, *unchosen(policy, case.person)]):
        viewer, item = asked.viewer, asked.item
        narrowed = tuple(of_item(reached, item))
        assert told(reached, asked) == any(
            each.addresses(viewer) and each.relates(asked.situation) for each in narrowed
        )
        assert bool(who_sees_the_item(reached, item, DIRECTORY)) == bool(narrowed)
        if told(reached, asked):
            known = words(lay=True)
            assert who_sees_the_kind(reached, item.heading, DIRECTORY)
            if item.labels == 0 and not asked.situation.overrides:
                kind = known.kinds[DIRECTORY.organisations[viewer.organisation].kind]
                others, own = by_heading[item.heading][kind]
                assert known.roles[viewer.role] in (others if item.contributor != viewer.organisation else others + own)
                (reads,) = [
                    each
                    for place in everything.places
                    if place.where == kind
                    for each in place.reads
                    if known.roles[viewer.role] in re.split(", | and ", each.who)
                ]
                own_said = " ".join(
                    [*reads.of_others, *(reads.of_their_own if item.contributor == viewer.organisation else ())]
                )
                theme = next(theme for theme, together in known.themes if item.heading in together)
                assert known.headings[item.heading] in own_said or theme in own_said


@FEWER
@given(st.integers(0, 2**48))
def test_one_more_refusal_never_tells_of_more(seed: int) -> None:
    dice = Dice(seed)
    case = of_choosers(dice)
    policy = case.policy()
    refusals = tuple(choice for choice in case.person.choices if not choice.given)
    others = tuple(choice for choice in case.person.choices if choice.given)
    fewer = reaches_about(policy, About(choices=others, protected=case.person.protected), NOW)
    more = reaches_about(policy, About(choices=(*others, *refusals), protected=case.person.protected), NOW)
    for asked in questions(dice, ASKED, more):
        assert not told(more, asked) or told(fewer, asked)


@FEWER
@given(st.integers(0, 2**48))
def test_everything_is_said_in_a_sentence(seed: int) -> None:
    case = of_choosers(Dice(seed))
    for each in reaches_about(case.policy(), about(case.person), NOW):
        line = told_to_the_person(each, DIRECTORY)
        assert line.endswith(".")
        assert not any(odd in line for odd in ("  ", " ,", "..", "None", "{", "frozenset"))


def test_the_cases_are_not_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    tally: Counter[str] = Counter()
    for seed in range(60):
        dice = Dice(seed)
        case = of_choosers(dice)
        policy = case.policy()
        reached = reaches_about(policy, about(case.person), NOW)
        for asked in questions(dice, ASKED, [*reached, *unchosen(policy, case.person)]):
            seen = told(reached, asked)
            tally["cells"] += 1
            tally["seen" if seen else "not seen"] += 1
            tally["chosen, and seen"] += seen and bool(case.person.choices)
            tally["a choice closes it"] += not seen and shown(policy, replace(case.person, choices=[]), asked)
            tally["after breaking the glass"] += seen and asked.situation.overrides
    total = tally.pop("cells")
    table = "  ".join(f"{what} {number / total:.0%}" for what, number in tally.most_common())
    with capsys.disabled():
        sys.stdout.write(f"\nWho can see, {total} cells: {table}\n")
    assert all(number / total >= 0.02 for number in tally.values()), table
