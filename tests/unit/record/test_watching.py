"""The accesses of the past are gathered from the audit, on each engine; the odd ones wait for the privacy officer."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from concord.accounts import User
from concord.app import App
from concord.base import FixedClock, Incorrect, NhsNumber, OdsCode, PersonId
from concord.governance import OWN_ACCESS, PATIENT, Viewer
from concord.record import PersonQuery
from tests.small_system import (
    HOSPITAL,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
    viewer,
)

SERVICE = {"tag": [{"system": "https://concord.example/CodeSystem/service", "code": "emergency-department"}]}
OFFICER = viewer("privacy-officer", "ZZA", name="Ines Marques", staff_id="7")
PRACTICE_OFFICER = viewer("privacy-officer", "ZZP01", staff_id="9")
ADA = viewer("doctor", "ZZA", user="ada", name="Dr Ada Nwosu", staff_id="55", service="emergency-department")
GRACE = viewer("gp", "ZZP01", user="grace", name="Dr Grace Holroyd", staff_id="56")
NUMBERS = tuple(map(NhsNumber, ("9990003114", "9990003157", "9990003165", "9990003173")))


def named(family: str, given: str, **more: Any) -> dict[str, Any]:
    return {"name": [{"family": family, "given": [given]}], **more}


def living_at(line: str, postcode: str) -> list[dict[str, Any]]:
    return [{"line": [line], "postalCode": postcode}]


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    """Margaret Holroyd attends; Grace Holroyd, a GP, lives with her; Tom Askew is registered where Grace works."""
    with small_system(database) as app:
        for each in (ADA, GRACE):
            app.accounts.add_user(
                User(
                    user=each.user, name=each.name, title="", staff_id=each.staff_id, organisation=each.organisation,
                    service=each.service, role=each.role, teams=frozenset(), active=True,
                )
            )  # fmt: skip
        long_ago = {"recordedDate": "2019-03-01", "onsetDateTime": "2019-03-01"}
        people = (
            ("Holroyd", "Margaret", "1 High Street", "AB1 2CD"),
            ("Holroyd", "Grace", "1 High Street", "AB1 2CD"),
            ("Askew", "Tom", "9 Low Road", "ZZ9 9ZZ"),
            ("Nwosu", "Ada", "2 Hill Rise", "CD3 4EF"),
        )
        for nth, (family, given, line, postcode) in enumerate(people):
            known = patient(f"p{nth}", number=NUMBERS[nth], **named(family, given, address=living_at(line, postcode)))
            send(app, PRACTICE, known, condition(f"c{nth}", f"p{nth}", **long_ago))
        at_home = living_at("1 High Street", "AB1 2CD")
        margaret = patient("h0", number=NUMBERS[0], **named("Holroyd", "Margaret", address=at_home))
        send(app, HOSPITAL, margaret, attendance("e0", "h0") | {"meta": SERVICE})
        assert isinstance(app.clock, FixedClock)
        app.clock.instant += timedelta(days=20)  # what was stored then is no contact now
        yield app


def look(app: App, by: Viewer, nth: int) -> PersonId:
    person = app.records.find(PersonQuery(nhs_number=NUMBERS[nth]), by).wait()[0].person
    app.records.open(person, by).wait()
    return person


def watch(app: App) -> int:
    return app.records.watch.look(within=timedelta(days=1)).wait()


def test_who_cares_for_the_person_stands_on_no_list(app: App) -> None:
    look(app, ADA, 0)
    assert watch(app) == 0
    assert app.records.alerts.worklist(OFFICER).wait() == []


def test_somebody_of_the_same_address_stands_there_with_reasons_and_only_once(app: App) -> None:
    look(app, GRACE, 0)
    look(app, GRACE, 2)
    assert watch(app) == 1
    assert watch(app) == 0
    (row,) = app.records.alerts.worklist(PRACTICE_OFFICER).wait()
    assert (row.kind, row.who, row.state, row.lasting) == ("access", "Dr Grace Holroyd", "to review", False)
    assert row.reason == "Nothing that is held explains it"
    alert = app.records.alerts.one(row.reference, PRACTICE_OFFICER).wait()
    assert alert.whys[0] == "The person has the surname and the address of somebody of the user's name"
    assert app.records.alerts.worklist(OFFICER).wait() == [], "another organisation's user"


def test_the_list_and_what_is_sent_on_say_nothing_of_the_person(app: App) -> None:
    look(app, GRACE, 0)
    watch(app)
    told = repr([app.records.alerts.worklist(PRACTICE_OFFICER).wait(), app.records.alerts.waiting(None)])
    for fact in ("Margaret", "address", "surname", NUMBERS[0], look(app, GRACE, 0)):
        assert fact not in told


def test_ones_own_record_stands_there_however_it_came_to_be_open(app: App) -> None:
    person = look(app, GRACE, 1)
    assert watch(app) == 1
    (row,) = app.records.alerts.worklist(PRACTICE_OFFICER).wait()
    alert = app.records.alerts.one(row.reference, PRACTICE_OFFICER).wait()
    assert alert.whys[0] == "The record is of somebody of the user's own name"
    assert alert.found is not None
    assert alert.found.person == person


def test_who_looks_by_right_does_not_stand_there_and_is_nobodys_colleague(app: App) -> None:
    """Margaret has an account to see her own record, with the practice that made sure who she is."""
    account = User(
        user="margaret", name="Margaret Holroyd", title="Patient", staff_id="p1", organisation=OdsCode("ZZP01"),
        service=None, role=PATIENT, teams=frozenset(), nhs_number=NhsNumber(NUMBERS[0]),
    )  # fmt: skip
    app.accounts.add_user(account)
    herself = viewer(PATIENT, "ZZP01", user="margaret", purpose=OWN_ACCESS, nhs_number=NUMBERS[0])
    app.records.own.open(herself).wait()
    assert watch(app) == 0
    look(app, GRACE, 0)
    watch(app)
    (row,) = app.records.alerts.worklist(PRACTICE_OFFICER).wait()
    whys = app.records.alerts.one(row.reference, PRACTICE_OFFICER).wait().whys
    assert "The record is of somebody of a colleague's name" not in whys


def test_a_verdict_is_remembered(app: App) -> None:
    look(app, GRACE, 0)
    watch(app)
    (row,) = app.records.alerts.worklist(PRACTICE_OFFICER).wait()
    app.records.alerts.review(row.reference, PRACTICE_OFFICER, outcome="justified", note="Her own GP.").wait()
    assert isinstance(app.clock, FixedClock)
    app.clock.instant += timedelta(days=2)
    look(app, GRACE, 0)
    assert watch(app) == 0
    (team,) = app.records.alerts.figures(OdsCode("ZZP01"), app.clock.now() - timedelta(days=9))
    assert (team.accesses, team.justified) == (1, 1)


def test_nobody_reviews_what_they_did_themselves(app: App) -> None:
    """Whoever looked may be, or become, the privacy officer."""
    look(app, GRACE, 0)
    watch(app)
    (row,) = app.records.alerts.worklist(PRACTICE_OFFICER).wait()
    herself = replace(PRACTICE_OFFICER, user=GRACE.user)
    for outcome in ("justified", None):
        with pytest.raises(Incorrect, match="Somebody else"):
            app.records.alerts.review(row.reference, herself, outcome=outcome, note="All is well.").wait()
    assert app.records.alerts.worklist(PRACTICE_OFFICER).wait()[0].state == "to review"


def test_where_a_protected_person_is_no_reason_tells(app: App) -> None:
    person = look(app, GRACE, 0)
    protected = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}
    home = living_at("1 High Street", "AB1 2CD")
    send(app, PRACTICE, patient("p0", number=NUMBERS[0], meta=protected, **named("Holroyd", "Margaret", address=home)))
    app.records.open(person, GRACE).wait()
    assert watch(app) == 1
    (row,) = app.records.alerts.worklist(PRACTICE_OFFICER).wait()
    alert = app.records.alerts.one(row.reference, PRACTICE_OFFICER).wait()
    assert alert.found is None
    assert alert.whys
    assert not [why for why in alert.whys if re.search("address|surname|postcode|protected", why)]


def test_that_it_was_done_is_audited(app: App) -> None:
    look(app, GRACE, 0)
    watch(app)
    rows = app.records.audit.listed(number=None, user="duty:misuse-detection", since=None, most=5).wait()
    assert [row.event.detail for row in rows] == [{"count": 1}]
