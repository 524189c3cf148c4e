"""Margaret Holroyd looks at who can see what of her record, chooses, sees that it acts, and takes it back."""

import re

from playwright.sync_api import expect

from tests.conftest import PHONE
from tests.journeys.professional.steps import Desk

MARGARET = "Margaret Holroyd"


def given_she_signs_in(desk: Desk) -> None:
    desk.page.context.clear_cookies()
    desk.page.goto(f"{desk.northfield.url}/sign-in")
    desk.press(desk.page.get_by_role("button", name=MARGARET, exact=True))
    expect(desk.page).to_have_title("Your record - Concord")


def goes_to(desk: Desk, name: str) -> None:
    desk.press(desk.page.locator("nav.c-nav").get_by_role("link", name=name))
    looks_over(desk)


def looks_over(desk: Desk) -> None:
    desk.axe(desk.page)
    width = desk.page.viewport_size
    desk.page.set_viewport_size(PHONE)
    desk.axe(desk.page)
    wide = desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, f"{desk.page.title()}: nothing runs out of the page of a phone"
    if width is not None:
        desk.page.set_viewport_size(width)


def test_she_keeps_the_hospital_out_and_lets_it_in_again(desk: Desk) -> None:
    page = desk.page
    given_she_signs_in(desk)
    goes_to(desk, "Who can see what")
    page.locator("summary").filter(has_text="Hospitals").click()
    page.locator("summary").filter(has_text="Your medicines and allergies").click()
    looks_over(desk)
    desk.press(page.get_by_role("link", name="Your medicines"))
    page.locator("summary").filter(has_text="hospitals").first.click()
    looks_over(desk)
    expect(page.get_by_role("listitem").filter(has_text="at Northfield General Hospital").first).to_be_visible()
    goes_to(desk, "Your choices")
    page.get_by_label("One organisation must not see anything of my record here").check()
    page.get_by_label("Which organisation?").select_option("Northfield General Hospital")
    desk.press(page.get_by_role("button", name="Continue"))
    looks_over(desk)
    expect(page.get_by_role("heading", name="What does not change")).to_be_visible()
    desk.press(page.get_by_role("button", name="Yes, this is my choice"))
    looks_over(desk)
    expect(
        page.get_by_text("Northfield General Hospital sees nothing of your record here.", exact=True)
    ).to_be_visible()
    page.goto(f"{desk.northfield.url}/my-record/who-can-see/medications")
    expect(page.get_by_text("at Northfield General Hospital")).to_have_count(0)
    goes_to(desk, "Your choices")
    desk.press(page.get_by_role("button", name=re.compile("^Take back")))
    looks_over(desk)
    desk.press(page.get_by_role("button", name="Yes, take it back"))
    expect(page.get_by_role("heading", name="What you chose before")).to_be_visible()


def test_she_asks_who_can_see_one_thing(desk: Desk) -> None:
    given_she_signs_in(desk)
    desk.press(desk.page.get_by_role("link", name=re.compile("^Who can see this")).first)
    looks_over(desk)
    expect(desk.page.get_by_role("heading", name="GP practices")).to_be_visible()


def test_a_choice_that_names_no_organisation_is_asked_for_again(desk: Desk) -> None:
    page = desk.page
    given_she_signs_in(desk)
    goes_to(desk, "Your choices")
    page.get_by_label("What one organisation writes about me must not be shown to others").check()
    desk.press(page.get_by_role("button", name="Continue"))
    expect(page).to_have_title("Error: Your choices - Concord")
    looks_over(desk)
    page.get_by_role("link", name="Choose an organisation from the list.").click()
    expect(page.get_by_label("Which organisation?")).to_be_focused()
