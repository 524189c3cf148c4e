"""Writing: whole or not at all, the same again changes nothing, and what is derived follows the item."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import PersonId
from concord.fhir import parse, parse_search
from concord.record import OpenRecord, ShutRecord, Submission
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    NHS_NUMBER,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
    statuses,
)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as system:
        yield system


def person_of(app: App, number: str = NHS_NUMBER) -> PersonId:
    found = app.records.search(parse_search("Patient", [("identifier", number)]), PRACTICE).wait()
    assert found.items
    with app.store.reading() as reading:
        row = reading.row(
            "SELECT l.person FROM link l JOIN source_patient s ON s.number = l.source_patient WHERE s.nhs_number = ?",
            (number,),
        )
    assert row is not None
    return PersonId(row[0])


def shown(app: App, viewer: Any) -> list[str]:
    """Words of the conditions that a user sees on the page."""
    record = app.records.open(person_of(app), viewer).wait()
    if isinstance(record, ShutRecord):
        return []
    assert isinstance(record, OpenRecord)
    return sorted(item.resource["code"]["text"] for item in record.items if item.type == "Condition")


def test_the_same_input_again_stores_and_updates_nothing(app: App) -> None:
    assert statuses(send(app, PRACTICE, patient("p1"), condition("c1", "p1"))) == ["stored", "stored"]
    assert statuses(send(app, PRACTICE, patient("p1"), condition("c1", "p1"))) == ["unchanged", "unchanged"]


def test_a_changed_item_is_a_new_version_and_the_old_one_is_kept(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    (outcome,) = send(app, PRACTICE, condition("c1", "p1", "Heart failure, severe"))
    assert outcome.status == "updated"
    assert shown(app, GP) == ["Heart failure, severe"]
    with app.store.reading() as reading:
        assert reading.row("SELECT count(*) FROM item_version") == (1,)


def test_an_item_whose_patient_is_absent_waits_and_enters_with_it(app: App) -> None:
    (waiting,) = send(app, PRACTICE, condition("c1", "p1"))
    assert waiting.status == "waiting"
    stored, admitted = send(app, PRACTICE, patient("p1"))
    assert (stored.status, admitted.status, admitted.position) == ("stored", "stored", "admitted")
    assert (admitted.type, admitted.id) == (waiting.type, waiting.id)
    assert shown(app, GP) == ["Heart failure"]


def test_a_transaction_with_one_wrong_entry_stores_nothing_and_names_it(app: App) -> None:
    wrong = condition("c2", "p1", onsetDateTime="2026-02-30")
    outcomes = send(app, PRACTICE, patient("p1"), condition("c1", "p1"), wrong, atomic=True)
    assert statuses(outcomes) == ["rejected"] * 3
    assert "onset" in outcomes[2].reason
    assert "entry 2" in outcomes[0].reason
    with app.store.reading() as reading:
        assert reading.row("SELECT count(*) FROM item") == (0,)
        assert reading.row("SELECT count(*) FROM locator") == (0,)


def test_each_on_its_own_the_others_are_stored(app: App) -> None:
    wrong = condition("c2", "p1", onsetDateTime="2026-02-30")
    assert statuses(send(app, PRACTICE, patient("p1"), wrong, condition("c1", "p1"))) == [
        "stored",
        "rejected",
        "stored",
    ]


def test_references_within_a_bundle_follow_the_full_url(app: App) -> None:
    submissions = [
        Submission(
            resource=condition("c1", "x") | {"subject": {"reference": "urn:uuid:1"}}, source_id="c1", position="0"
        ),
        Submission(resource=patient("p1"), source_id="p1", full_url="urn:uuid:1", position="1"),
    ]
    outcomes = app.records.write(submissions, by=PRACTICE, atomic=True, assurance="stated")
    assert statuses(outcomes) == ["stored", "stored"]
    held = app.records.read("Condition", str(outcomes[0].id), PRACTICE).wait()
    assert parse(held.wire)["subject"]["reference"] == f"Patient/{outcomes[1].id}"


def test_an_unresolved_urn_is_rejected_with_its_place(app: App) -> None:
    (outcome,) = send(app, PRACTICE, condition("c1", "p1") | {"subject": {"reference": "urn:uuid:9"}}, atomic=True)
    assert outcome.status == "rejected"
    assert "urn:uuid:9" in outcome.reason
    assert not outcome.retry


def test_a_conditional_create_finds_what_the_same_organisation_contributed_and_nothing_else(app: App) -> None:
    query = f"identifier=https://fhir.nhs.uk/Id/nhs-number|{NHS_NUMBER}"

    def create(by: Any) -> tuple[str, str | None]:
        submission = Submission(resource=patient("x"), source_id=None, if_none_exist=query, position="0")
        (outcome,) = app.records.write([submission], by=by, atomic=True, assurance="stated")
        return outcome.status, outcome.id

    first = create(PRACTICE)
    assert first[0] == "stored"
    assert create(PRACTICE) == ("unchanged", first[1])
    assert create(HOSPITAL)[0] == "stored"


def test_a_conditional_reference_that_finds_nothing_may_be_tried_again(app: App) -> None:
    item = condition("c1", "p1") | {"recorder": {"reference": "Practitioner?identifier=urn:x|1"}}
    send(app, PRACTICE, patient("p1"))
    (outcome,) = send(app, PRACTICE, item, atomic=True)
    assert (outcome.status, outcome.retry) == ("rejected", True)
    doctor = {"resourceType": "Practitioner", "id": "d1", "identifier": [{"system": "urn:x", "value": "1"}]}
    send(app, PRACTICE, doctor)
    assert statuses(send(app, PRACTICE, item, atomic=True)) == ["stored"]


def test_an_absent_literal_target_is_stored_and_listed(app: App) -> None:
    item = condition("c1", "p1") | {"encounter": {"reference": "Encounter/e1"}}
    _, outcome = send(app, PRACTICE, patient("p1"), item)
    assert outcome.status == "stored"
    assert len(outcome.unresolved) == 1
    assert outcome.unresolved[0].startswith("Encounter/")


def test_an_attendance_opens_the_record_and_its_end_in_error_closes_it(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    send(app, HOSPITAL, patient("h1"))
    assert shown(app, ED_DOCTOR) == []
    send(app, HOSPITAL, attendance("e1", "h1"))
    assert shown(app, ED_DOCTOR) == ["Heart failure"]
    send(app, HOSPITAL, attendance("e1", "h1", "entered-in-error"))
    assert shown(app, ED_DOCTOR) == []


def test_the_tail_after_an_attendance_ends_by_itself(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    send(app, HOSPITAL, patient("h1"))
    send(app, HOSPITAL, attendance("e1", "h1", "finished", start="2026-11-08T01:00:00Z", end="2026-11-08T04:00:00Z"))
    assert shown(app, ED_DOCTOR) == ["Heart failure"]
    send(app, HOSPITAL, attendance("e1", "h1", "finished", start="2026-11-08T01:00:00Z", end="2026-11-08T03:11:00Z"))
    assert shown(app, ED_DOCTOR) == []


def test_entered_in_error_leaves_the_page_and_stays_for_programs(app: App) -> None:
    wrong = {
        "verificationStatus": {
            "coding": [
                {"system": "http://terminology.hl7.org/CodeSystem/condition-ver-status", "code": "entered-in-error"}
            ]
        }
    }
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    (outcome,) = send(app, PRACTICE, condition("c1", "p1", **wrong))
    assert shown(app, GP) == []
    assert b"entered-in-error" in app.records.read("Condition", str(outcome.id), GP).wait().wire


SECRET = {"meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "STD"}]}}


@pytest.mark.parametrize("labelled_first", [True, False])
def test_labels_flow_along_content_references_whichever_comes_first(app: App, labelled_first: bool) -> None:
    send(app, PRACTICE, patient("p1"))
    labelled = condition("c1", "p1", "hidden", **SECRET)
    refers = {
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
        "medicationCodeableConcept": {"text": "a medicine"}, "subject": {"reference": "Patient/p1"},
        "reasonReference": [{"reference": "Condition/c1"}],
    }  # fmt: skip
    for resource in [labelled, refers] if labelled_first else [refers, labelled]:
        send(app, PRACTICE, resource)
    record = app.records.open(person_of(app), GP).wait()
    assert isinstance(record, OpenRecord)
    assert {item.type for item in record.items} == {"Patient"}


def test_two_organisations_patients_become_one_person_and_a_clash_does_not(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    send(app, HOSPITAL, patient("h2", birthDate="1947-09-14"), attendance("e2", "h2"))
    with app.store.reading() as reading:
        persons = reading.rows("SELECT person, held_for FROM link ORDER BY source_patient")
    assert persons[0][0] == persons[1][0] != persons[2][0]
    assert persons[2][1] == persons[0][0]


def test_a_label_of_a_service_withholds_what_it_contributes(app: App) -> None:
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    tag = {"meta": {"tag": [{"system": "https://concord.example/CodeSystem/service", "code": "sexual-health"}]}}
    send(app, HOSPITAL, condition("c1", "h1", "of the clinic", **tag), condition("c2", "h1", "of the ward"))
    send(app, PRACTICE, patient("p1"))
    assert shown(app, ED_DOCTOR) == ["of the ward"]
