"""Which choice does a Consent record? Examples; what is not understood withholds."""

from datetime import UTC, datetime
from typing import Any

import pytest

from concord.base import ODS_SYSTEM, OdsCode
from concord.governance import choice_of
from concord.governance.consent import CHOICE_SYSTEM, SILENT
from concord.governance.model import ChoiceKind

PRACTICE = OdsCode("ZZP01")


def actor(code: str = "ZZA", system: str = ODS_SYSTEM) -> dict[str, Any]:
    return {"reference": {"identifier": {"system": system, "value": code}}}


def consent(code: str, type_: str | None = "deny", *, status: str = "active", **provision: Any) -> dict[str, Any]:
    return {
        "resourceType": "Consent",
        "status": status,
        "category": [{"coding": [{"system": CHOICE_SYSTEM, "code": code}]}],
        "provision": ({"type": type_} if type_ else {}) | provision,
    }


UNDERSTOOD = [
    ("objection", consent("objection"), ("objection", False, None)),
    ("objection withdrawn", consent("objection", "permit"), ("objection", True, None)),
    ("may not leave", consent("share-out"), ("share-out", False, None)),
    ("may leave", consent("share-out", "permit"), ("share-out", True, None)),
    ("hospital may look", consent("share-in", "permit", actor=[actor()]), ("share-in", True, "ZZA")),
    ("hospital may not look", consent("share-in", actor=[actor()]), ("share-in", False, "ZZA")),
    ("nobody may look", consent("share-in"), ("share-in", False, None)),
    ("prohibited", consent("organisation-prohibited", actor=[actor()]), ("organisation-prohibited", False, "ZZA")),
    ("a refusal of some data is a refusal", consent("objection", data=[{}]), ("objection", False, None)),
    ("an actor says nothing in an objection", consent("objection", actor=[actor()]), ("objection", False, None)),
]


@pytest.mark.parametrize(("what", "resource", "expected"), UNDERSTOOD)
def test_understood(what: str, resource: dict[str, Any], expected: tuple[str, bool, str | None]) -> None:
    found = choice_of(resource, PRACTICE)
    assert found is not None
    assert (found.kind.value, found.given, found.organisation) == expected
    assert (found.contributor, found.silent, found.start_at, found.end_at) == (PRACTICE, False, None, None)


NOT_UNDERSTOOD = [
    ("a category of somebody else", consent("objection") | {"category": [{"coding": [{"system": "x", "code": "y"}]}]}),
    ("a category that nobody knows", consent("opt-sideways", "permit")),
    ("unknown, in so many words", consent("unknown", "permit")),
    ("no category", {k: v for k, v in consent("objection").items() if k != "category"}),
    ("two categories", consent("objection") | {"category": consent("objection")["category"] * 2}),
    ("no provision", {k: v for k, v in consent("share-out").items() if k != "provision"}),
    ("neither permit nor deny", consent("share-out", None)),
    ("a permission with conditions", consent("share-out", "permit", purpose=[{}])),
    ("a permission within a refusal's terms", consent("share-out", "permit", provision=[{"type": "deny"}])),
    ("two actors", consent("share-in", "permit", actor=[actor(), actor("ZZL")])),
    ("an actor of another system", consent("share-in", "permit", actor=[actor(system="x")])),
    ("an actor by literal reference", consent("share-in", actor=[{"reference": {"reference": "Organization/1"}}])),
    ("a period that is none", consent("share-out", "permit", period={"end": "soon"})),
    ("an instant without an offset", consent("share-out", "permit", period={"end": "2026-11-22T10:00:00"})),
    ("a day that is none", consent("share-out", "permit", period={"start": "2026-02-30"})),
]


@pytest.mark.parametrize(("what", "resource"), NOT_UNDERSTOOD)
def test_what_is_not_understood_withholds(what: str, resource: dict[str, Any]) -> None:
    found = choice_of(resource, PRACTICE)
    assert found is not None
    assert found.kind is ChoiceKind.UNKNOWN
    assert not found.given
    assert (found.start_at, found.end_at) == (None, None)


@pytest.mark.parametrize("status", ["draft", "proposed", "rejected", "inactive", "entered-in-error"])
def test_what_is_not_active_is_no_choice(status: str) -> None:
    assert choice_of(consent("objection", status=status), PRACTICE) is None


def test_another_resource_is_no_choice() -> None:
    assert choice_of({"resourceType": "Patient", "status": "active"}, PRACTICE) is None


def test_silence() -> None:
    resource = consent("objection") | {"extension": [{"url": SILENT, "valueBoolean": True}]}
    found = choice_of(resource, PRACTICE)
    assert found is not None
    assert found.silent


@pytest.mark.parametrize(
    ("start", "end", "from_", "until"),
    [
        ("2026-11-22T10:00:00Z", "2026-11-22T11:00:00+01:00", (2026, 11, 22, 10), (2026, 11, 22, 10)),
        ("2026-11-22", "2026-11-22", (2026, 11, 22, 0), (2026, 11, 23, 0)),
        ("2026-07-01", "2026-07-01", (2026, 6, 30, 23), (2026, 7, 1, 23)),  # midnight in British summer time
        ("2026-02", "2026-02", (2026, 2, 1, 0), (2026, 3, 1, 0)),
        ("2025", "2025", (2025, 1, 1, 0), (2026, 1, 1, 0)),
    ],
)
def test_a_period_is_in_effect_to_the_end_of_its_last_day(
    start: str, end: str, from_: tuple[int, int, int, int], until: tuple[int, int, int, int]
) -> None:
    found = choice_of(consent("objection", period={"start": start, "end": end}), PRACTICE)
    assert found is not None
    assert (found.start_at, found.end_at) == (datetime(*from_, tzinfo=UTC), datetime(*until, tzinfo=UTC))
