"""Compile HL7's search parameters of FHIR R4 into the one table that `concord.fhir` searches by.

    python scripts/compile_search_parameters.py PACKAGE [TABLE]

PACKAGE is the unpacked npm package `hl7.fhir.r4.examples` 4.0.1 (CC0-1.0); TABLE is by default
src/concord/fhir/search_parameters.json, whose notation src/concord/fhir/README.md explains. What is left out is listed.
"""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

TABLE = Path(__file__).parent.parent / "src" / "concord" / "fhir" / "search_parameters.json"
COMPARTMENTS = ("patient", "encounter", "practitioner", "relatedPerson", "device")
# The five Ws (http://hl7.org/fhir/R4/fivews.html) that say when a thing happened, the most telling first.
FIVE_WS = ("FiveWs.init", "FiveWs.planned", "FiveWs.done[x]", "FiveWs.recorded")
# Where R4 names no five Ws, or its `date` parameter speaks of each dose instead of the prescription.
TOLD_TIMES = {
    "MedicationDispense": ["whenHandedOver:dateTime", "whenPrepared:dateTime"],
    "MedicationRequest": ["authoredOn:dateTime"],
}
TIMES = {"date", "dateTime", "instant", "Period", "Timing"}
# The one expression with logic in it: true when there is anything but false.
WHETHER = {"Patient.deceased.exists() and Patient.deceased != false": "Patient.deceased"}
# Written without the type that they speak of (InsurancePlan.name, the components of composites aside).
UNTYPED = {"name | alias": "InsurancePlan.name | InsurancePlan.alias"}
SPECIAL_KINDS = {"uri": "canonical"}  # a canonical is a uri, where one is asked for
ANY = ["*"]
MOST_TARGETS = 100  # a parameter that lists more means any
# What of an extension's value[x] a parameter can mean, by its type.
EXTENSION_VALUES = {
    "string": {"string"},
    "token": {"CodeableConcept", "Coding", "Identifier", "code"},
    "reference": {"Reference"},
}

Json = dict[str, Any]


class Reached(NamedTuple):
    """A path in the table's notation, the type of what it reaches, and what that refers to."""

    path: str
    type: str
    targets: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"{self.path}:{self.type}"


class Structures:
    """R4's types, by the paths of their elements."""

    def __init__(self, package: Path) -> None:
        self.types = {s["type"]: s for s in _read(package, "StructureDefinition") if _is_type(s)}
        self.resources = sorted(n for n, s in self.types.items() if s["kind"] == "resource" and not s["abstract"])
        self._elements = {e["path"]: e for s in self.types.values() for e in s["snapshot"]["element"]}
        self._parents = {path.rpartition(".")[0] for path in self._elements}

    def step(self, here: str, name: str) -> Iterator[Reached]:
        """What stands under a name in the type or element `here`: one, or each type of a choice."""
        element = self._elements.get(f"{here}.{name}")
        if element is not None:
            if element["path"] in self._parents:
                yield Reached(name, element["path"])
            elif "contentReference" in element:
                yield Reached(name, element["contentReference"].removeprefix("#"))
            elif name == "id":
                yield Reached(name, "id")  # declared as System.String
            else:
                yield Reached(name, element["type"][0]["code"], _targets(element["type"][0]))
            return
        for choice in self._elements.get(f"{here}.{name}[x]", {}).get("type", ()):
            code = choice["code"]
            yield Reached(name + code[0].upper() + code[1:], code, _targets(choice))


def compile_search_parameters(package: Path) -> tuple[Json, list[str]]:
    """The table, and the search parameters that it cannot hold ("Type.code: expression")."""
    structures = Structures(package)
    left_out: list[str] = []
    parameters = {p["url"]: p for p in _read(package, "SearchParameter") if _is_parameter(p)}
    rows: Json = {name: {} for name in structures.resources}
    for parameter in parameters.values():
        for base in parameter["base"]:
            if base not in rows:
                continue
            row = _row(parameter, base, structures, parameters)
            if row is None:
                left_out.append(f"{base}.{parameter['code']}: {parameter['expression']}")
            else:
                rows[base][parameter["code"]] = row
    table = {
        "fhir": json.loads((package / "package.json").read_text("utf-8"))["version"],
        "parameters": {name: dict(sorted(of.items())) for name, of in rows.items()},
        "compartments": {name[0].upper() + name[1:]: _compartment(package, name) for name in COMPARTMENTS},
        "times": {name: times for name in structures.resources if (times := _times(name, structures, rows[name]))},
    }
    return table, sorted(left_out)


def _read(package: Path, kind: str) -> Iterator[Json]:
    for path in sorted(package.glob(f"{kind}-*.json")):
        yield json.loads(path.read_text("utf-8"))


def _is_type(structure: Json) -> bool:
    return structure["kind"] != "logical" and structure.get("derivation") != "constraint"


def _is_parameter(parameter: Json) -> bool:
    """Not the examples of parameters, nor those of every type, nor the ten that say of no type that it is theirs."""
    name = parameter["url"].removeprefix("http://hl7.org/fhir/SearchParameter/")
    of_r4 = not name.startswith(("http", "example")) and "base" in parameter and "expression" in parameter
    return of_r4 and not parameter["code"].startswith("_")


def _targets(choice: Json) -> tuple[str, ...]:
    return tuple(sorted(profile.rpartition("/")[2] for profile in choice.get("targetProfile", ())))


def _row(parameter: Json, base: str, structures: Structures, parameters: dict[str, Json]) -> Json | None:
    written = str(parameter["expression"])
    expression = UNTYPED.get(written, written)
    whether = WHETHER.get(expression)
    parts = _alternatives(whether or expression, base)
    kind = parameter["type"]
    reached = [each for part in parts for each in _paths(part, base, structures) if _fits(each, kind)]
    if not reached:
        return None
    row: Json = {"type": kind, "paths": list(dict.fromkeys(map(str, reached)))}
    if whether:
        row["whether"] = True
    if kind == "reference":
        row["targets"] = _all_targets(reached, parameter.get("target", []))
    if kind == "composite":
        row["components"] = [
            _component(component, reached, structures, parameters) for component in parameter["component"]
        ]
    return row


def _fits(reached: Reached, kind: str) -> bool:
    return "extension[url=" not in reached.path or reached.type in EXTENSION_VALUES[kind]


def _all_targets(reached: list[Reached], declared: list[str]) -> list[str]:
    """What the elements may refer to; where they may refer to anything, what the parameter says."""
    found = {target for each in reached for target in each.targets}
    found |= {"Resource"} if any(each.type == "Resource" or not each.targets for each in reached) else set()
    targets = sorted(declared) if "Resource" in found else sorted(found)
    return targets if 0 < len(targets) < MOST_TARGETS else ANY


def _component(component: Json, bases: list[Reached], structures: Structures, parameters: dict[str, Json]) -> Json:
    paths = []
    for part in component["expression"].split("|"):
        text = part.strip().replace("DateTime", "dateTime")
        for base in bases:
            if text.startswith("%resource."):
                root = base.type.partition(".")[0]
                paths += [f"^{each}" for each in _paths(text.replace("%resource", root), root, structures)]
            else:
                paths += [str(each) for each in _paths(f"{base.type}.{text}", base.type, structures)]
    of = parameters[component["definition"]]
    row = {"type": of["type"], "paths": list(dict.fromkeys(paths))}
    return row | ({"targets": sorted(of.get("target", [])) or ANY} if of["type"] == "reference" else {})


def _alternatives(expression: str, base: str) -> Iterator[str]:
    """The parts of a union that speak of `base`: `Base`, or `Base.path...`."""
    for part in (text.strip() for text in expression.split("|")):
        if part == base or re.match(rf"\(?{base}\.", part):
            yield part


STEP = re.compile(
    r"\.(?P<name>[a-z]\w*)(?!\w*\()"
    r"|\.where\(resolve\(\) is (?P<target>\w+)\)"
    r"|\.where\((?P<key>\w+)='(?P<value>[\w-]+)'\)"
    r"|\.where\(hasExtension\('(?P<has>[^']+)'\)\)"
    r"|\.extension\('(?P<extension>[^']+)'\)"
    r"|\[(?P<index>0)\]"
    r"|\.(?:as|ofType)\((?P<narrow>\w+)\)"
)


def _paths(expression: str, base: str, structures: Structures) -> list[Reached]:
    """An expression as paths through JSON; [] if the notation cannot say it."""
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
    return _walk(Reached("", base), steps, structures)


def _walk(here: Reached, steps: list[re.Match[str]], structures: Structures) -> list[Reached]:
    if not steps:
        return [here]
    step, rest = steps[0], steps[1:]
    if step["target"]:
        return _walk(Reached(f"{here.path}[{step['target']}]", here.type, (step["target"],)), rest, structures)
    if step["key"]:
        return _walk(here._replace(path=f"{here.path}[{step['key']}={step['value']}]"), rest, structures)
    if step["has"]:
        return _walk(here._replace(path=f"{here.path}[has={step['has']}]"), rest, structures)
    if step["index"]:
        return _walk(here._replace(path=f"{here.path}[0]"), rest, structures)
    if step["extension"]:  # its value is what is meant: an Extension is of no type that a parameter searches
        values = structures.step("Extension", "value")
        stem = f"{here.path}{'.' if here.path else ''}extension[url={step['extension']}]"
        return [value._replace(path=f"{stem}.{value.path}") for value in values]
    narrow = step["narrow"]
    if narrow:  # of something that is not a choice: as it stands
        return _walk(here, rest, structures) if here.type == narrow else []
    found: list[Reached] = []
    for below in structures.step(here.type, step["name"]):
        onward = rest
        if rest and rest[0]["narrow"]:
            if below.type not in (rest[0]["narrow"], SPECIAL_KINDS.get(rest[0]["narrow"])):
                continue
            onward = rest[1:]
        path = f"{here.path}.{below.path}" if here.path else below.path
        found += _walk(below._replace(path=path), onward, structures)
    return found


def _compartment(package: Path, name: str) -> Json:
    definition = json.loads((package / f"CompartmentDefinition-{name}.json").read_text("utf-8"))
    return {r["code"]: [p for p in r["param"] if p != "{def}"] for r in definition["resource"] if "param" in r}


def _times(base: str, structures: Structures, rows: Json) -> list[str]:
    """Paths to when it happened: the `date` parameter's first, then the elements that the five Ws name."""
    if base in TOLD_TIMES:
        return TOLD_TIMES[base]
    ranked = list(rows["date"]["paths"]) if "date" in rows else []
    for w in FIVE_WS:
        for element in structures.types[base]["snapshot"]["element"]:
            if any(m["identity"] == "w5" and m["map"] == w for m in element.get("mapping", ())):
                ranked += map(str, _paths(element["path"].removesuffix("[x]"), base, structures))
    return list(dict.fromkeys(p for p in ranked if p.rpartition(":")[2] in TIMES))


def main() -> None:
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    table, left_out = compile_search_parameters(Path(sys.argv[1]))
    target = Path(sys.argv[2]) if len(sys.argv) == 3 else TABLE
    target.write_text(render(table), "utf-8")
    number = sum(len(of) for of in table["parameters"].values())
    print(f"{target}: {number} parameters, {target.stat().st_size:,} bytes; left out:", *left_out, sep="\n  ")


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
