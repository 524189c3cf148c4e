"""Writing: conditions find what the writer contributed, one item for each, asked again when it is kept."""

from dataclasses import replace
from typing import Any

import pytest

from concord.app import App
from concord.record import Outcome, Submission
from concord.record.staging import Staging
from concord.store import Reading
from tests.small_system import HOSPITAL, NHS_NUMBER, PRACTICE, condition, patient, send, statuses


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
