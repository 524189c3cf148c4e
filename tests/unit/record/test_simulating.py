"""A draft is tried on the accesses of the past, by the facts of their day; nothing of it is about a person."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from concord.app import App
from concord.base import FixedClock, PersonId
from concord.fhir import parse_search
from concord.governance import Agreement, PolicyFiles, parse_agreement
from concord.record import PersonQuery, ShutRecord, Simulation
from concord.record.simulation import Change, Why
from tests.small_system import (
    AGREEMENT,
    ED_DOCTOR,
    GP,
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
    viewer,
)

PRIVATE = {"security": [{"system": "https://concord.example/CodeSystem/sensitivity", "code": "mental-health"}]}
ED_CLAUSE = "    shares: [core]\n    with: {organisations: hospital, roles: [doctor]}\n"
FEW = "7 or fewer"
FEWER = AGREEMENT.replace("    allows_labels: [mental-health]\n", "")
WITHOUT = FEWER.replace(
    "with: {organisations: hospital, roles: [doctor]}", "with: {organisations: hospital, roles: [nurse]}"
)
MORE = AGREEMENT.replace("    allows_labels: [mental-health]\n", "    allows_labels: [mental-health, hiv]\n")
HIDDEN = {"security": [{"system": "https://concord.example/CodeSystem/sensitivity", "code": "hiv"}]}
WORDS = "Collapsed in the car park, nobody with her."


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as app:
        send(
            app, PRACTICE, patient("p1"), condition("c1", "p1"), condition("c2", "p1", "Low mood", meta=PRIVATE),
            condition("c3", "p1", "Kept apart", meta=HIDDEN),
        )  # fmt: skip
        send(app, HOSPITAL, patient("h1"), attendance("e1", "h1"))
        later(app)
        yield app


def later(app: App, span: timedelta = timedelta(minutes=5)) -> None:
    assert isinstance(app.clock, FixedClock)
    app.clock.instant += span


def person(app: App) -> PersonId:
    return app.records.find(PersonQuery(nhs_number=NHS_NUMBER), ED_DOCTOR).wait()[0].person


def read(app: App, text: str) -> Agreement:
    with app.store.reading() as reading:
        directory = app.gate.policy(reading).directory
    return parse_agreement(text, filename="draft.yaml", directory=directory)


def simulated(app: App, text: str, within: timedelta = timedelta(days=30)) -> Simulation:
    return app.records.simulator.simulate([read(app, text)], within=within).wait()


def changes(simulation: Simulation) -> dict[Change, int]:
    told: dict[Change, int] = {}
    for (_, _, change), count in simulation.changes.items():
        told[change] = told.get(change, 0) + count
    return told


def test_what_changes_nothing_leaves_every_access_the_same(app: App) -> None:
    for by in (ED_DOCTOR, GP):
        app.records.open(person(app), by).wait()
        app.records.search(parse_search("Condition", [("code:not", "x")]), by).wait()
    app.records.lists(ED_DOCTOR, None).wait()
    simulation = simulated(app, AGREEMENT)
    assert set(changes(simulation)) == {Change.SAME}
    assert changes(simulation)[Change.SAME] >= 4
    assert set(simulation.unjudged) <= {Why.NO_DECISION}


@pytest.mark.parametrize(
    ("draft", "change", "closing", "opening"),
    [
        (FEWER, Change.NARROWED, {"ed-sees-gp-core": 1}, {}),
        (WITHOUT, Change.REFUSED, {"ed-sees-gp-core": 1, "hospital-sees-its-own": 1}, {}),
        (MORE, Change.WIDENED, {}, {"ed-sees-gp-core": 1}),
    ],
)
def test_an_opened_record_would_have_shown(
    app: App, draft: str, change: Change, closing: dict[str, int], opening: dict[str, int]
) -> None:
    app.records.open(person(app), ED_DOCTOR).wait()
    later(app)
    simulation = simulated(app, draft)
    assert changes(simulation) == {change: 1}
    assert {name.clause: count for name, count in simulation.closing.items()} == closing
    assert {name.clause: count for name, count in simulation.opening.items()} == opening
    assert simulation.changes == {("ZZA", "doctor", change): 1}


def test_fewer_and_more_at_once(app: App) -> None:
    app.records.open(person(app), ED_DOCTOR).wait()
    swapped = AGREEMENT.replace("allows_labels: [mental-health]", "allows_labels: [hiv]")
    assert changes(simulated(app, swapped)) == {Change.BOTH: 1}


def test_it_is_judged_by_what_held_then(app: App) -> None:
    """The attendance has ended, long enough ago for nothing to be open now; what came later was not seen then."""
    app.records.open(person(app), ED_DOCTOR).wait()
    later(app)
    send(app, PRACTICE, condition("c9", "p1", "Came later", meta=HIDDEN))
    ended = {"start": "2026-11-22T01:47:00Z", "end": "2026-11-22T05:00:00Z"}
    send(app, HOSPITAL, attendance("e1", "h1", "finished", **ended))
    later(app, timedelta(days=20))
    simulation = simulated(app, MORE)
    assert changes(simulation) == {Change.WIDENED: 1}
    assert changes(simulated(app, AGREEMENT)) == {Change.SAME: 1}


def test_a_record_that_stayed_shut_would_have_opened(app: App) -> None:
    nurse = viewer("nurse", "ZZA", service="emergency-department")
    app.records.open(person(app), ED_DOCTOR).wait()
    assert isinstance(app.records.open(person(app), nurse).wait(), ShutRecord)
    nurses = AGREEMENT.replace("hospital, roles: [doctor]}", "hospital, roles: [doctor, nurse]}")
    simulation = simulated(app, nurses)
    assert simulation.changes == {("ZZA", "doctor", Change.SAME): 1, ("ZZA", "nurse", Change.WIDENED): 1}
    assert simulation.guessed == 1, "nobody asked then whether the person was attending the nurse's hospital"


def test_a_policy_that_is_no_longer_in_force_is_remembered(app: App) -> None:
    app.records.open(person(app), ED_DOCTOR).wait()
    later(app)
    enforce(app, replace(POLICY, agreements={"a.yaml": FEWER}))
    app.records.open(person(app), ED_DOCTOR).wait()
    simulation = simulated(app, FEWER)
    assert changes(simulation) == {Change.NARROWED: 1, Change.SAME: 1}
    assert changes(simulated(app, AGREEMENT)) == {Change.SAME: 1, Change.WIDENED: 1}


def test_an_override_of_the_day_counts(app: App) -> None:
    breakable = AGREEMENT.replace(
        "    allows_labels: [mental-health]\n",
        "    allows_labels: [mental-health]\n    override: {roles: [doctor], lifts: [{labels: [hiv]}], for: 4h}\n",
        1,
    )
    enforce(
        app, PolicyFiles(directory=POLICY.directory, agreements={"a.yaml": breakable}, signatories=POLICY.signatories)
    )
    doctor = viewer("doctor", "ZZA", service="emergency-department", with_overrides=True)
    app.records.assert_access(person(app), doctor, "override", "emergency", WORDS).wait()
    app.records.open(person(app), doctor).wait()
    later(app, timedelta(days=1))
    assert changes(simulated(app, breakable)) == {Change.SAME: 1}
    assert changes(simulated(app, AGREEMENT)) == {Change.NARROWED: 1}


def test_only_the_period_asked_for_is_judged(app: App) -> None:
    app.records.open(person(app), ED_DOCTOR).wait()
    later(app, timedelta(days=3))
    assert changes(simulated(app, AGREEMENT, timedelta(days=1))) == {}


def test_the_page_tells_no_small_count_and_nobody(app: App) -> None:
    for _ in range(12):
        app.records.open(person(app), ED_DOCTOR).wait()
    app.records.open(person(app), GP).wait()
    page = simulated(app, FEWER).page()
    told = repr(page)
    rows = {row[0]: row[1:] for section in page.sections for table in section.tables for row in table.rows}
    assert rows["Doctor"] == ("10", FEW, FEW, "10", FEW, FEW)
    assert rows["All"] == ("15", FEW, FEW, "10", FEW, FEW)
    assert "GP" not in rows, "for whom nothing changes"
    for fact in ("Holroyd", NHS_NUMBER, "A user", person(app)):
        assert fact not in told


def test_that_it_was_done_is_audited(app: App) -> None:
    simulated(app, AGREEMENT)
    rows = app.records.audit.listed(number=None, user="duty:agreement-simulation", since=None, most=5).wait()
    assert [row.event.person for row in rows] == [None]
