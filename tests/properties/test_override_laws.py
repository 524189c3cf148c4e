"""The laws of an override: what it opens, to whom, and what it never does, on many random cases."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from concord.base import OdsCode
from concord.governance.agreement import Agreement, Clause, Lift, Override
from concord.governance.model import BrokenGlass, ChoiceKind, RelationshipKind
from concord.terminology import Label
from tests.properties.decision_cases import (
    DAY,
    EVERY_ITEM,
    NOW,
    TICK,
    Case,
    Dice,
    cases,
)
from tests.properties.decision_laws import decision_of, explained, relationship_of, shown
from tests.properties.decision_reference import Item, lifted


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
        said = replace(case, person=replace(case.person, overrides=[other]))
        assert shown(said) == without
        assert not decision_of(said).overriding
    plain = replace(case, viewer=replace(case.viewer, with_overrides=False))
    assert shown(plain) == without
    assert not decision_of(plain).overriding


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
        everything = [relationship_of(case, kind) for kind in RelationshipKind]
        everything.append(relationship_of(case, RelationshipKind.INPATIENT, ended=True))
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
