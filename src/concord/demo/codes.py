"""The codes that Northfield uses, read from codes.yaml: name, system, display, unit, source and licence of each."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

CONCORD = "https://concord.example/CodeSystem/"
HL7 = "http://terminology.hl7.org/CodeSystem/"
UCUM = "http://unitsofmeasure.org"
LOINC = "http://loinc.org"

# The words under which `code` finds each system.
FINDING = CONCORD + "clinical-finding"
SUBSTANCE = CONCORD + "substance"
REACTION = CONCORD + "reaction"
PROCEDURE = CONCORD + "procedure"
OBSERVABLE = CONCORD + "observable"
INVESTIGATION = CONCORD + "investigation"
DOCUMENT_TYPE = CONCORD + "document-type"
CARE_PLAN_TYPE = CONCORD + "care-plan-type"
ALERT_TYPE = CONCORD + "alert-type"
MEDICINE = CONCORD + "medicine"
EQUIPMENT = CONCORD + "equipment"
VACCINE = CONCORD + "vaccine"
CONTACT_TYPE = CONCORD + "contact-type"


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """One row of codes.yaml. `says` is our plain words; `unit` UCUM, "" for what has none."""

    name: str
    system: str
    code: str
    display: str
    says: str
    unit: str
    source: str
    licence: str

    def concept(self, text: str = "") -> dict[str, Any]:
        """As a FHIR CodeableConcept; `text` is what the source wrote, by default our plain words."""
        return {
            "coding": [{"system": self.system, "code": self.code, "display": self.display}],
            "text": text or self.says,
        }


def code(system: str, name: str) -> Code:
    """The row of that system and name. Raises KeyError: a name that is not in the table is a mistake of ours."""
    return _table()[system, name]


def codes() -> list[Code]:
    """Every row of the table, in its order."""
    return list(_table().values())


def measure(name: str) -> Code:
    """What can be measured or observed: LOINC's code where it has one that we use, else ours."""
    return _table().get((LOINC, name)) or _table()[OBSERVABLE, name]


def hl7(system: str, value: str, display: str = "") -> dict[str, Any]:
    """A CodeableConcept of one of HL7's own code systems (terminology.hl7.org, CC0)."""
    coding = {"system": HL7 + system, "code": value}
    return {"coding": [coding | {"display": display} if display else coding]}


def ours(system: str, value: str) -> dict[str, Any]:
    """A CodeableConcept of one of Concord's own structural code systems."""
    return {"coding": [{"system": CONCORD + system, "code": value}]}


@cache
def _table() -> dict[tuple[str, str], Code]:
    text = files(__package__).joinpath("codes.yaml").read_text(encoding="utf-8")
    table = {}
    for row in yaml.safe_load(text):
        system = row["system"] if "//" in row["system"] else CONCORD + row["system"]
        table[system, row["name"]] = Code(**{"unit": ""} | row | {"system": system})
    return table
