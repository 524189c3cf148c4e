"""A professional signs in, finds a person and reads what the agreements let them read."""

import re
import sqlite3
from collections.abc import Callable
from contextlib import closing

from playwright.sync_api import Page, expect

from tests.journeys.professional.steps import Desk

PEGGY, UNSIGNED, NO_LINK, TAIL, LATELY = "9990003114", "9990004048", "9990017174", "9990002029", "9990003033"
FLAGGED, LOCKED, PROTECTED, FUTURE_DATED = "9990008086", "9990009090", "9990005052", "9990024243"
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


def test_behind_why_stands_the_message_that_her_own_hospital_sent(desk: Desk, axe: Callable[[Page], None]) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    why = desk.card("Latest results").locator("details.c-why").filter(has_text="As it was sent").first
    why.locator("summary").click()
    why.get_by_role("link", name="As it was sent").first.click()
    expect(desk.page.get_by_role("heading", level=1)).to_have_text("As it was sent")
    row = desk.page.get_by_role("row").filter(has=desk.page.get_by_role("rowheader", name="OBX-3"))
    expect(row).to_contain_text("LN")
    expect(row).to_contain_text("code")
    axe(desk.page)
    desk.page.get_by_role("link", name="Back to the record").click()
    desk.then_the_banner_says("HOLROYD, Margaret")


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
    assert desk.page.content().count(WITHHELD) == 1, "once"
    desk.then_i_do_not_see("lcohol dependence", "thiamine")
    desk.when_i_open_the_number(LOCKED).then_nothing_is_said_to_be_withheld()
    desk.then_i_do_not_see("self-harm", "self harm", "mirtazapine")


def test_an_objection_is_told_and_a_silent_one_looks_like_an_empty_record(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu")
    desk.when_i_take_from_my_list("BAPTISTE, Desmond").then_i_see(WITHHELD)
    desk.when_i_take_from_my_list("KACZMAREK, Irena").then_nothing_is_said_to_be_withheld()
    silent = desk.card("Allergies and reactions").inner_text()
    desk.when_i_take_from_my_list("OGDEN, Kenneth").then_nothing_is_said_to_be_withheld()
    assert desk.card("Allergies and reactions").inner_text() == silent, "nothing to show, whatever the cause"


def test_what_was_a_mistake_or_was_taken_back_is_not_shown(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_take_from_my_list("IQBAL, Yusuf")
    troponin = desk.card("Latest results").get_by_role("row").filter(has_text="roponin").first
    expect(troponin).to_contain_text("9 ng/L")
    assert "61" not in desk.card("Latest results").inner_text(), "the laboratory withdrew it"


def test_nothing_says_where_a_protected_person_lives(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_find_the_number(PROTECTED).then_nobody_is_found()
    desk.when_i_take_from_my_list("LOMAX, Rebecca").then_the_banner_says("LOMAX, Rebecca", "17 Oct 1988", "ED")
    about = desk.page.get_by_role("region", name="More about who this is")
    expect(about).not_to_contain_text("Address")
    expect(about).not_to_contain_text("Phone")
    assert not re.search(r"\bNF\d|Majors|Millbrook", desk.page.locator("main").inner_text().split("Sources")[0])


def test_two_people_of_one_name_are_told_apart_on_the_list_and_in_the_banner(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu")
    rows = desk.page.get_by_role("row").filter(has_text="≈ Same name")
    expect(rows).to_have_count(2)
    desk.when_i_take_from_my_list("HOLROYD, Margaret")
    desk.then_the_banner_says("Same name: another Margaret Ann HOLROYD, born 14 Sep 1947, is here now.")
    desk.when_i_take_from_my_list("HOLROYD, Margaret Ann")
    desk.then_the_banner_says("Same name: another Margaret HOLROYD, born 14 Feb 1942, is here now.")


def test_two_records_under_one_number_are_both_found_and_each_warns_of_the_other(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.northfield.data / "concord.db")) as database:
        held = database.execute(
            "SELECT s.nhs_number FROM source_patient s JOIN link l ON l.source_patient = s.number "
            "WHERE l.held_for IS NOT NULL"
        ).fetchone()
    assert held is not None, "Northfield has a record that waits for review"
    desk.given_i_am("Dr Ada Nwosu").when_i_find_the_number(held[0])
    expect(desk.page.locator(".c-hit").filter(has_text="Another record has the same NHS number.")).to_have_count(2)
    opened = 0
    for doctor in ("Dr Shirin Rahman", "Dr Mei Tan", "Dr Arjun Nair"):
        desk.given_i_am(doctor).when_i_find_the_number(held[0])
        if desk.page.get_by_role("link", name="Open record").count():
            desk.press(desk.page.get_by_role("link", name="Open record").first)
            desk.then_the_banner_says("May hold another record under the same NHS number.")
            opened += 1
    assert opened


def test_a_late_source_is_named_at_the_top_and_on_all_that_it_sent(desk: Desk) -> None:
    with closing(sqlite3.connect(desk.northfield.data / "concord.db", timeout=10)) as database:
        (heard,) = database.execute("SELECT heard_at FROM heard WHERE organisation = 'ZZC'").fetchone()
        set_back = "UPDATE heard SET heard_at = ? WHERE organisation = 'ZZC'"
        two_days = 48 * 3600 * 1_000_000
        with database:
            database.execute(set_back, (heard - two_days,))
        try:
            desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
        finally:
            with database:
                database.execute(set_back, (heard,))
    desk.then_i_see("Not complete at", "Northfield Community Health is late, last heard", "sources are up to date")
    latex = desk.card("Allergies and reactions").get_by_role("listitem").filter(has_text="Latex")
    expect(latex).to_contain_text("As of")
    codeine = desk.card("Allergies and reactions").get_by_role("listitem").filter(has_text="Codeine")
    expect(codeine).not_to_contain_text("As of")


def test_a_result_dated_in_the_future_is_marked_and_what_was_entered_in_error_is_gone(desk: Desk) -> None:
    desk.given_i_am("Dr Shirin Rahman").when_i_open_the_number(FUTURE_DATED).then_i_see("? Dated in the future")
    desk.then_i_do_not_see("epilepsy")  # entered for the wrong patient


def test_no_known_allergies_is_said_only_where_somebody_recorded_it(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(FLAGGED)
    desk.then_the_card_says("Allergies and reactions", "No known allergies", "Helen Frost", "GP", "Why?")
    desk.when_i_take_from_my_list("MARSH, Tyler")
    desk.then_the_card_says("Allergies and reactions", "Nothing to show.")
    desk.then_i_do_not_see("no known allergies")


def test_the_receptionist_sees_demographics_and_appointments_alone(desk: Desk) -> None:
    desk.given_i_am("Carol Dyson").when_i_open_the_number(PEGGY)
    desk.then_the_banner_says("HOLROYD, Margaret")
    desk.then_the_card_says("Next appointments", "Blood test and blood pressure", "Millbrook Surgery", "1 to come")
    desk.then_there_is_no_card("Allergies and reactions", "Problems", "Documents", "Recent contacts")
    desk.then_i_see("Not shared with your role, for any person linked to you like this, under Northfield direct care")
    desk.then_i_do_not_see("penicillin", "apixaban", "heart failure")


def test_the_social_worker_sees_admissions_of_people_on_his_caseload(desk: Desk) -> None:
    desk.given_i_am("Tom Ashworth").when_i_choose_the_list("My caseload").when_i_take_from_my_list("ENTWISTLE, Walter")
    desk.then_the_banner_says("ENTWISTLE, Walter", "999 001 8189")
    desk.then_the_card_says("Where the person is now", "Ward 12")
    desk.then_there_is_no_card("Allergies and reactions", "Current medications", "Latest results", "Problems")
    desk.then_i_see(
        "Not shared by other organisations with your role, for any person, under Northfield care homes, version 1 and "
        "Northfield direct care, version 3"
    )
    desk.when_i_take_from_my_list("HOLROYD, Margaret")
    desk.then_the_card_says("Recent contacts", "Hospital stay", "Kidney injury, urine infection")
    desk.then_i_do_not_see("penicillin", "creatinine")


def test_the_hospital_pharmacist_sees_medications_allergies_and_results(desk: Desk) -> None:
    desk.given_i_am("Emeka Obi").when_i_open_the_number(PEGGY)
    desk.then_the_cards_are("Current medications", "Allergies and reactions", "Latest results")
    desk.then_there_is_no_card("Recent contacts", "Care and support")


def test_the_community_pharmacist_sees_medications_and_allergies(desk: Desk) -> None:
    desk.given_i_am("Vikram Shah").when_i_open_the_number(PEGGY)
    desk.then_the_cards_are("Current medications", "Allergies and reactions")
    desk.then_there_is_no_card("Latest results", "Problems", "Recent contacts")
    desk.given_i_am("Eva Lund").when_i_open_the_number(PEGGY)
    desk.then_the_record_is_shut("has nominated that pharmacy")


def test_the_privacy_officer_sees_who_has_looked(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY).given_i_sign_out()
    desk.given_i_am("Mary Okoro").when_i_open_the_number(PEGGY).then_the_record_is_shut()
    desk.given_i_am("Priya Menon").when_i_open_the_number(PEGGY)
    expect(desk.page.get_by_role("heading", name="Who looked at this record", level=1)).to_be_visible()
    look = desk.page.get_by_role("row").filter(has_text="Dr Ada Nwosu").filter(has_text="Opened the record").first
    for words in ("doctor, Northfield General Hospital", "Concord", "the person was attending there", "medications"):
        expect(look).to_contain_text(words)
    refused = desk.page.get_by_role("row").filter(has_text="Mary Okoro").filter(has_text="✕ Refused")
    expect(refused).to_contain_text("Nothing")
    desk.then_i_do_not_see("penicillin", "apixaban")


def test_a_letter_is_read_on_a_page_of_its_own(desk: Desk) -> None:
    desk.given_i_am("Dr Ada Nwosu").when_i_open_the_number(PEGGY)
    desk.press(desk.card("Documents").get_by_role("link", name="Ambulance report"))
    desk.then_the_banner_says("HOLROYD, Margaret")
    expect(desk.page).to_have_title("Document: HOLROYD, Margaret - Concord")
    desk.then_i_see("Ambulance report", "Found by her carer on the kitchen floor, there about 4 hours.")
    desk.axe(desk.page)
