"""What keeps a page from being used against whoever reads it: headers, cookies, form tokens, escaping."""

import re
from collections.abc import Callable

import pytest

from concord.record import OpenRecord
from tests.unit.portals.conftest import Screen
from tests.unit.portals.fake_doors import LINK, FakeRecord
from tests.unit.portals.made_up import MARGARET, MARJORIE, PRACTICE, card, entry, margaret, opened, source

PAGES = (
    "/",
    "/lists/caseload",
    f"/person/{MARGARET}",
    f"/person/{MARJORIE}",
    f"/person/{MARGARET}/document/letter-1",
    "/person/nobody",
    "/no-such-page",
    "/sign-in",
    f"/sign-in/link/{LINK}",
)
CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)


@pytest.mark.parametrize("path", PAGES)
def test_every_page_forbids_scripts_frames_caches_and_referrers(ada: Screen, path: str) -> None:
    headers = ada.client.get(path).headers
    assert headers["content-security-policy"] == CSP
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cache-control"] == "no-store"


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_a_script_or_a_style_of_its_own(ada: Screen, path: str) -> None:
    text = ada.client.get(path).text
    assert not re.search(r"<script|<style|\sstyle=|\son[a-z]+=|javascript:", text, re.IGNORECASE)


def test_the_session_cookie_is_for_http_alone_and_for_this_site(screens: Callable[..., Screen]) -> None:
    screen = screens()
    sent = {"form_token": screen.token("/sign-in"), "user": "ada.nwosu"}
    cookies = screen.client.post("/sign-in", data=sent).headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if cookie.startswith("concord-session="))
    assert "HttpOnly" in session
    assert "SameSite=lax" in session
    assert "Path=/" in session
    assert "Secure" not in session


def test_over_https_the_cookie_is_secure_and_bound_to_the_host(screens: Callable[..., Screen]) -> None:
    screen = screens(base="https://concord.example")
    sent = {"form_token": screen.token("/sign-in"), "user": "ada.nwosu"}
    cookies = screen.client.post("/sign-in", data=sent).headers.get_list("set-cookie")
    session = next(cookie for cookie in cookies if "session" in cookie)
    assert session.startswith("__Host-concord-session=")
    assert "Secure" in session


@pytest.mark.parametrize("path", ["/find", "/sign-out", "/display", "/sign-in"])
@pytest.mark.parametrize("token", [None, "", "0" * 40])
def test_a_form_without_its_token_is_refused(ada: Screen, path: str, token: str | None) -> None:
    data = {"number": "9990003114", "display": "dark", "user": "ines.marques"}
    answer = ada.client.post(path, data=data if token is None else data | {"form_token": token})
    assert answer.status_code == 403
    assert ada.record.queries == []
    assert "Dr Ada Nwosu" in ada.client.get("/").text, "nothing was done: she is signed in still"


def test_the_token_of_one_session_does_not_serve_another(screens: Callable[..., Screen]) -> None:
    one, other = screens().sign_in("luke.farrow"), screens().sign_in("ada.nwosu")
    answer = other.client.post("/find", data={"number": "9990003114", "form_token": one.token("/")})
    assert answer.status_code == 403


def test_a_form_that_is_too_long_or_no_form_is_refused(ada: Screen) -> None:
    token = ada.token("/")
    assert ada.client.post("/find", data={"form_token": token, "family": "x" * 20_000}).status_code == 400
    assert ada.client.post("/find", content=b"\xff\xfe=1").status_code == 400


def test_what_a_source_or_a_user_writes_stays_text(screens: Callable[..., Screen]) -> None:
    evil = '<script>alert("1")</script>'
    summary = margaret()
    object.__setattr__(summary, "problems", card("", entry("evil", evil, source(PRACTICE, words=evil), text=evil)))
    record: OpenRecord = opened(summary=summary)
    screen = screens(record=FakeRecord(record=record)).sign_in("ada.nwosu")
    assert "<script" not in screen.client.get(f"/person/{MARGARET}").text
    typed = screen.find(family=evil, given='"><img src=x>')
    assert "<script" not in typed
    assert "<img" not in typed


def test_nobody_picks_a_user_outside_a_demo(screens: Callable[..., Screen]) -> None:
    screen = screens(demo=False)
    assert "Dr Ada Nwosu" not in screen.client.get("/sign-in").text
    sent = {"form_token": screen.token(f"/sign-in/link/{LINK}"), "user": "ada.nwosu"}
    answer = screen.client.post("/sign-in", data=sent)
    assert answer.status_code == 403
    assert not any("session" in cookie for cookie in answer.headers.get_list("set-cookie"))


def test_a_sign_in_link_works_once_and_only_when_its_button_is_pressed(screens: Callable[..., Screen]) -> None:
    screen, path = screens(demo=False), f"/sign-in/link/{LINK}"
    screen.token(path)  # looking at it does not use it up
    token = screen.token(path)
    assert screen.client.post(path, data={"form_token": token}).headers["location"] == "/"
    assert "Dr Ada Nwosu" in screen.client.get("/").text
    again = screen.client.post(path, data={"form_token": screen.token(path)})
    assert again.status_code == 401
    assert "does not work any more" in again.text


def test_signing_out_ends_the_session(ada: Screen) -> None:
    kept = dict(ada.client.cookies)
    assert ada.client.post("/sign-out", data={"form_token": ada.token("/")}).headers["location"] == "/sign-in"
    ada.client.cookies.update(kept)
    assert ada.client.get("/").headers["location"] == "/sign-in"


@pytest.mark.parametrize("path", ["/", "/lists/attending", f"/person/{MARGARET}", "/person/nobody"])
def test_whoever_is_not_signed_in_is_sent_to_sign_in(screens: Callable[..., Screen], path: str) -> None:
    answer = screens().client.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")


def test_the_choice_of_a_room_goes_back_to_pages_of_ours_alone(ada: Screen) -> None:
    for back, target in ((f"/person/{MARGARET}", f"/person/{MARGARET}"), ("//evil.example", "/"), ("https://e", "/")):
        sent = {"form_token": ada.token("/"), "display": "dark", "back": back}
        assert ada.client.post("/display", data=sent).headers["location"] == target
    assert 'data-display="dark"' in ada.client.get("/").text


def test_style_sheets_are_kept_for_good_under_a_name_of_their_content(ada: Screen) -> None:
    sheets = re.findall(r'<link rel="stylesheet" href="([^"]+)"', ada.client.get("/").text)
    assert len(sheets) == 2
    for sheet in sheets:
        answer = ada.client.get(sheet)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].startswith("text/css")
    assert ada.client.get("/assets/..%2fpages.py").status_code == 404
