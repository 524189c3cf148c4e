"""The laws of governance.md that the decision must keep, on many random cases, under the names they have there."""

import sys
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.base import OdsCode
from concord.governance import Decision, Intent, PersonFacts, decide, sources
from concord.governance.agreement import Agreement, Clause, Lift, Override
from concord.governance.assertions import offers
from concord.governance.model import BrokenGlass, Choice, ChoiceKind, Death, Relationship, RelationshipKind
from concord.governance.own_record import Own
from concord.governance.proxies import proxy_kinds
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
    acting_case_of,
    acting_cases,
    cases,
    own_cases,
)
from tests.properties.decision_reference import ORDER, Item, Verdict, judge, lifted, told
from tests.signing import counted

LEAST_OF_A_STEP = 0.03
SHOWN = (0.25, 0.75)
OPEN = {"shown", "override", "own-access", "proxy-access"}
STEPS = ("shown", "override", "bar", "location", "choice", "no-agreement", *ORDER)


def decision_of(case: Case) -> Decision:
    return decide(case.viewer, case.person, case.policy(), NOW)


def opened(decision: Decision, person: PersonFacts) -> set[Item]:
    """Every item of the vocabulary that the cells open, in whichever of an organisation's source patients."""
    contributor = {(source.home, source.number): source.organisation for source in person.sources}
    return {
        item
        for cell in decision.openings
        for item in EVERY_ITEM
        if item.organisation == contributor[cell.home, cell.source_patient]
        and cell.service in (None, item.service)
        and cell.headings >> item.heading.bit & 1
        and label_mask(item.labels) & ~cell.labels == 0
    }


def shown(case: Case) -> set[Item]:
    """What the decision shows by explaining one by one, whether or not the person has such a source."""
    decision = decision_of(case)
    return {item for item in EVERY_ITEM if explained(decision, item).step in OPEN}


def explained(decision: Decision, item: Item) -> Verdict:
    reason = decision.explain(item.organisation, item.service, item.heading, label_mask(item.labels))
    assert reason.shown == (reason.step in OPEN)
    clause = f"{reason.clause.agreement}/{reason.clause.clause}" if reason.clause else None
    return Verdict(step=reason.step.value, by=reason.bar or (reason.choice and reason.choice.value) or clause)


@given(st.one_of(cases(), own_cases(), acting_cases()))
def test_one_by_one_equals_set(case: Case) -> None:
    held = {source.organisation for source in case.person.sources}
    expected = {
        item
        for item in EVERY_ITEM
        if item.organisation in held and judge(item, case.viewer, case.person, case.rules, NOW).step in OPEN
    }
    assert opened(decision_of(case), case.person) == expected


@given(st.one_of(cases(), own_cases(), acting_cases()))
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
            everything = [_relationship(case, kind) for kind in RelationshipKind] + [
                _relationship(case, RelationshipKind.INPATIENT, ended=True)
            ]
            return replace(case, person=replace(case.person, relationships=everything))
        case "consent":
            choices = [_choice(ChoiceKind.SHARE_OUT, case.item.organisation, None, given=True)]
            choices.append(_choice(ChoiceKind.SHARE_IN, HOSPITAL, case.viewer.organisation, given=True))
            return replace(case, person=replace(case.person, choices=choices))
        case _:
            return case


@given(own_cases())
def test_nobody_opens_their_own_record_at_work(case: Case) -> None:
    at_work = replace(case, viewer=replace(case.viewer, purpose="direct-care"))
    if case.viewer.nhs_number in case.person.nhs_numbers:
        decision = decision_of(at_work)
        assert decision.openings == ()
        assert shown(at_work) == set()
        assert decision.refusal is not None
        assert decision.refusal.step == "own-record"


@given(own_cases())
def test_own_access_hangs_on_no_agreement_and_opens_nobody_elses(case: Case) -> None:
    asking = replace(case, viewer=replace(case.viewer, purpose="own-access"))
    bare = replace(asking, rules=replace(asking.rules, agreements=(), signatures=()))
    sure = case.person.nhs_numbers == {case.viewer.nhs_number} and not case.person.number_shared
    sure = sure and case.person.death is None
    assert bool(shown(bare)) == sure
    assert opened(decision_of(bare), bare.person) == opened(decision_of(asking), asking.person)


@given(st.one_of(cases(), own_cases(), acting_cases()), st.sampled_from([Label.THIRD_PARTY, Label.NOT_FOR_THE_PERSON]))
def test_what_is_kept_from_the_person_is_kept_from_nobody_at_work(case: Case, label: Label) -> None:
    decision = decision_of(case)
    for item in EVERY_ITEM:
        marked = explained(decision, replace(item, labels=item.labels | {label}))
        plain = explained(decision, item)
        assert marked == plain if decision.own is Own.NOT else marked.step not in OPEN


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


@given(acting_cases())
def test_nobody_acts_for_somebody_but_as_a_source_says(case: Case) -> None:
    asking = replace(case, viewer=replace(case.viewer, purpose="own-access"))
    nobody = replace(asking, person=replace(asking.person, proxies=()))
    at_work = replace(asking, viewer=replace(asking.viewer, purpose="direct-care"))
    assert shown(nobody) == set()
    assert decision_of(at_work).own is Own.NOT
    if decision_of(asking).own is Own.ACTING:
        assert shown(asking) == shown(replace(asking, rules=replace(asking.rules, agreements=(), signatures=())))
        for each in asking.person.proxies:
            ended = replace(each, given=False)
            after = replace(asking, person=replace(asking.person, proxies=[*asking.person.proxies, ended]))
            assert shown(after) <= shown(asking), "whoever says that it has ended outweighs whoever says that it holds"


@given(acting_cases())
def test_the_persons_no_shuts_out_whoever_acts_for_them(case: Case) -> None:
    no = Choice(
        kind=ChoiceKind.PROXY_ACCESS, given=False, contributor=None, organisation=None, silent=False,
        start_at=None, end_at=None,
    )  # fmt: skip
    asking = replace(case, viewer=replace(case.viewer, purpose="own-access"))
    assert shown(_choosing(asking, no)) == set()
    for shut in (
        replace(asking.person, protected=True),
        replace(asking.person, death=Death(at=None)),
        replace(asking.person, number_shared=True),
        replace(asking.person, born_on=()),
    ):
        assert shown(replace(asking, person=shut)) == set()


@given(acting_cases())
def test_whoever_acts_for_somebody_never_sees_more_than_they_do_themselves(case: Case) -> None:
    asking = replace(case, viewer=replace(case.viewer, purpose="own-access"))
    (number, *_) = asking.person.nhs_numbers or [None]
    herself = replace(asking, viewer=replace(asking.viewer, nhs_number=number))
    assert number is None or shown(asking) <= shown(herself)
    private = {Label.SEALED_FLAGGED, Label.THIRD_PARTY, Label.CHILD_PROTECTION}
    assert not any(item.heading is Heading.SAFEGUARDING or item.labels & private for item in shown(asking))


@given(acting_cases(), st.integers(11, 30))
def test_a_parent_sees_ever_less_as_the_child_grows(case: Case, age: int) -> None:
    """And nothing from the 16th birthday on, nor from the 11th without the child's word."""
    parents = [replace(each, kind="parental-responsibility") for each in case.person.proxies]
    young, old = (
        replace(case, person=replace(case.person, proxies=parents, born_on=[f"{TODAY.year - years}-11-22"]))
        for years in (5, age)
    )
    assert shown(old) <= shown(young)
    silent = replace(old, person=replace(old.person, choices=()))
    assert decision_of(old).own is Own.NOT if age >= 16 else decision_of(silent).own is Own.NOT


def test_enough_of_the_cases_are_of_somebody_who_acts() -> None:
    acting = [decision_of(acting_case_of(Dice(seed))).right.acting for seed in range(600)]
    found = Counter(each.kind for each in acting if each)
    assert all(found[kind] >= 12 for kind in proxy_kinds()), found
    assert sum(found.values()) >= 90, found


@given(own_cases())
def test_a_label_more_never_widens_own_access(case: Case) -> None:
    asking = decision_of(replace(case, viewer=replace(case.viewer, purpose="own-access")))
    for label in Label:
        if explained(asking, case.item).step not in OPEN:
            wider = replace(case.item, labels=case.item.labels | {label})
            assert explained(asking, wider).step not in OPEN


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
    denial = replace(_choice(kind, contributor, named, given=False), firm=True)
    permission = _choice(kind, contributor, case.viewer.organisation, given=True)
    before = shown(_choosing(case, permission))
    after = shown(_choosing(case, permission, denial))
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


@given(cases(), st.sampled_from(list(Label)))
def test_adding_a_label_never_widens(case: Case, label: Label) -> None:
    decision = decision_of(case)
    for item in EVERY_ITEM:
        if explained(decision, replace(item, labels=item.labels | {label})).step in OPEN:
            assert explained(decision, item).step in OPEN


@given(cases())
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


@given(cases(), st.data())
def test_removing_a_signature_never_widens(case: Case, data: st.DataObject) -> None:
    kept = [each for each in case.rules.signatures if each.intent is not Intent.SIGN or data.draw(st.booleans())]
    fewer = replace(case, rules=replace(case.rules, signatures=kept))
    assert shown(fewer) <= shown(case)
    assert decision_of(fewer).locates <= decision_of(case).locates


@given(cases(), st.integers(0, 2**48))
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


@given(cases(), st.data())
def test_removing_a_given_consent_never_widens(case: Case, data: st.DataObject) -> None:
    kept = [each for each in case.person.choices if not each.given or data.draw(st.booleans())]
    without = replace(case, person=replace(case.person, choices=kept))
    unknown_went = any(each.kind is ChoiceKind.UNKNOWN for each in case.person.choices if each not in kept)
    assert unknown_went or shown(without) <= shown(case)


@given(cases())
def test_a_bar_outweighs_override(case: Case) -> None:
    barred = {label for bar in case.rules.bars for label in bar.labels}
    assert not any(item.labels & barred for item in shown(_overriding(case)))
    decision = decision_of(_overriding(case))
    for item in EVERY_ITEM[::5]:
        for label in barred:
            assert explained(decision, replace(item, labels=item.labels | {label})).step == "bar"


@given(cases())
def test_override_lifts_only_what_is_named(case: Case) -> None:
    """What only an override shows, one clause that has it shows without it, once that which it names is put right."""
    before = shown(replace(case, person=replace(case.person, overrides=())))
    case = _overriding(case)
    after = shown(case)
    assert before <= after
    lasting = [
        (agreement, clause, lifts)
        for agreement in case.rules.agreements
        for clause in agreement.clauses
        if (lifts := lifted(clause, case.viewer, case.person, NOW)) is not None
    ]
    put_right = [(lifts, _put_right(case, agreement, clause, lifts)) for agreement, clause, lifts in lasting]
    decisions = [(lifts, decision_of(each)) for lifts, each in put_right]
    for item in after - before:
        assert not item.labels & {Label.SEALED_LOCKED, Label.UNKNOWN}
        assert any(explained(decision, _stripped(item, lifts)).step == "shown" for lifts, decision in decisions)
    if not lasting:
        assert after == before


@given(cases(), st.integers(0, 100))
def test_lifting_less_never_widens(case: Case, percent: int) -> None:
    case, dice = _overriding(case), Dice(percent)
    agreements = [
        replace(each, clauses=tuple(_lifting_less(dice, clause) for clause in each.clauses))
        for each in case.rules.agreements
    ]
    assert shown(replace(case, rules=replace(case.rules, agreements=agreements))) <= shown(case)


@given(cases())
def test_nobody_elses_override_opens_anything(case: Case) -> None:
    """Nor one's own in another job, for another person's request, or when it has not begun or is over."""
    (override,) = _overriding(case).person.overrides
    without = shown(replace(case, person=replace(case.person, overrides=())))
    for other in (
        replace(override, user="another"),
        replace(override, organisation=OdsCode("ZZQ")),
        replace(override, role="receptionist"),
        replace(override, start_at=NOW + TICK),
        replace(override, end_at=NOW),
        replace(override, start_at=NOW - DAY),
    ):
        assert shown(replace(case, person=replace(case.person, overrides=[other]))) == without
    plain = replace(case.viewer, with_overrides=False)
    assert shown(replace(case, viewer=plain)) == without


def _overriding(case: Case) -> Case:
    """The same once the viewer has broken the glass, just now."""
    viewer = replace(case.viewer, with_overrides=True)
    mine = BrokenGlass(
        user=viewer.user, organisation=viewer.organisation, role=viewer.role, start_at=NOW, end_at=NOW + DAY
    )
    return replace(case, viewer=viewer, person=replace(case.person, overrides=[mine]))


def _put_right(case: Case, agreement: Agreement, clause: Clause, lifts: Override) -> Case:
    """Without any override, with that clause alone, and with a person of whom all holds that it can lift."""
    person = replace(case.person, overrides=())
    if Lift.RELATIONSHIP in lifts.lifts:
        everything = [_relationship(case, kind) for kind in RelationshipKind]
        everything.append(_relationship(case, RelationshipKind.INPATIENT, ended=True))
        person = replace(person, relationships=everything)
    if Lift.OBJECTION in lifts.lifts:
        kept = [each for each in person.choices if each.kind is not ChoiceKind.OBJECTION or each.given or each.firm]
        person = replace(person, choices=kept)
    if Lift.CONSENT in lifts.lifts:
        clause = replace(clause, explicit_out=False, explicit_in=False)
    clause = replace(clause, override=None)
    return replace(case, person=person, rules=replace(case.rules, agreements=[replace(agreement, clauses=(clause,))]))


def _stripped(item: Item, lifts: Override) -> Item:
    """Less the labels that the override names, and the seal if it lifts that."""
    seal = {Label.SEALED_FLAGGED} if Lift.FLAGGED_SEALS in lifts.lifts else set()
    return replace(item, labels=item.labels - lifts.labels - seal)


def _lifting_less(dice: Dice, clause: Clause) -> Clause:
    if clause.override is None:
        return clause
    fewer = replace(
        clause.override,
        lifts=frozenset(each for each in clause.override.lifts if dice.percent(50)),
        labels=frozenset(each for each in clause.override.labels if dice.percent(50)),
        span=dice.choice([clause.override.span, timedelta(hours=1)]),
    )
    return replace(clause, override=dice.choice([fewer, None]))


@given(cases(), st.integers(0, 2**48))
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
        _choosing(case, _choice(ChoiceKind.ORGANISATION_PROHIBITED, HOSPITAL, None, given=False)),
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
@given(cases(), st.booleans())
def test_what_is_told_hangs_on_agreement_role_relationship_and_choices_that_may_be_told(
    case: Case, flagged_seal: bool
) -> None:
    decision = decision_of(case)
    step, withheld = told(case.viewer, case.person, case.rules, NOW, flagged_seal=flagged_seal)
    assert (decision.refusal and decision.refusal.step.value) == step
    notices = decision.notices(flagged_seal=flagged_seal)
    assert [notice.kind for notice in notices if notice.organisation is None] == (["withheld"] if withheld else [])
    assert all(notice.kind == "relationship" for notice in notices if notice.organisation is not None)


@given(cases())
def test_a_refusal_never_stands_beside_something_open(case: Case) -> None:
    decision = decision_of(case)
    if decision.refusal is not None:
        assert decision.openings == ()
        assert shown(case) == set()
        assert decision.notices(flagged_seal=True) == ()
    shared = {source.organisation for source in sources(case.viewer, case.policy(), NOW) if source.headings}
    assert {item.organisation for item in shown(case)} <= shared


@given(st.one_of(cases(), acting_cases()), st.integers(0, 100))
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


def _choosing(case: Case, *choices: Choice) -> Case:
    return replace(case, person=replace(case.person, choices=[*case.person.choices, *choices]))


def _choice(kind: ChoiceKind, contributor: OdsCode, organisation: OdsCode | None, *, given: bool) -> Choice:
    return Choice(
        kind=kind,
        given=given,
        contributor=contributor,
        organisation=organisation,
        silent=False,
        start_at=None,
        end_at=None,
    )


def _relationship(case: Case, kind: RelationshipKind, *, ended: bool = False) -> Relationship:
    return Relationship(
        kind=kind,
        organisation=case.viewer.organisation,
        service=None,
        team=None,
        user=None,
        start_at=NOW - DAY,
        end_at=NOW if ended else None,
    )
