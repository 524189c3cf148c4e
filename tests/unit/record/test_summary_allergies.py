"""Allergies: grouped by substance, the dangerous reading first, "no known allergies" only ever quoted."""

from tests.unit.record.items import AMBULANCE, COMMUNITY, GP, HOSPITAL, allergy, coded, item, page, said, words

PENICILLINS = allergy(GP, "Penicillins", "anaphylaxis", severity="severe", recordedDate="1987-06-03")
PENICILLIN = allergy(HOSPITAL, "Allergy to penicillin", "throat swelling", recordedDate="2026-09-21")
NONE_KNOWN = allergy(AMBULANCE, "No known allergies", recordedDate="2026-11-22T01:20:00Z")


def test_the_same_substance_is_one_line_with_all_its_sources() -> None:
    (entry,) = page(PENICILLINS, PENICILLIN).allergies.entries
    assert (entry.title, entry.detail) == ("Penicillins", "anaphylaxis")
    assert words(entry.marks) == ["Severe", "= Agree"]
    told = [(source.chip, source.when, source.words) for source in entry.sources]
    assert told == [("Hospital", "21 Sep 2026", "Allergy to penicillin, throat swelling"), ("GP", "3 Jun 1987", "")]


def test_contradicted_by_no_known_allergies() -> None:
    summary = page(NONE_KNOWN, PENICILLINS, allergy(COMMUNITY, "Latex", "contact dermatitis", severity="mild"))
    first, second = summary.allergies.entries
    assert first.title == "Penicillins"
    (against,) = first.against
    assert (against.chip, against.when) == ("Ambulance", "22 Nov 2026 01:20")
    assert (against.words, words(against.marks)) == ("No known allergies", ["≠ Contradicted"])
    assert (second.title, words(second.marks), second.against) == ("Latex", ["Mild"], ())
    assert summary.allergies.lead == "2 recorded · 1 contradicted"


def test_no_known_allergies_written_before_the_allergy_was_found_is_history() -> None:
    before = allergy(AMBULANCE, "No known allergies", recordedDate="1980-01-01")
    (entry,) = page(before, PENICILLINS).allergies.entries
    assert words(entry.against[0].marks) == ["Recorded before it"]
    assert page(before, PENICILLINS).allergies.lead == "1 recorded"


def test_it_stands_under_the_allergy_that_it_contradicts() -> None:
    late = allergy(GP, "Latex", "collapse", severity="severe", recordedDate="2026-11-22T02:00:00Z")
    mild = allergy(GP, "Egg", "rash", severity="mild", recordedDate="1990-01-01")
    by_title = {entry.title: entry for entry in page(NONE_KNOWN, late, mild).allergies.entries}
    assert words(by_title["Egg"].against[0].marks) == ["≠ Contradicted"]
    assert by_title["Latex"].against == ()


def test_no_known_drug_allergies_does_not_contradict_a_food_allergy() -> None:
    drug = allergy(AMBULANCE, "No known drug allergies", recordedDate="2026-11-22")
    peanut = allergy(GP, "Peanut", "wheeze", category=["food"])
    entries = page(drug, peanut).allergies.entries
    assert [entry.title for entry in entries] == ["Peanut", "No known drug allergies"]
    assert entries[0].against == ()


def test_none_known_is_an_item_like_any_other() -> None:
    asked = allergy(GP, "No known allergies", recordedDate="2026-11-09", recorder={"display": "Dr S Rahman"})
    (entry,) = page(asked).allergies.entries
    assert entry.title == "No known allergies"
    assert entry.meta == ("recorded by Dr S Rahman",)
    assert [source.when for source in entry.sources] == ["9 Nov 2026"]
    assert page(asked).alerts == ()


def test_an_empty_list_that_says_so_is_quoted_too() -> None:
    code = {"coding": [{"system": "http://loinc.org", "code": "52472-8"}]}
    empty = item(GP, "List", status="current", code=code, emptyReason=said("Nil known", "nilknown"))
    assert [entry.title for entry in page(empty).allergies.entries] == ["Nil known"]


def test_absence_says_nothing() -> None:
    allergies = page().allergies
    assert (allergies.entries, allergies.lead) == ((), "")


def test_resolved_elsewhere_is_a_contradiction_and_the_allergy_stays() -> None:
    resolved = allergy(HOSPITAL, "Penicillin", clinicalStatus=coded("resolved"), recordedDate="2020-01-01")
    (entry,) = page(PENICILLINS, resolved).allergies.entries
    assert [(source.chip, source.words) for source in entry.against] == [("Hospital", "resolved")]
    assert words(entry.marks) == ["Severe"]


def test_refuted_is_folded_away_and_never_an_alert() -> None:
    refuted = allergy(GP, "Codeine", "collapse", severity="severe", verificationStatus=coded("refuted"))
    summary = page(refuted)
    assert summary.allergies.entries == ()
    assert [entry.title for entry in summary.allergies.more] == ["Codeine"]
    assert summary.alerts == ()


def test_severe_ones_lead_the_alerts_and_lead_to_their_entry() -> None:
    summary = page(allergy(COMMUNITY, "Latex", "rash"), PENICILLINS, PENICILLIN)
    (alert,) = summary.alerts
    assert alert.title == "Allergy: Penicillins, anaphylaxis"
    assert (alert.tone, alert.chips) == ("bad", ("Hospital", "GP"))
    assert alert.anchor == summary.allergies.entries[0].anchor


def test_dated_in_the_future_is_shown_marked_and_not_counted() -> None:
    future = allergy(GP, "Latex", "rash", recordedDate="2062-11-01")
    summary = page(future)
    assert words(summary.allergies.entries[0].marks) == ["? Dated in the future"]
    assert summary.allergies.lead == "0 recorded · 1 dated in the future"


def test_entered_in_error_is_not_there() -> None:
    wrong = item(GP, "AllergyIntolerance", lifecycle="entered-in-error", code=said("Penicillin"))
    summary = page(wrong)
    assert (summary.allergies.entries, summary.elsewhere, dict(summary.by_heading)) == ((), (), {})
