"""A data quality officer looks at what is linked, parts two records, and thinks better of it."""

from playwright.sync_api import expect

from tests.journeys.professional.steps import Desk

PEGGY = "9990003114"

WHY = "The practice was rung: two people, one address."


def test_two_records_are_parted_and_linked_again(desk: Desk) -> None:
    page = desk.page
    desk.given_i_am("Leila Osman")
    expect(page.get_by_role("heading", name="Whose records belong together")).to_be_visible()
    desk.axe(page)
    page.get_by_label("NHS number").fill("12")
    page.get_by_role("button", name="Look").click()
    expect(page.get_by_role("alert")).to_contain_text("Enter an NHS number")
    page.get_by_label("NHS number").fill(PEGGY)
    page.get_by_role("button", name="Look").click()
    desk.axe(page)
    page.get_by_role("link", name="With the first").first.click()
    expect(page.get_by_text("They are one person now.")).to_be_visible()
    together = page.get_by_role("region", name="How alike they are").get_by_role("row", name="Together")
    expect(together).to_contain_text("to 1 for one person")
    desk.axe(page)
    page.set_viewport_size({"width": 390, "height": 844})
    desk.axe(page)
    page.get_by_role("button", name="Decide").click()
    expect(page.get_by_role("alert")).to_contain_text("Choose whether they are one person")
    for label, state in (("Two people", "They are two people now."), ("One person", "They are one person now.")):
        page.get_by_label(label).check()
        page.get_by_label("Why").fill(WHY)
        page.get_by_role("button", name="Decide").click()
        expect(page.get_by_text(state)).to_be_visible()
    expect(page.get_by_text(WHY)).to_have_count(2)
    desk.axe(page)
