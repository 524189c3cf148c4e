"""HL7's own R4 examples and definitions: all of them keep R4's structure, but for those that do not."""

from pathlib import Path

import pytest

from concord.fhir import check, parse

PACKAGE = Path(__file__).resolve().parents[2] / "node_modules" / "hl7.fhir.r4.examples"

# Read by hand: each lacks an element whose minimum is 1, or has an id longer than 64 characters.
REFUSED = {
    "ImplementationGuide-fhir.json": {("ImplementationGuide.name", "cardinality")},
    "Questionnaire-qs1.json": {("Questionnaire.item[0].item[0].linkId", "cardinality")},
    "SearchParameter-codesystem-extensions-CodeSystem-author.json": {("SearchParameter.base", "cardinality")},
    "SearchParameter-codesystem-extensions-CodeSystem-effective.json": {("SearchParameter.base", "cardinality")},
    "SearchParameter-codesystem-extensions-CodeSystem-end.json": {("SearchParameter.base", "cardinality")},
    "SearchParameter-codesystem-extensions-CodeSystem-keyword.json": {("SearchParameter.base", "cardinality")},
    "SearchParameter-codesystem-extensions-CodeSystem-workflow.json": {("SearchParameter.base", "cardinality")},
    "SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json": {
        ("SearchParameter.id", "format")
    },
    "SearchParameter-valueset-extensions-ValueSet-author.json": {("SearchParameter.base", "cardinality")},
    "SearchParameter-valueset-extensions-ValueSet-effective.json": {("SearchParameter.base", "cardinality")},
    "SearchParameter-valueset-extensions-ValueSet-end.json": {("SearchParameter.base", "cardinality")},
    "SearchParameter-valueset-extensions-ValueSet-keyword.json": {("SearchParameter.base", "cardinality")},
    "SearchParameter-valueset-extensions-ValueSet-workflow.json": {("SearchParameter.base", "cardinality")},
    "ig-r4.json": {("ImplementationGuide.name", "cardinality")},
}


@pytest.mark.skipif(not PACKAGE.is_dir(), reason="HL7's package hl7.fhir.r4.examples is not in node_modules")
def test_only_the_listed_files_are_refused() -> None:
    refused = {}
    files = [f for f in sorted(PACKAGE.glob("*.json")) if f.name not in ("package.json", ".index.json")]
    for file in files:
        if breaches := check(parse(file.read_bytes())):
            refused[file.name] = {(breach.path, breach.rule) for breach in breaches[:1]}
    assert len(files) > 5_000
    assert refused == REFUSED
