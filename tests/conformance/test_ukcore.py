"""The 215 UK Core examples: those that break R4 itself are listed with path and rule, and no other is refused.

ukcore_refusals.csv names the rule of the specification beside each. The second test reads every row against the
file by other means, so that the list cannot hide a mistake of ours.
"""

import csv
import json
from pathlib import Path
from typing import Any

import pytest

from concord.fhir import check, parse

REFUSALS = Path(__file__).with_name("ukcore_refusals.csv")


@pytest.fixture(scope="module")
def ukcore(shared_data: Path) -> Path:
    folder = shared_data / "ukcore"
    if not folder.is_dir():
        pytest.skip("the UK Core examples are not beside this checkout (../shared/data/ukcore)")
    return folder


def listed() -> list[tuple[str, str, str]]:
    with REFUSALS.open(encoding="utf-8", newline="") as file:
        return [(row["file"], row["path"], row["rule"]) for row in csv.DictReader(file)]


def test_what_breaks_r4_is_refused_as_listed_and_nothing_else(ukcore: Path) -> None:
    files = sorted(ukcore.glob("*.json"))
    found = [(f.name, b.path, b.rule) for f in files for b in check(parse(f.read_bytes()))]
    assert len(files) == 215
    assert found == listed()


@pytest.mark.parametrize("rule", ["unknown-element", "json-type", "choice"])
def test_each_listed_refusal_is_true_of_the_file(ukcore: Path, rule: str) -> None:
    rows = [row for row in listed() if row[2] == rule]
    assert rows
    for name, path, _ in rows:
        holder, last = at(json.loads((ukcore / name).read_text("utf-8")), path)
        match rule:
            case "unknown-element":
                assert last == "fhir_comments"
                assert last in holder
            case "json-type":
                assert isinstance(holder[last], str)
                float(holder[last])  # a number, and in quotes
            case _:
                assert len([key for key in holder if key.startswith(last.removesuffix("[x]"))]) > 1


def at(resource: Any, path: str) -> tuple[Any, str]:
    """The object that holds the last name of a path, and that name."""
    *steps, last = path.split(".")[1:]
    for step in steps:
        name, _, index = step.partition("[")
        resource = resource[name][int(index.removesuffix("]"))] if index else resource[name]
    return resource, last
