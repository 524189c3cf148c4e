"""The laws of a succession, beside those of every decision, which are tried with successions too."""

import sys
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given

from concord.base import OdsCode
from concord.governance.model import Choice, ChoiceKind
from tests.properties.decision_cases import (
    DAY,
    DIRECTORY,
    EVERY_ITEM,
    NOW,
    ORGANISATIONS,
    TODAY,
    Case,
    Dice,
    succeeded_case_of,
    succeeded_cases,
)
from tests.properties.decision_laws import OPEN, decision_of, shown
from tests.properties.decision_reference import after, judge

LEAST = 0.03


def before(case: Case) -> Case:
    """As if nobody had been succeeded."""
    return replace(case, rules=replace(case.rules, directory=DIRECTORY))


@given(succeeded_cases())
def test_whoever_signs_in_with_the_old_code_is_a_viewer_of_the_successor(case: Case) -> None:
    now_at = after(case.viewer.organisation, case.rules.directory, NOW)[-1]
    mine, theirs = decision_of(case), decision_of(replace(case, viewer=replace(case.viewer, organisation=now_at)))
    assert mine == theirs


@given(succeeded_cases())
def test_a_day_to_come_changes_nothing_yet_and_ends_the_decision(case: Case) -> None:
    directory = case.rules.directory
    coming = {code: replace(each, from_on=TODAY + DAY) for code, each in directory.successions.items()}
    later = replace(case, rules=replace(case.rules, directory=replace(directory, successions=coming)))
    decision = decision_of(later)
    assert decision.openings == decision_of(before(case)).openings
    midnight = min(later.rules.directory.edges)
    assert NOW < decision.valid_until <= midnight


@given(succeeded_cases())
def test_the_successor_sees_no_more_than_it_and_its_predecessors_did(case: Case) -> None:
    """Of people who have chosen nothing, by clauses that give nobody their own data, and by no override: each seat
    opens what it did before, with the relationships of those in whose place it stood."""
    agreements = [
        replace(each, clauses=tuple(clause for clause in each.clauses if not clause.own))
        for each in case.rules.agreements
    ]
    person = replace(case.person, choices=(), overrides=(), protected=False)
    case = replace(case, person=person, rules=replace(case.rules, agreements=agreements))
    own = after(case.viewer.organisation, case.rules.directory, NOW)[-1]
    there = [each for each in ORGANISATIONS if after(each, case.rules.directory, NOW)[-1] == own]
    assert shown(case) <= set().union(*(shown(before(_sitting(case, each))) for each in there))


def _sitting(case: Case, seat: OdsCode) -> Case:
    """The same in one seat, with what was inherited there as if it had always been its own."""
    of_seat = [each for each in ORGANISATIONS if seat in after(each, case.rules.directory, NOW)]
    relationships = [
        replace(each, organisation=seat) if each.organisation in of_seat else each for each in case.person.relationships
    ]
    return replace(
        case,
        viewer=replace(case.viewer, organisation=seat),
        person=replace(case.person, relationships=relationships),
    )


@given(succeeded_cases())
def test_no_permission_carries_over(case: Case) -> None:
    """Whoever is named by what was given is not the one who has come in their place."""
    gone = [code for code in ORGANISATIONS if len(after(code, case.rules.directory, NOW)) > 1]
    kept = [
        each
        for each in case.person.choices
        if not (each.given and each.kind is ChoiceKind.SHARE_IN and each.organisation in gone)
    ]
    without = replace(case, person=replace(case.person, choices=kept))
    assert shown(case) == shown(without)


@given(succeeded_cases())
def test_every_refusal_carries_over(case: Case) -> None:
    """What is refused to a predecessor, or of its data, is refused to the successor, or of its data."""
    directory = case.rules.directory
    for code in directory.successions:
        for kind in (ChoiceKind.ORGANISATION_PROHIBITED, ChoiceKind.SHARE_IN, ChoiceKind.SHARE_OUT):
            refusal = Choice(
                kind=kind, given=False, contributor=code, organisation=code, silent=False, start_at=None, end_at=None
            )
            heir = after(code, directory, NOW)[-1]
            said = replace(case, person=replace(case.person, choices=[*case.person.choices, refusal]))
            of_heir = replace(refusal, contributor=heir, organisation=heir)
            again = replace(said, person=replace(said.person, choices=[*said.person.choices, of_heir]))
            assert shown(said) == shown(again)


def test_enough_of_the_cases_hang_on_a_succession(capsys: pytest.CaptureFixture[str]) -> None:
    tally: Counter[str] = Counter()
    seeds = range(600)
    for seed in seeds:
        case = succeeded_case_of(Dice(seed))
        lines = [len(after(code, case.rules.directory, NOW)) for code in ORGANISATIONS]
        tally["acts"] += max(lines) > 1
        tally["acts through another"] += max(lines) > 2
        now, then = judged(case), judged(before(case))
        tally["opens something"] += bool(now - then)
        unspoken = replace(case, person=replace(case.person, choices=()))
        tally["a choice closes what it opens"] += bool(judged(unspoken) - judged(before(unspoken)) - now)
    table = "  ".join(f"{what} {number / len(seeds):.0%}" for what, number in tally.most_common())
    with capsys.disabled():
        sys.stdout.write(f"\nThe laws of a succession, {len(seeds)} cases: {table}\n")
    assert len(tally) == 4
    assert min(tally.values()) / len(seeds) >= LEAST, table


def judged(case: Case) -> set[int]:
    return {
        place
        for place, item in enumerate(EVERY_ITEM[::5])
        if judge(item, case.viewer, case.person, case.rules, NOW).step in OPEN
    }
