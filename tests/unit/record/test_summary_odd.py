"""Whatever sources send: a summary never raises, and every current item stands behind some line of it."""

import bz2
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord.fhir import parse
from tests.unit.record.items import COUNCIL, GP, HOSPITAL, item, margaret, page, said, sources

_TYPES = """
Patient Encounter AllergyIntolerance MedicationRequest MedicationStatement MedicationDispense Condition
Observation DiagnosticReport ImagingStudy ServiceRequest DocumentReference Composition CarePlan CareTeam
RelatedPerson EpisodeOfCare Appointment Flag Consent Device SupplyDelivery Immunization Procedure
FamilyMemberHistory List Claim Goal QuestionnaireResponse RiskAssessment Communication Media
"""

_moments = st.sampled_from(
    (
        "2019",
        "2019-06",
        "2026-11-09",
        "2026-11-22T01:20:00Z",
        "2062-01-01",
        "2026-02-30",
        "0001-01-01T00:00:00+14:00",
        "2016-12-31T23:59:60Z",
        "9999-12-31",
        "",
        "soon",
    )
)
_words = st.sampled_from(
    ["", "Potassium", "Penicillin", "No known allergies", "Apixaban 5 mg", "active", "IMP", "<b>&"]
)
_numbers = st.sampled_from([0, -1, 7, Decimal("5.90"), Decimal("1E+300"), 10**30])
_leaves = st.one_of(_moments, _words, _numbers, st.booleans(), st.none())
_codings = st.fixed_dictionaries({}, optional={"system": _words, "code": _words, "display": _words})
_concepts = st.fixed_dictionaries({}, optional={"text": _words, "coding": st.lists(_codings, max_size=2)})
_quantities = st.fixed_dictionaries({}, optional={"value": _numbers, "unit": _words, "comparator": st.just("<")})
_periods = st.fixed_dictionaries({}, optional={"start": _moments, "end": _moments})
_references = st.fixed_dictionaries({}, optional={"reference": _words | st.just("#x"), "display": _words})
_values = st.recursive(
    st.one_of(_leaves, _concepts, _quantities, _periods, _references),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(st.sampled_from(["code", "name", "location", "member", "text", "detail"]), inner, max_size=2)
    ),
    max_leaves=4,
)
_ELEMENTS = """
code status category class type name address telecom birthDate deceasedDateTime contact communication period
participant location reasonCode reaction criticality clinicalStatus verificationStatus recordedDate
onsetDateTime abatementDateTime medicationCodeableConcept medicationReference dosage dosageInstruction
authoredOn dispenseRequest effectivePeriod effectiveDateTime issued valueQuantity valueCodeableConcept
valueString component interpretation referenceRange note result conclusion presentedForm content section title
description date author activity start end relationship active team careManager extension contained identifier
emptyReason scope provision item vaccineCode condition serviceType occurrenceDateTime dataAbsentReason basedOn
generalPractitioner prediction device
"""
_resources = st.tuples(
    st.sampled_from(_TYPES.split()), st.dictionaries(st.sampled_from(_ELEMENTS.split()), _values, max_size=7)
)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([GP, HOSPITAL, COUNCIL]), _resources), min_size=1, max_size=6))
def test_never_raises_and_loses_nothing(made_up: list[Any]) -> None:
    items = [item(by, type_, **elements) for by, (type_, elements) in made_up]
    summary = page(*items)
    assert {(source.type, source.id) for source in sources(summary)} == {(each.type, each.id) for each in items}
    assert sum(summary.by_heading.values()) == len(items)


def _anchors(value: Any) -> list[str]:
    cards = [value.risks, value.allergies, value.plans, value.where_now, value.problems, value.contacts, value.people]
    cards += [value.appointments, value.care, value.documents]
    entries = [entry for card in cards for entry in (*card.entries, *card.more)]
    entries += [entry for group in value.elsewhere for entry in group.entries]
    entries += [*value.medications.stopped, *value.medications.earlier, *value.results.awaited, *value.results.reports]
    others = [*value.medications.current, *value.results.laboratory, *value.results.measured]
    return [each.anchor for each in (*entries, *others)]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([GP, HOSPITAL]), _resources), min_size=1, max_size=6))
def test_anchors_are_unique_and_alerts_lead_to_one(made_up: list[Any]) -> None:
    summary = page(*(item(by, type_, **elements) for by, (type_, elements) in made_up))
    anchors = _anchors(summary)
    assert len(anchors) == len(set(anchors))
    assert {alert.anchor for alert in summary.alerts} <= set(anchors)


@settings(max_examples=50, deadline=None)
@given(st.permutations(range(6)))
def test_the_order_in_which_items_come_changes_nothing(order: list[int]) -> None:
    items = [
        margaret(id_="a"),
        margaret(HOSPITAL, id_="b", name=[{"family": "Holroyde"}]),
        item(GP, "AllergyIntolerance", id_="c", code=said("Latex"), recordedDate="2026-01-01"),
        item(HOSPITAL, "AllergyIntolerance", id_="d", code=said("Latex"), recordedDate="2026-01-01"),
        item(GP, "Condition", id_="e", code=said("Gout")),
        item(GP, "Condition", id_="f", code=said("Asthma")),
    ]
    assert page(*(items[place] for place in order)) == page(*items)


_SYNTHEA = Path(__file__).parents[3].parent / "shared" / "data" / "synthea"


@pytest.mark.skipif(not _SYNTHEA.is_dir(), reason="../shared/data/synthea is not there")
def test_a_synthea_person() -> None:
    path = min(each for each in _SYNTHEA.glob("*.json.bz2") if not each.name.startswith("0-"))
    resources = [entry["resource"] for entry in parse(bz2.decompress(path.read_bytes()))["entry"]]
    elements = [
        {name: value for name, value in each.items() if name not in ("id", "resourceType")} for each in resources
    ]
    items = [
        item(HOSPITAL, each["resourceType"], id_=each["id"], **own)
        for each, own in zip(resources, elements, strict=True)
    ]
    summary = page(*items)
    assert {(source.type, source.id) for source in sources(summary)} == {(each.type, each.id) for each in items}
    assert summary.identity.name != "Name not known"
    assert summary.results.laboratory
    assert summary.contacts.entries
    assert summary.documents.entries[0].text
