"""Which relationships does an item give rise to? Examples by kind of item."""

from typing import Any

import pytest

from concord.base import ODS_SYSTEM, STAFF_ID_SYSTEM, OdsCode
from concord.record.facts import relationships

HOSPITAL, PRACTICE, COUNCIL = OdsCode("ZZA01"), OdsCode("ZZG01"), OdsCode("ZZC01")
SYSTEM = "https://concord.example/CodeSystem/"


def organisation(code: str) -> dict[str, Any]:
    return {"identifier": {"system": ODS_SYSTEM, "value": code}}


def staff(id_: str) -> dict[str, Any]:
    return {"identifier": {"system": STAFF_ID_SYSTEM, "value": id_}}


def concept(name: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": SYSTEM + name, "code": code}]}


def told(resource: dict[str, Any], by: OdsCode, kind: str = "acute-trust", service: str | None = None) -> list[str]:
    """Each relationship in a line: kind, then what narrows it, then from and to."""
    lines = []
    for each in relationships(resource, by, kind, service):
        narrowed = [f"{name} {getattr(each, name)}" for name in ("organisation", "service", "team", "user")]
        named = [line for line in narrowed if not line.endswith(" None")]
        span = [f"from {each.start_at:%d %b %Y %H:%M}"] if each.start_at else []
        span += [f"to {each.end_at:%d %b %Y %H:%M}"] if each.end_at else []
        lines.append(", ".join([each.kind.value, *named, *span]))
    return lines


def stay(class_: str, status: str, **period: str) -> dict[str, Any]:
    return {"resourceType": "Encounter", "class": {"code": class_}, "status": status, "period": period}


BEGAN, ENDED = "2026-11-20T01:47:00+00:00", "2026-11-21T10:00:00+00:00"

ENCOUNTERS = [
    ("in a bed", stay("IMP", "in-progress", start=BEGAN), "inpatient, organisation ZZA01, from 20 Nov 2026 01:47"),
    ("acute", stay("ACUTE", "arrived", start=BEGAN), "inpatient, organisation ZZA01, from 20 Nov 2026 01:47"),
    ("on leave", stay("NONAC", "onleave", start=BEGAN), "inpatient, organisation ZZA01, from 20 Nov 2026 01:47"),
    ("in the ED", stay("EMER", "triaged", start=BEGAN), "attending, organisation ZZA01, from 20 Nov 2026 01:47"),
    (
        "gone home",
        stay("IMP", "finished", start=BEGAN, end=ENDED),
        "inpatient, organisation ZZA01, from 20 Nov 2026 01:47, to 21 Nov 2026 10:00",
    ),
    (
        "left the ED on a day without an hour",
        stay("EMER", "finished", start="2026-07-01", end="2026-07-01"),
        "attending, organisation ZZA01, from 30 Jun 2026 23:00, to 01 Jul 2026 23:00",
    ),
    (
        "over, nobody says when: it ended when it began",
        stay("IMP", "finished", start=BEGAN),
        "inpatient, organisation ZZA01, from 20 Nov 2026 01:47, to 20 Nov 2026 01:47",
    ),
    ("over, and no date at all", stay("IMP", "finished"), None),
    ("present, with no date", stay("IMP", "in-progress"), "inpatient, organisation ZZA01"),
    ("planned", stay("IMP", "planned", start=BEGAN), None),
    ("cancelled", stay("IMP", "cancelled", start=BEGAN), None),
    ("entered in error", stay("EMER", "entered-in-error", start=BEGAN), None),
    ("unknown", stay("EMER", "unknown", start=BEGAN), None),
    ("an outpatient", stay("AMB", "in-progress", start=BEGAN), None),
    ("a home visit", stay("HH", "in-progress", start=BEGAN), None),
    ("a telephone call", stay("VR", "finished", start=BEGAN, end=ENDED), None),
    ("no class", {"resourceType": "Encounter", "status": "in-progress"}, None),
]


@pytest.mark.parametrize(("resource", "expected"), [row[1:] for row in ENCOUNTERS], ids=[row[0] for row in ENCOUNTERS])
def test_being_in_hospital(resource: dict[str, Any], expected: str | None) -> None:
    assert told(resource, HOSPITAL, service="emergency") == ([expected] if expected else [])


def patient(**elements: Any) -> dict[str, Any]:
    return {"resourceType": "Patient", **elements}


NOMINATION = {
    "url": "https://concord.example/StructureDefinition/nominated-pharmacy",
    "valueReference": organisation("ZZP01"),
}


def test_registration_with_a_practice() -> None:
    assert told(patient(), PRACTICE, "gp-practice") == ["registered, organisation ZZG01"]
    assert told(patient(active=True), PRACTICE, "gp-practice") == ["registered, organisation ZZG01"]
    assert told(patient(active=False), PRACTICE, "gp-practice") == []
    assert told(patient(active=True), HOSPITAL, "acute-trust") == []


def test_the_pharmacy_nominated_at_the_practice() -> None:
    expected = ["registered, organisation ZZG01", "nominated-pharmacy, organisation ZZP01"]
    assert told(patient(extension=[NOMINATION]), PRACTICE, "gp-practice") == expected
    assert told(patient(extension=[NOMINATION]), HOSPITAL, "acute-trust") == []
    assert told(patient(extension=[NOMINATION], active=False), PRACTICE, "gp-practice") == []


def episode(status: str = "active", **elements: Any) -> dict[str, Any]:
    return {"resourceType": "EpisodeOfCare", "status": status, "period": {"start": "2026-10-06"}, **elements}


FROM = "from 05 Oct 2026 23:00"  # midnight in London, in summer
TEAM = {"identifier": {"system": SYSTEM + "team", "value": "district-nurses-north"}}
EPISODES = [
    ("of the service", episode(), f"on-caseload, organisation ZZC01, service nursing, {FROM}"),
    (
        "of a team",
        episode(team=[TEAM]),
        f"on-caseload, organisation ZZC01, service nursing, team district-nurses-north, {FROM}",
    ),
    (
        "of one worker alone",
        episode(team=[TEAM], careManager=staff("S1")),
        f"on-caseload, organisation ZZC01, service nursing, user S1, {FROM}",
    ),
    (
        "a manager known only by name narrows nothing",
        episode(careManager={"display": "Grace Adeyemi"}),
        f"on-caseload, organisation ZZC01, service nursing, {FROM}",
    ),
    (
        "in a care home",
        episode(type=[concept("episode-type", "residential-care")]),
        f"resident, organisation ZZC01, {FROM}",
    ),
    ("finished", episode("finished"), None),
    ("waiting", episode("waitlist"), None),
    ("entered in error", episode("entered-in-error"), None),
]


@pytest.mark.parametrize(("resource", "expected"), [row[1:] for row in EPISODES], ids=[row[0] for row in EPISODES])
def test_caseloads(resource: dict[str, Any], expected: str | None) -> None:
    assert told(resource, COUNCIL, "council", "nursing") == ([expected] if expected else [])


def team(status: str = "active", **elements: Any) -> dict[str, Any]:
    members = [{"member": staff("S1")}, {"member": organisation("ZZH01")}, {"member": {"display": "A neighbour"}}]
    return {"resourceType": "CareTeam", "status": status, "participant": members, **elements}


def test_care_teams() -> None:
    assert told(team(), COUNCIL) == ["care-team, user S1", "care-team, organisation ZZH01"]
    assert told(team("inactive"), COUNCIL) == []
    assert told(team("entered-in-error"), COUNCIL) == []


def test_a_caseload_written_as_a_care_team() -> None:
    involvement = team(category=[concept("care-team-category", "caseload")], participant=[{"member": staff("S1")}])
    expected = ["on-caseload, organisation ZZC01, service adult-social-care, user S1"]
    assert told(involvement, COUNCIL, "council", "adult-social-care") == expected


def test_a_member_for_a_time() -> None:
    period = {"start": "2026-11-01", "end": "2026-11-10"}
    limited = team(participant=[{"member": staff("S1"), "period": period}])
    assert told(limited, COUNCIL) == ["care-team, user S1, from 01 Nov 2026 00:00, to 11 Nov 2026 00:00"]


def referral(status: str = "active", code: str = "referral", **elements: Any) -> dict[str, Any]:
    category = [concept("service-request-category", code)]
    performer = {"performer": [organisation("ZZM01")]} | elements
    return {"resourceType": "ServiceRequest", "status": status, "category": category, "authoredOn": BEGAN, **performer}


def test_referrals() -> None:
    assert told(referral(), PRACTICE) == ["referred, organisation ZZM01, from 20 Nov 2026 01:47"]
    assert told(referral("completed"), PRACTICE) == []
    assert told(referral("revoked"), PRACTICE) == []
    assert told(referral(code="blood-test"), PRACTICE) == []
    assert told(referral(performer=[{"display": "Memory clinic"}]), PRACTICE) == []


def appointment(status: str = "booked", **elements: Any) -> dict[str, Any]:
    return {"resourceType": "Appointment", "status": status, "start": BEGAN, **elements}


def test_appointments() -> None:
    whole = "appointment, organisation ZZA01, from 20 Nov 2026 01:47, to "
    assert told(appointment(end="2026-11-20T02:00:00Z"), HOSPITAL) == [whole + "20 Nov 2026 02:00"]
    assert told(appointment(minutesDuration=20), HOSPITAL) == [whole + "20 Nov 2026 02:07"]
    assert told(appointment("checked-in"), HOSPITAL) == [whole + "20 Nov 2026 01:47"]
    for status in ("cancelled", "noshow", "fulfilled", "proposed", "entered-in-error"):
        assert told(appointment(status), HOSPITAL) == []
    assert told({"resourceType": "Appointment", "status": "booked"}, HOSPITAL) == []


def test_nothing_else_opens_a_record() -> None:
    for type_ in ("Observation", "Condition", "DocumentReference", "Flag", "Consent", "RelatedPerson"):
        assert told({"resourceType": type_, "status": "active"}, PRACTICE, "gp-practice") == []
