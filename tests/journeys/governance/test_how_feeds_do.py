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
    desk.axe(page)
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide == 0, "nothing runs out of the page of a phone"
