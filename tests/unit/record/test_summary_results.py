"""Latest results: values as sent, the laboratory's own flags and ranges."""

from decimal import Decimal
from typing import Any

import pytest

from tests.unit.record.items import COMMUNITY, GP, HOSPITAL, coded, item, page, result, said, sources, words

RANGE = [{"low": {"value": Decimal("3.5")}, "high": {"value": Decimal("5.3")}}]
TONIGHT = "2026-11-22T02:20:00Z"


def potassium(organisation: Any, value: str, when: str, **elements: Any) -> Any:
    return result(organisation, "Potassium", Decimal(value), "mmol/L", when, referenceRange=RANGE, **elements)


def test_the_latest_with_what_came_before_and_its_series() -> None:
    summary = page(
        potassium(HOSPITAL, "5.1", "2026-11-09"),
        potassium(HOSPITAL, "5.9", TONIGHT),
        potassium(HOSPITAL, "4.4", "2020-01-01"),
    )
    (latest,) = summary.results.laboratory
    assert (latest.value, latest.unit, latest.when, latest.range) == (
        "5.9",
        "mmol/L",
        "22 Nov 2026 02:20",
        "3.5 to 5.3",
    )
    assert words(latest.marks) == ["▲ High"]
    assert (latest.previous, latest.previous_when) == ("5.1", "9 Nov 2026")
    assert [(str(point.value), point.outside) for point in latest.series] == [("5.1", False), ("5.9", True)]
    assert [source.words for source in latest.history] == ["5.1\u00a0mmol/L", "4.4\u00a0mmol/L"]
    assert summary.results.lead == "1 test · 1 out of range"


def test_the_same_result_in_two_feeds_is_one() -> None:
    summary = page(potassium(HOSPITAL, "5.9", TONIGHT), potassium(GP, "5.90", "2026-11-22"))
    (latest,) = summary.results.laboratory
    assert {source.chip for source in latest.sources} == {"Hospital", "GP"}
    assert latest.previous == ""


def test_another_value_on_the_same_day_is_another_result() -> None:
    (latest,) = page(potassium(HOSPITAL, "5.9", TONIGHT), potassium(GP, "5.1", "2026-11-22")).results.laboratory
    assert len(latest.sources) == 1
    assert latest.previous == "5.1"


def test_an_amended_result_is_shown_with_what_it_amends() -> None:
    first = potassium(HOSPITAL, "6.9", TONIGHT, issued="2026-11-22T03:00:00Z", interpretation=[coded("HH")])
    then = potassium(HOSPITAL, "5.0", TONIGHT, issued="2026-11-22T04:00:00+00:00", status="amended")
    for both in ((first, then), (then, first)):
        (latest,) = page(*both).results.laboratory
        assert (latest.value, latest.previous, words(latest.marks)) == ("5.0", "6.9", ["Amended"])
        assert [source.words for source in latest.history] == ["6.9\u00a0mmol/L"]


def test_one_test_under_two_names_but_not_what_codes_tell_apart() -> None:
    loinc, snomed = "http://loinc.org", "http://snomed.info/sct"
    hospital = potassium(HOSPITAL, "5.9", TONIGHT, code=said("Potassium [Moles/volume] in Serum or Plasma", "1", loinc))
    practice = potassium(GP, "5.1", "2026-11-09", code=said("Serum potassium level", "2", snomed))
    urine = potassium(COMMUNITY, "60", "2026-11-09", code=said("Potassium", "3", loinc))
    summary = page(hospital, practice, urine)
    assert [(each.test, each.previous) for each in summary.results.laboratory] == [
        ("Potassium [Moles/volume] in Serum or Plasma", "5.1"),
        ("Potassium", ""),
    ]


@pytest.mark.parametrize(
    ("interpretation", "mark", "tone"),
    [
        ([coded("H")], "▲ High", "care"),
        ([coded("L")], "▼ Low", "care"),
        ([coded("HH")], "‼ Critically high", "bad"),
        ([coded("LL")], "‼ Critically low", "bad"),
        ([coded("A")], "! Abnormal", "care"),
        ([said("AKI stage 1")], "AKI stage 1", "fact"),
    ],
)
def test_flags_are_the_laboratorys(interpretation: Any, mark: str, tone: str) -> None:
    (latest,) = page(
        result(HOSPITAL, "Creatinine", 187, "umol/L", TONIGHT, interpretation=interpretation)
    ).results.laboratory
    assert [(each.text, each.tone) for each in latest.marks] == [(mark, tone)]
    assert latest.unit == "µmol/L"


def test_a_result_that_the_laboratory_calls_normal_gets_no_flag_of_ours() -> None:
    (latest,) = page(potassium(HOSPITAL, "5.9", TONIGHT, interpretation=[coded("N")])).results.laboratory
    assert latest.marks == ()


def test_a_critical_result_is_an_alert() -> None:
    summary = page(potassium(HOSPITAL, "6.9", TONIGHT, interpretation=[coded("HH")]))
    (alert,) = summary.alerts
    assert alert.title == "‼ Critically high: Potassium 6.9 mmol/L"
    assert (alert.tone, alert.anchor) == ("bad", summary.results.laboratory[0].anchor)


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({"valueString": "No growth"}, "No growth"),
        ({"valueCodeableConcept": said("Positive")}, "Positive"),
        ({"valueInteger": 0}, "0"),
        ({"valueBoolean": False}, "No"),
        ({"valueQuantity": {"comparator": "<", "value": 5, "unit": "mg/L"}}, "<5"),
        ({"valueRange": {"low": {"value": 1}, "high": {"value": 2}}}, "1 to 2"),
        ({"valueRatio": {"numerator": {"value": 1}, "denominator": {"value": 128}}}, "1 / 128"),
        ({"valueDateTime": "2027-02-01"}, "1 Feb 2027"),
        ({"valueQuantity": {"value": Decimal("1E+2"), "unit": "g"}}, "100"),
    ],
)
def test_values_of_every_kind(value: dict[str, Any], shown: str) -> None:
    elements: dict[str, Any] = {"status": "final", "category": [coded("laboratory")], "code": said("Test")}
    (latest,) = page(item(HOSPITAL, "Observation", effectiveDateTime=TONIGHT, **elements, **value)).results.laboratory
    assert latest.value == shown


def test_blood_pressure_is_measured_and_read_as_it_is_spoken() -> None:
    parts = [
        {"code": said("Systolic", "8480-6", "http://loinc.org"), "valueQuantity": {"value": 142, "unit": "mmHg"}},
        {"code": said("Diastolic", "8462-4", "http://loinc.org"), "valueQuantity": {"value": 88, "unit": "mmHg"}},
    ]
    pressure = item(
        GP,
        "Observation",
        status="final",
        category=[coded("vital-signs")],
        code=said("Blood pressure"),
        component=parts,
        effectiveDateTime="2026-11-09",
    )
    results = page(pressure).results
    assert results.laboratory == ()
    assert [(each.value, each.unit) for each in results.measured] == [("142/88", "mmHg")]


def test_dated_in_the_future_is_never_the_latest() -> None:
    summary = page(potassium(HOSPITAL, "9.9", "2062-11-22"), potassium(HOSPITAL, "5.1", "2026-11-09"))
    (latest,) = summary.results.laboratory
    assert latest.value == "5.1"
    (future,) = latest.history
    assert words(future.marks) == ["? Dated in the future"]
    assert [str(point.value) for point in latest.series] == ["5.1"]


def test_a_clock_that_is_minutes_ahead_is_not_the_future() -> None:
    (latest,) = page(potassium(HOSPITAL, "5.9", "2026-11-22T03:20:00Z")).results.laboratory
    assert "? Dated in the future" not in words(latest.marks)


def test_awaited() -> None:
    order = item(GP, "ServiceRequest", status="active", code=said("TSH"), id_="r1", authoredOn="2026-11-20")
    answered = item(GP, "ServiceRequest", status="active", code=said("Full blood count"), id_="r2")
    report = item(GP, "DiagnosticReport", code=said("Full blood count"), basedOn=[{"reference": "ServiceRequest/r2"}])
    empty = item(
        HOSPITAL, "Observation", status="registered", category=[coded("laboratory")], code=said("Urine culture")
    )
    awaited = page(order, answered, report, empty).results.awaited
    assert [(entry.title, entry.detail) for entry in awaited] == [("TSH", ""), ("Urine culture", "no value sent")]


def test_reports_show_their_conclusion_and_panels_stand_with_their_results() -> None:
    scan = item(
        HOSPITAL,
        "DiagnosticReport",
        status="preliminary",
        code=said("CT head"),
        conclusion="No bleed",
        effectiveDateTime="2026-11-22T02:41:00Z",
    )
    panel = item(
        HOSPITAL, "DiagnosticReport", status="final", code=said("Urea and electrolytes"), result=[{"reference": "x"}]
    )
    summary = page(scan, panel)
    (entry,) = summary.results.reports
    assert (entry.title, entry.detail, words(entry.marks)) == ("CT head", "No bleed", ["Provisional"])
    assert panel.id in {source.id for source in sources(summary.results.panels)}


def test_a_report_whose_one_result_is_words_says_them_as_its_conclusion() -> None:
    words_ = item(HOSPITAL, "Observation", id_="o1", status="preliminary", category=[coded("laboratory")],
                  code=said("Imaging report"), valueString="No bleed seen.")  # fmt: skip
    scan = item(HOSPITAL, "DiagnosticReport", status="preliminary", code=said("CT scan of the head"),
                result=[{"reference": "Observation/o1"}])  # fmt: skip
    found = page(words_, scan).results
    (entry,) = found.reports
    assert (entry.title, entry.detail) == ("CT scan of the head", "No bleed seen.")
    assert {source.id for source in entry.sources} == {"o1", scan.id}, "both lie behind its Why?"
    assert (found.laboratory, found.panels) == ((), ())


def test_the_results_of_tonight_stand_before_what_was_high_in_the_summer() -> None:
    high = {"interpretation": [coded("H")]}
    tests = page(
        result(GP, "Cholesterol", Decimal("5.6"), "mmol/L", "2026-07-18T09:15:00Z", **high),
        result(HOSPITAL, "Platelets", Decimal(248), "10*9/L", "2026-11-21T23:10:00Z"),
        result(HOSPITAL, "Potassium", Decimal("5.9"), "mmol/L", "2026-11-21T23:10:00Z", **high),
        result(GP, "Troponin", Decimal(90), "ng/L", "2026-07-18T09:15:00Z", interpretation=[coded("HH")]),
    ).results.laboratory
    assert [each.test for each in tests] == ["Troponin", "Potassium", "Platelets", "Cholesterol"]
