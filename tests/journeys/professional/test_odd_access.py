"""Somebody looks up people who have nothing to do with them; the privacy officer finds it on the worklist."""

import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing

from playwright.sync_api import expect

from tests.journeys.conftest import CONCORD, Served
from tests.journeys.professional.steps import Desk

# People whom the nurse's hospital does not know.
NOBODY_HERE = """
    SELECT DISTINCT nhs_number FROM source_patient WHERE nhs_number NOT IN (
        SELECT s.nhs_number FROM source_patient s JOIN word w ON w.number = s.organisation
        WHERE w.text = 'ZZA' AND s.nhs_number IS NOT NULL
    ) ORDER BY nhs_number LIMIT 7
"""


def test_the_privacy_officer_finds_an_access_that_nothing_explains(
    desk: Desk, northfield: Served, command: Callable[..., str]
) -> None:
    with closing(sqlite3.connect(northfield.data / "concord.db")) as database:
        numbers = database.execute(NOBODY_HERE).fetchall()
    data = ("--data", str(northfield.data))
    for (number,) in numbers:  # most of these records stay shut to the nurse: that they were asked for counts
        subprocess.run([CONCORD, "open", number, *data, "--as", "yara.haddad"], check=False, capture_output=True)
    assert "put before a reviewer" in command("alerts", "look", *data)

    page = desk.page
    desk.given_i_am("Priya Menon")
    page.get_by_role("link", name="Alerts").click()
    row = page.get_by_role("row").filter(has_text="Looked at a record").filter(has_text="Yara Haddad").first
    expect(row).to_contain_text("Nothing that is held explains it")
    desk.axe(page)
    row.get_by_role("link").click()
    expect(
        page.get_by_text("One of several people within the hour who had nothing to do with the user")
    ).to_be_visible()
    desk.axe(page)
    page.get_by_label("A mistake: no harm was meant or done").check()
    page.get_by_label("Note").fill("Looking for somebody of a like name.")
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("row").filter(has_text="Closed: mistake").first).to_contain_text("Yara Haddad")
