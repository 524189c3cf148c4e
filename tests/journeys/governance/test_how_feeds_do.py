"""An administrator looks at how the feeds do, on a desk and on a phone."""

from playwright.sync_api import expect

from tests.conftest import PHONE
from tests.journeys.professional.steps import Desk

DESCRIBED = {
    "pas": "organisation: ZZA\nmessages: [ADT]\nrhythm: 15min\n",
    "hospice-extract": "organisation: ZZA\nkind: fhir\ntransport: folder\nrhythm: 1d\nshadow: yes\n",
    "api": "organisation: ZZP01\nkind: fhir\ntransport: fhir\nrhythm: 90min\n",
    "slip": "organisation: ZZA\nmesages: [ADT]\n",
}


def test_an_administrator_sees_which_feed_is_overdue(desk: Desk) -> None:
    page, feeds = desk.page, desk.northfield.data / "feeds"
    feeds.mkdir(exist_ok=True)
    for name, text in DESCRIBED.items():
        (feeds / f"{name}.yaml").write_text(text, encoding="utf-8")
    desk.given_i_am("Rosa Iqbal")
    expect(page).to_have_title("Feeds - Concord")
    desk.then_i_see("feeds are overdue", "expected every 15 minutes", "expected every 90 minutes", "In its shadow")
    desk.then_i_see("Files that cannot be read", "slip.yaml, line 2")
    desk.axe(page)
    page.set_viewport_size(PHONE)
    nothing_runs_out(desk)


def test_an_administrator_reads_what_an_organisations_data_are_like(desk: Desk) -> None:
    page = desk.page
    desk.given_i_am("Rosa Iqbal")
    page.get_by_role("link", name="Data quality").click()
    desk.axe(page)
    page.get_by_role("link", name="Northfield General Hospital").click()
    desk.then_i_see("At a glance", "What to look at", "Headings of the standard", "Day by day")
    desk.axe(page)
    for link, ends in (("The page", ".html"), ("Its figures, as CSV", ".csv")):
        with page.expect_download() as download:
            page.get_by_role("link", name=link).click()
        name = download.value.suggested_filename
        assert (name.startswith("data-quality-ZZA-"), name.endswith(ends)) == (True, True), name
    page.set_viewport_size(PHONE)
    nothing_runs_out(desk)


def test_an_administrator_sees_how_far_a_feed_has_come(desk: Desk) -> None:
    page = desk.page
    desk.given_i_am("Rosa Iqbal")
    page.get_by_role("link", name="zza-laboratory").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("zza-laboratory")
    desk.axe(page)
    page.set_viewport_size(PHONE)
    nothing_runs_out(desk)


def nothing_runs_out(desk: Desk) -> None:
    desk.axe(desk.page)
    wide = desk.page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, "something runs out of the page of a phone"
