"""Writing: whole or not at all, the same again changes nothing, and what is derived follows the item."""

from typing import Any

import pytest

from concord.app import App
from concord.base import NotFound
from concord.fhir import parse, parse_search
from concord.record import OpenRecord, ShutRecord, Submission
from tests.small_system import ED_DOCTOR, GP, HOSPITAL, PRACTICE, attendance, condition, patient, send, statuses
from tests.unit.record.test_write_waiting import delete
from tests.unit.record.writes import person_of, shown


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


def test_two_organisations_patients_become_one_person_and_a_clash_does_not(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    send(app, HOSPITAL, patient("h2", birthDate="1947-09-14"), attendance("e2", "h2"))
    with app.store.reading() as reading:
        persons = reading.rows("SELECT person, held_for FROM link ORDER BY source_patient")
    assert persons[0][0] == persons[1][0] != persons[2][0]
    assert persons[2][1] == persons[0][0]


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
