"""The shadow period: what an organisation on trial sends is in, and there for its testers alone, until it goes live."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.audit import looks
from concord.base import Conflict, Incorrect, NhsNumber, NotFound, OdsCode, PersonId
from concord.fhir import parse, parse_search
from concord.governance import Viewer
from concord.record import Deletion, OpenRecord, PersonQuery
from concord.store import checks
from tests.small_system import (
    COMMUNITY,
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
    viewer,
)

ZZC = OdsCode("ZZC")
OTHER_NUMBER = "9990003203"
TESTER = viewer("doctor", "ZZA", service="emergency-department", user="dr.tester")
NURSE, TESTING_NURSE = viewer("district-nurse", "ZZC"), viewer("district-nurse", "ZZC", user="nurse.tester")
TESTERS = [TESTER.user, TESTING_NURSE.user]
SHARING = """\
  - id: community-shares
    from: {organisations: community}
    shares: [core]
    with: {organisations: hospital, roles: [doctor]}
    when: [attending]
  - id: community-sees-its-own
    from: {organisations: community}
    shares: [core]
    with: {organisations: community, roles: [district-nurse]}
    when: [on-caseload]
"""


def on_the_caseload(source_id: str, of: str) -> dict[str, Any]:
    return {
        "resourceType": "EpisodeOfCare", "id": source_id, "status": "active",
        "patient": {"reference": f"Patient/{of}"}, "period": {"start": "2026-11-01"},
    }  # fmt: skip


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    """Practice and hospital know one person; the community trust is on trial, and has sent about her and another."""
    with small_system(database) as app:
        enforce(app, replace(POLICY, agreements={"direct-care.yaml": POLICY.agreements["direct-care.yaml"] + SHARING}))
        send(app, PRACTICE, patient("gp"), condition("c1", "gp", "Heart failure"))
        send(app, HOSPITAL, patient("ed"), attendance("v1", "ed"))
        app.records.trials.begin(ZZC, TESTERS)
        sent = send(
            app, COMMUNITY, patient("c"), condition("c2", "c", "Leg ulcer"), on_the_caseload("k1", "c"),
            patient("other", number=OTHER_NUMBER, birthDate="1950-03-01"), condition("c3", "other", "Fall"),
            on_the_caseload("k2", "other"),
        )  # fmt: skip
        assert set(statuses(sent)) == {"stored"}
        yield app


def found(app: App, by: Viewer, number: str = NHS_NUMBER) -> list[PersonId]:
    return [each.person for each in app.records.find(PersonQuery(nhs_number=NhsNumber(number)), by).wait()]


def seen(app: App, by: Viewer, number: str = NHS_NUMBER) -> set[str]:
    """The problems in the record that the viewer opens."""
    (person,) = found(app, by, number)
    record = app.records.open(person, by).wait()
    assert isinstance(record, OpenRecord)
    return {str(item.resource["code"]["text"]) for item in record.items if item.type == "Condition"}


def problems_searched(app: App, by: Viewer) -> set[str]:
    found = app.records.search(parse_search("Condition", []), by).wait().items
    return {str(parse(each.wire)["code"]["text"]) for each in found}


def test_nobody_else_sees_what_it_sends(app: App) -> None:
    assert seen(app, ED_DOCTOR) == {"Heart failure"}
    assert problems_searched(app, ED_DOCTOR) == {"Heart failure"}
    assert found(app, ED_DOCTOR, OTHER_NUMBER) == []


def test_its_own_users_do_not_either_and_its_relationships_open_nothing(app: App) -> None:
    assert app.records.lists(NURSE, None).wait().rows == []
    assert problems_searched(app, NURSE) == set()
    assert found(app, NURSE, OTHER_NUMBER) == []


def test_a_tester_sees_it_among_the_rest(app: App) -> None:
    assert seen(app, TESTER) == {"Heart failure", "Leg ulcer"}
    assert seen(app, TESTING_NURSE) == {"Heart failure", "Leg ulcer"}, "by a relationship that the trial's feed says"


def test_a_tester_finds_whom_nobody_else_knows(app: App) -> None:
    assert seen(app, TESTING_NURSE, OTHER_NUMBER) == {"Fall"}


def test_a_tester_reads_an_item_by_id_and_nobody_else_does(app: App) -> None:
    address = app.records._keys.logical_id(ZZC, "Condition", "c2")
    assert b"Leg ulcer" in app.records.read("Condition", address, TESTER).wait().wire
    with pytest.raises(NotFound):
        app.records.read("Condition", address, ED_DOCTOR).wait()


def test_it_counts_as_heard_for_testers_alone(app: App) -> None:
    states = {}
    for by in (ED_DOCTOR, TESTER):
        record = app.records.open(found(app, by)[0], by).wait()
        assert isinstance(record, OpenRecord)
        states[by.user] = {source.organisation: source.state for source in record.sources}[ZZC]
    assert states == {ED_DOCTOR.user: "never-heard", TESTER.user: "up-to-date"}


def test_a_tester_has_it_on_their_lists_and_finds_it_by_name(app: App) -> None:
    """The nurse's caseload is told by the trial's feed alone: of one who is linked, of one whom nobody else knows."""
    (known,) = found(app, ED_DOCTOR)
    rows = app.records.lists(TESTING_NURSE, "caseload").wait().rows
    assert {(row.person == known, row.nhs_number.replace(" ", "")) for row in rows} == {
        (True, NHS_NUMBER), (False, OTHER_NUMBER),
    }  # fmt: skip
    assert all(row.name != "Name not known" for row in rows)
    by_name = PersonQuery(family="Holroyd", given="Marg", born_on=date(1950, 3, 1))
    assert [each.nhs_number for each in app.records.find(by_name, TESTING_NURSE).wait()] == ["999 000 3203"]
    for other in (NURSE, ED_DOCTOR):
        assert app.records.find(by_name, other).wait() == []
        assert app.records.lists(other, "caseload").wait().rows == []


def test_a_tester_is_not_shown_whom_a_source_protects(app: App) -> None:
    restricted = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    send(app, PRACTICE, patient("gp", meta={"security": [restricted]}))
    assert found(app, TESTER) == found(app, ED_DOCTOR) == []


def test_a_change_of_testers_acts_on_the_next_request(app: App) -> None:
    app.records.trials.begin(ZZC, ["somebody-else"])
    assert seen(app, TESTER) == {"Heart failure"}


def test_going_live_shows_it_to_all_whom_agreements_let_see(app: App) -> None:
    (before,) = found(app, ED_DOCTOR)
    told: list[int] = []
    assert app.records.trials.go_live(ZZC, told.append) == 2
    assert told == [2]
    assert found(app, ED_DOCTOR) == [before]
    assert seen(app, ED_DOCTOR) == {"Heart failure", "Leg ulcer"}
    assert problems_searched(app, NURSE) == {"Heart failure", "Leg ulcer", "Fall"}
    send(app, COMMUNITY, condition("c4", "c", "Cellulitis"))
    assert seen(app, ED_DOCTOR) == {"Heart failure", "Leg ulcer", "Cellulitis"}
    with app.store.reading() as reading:
        assert checks.disagreements(reading) == []


def test_going_live_is_audited_and_goes_on_where_it_was_cut_short(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord.record.trials._PORTION", 1)

    def cut(done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        app.records.trials.go_live(ZZC, cut)
    trial = app.records.trials.of(ZZC)
    assert trial is not None
    assert (trial.live_at is not None, trial.apart) == (True, 1)
    with app.store.reading() as reading:
        assert checks.disagreements(reading) == []
    assert app.records.trials.go_live(ZZC, lambda done: None) == 1
    assert app.records.trials.go_live(ZZC, lambda done: None) == 0
    with app.store.reading() as reading:
        steps = [kept.event.detail["step"] for kept in looks(reading, most=50) if kept.event.action == "trial"]
    assert steps[::-1] == ["begun", "live", "linked", "linked"]


def test_what_it_said_of_whose_is_whose_counts_once_it_is_live(app: App) -> None:
    send(app, COMMUNITY, patient("c", link=[{"type": "seealso", "other": {"reference": "Patient/twice"}}]))
    send(app, COMMUNITY, patient("twice", number=None, name=[{"family": "Holroyd", "given": ["Peggy"]}]))
    send(app, COMMUNITY, condition("c5", "twice", "Gout"))
    assert seen(app, ED_DOCTOR) == {"Heart failure"}
    app.records.trials.go_live(ZZC, lambda done: None)
    assert seen(app, ED_DOCTOR) == {"Heart failure", "Leg ulcer", "Gout"}


def test_a_patient_deleted_in_the_trial_is_forgotten(app: App) -> None:
    deletions = [Deletion(type=type_, source_id=id_) for type_, id_ in (("Condition", "c3"), ("EpisodeOfCare", "k2"))]
    app.records.write(deletions, by=COMMUNITY, atomic=True, assurance="traced")
    app.records.write([Deletion(type="Patient", source_id="other")], by=COMMUNITY, atomic=True, assurance="traced")
    trial = app.records.trials.of(ZZC)
    assert trial is not None
    assert trial.apart == 1
    assert app.records.trials.go_live(ZZC, lambda done: None) == 1


@pytest.mark.parametrize(
    ("organisation", "testers", "refused"),
    [
        ("ZZA", ["dr.tester"], Conflict),
        ("ZZC", [], Incorrect),
        ("ZZX", ["dr.tester"], Incorrect),
    ],
    ids=["it is in use already", "nobody tests it", "the directory lacks it"],
)
def test_a_trial_that_cannot_begin(app: App, organisation: str, testers: list[str], refused: type[Exception]) -> None:
    with pytest.raises(refused):
        app.records.trials.begin(OdsCode(organisation), testers)


def test_what_is_not_on_trial_cannot_go_live(app: App) -> None:
    with pytest.raises(Conflict, match="is not on trial"):
        app.records.trials.go_live(OdsCode("ZZA"), lambda done: None)
