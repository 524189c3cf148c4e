"""A professional signs in, finds a person and reads what the agreements let them read."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from tests.journeys.professional.steps import Desk

PEGGY, UNSIGNED, NO_LINK, TAIL, LATELY = "9990003114", "9990004048", "9990017174", "9990002029", "9990003033"
FLAGGED, LOCKED, CASELOAD = "9990008086", "9990009090", "9990018189"
WITHHELD = "Something in this record is withheld from you."


def test_the_emergency_doctor_finds_her_patient_by_number_and_sees_first_what_can_kill(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu")
    desk.when_i_open_the_number("999 000 3114")
    desk.then_the_banner_says("HOLROYD, Margaret", "14 Feb 1942", "Female", "999 000 3114", "Majors")
    expect(desk.page).to_have_title("Summary: HOLROYD, Margaret - Concord")
    allergy = desk.page.get_by_role("list", name="Alerts").get_by_role("listitem").filter(has_text="enicillin")
    place = allergy.bounding_box()
    assert place is not None
    assert place["y"] + place["height"] < 500, "the allergy stands on the first screen"
    desk.then_the_cards_are(
        "Allergies and reactions", "Plans and advance decisions", "Where the person is now", "Current medications",
        "Latest results", "Problems", "Recent contacts", "Who is involved", "Care and support", "Sources",
    )  # fmt: skip


def test_she_finds_her_by_name_and_date_of_birth_among_people_of_like_name(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu")
    desk.when_i_find("holroyd", "Margaret", "14 Feb 1942")
    desk.then_i_see("HOLROYD, Margaret", "999 000 3114")
    assert "3114" not in desk.page.url, "nothing about a person stands in an address"
    desk.when_i_open("999 000 3114")
    desk.then_the_banner_says("HOLROYD, Margaret", "14 Feb 1942")
    assert "holroyd" not in desk.page.url.lower()


def test_two_doses_stand_side_by_side_and_what_differs_is_marked(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    row = desk.card("Current medications").get_by_role("row").filter(has_text="pixaban")
    expect(row).to_contain_text("2.5")
    expect(row).to_contain_text("≠")
    assert row.locator("mark").count() >= 2


def test_a_contradicted_allergy_is_headed_by_the_dangerous_reading(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    allergies = desk.card("Allergies and reactions")
    expect(allergies).to_contain_text("naphylaxis")
    expect(allergies).to_contain_text("≠ Contradicted")


def test_why_names_the_clause_in_a_sentence(desk: Desk, axe: Callable[[Page], None]) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    problem = desk.card("Problems").get_by_role("listitem").filter(has_text="Atrial fibrillation")
    why = problem.locator("details.c-why")
    why.locator("summary").click()
    expect(why).to_contain_text("Shown because you are a doctor at Northfield General Hospital")
    expect(why).to_contain_text("Clause ed-and-acute-medicine-see-gp-core, Northfield direct care, version 3.")
    axe(desk.page)


def test_every_source_of_the_agreement_says_how_fresh_it_is(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    sources = desk.card("Sources")
    expect(sources).to_contain_text("Millbrook Surgery: up to date")
    expect(sources).to_contain_text("Northfield Council")
    expect(sources).to_contain_text("Weavers Lane Surgery: not sharing yet")


def test_a_practice_that_has_not_signed_shares_nothing(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(UNSIGNED)
    desk.then_the_banner_says("OGDEN, Kenneth")
    desk.then_i_see("Weavers Lane Surgery: not sharing yet")
    assert desk.page.locator("main .c-src", has_text="GP").count() == 0


def test_a_record_is_open_for_the_tail_and_not_a_day_longer(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu")
    desk.when_i_open_the_number(LATELY).then_the_banner_says("MEHTA, Sunita").then_the_cards_are("Problems")
    desk.when_i_open_the_number(TAIL).then_the_record_is_shut("Northfield General Hospital")


def test_whoever_has_no_relationship_reads_why_and_what_to_do(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_find_the_number(NO_LINK)
    desk.then_i_see("No link to you")
    desk.when_i_open("SIDDIQUI, Hamza")
    desk.then_the_record_is_shut("only while the person")
    desk.then_the_banner_says("SIDDIQUI, Hamza")


def test_nobody_and_an_unknown_address_are_said_plainly(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu")
    desk.when_i_find("Nobody", "Atall", "1 1 1980").then_nobody_is_found()
    desk.page.goto(f"{desk.northfield.url}/person/aaaaaaaaaaaaaaaaaaaaaaaa")
    desk.then_i_see("There is nothing here that you can open")
    desk.axe(desk.page)


def test_a_mistake_in_the_form_takes_the_focus(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_find("Holroyd", "", "31 2 1942")
    expect(desk.page).to_have_title("Error: Find a person - Concord")
    expect(desk.page.locator(".nhsuk-error-summary")).to_be_focused()
    desk.page.get_by_role("link", name="Enter the first name").click()
    expect(desk.page.get_by_label("First name")).to_be_focused()


def test_a_flagged_seal_is_told_and_a_locked_one_is_not(desk: Desk) -> None:
    desk.given_i_am("Yara Haddad")
    desk.when_i_open_the_number(FLAGGED).then_i_see(WITHHELD)
    desk.then_i_do_not_see("lcohol dependence")
    desk.when_i_open_the_number(LOCKED).then_i_do_not_see(WITHHELD, "self-harm", "self harm")


def test_the_receptionist_sees_demographics_and_appointments_alone(desk: Desk) -> None:
    desk.given_i_am("Carol Dyson").when_i_open_the_number(PEGGY)
    desk.then_the_banner_says("HOLROYD, Margaret")
    desk.then_the_cards_are("Next appointments")
    desk.then_i_see("Not shared with you")
    desk.then_i_do_not_see("penicillin", "apixaban", "heart failure")


def test_the_social_worker_sees_admissions_of_people_on_his_caseload(desk: Desk) -> None:
    desk.given_i_am("Tom Ashworth").when_i_choose_the_list("My caseload")
    desk.press(desk.page.get_by_role("link", name="ENTWISTLE, Walter"))
    desk.axe(desk.page)
    desk.then_the_banner_says("ENTWISTLE, Walter", "999 001 8189")
    expect(desk.card("Where the person is now")).to_contain_text("Ward 12")
    for title in ("Current medications", "Latest results", "Problems"):
        expect(desk.card(title)).to_contain_text("Nothing to show.")


def test_the_hospital_pharmacist_sees_medications_allergies_and_results(desk: Desk) -> None:
    desk.given_i_am("Emeka Obi").when_i_open_the_number(PEGGY)
    desk.then_the_cards_are("Current medications", "Allergies and reactions", "Latest results")
    desk.then_there_is_no_card("Recent contacts", "Care and support")


def test_the_community_pharmacist_sees_medications_and_allergies(desk: Desk) -> None:
    desk.given_i_am("Vikram Shah").when_i_open_the_number(PEGGY)
    desk.then_the_cards_are("Current medications", "Allergies and reactions")
    desk.then_there_is_no_card("Latest results", "Problems", "Recent contacts")


def test_the_privacy_officer_sees_who_has_looked(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    desk.press(desk.page.get_by_role("button", name="Sign out"))
    desk.given_i_am("Priya Menon").when_i_open_the_number(PEGGY)
    expect(desk.page.get_by_role("heading", name="Who looked at this record", level=1)).to_be_visible()
    row = desk.page.get_by_role("row").filter(has_text="Dr Ada Nwosu").first
    expect(row).to_contain_text("Northfield General Hospital")
    expect(row).to_contain_text("octor")
    desk.then_i_do_not_see("penicillin", "apixaban")


def test_a_letter_is_read_on_a_page_of_its_own(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    desk.press(desk.card("Documents").get_by_role("link").first)
    desk.then_the_banner_says("HOLROYD, Margaret")
    expect(desk.page.locator(".c-text")).not_to_be_empty()
    desk.axe(desk.page)
