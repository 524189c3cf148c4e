"""Made-up entries of a made-up record, as their sources would send them."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, Literal

from concord.base import NHS_NUMBER_SYSTEM, OdsCode
from concord.record.headings import heading
from concord.record.model import Item
from concord.record.summary import Organisation, Summary, summarise
from concord.record.summary.model import Source

NOW = datetime(2026, 11, 22, 3, 12, tzinfo=UTC)
GP, HOSPITAL, COMMUNITY, COUNCIL, AMBULANCE = (OdsCode(code) for code in ("ZZG01", "ZZA01", "ZZD01", "ZZC01", "ZZX01"))
ORGANISATIONS = {
    GP: Organisation(name="Millbrook Surgery", short="GP", kind="gp-practice", telephone="01632 960114"),
    HOSPITAL: Organisation(
        name="Northfield General", short="Hospital", kind="acute-trust", services={"frailty": "Acute frailty"}
    ),
    COMMUNITY: Organisation(name="Northfield Community", short="Community", kind="community-trust"),
    COUNCIL: Organisation(name="Northfield Council", short="Council", kind="council"),
    AMBULANCE: Organisation(name="Northfield Ambulance", short="Ambulance", kind="ambulance"),
}
_numbers = count(1)
Lifecycle = Literal["current", "entered-in-error", "cancelled"]


def item(
    organisation: OdsCode, type_: str, *, lifecycle: Lifecycle = "current", id_: str = "", **elements: Any
) -> Item:
    """One entry by `organisation`; elements as in FHIR, `class_` for class."""
    if "class_" in elements:
        elements["class"] = elements.pop("class_")
    id_ = id_ or f"{type_.lower()}-{next(_numbers)}"
    resource = {"resourceType": type_, "id": id_, **elements}
    return Item(
        type=type_,
        id=id_,
        organisation=organisation,
        service=None,
        heading=heading(resource, None),
        lifecycle=lifecycle,
        stored_at=NOW,
        resource=resource,
    )


def page(*items: Item) -> Summary:
    return summarise(items, now=NOW, organisations=ORGANISATIONS)


def said(text: str, code: str = "", system: str = "https://concord.example/CodeSystem/made-up") -> dict[str, Any]:
    return {"text": text} | ({"coding": [{"system": system, "code": code}]} if code else {})


def coded(code: str) -> dict[str, Any]:
    return {"coding": [{"code": code}]}


def margaret(organisation: OdsCode = GP, **elements: Any) -> Item:
    usual: dict[str, Any] = {
        "active": True,
        "identifier": [{"system": NHS_NUMBER_SYSTEM, "value": "9990003114"}],
        "name": [{"use": "official", "family": "Holroyd", "given": ["Margaret"], "prefix": ["Mrs"]}],
        "gender": "female",
        "birthDate": "1942-02-14",
        "address": [{"use": "home", "line": ["17 Weavers Fold"], "city": "Northfield", "postalCode": "NF4 2ZZ"}],
    }
    return item(organisation, "Patient", **(usual | elements))


def allergy(organisation: OdsCode, substance: str, reaction: str = "", **elements: Any) -> Item:
    severity = elements.pop("severity", None)
    told: dict[str, Any] = {"manifestation": [said(reaction)]} if reaction else {}
    if severity:
        told["severity"] = severity
    reactions = {"reaction": [told]} if told else {}
    status = {"clinicalStatus": coded("active"), "verificationStatus": coded("confirmed")}
    return item(organisation, "AllergyIntolerance", code=said(substance), **(status | reactions | elements))


def statement(organisation: OdsCode, medicine: str, dose: str, **elements: Any) -> Item:
    usual = {"status": "active", "medicationCodeableConcept": said(medicine), "dosage": [{"text": dose}]}
    return item(organisation, "MedicationStatement", **(usual | elements))


def prescription(organisation: OdsCode, medicine: str, dose: str, **elements: Any) -> Item:
    usual = {
        "status": "active",
        "intent": "order",
        "medicationCodeableConcept": said(medicine),
        "dosageInstruction": [{"text": dose}],
        "courseOfTherapyType": coded("continuous"),
    }
    return item(organisation, "MedicationRequest", **(usual | elements))


def result(organisation: OdsCode, test: str, value: Any, unit: str, when: str, **elements: Any) -> Item:
    usual = {
        "status": "final",
        "category": [coded("laboratory")],
        "code": said(test),
        "valueQuantity": {"value": value, "unit": unit},
        "effectiveDateTime": when,
    }
    return item(organisation, "Observation", **(usual | elements))


def sources(value: object) -> Iterator[Source]:
    """Every line of provenance in a summary, or in a part of one."""
    if isinstance(value, Source):
        yield value
    elif is_dataclass(value):
        for field in fields(value):
            yield from sources(getattr(value, field.name))
    elif isinstance(value, tuple):
        for each in value:
            yield from sources(each)


def words(marks: tuple[Any, ...]) -> list[str]:
    return [mark.text for mark in marks]
