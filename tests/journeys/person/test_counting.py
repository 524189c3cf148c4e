"""An analyst counts: numbers on a desk and on a phone, and no way to anybody's record."""

from playwright.sync_api import expect

from tests.conftest import PHONE
from tests.journeys.professional.steps import Desk


def test_an_analyst_counts_and_opens_nobody(desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.northfield.url}/sign-in")
    desk.press(page.get_by_role("button", name="Anil Gupta", exact=True))
    expect(page).to_have_title("Population counts - Concord")
    expect(page.get_by_role("heading", name="People by age and sex")).to_be_visible()
    expect(page.get_by_text("7 or fewer").first).to_be_visible()
    expect(page.get_by_text("No record of a person can be opened from here")).to_be_visible()
    desk.axe(page)
    page.set_viewport_size(PHONE)
    desk.axe(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, "nothing runs out of the page of a phone"
    expect(page.get_by_role("link", name="Find a person")).to_have_count(0)
