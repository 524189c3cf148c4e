"""What is said of an agreement as a whole is so in each case: comparisons, promises, and the three ways of asking."""

import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings

from concord.governance.agreements.asking import what_is_seen, who_sees, why
from concord.governance.agreements.comparison import compare
from concord.governance.agreements.proof import Broken, prove
from concord.governance.agreements.reach import Reach, reaches
from concord.governance.agreements.reach_words import told, told_to_the_person
from concord.governance.agreements.telling import clause_words, promise_words
from concord.governance.policy import Policy
from tests.properties.agreement_cases import Question, Versions, questions, speaks_of, versions
from tests.properties.decision_cases import DIRECTORY, NOW

LEAST = 0.03
ASKED = 60
# A comparison asks thousands of decisions: one case of these laws is many.
FEWER = settings(max_examples=settings().max_examples // 5)


def within(reached: tuple[Reach, ...], question: Question) -> int:
    return sum(each.includes(question.viewer, question.item, question.situation) for each in reached)


@FEWER
@given(versions())
def test_a_comparison_lists_exactly_the_cells_in_which_the_decision_differs(case: Versions) -> None:
    found = compare(case.before, case.after)
    for question in questions(case.dice, ASKED * 3, [*found.opens, *found.closes]):
        was, now = question.answer(case.before), question.answer(case.after)
        alone = len(question.situation.held) < 2
        opens, closes = within(found.opens, question), within(found.closes, question)
        if alone:
            # By one relationship: exactly these, and each said once.
            assert (opens, closes) == (int(now and not was), int(was and not now))
        elif was != now:
            # By several, what opens is opened by one of them.
            assert opens if now else closes


@FEWER
@given(versions())
def test_a_version_compared_with_itself_differs_in_nothing(case: Versions) -> None:
    found = compare(case.before, case.before)
    assert found.is_nothing
    assert found.terms == ()


@FEWER
@given(versions())
def test_what_opens_one_way_closes_the_other(case: Versions) -> None:
    forth, back = compare(case.before, case.after), compare(case.after, case.before)
    assert set(forth.opens) == set(back.closes)
    assert set(forth.closes) == set(back.opens)
    assert set(forth.locates) == set(back.no_longer_locates)


@FEWER
@given(versions())
def test_who_may_locate_changes_for_those_listed_alone(case: Versions) -> None:
    found = compare(case.before, case.after)
    for question in questions(case.dice, ASKED, found.opens):
        viewer = question.viewer
        was, now = (policy.profile(viewer, NOW).locates for policy in (case.before, case.after))
        for listed, expected in ((found.locates, now and not was), (found.no_longer_locates, was and not now)):
            mine = [
                each
                for each in listed
                if viewer.purpose == each.purpose
                and viewer.organisation in each.organisations
                and viewer.service in each.services
                and viewer.role in each.roles
            ]
            assert len(mine) == int(expected)


@FEWER
@given(versions())
def test_three_ways_of_asking_agree(case: Versions) -> None:
    policy = case.after
    reached = reaches(policy)
    for question in questions(case.dice, ASKED // 3, reached):
        shown = why(policy, question.viewer, question.item, question.situation).shown
        assert shown == question.answer(policy)
        assert shown == bool(within(who_sees(reached, question.item), question))
        assert shown == bool(within(what_is_seen(reached, question.viewer), question))


@given(versions())
def test_a_promise_is_kept_exactly_if_no_case_breaks_it(case: Versions) -> None:
    (verdict,) = prove(case.after, case.promise)
    if isinstance(verdict, Broken):
        breach = Question(viewer=verdict.viewer, item=verdict.item, situation=verdict.situation)
        assert speaks_of(case.promise, breach)
        assert breach.answer(case.after)
        return
    for question in questions(case.dice, ASKED * 3, reaches(case.after)):
        assert not (speaks_of(case.promise, question) and question.answer(case.after))


@given(versions())
def test_a_promise_of_several_is_proved_like_one_alone(case: Versions) -> None:
    policy = case.after
    other = replace(case.promise, labels=None, roles=None, but_roles=None)
    together = prove(policy, other, case.promise)
    assert [type(each) for each in together] == [type(prove(policy, each)[0]) for each in (other, case.promise)]


@FEWER
@given(versions())
def test_everything_can_be_said_in_words(case: Versions) -> None:
    found = compare(case.before, case.after)
    lines = [told(each, DIRECTORY).sentence("would see") for each in found.opens]
    assert len(set(lines)) == len(lines)  # two that differ read differently
    lines += [told_to_the_person(each, DIRECTORY) for each in found.opens]
    lines += [clause_words(clause, DIRECTORY) for each in case.after.agreements for clause in each.clauses]
    lines.append(promise_words(case.promise, DIRECTORY))
    for line in lines:
        assert line[0].isupper()
        assert line.endswith(".")
        assert not any(odd in line for odd in ("  ", " ,", "..", "None", "{", "frozenset"))


def test_the_cases_are_not_all_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    tally: Counter[str] = Counter()

    @settings(max_examples=60)
    @given(versions())
    def count(case: Versions) -> None:
        found = compare(case.before, case.after)
        tally["promises broken"] += isinstance(prove(case.after, case.promise)[0], Broken) * ASKED
        for question in questions(case.dice, ASKED, [*found.opens, *found.closes]):
            was, now = question.answer(case.before), question.answer(case.after)
            tally["cells"] += 1
            tally[f"{_word(was)}, then {_word(now)}"] += 1
            tally["opens by a label"] += now and not was and _unlabelled(question).answer(case.before)
            tally["an objection, and shown"] += now and question.situation.objects
            tally["protected, and shown"] += now and question.situation.protected
            tally["a promise speaks of it"] += speaks_of(case.promise, question)

    count()
    total = tally.pop("cells")
    table = "  ".join(f"{what} {number / total:.0%}" for what, number in tally.most_common())
    with capsys.disabled():
        sys.stdout.write(f"\nThe laws of agreements, {total} cells: {table}\n")
    for what in ("shut, then open", "open, then shut", "open, then open", "shut, then shut"):
        assert tally[what] / total >= LEAST, what
    assert 0.25 <= tally["promises broken"] / total <= 0.75
    assert tally["a promise speaks of it"] / total >= LEAST
    for what in ("an objection, and shown", "protected, and shown"):
        assert tally[what] / total >= LEAST / 3, what
    assert tally["opens by a label"] / total >= LEAST / 10


def _word(shown: bool) -> str:
    return "open" if shown else "shut"


def _unlabelled(question: Question) -> Question:
    item = replace(question.item, labels=0)
    return Question(viewer=question.viewer, item=item, situation=question.situation)


def test_a_policy_of_nothing_opens_nothing() -> None:
    assert reaches(Policy(agreements=(), signatures=(), directory=DIRECTORY)) == ()
