"""The same pages by keyboard, on a phone, without a script, in a dark room, enlarged, on paper."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Served
from tests.journeys.professional.steps import Desk

PEGGY = "9990003114"


def test_by_keyboard_alone_from_sign_in_to_why(desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.northfield.url}/sign-in")
    tab_to(page, "Dr Ada Nwosu")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Find a person", level=1)).to_be_visible()
    tab_to(page, "number")
    page.keyboard.type(PEGGY)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="1 person matches")).to_be_visible()
    tab_to(page, "Open record")
    page.keyboard.press("Enter")
    desk.then_the_banner_says("HOLROYD, Margaret")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    tab_to(page, "Why?")
    page.keyboard.press("Enter")
    expect(page.locator("details.c-why[open]")).to_contain_text("Shown because")


def test_the_banner_stays_in_view_and_hides_nothing_that_has_the_focus(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    page = desk.page
    page.get_by_role("navigation", name="Record").get_by_role("link", name="Sources").click()
    banner = page.get_by_role("region", name="Whose record this is").bounding_box()
    title = page.get_by_role("heading", name="Sources", level=2).bounding_box()
    assert banner is not None
    assert title is not None
    assert banner["y"] == 0
    assert title["y"] >= banner["height"]


def test_on_a_phone_without_a_script(phone: Page, northfield: Served) -> None:
    desk = Desk(page=phone, northfield=northfield)
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    desk.then_the_banner_says("HOLROYD, Margaret", "14 Feb 1942", "999 000 3114")
    desk.then_the_cards_are("Allergies and reactions", "Current medications", "Sources")
    width = phone.locator("html").bounding_box()
    assert width is not None
    assert width["width"] <= 390, "nothing is wider than the screen"
    why = desk.card("Allergies and reactions").locator("details.c-why").first
    why.locator("summary").click()
    expect(why).to_contain_text("Shown because")
    expect(phone.get_by_role("button", name="Sign out")).to_be_visible()


def test_on_a_phone_axe_finds_nothing(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 390, "height": 844})
    desk.given_i_am("Dr Ada Nwosu").when_i_find("Holroyd", "Margaret", "14 2 1942")
    desk.when_i_open_the_number(PEGGY)
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("under", ["", "/northfield-direct-care", "/northfield-direct-care/sign"])
def test_on_a_phone_an_agreement_runs_out_of_no_page(desk: Desk, under: str) -> None:
    desk.page.set_viewport_size({"width": 390, "height": 844})
    desk.given_i_am("Hugh Carver")
    desk.page.goto(f"{desk.northfield.url}/agreements{under}")
    expect(desk.page.get_by_role("heading", level=1)).to_be_visible()
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_at_four_times_the_size_nothing_runs_out_of_the_page(desk: Desk) -> None:
    desk.page.set_viewport_size({"width": 320, "height": 225})  # what 1280 by 900 leaves at 400%
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    assert desk.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_in_a_dark_room_by_the_device_and_by_choice(desk: Desk) -> None:
    page = desk.page
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    light = background(page)
    desk.press(page.get_by_role("button", name="Dark room"))
    desk.then_the_banner_says("HOLROYD, Margaret")
    assert background(page) != light
    desk.axe(page)
    desk.press(page.get_by_role("button", name="Light room"))
    assert background(page) == light
    page.emulate_media(color_scheme="dark")
    assert background(page) == light, "a choice outweighs the device"


def test_on_paper_the_banner_and_the_foot_name_the_person(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    desk.page.emulate_media(media="print")
    desk.then_the_banner_says("HOLROYD, Margaret", "999 000 3114")
    foot = desk.page.locator(".c-printfoot")
    expect(foot).to_be_visible()
    expect(foot).to_contain_text("HOLROYD, Margaret · born 14 Feb 1942 · NHS number 999 000 3114 · printed")
    expect(desk.page.locator(".c-why").first).to_be_hidden()


def test_outside_a_demo_a_link_signs_in_once(page: Page, empty: Served, command: Callable[..., str]) -> None:
    page.goto(f"{empty.url}/sign-in")
    expect(page.get_by_role("heading", name="Sign in", level=1)).to_be_visible()
    assert page.get_by_role("button").count() == 0, "nobody can be picked from a list"
    link = command("users", "link", "admin", "--data", str(empty.data), "--address", empty.url).split()[-1]
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Feeds", level=1)).to_be_visible()
    expect(page.get_by_role("banner")).to_contain_text("No record of a person can be opened from here")
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()
    page.goto(link)
    page.get_by_role("button", name="Sign in").click()
    expect(page.locator("main")).to_contain_text("This link does not work any more.")


def test_outside_a_demo_nobody_is_picked_from_a_list(page: Page, empty: Served, command: Callable[..., str]) -> None:
    page.goto(f"{empty.url}/sign-in")
    expect(page.locator("main")).to_contain_text("You sign in with a link that works once.")
    link = command("users", "link", "admin", "--data", str(empty.data), "--address", empty.url).split()[-1]
    page.goto(link)
    token = page.locator("input[name=form_token]").get_attribute("value")
    answer = page.request.post(f"{empty.url}/sign-in", form={"form_token": token or "", "user": "admin"})
    assert answer.status == 403
    page.goto(empty.url)
    expect(page).to_have_title("Sign in - Concord")


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what has the focus says `name`, or is the field of that name."""
    for _ in range(120):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.name || document.activeElement.innerText || ''")
        said = page.evaluate("document.activeElement.innerText || ''")
        if name in (focused, said.strip()) or said.startswith(name):
            return
    raise AssertionError(f"Tab does not lead to {name}")


def background(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return colour
