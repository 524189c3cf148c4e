"""The pages of somebody who acts for others: a mother, and her child."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.accounts import User
from concord.app import App, compose
from concord.base import FixedClock, NhsNumber, OdsCode, SystemIds
from concord.fhir import parse
from concord.governance import PATIENT
from concord.portals.ui import form_token
from concord.portals.ui.forms import TOKEN_FIELD
from concord.record import OpenRecord, PersonQuery
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


def address(app: App, born: str = "2018-05-01") -> str:
    send(app, HOSPITAL, patient("hx-1", number=CHILD, name=[{"family": "Marsh", "given": ["Tyler"]}],
                                birthDate=born), attendance("hx-e1", "hx-1"))  # fmt: skip
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


class Chooser:
    """Somebody at the pages on which they choose for another."""

    def __init__(self, app: App, user: User, address: str) -> None:
        self._app = app
        self._secret = app.accounts.start_session(user.user)
        self._address = address

    def get(self, below: str = "") -> tuple[int, str]:
        return self._ask("GET", below, {})

    def post(self, below: str, **fields: str) -> tuple[int, str]:
        return self._ask("POST", below, {**fields, TOKEN_FIELD: form_token(self._secret)})

    def _ask(self, method: str, below: str, data: dict[str, str]) -> tuple[int, str]:
        with Client(self._app.asgi(), {"Cookie": f"concord-session={self._secret}"}) as client:
            answer = client(method, f"{self._address}{below}", data=data or None)
        return answer.status_code, " ".join(answer.text.split())

    def references(self) -> list[str]:
        return re.findall(r'name="reference" value="([^"]+)"', self.get()[1])


def problems(app: App) -> int:
    (found,) = app.records.find(PersonQuery(nhs_number=NhsNumber(CHILD)), ED_DOCTOR).wait()
    shown = app.records.open(found.person, ED_DOCTOR).wait()
    return sum(item.type == "Condition" for item in shown.items) if isinstance(shown, OpenRecord) else -1


def test_a_mother_chooses_for_her_child_and_it_says_so_to_everybody(app: App) -> None:
    path = address(app)
    assert problems(app) == 1
    assert f"{path}/choices" in page(app, DANA, path)[1]
    she = Chooser(app, DANA, f"{path}/choices")
    status, text = she.get()
    assert status == 200
    assert "You choose for somebody else" in text
    assert "They do not want a shared record" in text
    assert "in my place" not in text
    status, text = she.post("/check", kind="objection")
    assert status == 200
    assert "Staff no longer see their shared record" in text
    assert "Check the choice" in text
    assert problems(app) == 1, "nothing is chosen yet"
    assert she.post("", kind="objection")[0] == 303
    assert problems(app) == -1
    made = "Made by Dana Marsh, somebody with parental responsibility, for "
    assert made + "them, on 22 Nov 2026" in she.get()[1]
    assert made + "you, on 22 Nov 2026" in " ".join(page(app, TYLER, "/my-record/choices")[1].split())
    looked = page(app, TYLER, "/my-record/who-looked")[1]
    assert "who acts for you (somebody with parental responsibility), made a choice for you" in looked
    rows = app.records.audit.listed(number=None, user="dana", since=None, most=9).wait()
    (done,) = [each.event for each in rows if (each.event.action, each.event.outcome) == ("choose", "done")]
    assert (done.detail["choice"], done.detail["acting"]) == ("objection", "somebody with parental responsibility")
    (consent,) = [entry["resource"] for entry in parse(she.get("/consents")[1].encode())["entry"]]
    assert consent["performer"] == [
        {"type": "RelatedPerson", "display": "Dana Marsh, somebody with parental responsibility"}
    ]
    (reference,) = she.references()
    assert she.post("/take-back", reference=reference)[0] == 303
    assert problems(app) == 1
    assert "took back a choice that was made for you" in page(app, TYLER, "/my-record/who-looked")[1]


def test_what_the_child_chose_is_not_shown_to_her_and_not_hers_to_take_back(app: App) -> None:
    path = address(app)
    he, she = Chooser(app, TYLER, "/my-record/choices"), Chooser(app, DANA, f"{path}/choices")
    before = she.get()[1]
    assert he.post("", kind="organisation-prohibited", organisation="ZZA")[0] == 303
    (reference,) = he.references()
    assert she.get()[1] == before
    assert she.post("/take-back", reference=reference)[0] == 303
    assert he.references() == [reference]
    she.post("", kind="objection")
    (hers,) = she.references()
    assert he.post("/take-back", reference=hers)[0] == 303, "the child takes back what was chosen in their place"
    assert she.references() == []


def test_nobody_but_who_may_chooses_for_the_child(app: App) -> None:
    """Not a parent of a child who must agree, nor who acts for nobody, nor one's own choices by that page."""
    send(app, PRACTICE, says("permit"), child("2013-05-01"))
    path = address(app, "2013-05-01")
    app.accounts.add_user(father := account("father", "Somebody", FATHER))
    assert page(app, DANA, path)[0] == 200, "a child of 13 has said that she may look"
    assert f"{path}/choices" not in page(app, DANA, path)[1]
    for user in (DANA, father, TYLER):
        for below, fields in (("", {"kind": "objection"}), ("/check", {"kind": "objection"}),
                              ("/take-back", {"reference": "x" * 24})):  # fmt: skip
            chooser = Chooser(app, user, f"{path}/choices")
            assert chooser.post(below, **fields)[0] == 404
            assert chooser.get()[0] == 404
            assert chooser.get("/consents")[0] == 404
    assert problems(app) == 1


def test_who_may_look_is_the_childs_alone_to_say(app: App) -> None:
    she = Chooser(app, DANA, f"{address(app)}/choices")
    assert she.post("/check", kind="proxy-access")[0] == 400
    assert she.post("", kind="proxy-access")[0] == 400
    assert she.references() == []


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
