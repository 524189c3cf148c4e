"""Writing: whole or not at all, the same again changes nothing, and what is derived follows the item."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import NotFound, PersonId
from concord.fhir import parse, parse_search
from concord.governance import SourceSystem
from concord.record import Deletion, OpenRecord, Outcome, ShutRecord, Submission
from concord.record.staging import Staging
from concord.store import Reading
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    NHS_NUMBER,
    ORGANISATIONS,
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


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as system:
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


def test_what_breaks_r4_is_rejected_with_every_rule_and_place(app: App) -> None:
    (outcome,) = send(app, PRACTICE, patient("p1", gender="kestrel", photo=[]))
    assert outcome.status == "rejected"
    assert [(issue.path, issue.rule) for issue in outcome.issues] == [
        ("Patient.gender", "binding"),
        ("Patient.photo", "empty"),
    ]


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
    wrong: dict[str, Any] = {
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


SECRET: dict[str, Any] = {
    "meta": {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "STD"}]}
}


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
    tag: dict[str, Any] = {
        "meta": {"tag": [{"system": "https://concord.example/CodeSystem/service", "code": "sexual-health"}]}
    }
    send(app, HOSPITAL, condition("c1", "h1", "of the clinic", **tag), condition("c2", "h1", "of the ward"))
    send(app, PRACTICE, patient("p1"))
    assert shown(app, ED_DOCTOR) == ["of the ward"]


def medicine_for(reason: str, source_id: str = "m1") -> dict[str, Any]:
    return {
        "resourceType": "MedicationRequest", "id": source_id, "status": "active", "intent": "order",
        "medicationCodeableConcept": {"text": "a medicine"}, "subject": {"reference": "Patient/p1"},
        "reasonReference": [{"reference": reason}],
    }  # fmt: skip


def types_shown(app: App, viewer: Any = GP) -> set[str]:
    record = app.records.open(person_of(app), viewer).wait()
    assert isinstance(record, OpenRecord)
    return {item.type for item in record.items}


@pytest.mark.parametrize("labelled_first", [True, False])
def test_labels_flow_within_one_write(app: App, labelled_first: bool) -> None:
    two = [condition("c1", "p1", **SECRET), medicine_for("Condition/c1")]
    send(app, PRACTICE, patient("p1"), *(two if labelled_first else reversed(two)), atomic=True)
    assert types_shown(app) == {"Patient"}


def test_a_label_that_is_taken_back_no_longer_flows(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1", **SECRET), medicine_for("Condition/c1"))
    send(app, PRACTICE, condition("c1", "p1"))
    assert types_shown(app) == {"Patient", "Condition", "MedicationRequest"}


def test_a_reference_that_is_taken_back_carries_no_label_any_more_and_a_new_one_does(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1", **SECRET), condition("c2", "p1"))
    send(app, PRACTICE, medicine_for("Condition/c1"))
    assert types_shown(app) == {"Patient", "Condition"}
    send(app, PRACTICE, medicine_for("Condition/c2"))
    assert types_shown(app) == {"Patient", "Condition", "MedicationRequest"}
    send(app, PRACTICE, medicine_for("Condition/c1"))
    assert types_shown(app) == {"Patient", "Condition"}


def test_what_two_labelled_items_share_keeps_the_label_of_the_one_that_stays(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1", **SECRET), condition("c2", "p1", **SECRET))
    both = medicine_for("Condition/c1")
    both["reasonReference"].append({"reference": "Condition/c2"})
    send(app, PRACTICE, both)
    send(app, PRACTICE, condition("c1", "p1"))
    assert types_shown(app) == {"Patient", "Condition"}
    assert shown(app, GP) == ["Heart failure"]


def test_a_fragment_beside_a_reference_to_content_is_no_item(app: App) -> None:
    item = medicine_for("#inside")
    item["reasonReference"].append({"reference": "Condition/c1"})
    item["contained"] = [condition("inside", "p1")]
    assert statuses(send(app, PRACTICE, patient("p1"), item)) == ["stored", "stored"]


def test_a_choice_that_is_withdrawn_withholds_no_more(app: App) -> None:
    def objection(status: str) -> dict[str, Any]:
        return {
            "resourceType": "Consent", "id": "o1", "status": status, "patient": {"reference": "Patient/p1"},
            "scope": {"text": "sharing"}, "provision": {"type": "deny"},
            "category": [{"coding": [{"system": "https://concord.example/CodeSystem/choice", "code": "objection"}]}],
        }  # fmt: skip

    send(app, PRACTICE, patient("p1"), condition("c1", "p1"), objection("active"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    assert shown(app, ED_DOCTOR) == []
    send(app, PRACTICE, objection("inactive"))
    assert shown(app, ED_DOCTOR) == ["Heart failure"]


@pytest.mark.parametrize("other_first", [True, False])
def test_an_item_is_found_from_everyone_it_names_whoever_comes_last(app: App, other_first: bool) -> None:
    other = patient("p2", number=None)
    item = condition("c1", "p1", asserter={"reference": "Patient/p2"})
    for resource in [patient("p1"), other, item] if other_first else [patient("p1"), item, other]:
        send(app, PRACTICE, resource)
    with app.store.reading() as reading:
        assert reading.rows("SELECT of_source_patient, item, source_patient FROM named") == [(1, 2, 2)]
    send(app, PRACTICE, condition("c1", "p1"))
    with app.store.reading() as reading:
        assert reading.rows("SELECT * FROM named") == []


QUERY = f"identifier=https://fhir.nhs.uk/Id/nhs-number|{NHS_NUMBER}"


def create(position: str, query: str = QUERY, **more: Any) -> Submission:
    return Submission(resource=patient("x", **more), source_id=None, if_none_exist=query, position=position)


@pytest.mark.parametrize("query", ["general-practitioner.name=x", "_has:Observation:patient:code=1"])
def test_a_condition_speaks_of_the_item_alone(app: App, query: str) -> None:
    (outcome,) = app.records.write([create("0", query)], by=PRACTICE, atomic=False, assurance="traced")
    assert outcome.status == "rejected"
    assert "nothing of others" in outcome.reason


@pytest.mark.parametrize("atomic", [True, False])
def test_two_like_conditional_creates_in_one_write_make_one_item(app: App, atomic: bool) -> None:
    first, second = app.records.write([create("0"), create("1")], by=PRACTICE, atomic=atomic, assurance="stated")
    assert (first.status, second.status, second.id) == ("stored", "unchanged", first.id)
    with app.store.reading() as reading:
        assert reading.row("SELECT count(*) FROM item") == (1,)


def test_a_conditional_create_that_repeats_a_rejected_one_is_rejected(app: App) -> None:
    wrong = create("0", managingOrganization={"reference": "urn:uuid:9"})
    wrong = replace(wrong, full_url="urn:uuid:1")
    first, second = app.records.write([wrong, create("1")], by=PRACTICE, atomic=False, assurance="stated")
    assert statuses([first, second]) == ["rejected", "rejected"]
    assert "0" in second.reason


def test_a_condition_that_finds_one_item_twice_finds_one(app: App) -> None:
    send(
        app, PRACTICE, patient("p1", identifier=[{"system": "urn:x", "value": "1"}, {"system": "urn:x", "value": "2"}])
    )
    (outcome,) = app.records.write(
        [create("0", "identifier=urn:x|1,urn:x|2")], by=PRACTICE, atomic=True, assurance="stated"
    )
    assert outcome.status == "unchanged"


def test_what_is_written_between_asking_and_committing_counts(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    resolve = Staging.resolve
    others: list[Outcome] = []

    def resolve_slowly(staging: Staging, reading: Reading) -> None:
        resolve(staging, reading)
        if not others:
            others.append(Outcome(status="waiting", position="this is asked once"))
            others.extend(app.records.write([create("other")], by=PRACTICE, atomic=True, assurance="stated"))

    monkeypatch.setattr(Staging, "resolve", resolve_slowly)
    (mine,) = app.records.write([create("mine")], by=PRACTICE, atomic=True, assurance="stated")
    assert (mine.status, mine.id) == ("unchanged", others[1].id)


def test_two_entries_of_a_bundle_with_one_id_are_refused_and_lines_of_a_feed_follow_each_other(app: App) -> None:
    send(app, PRACTICE, patient("p1"))

    def twice(**more: Any) -> list[str]:
        return statuses(
            app.records.write(
                [
                    Submission(resource=condition("c1", "p1", words), source_id="c1", position=words, **more)
                    for words in ("earlier", "later")
                ],
                by=PRACTICE, atomic=False, assurance="stated",
            )
        )  # fmt: skip

    assert twice(full_url="urn:uuid:1") == ["stored", "rejected"]
    assert twice() == ["unchanged", "updated"]
    assert shown(app, GP) == ["later"]


def test_what_comes_later_in_the_same_write_is_not_unresolved_and_what_is_rejected_is(app: App) -> None:
    visit = attendance("e1", "p1")
    item = condition("c1", "p1") | {"encounter": {"reference": "Encounter/e1"}}
    _, first, _ = send(app, PRACTICE, patient("p1"), item, visit)
    assert first.unresolved == []
    item = condition("c2", "p1") | {"encounter": {"reference": "Encounter/e2"}}
    second, _ = send(app, PRACTICE, item, attendance("e2", "p1") | {"status": "no such status "})
    assert [target.partition("/")[0] for target in second.unresolved] == ["Encounter"]


def test_what_waits_keeps_its_service_and_so_its_labels(app: App) -> None:
    clinic = Submission(resource=condition("c1", "h1"), source_id="c1", service="sexual-health", position="0")
    app.records.write([clinic], by=HOSPITAL, atomic=False, assurance="stated")
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    send(app, PRACTICE, patient("p1"))
    assert shown(app, ED_DOCTOR) == []
    with app.store.reading() as reading:
        assert reading.row("SELECT count(*) FROM item WHERE labels != 0") == (1,)
        assert reading.row("SELECT count(*) FROM waiting") == (0,)


def test_an_item_keeps_its_service_and_its_labels_when_it_is_sent_again_without(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    clinic = Submission(resource=condition("c1", "h1"), source_id="c1", service="sexual-health", position="0")
    app.records.write([clinic], by=HOSPITAL, atomic=False, assurance="traced")
    assert shown(app, ED_DOCTOR) == []
    assert statuses(send(app, HOSPITAL, condition("c1", "h1"))) == ["unchanged"]
    assert statuses(send(app, HOSPITAL, condition("c1", "h1", "Other words"))) == ["updated"]
    assert shown(app, ED_DOCTOR) == []
    moved = Submission(resource=condition("c1", "h1"), source_id="c1", service="emergency-department", position="0")
    app.records.write([moved], by=HOSPITAL, atomic=False, assurance="traced")
    assert shown(app, ED_DOCTOR) == ["Heart failure"]


def of_the_clinic(app: App, resource: dict[str, Any]) -> str:
    """Send an item of the sexual-health clinic, whose service labels it; what became of it."""
    clinic = Submission(resource=resource, source_id=str(resource["id"]), service="sexual-health", position="0")
    return app.records.write([clinic], by=HOSPITAL, atomic=False, assurance="traced")[0].status


def delete(app: App, by: SourceSystem, type_: str, source_id: str) -> None:
    (outcome,) = app.records.write([Deletion(type=type_, source_id=source_id)], by=by, atomic=True, assurance="traced")
    assert outcome.status == "deleted", outcome.reason


def test_what_waits_keeps_its_service_when_it_is_sent_again_without(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    assert of_the_clinic(app, condition("c1", "h1")) == "waiting"
    assert statuses(send(app, HOSPITAL, condition("c1", "h1", "Other words"))) == ["waiting"]
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    assert shown(app, ED_DOCTOR) == []


def test_what_waits_keeps_its_service_when_it_names_another_patient(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    assert of_the_clinic(app, condition("c1", "h-wrong")) == "waiting"
    assert statuses(send(app, HOSPITAL, condition("c1", "h1"))) == ["waiting"]
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    assert shown(app, ED_DOCTOR) == []


def test_what_was_deleted_comes_back_under_its_service(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1"), patient("h2", number=None), attendance("e1", "h1"))
    for before in ("h1", "h2"):
        assert of_the_clinic(app, condition("c1", before)) == "stored"
        delete(app, HOSPITAL, "Condition", "c1")
        assert statuses(send(app, HOSPITAL, condition("c1", "h1"))) == ["stored"]
        assert shown(app, ED_DOCTOR) == []
        delete(app, HOSPITAL, "Condition", "c1")


def test_what_was_deleted_does_not_come_back_from_among_what_waits(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, PRACTICE, condition("c1", "p2", "Of somebody else, it was thought"))
    assert statuses(send(app, PRACTICE, condition("c1", "p1"))) == ["stored"]
    delete(app, PRACTICE, "Condition", "c1")
    assert statuses(send(app, PRACTICE, patient("p2", number="9990003203"))) == ["stored"]


def test_an_item_sent_again_takes_the_labels_that_its_service_has_by_now(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    item = Submission(resource=condition("c1", "h1"), source_id="c1", service="emergency-department", position="0")
    app.records.write([item], by=HOSPITAL, atomic=False, assurance="traced")
    assert shown(app, ED_DOCTOR) == ["Heart failure"]
    labelled = "name: Emergency department, labels: [sexual-health]}"
    enforce(app, replace(POLICY, directory=ORGANISATIONS.replace("name: Emergency department}", labelled)))
    item = Submission(resource=condition("c1", "h1"), source_id="c1", service="emergency-department", position="0")
    app.records.write([item], by=HOSPITAL, atomic=False, assurance="traced")
    assert shown(app, ED_DOCTOR) == []


def test_a_person_whose_every_patient_was_deleted_is_nobody(app: App) -> None:
    send(app, PRACTICE, patient("p1"), patient("p2", number="9990003203", birthDate="1970-01-01"))
    person = person_of(app)
    assert isinstance(app.records.open(person, ED_DOCTOR).wait(), ShutRecord)
    delete(app, PRACTICE, "Patient", "p1")
    with pytest.raises(NotFound):
        app.records.open(person, ED_DOCTOR).wait()
    send(app, PRACTICE, patient("p1"))
    assert person_of(app) == person


def test_a_person_is_named_by_the_patients_that_are_held(app: App) -> None:
    """Not by one that was deleted, though it came first."""
    send(app, PRACTICE, patient("p1"))
    person = person_of(app)
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    delete(app, PRACTICE, "Patient", "p1")
    record = app.records.open(person, ED_DOCTOR).wait()
    assert isinstance(record, OpenRecord)
    assert [item.type for item in record.items if item.type == "Patient"] == ["Patient"]


def test_of_what_waits_the_newest_counts(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", "earlier"))
    send(app, PRACTICE, condition("c1", "p1", "later"))
    assert statuses(send(app, PRACTICE, patient("p1"))) == ["stored", "stored"]
    assert shown(app, GP) == ["later"]


def test_what_waits_together_flows_together(app: App) -> None:
    send(app, PRACTICE, medicine_for("Condition/c1"), condition("c1", "p1", **SECRET))
    send(app, PRACTICE, patient("p1"))
    assert types_shown(app) == {"Patient"}


def test_an_item_does_not_move_to_another_patient(app: App) -> None:
    send(app, PRACTICE, patient("p1"), patient("p2", number=None), condition("c1", "p1"))
    (outcome,) = send(app, PRACTICE, condition("c1", "p2"))
    assert outcome.status == "rejected"
    assert "another Patient" in outcome.reason
    assert shown(app, GP) == ["Heart failure"]


def test_an_id_that_the_source_was_told_is_taken_as_it_is(app: App) -> None:
    _, told = send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    again = condition(str(told.id), "p1", "Heart failure, severe")
    (outcome,) = send(app, PRACTICE, again)
    assert (outcome.status, outcome.id) == ("updated", told.id)
    (elsewhere,) = send(app, HOSPITAL, patient(str(told.id)))
    assert elsewhere.id != told.id


def test_the_words_of_a_section_are_cut_as_those_of_a_resource_are(app: App) -> None:
    words = {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">canary</div>'}
    letter = {
        "resourceType": "Composition", "id": "l1", "status": "final", "type": {"text": "letter"}, "title": "Letter",
        "subject": {"reference": "Patient/p1"}, "date": "2026-11-01", "author": [{"display": "Dr A"}],
        "section": [{"title": "History", "text": words}],
    }  # fmt: skip
    send(app, PRACTICE, patient("p1"), letter)
    record = app.records.open(person_of(app), GP).wait()
    assert isinstance(record, OpenRecord)
    assert "Composition" in {item.type for item in record.items}
    assert "canary" not in str([item.resource for item in record.items])


def test_searching_after_an_update_finds_the_new_and_no_longer_the_old(app: App) -> None:
    def found(code: str) -> int:
        search = parse_search("Condition", [("code", f"urn:x|{code}")])
        return len(app.records.search(search, PRACTICE).wait().items)

    coded = [{"coding": [{"system": "urn:x", "code": code}], "text": "words"} for code in ("a", "b")]
    send(app, PRACTICE, patient("p1"), condition("c1", "p1", code=coded[0]))
    assert (found("a"), found("b")) == (1, 0)
    send(app, PRACTICE, condition("c1", "p1", code=coded[1]))
    assert (found("a"), found("b")) == (0, 1)


@pytest.mark.parametrize("medicine_first", [True, False])
def test_a_medicine_labels_what_asks_for_it(app: App, medicine_first: bool) -> None:
    medicine: dict[str, Any] = {"resourceType": "Medication", "id": "x1", "code": {"text": "a medicine"}} | SECRET
    asks: dict[str, Any] = {
        "resourceType": "MedicationRequest", "id": "m1", "status": "active", "intent": "order",
        "medicationReference": {"reference": "Medication/x1", "display": "a medicine"},
        "subject": {"reference": "Patient/p1"},
    }  # fmt: skip
    send(app, PRACTICE, patient("p1"))
    for resource in [medicine, asks] if medicine_first else [asks, medicine]:
        send(app, PRACTICE, resource)
    record = app.records.open(person_of(app), GP).wait()
    assert isinstance(record, OpenRecord)
    assert {item.type for item in record.items} == {"Patient"}
