"""Who may find people and see who looked; and the three makers of the right to read."""

from dataclasses import replace

import pytest

from concord.base import OdsCode
from concord.governance import (
    Duty,
    SourceSystem,
    decide,
    may_audit,
    may_trace,
    permit_duty,
    permit_source,
    permit_viewer,
)
from concord.store import Opening, Permitted
from concord.terminology import Heading, Label, label_mask
from tests.spec.governance.northfield import NOW, person, policy, relationship, viewer


@pytest.mark.parametrize(
    ("role", "traces", "audits"),
    [
        ("doctor", True, False),
        ("receptionist", True, False),
        ("privacy-officer", True, True),
        ("ig-lead", False, False),
        ("administrator", False, False),
        ("astronaut", False, False),
    ],
)
def test_by_role(role: str, traces: bool, audits: bool) -> None:
    asker = viewer(role, "ZZA")
    assert (may_trace(asker, policy()), may_audit(asker, policy())) == (traces, audits)


@pytest.mark.parametrize(
    ("purpose", "traces"), [("direct-care", True), ("safeguarding", True), ("research", False), ("curiosity", False)]
)
def test_people_are_found_for_purposes_that_need_it(purpose: str, traces: bool) -> None:
    assert may_trace(replace(viewer("doctor", "ZZA"), purpose=purpose), policy()) == traces


def test_an_unknown_organisation_may_nothing() -> None:
    for role in ("doctor", "privacy-officer"):
        stranger = viewer(role, "ZZQ")
        assert not may_trace(stranger, policy())
        assert not may_audit(stranger, policy())
    assert not may_audit(replace(viewer("privacy-officer", "ZZA"), purpose="curiosity"), policy())


def test_a_decision_becomes_openings() -> None:
    decision = decide(viewer("doctor", "ZZA"), person(relationship("attending", "ZZA")), policy(), NOW)
    headings = sum(
        1 << heading.bit
        for heading in (Heading.ALERTS, Heading.ALLERGIES, Heading.MEDICATIONS, Heading.PROBLEMS, Heading.SAFEGUARDING)
    )
    labels = label_mask([Label.MENTAL_HEALTH, Label.THIRD_PARTY, Label.NOT_FOR_THE_PERSON])
    only = Opening(home=7, source_patient=0, service=None, headings=headings, labels=labels)
    assert permit_viewer(decision) == Permitted(openings=(only,))


def test_a_decision_that_opens_nothing_permits_nothing() -> None:
    assert permit_viewer(decide(viewer("doctor", "ZZA"), person(), policy(), NOW)) == Permitted()


def test_a_source_system_sees_what_it_contributed() -> None:
    assert permit_source(SourceSystem(organisation=OdsCode("ZZA"))) == Permitted(contributor=OdsCode("ZZA"))


def test_a_duty_is_named() -> None:
    assert permit_duty(Duty(name="matching")) == Permitted(duty="matching")
