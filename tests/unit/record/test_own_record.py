"""A user's own record, which their employer's system holds like anybody else's."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from concord.accounts import User
from concord.app import App
from concord.base import NhsNumber, NotFound, OdsCode, PersonId
from concord.fhir import parse_search
from concord.governance import Asker, Viewer
from concord.record import OpenRecord, PersonQuery, ShutRecord
from tests.small_system import (
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

AT_WORK = replace(ED_DOCTOR, nhs_number=NHS_NUMBER)
AS_A_PATIENT = replace(AT_WORK, purpose="own-access", with_overrides=False)
COLLEAGUE = replace(ED_DOCTOR, user="a.colleague")


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    """Somebody whom the practice knows, and who attends the emergency department."""
    with small_system(tmp_path) as app:
        send(app, PRACTICE, patient("gp-1"), condition("gp-c1", "gp-1"))
        send(app, HOSPITAL, patient("hx-1"), attendance("hx-e1", "hx-1"))
        yield app


def found(app: App, by: Viewer = COLLEAGUE) -> PersonId:
    (person,) = app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), by).wait()
    return person.person


def conditions(app: App, by: Asker) -> int:
    """On the asker's list, naming nobody."""
    return len(app.records.search(parse_search("Condition", [("_count", "10")]), by).wait().items)


def test_a_colleague_opens_it_and_its_owner_does_not(app: App) -> None:
    person = found(app)
    assert isinstance(app.records.open(person, COLLEAGUE).wait(), OpenRecord)
    shut = app.records.open(person, AT_WORK).wait()
    assert isinstance(shut, ShutRecord)
    assert "your own record" in shut.because
    assert not shut.may_assert


def test_its_owner_meets_it_in_no_list_and_no_search_across_people(app: App) -> None:
    assert conditions(app, COLLEAGUE) == 1
    assert conditions(app, AT_WORK) == 0
    assert app.records.lists(COLLEAGUE, None).wait().rows
    assert not app.records.lists(AT_WORK, None).wait().rows


def test_its_owner_does_not_learn_at_work_who_looked_whatever_their_role(app: App) -> None:
    officer = viewer("privacy-officer", "ZZA")
    person = found(app)
    assert app.records.who_looked(person, officer).wait().looks
    with pytest.raises(NotFound):
        app.records.who_looked(person, replace(officer, nhs_number=NHS_NUMBER)).wait()


def test_by_right_of_access_they_see_it_and_who_looked(app: App) -> None:
    person = found(app)
    app.records.open(person, COLLEAGUE).wait()
    opened = app.records.open(person, AS_A_PATIENT).wait()
    assert isinstance(opened, OpenRecord)
    assert {item.organisation for item in opened.items} == {"ZZP01", "ZZA"}
    assert opened.agreements == "your right to see your own record"
    assert "a.colleague" not in {look.who for look in app.records.who_looked(person, AS_A_PATIENT).wait().looks}
    assert len(app.records.who_looked(person, AS_A_PATIENT).wait().looks) >= 2


def test_a_number_that_somebody_else_carries_too_opens_nothing(app: App) -> None:
    person = found(app)
    assert isinstance(app.records.open(person, AS_A_PATIENT).wait(), OpenRecord)
    send(app, HOSPITAL, patient("hx-2", name=[{"family": "Somebody", "given": ["Else"]}], birthDate="1990-01-01"))
    with pytest.raises(NotFound):
        app.records.open(person, AS_A_PATIENT).wait()


def test_an_account_says_whose_record_is_its_own(app: App) -> None:
    user = User(
        user="ada", name="Ada", title="Registrar", staff_id="7", organisation=OdsCode("ZZA"), service=None,
        role="doctor", teams=frozenset(), nhs_number=NhsNumber(NHS_NUMBER),
    )  # fmt: skip
    app.accounts.add_user(user)
    asker = app.accounts.asker(app.accounts.issue_user_token("ada", "direct-care", timedelta(hours=1)))
    assert isinstance(asker, Viewer)
    assert asker.nhs_number == NHS_NUMBER
    assert NHS_NUMBER not in repr(asker)
    assert NHS_NUMBER not in str(asker.claims)
