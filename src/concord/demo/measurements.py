"""What is measured: the panels of the laboratory, the ordinary range of each test, and one reading."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Any, Final

from concord.demo.codes import HL7, UCUM, measure


@dataclass(frozen=True, kw_only=True, slots=True)
class Test:
    """Ordinary values of a test: mean and spread among the healthy; the laboratory's range (None: open)."""

    mean: float
    spread: float
    low: str | None
    high: str | None
    places: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """One result: a number (as the laboratory wrote it) or words; `flag` overrules what the range says."""

    name: str
    number: str = ""
    text: str = ""
    flag: str = ""
    note: str = ""

    @property
    def interpretation(self) -> str:
        """HL7's code: H, L, N, HH, LL, A, or "" where there is no range."""
        test = TESTS.get(self.name)
        if self.flag or not self.number or test is None or (test.low is None and test.high is None):
            return self.flag
        value = Decimal(self.number)
        if test.high is not None and value > Decimal(test.high):
            return "H"
        if test.low is not None and value < Decimal(test.low):
            return "L"
        return "N"


def _test(mean: float, spread: float, low: str | None, high: str | None, places: int = 0) -> Test:
    return Test(mean=mean, spread=spread, low=low, high=high, places=places)


TESTS: Final[Mapping[str, Test]] = {
    "potassium": _test(4.3, 0.3, "3.5", "5.3", 1),
    "sodium": _test(140, 2, "133", "146"),
    "urea": _test(5.2, 1.0, "2.5", "7.8", 1),
    "creatinine": _test(74, 10, "45", "104"),
    "egfr": _test(86, 8, "60", None),
    "crp": _test(3, 1.2, None, "5"),
    "haemoglobin": _test(138, 9, "115", "165"),
    "white-cells": _test(6.8, 1.2, "4.0", "11.0", 1),
    "platelets": _test(260, 40, "150", "400"),
    "mcv": _test(90, 4, "80", "100"),
    "hba1c": _test(37, 2, None, "48"),
    "cholesterol": _test(5.0, 0.7, None, "5.0", 1),
    "hdl": _test(1.4, 0.3, "1.0", None, 1),
    "triglycerides": _test(1.4, 0.4, None, "1.7", 1),
    "alt": _test(24, 7, None, "40"),
    "bilirubin": _test(9, 3, None, "21"),
    "albumin": _test(42, 3, "35", "50"),
    "tsh": _test(2.2, 0.7, "0.3", "4.5", 1),
    "urine-acr": _test(1.4, 0.6, None, "3.0", 1),
    "nt-probnp": _test(90, 40, None, "400"),
    "troponin": _test(6, 2, None, "14"),
    "ferritin": _test(90, 30, "15", "300"),
    "vitamin-b12": _test(380, 90, "200", None),
    "psa": _test(1.6, 0.7, None, "4.0", 1),
    "urate": _test(330, 50, "200", "430"),
    "lithium": _test(0.6, 0.1, "0.4", "1.0", 1),
    "heart-rate": _test(74, 8, "50", "100"),
    "respiratory-rate": _test(15, 2, "12", "20"),
    "oxygen-saturation": _test(97, 1, "94", None),
    "temperature": _test(36.7, 0.3, "36.0", "38.0", 1),
    "weight": _test(74, 12, None, None, 1),
    "bmi": _test(27, 4, None, None, 1),
    "fev1": _test(1.6, 0.4, None, None, 2),
    "fev1-fvc": _test(62, 6, "70", None),
}

PANELS: Final[Mapping[str, Sequence[str]]] = {
    "urea-and-electrolytes": ("sodium", "potassium", "urea", "creatinine", "egfr"),
    "full-blood-count": ("haemoglobin", "white-cells", "platelets", "mcv"),
    "liver-function": ("alt", "bilirubin", "albumin"),
    "lipids": ("cholesterol", "hdl", "triglycerides"),
    "diabetes-monitoring": ("hba1c",),
    "thyroid-function": ("tsh",),
    "inflammation": ("crp",),
    "heart-failure-markers": ("nt-probnp",),
    "cardiac-markers": ("troponin",),
    "iron-studies": ("ferritin", "vitamin-b12"),
    "prostate-marker": ("psa",),
    "urate-level": ("urate",),
    "urine-protein": ("urine-acr",),
    "lithium-level": ("lithium",),
}

_UNIT_WORDS: Final = {
    "umol/L": "µmol/L", "mL/min/{1.73_m2}": "mL/min/1.73m²", "10*9/L": "10⁹/L", "m[IU]/L": "mIU/L", "Cel": "°C",
    "mm[Hg]": "mmHg", "ug/L": "µg/L", "/min": "per minute", "kg/m2": "kg/m²",
}  # fmt: skip


def reading(name: str, rng: Random, *, mean: float | None = None, spread: float | None = None) -> Reading:
    """A plausible value; never below a tenth of the ordinary mean."""
    test = TESTS[name]
    value = rng.gauss(test.mean if mean is None else mean, test.spread if spread is None else spread)
    return Reading(name=name, number=f"{max(value, test.mean / 10):.{test.places}f}")


def observation_value(reading: Reading) -> dict[str, Any]:
    """The parts of a FHIR Observation that hold the value, its range and its interpretation."""
    if not reading.number:
        value: dict[str, Any] = {"valueString": reading.text}
    else:
        unit = measure(reading.name).unit
        number = int(reading.number) if reading.number.isdigit() else Decimal(reading.number)
        quantity: dict[str, Any] = {"value": number}
        if unit:
            quantity |= {"unit": unit_words(unit), "system": UCUM, "code": unit}
        value = {"valueQuantity": quantity}
        if span := _range(reading.name):
            value["referenceRange"] = [span]
    if reading.interpretation:
        system = HL7 + "v3-ObservationInterpretation"
        value["interpretation"] = [{"coding": [{"system": system, "code": reading.interpretation}]}]
    if reading.note:
        value["note"] = [{"text": reading.note}]
    return value


def unit_words(unit: str) -> str:
    """How a clinician writes a UCUM unit."""
    return _UNIT_WORDS.get(unit, unit)


def range_words(name: str) -> str:
    """The laboratory's range as HL7 v2 writes it: `3.5-5.3`, `<5`, `>60`."""
    test = TESTS.get(name)
    if test is None or (test.low is None and test.high is None):
        return ""
    if test.low is None:
        return f"<{test.high}"
    return f">{test.low}" if test.high is None else f"{test.low}-{test.high}"


def _range(name: str) -> dict[str, Any]:
    test = TESTS.get(name)
    if test is None:
        return {}
    unit = measure(name).unit
    found: dict[str, Any] = {}
    for side, bound in (("low", test.low), ("high", test.high)):
        if bound is not None:
            number = int(bound) if bound.isdigit() else Decimal(bound)
            found[side] = {"value": number, "unit": unit_words(unit), "system": UCUM, "code": unit}
    return found
