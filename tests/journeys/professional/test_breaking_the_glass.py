"""A registrar breaks the glass; the privacy officer reviews it; the person is shown it."""

from playwright.sync_api import expect

from tests.journeys.professional.steps import Desk

SHUT = "9990017174"
WORDS = "Collapsed in the car park, and nobody is with them."


def test_a_registrar_breaks_the_glass_and_the_privacy_officer_reviews_it(desk: Desk) -> None:
    page = desk.page
    desk.given_i_am("Dr Ada Nwosu").when_i_find_the_number(SHUT)
    page.get_by_role("link", name="See why, and what to do").click()
    expect(page.get_by_role("heading", name="You cannot open this record now")).to_be_visible()
    desk.axe(page)
    page.get_by_role("button", name="Open it by your own word").click()
    expect(page.get_by_role("heading", name="Open more of this record by your own word")).to_be_visible()
    expect(page.get_by_text("then no relationship is asked for").first).to_be_visible()
    desk.axe(page)
    page.get_by_role("button", name="Open it, and tell the privacy officer").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose why you need this")
    page.get_by_label("Urgent care, and the person cannot be asked").check()
    page.get_by_label("In your own words").fill(WORDS)
    page.get_by_role("button", name="Open it, and tell the privacy officer").click()
    expect(page.get_by_text("You have broken the glass.")).to_be_visible()
    desk.axe(page)
    page.get_by_role("button", name="End it now").click()
    expect(page.get_by_role("heading", name="You cannot open this record now")).to_be_visible()

    desk.given_i_am("Priya Menon")
    page.get_by_role("link", name="Alerts").click()
    row = page.get_by_role("row").filter(has_text="Dr Ada Nwosu").first
    expect(row).to_contain_text("Broke the glass")
    expect(row).to_contain_text("To review")
    desk.axe(page)
    row.get_by_role("link").click()
    expect(page.get_by_text(WORDS)).to_be_visible()
    desk.axe(page)
    page.get_by_label("Justified: care needed it").check()
    page.get_by_label("Note").fill("Brought in by a passer-by; registered ten minutes later.")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("row").filter(has_text="Dr Ada Nwosu").first).to_contain_text("Closed: justified")
    page.get_by_role("row").filter(has_text="Dr Ada Nwosu").first.get_by_role("link").click()
    page.get_by_role("link", name="Who looked at this record, and at what").click()
    expect(page.get_by_text("they broke the glass").first).to_be_visible()
