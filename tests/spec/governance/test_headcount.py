"""Who is counted, under an agreement that lets people be counted: a table that a data protection officer can read."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from concord.base import OdsCode
from concord.governance import OWN_ACCESS, Policy, parse_agreement, parse_directory, purposes
from concord.governance.agreements import Described, Headcount, ItemClass, counting_purposes
from concord.governance.agreements.headcount import BANDS
from concord.governance.agreements.small_numbers import disclosed
from concord.governance.model import Choice, ChoiceKind, Death, PersonFacts, SourcePatient
from concord.governance.signatures import as_if_signed
from concord.terminology import Heading, Label
from tests.small_system import ORGANISATIONS, viewer

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
PRACTICE, HOSPITAL = OdsCode("ZZP01"), OdsCode("ZZA")
COUNTING = """\
agreement: counting
title: Counting
version: 1
purpose: {purpose}
lawful_basis: {{gdpr: [6(1)(e), 9(2)(h)], confidence: [reasonable-expectation]}}
in_force: {{from: 2026-01-01, review: 2027-01-01, until: 2027-12-31}}
parties: {{practices: [ZZP01], hospital: [ZZA]}}
clauses:
  - id: hospital-counts-illness
    from: {{organisations: practices}}
    shares: [person-demographics, problems]
    with: {{organisations: hospital, roles: [population-analyst]}}
    allows_labels: [mental-health]
"""
DIRECTORY = parse_directory(ORGANISATIONS, filename="organisations.yaml")
ANALYST = viewer("population-analyst", "ZZA")
DESCRIBED = Described(organisation=PRACTICE, born_on="1942-02-14", sex="female")


def policy(purpose: str = "public-health", *, signed_by: tuple[str, ...] = ("ZZP01", "ZZA")) -> Policy:
    text = COUNTING.format(purpose=purpose)
    agreement = parse_agreement(text, filename="counting.yaml", directory=DIRECTORY)
    signatures = [as_if_signed(agreement, OdsCode(party), NOW.date().replace(month=1)) for party in signed_by]
    return Policy(agreements=[agreement], signatures=signatures, directory=DIRECTORY)


def refuses(kind: str, *, contributor: str = "ZZP01", organisation: str | None = None) -> Choice:
    return Choice(
        kind=ChoiceKind(kind), given=False, contributor=OdsCode(contributor), silent=False, start_at=None, end_at=None,
        organisation=None if organisation is None else OdsCode(organisation),
    )  # fmt: skip


def item(heading: Heading = Heading.PROBLEMS, *labels: Label, contributor: OdsCode = PRACTICE) -> ItemClass:
    return ItemClass(contributor=contributor, service=None, heading=heading, labels=sum(each.mask for each in labels))


PLAIN = PersonFacts(
    sources=[SourcePatient(home=1, number=1, organisation=PRACTICE)], relationships=[], choices=[], protected=False
)


def who(*choices: Choice) -> PersonFacts:
    return replace(PLAIN, choices=choices)


# What is said of the person | purpose | what they have | are they counted under its heading?
TABLE = [
    ("nothing", PLAIN, "public-health", item(), True),
    ("has opted out nationally", who(refuses("national-data-opt-out")), "public-health", item(), False),
    ("has opted out nationally", who(refuses("national-data-opt-out")), "research", item(), False),
    ("has opted out nationally", who(refuses("national-data-opt-out")), "operations", item(), False),
    ("has opted out nationally", who(refuses("national-data-opt-out")), "payment", item(), True),
    ("objects", who(refuses("objection")), "public-health", item(), False),
    ("an unknown choice", who(refuses("unknown")), "payment", item(), False),
    ("nothing may leave it", who(refuses("share-out")), "public-health", item(), False),
    ("nothing may leave another", who(refuses("share-out", contributor="ZZC")), "payment", item(), True),
    ("not to them", who(refuses("share-in", organisation="ZZA")), "public-health", item(), False),
    ("never to them", who(refuses("organisation-prohibited", organisation="ZZA")), "payment", item(), False),
    ("never to others", who(refuses("organisation-prohibited", organisation="ZZC")), "payment", item(), True),
    ("is protected", replace(PLAIN, protected=True), "public-health", item(), False),
    ("has died", replace(PLAIN, death=Death(at=NOW)), "public-health", item(), False),
    ("nothing", PLAIN, "public-health", item(Heading.PROBLEMS, Label.MENTAL_HEALTH), True),
    ("nothing", PLAIN, "public-health", item(Heading.PROBLEMS, Label.HIV), False),
    ("nothing", PLAIN, "public-health", item(Heading.PROBLEMS, Label.SEALED_FLAGGED), False),
    ("nothing", PLAIN, "public-health", item(Heading.ALLERGIES), False),
    ("nothing", PLAIN, "public-health", item(contributor=HOSPITAL), False),
]  # fmt: skip


@pytest.mark.parametrize(("said", "person", "purpose", "has", "is_counted"), TABLE)
def test_who_is_counted(said: str, person: PersonFacts, purpose: str, has: ItemClass, is_counted: bool) -> None:
    counted = told(person, purpose, has, number=10)
    assert counted == ("10" if is_counted else "7 or fewer"), said


def told(person: PersonFacts, purpose: str, has: ItemClass, *, number: int) -> str:
    headcount = Headcount(replace(ANALYST, purpose=purpose), policy(purpose), NOW)
    for _ in range(number):
        headcount.add(person, {has: 3}, [DESCRIBED])
    rows = {row[0]: row[1] for section in headcount.page().sections for table in section.tables for row in table.rows}
    return rows["Problems"]


def test_who_may_count_says_a_signed_clause_in_force() -> None:
    assert counting_purposes(ANALYST, policy(), NOW) == ["public-health"]
    assert counting_purposes(ANALYST, policy(signed_by=("ZZA",)), NOW) == []
    assert counting_purposes(ANALYST, policy(), NOW.replace(year=2030)) == []
    assert counting_purposes(viewer("doctor", "ZZA"), policy(), NOW) == []
    assert counting_purposes(viewer("population-analyst", "ZZC"), policy(), NOW) == []
    assert counting_purposes(viewer("patient", "ZZA", purpose=OWN_ACCESS), policy(), NOW) == []


def test_the_opt_out_is_about_research_and_planning() -> None:
    assert [word for word, each in purposes().items() if each.opt_out] == ["operations", "public-health", "research"]


@pytest.mark.parametrize(
    ("born_on", "band"),
    [
        ("2026-11-22", "0 to 15"), ("2010-11-23", "0 to 15"), ("2010-11-22", "16 to 24"), ("1942-02-14", "75 to 84"),
        ("1941-11-22", "85 and over"), ("1942", "Age not known"), ("", "Age not known"),
        ("2030-01-01", "Age not known"),
    ],
)  # fmt: skip
def test_ages_are_full_years(born_on: str, band: str) -> None:
    headcount = Headcount(replace(ANALYST, purpose="public-health"), policy(), NOW)
    for _ in range(9):
        headcount.add(PLAIN, {item(Heading.DEMOGRAPHICS): 1}, [replace(DESCRIBED, born_on=born_on, sex="male")])
    (table,) = headcount.page().sections[0].tables
    assert [row[0] for row in table.rows] == [*(name for name, _ in BANDS), "85 and over", "Age not known"]
    assert {row[0]: row[2] for row in table.rows if row[2] != disclosed(0)} == {band: "10"}
