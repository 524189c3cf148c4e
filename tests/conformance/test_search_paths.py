"""Each path of the table reaches what HL7's own expression reaches, by an interpreter of FHIRPath that is not ours."""

import bz2
import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from fhirpathpy import compile as compile_fhirpath
from fhirpathpy.models import models

from concord.fhir import parse
from concord.fhir.parameters import TABLE, SearchParameter
from concord.fhir.paths import compiled, reach

PACKAGE = Path(__file__).resolve().parents[2] / "node_modules" / "hl7.fhir.r4.examples"
_OF_EACH_TYPE = 6
_LARGEST = 60_000  # bytes of an example; the interpreter is slow on larger ones
_SYNTHEA_PATIENTS = 2


@pytest.mark.skipif(not PACKAGE.is_dir(), reason="HL7's package hl7.fhir.r4.examples is not in node_modules")
def test_paths_reach_what_hl7_s_expressions_reach_in_hl7_s_examples() -> None:
    compared, reached = _compare(_examples())
    assert compared > 5_000
    assert len(reached) > 1_100


def test_paths_reach_what_the_expressions_reach_in_a_synthetic_record(shared_data: Path) -> None:
    """The expressions of the common types as HL7 writes them, for a checkout without HL7's package."""
    files = sorted((shared_data / "synthea").glob("[!0]*.json.bz2"))
    if not files:
        pytest.skip("the synthetic people are not beside this checkout (../shared/data/synthea)")
    resources = [r for file in files[:_SYNTHEA_PATIENTS] for r in _distinct(parse(bz2.decompress(file.read_bytes())))]
    for resource in resources:
        for name, expression in WRITTEN.get(resource["resourceType"], {}).items():
            ours = _ours(resource, TABLE.parameters[resource["resourceType"]][name])
            assert ours == _theirs(resource, expression), (resource["resourceType"], name)


WRITTEN = {
    "Patient": {
        "email": "Patient.telecom.where(system='email')",
        "deceased": "Patient.deceased.exists() and Patient.deceased != false",
        "death-date": "(Patient.deceased as dateTime)",
    },
    "Observation": {
        "code": "Observation.code",
        "date": "Observation.effective",
        "value-quantity": "(Observation.value as Quantity) | (Observation.value as SampledData)",
        "combo-code": "Observation.code | Observation.component.code",
        "component-value-quantity": "(Observation.component.value as Quantity)",
        "patient": "Observation.subject.where(resolve() is Patient)",
    },
    "Encounter": {"practitioner": "Encounter.participant.individual.where(resolve() is Practitioner)"},
    "Condition": {"onset-date": "Condition.onset.as(dateTime) | Condition.onset.as(Period)"},
    "MedicationRequest": {"code": "(MedicationRequest.medication as CodeableConcept)"},
}


def _examples() -> Iterator[dict[str, Any]]:
    taken: Counter[str] = Counter()
    for file in sorted(PACKAGE.glob("*.json")):
        if file.stat().st_size > _LARGEST:
            continue
        resource = parse(file.read_bytes())
        of = resource.get("resourceType", "")
        taken[of] += 1
        if of in TABLE.parameters and taken[of] <= _OF_EACH_TYPE:
            yield resource


def _distinct(bundle: dict[str, Any]) -> Iterator[dict[str, Any]]:
    taken: Counter[str] = Counter()
    for entry in bundle["entry"]:
        of = entry["resource"]["resourceType"]
        taken[of] += 1
        if taken[of] <= _OF_EACH_TYPE:
            yield entry["resource"]


def _compare(resources: Iterator[dict[str, Any]]) -> tuple[int, set[tuple[str, str]]]:
    compared, reached = 0, set()
    for resource in resources:
        of = resource["resourceType"]
        for name, parameter in TABLE.parameters[of].items():
            ours = _ours(resource, parameter)
            assert ours == _theirs(resource, _expressions()[of, name]), (of, resource.get("id"), name)
            compared += 1
            if ours:
                reached.add((of, name))
    return compared, reached


@cache
def _expressions() -> dict[tuple[str, str], str]:
    found = {}
    for file in PACKAGE.glob("SearchParameter-*.json"):
        parameter = parse(file.read_bytes())
        if "expression" in parameter and not file.name.startswith("SearchParameter-example"):
            for base in parameter.get("base", ()):
                found[base, parameter["code"]] = _of_base(parameter["expression"], base)
    found["InsurancePlan", "name"] = "InsurancePlan.name | InsurancePlan.alias"  # HL7 leaves the type out
    return found


def _of_base(expression: str, base: str) -> str:
    parts = [part.strip() for part in expression.split("|")]
    return " | ".join(part for part in parts if part == base or re.match(rf"\(?{base}\.", part))


def _ours(resource: dict[str, Any], parameter: SearchParameter) -> set[str]:
    values = [value for path in parameter.paths for value in reach(resource, compiled(path))]
    if parameter.whether:
        return {_said(any(value is not False for value in values))}
    return {_said(value) for value in values}


def _theirs(resource: dict[str, Any], expression: str) -> set[str]:
    """The interpreter resolves nothing and casts one value alone: a reference is told by its text, a cast by ofType."""
    text = re.sub(r"resolve\(\) is (\w+)", r"reference.contains('\1/') or type = '\1'", expression)
    text = re.sub(r"hasExtension\(('[^']+')\)", r"extension.where(url=\1).exists()", text)
    text = re.sub(r"\.extension\(('[^']+')\)", r".extension.where(url=\1).value", text)
    text = re.sub(r"\(([\w.]+) as (?!uri)(\w+)\)", r"\1.ofType(\2)", text)  # a canonical is a uri, but of no such type
    text = re.sub(r"\.as\((\w+)\)", r".ofType(\1)", text)
    return {_said(value) for value in _compiled(text)(json.loads(json.dumps(resource, default=str)))}


@cache
def _compiled(expression: str) -> Any:
    return compile_fhirpath(expression, models["r4"])


def _said(value: Any) -> str:
    """A decimal as text: the interpreter knows no digits, and is given none to lose."""
    if isinstance(value, Decimal):
        return json.dumps(str(value))
    return json.dumps(value, default=str, sort_keys=True)
