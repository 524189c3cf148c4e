"""The pages of somebody who signs in to see their own record."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from concord.accounts import User
from concord.app import App, compose
from concord.base import FixedClock, Incorrect, NhsNumber, OdsCode, PersonId, SystemIds
from concord.governance import OWN_ACCESS, PATIENT, Relationship, RelationshipKind, decide
from concord.governance.model import PersonFacts, SourcePatient
from concord.record import PersonQuery
from concord.store import open_store
from tests.small_system import (
    ED_DOCTOR,
    HOSPITAL,
    KEYS,
    NHS_NUMBER,
    NOW,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
    send,
    viewer,
)
from tests.spec.governance.northfield import NOW as THEN
from tests.spec.governance.northfield import agreement, policy
from tests.unit.api.client import Client

HER = User(
    user="margaret", name="Margaret Holroyd", title="Patient", staff_id="p1", organisation=OdsCode("ZZP01"),
    service=None, role=PATIENT, teams=frozenset(), nhs_number=NhsNumber(NHS_NUMBER),
)  # fmt: skip
RESTRICTED = {"security": [{"system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": "R"}]}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = compose(open_store(tmp_path / "concord.db"), clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS, demo=True)
    enforce(app)
    send(
        app, PRACTICE, patient("gp-1"), condition("gp-c1", "gp-1"), condition("gp-c2", "gp-1", "Kept", meta=RESTRICTED)
    )
    send(app, HOSPITAL, patient("hx-1"), attendance("hx-e1", "hx-1"))
    app.accounts.add_user(HER)
    yield app
    app.close()


def page(app: App, user: User, path: str) -> tuple[int, str]:
    cookie = app.accounts.start_session(user.user)
    with Client(app.asgi(), {"Cookie": f"concord-session={cookie}"}) as client:
        answer = client("GET", path)
    return answer.status_code, answer.text


def test_she_reads_her_record_but_for_what_is_kept_from_her(app: App) -> None:
    status, text = page(app, HER, "/my-record")
    assert status == 200
    assert "Heart failure" in text
    assert "Millbrook Surgery" in text
    assert "Kept" not in text


def test_she_reads_who_looked_in_words(app: App) -> None:
    (found,) = app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), ED_DOCTOR).wait()
    app.records.open(found.person, ED_DOCTOR).wait()
    page(app, HER, "/my-record")
    status, text = page(app, HER, "/my-record/who-looked")
    assert status == 200
    assert "opened your record, because you were attending there" in text
    assert "Margaret Holroyd (patient" not in text


def test_nobody_who_works_here_has_these_pages(app: App) -> None:
    doctor = replace(HER, user="ada", role="doctor", organisation=OdsCode("ZZA"))
    app.accounts.add_user(doctor)
    assert page(app, doctor, "/my-record")[0] == 404
    assert page(app, doctor, "/my-record/who-looked")[0] == 404


def test_a_patient_whose_number_is_not_held_sees_the_same_as_one_who_may_not(app: App) -> None:
    other = replace(HER, user="other", nhs_number=NhsNumber("9990003203"))
    app.accounts.add_user(other)
    status, text = page(app, other, "/my-record")
    assert status == 404
    assert "Ask your GP practice." in text
    assert page(app, other, f"/person/{PersonId('z' * 24)}")[0] == 404


def test_whoever_is_recorded_as_dead_reads_whom_to_tell(app: App) -> None:
    send(app, HOSPITAL, patient("hx-1", deceasedBoolean=True))
    status, text = page(app, HER, "/my-record")
    assert status == 404
    assert "If that is wrong, tell the GP practice at once." in text
    assert "Heart failure" not in text


def test_a_patient_finds_nobody_and_asks_for_nothing_else(app: App) -> None:
    her = viewer(PATIENT, "ZZP01", purpose=OWN_ACCESS, nhs_number=NHS_NUMBER)
    assert app.records.find(PersonQuery(nhs_number=NhsNumber(NHS_NUMBER)), her).wait() == []
    with pytest.raises(Incorrect):
        app.accounts.issue_user_token("margaret", "direct-care", timedelta(hours=1))
    with pytest.raises(Incorrect):
        app.accounts.add_user(replace(HER, user="nobody", nhs_number=None))


def test_no_clause_opens_anything_to_a_patient() -> None:
    """Not even one that names the role."""
    (first, *rest) = agreement().clauses
    widened = replace(agreement(), clauses=(replace(first, roles=first.roles | {PATIENT}), *rest))
    attending = Relationship(
        kind=RelationshipKind.ATTENDING, organisation=OdsCode("ZZA"), service=None, team=None, user=None,
        start_at=None, end_at=None,
    )  # fmt: skip
    source = SourcePatient(home=1, number=1, organisation=OdsCode("ZZP01"))
    facts = PersonFacts(sources=[source], relationships=[attending], choices=[], protected=False)
    assert decide(viewer("doctor", "ZZA"), facts, policy(widened), THEN).openings
    assert not decide(viewer(PATIENT, "ZZA"), facts, policy(widened), THEN).openings
