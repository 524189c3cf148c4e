"""Agreements for purposes that count people: what they may say, and that no record opens under them to anybody."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from concord.base import FileRefused
from concord.governance import Policy, as_signed, decide, purposes, roles, sources
from concord.governance.agreement import Agreement, Condition, When
from concord.governance.agreements import agreement_page, comparison_page
from concord.governance.model import BrokenGlass
from concord.terminology import Heading
from tests.spec.governance.northfield import (
    AGREEMENT,
    DAY,
    NOW,
    agreement,
    choice,
    directory,
    person,
    relationship,
    viewer,
)

COUNTING = """
agreement: northfield-numbers
title: Northfield numbers
version: 1
purpose: public-health
lawful_basis: {gdpr: [6(1)(e), 9(2)(i)], confidence: [reasonable-expectation]}
in_force: {from: 2026-04-01, review: 2027-04-01, until: 2028-03-31}
parties: {practices: [ZZP01, ZZP02], council: [ZZL]}
clauses:
  - id: council-counts-illness
    from: {organisations: practices}
    shares: [problems]
    with: {organisations: council, roles: [population-analyst]}
"""
CLAUSE = "    with: {organisations: council, roles: [population-analyst]}\n"

# What the clause says besides | what is told
REFUSED = [
    ("    when: [on-caseload]\n", 'unknown key "when" in a clause that counts people'),
    ("    consent: {share-out: explicit}\n", 'unknown key "consent" in a clause that counts people'),
    ("    objection: {except: [problems]}\n", 'unknown key "objection" in a clause that counts people'),
    (
        "    override: {roles: [population-analyst], lifts: [relationship], for: 4h}\n",
        'unknown key "override" in a clause that counts people',
    ),
]


@pytest.mark.parametrize(("besides", "told"), REFUSED)
def test_a_clause_that_counts_asks_for_nothing_that_opens_a_record(besides: str, told: str) -> None:
    with pytest.raises(FileRefused) as refused:
        agreement(COUNTING.replace(CLAUSE, CLAUSE + besides))
    assert told in refused.value.message


def test_a_clause_that_shows_records_still_needs_a_relationship() -> None:
    with pytest.raises(FileRefused) as refused:
        agreement(COUNTING.replace("purpose: public-health", "purpose: direct-care"))
    assert 'a clause needs the key "when"' in refused.value.message


def _as_if(found: Agreement, purpose: str) -> Agreement:
    """The widest that could be written, were the reader of files not there to refuse it."""
    when = tuple(Condition(word=word) for word in (When.REGISTERED, When.ON_CASELOAD, When.INPATIENT))
    clauses = (replace(clause, when=when, roles=frozenset(roles())) for clause in found.clauses)
    return replace(found, purpose=purpose, clauses=tuple(clauses))


def _opened(policy: Policy, purpose: str) -> Iterable[tuple[str, str]]:
    facts = person(
        *(relationship("registered", at) for at in ("ZZP01", "ZZA", "ZZL")),
        choice("share-out", given=True),
        choice("share-in", given=True, about="ZZL"),
    )
    for role in roles():
        for at in ("ZZP01", "ZZA", "ZZL"):
            glass = BrokenGlass(user="someone", organisation=viewer(role, at).organisation, role=role, start_at=NOW,
                                end_at=NOW + DAY)  # fmt: skip
            asked = replace(viewer(role, at), purpose=purpose, with_overrides=True)
            decision = decide(asked, replace(facts, overrides=[glass]), policy, NOW)
            if decision.openings or decision.refusal is None:
                yield role, at


@pytest.mark.parametrize("purpose", [name for name, each in purposes().items() if not each.shows_records])
def test_no_record_opens_to_anybody_for_a_purpose_that_counts(purpose: str) -> None:
    wide = _as_if(agreement(), purpose)
    assert list(_opened(as_signed([wide], directory()), purpose)) == []


def test_the_same_opens_for_a_purpose_that_shows_records() -> None:
    wide = _as_if(agreement(), "direct-care")
    assert len(list(_opened(as_signed([wide], directory()), "direct-care"))) > 10


def test_whoever_counts_is_told_so() -> None:
    asked = replace(viewer("population-analyst", "ZZL"), purpose="public-health")
    decision = decide(asked, person(relationship("on-caseload", "ZZL")), as_signed([agreement(COUNTING)], directory()),
                      NOW)  # fmt: skip
    assert decision.refusal is not None
    assert decision.refusal.sentence == "For public health people are counted, and no record opens."
    assert not decision.explain(person().sources[0].organisation, None, Heading.PROBLEMS, 0).shown


def test_counting_makes_nobody_a_source() -> None:
    """A list of sources names no agreement that shows the viewer's organisation no record."""
    rules = as_signed([agreement(COUNTING)], directory())
    for asked in (
        viewer("social-worker-adults", "ZZL"),
        replace(viewer("population-analyst", "ZZL"), purpose="research"),
    ):
        assert sources(asked, rules, NOW) == ()


def test_an_agreement_for_another_purpose_makes_nobody_a_source() -> None:
    rules = as_signed([agreement()], directory())
    assert sources(viewer("doctor", "ZZA"), rules, NOW) != ()
    assert sources(replace(viewer("doctor", "ZZA"), purpose="safeguarding"), rules, NOW) == ()


def test_it_is_read_out_as_counting() -> None:
    page = agreement_page(agreement(COUNTING), directory())
    sees = next(section for section in page.sections if section.title == "Who sees what")
    clauses = next(section for section in page.sections if section.title == "Clauses")
    assert sees.sentences == (
        "Nobody sees anybody's record under this agreement. People are counted, by what its clauses name.",
    )
    assert clauses.tables[0].rows == (
        (
            "council-counts-illness",
            (
                "Population health analysts at Northfield Council count people by problems of Millbrook Surgery and "
                "Hilltop Surgery, and see nobody's record. Nothing that carries a label."
            ),
        ),
    )


def test_a_comparison_tells_what_is_counted_otherwise() -> None:
    wider = COUNTING.replace("[problems]", "[problems, medications]").replace("version: 1", "version: 2")
    before, after = (
        Policy(agreements=[agreement(AGREEMENT), agreement(text)], signatures=(), directory=directory())
        for text in (COUNTING, wider)
    )
    page = comparison_page(before, after)
    terms = next(section.sentences for section in page.sections if section.title == "Terms")
    assert page.lead == "Nobody sees more or less."
    assert terms[1].startswith("Northfield numbers: clause council-counts-illness was: Population health analysts")
    assert "count people by problems and medications" in terms[1]
