"""Searching by date: which resources a prefix finds, given what their own dates cover."""

import pytest

from concord.fhir import matches, parse_search

# The date sought, the date in the resource, and the prefixes that find it.
FOUND_BY = [
    ("2025-03-10", "2025-03-10", "eq ge le ap"),
    ("2025-03-10", "2025-03-10T09:30:00Z", "eq ge le ap"),
    ("2025-03-10", "2025-03-11", "ne gt ge sa ap"),
    ("2025-03-10", "2025-03-09", "ne lt le eb ap"),
    ("2025-03-10", "2025-03-20", "ne gt ge sa"),
    ("2025-03-10", "2025-03", "ne gt ge lt le ap"),
    ("2025-03", "2025-03-10", "eq ge le ap"),
    ("2025", "2025-03-10T09:30:00Z", "eq ge le ap"),
    ("2025", "2024-12-31T23:30:00-01:00", "eq ge le ap"),
    ("2025-03-10T09:30", "2025-03-10T09:30:59Z", "eq ge le ap"),
    ("2025-03-10T09:30:00Z", "2025-03-10T10:30:00+01:00", "eq ge le ap"),
    ("2025-03-10T09:30:00Z", "2025-03-10T09:30:01Z", "ne gt ge sa ap"),
]


@pytest.mark.parametrize(("sought", "held", "found_by"), FOUND_BY)
def test_a_prefix_finds(sought: str, held: str, found_by: str) -> None:
    observation = {"resourceType": "Observation", "effectiveDateTime": held}
    found = [
        prefix
        for prefix in ("eq", "ne", "gt", "ge", "lt", "le", "sa", "eb", "ap")
        if matches(observation, parse_search("Observation", [("date", prefix + sought)]).criteria[0])
    ]
    assert sorted(found) == sorted(found_by.split())


@pytest.mark.parametrize(
    ("sought", "start", "end", "found"),
    [
        ("2025-03", "2025-03-01", "2025-03-31", True),
        ("2025-03", "2025-03-01", "2025-04-01", False),
        ("ge2025-03-10", "2025-03-01", None, True),
        ("ge2025-03-10", "2025-03-01", "2025-03-09", False),
        ("le2025-03-10", None, "2025-03-20", True),
        ("sa2025-03-10", "2025-03-10", None, False),
        ("eb2025-03-10", "2025-03-01", "2025-03-09", True),
        ("eb2025-03-10", "2025-03-01", None, False),
    ],
)
def test_a_stay_is_compared_from_its_start_to_its_end(
    sought: str, start: str | None, end: str | None, found: bool
) -> None:
    period = {key: value for key, value in (("start", start), ("end", end)) if value}
    criterion = parse_search("Encounter", [("date", sought)]).criteria[0]
    assert matches({"resourceType": "Encounter", "period": period}, criterion) is found
