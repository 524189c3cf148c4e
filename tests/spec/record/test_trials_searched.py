"""Searches of a tester: what an organisation on trial sends is found as if it were live, in every way that one
searches, and by nobody else."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import Incorrect, OdsCode
from concord.fhir import parse, parse_search
from concord.governance import Viewer
from tests.small_system import (
    COMMUNITY,
    COMMUNITY_NURSE,
    ED_DOCTOR,
    HOSPITAL,
    NHS_NUMBER,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
    send,
    small_system,
    statuses,
)
from tests.spec.record.test_trials import OTHER_NUMBER, SHARING, TESTER, TESTING_NURSE, ZZC, on_the_caseload

SYSTEM = "https://fhir.nhs.uk/Id/nhs-number"


def coded(source_id: str, of: str, words: str, code: str, **more: Any) -> dict[str, Any]:
    return condition(source_id, of, words, **more) | {
        "code": {"text": words, "coding": [{"system": "http://snomed.info/sct", "code": code}]}
    }


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    """Practice and hospital know one person; the community trust is on trial, and has sent about her and another."""
    with small_system(database) as app:
        text = POLICY.agreements["direct-care.yaml"] + SHARING
        text = text.replace("contacts-with-professionals]", "contacts-with-professionals, future-appointments]")
        enforce(app, replace(POLICY, agreements={"direct-care.yaml": text}))
        send(app, PRACTICE, patient("gp"), coded("c1", "gp", "Heart failure", "1", onsetDateTime="2026-01-01"))
        send(app, HOSPITAL, patient("ed"), attendance("v1", "ed"))
        app.records.trials.begin(ZZC, [TESTER.user, TESTING_NURSE.user])
        sent = send(
            app, COMMUNITY, patient("c"), coded("c2", "c", "Leg ulcer", "2", onsetDateTime="2026-02-01"),
            on_the_caseload("k1", "c"),
            patient("other", number=OTHER_NUMBER, birthDate="1950-03-01"), coded("c3", "other", "Fall", "3"),
            on_the_caseload("k2", "other"),
            attendance("v2", "c"), coded("c4", "c", "Cellulitis", "2", encounter={"reference": "Encounter/v2"}),
            {"resourceType": "Appointment", "id": "a1", "status": "booked", "start": "2026-11-22T09:00:00Z",
             "end": "2026-11-22T09:10:00Z",
             "participant": [{"actor": {"reference": f"Patient/{each}"}, "status": "accepted"}
                             for each in ("c", "other")]},
        )  # fmt: skip
        assert set(statuses(sent)) == {"stored"}
        yield app


def address(app: App, organisation: str, type_: str, source_id: str) -> str:
    return app.records._keys.logical_id(OdsCode(organisation), type_, source_id)


def words(wire: bytes) -> str:
    resource = parse(wire)
    return str(resource.get("code", {}).get("text") or resource["resourceType"])


def searched(app: App, by: Viewer, search: str) -> list[str]:
    """What is found, in words; what is brought besides after a bar."""
    ed, c = (address(app, code, "Patient", source_id) for code, source_id in (("ZZA", "ed"), ("ZZC", "c")))
    type_, _, asked = search.replace("{ed}", ed).replace("{c}", c).partition("?")
    pairs = [(name, value) for name, _, value in (each.partition("=") for each in asked.split("&") if each)]
    found = app.records.search(parse_search(type_, pairs), by).wait()
    assert found.total in (None, len(found.items)) or found.next is not None
    return sorted(words(each.wire) for each in found.items) + [
        f"|{each}" for each in sorted(words(each.wire) for each in found.included)
    ]


def all_searched(app: App, by: Viewer, searches: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {search: searched(app, by, search) for search in searches}


OF_THE_TRIAL = {"Cellulitis", "Leg ulcer"}
DOCTORS = [
    ("Condition", ["Cellulitis", "Heart failure", "Leg ulcer"]),
    ("Condition?code=http://snomed.info/sct|2", ["Cellulitis", "Leg ulcer"]),
    ("Condition?code=1", ["Heart failure"]),
    ("Condition?onset-date=ge2026-01-15&patient={ed}", ["Leg ulcer"]),
    ("Condition?patient={ed}", ["Cellulitis", "Heart failure", "Leg ulcer"]),
    ("Condition?patient={c}", ["Cellulitis", "Heart failure", "Leg ulcer"]),
    ("Condition?patient={c}&code=1", ["Heart failure"]),
    ("Condition?_lastUpdated=gt2020-01-01", ["Cellulitis", "Heart failure", "Leg ulcer"]),
    (f"Condition?patient.identifier={SYSTEM}|{NHS_NUMBER}", ["Cellulitis", "Heart failure", "Leg ulcer"]),
    ("Encounter?date=ge2026-11-22", ["Encounter", "Encounter"]),
    (f"Patient?identifier={SYSTEM}|{NHS_NUMBER}", ["Patient", "Patient", "Patient"]),
    ("Patient?family=Holroyd&birthdate=1942-02-14", ["Patient", "Patient", "Patient"]),
    ("Patient?_has:Condition:patient:code=2&identifier=" + f"{SYSTEM}|{NHS_NUMBER}", ["Patient"]),
    ("Condition?code=2&_include=Condition:patient", ["Cellulitis", "Leg ulcer", "|Patient"]),
    ("Condition?encounter.date=ge2026-11-22&patient={ed}", ["Cellulitis"]),
]
NURSES = [
    ("Condition", ["Cellulitis", "Fall", "Heart failure", "Leg ulcer"]),
    ("Condition?code=3", ["Fall"]),
    ("Condition?code=2,3", ["Cellulitis", "Fall", "Leg ulcer"]),
    ("Appointment?date=2026-11-22", ["Appointment"]),
    (f"Patient?identifier={SYSTEM}|{OTHER_NUMBER}", ["Patient"]),
    (f"Condition?patient.identifier={SYSTEM}|{OTHER_NUMBER}", ["Fall"]),
    ("Patient?family=Holroyd&birthdate=1950-03-01", ["Patient"]),
    (f"Patient?identifier={SYSTEM}|{OTHER_NUMBER}&_revinclude=Condition:patient", ["Patient", "|Fall"]),
    ("Patient?address-postalcode=NF4 2ZZ&birthdate=1950-03-01", ["Patient"]),
]


def test_what_a_doctor_finds_who_tests(app: App) -> None:
    expected = dict(DOCTORS)
    before = all_searched(app, ED_DOCTOR, expected)
    assert all_searched(app, TESTER, expected) == expected
    app.records.trials.go_live(ZZC, lambda _: None)
    assert all_searched(app, ED_DOCTOR, expected) == expected, "when it is live, others find the same"
    assert not any(set(found) & OF_THE_TRIAL for found in before.values())


def test_what_a_nurse_finds_who_tests_and_has_her_list_from_the_trial_alone(app: App) -> None:
    expected = dict(NURSES)
    before = all_searched(app, COMMUNITY_NURSE, expected)
    assert all_searched(app, TESTING_NURSE, expected) == expected
    app.records.trials.go_live(ZZC, lambda _: None)
    assert all_searched(app, COMMUNITY_NURSE, expected) == expected
    assert not any(before.values())


def test_a_tester_turns_the_pages_of_a_search_and_meets_each_item_once(app: App) -> None:
    token, met = None, list[str]()
    while True:
        pairs = [("_count", "1"), *([("_page", token)] if token else [])]
        found = app.records.search(parse_search("Condition", pairs), TESTER).wait()
        assert found.total == 3
        met += [words(each.wire) for each in found.items]
        if (token := found.next) is None:
            break
    assert sorted(met) == ["Cellulitis", "Heart failure", "Leg ulcer"]


def test_a_tester_has_everything_of_a_patient_from_either_side(app: App) -> None:
    for organisation, source_id in (("ZZA", "ed"), ("ZZC", "c")):
        patient = address(app, organisation, "Patient", source_id)
        whole = app.records.everything(patient, TESTER, count=None, page=None).wait()
        assert {words(each.wire) for each in whole.items} >= OF_THE_TRIAL | {"Heart failure"}


def test_more_people_on_a_testers_list_than_can_be_decided_about_are_refused(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("concord.record.across.MOST_PEOPLE", 1)
    with pytest.raises(Incorrect, match="What you test has more people"):
        searched(app, TESTING_NURSE, "Condition?code=3")


def test_a_source_system_on_trial_reads_what_refers_to_its_own(app: App) -> None:
    pairs = [("identifier", f"{SYSTEM}|{NHS_NUMBER}"), ("_revinclude", "Condition:patient")]
    found = app.records.search(parse_search("Patient", pairs), COMMUNITY).wait()
    assert sorted(words(each.wire) for each in found.included) == ["Cellulitis", "Leg ulcer"]


def test_a_tester_asks_whom_a_patient_means_and_is_told_of_whom_only_the_trial_knows(app: App) -> None:
    asked = patient("any", number=OTHER_NUMBER, birthDate="1950-03-01")
    for by, expected in ((TESTING_NURSE, ["certain"]), (COMMUNITY_NURSE, []), (ED_DOCTOR, [])):
        found = app.records.match(asked, by, certain=False, count=None).wait()
        assert [each.grade for each in found] == expected
