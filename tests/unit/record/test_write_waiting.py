"""Writing: what waits for its Patient, what was deleted and comes back, each with the service that it came from."""

from typing import Any

from concord.app import App
from concord.governance import SourceSystem
from concord.record import Deletion, Submission
from tests.small_system import ED_DOCTOR, GP, HOSPITAL, PRACTICE, attendance, condition, patient, send, statuses
from tests.unit.record.writes import shown


def test_an_item_whose_patient_is_absent_waits_and_enters_with_it(app: App) -> None:
    (waiting,) = send(app, PRACTICE, condition("c1", "p1"))
    assert waiting.status == "waiting"
    stored, admitted = send(app, PRACTICE, patient("p1"))
    assert (stored.status, admitted.status, admitted.position) == ("stored", "stored", "admitted")
    assert (admitted.type, admitted.id) == (waiting.type, waiting.id)
    assert shown(app, GP) == ["Heart failure"]


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


def test_of_what_waits_the_newest_counts(app: App) -> None:
    send(app, PRACTICE, condition("c1", "p1", "earlier"))
    send(app, PRACTICE, condition("c1", "p1", "later"))
    assert statuses(send(app, PRACTICE, patient("p1"))) == ["stored", "stored"]
    assert shown(app, GP) == ["later"]
