"""Compile HL7's definition of FHIR R4 into the tables that `concord.fhir` reads.

    python scripts/compile_fhir_definitions.py PACKAGE [FOLDER]

PACKAGE is the unpacked npm package `hl7.fhir.r4.examples` 4.0.1 (CC0-1.0); FOLDER is by default
src/concord/fhir, whose README explains the notation of definitions.json and invariants.json. Required bindings to
value sets whose codes HL7's package does not hold (currencies, MIME types, UCUM, LOINC) are left out and listed.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "src" / "concord" / "fhir"
# The one pass over a resource sees to these: elements and extensions with something in them, narratives that only
# format, nothing contained in what is contained.
SEEN_TO = {"ele-1", "ext-1", "txt-1", "txt-2", "dom-2"}
CARDINALITIES = {("0", "1"): "", ("0", "*"): "*", ("1", "1"): "!", ("1", "*"): "+"}
FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
# Modifiers wherever they stand, so that the table need not say it of each type.
MODIFIERS = {"implicitRules", "modifierExtension"}

Json = dict[str, Any]
Elements = dict[str, dict[str, str]]


def compile_definitions(package: Path) -> tuple[Json, list[str]]:
    """The table, and the bindings that it cannot say ("Type.name: URL")."""
    structures = {s["type"]: s for s in _read(package, "StructureDefinition") if _is_type(s)}
    elements: Elements = {}
    told: dict[str, Json] = {"targets": {}, "bindings": {}, "summary": {}, "modifiers": {}}
    for structure in structures.values():
        if structure["kind"] != "primitive-type":
            elements.update(_elements(structure))
            _tell(structure, told)
    resources = sorted(n for n, s in structures.items() if s["kind"] == "resource" and not s["abstract"])
    left_out: list[str] = []
    value_sets = _value_sets(package, told["bindings"], left_out)
    table = {
        "fhir": json.loads((package / "package.json").read_text("utf-8"))["version"],
        "primitives": sorted(n for n, s in structures.items() if s["kind"] == "primitive-type"),
        "resources": resources,
        "elements": dict(sorted(elements.items())),
        "targets": dict(sorted(told["targets"].items())),
        "bindings": dict(sorted(told["bindings"].items())),
        "value_sets": value_sets,
        "summary": dict(sorted(told["summary"].items())),
        "modifiers": dict(sorted(told["modifiers"].items())),
    }
    return table, sorted(left_out)


def _read(package: Path, kind: str) -> Iterator[Json]:
    for path in sorted(package.glob(f"{kind}-*.json")):
        yield json.loads(path.read_text("utf-8"))


def _is_type(structure: Json) -> bool:
    return structure["kind"] != "logical" and structure.get("derivation") != "constraint"


def _elements(structure: Json) -> Elements:
    """The elements of a type and of each element that has elements of its own, by path."""
    snapshot = structure["snapshot"]["element"]
    parents = {e["path"].rpartition(".")[0] for e in snapshot}
    shapes: Elements = {path: {} for path in sorted(parents) if path}
    for element in snapshot[1:]:
        parent, _, name = element["path"].rpartition(".")
        of = element["path"] if element["path"] in parents else _types(structure, element)
        shapes[parent][name] = of + CARDINALITIES[str(element["min"]), element["max"]]
    return shapes


def _types(structure: Json, element: Json) -> str:
    if "contentReference" in element:
        return str(element["contentReference"]).removeprefix("#")
    if element["path"] == f"{structure['type']}.id" and structure["kind"] == "resource":
        return "@id"  # declared as System.String; http://hl7.org/fhir/R4/resource.html#id says id
    return "|".join(_type(choice) for choice in element["type"])


def _type(choice: Json) -> str:
    """`@` marks what JSON holds as a bare value, without an `_element` beside it for id and extensions."""
    for extension in choice.get("extension", ()):
        if extension["url"] == FHIR_TYPE:
            return f"@{extension['valueUrl']}"
    return "@xhtml" if choice["code"] == "xhtml" else str(choice["code"])


def compile_invariants(package: Path) -> Json:
    """The invariants of R4, and where each holds; without those that every write is checked for."""
    invariants: Json = {}
    where: Json = {}
    for structure in _read(package, "StructureDefinition"):
        if not _is_type(structure) or structure["kind"] == "primitive-type":
            continue
        for element in structure["snapshot"]["element"]:
            for constraint in element.get("constraint", ()):
                key = constraint["key"]
                if key not in SEEN_TO and "expression" in constraint:
                    said = [constraint["severity"], constraint["human"], constraint["expression"]]
                    name = key if invariants.setdefault(key, said) == said else f"{key} of {structure['type']}"
                    invariants.setdefault(name, said)
                    where.setdefault(element["path"], []).append(name)
    return {"invariants": dict(sorted(invariants.items())), "where": dict(sorted(where.items()))}


def _tell(structure: Json, told: dict[str, Json]) -> None:
    """Note what is said of elements beyond type and cardinality: targets, required bindings, summary, modifiers."""
    for element in structure["snapshot"]["element"][1:]:
        parent, _, name = element["path"].rpartition(".")
        targets = sorted({_named(t) for choice in element.get("type", ()) for t in choice.get("targetProfile", ())})
        if targets and targets != ["Resource"]:
            told["targets"].setdefault(parent, {})[name] = targets
        binding = element.get("binding", {})
        if binding.get("strength") == "required":
            told["bindings"].setdefault(parent, {})[name] = binding["valueSet"].partition("|")[0]
        if element.get("isSummary"):
            told["summary"].setdefault(parent, []).append(name)
        if element.get("isModifier") and name not in MODIFIERS:
            told["modifiers"].setdefault(parent, []).append(name)


def _named(profile: str) -> str:
    return profile.removeprefix("http://hl7.org/fhir/StructureDefinition/")


def _value_sets(package: Path, bindings: Json, left_out: list[str]) -> Json:
    """The codes of each value set of a required binding, by code system. Bindings to others are taken out and told."""
    defined = {v["url"]: v for v in _read(package, "ValueSet")}
    systems = {s["url"]: s for s in _read(package, "CodeSystem")}
    found: Json = {}
    for path, bound in list(bindings.items()):
        for name, url in list(bound.items()):
            if url not in found and (codes := _codes(defined.get(url), systems)):
                found[url] = codes
            if url not in found:
                left_out.append(f"{path}.{name}: {url}")
                del bound[name]
        if not bound:
            del bindings[path]
    return dict(sorted(found.items()))


def _codes(value_set: Json | None, systems: Json) -> Json:
    """{system: codes}; {} when the package cannot tell them all."""
    compose = value_set["compose"] if value_set else {"include": [{}]}
    codes: Json = {}
    for part in compose["include"]:
        listed = part.get("concept") or systems.get(part.get("system"), {}).get("concept")
        if not listed or "filter" in part or "valueSet" in part or "exclude" in compose:
            return {}
        codes.setdefault(part["system"], []).extend(_concepts(listed))
    return codes


def _concepts(listed: list[Json]) -> Iterator[str]:
    for concept in listed:
        yield concept["code"]
        yield from _concepts(concept.get("concept", []))


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    package = Path(sys.argv[1])
    folder = Path(sys.argv[2]) if len(sys.argv) == 3 else FOLDER
    table, left_out = compile_definitions(package)
    for name, made in (("definitions.json", table), ("invariants.json", compile_invariants(package))):
        target = folder / name
        target.write_text(render(made), "utf-8")
        print(f"{target}: {target.stat().st_size:,} bytes")
    print("left out:", *left_out, sep="\n  ")


def render(table: Json) -> str:
    """One line a type, so that a change can be read as a difference."""
    parts = []
    for key, value in table.items():
        if isinstance(value, dict):
            rows = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v, separators=(',', ':'))}" for k, v in value.items())
            parts.append(f"{json.dumps(key)}: {{\n{rows}\n}}")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


if __name__ == "__main__":
    main()
