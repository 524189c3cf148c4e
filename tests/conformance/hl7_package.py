"""HL7's package `hl7.fhir.r4.examples`, which set-up fetches into node_modules for the tests."""

import functools
import json
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "node_modules" / "hl7.fhir.r4.examples"
# What R4 is defined in; everything else in the package is an example of what R4 defines.
DEFINING = {
    "CodeSystem", "CompartmentDefinition", "ConceptMap", "ImplementationGuide", "OperationDefinition",
    "SearchParameter", "StructureDefinition", "TerminologyCapabilities", "ValueSet",
}  # fmt: skip
with_package = pytest.mark.skipif(
    not PACKAGE.is_dir(), reason="HL7's package is not in node_modules: scripts/setup_environment.py develop fetches it"
)


@functools.cache
def definitions_and_examples() -> tuple[list[Path], list[Path]]:
    files: tuple[list[Path], list[Path]] = ([], [])
    for file in sorted(PACKAGE.glob("*.json")):
        if file.name not in ("package.json", ".index.json"):
            type_ = json.loads(file.read_bytes())["resourceType"]
            files[type_ not in DEFINING].append(file)
    return files
