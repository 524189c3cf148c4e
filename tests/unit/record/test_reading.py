"""Reading for programs: by id, and everything of a person; what is hidden answers as if it were absent."""

import pytest

from concord.app import App
from concord.base import NotFound
from concord.fhir import parse
from tests.small_system import ED_DOCTOR, GP, HOSPITAL, PRACTICE, attendance, condition, patient, send
from tests.unit.record.reads import NOBODY, SECRET, found, id_of, resources, rows

# -- by id -----------------------------------------------------------------------------------------------------------


def test_a_hidden_item_and_an_absent_one_answer_alike_and_leave_a_like_row(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1", "hidden", **SECRET))
    answers = []
    for id_ in (id_of(PRACTICE, "Condition", "c1"), NOBODY):
        with pytest.raises(NotFound) as refused:
            app.records.read("Condition", id_, GP).wait()
        answers.append(refused.value.message)
    assert answers[0] == answers[1]
    assert [row[1:] for row in rows(app, "read")] == [("nothing", None)] * 2


def test_a_refusal_is_handed_out_locked_and_comes_out_when_its_row_is_durable(app: App) -> None:
    locked = app.records.read("Condition", NOBODY, GP)  # nothing waits here: an event loop may ask
    with pytest.raises(NotFound):
        locked.wait()
    assert len(rows(app, "read")) == 1


def test_a_source_system_reads_by_its_own_ids_whatever_others_hold_under_them(app: App) -> None:
    send(app, HOSPITAL, patient("h1", number=None))
    others = id_of(HOSPITAL, "Patient", "h1")
    send(app, PRACTICE, patient(others, number=None, gender="other"))
    assert parse(app.records.read("Patient", others, PRACTICE).wait().wire)["gender"] == "other"
    assert parse(app.records.read("Patient", "h1", HOSPITAL).wait().wire)["gender"] == "female"


def test_what_a_source_system_reads_is_audited_under_the_person(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    app.records.read("Condition", "c1", PRACTICE).wait()
    app.records.everything("p1", PRACTICE).wait()
    found(app, PRACTICE, "Condition")
    with app.store.reading() as reading:
        (person,) = reading.rows("SELECT person FROM link")[0]
    for action in ("read", "open", "search"):
        assert rows(app, action) == [("system:ZZP01", "shown", person)]


def test_what_names_no_person_is_read_by_its_contributor_alone(app: App) -> None:
    send(app, PRACTICE, {"resourceType": "Practitioner", "id": "d1"})
    assert app.records.read("Practitioner", "d1", PRACTICE).wait()
    for asker in (GP, HOSPITAL):
        with pytest.raises(NotFound):
            app.records.read("Practitioner", id_of(PRACTICE, "Practitioner", "d1"), asker).wait()


# -- everything ------------------------------------------------------------------------------------------------------


def test_everything_of_a_person_for_a_user_and_of_one_source_patient_for_its_system(app: App) -> None:
    send(app, PRACTICE, patient("p1"), condition("c1", "p1"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    everything = app.records.everything(id_of(HOSPITAL, "Patient", "h1"), ED_DOCTOR).wait()
    assert [item.type for item in everything.items][:2] == ["Patient", "Patient"]
    assert sorted(item.type for item in everything.items) == ["Condition", "Encounter", "Patient", "Patient"]
    own = app.records.everything("p1", PRACTICE).wait()
    assert sorted(item.type for item in own.items) == ["Condition", "Patient"]


def test_the_patients_of_a_person_name_each_other(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    practice, hospital = id_of(PRACTICE, "Patient", "p1"), id_of(HOSPITAL, "Patient", "h1")
    links = {
        resource["id"]: [link["other"]["reference"] for link in resource["link"]]
        for resource in resources(found(app, ED_DOCTOR, "Patient", ("_id", f"{practice},{hospital}")).items)
    }
    assert links == {practice: [f"Patient/{hospital}"], hospital: [f"Patient/{practice}"]}
    assert "link" not in parse(app.records.read("Patient", "p1", PRACTICE).wait().wire)


def test_everything_in_pages_is_everything_each_once(app: App) -> None:
    send(app, PRACTICE, patient("p1"), *(condition(f"c{n}", "p1") for n in range(7)))
    whole = app.records.everything("p1", PRACTICE).wait()
    seen, token = [], None
    while True:
        page = app.records.everything("p1", PRACTICE, count=3, page=token).wait()
        seen += [item.id for item in page.items]
        token = page.next
        if token is None:
            break
    assert seen == [item.id for item in whole.items]
    assert whole.items[0].type == "Patient"


def test_everything_of_a_hidden_patient_is_that_of_an_absent_one(app: App) -> None:
    send(app, PRACTICE, patient("p1"))
    for patient_id in (id_of(PRACTICE, "Patient", "p1"), NOBODY):
        with pytest.raises(NotFound, match="no Patient with this id"):
            app.records.everything(patient_id, ED_DOCTOR).wait()
