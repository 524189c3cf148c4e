"""Data quality: what is found in what an organisation sent, and that what is told of it tells of nobody."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from concord.app import App
from concord.base import OdsCode
from concord.ingest import Measured, quality_csv, quality_page
from concord.ingest.quality import share
from concord.ingest.quality.figures import Figures, read_figures
from concord.ingest.quality.judging import (
    BEFORE_BIRTH,
    BROKEN,
    EXCUSED,
    FUTURE,
    NO_UCUM,
    NO_UNIT,
    NONE,
    STATED,
    TRACED,
    TWICE,
    TWO_PATIENTS,
    WORDS_ALONE,
    HeldItem,
    add,
)
from concord.terminology import Heading
from tests.small_system import NHS_NUMBER, PRACTICE, condition, patient, send, small_system

TODAY = "2026-11-22"
ZZP01 = OdsCode("ZZP01")
CODED = {"coding": [{"system": "http://snomed.info/sct", "code": "84114007"}], "text": "Heart failure"}


def problem(**more: Any) -> HeldItem:
    return HeldItem(Heading.PROBLEMS, condition("c", "p", code=CODED) | more)


def measurement(**quantity: Any) -> HeldItem:
    told = {"resourceType": "Observation", "code": CODED, "valueQuantity": quantity}
    return HeldItem(Heading.EXAMINATION_FINDINGS, told)


def person(*identifiers: dict[str, Any], **more: Any) -> HeldItem:
    told = {"resourceType": "Patient", "birthDate": "1942-02-14", "identifier": list(identifiers)} | more
    return HeldItem(Heading.DEMOGRAPHICS, told)


def counted(*items: HeldItem) -> Figures:
    figures = Figures()
    add(figures, items, TODAY)
    return figures


def number(value: str, status: str | None = None, system: str = "https://fhir.nhs.uk/Id/nhs-number") -> dict[str, Any]:
    told: dict[str, Any] = {"system": system, "value": value}
    if status is not None:
        url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
        told["extension"] = [{"url": url, "valueCodeableConcept": {"coding": [{"code": status}]}}]
    return told


@pytest.mark.parametrize(
    ("items", "found"),
    [
        ([problem()], {}),
        ([problem(onsetDateTime="2062-03-01")], {FUTURE: {"Condition.onsetDateTime": 1}}),
        ([problem(onsetDateTime="2027")], {FUTURE: {"Condition.onsetDateTime": 1}}),
        ([problem(onsetDateTime="2026")], {}),
        ([problem(onsetDateTime="2026-11-22T23:59:00Z")], {}),
        ([person(), problem(onsetDateTime="1900-01-01")], {BEFORE_BIRTH: {"Condition.onsetDateTime": 1}}),
        ([person(), problem(onsetDateTime="1942")], {}),
        ([problem(), problem(recordedDate="2020-01-01")], {TWICE: {"Condition": 1}}),
        ([problem(), problem(onsetDateTime="2020-01-01")], {}),
        ([problem(code={"text": "asthma"})], {WORDS_ALONE: {"Condition.code": 1}}),
        ([measurement(value=5.5, unit="mmol/L", system="http://unitsofmeasure.org", code="mmol/L")], {}),
        ([measurement(value=5.5, unit="mmol/l")], {NO_UCUM: {"Observation.valueQuantity": 1}}),
        ([measurement(value=72)], {NO_UNIT: {"Observation.valueQuantity": 1}}),
    ],
)
def test_what_is_found(items: list[HeldItem], found: dict[str, dict[str, int]]) -> None:
    assert {kind: dict(paths) for kind, paths in counted(*items).findings.items()} == found


@pytest.mark.parametrize(
    ("identifiers", "status"),
    [
        ([], NONE),
        ([number("12", system="https://example.org/local")], NONE),
        ([number(NHS_NUMBER)], STATED),
        ([number(NHS_NUMBER, "01")], TRACED),
        ([number("9990003115")], BROKEN),
        ([number("12", system="https://concord.example/Id/invalid-nhs-number")], BROKEN),
    ],
)
def test_what_is_known_of_an_nhs_number(identifiers: list[dict[str, Any]], status: str) -> None:
    assert dict(counted(person(*identifiers)).numbers) == {status: 1}


def test_that_there_is_no_number_may_have_a_reason() -> None:
    url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberUnavailableReason"
    reason = {"url": url, "valueCodeableConcept": {"coding": [{"code": "overseas-patient"}]}}
    assert dict(counted(person(extension=[reason])).numbers) == {EXCUSED: 1}


def test_what_the_standard_asks_for_is_looked_for_under_each_heading() -> None:
    of = counted(problem(onsetDateTime="2020"), problem(clinicalStatus={"coding": [{"code": "active"}]}))
    told = of.headings["problems"]
    assert (told.items, told.people) == (2, 1)
    assert dict(told.looked) == dict.fromkeys(("problem", "onset or date", "active or not", "who recorded it"), 2)
    assert dict(told.there) == {"problem": 2, "onset or date": 1, "active or not": 1, "who recorded it": 0}
    assert of.complete == (4, 8)


def test_figures_are_kept_as_they_are() -> None:
    figures = counted(person(number(NHS_NUMBER)), problem(), measurement(value=1))
    assert read_figures(figures.as_json()) == figures


# -- measuring what is held --------------------------------------------------------------------------------------------


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with small_system(tmp_path) as app:
        for number_ in range(30):
            send(app, PRACTICE, patient(f"p{number_}", number=None), condition(f"c{number_}", f"p{number_}"))
        yield app


def test_everything_current_is_counted_once_and_kept_by_the_day(app: App) -> None:
    told: list[int] = []
    measured = app.quality.measure(ZZP01, told.append)
    assert (measured.figures.people, measured.figures.items, told) == (30, 60, [30])
    assert measured.figures.found(WORDS_ALONE) == 30
    assert app.quality.measure(ZZP01, told.append) == measured
    assert list(app.quality.trend(ZZP01)) == [measured]
    assert list(app.quality.newest()) == [measured]


def test_what_was_cut_short_is_gone_on_with(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord.record.measuring._AT_ONCE", 10)
    monkeypatch.setattr("concord.ingest.quality.measuring._NOTED_EVERY", 1)

    def cut(people: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        app.quality.measure(ZZP01, cut)
    told: list[int] = []
    measured = app.quality.measure(ZZP01, told.append)
    assert (told, measured.figures.people, measured.figures.items) == ([20, 30], 30, 60)


def test_two_patients_under_one_number(app: App) -> None:
    send(app, PRACTICE, patient("one"), patient("other"))
    assert app.quality.measure(ZZP01, lambda people: None).figures.found(TWO_PATIENTS) == 2


# -- what leaves -------------------------------------------------------------------------------------------------------


def text_of(measured: Measured) -> str:
    return f"{quality_page(measured, 'Millbrook Surgery', ())}{quality_csv(measured)}"


def test_no_cell_of_the_figures_is_a_formula() -> None:
    """A unit is written by whoever writes it: a spreadsheet must not take it for something to work out."""
    figures = Figures()
    figures.units["=1+1"] = 40
    told = quality_csv(Measured(organisation=ZZP01, day="2026-11-22", figures=figures)).splitlines()
    assert [line for line in told if "1+1" in line] == ["unit,'=1+1,,40,"]


def test_one_item_more_or_less_does_not_show(app: App) -> None:
    before = text_of(app.quality.measure(ZZP01, lambda people: None))
    unlike = {"coding": [{"system": "https://example.org/canary", "code": "x"}]}
    send(app, PRACTICE, condition("new", "p0", code=unlike, onsetDateTime="2062-03-01"))
    after = app.quality.measure(ZZP01, lambda people: None)
    assert after.figures.found(FUTURE) == 1
    assert text_of(after) == before
    assert "canary" not in before


@pytest.mark.parametrize(
    ("part", "of", "told"),
    [
        (0, 19, "too few to tell"),
        (0, 20, "few"),
        (7, 20, "few"),
        (10, 20, "50%"),
        (13, 20, "nearly all"),
        (33, 99, "35%"),
        (8, 999, "few"),
        (991, 1000, "nearly all"),
    ],  # fmt: skip,
)
def test_a_share(part: int, of: int, told: str) -> None:
    assert share(part, of) == told
