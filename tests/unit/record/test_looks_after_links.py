"""Who looked, when records were joined or parted meanwhile: every look at a record that is the person's now."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from concord.app import App
from concord.base import FixedClock, NhsNumber, OdsCode, PersonId
from concord.fhir import parse_search
from concord.governance import Viewer
from concord.record import PersonQuery
from concord.store import items, people
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    NHS_NUMBER,
    PRACTICE,
    attendance,
    patient,
    send,
    small_system,
    viewer,
)

PRIVACY, OFFICER = viewer("privacy-officer", "ZZA"), viewer("data-quality-officer", "ZZA")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """The practice and the hospital know one NHS number, under two birth dates: two people, until a human says."""
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp"))
        later(app)
        send(app, HOSPITAL, patient("ed", birthDate="1942-02-15"), attendance("v1", "ed"))
        yield app


def later(app: App) -> None:
    assert isinstance(app.clock, FixedClock)
    app.clock.instant += timedelta(hours=1)


def person(app: App, organisation: OdsCode, source_id: str) -> PersonId:
    with app.store.reading() as reading:
        place = items.locate(reading, "Patient", app.records._keys.logical_id(organisation, "Patient", source_id))
        assert place is not None
        found = people.person_of(reading, place.source)
    assert found is not None
    return found


def at_practice(app: App) -> PersonId:
    return person(app, PRACTICE.organisation, "gp")


def at_hospital(app: App) -> PersonId:
    return person(app, HOSPITAL.organisation, "ed")


def say(app: App, *, same: bool) -> None:
    one, other = (
        app.records._keys.logical_id(OdsCode(of), "Patient", id_) for of, id_ in (("ZZP01", "gp"), ("ZZA", "ed"))
    )
    later(app)
    app.records.links.say(one, other, OFFICER, same=same, why="They were asked").wait()
    later(app)


def lookers(app: App, of: PersonId, by: Viewer = PRIVACY) -> list[str]:
    """Who opened it, the latest first."""
    looks = app.records.who_looked(of, by).wait().looks
    return [each.who for each in looks if each.why.startswith("Opened")]


def opened(app: App, of: PersonId, name: str) -> None:
    app.records.open(of, replace(GP if name.startswith("GP") else ED_DOCTOR, name=name)).wait()
    later(app)


def test_a_joined_person_has_the_looks_at_all_records_that_are_theirs(app: App) -> None:
    opened(app, at_practice(app), "GP one")
    opened(app, at_hospital(app), "Doctor two")
    say(app, same=True)
    assert at_practice(app) == at_hospital(app)
    opened(app, at_practice(app), "Doctor three")
    assert lookers(app, at_practice(app)) == ["Doctor three", "Doctor two", "GP one"]


def test_a_parted_one_keeps_the_looks_at_both_and_none_at_the_other_alone(app: App) -> None:
    opened(app, at_practice(app), "GP before")
    opened(app, at_hospital(app), "Doctor before")
    say(app, same=True)
    opened(app, at_practice(app), "Doctor while joined")
    say(app, same=False)
    opened(app, at_practice(app), "GP after")
    opened(app, at_hospital(app), "Doctor after")
    assert lookers(app, at_practice(app)) == ["GP after", "Doctor while joined", "GP before"]
    assert lookers(app, at_hospital(app)) == ["Doctor after", "Doctor while joined", "Doctor before"]


def test_who_leaves_takes_no_look_from_before_it_came(tmp_path: Path) -> None:
    """The hospital's record was the practice's person's from the first, by its number, and was not for long."""
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp"))
        opened(app, at_practice(app), "GP before")
        send(app, HOSPITAL, patient("ed"), attendance("v1", "ed"))
        later(app)
        opened(app, at_practice(app), "Doctor while joined")
        say(app, same=False)
        assert lookers(app, at_hospital(app)) == ["Doctor while joined"]
        assert lookers(app, at_practice(app)) == ["Doctor while joined", "GP before"]


def test_joined_and_parted_often_each_look_is_told_once(app: App) -> None:
    for number in range(3):
        say(app, same=True)
        opened(app, at_practice(app), f"Doctor {number} of both")
        say(app, same=False)
        opened(app, at_hospital(app), f"Doctor {number} of one")
    assert lookers(app, at_hospital(app)) == [
        f"Doctor {number} of {which}" for number in (2, 1, 0) for which in ("one", "both")
    ]
    assert lookers(app, at_practice(app)) == [f"Doctor {number} of both" for number in (2, 1, 0)]


def test_the_person_themself_reads_the_same(app: App) -> None:
    opened(app, at_hospital(app), "Doctor two")
    say(app, same=True)
    own = replace(GP, nhs_number=NHS_NUMBER, purpose="own-access", with_overrides=False)
    told = " ".join(app.records.own.looks(own).wait().looks)
    assert "Doctor two" in told


def test_programs_are_told_the_same(app: App) -> None:
    opened(app, at_hospital(app), "Doctor two")
    say(app, same=True)
    (found,) = app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), PRIVACY).wait()
    assert found.person == at_practice(app)
    search = parse_search("AuditEvent", [("patient", f"https://fhir.nhs.uk/Id/nhs-number|{NHS_NUMBER}")])
    shown = app.records.search(search, PRIVACY).wait().items
    assert any(b"Doctor two" in each.wire for each in shown)
