"""Two ways of asking for consent are two files: both are whole, and the page about them counts what they open."""

import re
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import pytest

from concord.base import OdsCode
from concord.governance import (
    Agreement,
    Held,
    Policy,
    Situation,
    When,
    as_signed,
    decide,
    parse_agreement,
    parse_directory,
    roles,
)
from concord.governance.agreements import Broken, compare, prove
from concord.governance.situations import ANY_DAY, someone
from concord.terminology import HEADINGS
from tests.architecture.house import CHECKOUT

DIRECTORY = files("concord.demo") / "directory"
KNOWN = parse_directory((DIRECTORY / "organisations.yaml").read_text(encoding="utf-8"), filename="organisations.yaml")
PAGE = (CHECKOUT / "docs" / "explanation" / "consent-two-ways.md").read_text(encoding="utf-8")

# Who | where | how the person stands to them
VIEWERS = [
    ("gp", "ZZP01", When.REGISTERED),
    ("doctor", "ZZA", When.INPATIENT),
    ("nurse", "ZZA", When.INPATIENT),
    ("hospital-pharmacist", "ZZA", When.INPATIENT),
    ("discharge-nurse", "ZZA", When.INPATIENT),
    ("district-nurse", "ZZC", When.ON_CASELOAD),
    ("occupational-therapist", "ZZC", When.ON_CASELOAD),
    ("care-coordinator", "ZZC", When.ON_CASELOAD),
    ("mental-health-nurse", "ZZM", When.ON_CASELOAD),
    ("social-worker-adults", "ZZL", When.ON_CASELOAD),
]


def variant(name: str) -> Agreement:
    text = (DIRECTORY / "variants" / f"{name}.yaml").read_text(encoding="utf-8")
    return parse_agreement(text, filename=f"{name}.yaml", directory=KNOWN)


ASKED_EACH_TIME, BY_ROLE = (as_signed([variant(name)], KNOWN) for name in ("asked-each-time", "by-role"))


def headings_seen(policy: Policy, role: str, at: str, held: When, **said: Any) -> int:
    """How many headings of what one practice wrote are open."""
    service = "adult-social-care" if role == "social-worker-adults" else None
    viewer = someone(role, OdsCode(at), service, "direct-care")
    facts = Situation(held=(Held(word=held),), **said).facts(OdsCode(at), [OdsCode("ZZP01")], ANY_DAY)
    decision = decide(viewer, facts, policy, ANY_DAY)
    return sum(decision.explain(OdsCode("ZZP01"), None, heading, 0).shown for heading in HEADINGS)


def rows() -> Iterator[str]:
    for role, at, held in VIEWERS:
        counts = (
            headings_seen(ASKED_EACH_TIME, role, at, held),
            headings_seen(ASKED_EACH_TIME, role, at, held, share_out=True, share_in=True),
            headings_seen(BY_ROLE, role, at, held),
            headings_seen(BY_ROLE, role, at, held, objects=True),
        )
        yield f"| {roles()[role].title} | {KNOWN.name(OdsCode(at))} | {' | '.join(map(str, counts))} |"


def generated() -> dict[str, str]:
    head = (
        "| who | where | asked each time: nobody has asked | both said yes | by role: nobody has asked | objects |\n"
        "|---|---|---|---|---|---|"
    )
    found = compare(ASKED_EACH_TIME, BY_ROLE)
    return {
        "headings": "\n".join([head, *rows()]),
        "comparison": f"It has {len(found.opens)} sentences of what opens, and {len(found.closes)} of what closes.",
    }


@pytest.mark.parametrize("name", ["headings", "comparison"])
def test_the_pages_numbers_are_current(name: str) -> None:
    found = re.search(rf"<!-- generated: {name} -->\n(.*?)\n<!-- end -->", PAGE, re.DOTALL)
    assert found is not None
    assert found[1] == generated()[name], f"write this into docs/explanation/consent-two-ways.md:\n{generated()[name]}"


@pytest.mark.parametrize("policy", [ASKED_EACH_TIME, BY_ROLE], ids=["asked-each-time", "by-role"])
def test_both_keep_what_they_promise(policy: Policy) -> None:
    (agreement,) = policy.agreements
    assert [each.promise.id for each in prove(policy, *agreement.promises) if isinstance(each, Broken)] == []


@pytest.mark.parametrize(("role", "at", "held"), VIEWERS[1:])
def test_asked_each_time_nothing_leaves_before_both_said_yes(role: str, at: str, held: When) -> None:
    for said in ({}, {"share_out": True}, {"share_in": True}, {"share_out": True, "share_in": False}):
        assert headings_seen(ASKED_EACH_TIME, role, at, held, **said) == 0
    assert headings_seen(ASKED_EACH_TIME, role, at, held, share_out=True, share_in=True) > 0


@pytest.mark.parametrize(("role", "at", "held"), VIEWERS[1:])
def test_by_role_it_opens_until_the_person_says_no(role: str, at: str, held: When) -> None:
    assert headings_seen(BY_ROLE, role, at, held) > 0
    assert headings_seen(BY_ROLE, role, at, held, share_out=False) == 0
    assert headings_seen(BY_ROLE, role, at, held, objects=True) <= 2  # worries about safety alone


def test_the_two_tell_roles_apart_otherwise() -> None:
    """Where everybody is asked, roles are alike; where nobody is, each sees what its work needs."""
    hospital = [(role, at, held) for role, at, held in VIEWERS if at == "ZZA"]
    assert len({headings_seen(ASKED_EACH_TIME, *each, share_out=True, share_in=True) for each in hospital}) == 1
    assert len({headings_seen(BY_ROLE, *each) for each in hospital}) == len(hospital)
