"""What a merger does to records, lists, searches and alerts, from midnight on, in one system that goes on running."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.audit import looks
from concord.base import FixedClock, NhsNumber, NotFound, OdsCode, PersonId
from concord.fhir import parse_search
from concord.governance import Viewer
from concord.record import OpenRecord, PersonQuery
from tests.small_system import (
    HOSPITAL,
    NHS_NUMBER,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
    viewer,
)

# The hospital is taken over tomorrow by one that is a party of nothing.
INFIRMARY = "  - {code: ZZN, name: Northfield Infirmary, short: Hospital, kind: acute-trust}\n"
SUCCEEDED = POLICY.directory.replace(
    "    kind: acute-trust\n", "    kind: acute-trust\n    succeeded_by: {code: ZZN, on: 2026-11-23}\n"
)
BREAKABLE = POLICY.agreements["direct-care.yaml"].replace(
    "    allows_labels: [mental-health]\n",
    "    allows_labels: [mental-health]\n    override: {roles: [doctor], lifts: [relationship], for: 48h}\n",
    1,
)
OLD = viewer("doctor", "ZZA", service="emergency-department", with_overrides=True)
NEW = viewer("doctor", "ZZN", service="emergency-department", staff_id="2")
OFFICER, OLD_OFFICER = viewer("privacy-officer", "ZZN", staff_id="3"), viewer("privacy-officer", "ZZA", staff_id="4")
ELSEWHERE = viewer("privacy-officer", "ZZC", staff_id="5")
OTHER_NUMBER = "9990003203"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Margaret attends the hospital; somebody else whom the practice knows does not."""
    agreements = {"direct-care.yaml": BREAKABLE}
    with small_system(tmp_path, replace(POLICY, directory=SUCCEEDED + INFIRMARY, agreements=agreements)) as app:
        send(app, PRACTICE, patient("gp-1"), condition("gp-c1", "gp-1", "Heart failure"))
        send(app, PRACTICE, patient("gp-2", number=OTHER_NUMBER), condition("gp-c2", "gp-2", "Asthma"))
        send(app, HOSPITAL, patient("hx-1"), attendance("hx-e1", "hx-1"))
        yield app


def tomorrow(app: App) -> None:
    assert isinstance(app.clock, FixedClock)
    app.clock.instant += timedelta(days=1)


def problems(app: App, by: Viewer, number: str = NHS_NUMBER) -> set[str]:
    (found, *_) = app.records.find(PersonQuery(nhs_number=NhsNumber(number)), by).wait()
    record = app.records.open(found.person, by).wait()
    if not isinstance(record, OpenRecord):
        return set()
    return {item.resource["code"]["text"] for item in record.items if item.type == "Condition"}


def found(app: App, by: Viewer) -> Any:
    return app.records.search(parse_search("Condition", [("category", "problem-list-item")]), by).wait()


def test_the_record_opens_to_the_successor_from_midnight_on(app: App) -> None:
    assert problems(app, OLD) == {"Heart failure"}
    assert problems(app, NEW) == set()
    tomorrow(app)
    assert problems(app, NEW) == problems(app, OLD) == {"Heart failure"}
    assert problems(app, NEW, OTHER_NUMBER) == set()


def test_lists_and_searches_over_them_are_the_successors(app: App) -> None:
    assert (found(app, OLD).total, found(app, NEW).total) == (1, 0)
    tomorrow(app)
    assert (found(app, OLD).total, found(app, NEW).total) == (1, 1)
    (row,) = app.records.lists(NEW, "attending").wait().rows
    assert row.person == app.records.lists(OLD, "attending").wait().rows[0].person


def test_alerts_of_the_predecessor_are_the_successors_to_review(app: App) -> None:
    person = app.records.find(PersonQuery(nhs_number=NhsNumber(OTHER_NUMBER)), OLD).wait()[0].person
    app.records.assert_access(PersonId(person), OLD, "override", "emergency", "Collapsed in the car park.").wait()
    (alert,) = app.records.alerts.worklist(OLD_OFFICER).wait()
    assert app.records.alerts.worklist(OFFICER).wait() == []
    with pytest.raises(NotFound):
        app.records.alerts.one(alert.reference, OFFICER).wait()
    tomorrow(app)
    for officer in (OFFICER, OLD_OFFICER):
        assert [each.reference for each in app.records.alerts.worklist(officer).wait()] == [alert.reference]
    assert app.records.alerts.worklist(ELSEWHERE).wait() == []
    app.records.alerts.review(alert.reference, OFFICER, outcome="justified", note="She was there.").wait()
    (team,) = app.records.alerts.figures(OdsCode("ZZN"), app.clock.now() - timedelta(days=9))
    assert (team.overrides, team.justified) == (1, 1)


def test_glass_that_was_broken_stays_broken_for_as_long_as_the_clause_says(app: App) -> None:
    person = app.records.find(PersonQuery(nhs_number=NhsNumber(OTHER_NUMBER)), OLD).wait()[0].person
    app.records.assert_access(PersonId(person), OLD, "override", "emergency", "Collapsed in the car park.").wait()
    tomorrow(app)
    assert problems(app, OLD, OTHER_NUMBER) == {"Asthma"}
    assert problems(app, NEW, OTHER_NUMBER) == set()
    tomorrow(app)
    assert problems(app, OLD, OTHER_NUMBER) == set()


def test_the_audit_says_the_code_of_the_day_and_the_seat(app: App) -> None:
    problems(app, OLD)
    tomorrow(app)
    problems(app, NEW)
    with app.store.reading() as reading:
        rows = [row.event.context for row in looks(reading, most=9) if row.event.action == "open"]
    assert sorted((each["organisation"], each.get("held")) for each in rows) == [
        ("ZZA", ["attending"]),
        ("ZZN", ["attending (ZZA)"]),
    ]


def test_nobody_is_told_a_code(app: App) -> None:
    """Who looked is told in words, whichever seat it was."""
    tomorrow(app)
    problems(app, NEW)
    person = app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), OFFICER).wait()[0].person
    looks_at_it = [each for each in app.records.who_looked(person, OFFICER).wait().looks if "attending" in each.why]
    assert {each.organisation for each in looks_at_it} == {"Northfield Infirmary"}
    assert not any("ZZA" in each.why for each in looks_at_it)


def test_labels_of_what_the_predecessor_contributed_are_the_successors_to_review(app: App) -> None:
    number = NhsNumber(NHS_NUMBER)
    of_predecessor = app.records.label_reviews.under_number(number, OLD_OFFICER).wait()
    assert {each.type for each in of_predecessor} == {"Patient", "Encounter"}
    assert app.records.label_reviews.under_number(number, OFFICER).wait() == []
    tomorrow(app)
    assert app.records.label_reviews.under_number(number, OFFICER).wait() == of_predecessor
    stay = next(each for each in of_predecessor if each.type == "Encounter")
    why = "She asked that her visits be kept from others."
    app.records.label_reviews.say(
        "Encounter", stay.id, OFFICER, label="restricted", says="carries", mistake=False, why=why
    ).wait()
    (shown,) = app.records.label_reviews.item("Encounter", stay.id, OFFICER).wait().labels
    assert shown.label == "restricted"
    with pytest.raises(NotFound):
        app.records.label_reviews.item("Encounter", stay.id, ELSEWHERE).wait()
