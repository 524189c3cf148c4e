"""Breaking the glass, and a claim of one's own, in examples: what each lifts, and what nothing lifts."""

from dataclasses import replace

import pytest

from concord.base import FileRefused, OdsCode
from concord.governance import decide
from concord.governance.model import BrokenGlass, Choice
from concord.terminology import Heading
from tests.spec.governance.northfield import (
    AGREEMENT,
    DAY,
    NOW,
    agreement,
    choice,
    person,
    policy,
    relationship,
    viewer,
)

DOCTOR = "viewer: {role: doctor, at: ZZA}"
NURSE = "viewer: {role: nurse, at: ZZA}"

# What the clause says | the case | what is so
CASES = [
    ("lifts: [relationship]", f"{DOCTOR}, person: {{overrides: yes}}", "sees: [problems]"),
    ("lifts: [relationship]", f"{DOCTOR}", "hides: [problems]"),
    ("lifts: [relationship]", f"{NURSE}, person: {{overrides: yes}}", "hides: [problems]"),
    ("lifts: [relationship]", f"{DOCTOR}, person: {{overrides: yes, objects: yes}}", "hides: [problems]"),
    ("lifts: [relationship]", f"{DOCTOR}, person: {{overrides: yes}}, item: {{labels: [hiv]}}", "hides: [problems]"),
    (
        "lifts: [relationship, {labels: [hiv]}]",
        f"{DOCTOR}, person: {{overrides: yes}}, item: {{labels: [hiv]}}",
        "sees: [problems]",
    ),
    (
        "lifts: [{labels: [hiv]}]",
        f"{DOCTOR}, person: {{overrides: yes}}, item: {{labels: [hiv]}}",
        "hides: [problems]",
    ),
    (
        "lifts: [{labels: [hiv]}]",
        f"{DOCTOR}, person: {{relationship: attending, overrides: yes}}, item: {{labels: [hiv]}}",
        "sees: [problems]",
    ),
    (
        "lifts: [{labels: [hiv]}]",
        f"{DOCTOR}, person: {{relationship: attending, overrides: yes}}, item: {{labels: [hiv, restricted]}}",
        "hides: [problems]",
    ),
    (
        "lifts: [flagged-seals]",
        f"{DOCTOR}, person: {{relationship: attending, overrides: yes}}, item: {{labels: [sealed-flagged]}}",
        "sees: [problems]",
    ),
    (
        "lifts: [flagged-seals]",
        f"{DOCTOR}, person: {{relationship: attending, overrides: yes}}, item: {{labels: [sealed-locked]}}",
        "hides: [problems]",
    ),
    (
        "lifts: [objection]",
        f"{DOCTOR}, person: {{relationship: attending, overrides: yes, objects: yes}}",
        "sees: [problems]",
    ),
    (
        "lifts: [objection, consent, relationship]",
        f"{DOCTOR}, person: {{relationship: attending, overrides: yes, share-out: refused}}, item: {{from: ZZP01}}",
        "hides: [problems]",
    ),
    (
        "lifts: [relationship, objection, consent, flagged-seals]",
        f"{DOCTOR}, person: {{overrides: yes}}, item: {{labels: [gender-history]}}",
        "hides: [problems]",
    ),
]


@pytest.mark.parametrize(("lifts", "case", "so"), CASES)
def test_an_override_lifts_what_its_clause_names(lifts: str, case: str, so: str) -> None:
    clause = f"    objection: {{except: [safeguarding]}}\n    override: {{roles: [doctor], {lifts}, for: 4h}}"
    text = AGREEMENT.replace("    objection: {except: [safeguarding]}", clause, 1)
    agreement(f"{text}examples:\n  - {{{case}, {so}}}\n")
    otherwise = so.replace("sees", "was").replace("hides", "sees").replace("was", "hides")
    with pytest.raises(FileRefused):
        agreement(f"{text}examples:\n  - {{{case}, {otherwise}}}\n")


def test_whoever_has_no_relationship_at_all_is_given_what_the_override_opens() -> None:
    """The parts of the record that the store may read, and not only the word that an item is shown."""
    clause = "    objection: {except: [safeguarding]}\n    override: {roles: [doctor], lifts: [relationship], for: 4h}"
    rules = policy(agreement(AGREEMENT.replace("    objection: {except: [safeguarding]}", clause, 1)))
    doctor = replace(viewer("doctor", "ZZA"), with_overrides=True)
    broken = BrokenGlass(
        user=doctor.user, organisation=doctor.organisation, role=doctor.role, start_at=NOW, end_at=NOW + DAY
    )
    decision = decide(doctor, replace(person(), overrides=[broken]), rules, NOW)
    assert {cell.source_patient for cell in decision.openings} == {0}, "of Millbrook Surgery, which has signed"
    assert decide(doctor, person(), rules, NOW).openings == ()
    because = decision.explain(OdsCode("ZZP01"), None, Heading.MEDICATIONS, 0).sentence
    assert because == "Shown because you are a doctor at Northfield General and have broken the glass on this record."


def test_a_claim_of_ones_own_is_a_relationship_where_the_clause_says_so() -> None:
    example = f"examples:\n  - {{{DOCTOR}, person: {{relationship: self-claimed}}, {{}}: [problems]}}\n"
    claimed = AGREEMENT.replace("{discharged-within: 14d}", "{self-claimed: 8h}", 1)
    agreement(claimed + example.replace("{}", "sees"))
    agreement(AGREEMENT + example.replace("{}", "hides"))


FIRM = replace(choice("objection"), firm=True)


@pytest.mark.parametrize(
    ("objections", "told"),
    [
        ([], False),
        ([choice("objection")], False),  # lifted
        ([FIRM], True),
        ([replace(FIRM, silent=True)], False),
        ([choice("objection"), replace(FIRM, silent=True)], False),
        ([choice("objection", silent=True), FIRM], True),
    ],
)
def test_under_an_override_that_lifts_objections_the_firm_one_is_told_alone(
    objections: list[Choice], told: bool
) -> None:
    clause = "    objection: {except: [safeguarding]}\n    override: {roles: [doctor], lifts: [objection], for: 4h}"
    rules = policy(agreement(AGREEMENT.replace("    objection: {except: [safeguarding]}", clause, 1)))
    doctor = replace(viewer("doctor", "ZZA"), with_overrides=True)
    broken = BrokenGlass(
        user=doctor.user, organisation=doctor.organisation, role=doctor.role, start_at=NOW, end_at=NOW + DAY
    )
    facts = replace(person(relationship("attending", "ZZA"), *objections), overrides=[broken])
    notices = decide(doctor, facts, rules, NOW).notices(flagged_seal=False)
    assert [notice.kind for notice in notices] == (["withheld"] if told else [])
