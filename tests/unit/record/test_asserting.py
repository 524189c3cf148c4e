"""Breaking the glass, as a user does it: what opens, who is told, how it ends."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from concord.app import App
from concord.base import FixedClock, Forbidden, Incorrect, NotFound, PersonId
from concord.governance import PolicyFiles, Viewer
from concord.record import OpenRecord, PersonQuery, ShutRecord
from tests.small_system import (
    COMMUNITY_NURSE,
    ED_DOCTOR,
    GP,
    NHS_NUMBER,
    POLICY,
    PRACTICE,
    condition,
    patient,
    send,
    small_system,
    viewer,
)

WORDS = "Collapsed in the car park, nobody with her."
BREAKABLE = (
    POLICY.agreements["direct-care.yaml"]
    .replace(
        "    allows_labels: [mental-health]\n",
        "    allows_labels: [mental-health]\n"
        "    override: {roles: [doctor], lifts: [relationship, {labels: [substance-misuse]}], for: 4h}\n",
        1,
    )
    .replace("when: [on-caseload]", "when: [on-caseload, {self-claimed: 8h}]")
)
DOCTOR = viewer("doctor", "ZZA", service="emergency-department", name="Dr Ada Nwosu", with_overrides=True)
OFFICER = viewer("privacy-officer", "ZZA", name="Ines Marques", staff_id="7")
OTHER_OFFICER = viewer("privacy-officer", "ZZC", staff_id="8")
SENSITIVE = {"security": [{"system": "https://concord.example/CodeSystem/sensitivity", "code": "substance-misuse"}]}
PRIVATE = {"security": [{"system": "https://concord.example/CodeSystem/sensitivity", "code": "hiv"}]}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    policy = PolicyFiles(
        directory=POLICY.directory, agreements={"direct-care.yaml": BREAKABLE}, signatories=POLICY.signatories
    )
    with small_system(tmp_path, policy) as app:
        send(
            app,
            PRACTICE,
            patient("gp-1"),
            condition("gp-c1", "gp-1", "Heart failure"),
            condition("gp-c2", "gp-1", "Opioid misuse", meta=SENSITIVE),
            condition("gp-c3", "gp-1", "Kept apart", meta=PRIVATE),
        )
        yield app


def person(app: App) -> PersonId:
    return app.records.find(PersonQuery(nhs_number=NHS_NUMBER), DOCTOR).wait()[0].person


def break_glass(app: App, kind: str = "override", reason: str = "emergency", words: str = WORDS) -> None:
    app.records.assert_access(person(app), DOCTOR, kind, reason, words).wait()


def opened(app: App, by: Viewer = DOCTOR) -> set[str]:
    record = app.records.open(person(app), by).wait()
    if isinstance(record, ShutRecord):
        return set()
    return {item.resource["code"]["text"] for item in record.items if item.type == "Condition"}


def after(app: App, span: timedelta) -> None:
    clock = app.clock
    assert isinstance(clock, FixedClock)
    clock.instant += span


def test_a_shut_record_opens_for_as_long_as_the_clause_says(app: App) -> None:
    shut = app.records.open(person(app), DOCTOR).wait()
    assert isinstance(shut, ShutRecord)
    assert shut.may_assert
    (offer,) = app.records.may_assert(person(app), DOCTOR).wait().offers
    assert offer.opens[0].endswith(
        "of Millbrook Surgery, for 4 hours: then no relationship is asked for and what is labelled substance misuse "
        "opens too."
    )
    break_glass(app)
    assert opened(app) == {"Heart failure", "Opioid misuse"}
    record = app.records.open(person(app), DOCTOR).wait()
    assert isinstance(record, OpenRecord)
    assert [each.minutes_left for each in record.asserted] == [240]
    assert not record.may_assert
    after(app, timedelta(hours=4))
    assert opened(app) == set()


def test_it_ends_by_hand_on_the_next_request(app: App) -> None:
    break_glass(app)
    assert opened(app)
    assert app.records.end_assertions(person(app), DOCTOR) == 1
    assert opened(app) == set()
    assert app.records.end_assertions(person(app), DOCTOR) == 0


def test_it_opens_for_nobody_else_and_no_request_that_does_not_say_so(app: App) -> None:
    break_glass(app)
    colleague = viewer("doctor", "ZZA", user="another", with_overrides=True)
    for other in (colleague, ED_DOCTOR, COMMUNITY_NURSE):
        assert opened(app, other) == set()


def test_where_no_clause_gives_way_it_is_not_offered_and_refused(app: App) -> None:
    for other in (GP, COMMUNITY_NURSE, OFFICER):
        asking = app.records.may_assert(person(app), other).wait()
        assert not [each for each in asking.offers if each.kind == "override"]
        with pytest.raises(Forbidden):
            app.records.assert_access(person(app), other, "override", "emergency", WORDS).wait()
    with pytest.raises(NotFound):
        app.records.assert_access(PersonId("nobody"), DOCTOR, "override", "emergency", WORDS).wait()


@pytest.mark.parametrize(
    ("reason", "words"), [("curiosity", WORDS), ("emergency", "  urgent "), ("emergency", "x" * 501)]
)
def test_without_a_reason_and_words_nothing_opens(app: App, reason: str, words: str) -> None:
    with pytest.raises(Incorrect):
        break_glass(app, reason=reason, words=words)
    assert opened(app) == set()


def test_the_privacy_officer_of_the_viewing_organisation_is_told_at_once(app: App) -> None:
    break_glass(app)
    (row,) = app.records.alerts.worklist(OFFICER).wait()
    assert (row.who, row.state, row.lasting) == ("Dr Ada Nwosu", "to review", True)
    assert "Holroyd" not in repr(row)
    assert NHS_NUMBER not in repr(row)
    assert WORDS not in repr(row)
    alert = app.records.alerts.one(row.reference, OFFICER).wait()
    assert alert.words == WORDS
    assert alert.clauses == ["direct-care 1 ed-sees-gp-core"]
    assert app.records.alerts.worklist(OTHER_OFFICER).wait() == []
    for stranger in (OTHER_OFFICER, DOCTOR):
        with pytest.raises(NotFound):
            app.records.alerts.one(row.reference, stranger).wait()
        with pytest.raises(NotFound):
            app.records.alerts.review(row.reference, stranger, outcome="justified", note="Mine").wait()


def test_an_alert_is_escalated_and_closed_and_counted(app: App) -> None:
    break_glass(app)
    (row,) = app.records.alerts.worklist(OFFICER).wait()
    app.records.alerts.review(row.reference, OFFICER, outcome=None, note="Asked the consultant.").wait()
    assert app.records.alerts.worklist(OFFICER).wait()[0].state == "escalated"
    after(app, timedelta(hours=6))
    app.records.alerts.review(row.reference, OFFICER, outcome="justified", note="Resuscitated here.").wait()
    (row,) = app.records.alerts.worklist(OFFICER).wait()
    assert (row.state, row.lasting) == ("closed: justified", False)
    assert app.records.alerts.waiting(None) == []
    (team,) = app.records.alerts.figures(DOCTOR.organisation, app.clock.now() - timedelta(days=1))
    assert (team.team, team.overrides, team.justified, team.hours) == ("Emergency department", 1, 1, 6.0)
    with pytest.raises(Incorrect):
        app.records.alerts.review(row.reference, OFFICER, outcome="fine", note="So").wait()


def test_the_person_is_told_who_broke_the_glass_and_why(app: App) -> None:
    break_glass(app)
    opened(app)
    looks = app.records.who_looked(person(app), OFFICER).wait().looks
    why = [look.why for look in looks if look.who == "Dr Ada Nwosu"]
    assert any("broke the glass (urgent care, and the person cannot be asked)" in each for each in why)
    assert "Opened more of the record by their own word." in why
    assert not any(WORDS in each for each in why)


def test_a_claim_of_ones_own_is_a_relationship_until_it_ends(app: App) -> None:
    assert opened(app, COMMUNITY_NURSE) == set()
    app.records.assert_access(person(app), COMMUNITY_NURSE, "self-claim", "no-link-yet", WORDS).wait()
    assert opened(app, COMMUNITY_NURSE) == {"Heart failure"}
    (row,) = app.records.alerts.worklist(OTHER_OFFICER).wait()
    assert row.kind == "self-claim"
    after(app, timedelta(hours=8))
    assert opened(app, COMMUNITY_NURSE) == set()
