"""Writing: labels flow along references to content, whatever comes first, and go with what they came from."""

from dataclasses import replace
from typing import Any

import pytest

from concord.app import App
from concord.record import OpenRecord, Submission
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    ORGANISATIONS,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
    send,
    statuses,
)
from tests.unit.record.writes import medicine_for, person_of, shown

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


def test_a_label_of_a_service_withholds_what_it_contributes(app: App) -> None:
    send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
    tag: dict[str, Any] = {
        "meta": {"tag": [{"system": "https://concord.example/CodeSystem/service", "code": "sexual-health"}]}
    }
    send(app, HOSPITAL, condition("c1", "h1", "of the clinic", **tag), condition("c2", "h1", "of the ward"))
    send(app, PRACTICE, patient("p1"))
    assert shown(app, ED_DOCTOR) == ["of the ward"]


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


def test_what_waits_together_flows_together(app: App) -> None:
    send(app, PRACTICE, medicine_for("Condition/c1"), condition("c1", "p1", **SECRET))
    send(app, PRACTICE, patient("p1"))
    assert types_shown(app) == {"Patient"}


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
