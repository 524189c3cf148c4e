"""An information governance lead's half hour: read an agreement, draft a change, and see what it would do."""

from playwright.sync_api import Locator, expect

from tests.journeys.professional.steps import Desk

PROMISE = "Community pharmacists see medicines and allergies, not why they are taken."


def test_an_ig_lead_lets_community_pharmacists_see_results(desk: Desk) -> None:
    page = desk.page
    desk.given_i_am("Hugh Carver")
    expect(page).to_have_title("Agreements - Concord")
    desk.axe(page)

    # reads the agreement for direct care
    desk.press(page.get_by_role("link", name="Northfield direct care"))
    desk.then_i_see("In force", "Community pharmacists", PROMISE)
    desk.axe(page)

    # drafts the change, with a slip of the pen, which is told at its line with what is meant
    page.get_by_label("What you want to change, in a few words").fill("Community pharmacists see results")
    desk.press(page.get_by_role("button", name="Draft a change"))
    draft = page.get_by_label("The agreement", exact=True)
    before = "    shares: [person-demographics, medications, allergies]\n    with: {organisations: pharmacies"
    text = draft.input_value()
    assert text.count(before) == 2
    slip = text.replace(before, before.replace("allergies]", "allergies, investigation-result]"), 1)
    keep(desk, draft, slip)
    desk.then_i_see("The draft cannot be read yet", 'did you mean "investigation-results"?')
    desk.axe(page)
    wider = slip.replace("investigation-result]", "investigation-results]")
    keep(desk, draft, wider)
    desk.then_i_see("1 of", "is broken")
    desk.axe(page)

    # sees what it opens, and the promise that it breaks
    desk.press(page.get_by_role("link", name="Compare"))
    desk.then_i_see(
        "Version 3, in force, against draft 4", "would see investigation results", PROMISE, "Counterexample"
    )
    desk.axe(page)

    # mends it: the promise says what is now meant, and so does the example
    desk.press(page.get_by_role("link", name="Write"))
    mended = (
        wider.replace(
            "headings: [alerts, problems, investigation-results, documents,\n      contacts",
            "headings: [alerts, problems, documents,\n      contacts",
        )
        .replace(PROMISE, "Community pharmacists see medicines, allergies and results, not why they are taken.")
        .replace(
            "nominated-pharmacy}, hides: [problems, investigation-results]", "nominated-pharmacy}, hides: [problems]"
        )
    )
    keep(desk, draft, mended)
    desk.then_i_see("The draft is right")
    desk.press(page.get_by_role("link", name="Compare"))
    desk.then_i_see("square opens", "0 squares close", "promise pharmacies-see-medicines-alone was")
    desk.axe(page)

    # tries it on the past, and reads it once more as those will who sign it
    desk.press(page.get_by_role("link", name="Simulate"))
    desk.press(page.get_by_role("button", name="Simulate"))
    desk.then_i_see("Accesses from", "How it was counted")
    desk.axe(page)
    desk.press(page.get_by_role("link", name="Read it"))
    desk.then_i_see("Draft, not in force", "investigation results")
    desk.axe(page)


def keep(desk: Desk, draft: Locator, text: str) -> None:
    draft.fill(text)
    desk.press(desk.page.get_by_role("button", name="Keep and check"))
