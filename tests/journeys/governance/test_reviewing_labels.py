"""An information governance lead reviews labels: words that suggest one, why an item carries one, and corrections."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.journeys.professional.steps import Desk
from tests.small_system import condition, patient

NUMBER = "9990003637"
FINDING = "https://concord.example/CodeSystem/clinical-finding"
WORDS: dict[str, Any] = {"note": [{"text": "Daughter says that she drinks heavily since the funeral."}]}


def test_labels_are_reviewed_and_corrected(desk: Desk, command: Callable[..., str], tmp_path: Path) -> None:
    page = desk.page
    low: dict[str, Any] = {
        "code": {"coding": [{"system": FINDING, "code": "depression"}], "text": "Low mood after a loss"}
    }
    feed = tmp_path / "community.ndjson"
    sent = (
        patient("label-1", number=NUMBER), condition("label-c1", "label-1", "Poor sleep", **WORDS),
        condition("label-c2", "label-1", **low),
    )  # fmt: skip
    feed.write_text("\n".join(map(json.dumps, sent)), encoding="utf-8")
    command("load", "--data", str(desk.northfield.data), "--organisation", "ZZC", str(feed))

    # words put an item before the lead of the organisation that sent it
    desk.given_i_am("Hugh Carver")
    desk.press(page.get_by_role("link", name="Labels", exact=True))
    expect(page).to_have_title("Labels - Concord")
    desk.axe(page)
    desk.press(page.get_by_role("link", name="Poor sleep"))
    expect(page.locator("mark")).to_have_text("drinks heavily")
    desk.axe(page)

    # a label is added, with a reason
    page.get_by_label("Label", exact=True).select_option("substance-misuse")
    desk.press(page.get_by_role("button", name="Add the label"))
    expect(page.get_by_role("alert")).to_contain_text("Say why")
    desk.axe(page)
    page.get_by_label("Why").last.fill("The nurse confirms what the note says")
    desk.press(page.get_by_role("button", name="Add the label"))
    expect(page.get_by_role("heading", name="Substance misuse")).to_be_visible()
    desk.then_i_see("The nurse confirms what the note says", "Hugh Carver")
    expect(page.locator("mark")).to_have_count(0)

    # another person's look: by number, on a phone, and a label removed that the code gave
    page.set_viewport_size({"width": 390, "height": 844})
    desk.press(page.get_by_role("link", name="Labels", exact=True).last)
    page.get_by_label("NHS number").fill("12")
    desk.press(page.get_by_role("button", name="Look"))
    expect(page.get_by_role("alert")).to_contain_text("Enter an NHS number")
    page.get_by_label("NHS number").fill(NUMBER)
    desk.press(page.get_by_role("button", name="Look"))
    desk.axe(page)
    desk.press(page.get_by_role("link", name="Low mood after a loss"))
    desk.then_i_see("A code in it: mental illness and self-harm")
    desk.axe(page)
    page.get_by_text("Remove mental health").click()
    page.get_by_label("Why").first.fill("Grief, not an illness: asked of her GP")
    desk.press(page.get_by_role("button", name="Remove the label"))
    desk.then_i_see("Mental health was removed", "Grief, not an illness: asked of her GP")
    desk.axe(page)

    # by the keyboard alone the tables are let decide again
    page.set_viewport_size({"width": 390, "height": 844})
    desk.press(page.get_by_role("link", name="Labels", exact=True).last)
    desk.then_i_see("Corrected here", "Grief, not an illness: asked of her GP", "was added: The nurse confirms")
    desk.press(page.get_by_role("link", name="Mental health", exact=True))
    desk.axe(page)
    expect(page.get_by_text("was added: The nurse confirms")).to_have_count(0)
    desk.press(page.get_by_role("link", name="Low mood after a loss"))
    page.get_by_text("Let the tables decide about mental health again").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type("It was an illness after all")
    page.keyboard.press("Tab")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    desk.then_i_see("left to the tables", "A code in it: mental illness and self-harm")


def test_whoever_does_not_review_labels_has_no_such_page(desk: Desk) -> None:
    desk.given_i_am("Priya Menon")
    desk.press(desk.page.get_by_role("link", name="Labels", exact=True))
    desk.then_i_see("Words that suggest a label")
    desk.given_i_am("Leila Osman")
    expect(desk.page.get_by_role("link", name="Labels", exact=True)).to_have_count(0)
    desk.page.goto(f"{desk.northfield.url}/labels")
    expect(desk.page.get_by_text("Words that suggest a label")).to_have_count(0)
    desk.axe(desk.page)
