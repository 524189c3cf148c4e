"""Reviewing links: who may, what they see, what a word does at once, and who is told."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from concord.app import App
from concord.audit import looks
from concord.base import Conflict, FixedClock, Incorrect, NhsNumber, NotFound, PersonId
from concord.governance import Viewer
from concord.record import PersonQuery
from concord.record.links import LinkRow
from tests.small_system import (
    COMMUNITY,
    ED_DOCTOR,
    HOSPITAL,
    NHS_NUMBER,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
    viewer,
)

OFFICER, ELSEWHERE = viewer("data-quality-officer", "ZZA"), viewer("data-quality-officer", "ZZC")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The practice and the hospital know one NHS number under two birth dates."""
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp"), condition("c1", "gp"))
        send(app, HOSPITAL, patient("ed", birthDate="1942-02-15"), attendance("v1", "ed"))
        yield app


def the_row(app: App) -> LinkRow:
    (row,) = app.records.links.worklist(OFFICER).wait()
    return row


def seen_by_the_doctor(app: App) -> set[str]:
    """The types of item that the doctor sees of whom they attend."""
    found = app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), ED_DOCTOR).wait()
    seen: set[str] = set()
    for each in found:
        record = app.records.open(each.person, ED_DOCTOR).wait()
        seen |= {item.type for item in getattr(record, "items", ())}
    return seen


def say(app: App, *, same: bool, by: Viewer = OFFICER, why: str = "They were asked") -> None:
    row = app.records.links.pair(*_ids(app), OFFICER).wait()
    app.records.links.say(row.one.patient, row.other.patient, by, same=same, why=why).wait()


def _ids(app: App) -> tuple[str, str]:
    return (
        app.records._keys.logical_id(HOSPITAL.organisation, "Patient", "ed"),
        app.records._keys.logical_id(PRACTICE.organisation, "Patient", "gp"),
    )


def links(app: App) -> list[tuple[object, ...]]:
    with app.store.reading() as reading:
        return reading.rows("SELECT home, source_patient, person, base FROM link ORDER BY source_patient")


def test_what_waits_says_why_and_shows_what_tells_people_apart(app: App) -> None:
    row = the_row(app)
    assert row.why == "traced number; date of birth differs"
    assert (row.one.born, row.other.born) == ("15 Feb 1942", "14 Feb 1942")
    assert (row.one.organisation, row.other.organisation) == ("Northfield General", "Millbrook Surgery")
    pair = app.records.links.pair(row.one.patient, row.other.patient, OFFICER).wait()
    assert (pair.together, pair.why, list(pair.said)) == (False, row.why, [])
    found = {line.compared: line.found for line in pair.alike.lines}
    assert (found["NHS number"], found["Date of birth"]) == ("the same", "one digit differs")


def test_only_a_reviewer_of_an_organisation_concerned_sees_or_says_anything(app: App) -> None:
    ids = _ids(app)
    assert app.records.links.worklist(ELSEWHERE).wait() == []
    for stranger in (ELSEWHERE, ED_DOCTOR, viewer("privacy-officer", "ZZA")):
        with pytest.raises(NotFound):
            app.records.links.pair(*ids, stranger).wait()
        with pytest.raises(NotFound):
            app.records.links.say(*ids, stranger, same=True, why="I want to see it").wait()
    with pytest.raises(NotFound):
        app.records.links.worklist(ED_DOCTOR).wait()
    assert the_row(app).why


def test_a_link_takes_effect_at_once_and_can_be_undone(app: App) -> None:
    before = links(app)
    assert "Condition" not in seen_by_the_doctor(app)
    say(app, same=True)
    assert "Condition" in seen_by_the_doctor(app)  # the practice's, by the hospital's attendance
    assert app.records.links.worklist(OFFICER).wait() == []
    say(app, same=False)
    assert "Condition" not in seen_by_the_doctor(app)
    assert links(app) == before
    assert app.records.links.worklist(OFFICER).wait() == []  # decided


def test_kept_apart_is_remembered_when_the_records_agree_later(app: App) -> None:
    say(app, same=False)
    before = links(app)
    send(app, HOSPITAL, patient("ed"))
    assert app.records.links.worklist(OFFICER).wait() == []
    assert links(app) == before


def test_what_the_rules_linked_can_be_unlinked(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp"))
        send(app, HOSPITAL, patient("ed"))
        assert len({person for _, _, person, _ in links(app)}) == 1
        say(app, same=False)
        assert len({person for _, _, person, _ in links(app)}) == 2
        send(app, HOSPITAL, patient("ed", birthDate="1942-02-15"))
        send(app, HOSPITAL, patient("ed"))
        assert len({person for _, _, person, _ in links(app)}) == 2
        say(app, same=True)
        assert len({person for _, _, person, _ in links(app)}) == 1


def test_what_would_bring_together_what_is_kept_apart_is_refused(app: App) -> None:
    say(app, same=False)
    send(app, HOSPITAL, patient("other", number=None) | {"birthDate": "1990-01-01", "name": [{"family": "Unknown"}]})
    hospitals, practices = _ids(app)
    third = app.records._keys.logical_id(HOSPITAL.organisation, "Patient", "other")
    app.records.links.say(third, hospitals, OFFICER, same=True, why="One wristband").wait()
    before = links(app)
    with pytest.raises(Conflict):
        app.records.links.say(third, practices, OFFICER, same=True, why="The same name").wait()
    assert links(app) == before


def test_a_reason_is_asked_for(app: App) -> None:
    with pytest.raises(Incorrect, match="why"):
        say(app, same=True, why=" ")


def test_every_look_and_every_word_is_audited_about_each_person(app: App) -> None:
    say(app, same=True)
    with app.store.reading() as reading:
        found = [kept.event for kept in looks(reading, most=20, who=OFFICER.user)]
    assert {(event.action, event.outcome) for event in found} == {("link", "shown"), ("link", "done")}
    assert len({event.person for event in found if event.outcome == "done"}) == 2


def test_those_who_had_looked_are_told_until_they_look_again(app: App) -> None:
    assert isinstance(app.clock, FixedClock)
    _, (_, _, mine, _) = links(app)
    app.records.open(PersonId(str(mine)), ED_DOCTOR).wait()
    assert app.records.changed_links(ED_DOCTOR) == []
    app.clock.instant += timedelta(hours=1)
    say(app, same=True)
    (told,) = app.records.changed_links(ED_DOCTOR)
    assert app.records.changed_links(viewer("nurse", "ZZA")) == []
    (change,) = app.records.link_changes(app.clock.now())
    assert (change.lookers, change.why, change.author) == (1, "same, by review", OFFICER.user)
    app.records.open(told.person, ED_DOCTOR).wait()
    assert app.records.changed_links(ED_DOCTOR) == []


def test_of_a_protected_person_neither_address_nor_who_knows_them_is_shown(tmp_path: Path) -> None:
    flag = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    with small_system(tmp_path) as app:
        send(app, COMMUNITY, patient("c") | {"meta": {"security": [flag]}})
        send(app, HOSPITAL, patient("ed", birthDate="1942-02-15"))
        row = the_row(app)
        alike = app.records.links.pair(row.one.patient, row.other.patient, OFFICER).wait().alike
    assert "Address" not in [line.compared for line in alike.lines]
    (hidden,) = [side for side in (row.one, row.other) if side.born == "14 Feb 1942"]
    assert (hidden.address, hidden.organisation) == ("Not shown: protected", "Not shown: protected")


def listed(app: App) -> list[str]:
    return [side.organisation for side in app.records.links.under_number(NhsNumber(NHS_NUMBER), OFFICER).wait()]


def test_which_other_organisations_know_a_person_is_not_shown(app: App) -> None:
    """A practice everybody has; that the community trust knows somebody tells of their care."""
    before = listed(app)
    (sent,) = send(app, COMMUNITY, patient("c"))
    assert sorted(before) == ["Millbrook Surgery", "Northfield General"]
    assert listed(app) == before
    hospitals, practices = _ids(app)
    pair = app.records.links.pair(hospitals, practices, OFFICER).wait()
    assert pair.beside == []
    assert sent.id
    for ids in ((hospitals, sent.id), (sent.id, hospitals), (practices, sent.id)):
        with pytest.raises(NotFound):
            app.records.links.pair(*ids, OFFICER).wait()
        with pytest.raises(NotFound):
            app.records.links.say(*ids, OFFICER, same=True, why="I wonder who else").wait()


def test_what_waits_beside_ones_own_is_shown_and_stays_so_once_decided(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        send(app, COMMUNITY, patient("c"))
        send(app, HOSPITAL, patient("ed", birthDate="1942-02-15"))
        row = the_row(app)
        ids = (row.one.patient, row.other.patient)
        assert {row.one.organisation, row.other.organisation} == {"Northfield General", "Northfield Community"}
        assert app.records.links.pair(*ids, OFFICER).wait().why == row.why
        app.records.links.say(*ids, OFFICER, same=False, why="Two wristbands").wait()
        assert app.records.links.worklist(OFFICER).wait() == []
        app.records.links.say(*ids, OFFICER, same=True, why="One after all").wait()
        assert app.records.links.pair(*ids, OFFICER).wait().together


def test_of_several_that_it_may_belong_to_the_one_that_tells_least_is_shown(tmp_path: Path) -> None:
    with small_system(tmp_path) as app:
        send(app, COMMUNITY, patient("c"))
        send(app, PRACTICE, patient("gp"))
        send(app, HOSPITAL, patient("ed", birthDate="1942-02-15"))
        assert the_row(app).other.organisation == "Millbrook Surgery"


def test_whom_any_source_protects_has_no_address_on_any_side(tmp_path: Path) -> None:
    """The practice does not say so, the community trust does: where the person lives is kept back all the same."""
    flag = {"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp"))
        send(app, COMMUNITY, patient("c") | {"meta": {"security": [flag]}})
        send(app, HOSPITAL, patient("ed", birthDate="1942-02-15"))
        row = the_row(app)
        alike = app.records.links.pair(row.one.patient, row.other.patient, OFFICER).wait().alike
    assert {row.one.address, row.other.address} == {"Not shown: protected"}
    assert {row.one.organisation, row.other.organisation} == {"Northfield General", "Not shown: protected"}
    assert "Address" not in [line.compared for line in alike.lines]
