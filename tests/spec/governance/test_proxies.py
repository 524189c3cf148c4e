"""Who may see somebody's record in their place: the tables of proxies.md, and how it arrives as a RelatedPerson."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.base import OdsCode
from concord.governance import OWN_ACCESS, PATIENT, PersonFacts, decide, proxy_of
from concord.governance.model import Choice, Death, Proxy
from concord.governance.own_record import Own
from concord.governance.proxies import proxy_kinds
from concord.governance.writing import may_choose
from concord.terminology import Heading, Label, label_mask
from tests.spec.governance.northfield import DAY, NOW, choice, person, policy, viewer

PARENT, CHILD = "9990003203", "9990003114"
PRACTICE = OdsCode("ZZP01")
YEARS = timedelta(days=365)
ROWS = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in Path(__file__).with_name("proxies.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("| Who acts", "|---"))
]
ACTING = [row for row in ROWS if row[2] not in {*Heading}]
LEFT_OUT = [row for row in ROWS if row not in ACTING]
SAID: dict[str, list[Choice]] = {
    "nothing": [],
    "yes": [choice("proxy-access", given=True)],
    "no": [choice("proxy-access")],
    "yes, and then no": [choice("proxy-access", given=True), choice("proxy-access", by="ZZL")],
    "no, until yesterday": [replace(choice("proxy-access"), end_at=NOW - DAY)],
    "something that nobody understands": [choice("unknown")],
}


def acting(kind: str) -> Proxy:
    return Proxy(kind=kind, nhs_number=PARENT, given=True, contributor=PRACTICE, start_at=None, end_at=None)


def of(kind: str, born: str, said: str, besides: str) -> PersonFacts:
    """The facts of a row."""
    proxy, choices = acting(kind), SAID[said]
    more: dict[str, Any] = {}
    if "registered in 2024" in besides:
        proxy = replace(proxy, start_at=NOW - 2 * YEARS)
    if besides.endswith("the council says so, not the practice") or besides == "the council says who acts":
        proxy = replace(proxy, contributor=OdsCode("ZZL"))
    match besides:
        case "the hospital says so, not the practice":
            choices = [replace(each, contributor=OdsCode("ZZA")) for each in choices]
        case "the hospital says who acts":
            proxy = replace(proxy, contributor=OdsCode("ZZA"))
        case "ended yesterday":
            proxy = replace(proxy, end_at=NOW - DAY)
        case "begins tomorrow":
            proxy = replace(proxy, start_at=NOW + DAY)
        case "where the child is must not be found out":
            more = {"protected": True}
        case "the child has died":
            more = {"death": Death(at=NOW - DAY)}
        case "two people carry the child's number":
            more = {"number_shared": True}
        case "somebody else's number":
            proxy = replace(proxy, nhs_number="9990003300")
    proxies = [proxy]
    if besides == "the council says that it has ended":
        proxies.append(replace(proxy, given=False, contributor=OdsCode("ZZL")))
    births = [] if born == "-" else born.split(" or ")
    return replace(person(*choices), proxies=proxies, born_on=births, nhs_numbers=frozenset({CHILD}), **more)


def sees(facts: PersonFacts, heading: Heading, labels: int = 0, *, purpose: str = OWN_ACCESS) -> bool:
    """By the explanation of one item; the openings say the same, of every source."""
    asking = replace(viewer(PATIENT, "ZZP01"), purpose=purpose, nhs_number=PARENT)
    decision = decide(asking, facts, policy(), NOW)
    reason = decision.explain(PRACTICE, None, heading, labels)
    cells = [each for each in decision.openings if each.headings >> heading.bit & 1 and labels & ~each.labels == 0]
    assert len(cells) == (len(facts.sources) if reason.shown else 0)
    return reason.shown


@pytest.mark.parametrize(("kind", "born", "said", "besides", "seen", "chooses"), ACTING)
def test_who_acts_for_whom(kind: str, born: str, said: str, besides: str, seen: str, chooses: str) -> None:
    purpose = "direct-care" if besides == "asks at work" else OWN_ACCESS
    facts = of(kind, born, said, besides)
    assert sees(facts, Heading.MEDICATIONS, purpose=purpose) == (seen == "yes")
    asking = replace(viewer(PATIENT, "ZZP01"), purpose=purpose, nhs_number=PARENT)
    assert may_choose(decide(asking, facts, policy(), NOW)) == (chooses == "yes")


@pytest.mark.parametrize(("who", "born", "heading", "labels", "seen"), LEFT_OUT)
def test_what_is_left_out(who: str, born: str, heading: str, labels: str, seen: str) -> None:
    kind, _, agrees = who.partition(", ")
    facts = of(kind, born, "yes" if agrees else "nothing", "registered in 2024" if kind.startswith("health") else "-")
    mask = label_mask([] if labels == "-" else [Label(each) for each in labels.split()])
    assert sees(facts, Heading(heading), mask) == (seen == "yes")


def test_the_tables_are_read_whole() -> None:
    assert (len(ACTING), len(LEFT_OUT)) == (34, 24)


def test_it_says_why() -> None:
    asking = replace(viewer(PATIENT, "ZZP01"), purpose=OWN_ACCESS, nhs_number=PARENT)
    decision = decide(asking, of("parental-responsibility", "2020-05-01", "nothing", "-"), policy(), NOW)
    assert decision.own is Own.ACTING
    shown = decision.explain(PRACTICE, None, Heading.MEDICATIONS, 0)
    hidden = decision.explain(PRACTICE, None, Heading.SAFEGUARDING, 0)
    assert shown.sentence == "Shown because you act for this person as somebody with parental responsibility."
    assert hidden.sentence == "Withheld because it is not for whoever acts for this person."


def test_a_birthday_ends_a_decision() -> None:
    asking = replace(viewer(PATIENT, "ZZP01"), purpose=OWN_ACCESS, nhs_number=PARENT)
    for born, changes in (("2015-11-23", "2026-11-23T00:00:00+00:00"), ("2020-02-29", "2031-03-01T00:00:00+00:00")):
        facts = of("parental-responsibility", born, "nothing", "-")
        assert decide(asking, facts, policy(), NOW).valid_until.isoformat() == changes


def test_of_two_the_widest_counts_and_stands_first() -> None:
    """So that taking one away never shows more."""
    rows = list(proxy_kinds().values())
    for at, wide in enumerate(rows):
        for narrow in rows[at + 1 :]:
            for age in range(120):
                one, other = wide.at(age), narrow.at(age)
                if one and other:
                    assert wide.never & ~narrow.never == 0
                    assert other.labels & ~one.labels == 0


RELATED = {
    "resourceType": "RelatedPerson",
    "identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": PARENT}],
    "relationship": [
        {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v3-RoleCode", "code": "MTH"}]},
        {"coding": [{"system": "https://concord.example/CodeSystem/proxy", "code": "parental-responsibility"}]},
    ],
}


def test_as_it_arrives() -> None:
    assert proxy_of(RELATED, PRACTICE) == acting("parental-responsibility")
    dated = proxy_of(RELATED | {"period": {"start": "2024-11-22", "end": "2026-11-22"}}, PRACTICE)
    assert dated is not None
    assert (str(dated.start_at), str(dated.end_at)) == ("2024-11-22 00:00:00+00:00", "2026-11-23 00:00:00+00:00")
    ended = proxy_of(RELATED | {"active": False}, PRACTICE)
    assert ended is not None
    assert not ended.given


@pytest.mark.parametrize(
    "more",
    [
        {"identifier": []},
        {"identifier": [{"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990003204"}]},
        {"identifier": [*RELATED["identifier"], {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": CHILD}]},
        {"relationship": RELATED["relationship"][:1]},
        {"relationship": [{"coding": [{"system": "https://concord.example/CodeSystem/proxy", "code": "uncle"}]}]},
        {"resourceType": "Patient"},
    ],
)
def test_what_is_not_plain_says_nothing(more: dict[str, Any]) -> None:
    assert proxy_of(RELATED | more, PRACTICE) is None
