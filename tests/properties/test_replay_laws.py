"""Laws of replaying: what a row keeps of a decision is enough to make it again, and to make another."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from concord.governance import PersonFacts, Policy, Remembered, Replayer, decide, with_drafts
from concord.governance.policy import OPEN_AT_WORK
from concord.governance.wishes import wishes_in_words
from concord.terminology import label_mask
from tests.properties.decision_cases import EVERY_ITEM, NOW, Case, cases, succeeded_cases


def remembered(case: Case, under: Policy, *, facts: PersonFacts) -> Remembered:
    """As the audit row of a decision under a policy tells it."""
    decision = decide(case.viewer, case.person, under, NOW)
    return Remembered(
        viewer=case.viewer,
        at=NOW,
        asked=under.profile(case.viewer, NOW).conditions,
        held=frozenset(map(str, decision.relationships_held)),
        choices=frozenset(wishes_in_words(decision.wishes)),
        protected=case.person.protected,
        facts=facts,
    )


def forgotten(case: Case) -> PersonFacts:
    """The facts with what has changed since left out: relationships and choices, of which the row tells."""
    return replace(case.person, relationships=(), choices=(), protected=False)


@given(st.one_of(cases(), succeeded_cases()))
def test_a_row_tells_all_that_its_decision_hung_on(case: Case) -> None:
    policy = case.policy()
    row = remembered(case, policy, facts=forgotten(case))
    replayed = Replayer(policy).replay(row)
    decision = decide(case.viewer, case.person, policy, NOW)
    contributor = {(source.home, source.number): source.organisation for source in case.person.sources}
    for organisation in set(contributor.values()):
        expected = {
            (cell.service or "", cell.headings, cell.labels & ~OPEN_AT_WORK)
            for cell in decision.openings
            if contributor[cell.home, cell.source_patient] == organisation
        }
        assert replayed.cells(organisation) == expected
        for item in EVERY_ITEM:
            if item.organisation == organisation:
                labels = label_mask(item.labels)
                reason = decision.explain(organisation, item.service, item.heading, labels)
                clause = replayed.clause(organisation, item.service, item.heading.bit, labels)
                assert (clause is not None) == reason.shown


@given(st.one_of(cases(), succeeded_cases()), cases())
def test_another_policy_is_judged_as_it_would_have_decided_then(case: Case, other: Case) -> None:
    """Whatever the first policy did not ask for is read from the facts. A draft has the directory of the policy."""
    draft = replace(other, rules=replace(other.rules, directory=case.rules.directory)).policy()
    replayed = Replayer(draft).replay(remembered(case, case.policy(), facts=case.person))
    decision = decide(case.viewer, case.person, draft, NOW)
    sources = {(source.home, source.number): source.organisation for source in case.person.sources}
    for organisation in set(sources.values()):
        assert replayed.cells(organisation) == {
            (cell.service or "", cell.headings, cell.labels & ~OPEN_AT_WORK)
            for cell in decision.openings
            if sources[cell.home, cell.source_patient] == organisation
        }


@given(cases())
def test_a_draft_that_says_the_same_changes_nothing(case: Case) -> None:
    policy = case.policy()
    again = with_drafts(policy, policy.agreements)
    decisions = [decide(case.viewer, case.person, each, NOW) for each in (policy, again)]
    assert decisions[0].openings == decisions[1].openings
    assert decisions[0].relationships_held == decisions[1].relationships_held
