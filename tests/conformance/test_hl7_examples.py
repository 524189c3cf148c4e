"""HL7's own R4 examples and definitions: all of them keep R4, but for those that do not, and come back equal.

hl7_refusals.csv lists the examples that are refused, with path, rule, and the sentence of the specification.
"""

import csv
import json
from pathlib import Path
from typing import Any

from concord.fhir import check, encode, parse
from tests.conformance.hl7_package import definitions_and_examples, with_package

REFUSALS = Path(__file__).with_name("hl7_refusals.csv")
REFUSED_DEFINITIONS = {
    "ImplementationGuide-fhir.json": ("ImplementationGuide.name", "cardinality"),
    "ig-r4.json": ("ImplementationGuide.name", "cardinality"),
    "SearchParameter-questionnaireresponse-extensions-QuestionnaireResponse-item-subject.json": (
        "SearchParameter.id",
        "format",  # longer than 64 characters
    ),
    **{
        f"SearchParameter-{of.lower()}-extensions-{of}-{name}.json": ("SearchParameter.base", "cardinality")
        for of in ("CodeSystem", "ValueSet")
        for name in ("author", "effective", "end", "keyword", "workflow")
    },
}


class Number(str):
    """A number of a JSON text as it is written there: 1.10 is not 1.1."""

    __slots__ = ()


def as_written(text: bytes) -> Any:
    return json.loads(text, parse_float=Number, parse_int=Number)


def listed() -> list[tuple[str, str, str]]:
    with REFUSALS.open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["path"], row["rule"]) for row in csv.DictReader(file)]


def refused(files: list[Path]) -> list[tuple[str, str, str]]:
    """The first breach of each file that has any."""
    first = ((file.name, check(parse(file.read_bytes()))[:1]) for file in files)
    return [(name, breach.path, breach.rule) for name, breaches in first for breach in breaches]


@with_package
def test_of_the_examples_the_listed_are_refused_and_no_other() -> None:
    _, examples = definitions_and_examples()
    assert len(examples) == 736
    assert refused(examples) == listed()
    assert len(listed()) <= 10


@with_package
def test_of_the_definitions_the_listed_are_refused_and_no_other() -> None:
    definitions, _ = definitions_and_examples()
    assert len(definitions) > 4_500
    assert {name: (path, rule) for name, path, rule in refused(definitions)} == REFUSED_DEFINITIONS


@with_package
def test_reading_and_writing_keeps_every_example_to_the_digit() -> None:
    _, examples = definitions_and_examples()
    numbers = 0
    for file in examples:
        sent = as_written(file.read_bytes())
        assert as_written(encode(parse(file.read_bytes()))) == sent, file.name
        numbers += sum(isinstance(value, Number) and "." in value for value in every_value(sent))
    assert numbers > 800, "nothing was compared that could lose a digit"


def every_value(node: Any) -> Any:
    if isinstance(node, dict | list):
        for each in node.values() if isinstance(node, dict) else node:
            yield from every_value(each)
    else:
        yield node
