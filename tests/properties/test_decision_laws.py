"""The laws of governance.md that the decision must keep, on many random cases, under the names they have there.

Of overrides and of own access: `test_override_laws`, `test_own_access_laws`.
"""

import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.base import OdsCode
from concord.governance import Intent, decide, sources
from concord.governance.assertions import offers
from concord.governance.model import ChoiceKind, Death, RelationshipKind
from concord.terminology import Heading, Label, label_mask
from tests.properties.decision_cases import (
    DAY,
    EDGES,
    EVERY_ITEM,
    HOSPITAL,
    NOW,
    ORGANISATIONS,
    TICK,
    TODAY,
    Case,
    Dice,
    acting_cases,
    cases,
    own_cases,
    succeeded_cases,
)
from tests.properties.decision_laws import (
    OPEN,
    choice_of,
    choosing,
    decision_of,
    explained,
    opened,
    relationship_of,
    shown,
)
from tests.properties.decision_reference import ORDER, Item, Verdict, judge, lifted, told
from tests.signing import counted

LEAST_OF_A_STEP = 0.03
SHOWN = (0.25, 0.75)
STEPS = ("shown", "override", "bar", "location", "choice", "no-agreement", *ORDER)


@given(st.one_of(cases(), succeeded_cases(), own_cases(), acting_cases()))
def test_one_by_one_equals_set(case: Case) -> None:
    held = {source.organisation for source in case.person.sources}
    expected = {
        item
        for item in EVERY_ITEM
        if item.organisation in held and judge(item, case.viewer, case.person, case.rules, NOW).step in OPEN
    }
    decision = decision_of(case)
    assert opened(decision, case.person) == expected
    assert all(cell.headings for cell in decision.openings), "what opens no heading is no opening"


@given(st.one_of(cases(), succeeded_cases(), own_cases(), acting_cases()))
def test_explanation_names_exactly_what_decided(case: Case) -> None:
    decision = decision_of(case)
    for item in EVERY_ITEM[::3]:
        assert explained(decision, item) == judge(item, case.viewer, case.person, case.rules, NOW)


@given(cases())
def test_mending_what_is_named_lets_that_clause_get_further(case: Case) -> None:
    verdict = explained(decision_of(case), case.item)
    mended = _mended(case, verdict)
    after = explained(decision_of(mended), mended.item)
    if verdict.step in ORDER:
        assert after.step in {*OPEN, "choice"} or ORDER.index(after.step) > ORDER.index(verdict.step)
    if verdict.step in ("choice", "bar"):
        assert after != verdict


def _mended(case: Case, verdict: Verdict) -> Case:
    name = (verdict.by or "").partition("/")[0]
    agreements = [
        replace(each, from_on=TODAY - DAY, until_on=TODAY + DAY) if each.agreement == name else each
        for each in case.rules.agreements
    ]
    match verdict.step:
        case "bar" | "labels":
            return replace(case, item=replace(case.item, labels=frozenset()))
        case "choice":
            item = replace(case.item, labels=frozenset())
            return replace(case, item=item, person=replace(case.person, choices=[]))
        case "unsigned":
            signed = [agreement for agreement in case.rules.agreements if agreement.agreement == name]
            signatures = [counted(signed[0], party, from_on=TODAY - DAY) for party in ORGANISATIONS]
            return replace(case, rules=replace(case.rules, signatures=signatures))
        case "not-in-force":
            return replace(case, rules=replace(case.rules, agreements=agreements))
        case "relationship":
            everything = [relationship_of(case, kind) for kind in RelationshipKind] + [
                relationship_of(case, RelationshipKind.INPATIENT, ended=True)
            ]
            return replace(case, person=replace(case.person, relationships=everything))
        case "consent":
            choices = [choice_of(ChoiceKind.SHARE_OUT, case.item.organisation, None, given=True)]
            choices.append(choice_of(ChoiceKind.SHARE_IN, HOSPITAL, case.viewer.organisation, given=True))
            return replace(case, person=replace(case.person, choices=choices))
        case _:
            return case


@given(st.one_of(cases(), own_cases()), st.sampled_from([None, timedelta(), 27 * DAY, 91 * DAY]))
def test_a_death_never_widens(case: Case, ago: timedelta | None) -> None:
    """Nor does any later: what still opens opens ever less."""
    died = Death(at=None if ago is None else NOW - ago)
    living, dead = (replace(case, person=replace(case.person, death=death)) for death in (None, died))
    assert shown(dead) <= shown(living)
    if case.viewer.nhs_number in case.person.nhs_numbers:
        assert shown(dead) == set()
    long_dead = replace(case, person=replace(case.person, death=Death(at=NOW - 91 * DAY), overrides=()))
    since = [each for each in case.person.relationships if each.start_at and each.start_at > NOW - 91 * DAY]
    assert since or shown(long_dead) == set()


@given(cases())
def test_default_deny(case: Case) -> None:
    nothing = [
        replace(case, rules=replace(case.rules, agreements=())),
        replace(case, rules=replace(case.rules, signatures=())),
        replace(case, person=replace(case.person, relationships=(), overrides=())),
    ]
    for bare in nothing:
        assert decision_of(bare).openings == ()
        assert shown(bare) == set()
        assert decision_of(bare).refusal is not None


@given(cases(), st.data())
def test_denial_outweighs_permission(case: Case, data: st.DataObject) -> None:
    kind = data.draw(st.sampled_from(list(ChoiceKind)))
    named = data.draw(st.sampled_from([None, case.viewer.organisation]))
    contributor = data.draw(st.sampled_from(ORGANISATIONS))
    denial = replace(choice_of(kind, contributor, named, given=False), firm=True)
    permission = choice_of(kind, contributor, case.viewer.organisation, given=True)
    before = shown(choosing(case, permission))
    after = shown(choosing(case, permission, denial))
    assert after <= before
    if kind is ChoiceKind.ORGANISATION_PROHIBITED:
        assert after == set()
    if kind is ChoiceKind.SHARE_IN:
        assert {item.organisation for item in after} <= {case.viewer.organisation}
    if kind is ChoiceKind.SHARE_OUT:
        assert contributor == case.viewer.organisation or contributor not in {item.organisation for item in after}
    if kind in (ChoiceKind.OBJECTION, ChoiceKind.UNKNOWN):
        excepted = {
            heading for each in case.rules.agreements for clause in each.clauses for heading in clause.despite_objection
        }
        assert {item.heading for item in after} <= excepted


@given(st.one_of(cases(), succeeded_cases()), st.sampled_from(list(Label)))
def test_adding_a_label_never_widens(case: Case, label: Label) -> None:
    decision = decision_of(case)
    for item in EVERY_ITEM:
        if explained(decision, replace(item, labels=item.labels | {label})).step in OPEN:
            assert explained(decision, item).step in OPEN


@given(st.one_of(cases(), succeeded_cases()))
def test_two_clauses_never_open_together_what_neither_opens_alone(case: Case) -> None:
    alone = [
        replace(case, rules=replace(case.rules, agreements=[replace(each, clauses=(clause,))]))
        for each in case.rules.agreements
        for clause in each.clauses
    ]
    apart = set[Item]().union(*(shown(each) for each in alone))
    assert shown(case) <= apart
    # What locates a protected person opens only where every agreement says so: there, more clauses show less.
    assert shown(case) == apart or case.person.protected
    assert not decision_of(case).locates or any(decision_of(each).locates for each in alone)


@given(st.one_of(cases(), succeeded_cases()), st.data())
def test_removing_a_signature_never_widens(case: Case, data: st.DataObject) -> None:
    kept = [each for each in case.rules.signatures if each.intent is not Intent.SIGN or data.draw(st.booleans())]
    fewer = replace(case, rules=replace(case.rules, signatures=kept))
    assert shown(fewer) <= shown(case)
    assert decision_of(fewer).locates <= decision_of(case).locates


@given(st.one_of(cases(), succeeded_cases()), st.integers(0, 2**48))
def test_taking_a_signature_back_never_widens(case: Case, seed: int) -> None:
    dice = Dice(seed)
    agreement = dice.choice(case.rules.agreements)
    back = counted(
        agreement,
        dice.choice(list(ORGANISATIONS)),
        number=dice.randint(2, 4),
        intent=dice.choice([Intent.SUSPEND, Intent.WITHDRAW]),
        from_on=TODAY + dice.randint(-1, 1) * DAY,
    )
    fewer = replace(case, rules=replace(case.rules, signatures=[*case.rules.signatures, back]))
    assert shown(fewer) <= shown(case)


@given(cases())
def test_a_signature_of_another_version_counts_for_nothing(case: Case) -> None:
    signatures = [replace(each, version=each.version + 7) for each in case.rules.signatures]
    assert not shown(replace(case, rules=replace(case.rules, signatures=signatures)))


@given(st.one_of(cases(), succeeded_cases()), st.data())
def test_removing_a_given_consent_never_widens(case: Case, data: st.DataObject) -> None:
    kept = [each for each in case.person.choices if not each.given or data.draw(st.booleans())]
    without = replace(case, person=replace(case.person, choices=kept))
    unknown_went = any(each.kind is ChoiceKind.UNKNOWN for each in case.person.choices if each not in kept)
    assert unknown_went or shown(without) <= shown(case)


@given(st.one_of(cases(), succeeded_cases()), st.integers(0, 2**48))
def test_order_of_clauses_does_not_matter(case: Case, seed: int) -> None:
    dice = Dice(seed)
    agreements = [
        replace(each, clauses=tuple(dice.shuffled(each.clauses))) for each in dice.shuffled(case.rules.agreements)
    ]
    other = replace(
        case,
        rules=replace(case.rules, agreements=agreements, signatures=dice.shuffled(case.rules.signatures)),
        person=replace(
            case.person,
            relationships=dice.shuffled(case.person.relationships),
            choices=dice.shuffled(case.person.choices),
        ),
    )
    mine, theirs = decision_of(case), decision_of(other)
    assert set(mine.openings) == set(theirs.openings)
    assert mine.valid_until == theirs.valid_until
    assert mine.refusal == theirs.refusal
    for item in EVERY_ITEM[::5]:
        assert explained(mine, item) == explained(theirs, item)


@given(cases())
def test_unknown_withholds(case: Case) -> None:
    unknown = [
        replace(case, viewer=replace(case.viewer, role="astronaut")),
        replace(case, viewer=replace(case.viewer, organisation=OdsCode("ZZQ"))),
        replace(case, viewer=replace(case.viewer, purpose="curiosity")),
        choosing(case, choice_of(ChoiceKind.ORGANISATION_PROHIBITED, HOSPITAL, None, given=False)),
    ]
    for each in unknown:
        assert decision_of(each).openings == ()
        assert shown(each) == set()
    decision = decision_of(case)
    beyond = 1 << (max(label.bit for label in Label) + 1)
    for item in EVERY_ITEM[::7]:
        reason = decision.explain(item.organisation, item.service, item.heading, label_mask(item.labels) | beyond)
        assert not reason.shown
    assert not any(item.heading is Heading.UNCLASSIFIED or Label.UNKNOWN in item.labels for item in shown(case))


@given(cases(), cases())
def test_a_notice_says_nothing_else(case: Case, other: Case) -> None:
    """Two people with equal relationships and equal choices that may be told, who differ in all else."""
    may_be = (ChoiceKind.OBJECTION, ChoiceKind.SHARE_OUT)
    tellable = [each for each in case.person.choices if each.kind in may_be and not each.given and not each.silent]
    hidden = [each for each in other.person.choices if each.given or each.silent or each.kind not in may_be]
    twin = replace(case.person, sources=other.person.sources, choices=[*tellable, *hidden], protected=False)
    mine, theirs = decision_of(case), decide(case.viewer, twin, case.policy(), NOW)
    assert mine.refusal == theirs.refusal
    for flagged_seal in (False, True):
        assert mine.notices(flagged_seal=flagged_seal) == theirs.notices(flagged_seal=flagged_seal)


@settings(max_examples=max(500, settings().max_examples))
@given(st.one_of(cases(), succeeded_cases()), st.booleans())
def test_what_is_told_hangs_on_agreement_role_relationship_and_choices_that_may_be_told(
    case: Case, flagged_seal: bool
) -> None:
    decision = decision_of(case)
    step, withheld = told(case.viewer, case.person, case.rules, NOW, flagged_seal=flagged_seal)
    assert (decision.refusal and decision.refusal.step.value) == step
    notices = decision.notices(flagged_seal=flagged_seal)
    assert [notice.kind for notice in notices if notice.organisation is None] == (["withheld"] if withheld else [])
    assert all(notice.kind == "relationship" for notice in notices if notice.organisation is not None)


@given(st.one_of(cases(), succeeded_cases()))
def test_a_refusal_never_stands_beside_something_open(case: Case) -> None:
    decision = decision_of(case)
    if decision.refusal is not None:
        assert decision.openings == ()
        assert shown(case) == set()
        assert decision.notices(flagged_seal=True) == ()
    shared = {source.organisation for source in sources(case.viewer, case.policy(), NOW) if source.headings}
    assert {item.organisation for item in shown(case)} <= shared


@given(st.one_of(cases(), succeeded_cases(), acting_cases()), st.integers(0, 100))
def test_a_decision_holds_until_it_says(case: Case, percent: int) -> None:
    decision = decision_of(case)
    assert decision.valid_until > NOW
    span = min(decision.valid_until - NOW, timedelta(days=400)) - TICK
    later = decide(case.viewer, case.person, case.policy(), NOW + span * percent / 100)
    assert later.openings == decision.openings
    assert later.valid_until == decision.valid_until
    assert later.refusal == decision.refusal
    assert later.notices(flagged_seal=True) == decision.notices(flagged_seal=True)
    assert (later.relationships_held, later.wishes) == (decision.relationships_held, decision.wishes)
    assert offers(later) == offers(decision)
    for item in EVERY_ITEM[::3]:
        assert explained(later, item) == explained(decision, item)


def test_the_cases_are_not_all_the_same_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    tally: Counter[str] = Counter()

    @settings(max_examples=2_000)
    @given(cases())
    def count(case: Case) -> None:
        verdict = judge(case.item, case.viewer, case.person, case.rules, NOW)
        tally["cases"] += 1
        tally[verdict.step] += 1
        clauses = [clause for each in case.rules.agreements for clause in each.clauses]
        tally["an override lasts"] += any(lifted(each, case.viewer, case.person, NOW) for each in clauses)
        tally["two labels"] += len(case.item.labels) > 1
        ends = [each.end_at for each in case.person.relationships] + [each.end_at for each in case.person.choices]
        tally["boundary instants"] += any(end in EDGES for end in ends)

    count()
    total = tally.pop("cases")
    lasting = tally["an override lasts"]
    table = "  ".join(f"{what} {number / total:.0%}" for what, number in tally.most_common())
    with capsys.disabled():
        sys.stdout.write(f"\nThe decision's laws, {total} cases: {table}\n")
    assert SHOWN[0] <= (tally["shown"] + tally["override"]) / total <= SHOWN[1]
    assert lasting / total >= LEAST_OF_A_STEP * 5, "too few of the cases have an override in force"
    for what in (*STEPS, "two labels", "boundary instants"):
        assert tally[what] / total >= LEAST_OF_A_STEP, f"{what} decides too few of the cases"
