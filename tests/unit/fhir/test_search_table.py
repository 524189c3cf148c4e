"""The table of search parameters is HL7's, and is current."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from concord.fhir import parse_search
from concord.fhir.definitions import DEFINITIONS
from concord.fhir.parameters import ANY_TYPE, TABLE
from concord.fhir.paths import compiled

CHECKOUT = Path(__file__).resolve().parents[3]
PACKAGE = CHECKOUT / "node_modules" / "hl7.fhir.r4.examples"
FILE = CHECKOUT / "src" / "concord" / "fhir" / "search_parameters.json"
PARAMETERS = [(of, name, each) for of, known in TABLE.parameters.items() for name, each in known.items()]


@pytest.fixture(scope="module")
def compiler() -> ModuleType:
    script = CHECKOUT / "scripts" / "compile_search_parameters.py"
    spec = importlib.util.spec_from_file_location("compile_search_parameters", script)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.skipif(not PACKAGE.is_dir(), reason="HL7's package hl7.fhir.r4.examples is not in node_modules")
def test_the_table_is_what_the_script_makes_of_the_package(compiler: ModuleType) -> None:
    table, left_out = compiler.compile_search_parameters(PACKAGE)
    assert compiler.render(table) == FILE.read_text("utf-8")
    assert left_out == []


def test_the_table_covers_r4() -> None:
    assert TABLE.fhir == DEFINITIONS.fhir
    assert set(TABLE.parameters) == DEFINITIONS.resources
    assert len(PARAMETERS) == 1706
    assert set(TABLE.compartments) == {"Patient", "Encounter", "Practitioner", "RelatedPerson", "Device"}


def test_every_path_of_the_table_can_be_followed() -> None:
    for of, name, parameter in PARAMETERS:
        for each in (parameter, *parameter.components):
            assert each.paths, (of, name)
            for path in each.paths:
                read = compiled(path)
                assert read.type
                assert read.steps or parameter.type == "composite", (of, name, path)


def test_every_reference_says_what_it_may_point_to() -> None:
    for of, name, parameter in PARAMETERS:
        assert bool(parameter.targets) == (parameter.type == "reference"), (of, name)
        assert all(target == ANY_TYPE or target in DEFINITIONS.resources for target in parameter.targets), (of, name)


def test_every_parameter_of_a_compartment_is_a_reference() -> None:
    for owner, of in TABLE.compartments.items():
        for type_, parameters in of.items():
            for name in parameters:
                known = TABLE.parameters[type_][name]
                assert known.type == "reference", (owner, type_, name)
                assert owner in known.targets or ANY_TYPE in known.targets, (owner, type_, name)


def test_an_example_of_a_parameter_is_no_parameter() -> None:
    """HL7's package holds an example whose `subject` of Condition points to organisations alone."""
    (criterion,) = parse_search("Condition", [("subject", "a")]).criteria
    assert criterion.values[0].type is None
