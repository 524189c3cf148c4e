"""The governance portal over a small system: reading what is in force, drafting what is not yet."""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import pytest

from concord.accounts import User
from concord.app import App
from concord.audit import looks
from concord.fhir import parse_search
from concord.governance import PolicyFiles, Viewer
from concord.portals.governance.long_answers import LongAnswers
from concord.portals.ui import TOKEN_FIELD, form_token
from concord.record.counting import Counting
from tests.small_system import (
    AGREEMENT,
    ED_DOCTOR,
    HOSPITAL,
    POLICY,
    PRACTICE,
    attendance,
    condition,
    patient,
    send,
    small_system,
    viewer,
)
from tests.unit.api.client import Client

LEAD, ELSEWHERE = viewer("ig-lead", "ZZA"), replace(viewer("ig-lead", "ZZC"), name="Somebody Else")
PRIVACY, DOCTOR = viewer("privacy-officer", "ZZA"), viewer("doctor", "ZZA")
PROMISED = (
    AGREEMENT
    + """\
promises:
  - {id: no-documents, never: {roles: [district-nurse], headings: [documents]}, says: District nurses see no documents}
examples:
  - {viewer: {role: doctor, at: ZZA}, person: {relationship: attending}, item: {from: ZZP01}, sees: [problems]}
  - {viewer: {role: district-nurse, at: ZZC}, person: {relationship: on-caseload}, hides: [documents]}
"""
)
WIDER = PROMISED.replace("version: 1", "version: 2").replace(
    "    shares: [core]\n    with: {organisations: community",
    "    shares: [core, documents]\n    with: {organisations: community",
)
POLICY_PROMISED = PolicyFiles(
    directory=POLICY.directory, agreements={"direct-care.yaml": PROMISED}, signatories=POLICY.signatories
)


@dataclass
class Office:
    """Users at their screens."""

    app: App
    clients: list[Client] = field(default_factory=list)

    def desk(self, of: Viewer) -> "Desk":
        if of.user not in {each.user for each in self.app.accounts.users()}:
            known = ("user", "name", "title", "staff_id", "organisation", "service", "role", "teams")
            self.app.accounts.add_user(User(**{each: getattr(of, each) for each in known}))
        cookie = self.app.accounts.start_session(of.user)
        client = Client(self.app.asgi(), {"Cookie": f"concord-session={cookie}"})
        client.__enter__()
        self.clients.append(client)
        return Desk(client=client, cookie=cookie)


@dataclass
class Desk:
    client: Client
    cookie: str

    def get(self, path: str) -> httpx.Response:
        return self.client("GET", path)

    def post(self, path: str, **fields: str) -> httpx.Response:
        return self.client("POST", path, data={TOKEN_FIELD: form_token(self.cookie), **fields})

    def upload(self, path: str, file: bytes, **fields: str) -> httpx.Response:
        """A form with a file, as a browser sends it."""
        parts = [
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in {TOKEN_FIELD: form_token(self.cookie), **fields}.items()
        ]
        head = (
            b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.yaml"\r\nContent-Type: text/yaml\r\n\r\n'
        )
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        return self.client("POST", path, headers=headers, content=b"".join(parts) + head + file + b"\r\n--x--\r\n")

    def begins(self, title: str = "Community sees documents") -> str:
        answer = self.post("/drafts", agreement="direct-care", title=title)
        assert answer.status_code == 303
        return answer.headers["location"]

    def keeps(self, draft: str, text: str, *, revision: int = 1, title: str = "Draft") -> httpx.Response:
        return self.post(draft, title=title, text=text, revision=str(revision))


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    with small_system(tmp_path, POLICY_PROMISED) as app:
        office = Office(app)
        yield office
        for client in office.clients:
            client.__exit__(None, None, None)


@pytest.fixture
def lead(office: Office) -> Desk:
    return office.desk(LEAD)


def words(answer: httpx.Response) -> str:
    assert answer.status_code == 200, answer.text[-500:]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.text)).split())


def line_of(text: str, words: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if words in line)


def test_the_list_says_how_each_agreement_stands(lead: Desk) -> None:
    told = words(lead.get("/agreements"))
    assert "Direct care version 1 ✓ In force 3 of 3 parties 1 Jan 2027 31 Dec 2027" in told
    assert "its review is due in 40 days, on 1 Jan 2027" in told
    assert "1 of 1 promises are kept" in told


def test_whoever_answers_for_agreements_begins_with_them(lead: Desk) -> None:
    assert lead.get("/").headers["location"] == "/agreements"


def test_one_is_read_in_plain_english(lead: Desk) -> None:
    told = words(lead.get("/agreements/direct-care"))
    assert "Millbrook Surgery ✓ Signed 1 Jan 2026" in told
    assert "District nurses at Northfield Community see" in told
    assert (
        "A doctor at Northfield General sees problems of Millbrook Surgery while the person is attending there." in told
    )
    assert "Version 1 , published 22 Nov 2026 03:12" in told
    assert lead.get("/agreements/direct-care/file").text == PROMISED


def test_a_draft_begins_as_the_next_version_and_changes_nothing(office: Office, lead: Desk) -> None:
    before = office.app.published()
    draft = lead.begins()
    page = words(lead.get(draft))
    assert "version: 2" in page
    assert "The draft is right: all 1 promises are kept and all 2 examples hold." in page
    assert office.app.published() == before


def test_what_is_wrong_stands_at_its_line_with_a_suggestion(lead: Desk) -> None:
    draft = lead.begins()
    misspelt = WIDER.replace("allows_labels: [mental-health]", "allows_labels: [mental-helth]")
    lead.keeps(draft, misspelt)
    page, line = words(lead.get(draft)), line_of(misspelt, "helth")
    assert "The draft cannot be read yet" in page
    assert f'Line {line} unknown label "mental-helth"; did you mean "mental-health"?' in page
    assert f"{line} ▸ allows_labels: [mental-helth]" in page
    assert lead.get(f"{draft}/compare").headers["location"] == draft


def test_a_broken_promise_shows_its_counterexample_at_its_line(lead: Desk) -> None:
    draft = lead.begins()
    lead.keeps(draft, WIDER)
    page = words(lead.get(draft))
    assert "1 of 1 promises is broken and 1 of 2 examples does not hold" in page
    assert f'Line {line_of(WIDER, "id: no-documents")} promise "no-documents" is broken.' in page
    assert "A district nurse at Northfield Community would see documents of Millbrook Surgery" in page


def test_the_comparison_says_exactly_what_opens(lead: Desk) -> None:
    draft = lead.begins()
    lead.keeps(draft, WIDER)
    page = words(lead.get(f"{draft}/compare"))
    assert "Version 1, in force, against draft 2" in page
    assert "District nurses at Northfield Community would see documents of Millbrook Surgery" in page
    assert "1 square opens" in page
    assert "0 squares close" in page
    assert "0 of 1 promises are kept" in page
    assert "version was 1, becomes 2" in page


def test_a_version_that_is_in_force_already_is_no_draft(lead: Desk) -> None:
    draft = lead.begins()
    lead.keeps(draft, PROMISED)
    assert "Line 3 version 1 is in force: write 2" in words(lead.get(draft))


def test_a_file_takes_the_place_of_the_text(lead: Desk) -> None:
    began = lead.upload("/drafts", WIDER.encode(), title="From a file", agreement="")
    draft = began.headers["location"]
    assert "is broken" in words(lead.get(draft))
    kept = lead.upload(draft, PROMISED.replace("version: 1", "version: 2").encode(), title="x", text="y", revision="1")
    assert kept.status_code == 303
    assert "The draft is right" in words(lead.get(draft))


@pytest.mark.parametrize("file", [b"", b"\xff\xfe\x00", b"agreement: \xc3\x28"])
def test_a_file_that_is_no_text_is_refused(lead: Desk, file: bytes) -> None:
    assert lead.upload("/drafts", file, title="From a file").status_code == 400


def test_two_who_write_at_once_lose_nothing(office: Office, lead: Desk) -> None:
    draft = lead.begins()
    assert lead.keeps(draft, WIDER).status_code == 303
    second = lead.keeps(draft, "# mine", revision=1)
    assert second.status_code == 409
    assert "# mine" in second.text
    assert "documents]" in lead.get(draft).text


def test_a_draft_needs_a_title(lead: Desk) -> None:
    assert lead.post("/drafts", agreement="direct-care", title=" ").status_code == 400
    draft = lead.begins()
    refused = lead.keeps(draft, WIDER, title="")
    assert refused.status_code == 400
    assert "Give the draft a title" in refused.text


def test_a_draft_is_of_its_organisation_alone(office: Office, lead: Desk) -> None:
    draft = lead.begins("Of the hospital")
    other = office.desk(ELSEWHERE)
    assert "Of the hospital" not in other.get("/agreements").text
    for path in (draft, f"{draft}/read", f"{draft}/compare"):
        assert other.get(path).status_code == 404
    assert other.keeps(draft, WIDER).status_code == 404
    assert other.post(f"{draft}/discard").status_code == 404
    assert lead.get(draft).status_code == 200


def test_a_privacy_officer_reads_and_does_not_write(office: Office, lead: Desk) -> None:
    draft = lead.begins()
    officer = office.desk(PRIVACY)
    assert "Draft a change" not in officer.get("/agreements/direct-care").text
    assert "Keep and check" not in officer.get(draft).text
    assert officer.keeps(draft, WIDER).status_code == 404
    assert officer.post("/drafts", agreement="direct-care", title="x").status_code == 404


def test_nobody_else_reads_agreements_here(office: Office, lead: Desk) -> None:
    draft, doctor = lead.begins(), office.desk(DOCTOR)
    for path in ("/agreements", "/agreements/direct-care", "/agreements/direct-care/file", "/explain", draft):
        assert doctor.get(path).status_code == 404


def test_a_draft_can_be_given_up(lead: Desk) -> None:
    draft = lead.begins()
    assert lead.post(f"{draft}/discard").headers["location"] == "/agreements"
    assert lead.get(draft).status_code == 404


def test_who_works_on_a_draft_is_audited(office: Office, lead: Desk) -> None:
    draft = lead.begins()
    lead.keeps(draft, WIDER)
    office.desk(DOCTOR).post(f"{draft}/discard")
    with office.app.store.reading() as reading:
        rows = [row.event for row in looks(reading, most=50) if row.event.action == "draft"]
    told = [(event.who, event.outcome, event.detail.get("step", "")) for event in rows]
    assert told == [("doctor.zza", "nothing", ""), ("ig-lead.zza", "done", "kept"), ("ig-lead.zza", "done", "begun")]


@pytest.mark.parametrize(
    ("asked", "answer"),
    [
        ("role=district-nurse", "District nurses at Northfield Community see"),
        ("heading=documents", "GPs at Millbrook Surgery see"),
        ("heading=documents&role=district-nurse", "No agreement opens this"),
        ("role=doctor&at=ZZA&from=ZZP01&heading=problems&while=attending", "Shown because you are a doctor"),
        ("role=district-nurse&words=lay", "can see your"),
    ],
)
def test_explaining(lead: Desk, asked: str, answer: str) -> None:
    assert answer in words(lead.get(f"/explain?{asked}"))


def test_what_cannot_be_asked_is_said(lead: Desk) -> None:
    assert lead.get("/explain?role=wizard").status_code == 400
    assert lead.get("/agreements/nothing").status_code == 404


def test_a_count_that_takes_long_says_how_far_it_is(
    office: Office, lead: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    draft, going_on = lead.begins(), threading.Event()
    lead.keeps(draft, WIDER)
    counted = Counting.compared

    def slowly(self: Counting, *policies: Any, **asked: Any) -> Any:
        assert going_on.wait(60)
        return counted(self, *policies, **asked)

    monkeypatch.setattr(Counting, "compared", slowly)
    monkeypatch.setattr(LongAnswers, "PATIENCE_S", 0.0)
    waiting = lead.get(f"{draft}/compare?counted=yes")
    assert waiting.headers["refresh"] == "3"
    assert "Counting the people and items that it concerns: about 0% done" in words(waiting)
    going_on.set()
    monkeypatch.setattr(LongAnswers, "PATIENCE_S", 60.0)
    told = lead.get(f"{draft}/compare?counted=yes")
    assert "refresh" not in told.headers
    assert "7 or fewer" in words(told)


def test_a_form_of_another_session_changes_nothing(lead: Desk) -> None:
    draft = lead.begins()
    forged = lead.client("POST", f"{draft}/discard", data={TOKEN_FIELD: form_token("another")})
    assert forged.status_code == 403
    assert lead.get(draft).status_code == 200


def test_the_past_is_simulated_when_a_period_is_chosen(
    office: Office, lead: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(LongAnswers, "PATIENCE_S", 60.0)
    send(office.app, PRACTICE, patient("gp-1"), condition("gp-c1", "gp-1"))
    send(office.app, HOSPITAL, patient("hx-1"), attendance("hx-e1", "hx-1"))
    for _ in range(10):
        office.app.records.search(parse_search("Condition", []), ED_DOCTOR).wait()
    draft = lead.begins()
    lead.keeps(draft, WIDER.replace("hospital, roles: [doctor]", "hospital, roles: [nurse]", 1))
    assert "Accesses from" not in words(lead.get(f"{draft}/simulate"))
    told = words(lead.get(f"{draft}/simulate?days=30"))
    assert "Accesses from 23 October 2026 to 22 November 2026" in told
    assert "Doctor 10 7 or fewer 10 7 or fewer 7 or fewer 7 or fewer" in told
    assert "Holroyd" not in told
    assert lead.get(f"{draft}/simulate?days=9999").status_code == 400
    with office.app.store.reading() as reading:
        assert ("ig-lead.zza", "look-at-audit") in {(row.event.who, row.event.action) for row in looks(reading, most=9)}
