"""The compiled table is HL7's, and is current."""

import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from concord.fhir.definitions import DEFINITIONS, modifiers, resource_shape, summary
from concord.fhir.primitives import EXPECTED, PATTERNS, TESTS, TEXTS

CHECKOUT = Path(__file__).resolve().parents[3]
PACKAGE = CHECKOUT / "node_modules" / "hl7.fhir.r4.examples"
TABLE = CHECKOUT / "src" / "concord" / "fhir" / "definitions.json"
with_package = pytest.mark.skipif(
    not PACKAGE.is_dir(), reason="HL7's package hl7.fhir.r4.examples is not in node_modules"
)


@pytest.fixture(scope="module")
def compiler() -> ModuleType:
    spec = importlib.util.spec_from_file_location("compiler", CHECKOUT / "scripts" / "compile_fhir_definitions.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@with_package
def test_the_table_is_what_the_script_makes_of_the_package(compiler: ModuleType) -> None:
    table, left_out = compiler.compile_definitions(PACKAGE)
    assert compiler.render(table) == TABLE.read_text("utf-8")
    assert len(left_out) <= 30


@with_package
def test_the_invariants_are_what_the_script_makes_of_the_package(compiler: ModuleType) -> None:
    written = TABLE.with_name("invariants.json").read_text("utf-8")
    assert compiler.render(compiler.compile_invariants(PACKAGE)) == written


@with_package
def test_our_patterns_refuse_what_the_specification_s_patterns_refuse() -> None:
    """On what a slip would look like; where ours are stricter it is by the specification's prose."""
    samples = ["", " ", "a", "A b", " a", "a ", "a  b", "1", "-1", "0", "01", "1.0", "2020", "2020-1", "2020-13"]
    samples += ["2020-02-30", "2021-02-29", "2020-02-29", "0000", "2020-01-01T10:00", "2020-01-01T10:00:00"]
    samples += [
        "2020-01-01T10:00:00Z",
        "2020-01-01T24:00:00Z",
        "2020-01-01T10:00:60.5+14:00",
        "2020-01-01T10:00:00+15:00",
    ]
    samples += ["10:00:00", "10:00", "urn:oid:1.2.3", "urn:oid:1.02", "urn:uuid:c757873d-ec9a-4326-a141-556f43239520"]
    samples += ["http://a/b?c|d", "http://a b", "x" * 65]
    for name, ours in PATTERNS.items():
        structure = json.loads((PACKAGE / f"StructureDefinition-{name}.json").read_text("utf-8"))
        value = next(e for e in structure["snapshot"]["element"] if e["path"] == f"{name}.value")
        theirs = next(x["valueString"] for x in value["type"][0]["extension"] if x["url"].endswith("/regex"))
        for sample in samples:
            if re.fullmatch(ours, sample):
                assert re.fullmatch(theirs, sample), (name, sample)
            elif re.fullmatch(theirs, sample):
                stricter = {"2020-02-30", "2021-02-29"} if name in ("date", "dateTime") else {""}
                assert sample in stricter, (name, sample)


def test_every_primitive_type_has_its_rule() -> None:
    told = {*PATTERNS, *TEXTS, *TESTS}
    assert told == set(DEFINITIONS.primitives) == set(EXPECTED)


def test_the_table_covers_r4() -> None:
    assert DEFINITIONS.fhir == "4.0.1"
    assert len([name for name in DEFINITIONS.resources if resource_shape(name)]) == 146
    assert resource_shape("DomainResource") is None
    assert TABLE.stat().st_size < 1_500_000


def test_every_binding_of_the_table_has_its_codes_and_every_target_is_a_type() -> None:
    bound = {url for elements in DEFINITIONS.bindings.values() for url in elements.values()}
    assert bound == set(DEFINITIONS.value_sets)
    assert all(codes for systems in DEFINITIONS.value_sets.values() for codes in systems.values())
    targets = {type_ for elements in DEFINITIONS.targets.values() for types in elements.values() for type_ in types}
    assert targets <= DEFINITIONS.resources


def test_what_stands_in_a_summary_and_what_modifies_is_known() -> None:
    assert {"status", "code", "subject", "valueQuantity"} & summary()["Observation"] == {"status", "code", "subject"}
    assert "value[x]" in summary()["Observation"]
    assert "note" not in summary()["Observation"]
    assert modifiers()["Patient"] == {"active", "deceased[x]", "link"}
