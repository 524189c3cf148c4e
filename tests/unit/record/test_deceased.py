"""A person who has died: found, told as dead, and shown for as long as the table of what lasts after a death says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import NhsNumber, NotFound
from concord.fhir import parse_search
from concord.governance import OWN_ACCESS, PATIENT, Viewer, everybody
from concord.record import FoundPerson, OpenRecord, PersonQuery, ShutRecord
from tests.small_system import (
    ED_DOCTOR,
    GP,
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

HERSELF = viewer(PATIENT, "ZZP01", purpose=OWN_ACCESS, nhs_number=NHS_NUMBER)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Somebody whom the practice knows, and who came to the emergency department on 2 November."""
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp-1"), condition("gp-c1", "gp-1"))
        send(app, HOSPITAL, patient("hx-1"), attendance("hx-e1", "hx-1", start="2026-11-02T01:47:00Z"))
        yield app


def dies(app: App, **when: Any) -> None:
    send(app, HOSPITAL, patient("hx-1", **when))


def found(app: App) -> FoundPerson:
    (person,) = app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), ED_DOCTOR).wait()
    return person


def is_open(app: App, by: Viewer) -> bool:
    return isinstance(app.records.open(found(app).person, by).wait(), OpenRecord)


def listed(app: App) -> int:
    """Conditions across the people on the doctor's list, as the database finds them."""
    return app.records.search(parse_search("Condition", []), ED_DOCTOR).wait().total or 0


@pytest.mark.parametrize(
    ("died", "practice", "hospital"),
    [("2026-11-21", True, True), ("2026-11-03", True, True), ("2026-10-01", True, True), ("2026-07-01", False, True)],
)
def test_what_lasts_lasts(app: App, died: str, practice: bool, hospital: bool) -> None:
    """Whoever comes to the hospital after the day on which they are said to have died is not dead to it."""
    dies(app, deceasedDateTime=died)
    assert (is_open(app, GP), is_open(app, ED_DOCTOR)) == (practice, hospital)


def test_a_stay_that_began_before_the_death_ends_a_while_after_it(app: App) -> None:
    send(app, HOSPITAL, attendance("hx-e1", "hx-1", start="2026-09-02T01:47:00Z"))
    assert (is_open(app, ED_DOCTOR), listed(app)) == (True, 1)
    dies(app, deceasedDateTime="2026-11-10T08:00:00Z")
    assert (is_open(app, ED_DOCTOR), listed(app)) == (True, 1)
    dies(app, deceasedDateTime="2026-10-20")
    assert (is_open(app, ED_DOCTOR), listed(app)) == (False, 0)
    dies(app)
    assert (is_open(app, ED_DOCTOR), listed(app)) == (True, 1)


def test_tracing_finds_them_and_says_so(app: App) -> None:
    dies(app, deceasedDateTime="2026-07-01")
    assert found(app).died == "Died 1 Jul 2026"
    shut = app.records.open(found(app).person, GP).wait()
    assert isinstance(shut, ShutRecord)
    assert shut.found.died == "Died 1 Jul 2026"


def test_the_page_says_so_above_all(app: App) -> None:
    dies(app, deceasedBoolean=True)
    opened = app.records.open(found(app).person, ED_DOCTOR).wait()
    assert isinstance(opened, OpenRecord)
    assert opened.summary.identity.died == "Died"


def test_the_right_to_see_ones_own_record_ends_and_says_what_to_do_if_that_is_wrong(app: App) -> None:
    assert is_open(app, HERSELF)
    dies(app, deceasedBoolean=True)
    with pytest.raises(NotFound, match=r"has died.* tell the GP practice"):
        app.records.own.open(HERSELF).wait()


def test_everybody_is_counted_with_their_death(app: App) -> None:
    dies(app, deceasedDateTime="2026-07")
    with app.store.reading() as reading:
        (facts,) = (each for _, of_portion in everybody(reading) for each in of_portion.values())
    assert facts.death is not None
    assert facts.death.at is not None
    assert facts.death.at.isoformat() == "2026-07-31T23:00:00+00:00"
