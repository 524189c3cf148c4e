"""How an agreement stands on a day: the word, and the dates that are told."""

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from concord.base import OdsCode
from concord.governance import Agreement, Policy
from concord.governance.agreements import read_policy
from concord.governance.agreements.reviews import reviews_calendar, reviews_page
from concord.governance.agreements.standing import Signed, Stage, standing
from concord.governance.directory import Succession
from tests.signing import counted
from tests.small_system import PARTIES, POLICY

PRACTICE, CARE = OdsCode("ZZP01"), OdsCode("ZZC")

#       in force from 1 January 2026, review 1 January 2027, until the end of 31 December 2027
CASES = [
    ("2025-12-31", Stage.NOT_YET, []),
    ("2026-01-01", Stage.IN_FORCE, []),
    ("2026-10-02", Stage.IN_FORCE, []),  # 91 days before the review
    ("2026-10-03", Stage.IN_FORCE, [("review", 90, 90)]),
    ("2026-12-02", Stage.IN_FORCE, [("review", 30, 30)]),
    ("2026-12-25", Stage.IN_FORCE, [("review", 7, 7)]),
    ("2027-01-01", Stage.IN_FORCE, [("review", 0, 7)]),
    ("2027-01-02", Stage.IN_FORCE, [("review", -1, 0)]),
    ("2027-12-31", Stage.IN_FORCE, [("review", -364, 0), ("end", 0, 7)]),
    ("2028-01-01", Stage.EXPIRED, [("review", -365, 0), ("end", -1, 0)]),
]


def signed(*by: str, agreement: Agreement | None = None) -> Policy:
    unsigned = read_policy(POLICY)
    (text,) = unsigned.agreements if agreement is None else (agreement,)
    return replace(unsigned, agreements=[text], signatures=[counted(text, party) for party in by])


@pytest.mark.parametrize(("day", "stage", "told"), CASES)
def test_dates_act(day: str, stage: Stage, told: list[tuple[str, int, int]]) -> None:
    policy = signed(*PARTIES)
    found = standing(policy.agreements[0], policy, datetime.fromisoformat(f"{day}T12:00:00+00:00"))
    assert found.stage is stage
    assert [(each.what, each.days, each.within) for each in found.nearing] == told


def test_the_day_is_that_of_the_united_kingdom() -> None:
    summer = replace(signed().agreements[0], until_on=date(2026, 7, 1))
    policy = signed(*PARTIES, agreement=summer)
    assert standing(summer, policy, datetime(2026, 7, 1, 22, 59, tzinfo=UTC)).stage is Stage.IN_FORCE
    assert standing(summer, policy, datetime(2026, 7, 1, 23, 0, tzinfo=UTC)).stage is Stage.EXPIRED


def test_parties_share_with_those_who_have_signed() -> None:
    policy = signed("ZZP01", "ZZC")
    found = standing(policy.agreements[0], policy, datetime(2026, 6, 1, tzinfo=UTC))
    told = {each.party: (each.gives_to, each.could_give_to, each.takes_from) for each in found.parties}
    assert told == {"ZZP01": (1, 2, 0), "ZZA": (0, 0, 0), "ZZC": (0, 0, 1)}
    assert found.signed == 2


def test_a_party_that_is_succeeded_is_to_be_reviewed() -> None:
    """What it signed holds on; what its successor has not signed it is said to want."""
    policy = signed(*PARTIES)
    directory = replace(policy.directory, successions={PRACTICE: Succession(successor=CARE, from_on=date(2026, 5, 1))})
    found = standing(policy.agreements[0], replace(policy, directory=directory), datetime(2026, 6, 1, tzinfo=UTC))
    (practice,) = (each for each in found.parties if each.succeeded is not None)
    assert (practice.party, practice.signed, practice.succeeded) == (
        PRACTICE, Signed.SIGNED, Succession(successor=CARE, from_on=date(2026, 5, 1)),
    )  # fmt: skip
    rows = reviews_page(policy.agreements, directory).sections[0].tables[0].rows
    names = [directory.name(each) for each in (PRACTICE, CARE)]
    what = f"{names[0]} is succeeded by {names[1]}, whose own signature is wanted"
    assert [row[:2] for row in rows if "succeeded" in row[1]] == [
        ("31 January 2026", f"90 days to go: review: {what}"),
        ("1 April 2026", f"30 days to go: review: {what}"),
        ("24 April 2026", f"7 days to go: review: {what}"),
        ("1 May 2026", f"Review: {what}"),
    ]
    assert f"SUMMARY:{policy.agreements[0].title}" in reviews_calendar(policy.agreements, directory)
    assert reviews_calendar(policy.agreements, directory).count("BEGIN:VEVENT") == 3


def test_without_two_signatures_nothing_is_in_force() -> None:
    policy = signed()
    assert standing(policy.agreements[0], policy, datetime(2026, 6, 1, tzinfo=UTC)).stage is Stage.UNSIGNED
