"""Compile HL7's definition of FHIR R4 into the tables that `concord.fhir` reads.

    python scripts/compile_fhir_definitions.py PACKAGE [FOLDER]

PACKAGE is the unpacked npm package `hl7.fhir.r4.examples` 4.0.1 (CC0-1.0); FOLDER is by default
src/concord/fhir, whose README explains the notation of definitions.json and invariants.json. Expressions of search
parameters outside the small language of paths (extensions, indexes, boolean logic) are left out and listed, and so
are required bindings to value sets whose codes HL7's package does not hold (currencies, MIME types, UCUM, LOINC).
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent / "src" / "concord" / "fhir"
# The one pass over a resource sees to these: elements and extensions with something in them, narratives that only
# format, nothing contained in what is contained.
SEEN_TO = {"ele-1", "ext-1", "txt-1", "txt-2", "dom-2"}
SEARCHABLE = {"token", "string", "reference", "date"}
CARDINALITIES = {("0", "1"): "", ("0", "*"): "*", ("1", "1"): "!", ("1", "*"): "+"}
FHIR_TYPE = "http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type"
# The five Ws (http://hl7.org/fhir/R4/fivews.html) that say when a thing happened, the most telling first.
FIVE_WS = ("FiveWs.init", "FiveWs.planned", "FiveWs.done[x]", "FiveWs.recorded")
# Where R4 names no five Ws, or its `date` parameter speaks of each dose instead of the prescription.
TOLD_TIMES = {
    "MedicationDispense": ["whenHandedOver:dateTime", "whenPrepared:dateTime"],
    "MedicationRequest": ["authoredOn:dateTime"],
}
# Modifiers wherever they stand, so that the table need not say it of each type.
MODIFIERS = {"implicitRules", "modifierExtension"}
COMPARTMENTS = ("Patient", "Encounter", "RelatedPerson", "Practitioner", "Device")
TIMES = {"date", "dateTime", "instant", "Period", "Timing"}

Json = dict[str, Any]
Elements = dict[str, dict[str, str]]


def compile_definitions(package: Path) -> tuple[Json, list[str]]:
    """The table, and what it cannot say: search parameters ("Type.code: expression"), bindings ("Type.name: URL")."""
    structures = {s["type"]: s for s in _read(package, "StructureDefinition") if _is_type(s)}
    elements: Elements = {}
    told: dict[str, Json] = {"targets": {}, "bindings": {}, "summary": {}, "modifiers": {}}
    for structure in structures.values():
        if structure["kind"] != "primitive-type":
            elements.update(_elements(structure))
            _tell(structure, told)
    resources = sorted(n for n, s in structures.items() if s["kind"] == "resource" and not s["abstract"])
    left_out: list[str] = []
    search = _search_parameters(package, resources, elements, left_out)
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
        "compartments": {name: _compartment(package, name) for name in COMPARTMENTS},
        "search": search,
        "times": {name: times for name in resources if (times := _times(structures[name], elements, search[name]))},
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


def _compartment(package: Path, name: str) -> Json:
    definition = json.loads((package / f"CompartmentDefinition-{name[0].lower()}{name[1:]}.json").read_text("utf-8"))
    return {row["code"]: row["param"] for row in definition["resource"] if "param" in row}


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


def _search_parameters(package: Path, resources: list[str], elements: Elements, left_out: list[str]) -> Json:
    search: Json = {name: {} for name in resources}
    for parameter in _read(package, "SearchParameter"):
        code, expression = parameter["code"], parameter.get("expression", "")
        if parameter["type"] not in SEARCHABLE or not expression or code.startswith("_"):
            continue
        if code == "phonetic":
            continue  # what sounds alike is for matching people, which `identity` does
        name = parameter["url"].removeprefix("http://hl7.org/fhir/SearchParameter/")
        if name.startswith(("http", "example")):
            continue  # examples of parameters, not parameters of R4
        for base in parameter.get("base", ()):
            if base not in search:
                continue
            paths = [p for part in _alternatives(expression, base) for p in _paths(part, base, elements)]
            if not paths:
                left_out.append(f"{base}.{code}: {expression}")
                continue
            targets = parameter.get("target", [])
            row = {"type": parameter["type"], "paths": paths}
            search[base][code] = row | ({"target": targets[0]} if len(targets) == 1 else {})
    return {name: dict(sorted(rows.items())) for name, rows in search.items()}


def _alternatives(expression: str, base: str) -> Iterator[str]:
    """The parts of a union that speak of `base`, as `Base.path...`."""
    for part in (text.strip() for text in expression.split("|")):
        if re.match(rf"\(?{base}\.", part):
            yield part


STEP = re.compile(
    r"\.(?P<name>[a-z]\w*)(?!\w*\()"
    r"|\.where\(resolve\(\) is (?P<target>\w+)\)"
    r"|\.where\((?P<key>\w+)='(?P<value>[\w-]+)'\)"
    r"|\.(?:as|ofType)\((?P<narrow>\w+)\)"
)


def _paths(expression: str, base: str, elements: Elements) -> list[str]:
    """An expression as paths through JSON, each ending in the type of what it reaches; [] if it cannot be said.

    A filter follows its step in brackets: `[Patient]` keeps references to that type, `[system=email]` the
    elements with that value.
    """
    cast = re.fullmatch(rf"\(({base}\.[\w.]+) as (\w+)\)(.*)", expression)
    if cast:
        expression = f"{cast[1]}.ofType({cast[2]}){cast[3]}"
    steps, position = [], len(base)
    while position < len(expression):
        step = STEP.match(expression, position)
        if step is None:
            return []
        steps.append(step)
        position = step.end()
    return _walk(base, steps, "", elements)


def _walk(here: str, steps: list[re.Match[str]], path: str, elements: Elements) -> list[str]:
    if not steps:
        return [f"{path}:{here.removeprefix('@')}"]
    step, rest = steps[0], steps[1:]
    if step["target"]:
        return _walk(here, rest, f"{path}[{step['target']}]", elements)
    if step["key"]:
        return _walk(here, rest, f"{path}[{step['key']}={step['value']}]", elements)
    narrow = step["narrow"]
    if narrow:  # of something that is not a choice: as it stands
        return _walk(here, rest, path, elements) if here == narrow else []
    shape, name, dot = elements.get(here, {}), step["name"], "." if path else ""
    if name in shape:
        return _walk(_bare(shape[name]), rest, f"{path}{dot}{name}", elements)
    found: list[str] = []
    wanted = rest[0]["narrow"] if rest and rest[0]["narrow"] else None
    for choice in _bare(shape.get(f"{name}[x]", "")).split("|"):
        if choice and (wanted is None or choice == wanted):
            onward = rest[1:] if wanted else rest
            found += _walk(choice, onward, f"{path}{dot}{name}{choice[0].upper()}{choice[1:]}", elements)
    return found


def _bare(notation: str) -> str:
    return notation.rstrip("*+!")


def _times(structure: Json, elements: Elements, search: Json) -> list[str]:
    """Paths to when it happened: the `date` parameter's first, then the elements that the five Ws name."""
    base = structure["type"]
    if base in TOLD_TIMES:
        return TOLD_TIMES[base]
    ranked = list(search["date"]["paths"]) if "date" in search else []
    for w in FIVE_WS:
        for element in structure["snapshot"]["element"]:
            if any(m["identity"] == "w5" and m["map"] == w for m in element.get("mapping", ())):
                ranked += _paths(element["path"].removesuffix("[x]"), base, elements)
    return list(dict.fromkeys(p for p in ranked if p.rpartition(":")[2] in TIMES))


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
