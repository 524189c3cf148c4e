"""Current medications: every list beside the others, nothing chosen."""

import pytest

from concord.record import Item
from concord.record.summary.dosing import comparable, medicine_key, strengths, without_strength
from concord.record.summary.model import Medicine, MedicineCell
from tests.unit.record.items import COMMUNITY, GP, HOSPITAL, coded, item, page, prescription, said, statement, words


def text(cell: MedicineCell) -> str:
    return "".join(f"[{piece.text}]" if piece.differs else piece.text for piece in cell.dose) or cell.absent


def row(*items: Item) -> Medicine:
    (medicine,) = page(*items).medications.current
    return medicine


def test_two_lists_that_agree_are_one_line() -> None:
    medicine = row(
        statement(GP, "Bisoprolol 2.5mg tablets", "2.5 mg once a day", dateAsserted="2026-11-02"),
        statement(HOSPITAL, "Bisoprolol", "2.5mg OD", dateAsserted="2026-09-30"),
    )
    assert words(medicine.marks) == ["= Agree"]
    assert medicine.agreed
    assert not medicine.disagrees
    assert "".join(piece.text for piece in medicine.dose) == "2.5 mg once a day"
    assert [source.chip for source in medicine.sources] == ["GP", "Hospital"]


def test_two_doses_stand_side_by_side_with_the_amounts_marked() -> None:
    summary = page(
        statement(GP, "Apixaban tablets", "2.5 mg twice a day", dateAsserted="2026-11-09"),
        statement(HOSPITAL, "Apixaban tablets", "5 mg twice a day", dateAsserted="2026-09-30"),
    )
    (medicine,) = summary.medications.current
    assert words(medicine.marks) == ["≠ Dose differs"]
    assert [text(cell) for cell in medicine.cells] == ["[2.5 mg] twice a day", "[5 mg] twice a day"]
    assert medicine.note == "GP record is later"
    assert summary.medications.lead == "1 current · 1 disagrees"
    (alert,) = summary.alerts
    assert (alert.title, alert.detail, alert.tone) == ("≠ One medicine disagrees", "Apixaban tablets dose", "care")
    assert alert.anchor == medicine.anchor


def test_strengths_that_differ_only_in_the_names_are_seen() -> None:
    """dm+d gives each strength a code of its own."""
    system = "https://dmd.nhs.uk"
    medicine = row(
        statement(
            GP, "", "1 tablet twice a day", medicationCodeableConcept=said("Apixaban 2.5mg tablets", "1", system)
        ),
        statement(
            HOSPITAL, "", "One tablet twice a day", medicationCodeableConcept=said("Apixaban 5mg tablets", "2", system)
        ),
    )
    assert words(medicine.marks) == ["≠ Dose differs"]
    assert medicine.name == "Apixaban tablets"
    assert [text(cell) for cell in medicine.cells] == ["[2.5mg], 1 tablet twice a day", "[5mg], One tablet twice a day"]


def test_current_or_stopped() -> None:
    medicine = row(
        prescription(
            GP,
            "Ramipril 5mg capsules",
            "5 mg once a day",
            authoredOn="2020-01-10",
            dispenseRequest={"validityPeriod": {"start": "2026-11-02", "end": "2026-11-30"}},
        ),
        statement(
            HOSPITAL,
            "Ramipril capsules",
            "5 mg once a day",
            status="stopped",
            effectivePeriod={"start": "2020-01-10", "end": "2026-09-24"},
            statusReason=[said("AKI, K 5.8. GP to review.")],
        ),
    )
    assert words(medicine.marks) == ["≠ Current or stopped?"]
    assert [text(cell) for cell in medicine.cells] == ["5 mg once a day", "[Stopped] 24 Sep 2026"]
    assert medicine.cells[0].meta == ("issued 2 Nov 2026",)
    assert medicine.cells[1].meta == ("“AKI, K 5.8. GP to review.”",)
    assert medicine.note == "GP record is later"


def test_an_old_stop_a_completed_course_and_a_later_start_are_no_disagreement() -> None:
    ended = {"status": "stopped", "effectivePeriod": {"end": "2026-09-24"}}
    years_ago = {"status": "stopped", "effectivePeriod": {"end": "2019-01-01"}}
    for start, other in (("2026-10-01", ended), ("2015-01-01", years_ago), ("2015-01-01", {"status": "completed"})):
        medicine = row(
            statement(GP, "Ramipril", "5 mg daily", effectivePeriod={"start": start}),
            statement(HOSPITAL, "Ramipril", "5 mg daily", **other),
        )
        assert not medicine.disagrees


def test_on_one_list_only() -> None:
    summary = page(
        statement(GP, "Metformin tablets", "500 mg twice a day"), statement(HOSPITAL, "Paracetamol tablets", "1 g")
    )
    rows = {medicine.name: medicine for medicine in summary.medications.current}
    assert words(rows["Metformin tablets"].marks) == ["GP only"]
    assert [text(cell) for cell in rows["Metformin tablets"].cells] == ["500 mg twice a day", "Not on this list"]
    assert words(rows["Paracetamol tablets"].marks) == ["Hospital only"]
    assert [column.title for column in summary.medications.columns] == ["GP record", "Hospital record"]


def test_a_dose_that_one_list_does_not_give_is_neither_agreement_nor_difference() -> None:
    medicine = row(statement(GP, "Senna", "15 mg at night"), statement(HOSPITAL, "Senna", ""))
    assert words(medicine.marks) == ["Dose not on every list"]
    assert [text(cell) for cell in medicine.cells] == ["15 mg at night", "Dose not given"]


def test_not_issued_for_six_months() -> None:
    stale = prescription(GP, "Alendronic acid tablets", "70 mg once a week", authoredOn="2026-03-11")
    fresh = prescription(GP, "Zopiclone tablets", "3.75 mg at night", authoredOn="2026-11-01")
    summary = page(stale, fresh)
    assert [words(medicine.marks) for medicine in summary.medications.current] == [[], ["? May not be taken"]]
    assert summary.medications.lead == "2 current · 1 not issued lately"
    assert summary.medications.current[-1].cells[0].meta == ("issued 11 Mar 2026",)


def test_the_last_issue_may_stand_in_uk_cores_extension_or_in_a_dispensing() -> None:
    url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-MedicationStatementLastIssueDate"
    old = statement(GP, "Senna", "15 mg", extension=[{"url": url, "valueDateTime": "2026-01-05"}])
    assert words(row(old).marks) == ["? May not be taken"]
    dispensed = item(
        GP,
        "MedicationDispense",
        status="completed",
        medicationCodeableConcept=said("Senna"),
        whenHandedOver="2026-11-05",
    )
    summary = page(old, dispensed)
    assert words(summary.medications.current[0].marks) == []


def test_a_short_course_that_ran_out_is_stopped_though_its_status_says_active() -> None:
    course = prescription(
        GP,
        "Trimethoprim",
        "200 mg twice a day, 7 days",
        courseOfTherapyType=coded("acute"),
        dispenseRequest={"validityPeriod": {"start": "2026-11-09", "end": "2026-11-16"}},
    )
    medications = page(course).medications
    assert medications.current == ()
    assert medications.stopped[0].meta == ("stopped 16 Nov 2026",)
    assert medications.lead == "1 stopped in 90 days"


def test_stopped_long_ago_is_folded_away() -> None:
    long_ago = statement(GP, "Codeine", "30 mg", status="stopped", effectivePeriod={"end": "2020-01-01"})
    medications = page(long_ago).medications
    assert (medications.current, medications.stopped) == ((), ())
    assert [entry.title for entry in medications.earlier] == ["Codeine"]


def test_an_active_entry_whose_period_is_over_may_not_be_taken() -> None:
    over = statement(GP, "Amoxicillin", "500 mg", effectivePeriod={"start": "2021-02-15", "end": "2021-05-15"})
    medicine = row(over)
    assert words(medicine.marks) == ["? May not be taken"]
    assert medicine.cells[0].meta == ("ended 15 May 2021",)


def test_dated_in_the_future_is_marked_and_not_counted() -> None:
    summary = page(statement(GP, "Senna", "15 mg", effectivePeriod={"start": "2062-11-01"}))
    assert words(summary.medications.current[0].marks) == ["? Dated in the future"]
    assert summary.medications.lead == "0 current · 1 dated in the future"


def test_a_medicine_behind_a_reference_is_named() -> None:
    medicine = item(HOSPITAL, "Medication", id_="m1", code=said("Enoxaparin 40 mg injection"))
    order = prescription(HOSPITAL, "", "40 mg daily")
    del order.resource["medicationCodeableConcept"]
    order.resource["medicationReference"] = {"reference": "Medication/m1"}
    assert row(medicine, order).name == "Enoxaparin 40 mg injection"


def test_doses_are_built_where_no_text_is_sent() -> None:
    repeat = {"frequency": 2, "period": 1, "periodUnit": "d"}
    structured = {
        "timing": {"repeat": repeat},
        "doseAndRate": [{"doseQuantity": {"value": 75, "unit": "mcg"}}],
        "asNeededCodeableConcept": said("pain"),
    }
    medicine = row(statement(GP, "Something", "", dosage=[structured]))
    assert text(medicine.cells[0]) == "75\u00a0micrograms twice a day, as needed for pain"


def test_three_lists() -> None:
    summary = page(
        statement(COMMUNITY, "Senna", "15 mg at night"),
        statement(HOSPITAL, "Senna", "7.5 mg at night"),
        statement(GP, "Senna", "15 mg nocte"),
    )
    assert [column.chip for column in summary.medications.columns] == ["GP", "Hospital", "Community"]
    assert words(summary.medications.current[0].marks) == ["≠ Dose differs"]


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Apixaban 2.5mg tablets", "apixaban"),
        ("APIXABAN", "apixaban"),
        ("Ramipril 5 mg capsules", "ramipril"),
        ("Hydrocortisone 1% cream", "hydrocortisone cream"),
        ("Hydrocortisone 10mg tablets", "hydrocortisone"),
        ("Acetaminophen 325 MG Oral Tablet", "acetaminophen"),
        ("12 HR Hydrocodone Bitartrate 10 MG Extended Release Oral Tablet", "hydrocodone bitartrate"),
        ("Co-codamol 8/500 tablets", "co codamol"),
        ("NovoMix 30", "novomix 30"),
        ("5mg", "5mg"),
    ],
)
def test_names_of_one_medicine(name: str, key: str) -> None:
    assert medicine_key(name) == key


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        ("2.5 mg twice a day", "2.5mg BD", True),
        ("75 micrograms once a day", "0.075 mg daily", True),
        ("500 mg three times a day", "500 mg TDS", True),
        ("10 mg at night", "Take 10 mg nocte", True),
        ("10 mg at night", "10 mg in the morning", False),
        ("40 mg once a day", "40 mg twice a day", False),
        ("40 mg once a day", "80 mg once a day", False),
        ("70 mg once a week", "70 mg once a day", False),
        ("10 mg weekly", "10 mg twice weekly", False),
        ("one tablet daily", "two tablets daily", False),
        ("10 mg once", "10 mg once a day", False),
        ("10 mg daily on repeat", "10 mg daily", True),
    ],
)
def test_doses_that_agree(one: str, other: str, agree: bool) -> None:
    assert (comparable("Made-up", one) == comparable("Made-up", other)) is agree


def test_combinations_of_different_strength_never_agree() -> None:
    assert strengths("Co-codamol 8/500 tablets") != strengths("Co-codamol 30/500 tablets")
    assert without_strength("Apixaban 2.5mg tablets") == "Apixaban tablets"


def test_a_list_is_as_late_as_it_was_last_read_over() -> None:
    begun = {"effectivePeriod": {"start": "2020-01-18"}, "dateAsserted": "2026-10-06"}
    medicine = row(
        statement(COMMUNITY, "Apixaban", "5 mg twice a day", **begun),
        statement(GP, "Apixaban", "2.5 mg twice a day", dateAsserted="2026-09-30"),
    )
    assert medicine.note == "Community record is later"
    assert "6 Oct 2026" in {source.when for source in medicine.sources}
