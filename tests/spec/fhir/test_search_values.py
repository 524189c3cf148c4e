"""What each type of search parameter finds: what is held, what is asked, and whether it is found."""

from decimal import Decimal
from typing import Any

import pytest

from concord.base import Incorrect
from concord.fhir import matches, parse_search

UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"


def found(resource: dict[str, Any], asked: str) -> bool:
    name, _, value = asked.partition("=")
    (criterion,) = parse_search(resource["resourceType"], [(name, value)]).criteria
    return matches(resource, criterion)


def observation(**more: Any) -> dict[str, Any]:
    return {"resourceType": "Observation", "status": "final", **more}


def measured(value: str, unit: str = "mg", **more: Any) -> dict[str, Any]:
    return {"value": Decimal(value), "unit": unit, "system": UCUM, "code": unit, **more}


def coded(code: str, text: str = "", system: str = LOINC) -> dict[str, Any]:
    return {
        "coding": [{"system": system, "code": code, "display": f"Said of {code}"}],
        **({"text": text} if text else {}),
    }


# -- numbers: a probability as held, as asked ------------------------------------------------------------------------

NUMBERS = [
    ("0.8", "0.8", True), ("0.8", "0.80", True), ("0.84", "0.8", True), ("0.85", "0.8", False), ("0.75", "0.8", True),
    ("0.749", "0.8", False), ("0.8", "ne0.8", False), ("0.9", "ne0.8", True), ("0.84", "gt0.8", True),
    ("0.8", "gt0.8", False), ("0.8", "ge0.8", True), ("0.79", "lt0.8", True), ("0.8", "le0.8", True),
    ("0.81", "sa0.8", True), ("0.8", "sa0.8", False), ("0.7", "eb0.8", True), ("0.87", "ap0.8", True),
    ("0.89", "ap0.8", False), ("100", "1e2", True), ("95", "1e2", True), ("105", "1e2", False), ("94.9", "1e2", False),
    ("0.00540", "5.40e-3", True), ("0.005395", "5.40e-3", True), ("0.005405", "5.40e-3", False), ("-3", "-3", True),
    ("99.5", "100", True), ("100.5", "100", False), ("100.4", "100.0", False), ("0.8", "0.7,0.8", True),
]  # fmt: skip


@pytest.mark.parametrize(("held", "asked", "expected"), NUMBERS)
def test_a_number(held: str, asked: str, expected: bool) -> None:
    risk = {"resourceType": "RiskAssessment", "prediction": [{"probabilityDecimal": Decimal(held)}]}
    assert found(risk, f"probability={asked}") is expected


def test_a_range_of_numbers_is_compared_from_its_low_to_its_high() -> None:
    between = {"low": {"value": Decimal("0.2")}, "high": {"value": Decimal("0.4")}}
    risk = {"resourceType": "RiskAssessment", "prediction": [{"probabilityRange": between}]}
    asked = ("gt0.3", "lt0.3", "gt0.4", "sa0.1", "eb0.5", "0.3", "ap0.38")
    assert [found(risk, f"probability={each}") for each in asked] == [True, True, False, True, True, False, True]


# -- quantities: as held, as asked -----------------------------------------------------------------------------------

QUANTITIES = [
    (measured("5.4"), "5.4", True), (measured("5.4"), f"5.4|{UCUM}|mg", True), (measured("5.4"), "5.4||mg", True),
    (measured("5.4"), "5.4||g", False), (measured("5.4"), f"5.4|{UCUM}|g", False), (measured("5.4"), "gt5||mg", True),
    (measured("5.4"), "5.4|http://other|mg", False), (measured("5.44"), "5.4", True), (measured("5.45"), "5.4", False),
    ({"value": Decimal("5.4"), "unit": "milligrams"}, "5.4||milligrams", True),
    ({"value": Decimal("5.4"), "unit": "milligrams"}, f"5.4|{UCUM}|mg", False),
    (measured("5", comparator="<"), "lt5", True), (measured("5", comparator="<"), "lt3", True),
    (measured("5", comparator="<"), "gt5", False), (measured("5", comparator="<"), "5", False),
    (measured("90", comparator=">="), "gt200", True), (measured("90", comparator=">="), "eb80", False),
    ({"unit": "mg"}, "5", False), (measured("5.4"), "4,5.4", True),
]  # fmt: skip


@pytest.mark.parametrize(("held", "asked", "expected"), QUANTITIES)
def test_a_quantity(held: dict[str, Any], asked: str, expected: bool) -> None:
    assert found(observation(valueQuantity=held), f"value-quantity={asked}") is expected


def test_money_is_a_quantity_in_its_currency() -> None:
    claim = {"resourceType": "ChargeItem", "priceOverride": {"value": Decimal(40), "currency": "GBP"}}
    for asked, expected in (("40||GBP", True), ("40|urn:iso:std:iso:4217|GBP", True), ("40||EUR", False), ("40", True)):
        assert found(claim, f"price-override={asked}") is expected, asked


# -- tokens ----------------------------------------------------------------------------------------------------------

TOKENS = [
    ("code=4548-4", True), (f"code={LOINC}|4548-4", True), ("code=|4548-4", False), (f"code={LOINC}|", True),
    ("code=http://other|4548-4", False), ("code:not=4548-4", False), ("code:not=1", True), ("code:text=haemo", True),
    ("code:text=said of 4548", True), ("code:text=globin", False), ("code:missing=false", True),
    ("code:missing=true", False), ("method:missing=true", True), ("status=final", True), ("status=amended,final", True),
    ("status=http://hl7.org/fhir/observation-status|final", True), ("status:not=final", False),
    ("identifier=urn:lab|7", True), ("identifier=7", True), ("identifier:of-type=http://v2|FILL|7", True),
    ("identifier:of-type=http://v2|PLAC|7", False), ("identifier:text=filler", True), ("_tag=x", True),
    ("_tag:not=x", False), ("_security:missing=true", True), ("_id=o1", True), ("_id:not=o1", False),
]  # fmt: skip


@pytest.mark.parametrize(("asked", "expected"), TOKENS)
def test_a_token(asked: str, expected: bool) -> None:
    kind = {"coding": [{"system": "http://v2", "code": "FILL"}], "text": "Filler number"}
    held = observation(
        id="o1", code=coded("4548-4", "Haemoglobin A1c"), meta={"tag": [{"code": "x"}]},
        identifier=[{"type": kind, "system": "urn:lab", "value": "7"}],
    )  # fmt: skip
    assert found(held, asked) is expected


@pytest.mark.parametrize(
    ("held", "true"),
    [({}, False), ({"deceasedBoolean": False}, False), ({"deceasedBoolean": True}, True),
     ({"deceasedDateTime": "2025-03"}, True)],
)  # fmt: skip
def test_whether_somebody_died_is_told_of_everybody(held: dict[str, Any], true: bool) -> None:
    person = {"resourceType": "Patient", **held}
    assert (found(person, "deceased=true"), found(person, "deceased=false")) == (true, not true)


def test_codes_that_mean_more_are_asked_of_terminology() -> None:
    class Sets:
        def members(self, value_set: str) -> list[tuple[str, str]] | None:
            return [(LOINC, "4548-4")] if value_set == "urn:diabetes" else None

        def above(self, system: str, code: str) -> list[tuple[str, str]] | None:
            return [(system, code), (system, "parent")]

        def below(self, system: str, code: str) -> list[tuple[str, str]] | None:
            return [(system, code), (system, "4548-4")]

    held = observation(code=coded("4548-4"))
    for name, value, expected in (
        ("code:in", "urn:diabetes", True), ("code:not-in", "urn:diabetes", False),
        ("code:below", f"{LOINC}|root", True),
        ("code:above", f"{LOINC}|root", False),
    ):  # fmt: skip
        (criterion,) = parse_search("Observation", [(name, value)], expansions=Sets()).criteria
        assert matches(held, criterion) is expected, name
    with pytest.raises(Incorrect, match="not known to this server's terminology"):
        parse_search("Observation", [("code:in", "urn:asthma")], expansions=Sets())


# -- strings, URIs, references ---------------------------------------------------------------------------------------

PATIENT = {
    "resourceType": "Patient", "id": "p1", "name": [{"family": "Holroyd", "given": ["Zoë"]}],
    "text": {"status": "generated", "div": '<div xmlns="http://www.w3.org/1999/xhtml">Known <b>allergy</b></div>'},
    "meta": {"profile": ["https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient|2.0"], "source": "urn:ods:ZZP01"},
    "generalPractitioner": [{"identifier": {"system": "urn:gmc", "value": "77"}}, {"reference": "Practitioner/d1"}],
    "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/patient-extensions-Patient-mothersMaidenName",
                   "valueString": "Ackroyd"}],
}  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("name=zoe", True), ("name=oe", False), ("name:contains=OLR", True), ("name:exact=Zoë", True),
        ("name:exact=Zoe", False), ("family=hol,xyz", True), ("family:missing=false", True),
        ("phonetic=hollroid", True),
        ("phonetic=smith", False), ("mothersMaidenName=ackroyd", True), ("_text=allergy known", True),
        ("_text=span", False), ("_text=holroyd", False), ("_content=holroyd aller", True), ("_content=b", False),
        ("_profile=https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient", True),
        ("_profile=https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient|2.0", True),
        ("_profile=https://fhir.hl7.org.uk/StructureDefinition/UKCore-Patient|1.0", False),
        ("_profile:below=https://fhir.hl7.org.uk/", True), ("_profile=https://fhir.hl7.org.uk/", False),
        ("_source=urn:ods:ZZP01", True), ("_source:above=urn:ods:ZZP01:sub", True), ("_source=urn:ods", False),
        ("general-practitioner=d1", True), ("general-practitioner:Practitioner=d1", True),
        ("general-practitioner:identifier=urn:gmc|77", True), ("general-practitioner:identifier=78", False),
        ("general-practitioner:missing=false", True), ("link:missing=true", True),
    ],
)  # fmt: skip
def test_words_addresses_and_references(asked: str, expected: bool) -> None:
    assert found(PATIENT, asked) is expected


def test_a_canonical_is_met_with_and_without_its_version() -> None:
    plan = {"resourceType": "CarePlan", "instantiatesCanonical": ["http://plans/falls|3"]}
    for value, expected in (
        ("http://plans/falls", True),
        ("http://plans/falls|3", True),
        ("http://plans/falls|2", False),
    ):
        assert found(plan, f"instantiates-canonical={value}") is expected


def test_the_first_resource_of_a_document_is_met_by_its_name() -> None:
    document = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Composition", "id": "c1"}}]}
    assert found(document, "composition=Composition/c1")
    assert not found(document, "composition=c2")


@pytest.mark.parametrize(
    ("asked", "expected"),
    [("near=54.0|-1.5|10|km", True), ("near=54.0|-1.5|3|km", False), ("near=54.0|-1.5|4|[mi_us]", True),
     ("near=54.0|-1.5", True), ("near=10|10|50", False)],
)  # fmt: skip
def test_what_is_near(asked: str, expected: bool) -> None:
    ward = {"resourceType": "Location", "position": {"latitude": Decimal("54.05"), "longitude": Decimal("-1.5")}}
    assert found(ward, asked) is expected  # 5.6 km to the north


# -- composites: met by one element, never by parts of two -----------------------------------------------------------

PRESSURE = observation(
    code=coded("85354-9"),
    component=[
        {"code": coded("8480-6"), "valueQuantity": measured("142", "mm[Hg]")},
        {"code": coded("8462-4"), "valueQuantity": measured("88", "mm[Hg]")},
    ],
)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("component-code-value-quantity=8480-6$gt140", True), ("component-code-value-quantity=8462-4$gt140", False),
        (f"component-code-value-quantity={LOINC}|8462-4$88||mm[Hg]", True),
        ("combo-code-value-quantity=8480-6$142,8462-4$1", True), ("code-value-quantity=85354-9$142", False),
        ("component-code-value-quantity:missing=false", True),
    ],
)  # fmt: skip
def test_a_composite(asked: str, expected: bool) -> None:
    assert found(PRESSURE, asked) is expected


def test_a_component_that_starts_at_the_resource() -> None:
    sequence = {
        "resourceType": "MolecularSequence", "referenceSeq": {"chromosome": coded("7")},
        "variant": [{"start": 5, "end": 9}],
    }  # fmt: skip
    assert found(sequence, "chromosome-variant-coordinate=7$ge5$le9")
    assert not found(sequence, "chromosome-variant-coordinate=8$ge5$le9")


def test_signs_that_mean_something_are_escaped() -> None:
    held = observation(identifier=[{"system": "urn:a", "value": "x,y|z$\\"}])
    assert found(held, r"identifier=urn:a|x\,y\|z\$\\")
    assert not found(held, "identifier=urn:a|x,y|z$\\")
