"""The pages on which people choose what is shared: explained, made, in effect at once, taken back."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from concord.accounts import User
from concord.app import App, compose
from concord.base import FixedClock, NhsNumber, OdsCode, PersonId, SystemIds
from concord.fhir import parse, parse_search, survey
from concord.governance import PATIENT, Viewer
from concord.portals.ui import form_token
from concord.portals.ui.forms import TOKEN_FIELD
from concord.record import OpenRecord, PersonQuery, ShutRecord
from concord.store import open_store, own_choices
from tests.small_system import (
    ED_DOCTOR,
    GP,
    HOSPITAL,
    KEYS,
    NHS_NUMBER,
    NOW,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    enforce,
    patient,
    send,
)
from tests.unit.api.client import Client

NUMBER = NhsNumber(NHS_NUMBER)
HER = User(
    user="margaret", name="Margaret Holroyd", title="Patient", staff_id="p1", organisation=OdsCode("ZZP01"),
    service=None, role=PATIENT, teams=frozenset(), nhs_number=NUMBER,
)  # fmt: skip
HL7 = "http://terminology.hl7.org/CodeSystem"
CHOICE = "https://concord.example/CodeSystem/choice"


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    app = compose(open_store(tmp_path / "concord.db"), clock=FixedClock(NOW), ids=SystemIds(), keys=KEYS)
    enforce(app)
    send(app, PRACTICE, patient("gp-1"), condition("gp-c1", "gp-1"))
    send(app, HOSPITAL, patient("hx-1"), attendance("hx-e1", "hx-1"))
    app.accounts.add_user(HER)
    yield app
    app.close()


class Visitor:
    def __init__(self, client: Client, secret: str) -> None:
        self._client = client
        self._secret = secret

    def get(self, path: str = "/my-record/choices") -> tuple[int, str]:
        answer = self._client("GET", path)
        return answer.status_code, re.sub(r"\s+", " ", answer.text)

    def post(self, path: str, **fields: str) -> tuple[int, str]:
        sent = {**fields, TOKEN_FIELD: form_token(self._secret)}
        answer = self._client("POST", f"/my-record/choices{path}", data=sent)
        return answer.status_code, re.sub(r"\s+", " ", answer.text)

    def takes_back(self) -> None:
        (reference,) = re.findall(r'name="reference" value="([^"]+)"', self.get()[1])
        status, check = self.post("/check", reference=reference)
        assert (status, "If you take it back" in check) == (200, True)
        assert self.post("/take-back", reference=reference)[0] == 303


@contextmanager
def visiting(app: App, user: str = HER.user) -> Iterator[Visitor]:
    secret = app.accounts.start_session(user)
    with Client(app.asgi(), {"Cookie": f"concord-session={secret}"}) as client:
        yield Visitor(client, secret)


def opened(app: App, viewer: Viewer) -> OpenRecord | ShutRecord:
    (found,) = app.records.find(PersonQuery(nhs_number=NUMBER), viewer).wait()
    return app.records.open(found.person, viewer).wait()


def problems(app: App, viewer: Viewer) -> int:
    shown = opened(app, viewer)
    return sum(item.type == "Condition" for item in shown.items) if isinstance(shown, OpenRecord) else -1


def recorded(code: str, **more: object) -> dict[str, object]:
    """A choice that a source has written down."""
    return {
        "resourceType": "Consent", "id": f"choice-{code}", "status": "active",
        "scope": {"coding": [{"system": f"{HL7}/consentscope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": CHOICE, "code": code}]}], "patient": {"reference": "Patient/gp-1"},
        "policyRule": {"coding": [{"system": f"{HL7}/v3-ActCode", "code": "OPTOUT"}]},
        "provision": {"type": "deny"},
    } | more  # fmt: skip


EFFECTS = [
    # (kind, organisation, items of the practice that the ED doctor sees, and that the GP sees; -1: the record is shut)
    ("objection", "", -1, -1),
    ("share-out", "ZZP01", 0, 1),
    ("share-in", "ZZA", 0, 1),
    ("organisation-prohibited", "ZZA", 0, 1),
    ("organisation-prohibited", "ZZP01", 1, 0),
    ("share-in", "ZZP01", 1, 1),
    ("national-data-opt-out", "", 1, 1),
]


@pytest.mark.parametrize(("kind", "organisation", "doctor", "gp"), EFFECTS)
def test_a_choice_acts_on_the_next_request_and_ends_when_it_is_taken_back(
    app: App, kind: str, organisation: str, doctor: int, gp: int
) -> None:
    assert (problems(app, ED_DOCTOR), problems(app, GP)) == (1, 1)
    with visiting(app) as she:
        status, check = she.post("/check", kind=kind, organisation=organisation)
        assert status == 200, check
        assert "What does not change" in check
        assert (problems(app, ED_DOCTOR), problems(app, GP)) == (1, 1), "nothing is chosen yet"
        assert she.post("", kind=kind, organisation=organisation)[0] == 303
        assert "You chose this on 22 Nov 2026" in she.get()[1]
        assert (problems(app, ED_DOCTOR), problems(app, GP)) == (doctor, gp)
        she.takes_back()
        assert (problems(app, ED_DOCTOR), problems(app, GP)) == (1, 1)
        assert "What you chose before" in she.get()[1]


def test_what_is_withheld_is_told_unless_she_asks_for_silence(app: App) -> None:
    with visiting(app) as she:
        she.post("", kind="objection")
        shut = opened(app, ED_DOCTOR)
        assert isinstance(shut, ShutRecord)
        assert shut.because == "This record is withheld from you."
        she.takes_back()
        she.post("", kind="objection", silent="yes")
        assert "Staff are not told that this was chosen." in she.get()[1]
    silent = opened(app, ED_DOCTOR)
    assert isinstance(silent, OpenRecord)
    assert (list(silent.items), silent.withheld) == ([], False)


def test_it_is_held_as_a_consent_by_the_person_with_its_history(app: App) -> None:
    with visiting(app) as she:
        she.post("", kind="share-out", organisation="ZZP01")
        she.post("", kind="share-out", organisation="ZZP01")
        she.takes_back()
    with app.store.reading() as reading:
        (row,) = own_choices.under(reading, NUMBER)
    consent = parse(row.body)
    assert consent["performer"] == [{"type": "Patient", "identifier": consent["patient"]["identifier"]}]
    assert consent["provision"]["actor"][0]["reference"]["identifier"]["value"] == "ZZP01"
    assert (row.author, row.ended_by) == ("margaret", "margaret")
    rows = app.records.audit.listed(number=None, user="margaret", since=None, most=20).wait()
    done = [each.event.detail for each in rows if (each.event.action, each.event.outcome) == ("choose", "done")]
    assert [set(each) - {"reference"} for each in done] in ([{"taken_back"}, {"choice"}], [{"choice"}, {"taken_back"}])


def test_they_can_be_taken_along_as_consents(app: App) -> None:
    with visiting(app) as she:
        she.post("", kind="share-out", organisation="ZZP01")
        she.takes_back()
        she.post("", kind="objection")
        status, text = she.get("/my-record/choices/consents")
    bundle = parse(text.encode())
    assert status == 200
    assert survey(bundle).breaches == []
    standing, past = (entry["resource"] for entry in bundle["entry"])
    assert [standing["status"], past["status"]] == ["active", "inactive"]
    assert past["provision"]["period"] == {"start": "2026-11-22T03:12:00.000000Z", "end": "2026-11-22T03:12:00.000000Z"}


def test_what_a_source_wrote_down_is_shown_with_whom_to_tell(app: App) -> None:
    send(app, PRACTICE, recorded("objection"))
    with visiting(app) as she:
        text = she.get()[1]
    assert "You do not want a shared record." in text
    assert "Millbrook Surgery wrote this down. To change it, tell them" in text
    assert 'name="reference"' not in text, "nothing of it can be taken back here"


@pytest.mark.parametrize("marked", ["restricted", "domestic-abuse"])
def test_what_a_source_keeps_from_her_is_not_told_as_her_choice(app: App, marked: str) -> None:
    label = {"security": [{"system": "https://concord.example/CodeSystem/sensitivity", "code": marked}]}
    with visiting(app) as she:
        before = re.sub(r"form_token.*?>", "", she.get()[1])
        send(app, PRACTICE, recorded("share-in", meta=label))
        assert re.sub(r"form_token.*?>", "", she.get()[1]) == before


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({}, "Choose one of the choices on the page."),
        ({"kind": "unknown"}, "Choose one of the choices on the page."),
        ({"kind": "share-out"}, "Choose an organisation from the list."),
        ({"kind": "share-in", "organisation": "ZZQ"}, "Choose an organisation from the list."),
    ],
)
def test_what_is_no_choice_is_said_so(app: App, fields: dict[str, str], problem: str) -> None:
    with visiting(app) as she:
        status, text = she.post("/check", **fields)
        assert status == 400
        assert problem in text
        assert she.post("", **fields)[0] == 400
    with app.store.reading() as reading:
        assert own_choices.under(reading, NUMBER) == []


def test_nobody_chooses_for_somebody_else(app: App) -> None:
    """Not who works here, nor a patient under whose number there is nobody, or more than one."""
    app.accounts.add_user(
        User(
            user="ada", name="Ada", title="Doctor", staff_id="1", organisation=OdsCode("ZZA"), service=None,
            role="doctor", teams=frozenset(), nhs_number=NUMBER,
        )
    )  # fmt: skip
    send(app, HOSPITAL, patient("hx-2", birthDate="1999-01-01"))
    for user in ("ada", HER.user):
        with visiting(app, user) as visitor:
            assert visitor.get()[0] == 404
            for path, fields in (("", {"kind": "objection"}), ("/check", {"kind": "objection"}),
                                 ("/take-back", {"reference": PersonId("x" * 24)})):  # fmt: skip
                assert visitor.post(path, **fields)[0] == 404
    with app.store.reading() as reading:
        assert own_choices.under(reading, NUMBER) == []


def test_a_form_from_elsewhere_chooses_nothing(app: App) -> None:
    with visiting(app) as she:
        answer = she._client("POST", "/my-record/choices", data={"kind": "objection"})
    assert answer.status_code == 403


def test_a_list_and_a_count_know_of_it_too(app: App) -> None:
    """Whoever has chosen is decided about alone, and counted by what they chose."""
    found = opened(app, ED_DOCTOR)
    assert isinstance(found, OpenRecord)
    with visiting(app) as she:
        she.post("", kind="share-out", organisation="ZZP01")
    assert app.records.search(parse_search("Condition", []), ED_DOCTOR).wait().items == []
    assert len(app.records.search(parse_search("Condition", []), GP).wait().items) == 1


def test_a_yes_is_asked_for_where_an_agreement_asks_and_acts_at_once(app: App) -> None:
    with visiting(app) as she:
        assert "may be shown to others" not in she.get()[1], "no agreement in force asks"
        assert she.post("", kind="share-out given", organisation="ZZP01")[0] == 400
    (name, text), *others = POLICY.agreements.items()
    asking = text.replace("    allows_labels:", "    consent: {share-out: explicit}\n    allows_labels:", 1)
    assert asking != text
    enforce(app, replace(POLICY, agreements={name: asking, **dict(others)}))
    assert problems(app, ED_DOCTOR) == 0
    with visiting(app) as she:
        page = she.get()[1]
        assert "What one organisation writes about me may be shown to others" in page
        assert "Asked about: Millbrook Surgery" in page
        assert "may see what others write about me" not in page
        status, check = she.post("/check", kind="share-out given", organisation="ZZP01")
        assert (status, "Where the rules ask for your yes" in check) == (200, True)
        assert she.post("", kind="share-out given", organisation="ZZP01")[0] == 303
        assert problems(app, ED_DOCTOR) == 1
        assert "What Millbrook Surgery writes about you may be shown to others." in she.get()[1]
        (reference,) = re.findall(r'name="reference" value="([^"]+)"', she.get()[1])
        assert "as if nobody had said yes" in she.post("/check", reference=reference)[1]
        assert she.post("/take-back", reference=reference)[0] == 303
    assert problems(app, ED_DOCTOR) == 0
