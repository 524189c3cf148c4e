"""What a person reads about each look at their record: a table that a privacy officer can read."""

from datetime import UTC, datetime
from typing import Any

import pytest

from concord.audit import AuditEvent
from concord.base import OdsCode
from concord.governance import REASONS, parse_directory
from concord.record import look_words
from concord.record.look_words import in_words
from tests.small_system import ORGANISATIONS

DIRECTORY = parse_directory(ORGANISATIONS, filename="organisations.yaml")
DOCTOR = {"name": "Dr Ada Nwosu", "role": "doctor", "organisation": "ZZA", "purpose": "direct-care"}
KINDS = ("medications", "problems", "documents", "test-results")  # of which the person is shown something
AT = "On 22 Nov 2026 03:12"
HOSPITAL = DIRECTORY.organisations[OdsCode("ZZA")].name
ADA = f"Dr Ada Nwosu (doctor, {HOSPITAL})"

TABLE: list[tuple[dict[str, Any], str]] = [
    (
        {"action": "open", "context": DOCTOR | {"held": ["attending"]},
         "detail": {"count": 12, "headings": ["medications", "problems"]}},
        (f"{ADA} opened your record, because you were attending there. They saw these kinds of information: "
        "medications and problems."),
    ),
    (
        {"action": "open", "context": DOCTOR | {"held": ["discharged-within 14 days", "referred"]},
         "detail": {"count": 0, "headings": []}},
        f"{ADA} opened your record, because you had left there within 14 days and you were referred there.",
    ),
    (
        {"action": "read", "context": DOCTOR | {"held": ["inpatient"]},
         "detail": {"count": 1, "headings": ["documents"], "type": "DocumentReference"}},
        (f"{ADA} read one item of your record, because you were in hospital there. They saw these kinds of "
        "information: documents."),
    ),
    (
        {"action": "search", "context": DOCTOR | {"held": ["on-caseload"]},
         "detail": {"count": 3, "headings": ["test-results"], "asked": ["code"]}},
        (f"{ADA} looked something up in your record, because you were on the caseload. They saw these kinds of "
        "information: test results."),
    ),
    (
        {"action": "open", "context": DOCTOR | {"held": ["inpatient"]},
         "detail": {"count": 4, "headings": ["medications", "safeguarding"]}},
        (f"{ADA} opened your record, because you were in hospital there. They saw these kinds of information: "
        "medications."),
    ),
    (
        {"action": "open", "context": DOCTOR | {"override": "emergency"},
         "detail": {"count": 4, "headings": ["medications"]}},
        (f"{ADA} opened your record, after breaking the glass. The reason that they gave: it was urgent, and you could "
        "not be asked. They saw these kinds of information: medications."),
    ),
    (
        {"action": "open", "context": DOCTOR | {"override": "safety", "held": ["attending"]}, "detail": {"count": 0}},
        (f"{ADA} opened your record, after breaking the glass, because you were attending there. The reason that they "
        "gave: to keep you or somebody else from harm."),
    ),
    (
        {"action": "assert", "context": DOCTOR, "outcome": "done",
         "detail": {"asserted": "override", "reason": "advice", "reference": "x"}},
        (f"{ADA} broke the glass on your record: they opened more of it than they may see otherwise. The reason that "
        "they gave: somebody who cares for you asked for their advice."),
    ),
    (
        {"action": "assert", "context": DOCTOR, "outcome": "done",
         "detail": {"asserted": "self-claim", "reason": "no-link-yet", "reference": "x"}},
        (f"{ADA} said that they care for you, so that your record opened to them. The reason that they gave: they care "
        "for you, and no system said so yet."),
    ),
    (
        {"action": "assert", "context": DOCTOR, "outcome": "refused"},
        f"{ADA} tried to open more of your record by their own word. They were shown nothing.",
    ),
    (
        {"action": "end-assertion", "context": DOCTOR, "outcome": "done"},
        f"{ADA} closed what they had so opened.",
    ),
    (
        {"action": "open", "context": DOCTOR | {"held": ["self-claimed 12 hours"]}, "detail": {"count": 0}},
        f"{ADA} opened your record, because they had said that they care for you.",
    ),
    (
        {"action": "open", "outcome": "refused", "context": DOCTOR},
        f"{ADA} tried to open your record. They were shown nothing.",
    ),
    (
        {"action": "find", "context": DOCTOR},
        f"{ADA} found you by a search for your details. They saw your name, birth date, NHS number and address.",
    ),
    (
        {"action": "list", "context": DOCTOR | {"held": ["attending"]}},
        (f"{ADA} saw your name in a list, because you were attending there. They saw your name, birth date and NHS "
        "number, and where you were."),
    ),
    (
        {"action": "look-at-audit", "context": DOCTOR | {"role": "privacy-officer"}},
        (f"Dr Ada Nwosu (privacy officer, {HOSPITAL}) looked at who has looked at your record. They saw "
        "who has looked, and nothing of your care."),
    ),
    (
        {"action": "write", "outcome": "done", "who": "system:ZZA", "context": {"organisation": "ZZA"},
         "detail": {"items": 3}},
        f"the computer system of {HOSPITAL} sent information about you.",
    ),
    (
        {"action": "look-at-audit", "who": "duty:audit-show"},
        ("those who run this system looked at who has looked at your record. They saw who has looked, and nothing of "
        "your care."),
    ),
    (
        {"action": "open", "context": DOCTOR | {"role": "astronaut", "organisation": "ZZQ"}},
        "Dr Ada Nwosu (a role that is not known here, ZZQ) opened your record.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("row", "words"), TABLE, ids=[str(number) for number in range(len(TABLE))])
def test_a_row_in_words(row: dict[str, Any], words: str) -> None:
    known: dict[str, Any] = {"at": datetime(2026, 11, 22, 3, 12, tzinfo=UTC), "outcome": "shown", "who": "ada"}
    assert in_words(AuditEvent(**(known | row)), DIRECTORY, KINDS) == f"{AT} {words}".replace(
        "2026 03:12", "2026 at 03:12"
    )


def test_every_reason_that_can_be_given_has_words_for_the_person() -> None:
    assert look_words.REASONS_IN_WORDS.keys() == REASONS.keys()
