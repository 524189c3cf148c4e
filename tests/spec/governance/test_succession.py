"""What changes on the day on which one organisation is succeeded by another: examples for an IG lead to read."""

from datetime import timedelta
from pathlib import Path

import pytest

from concord.base import OdsCode
from concord.governance import Policy, decide, parse_directory
from concord.governance.model import Choice, Relationship
from concord.terminology import Heading
from tests.signing import counted
from tests.spec.governance.northfield import (
    NOW,
    ORGANISATIONS,
    agreement,
    choice,
    person,
    relationship,
    viewer,
)

HARBOUR = "  - {code: ZZY, name: Harbour Pharmacy, short: Pharmacy, kind: pharmacy}\n"
MILLBROOK, HILLTOP = relationship("registered", "ZZP01"), relationship("registered", "ZZP02")
NOMINATED: list[Relationship | Choice] = [relationship("nominated-pharmacy", "ZZX"), choice("share-out", given=True)]
FACTS: dict[str, list[Relationship | Choice]] = {
    "registered at Millbrook": [MILLBROOK],
    "registered at Hilltop": [HILLTOP],
    "her own caseload": [relationship("registered", None, user="555000000002")],
    "attending": [relationship("attending", "ZZA")],
    "attending, Millbrook may not share": [relationship("attending", "ZZA"), choice("share-out")],
    "registered at Millbrook, Millbrook prohibited": [MILLBROOK, choice("organisation-prohibited", about="ZZP01")],
    "registered at Millbrook, Hilltop prohibited": [MILLBROOK, choice("organisation-prohibited", about="ZZP02")],
    "registered at Millbrook, nothing to Millbrook": [MILLBROOK, choice("share-in", about="ZZP01")],
    "registered at Millbrook, Millbrook may not share": [MILLBROOK, choice("share-out")],
    "registered at Hilltop, Millbrook may not share": [HILLTOP, choice("share-out")],
    "nominated, both consents": [*NOMINATED, choice("share-in", given=True, about="ZZX")],
    "nominated, asked anew": [*NOMINATED, choice("share-in", given=True, about="ZZY")],
}
VIEWERS = {
    "GP at Hilltop": viewer("gp", "ZZP02"),
    "GP at Millbrook": viewer("gp", "ZZP01"),
    "ED doctor": viewer("doctor", "ZZA", "emergency"),
    "pharmacist at Canal": viewer("community-pharmacist", "ZZX"),
    "pharmacist at Harbour": viewer("community-pharmacist", "ZZY"),
}
EXAMPLES = [
    tuple(cell.strip() for cell in line.strip("|").split("|"))
    for line in Path(__file__).with_name("succession.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("| Succeeded", "|---"))
]


def succeeded(on: str, *, signed_by: str = "ZZP01 ZZA ZZL ZZX") -> Policy:
    day = {"today": "2026-11-22", "tomorrow": "2026-11-23"}[on]
    text = ORGANISATIONS.replace("short: GP\n", f"short: GP\n    succeeded_by: {{code: ZZP02, on: {day}}}\n", 1)
    text = text.replace("960500}", f"960500, succeeded_by: {{code: ZZY, on: {day}}}}}") + HARBOUR
    text_of, directory = agreement(), parse_directory(text, filename="organisations.yaml")
    signatures = [counted(text_of, party, from_on=text_of.from_on) for party in signed_by.split()]
    return Policy(agreements=[text_of], signatures=signatures, directory=directory)


@pytest.mark.parametrize(("on", "hilltop", "who", "known", "heading", "whose", "shown", "because"), EXAMPLES)
def test_who_sees_what(
    on: str, hilltop: str, who: str, known: str, heading: str, whose: str, shown: str, because: str
) -> None:
    policy = succeeded(on, signed_by="ZZP01 ZZP02 ZZA ZZL ZZX" if hilltop == "signed" else "ZZP01 ZZA ZZL ZZX")
    decision = decide(VIEWERS[who], person(*FACTS[known]), policy, NOW)
    told = decision.explain(OdsCode(whose), None, Heading(heading), 0)
    assert told.shown == (shown == "yes"), told
    of = {source.number for source in person().sources if source.organisation == whose}
    opened = {cell.source_patient for cell in decision.openings if cell.headings >> Heading(heading).bit & 1}
    assert opened & of == (of if told.shown else set()), "what the store may read is the same"


@pytest.mark.parametrize("known", FACTS)
def test_every_row_of_facts_is_used(known: str) -> None:
    assert any(row[3] == known for row in EXAMPLES)


def test_a_decision_ends_when_somebody_is_succeeded() -> None:
    """At midnight in the United Kingdom, whoever it is."""
    decision = decide(VIEWERS["ED doctor"], person(*FACTS["attending"]), succeeded("tomorrow"), NOW)
    assert decision.valid_until - NOW == timedelta(hours=20, minutes=48)


def test_the_audit_says_in_whose_seat_a_relationship_was_held() -> None:
    decision = decide(VIEWERS["GP at Hilltop"], person(MILLBROOK, HILLTOP), succeeded("today"), NOW)
    assert [str(each) for each in decision.relationships_held] == ["registered", "registered (ZZP01)"]
