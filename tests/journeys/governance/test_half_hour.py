"""An information governance lead's half hour: from reading an agreement to explaining what has changed in it."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Locator, expect

from concord.base import OdsCode
from concord.cli.signing_keys import kept_keys
from concord.governance import read_statement
from concord.governance.agreements import SigningKey
from tests.journeys.professional.steps import Desk

PROMISE = "Community pharmacists see medicines and allergies, not why they are taken."


PEGGY = "9990003114"
TODAY = datetime.now(UTC).date()
PARTIES = {"ZZA", "ZZB", "ZZC", "ZZL", "ZZM", "ZZO", "ZZP01", "ZZP02", "ZZP03", "ZZS", "ZZX", "ZZY"}


def test_an_ig_lead_lets_community_pharmacists_see_results(
    desk: Desk, command: Callable[..., str], tmp_path: Path
) -> None:
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
    desk.press(page.get_by_role("link", name="Simulate", exact=True))
    desk.press(page.get_by_role("button", name="Simulate"))
    desk.then_i_see("Accesses from", "How it was counted")
    desk.axe(page)
    desk.press(page.get_by_role("link", name="Read it", exact=True))
    desk.then_i_see("Draft, not in force", "investigation results")
    desk.axe(page)

    # proposes it; the parties sign, each with a key of its own, and the last three statements come in on screen
    desk.press(page.get_by_role("link", name="Sign", exact=True))
    desk.axe(page)
    desk.press(page.get_by_role("button", name="Propose it for signature"))
    desk.then_i_see("Version 3 stays in force until 12 more parties have signed")
    desk.axe(page)
    signing = page.url
    keys = {key.organisation: key for key in kept_keys(desk.northfield.data)}
    late = ("ZZP01", "ZZA", "ZZY")
    for party in sorted(PARTIES - set(late)):
        take_in(desk, keys[OdsCode(party)], tmp_path)
    desk.then_i_see("Version 3 stays in force until 3 more parties have signed")

    desk.given_i_am("Vikram Shah").when_i_open_the_number(PEGGY)
    desk.then_there_is_no_card("Latest results")
    record = page.url

    desk.given_i_am("Hugh Carver")
    page.goto(signing)
    genuine = keys[OdsCode("ZZP01")].sign(read_statement(statement(desk, "ZZP01")), signed_on=TODAY)
    upload(desk, genuine.replace(keys[OdsCode("ZZP01")].name, "Somebody Else"), tmp_path)
    expect(page.get_by_role("alert")).to_contain_text("The signature is not that of this text under this key")
    desk.axe(page)
    page.goto(signing)
    for party in late:
        take_in(desk, keys[OdsCode(party)], tmp_path)
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Who signs Northfield direct care, version 4"))
    desk.axe(page)

    # the pharmacist's next request shows results
    desk.given_i_am("Vikram Shah")
    page.goto(record)
    desk.then_the_cards_are("Latest results")

    # it stands in the audit by the version that decided, and is explained to the person in their words
    desk.given_i_am("Priya Menon").when_i_open_the_number(PEGGY)
    page.goto(f"{record}/who-looked")
    desk.then_i_see("Vikram Shah", "the person had nominated that pharmacy")
    audited = command("audit", "show", "--data", str(desk.northfield.data), "--user", "vikram.shah", "--json")
    assert "northfield-direct-care" in audited
    desk.given_i_am("Hugh Carver")
    page.goto(f"{desk.northfield.url}/explain")
    page.get_by_label("Who looks").select_option("Community pharmacist")
    page.get_by_label("What", exact=True).select_option("Investigation results")
    page.get_by_label("In words").select_option("For the person")
    desk.press(page.get_by_role("button", name="Explain"))
    desk.then_i_see("Community pharmacists at Bridge Street Pharmacy and Market Place Pharmacy can see your")
    desk.axe(page)


def statement(desk: Desk, party: str) -> str:
    """What a party is given to sign."""
    row = desk.page.locator("tr").filter(has=desk.page.locator(f'a[href$="/statement/{party}"]'))
    with desk.page.expect_download() as download:
        row.get_by_role("link").first.click()
    return Path(download.value.path()).read_text(encoding="utf-8")


def upload(desk: Desk, signed: str, folder: Path) -> None:
    file = folder / "signed.txt"
    file.write_text(signed, encoding="utf-8")
    desk.page.get_by_label("The signed statement, as a file").set_input_files(file)
    desk.press(desk.page.get_by_role("button", name="Take it in"))


def take_in(desk: Desk, key: SigningKey, folder: Path) -> None:
    upload(desk, key.sign(read_statement(statement(desk, key.organisation)), signed_on=TODAY), folder)


def keep(desk: Desk, draft: Locator, text: str) -> None:
    draft.fill(text)
    desk.press(desk.page.get_by_role("button", name="Keep and check"))
