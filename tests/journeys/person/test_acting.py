"""Janet Price, her mother's attorney, sees the record; Margaret Holroyd sees that she did, and shuts her out."""

import re

from playwright.sync_api import expect

from tests.journeys.person.test_choosing import given_she_signs_in, goes_to, looks_over
from tests.journeys.professional.steps import Desk


def given_her_daughter_signs_in(desk: Desk) -> None:
    desk.page.context.clear_cookies()
    desk.page.goto(f"{desk.northfield.url}/sign-in")
    desk.press(desk.page.get_by_role("button", name="Janet Price", exact=True))
    expect(desk.page).to_have_title("People you act for - Concord")


def test_an_attorney_sees_the_record_until_the_person_says_no(desk: Desk) -> None:
    page = desk.page
    given_her_daughter_signs_in(desk)
    looks_over(desk)
    desk.press(page.get_by_role("link", name="HOLROYD, Margaret"))
    looks_over(desk)
    expect(page.get_by_text("This is not your own record.")).to_be_visible()
    expect(page.get_by_role("heading", name="Their medicines")).to_be_visible()
    expect(page.get_by_role("heading", name="Their allergies")).to_be_visible()
    address = page.url
    she_chooses_for_her_mother(desk)

    given_she_signs_in(desk)
    goes_to(desk, "Who looked at it")
    expect(page.get_by_text("Janet Price, who acts for you (attorney for health and welfare)").first).to_be_visible()
    goes_to(desk, "Your choices")
    expect(page.get_by_text("Made by Janet Price, attorney for health and welfare, for you")).to_be_visible()
    desk.press(page.get_by_role("button", name=re.compile("^Take back")))
    desk.press(page.get_by_role("button", name="Yes, take it back"))
    page.get_by_label("Nobody must see my record in my place").check()
    desk.press(page.get_by_role("button", name="Continue"))
    looks_over(desk)
    desk.press(page.get_by_role("button", name="Yes, this is my choice"))
    expect(page.get_by_text("Nobody sees your record in your place.", exact=True)).to_be_visible()

    given_her_daughter_signs_in_in_vain(desk)
    expect(page.get_by_text("Holroyd")).to_have_count(0)
    page.goto(address)
    expect(page.get_by_text("Holroyd")).to_have_count(0)


def she_chooses_for_her_mother(desk: Desk) -> None:
    page = desk.page
    desk.press(page.get_by_role("link", name="Choose what is shared of this record"))
    looks_over(desk)
    expect(page.get_by_text("You choose for somebody else")).to_be_visible()
    page.get_by_label("They must not be counted for research and planning").check()
    desk.press(page.get_by_role("button", name="Continue"))
    looks_over(desk)
    desk.press(page.get_by_role("button", name="Yes, this is what I choose for them"))
    looks_over(desk)
    expect(page.get_by_text("Made by Janet Price, attorney for health and welfare, for them")).to_be_visible()


def given_her_daughter_signs_in_in_vain(desk: Desk) -> None:
    """She is not known here herself, and acts for nobody."""
    desk.page.context.clear_cookies()
    desk.page.goto(f"{desk.northfield.url}/sign-in")
    desk.press(desk.page.get_by_role("button", name="Janet Price", exact=True))
