"""What an OperationOutcome calls the place that a message names as JSON and profiles do."""

import pytest

from concord.fhir import Issue, report, within


def issue(path: str) -> Issue:
    return Issue(severity="error", path=path, rule="format", message="a sentence")


@pytest.mark.parametrize(
    ("path", "expression"),
    [
        ("Patient", "Patient"),
        ("Patient.name[0].given[1]", "Patient.name[0].given[1]"),
        ("Patient.identifier:number", "Patient.identifier"),
        ("Observation.value[x]", "Observation.value"),
        ("Observation.valueQuantity.unit", "Observation.value.unit"),
        ("Observation.component[2].valueQuantity.value", "Observation.component[2].value.value"),
        ("Patient._birthDate.extension[0].url", "Patient.birthDate.extension[0].url"),
        ("Patient.text.div", "Patient.text.`div`"),
        ("Patient.?", "Patient"),
        ("Patient.contact[0].?", "Patient.contact[0]"),
        ("Patient.colour", "Patient.colour"),
        ("Bundle.entry[3].resource.name[0]", "Bundle.entry[3].resource.name[0]"),
    ],
)
def test_a_place_is_told_as_fhirpath(path: str, expression: str) -> None:
    (told,) = report([issue(path)])["issue"]
    assert told["expression"] == [expression]
    assert told["diagnostics"].startswith(f"{path}: ")


def test_of_what_stands_in_a_bundle_the_type_is_known_where_it_was_looked_at() -> None:
    (told,) = report([within(issue("Observation.valueQuantity"), "Bundle.entry[1].resource")])["issue"]
    assert told["expression"] == ["Bundle.entry[1].resource.value"]
    assert told["diagnostics"].startswith("Bundle.entry[1].resource.valueQuantity: ")
