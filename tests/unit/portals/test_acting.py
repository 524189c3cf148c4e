"""The pages of somebody who acts for others: a mother, and her child."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.accounts import User
from concord.app import App, compose
from concord.base import FixedClock, NhsNumber, OdsCode, SystemIds
from concord.governance import PATIENT
from concord.record import PersonQuery
from concord.store import open_store
from tests.small_system import ED_DOCTOR, HOSPITAL, KEYS, NOW, PRACTICE, attendance, condition, enforce, patient, send
from tests.unit.api.client import Client

CHILD, MOTHER, FATHER = "9990003114", "9990003203", "9990003300"
CONFIDENTIALITY = "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"
OURS = "https://concord.example/CodeSystem/"
NUMBER = "https://fhir.nhs.uk/Id/nhs-number"


def account(user: str, name: str, number: str) -> User:
    return User(
        user=user, name=name, title="Patient", staff_id=user, organisation=OdsCode("ZZP01"), service=None, role=PATIENT,
        teams=frozenset(), nhs_number=NhsNumber(number),
    )  # fmt: skip


DANA = account("dana", "Dana Marsh", MOTHER)
TYLER = account("tyler", "Tyler Marsh", CHILD)


def parent(number: str = MOTHER, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "RelatedPerson", "id": f"gp-r{number}", "patient": {"reference": "Patient/gp-1"},
        "identifier": [{"system": NUMBER, "value": number}],
        "relationship": [{"coding": [{"system": f"{OURS}proxy", "code": "parental-responsibility"}]}],
        "name": [{"family": "Marsh", "given": ["Dana"]}],
        "address": [{"line": ["A place that nobody may know"]}],
    } | more  # fmt: skip


def says(provision: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Consent", "id": "gp-k1", "status": "active", "patient": {"reference": "Patient/gp-1"},
        "scope": {"text": "x"}, "policyRule": {"text": "x"}, "provision": {"type": provision},
        "category": [{"coding": [{"system": f"{OURS}choice", "code": "proxy-access"}]}],
    } | more  # fmt: skip


def child(born: str = "2018-05-01", **more: Any) -> dict[str, Any]:
    return patient("gp-1", number=CHILD, name=[{"family": "Marsh", "given": ["Tyler"]}], birthDate=born, **more)


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = compose(open_store(tmp_path / "concord.db"), clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS, demo=True)
    enforce(app)
    private = {"security": [{"system": f"{OURS}sensitivity", "code": "child-protection"}]}
    send(
        app, PRACTICE, child(), parent(), condition("gp-c1", "gp-1", "Asthma"),
        condition("gp-c2", "gp-1", "Concern", meta=private),
    )  # fmt: skip
    for each in (DANA, TYLER):
        app.accounts.add_user(each)
    yield app
    app.close()


def page(app: App, user: User, path: str) -> tuple[int, str]:
    with Client(app.asgi(), {"Cookie": f"concord-session={app.accounts.start_session(user.user)}"}) as client:
        answer = client("GET", path)
    return answer.status_code, answer.text


def address(app: App) -> str:
    send(app, HOSPITAL, patient("hx-1", number=CHILD, name=[{"family": "Marsh", "given": ["Tyler"]}],
                                birthDate="2018-05-01"), attendance("hx-e1", "hx-1"))  # fmt: skip
    (found,) = app.records.find(PersonQuery(nhs_number=NhsNumber(CHILD)), ED_DOCTOR).wait()
    return f"/my-record/acting-for/{found.person}"


def test_a_mother_finds_her_child_and_reads_the_record_but_for_what_is_kept_from_her(app: App) -> None:
    status, listed = page(app, DANA, "/my-record/acting-for")
    assert status == 200
    assert "MARSH, Tyler" in listed
    assert "somebody with parental responsibility" in listed
    status, text = page(app, DANA, address(app))
    assert status == 200
    assert "This is not your own record." in text
    assert "Asthma" in text
    assert "Their health conditions" in text
    for kept in ("Concern", "A place that nobody may know"):
        assert kept not in text


def test_who_has_no_record_here_is_led_to_those_they_act_for(app: App) -> None:
    assert page(app, DANA, "/my-record")[0] == 303


def test_the_child_sees_that_she_looked_and_as_what(app: App) -> None:
    page(app, DANA, address(app))
    status, text = page(app, TYLER, "/my-record/who-looked")
    assert status == 200
    assert "Dana Marsh, who acts for you (somebody with parental responsibility), opened your record" in text


def test_what_ends_it_ends_it_on_the_next_request(app: App) -> None:
    path = address(app)
    assert page(app, DANA, path)[0] == 200
    for ending, undone in (
        (parent(active=False), parent()),
        (says("deny"), says("permit")),
        (child("2015-05-01"), child()),
        (child(meta={"security": [{"system": CONFIDENTIALITY, "code": "R"}]}), child()),
        (child(deceasedBoolean=True), child()),
        (parent(period={"end": "2026-11-20"}), parent()),
    ):  # fmt: skip
        send(app, PRACTICE, ending)
        assert page(app, DANA, path)[0] == 404, ending
        assert "Tyler" not in page(app, DANA, "/my-record/acting-for")[1]
        send(app, PRACTICE, undone)
        assert page(app, DANA, path)[0] == 200


def test_the_childs_own_choice_on_the_page_shuts_her_out(app: App) -> None:
    path = address(app)
    herself = app.accounts.session(app.accounts.start_session(TYLER.user)).viewer
    made = app.records.choosing.make(herself, "proxy-access", "", silent=False).wait()
    assert page(app, DANA, path)[0] == 404
    app.records.choosing.take_back(herself, made.reference).wait()
    assert page(app, DANA, path)[0] == 200


def test_nobody_else_has_these_pages(app: App) -> None:
    path = address(app)
    app.accounts.add_user(father := account("father", "Somebody", FATHER))
    assert page(app, father, path)[0] == 404
    assert "Nobody." in page(app, father, "/my-record/acting-for")[1]
    assert page(app, TYLER, path)[0] == 404, "one's own record is another page"
    app.accounts.add_user(
        doctor := User(**{f: getattr(DANA, f) for f in DANA.__slots__} | {"user": "d", "role": "doctor"})
    )
    assert page(app, doctor, path)[0] == 404
    assert page(app, doctor, "/my-record/acting-for")[0] == 404


def test_what_is_kept_beside_the_item_is_what_it_says(app: App) -> None:
    with app.store.reading() as reading:
        assert app.records.verify(reading, whole=True).wrong == ()
    with app.store.writing() as writing:
        writing.run("DELETE FROM proxy")
    with app.store.reading() as reading:
        assert app.records.verify(reading, whole=True).wrong == ("1 items whose proxy is not who they say",)
