"""The laws of own access, and of who sees a record in somebody's place, on many random cases."""

from collections import Counter
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from concord.governance.model import Choice, ChoiceKind, Death
from concord.governance.own_record import Own
from concord.governance.proxies import proxy_kinds
from concord.governance.writing import may_choose
from concord.terminology import Heading, Label
from tests.properties.decision_cases import (
    EVERY_ITEM,
    NOW,
    TODAY,
    Case,
    Dice,
    acting_case_of,
    acting_cases,
    cases,
    own_cases,
)
from tests.properties.decision_laws import OPEN, choosing, decision_of, explained, opened, shown
from tests.properties.decision_reference import chooses


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
    assert bool(shown(bare)) == sure == (decision_of(bare).own is Own.OPEN)
    assert opened(decision_of(bare), bare.person) == opened(decision_of(asking), asking.person)


@given(st.one_of(cases(), own_cases(), acting_cases()), st.sampled_from([Label.THIRD_PARTY, Label.NOT_FOR_THE_PERSON]))
def test_what_is_kept_from_the_person_is_kept_from_nobody_at_work(case: Case, label: Label) -> None:
    decision = decision_of(case)
    for item in EVERY_ITEM:
        marked = explained(decision, replace(item, labels=item.labels | {label}))
        plain = explained(decision, item)
        assert marked == plain if decision.own is Own.NOT else marked.step not in OPEN


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
    assert shown(choosing(asking, no)) == set()
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


@given(st.one_of(own_cases(), acting_cases()))
def test_who_chooses_about_a_record_is_as_the_reference_says(case: Case) -> None:
    """And nobody chooses who does not see, nor at work."""
    asking = replace(case, viewer=replace(case.viewer, purpose="own-access"))
    decision = decision_of(asking)
    assert may_choose(decision) == chooses(asking.viewer, asking.person, asking.rules, NOW)
    assert not may_choose(decision) or decision.right.headings
    assert not may_choose(decision_of(replace(case, viewer=replace(case.viewer, purpose="direct-care"))))


@given(acting_cases(), st.integers(11, 17))
def test_no_parent_chooses_for_a_child_who_must_agree(case: Case, age: int) -> None:
    parents = [replace(each, kind="parental-responsibility") for each in case.person.proxies]
    grown = replace(case.person, proxies=parents, born_on=[f"{TODAY.year - age}-11-22"])
    asking = replace(case, person=grown, viewer=replace(case.viewer, purpose="own-access"))
    assert decision_of(asking).own is Own.OPEN or not may_choose(decision_of(asking))


def test_enough_of_the_cases_are_of_somebody_who_acts() -> None:
    acting = [decision_of(acting_case_of(Dice(seed))).right.acting for seed in range(600)]
    found = Counter(each.kind for each in acting if each)
    assert all(found[kind] >= 12 for kind in proxy_kinds()), found
    assert sum(found.values()) >= 90, found
    choosers = [may_choose(decision_of(acting_case_of(Dice(seed)))) for seed in range(600)]
    assert sum(choosers) >= 20


@given(own_cases())
def test_a_label_more_never_widens_own_access(case: Case) -> None:
    asking = decision_of(replace(case, viewer=replace(case.viewer, purpose="own-access")))
    for label in Label:
        if explained(asking, case.item).step not in OPEN:
            wider = replace(case.item, labels=case.item.labels | {label})
            assert explained(asking, wider).step not in OPEN
