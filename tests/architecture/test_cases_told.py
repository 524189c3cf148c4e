"""The pages that tell what was tried tell how many cases there are: as many as there are."""

import importlib
import json
import re
import subprocess
import sys
from collections import Counter
from importlib.metadata import version
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"
SHOWN = REFERENCE / "store-shown.md"
ROW = re.compile(r"^\| (?P<what>.+?) \| (?P<cases>\d+) \| (?P<soaked>\d+) \| (?P<tests>`.*::.*`) \|$", re.MULTILINE)
CLIENT = re.compile(r"^\| (?P<name>[a-z-]+) \| (?P<version>[\d.]+) \| (?P<cases>\d+) \|", re.MULTILINE)
ON_EACH = re.compile(r"^More than (\d+) tests of `store` and `record` run on each engine", re.MULTILINE)
COLLECT = """
import json, sys, pytest
class Told:
    def pytest_collection_modifyitems(self, items):
        self.items = [
            (item.nodeid.partition("[")[0], item.get_closest_marker("soak") is not None,
             getattr(getattr(item, "callspec", None), "params", {}).get("engine"))
            for item in items
        ]
told = Told()
code = pytest.main(["--collect-only", "-q", "-m", "", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[told])
print("\\n" + json.dumps(told.items))
sys.exit(code)
"""
# What a test does many times within one case, by its own constants: its row tells each.
WITHIN = {
    "tests/properties/test_store_engines.py": ("HISTORIES", "STEPS"),
    "tests/properties/test_store_predicate.py": ("EXAMPLES",),
    "tests/properties/test_list_laws.py": ("EXAMPLES",),
    "tests/faults/test_writers_at_once.py::test_of_many_conditional_creations_one_is_kept": ("WRITERS",),
    "tests/faults/test_writers_at_once.py::test_no_update_is_lost": ("UPDATES",),
    "tests/faults/test_feed_consumer.py": ("WRITERS", "TRANSACTIONS"),
    "tests/faults/test_kill_in_mid_transaction.py::test_what_was_not_yet_on_the_disk_is_lost_whole": ("LOSSES",),
    "tests/conformance/test_fuzz.py": ("IN_EVERY_RUN", "IN_SOAK"),
    "tests/conformance/test_made_wrong.py": ("KINDS",),
}


def rows(page: Path) -> dict[str, tuple[int, int, list[str]]]:
    """By what happens: cases, cases with the soak's, tests. A name without a file is of the one before it."""
    found: dict[str, tuple[int, int, list[str]]] = {}
    for row in ROW.finditer(page.read_text(encoding="utf-8")):
        tests: list[str] = []
        for name in re.findall(r"`([^`]+)`", row["tests"]):
            file, _, test = name.partition("::")
            tests.append(f"{file or tests[-1].partition('::')[0]}::{test}")
        found[row["what"]] = int(row["cases"]), int(row["soaked"]), tests
    return found


def collected(*paths: str) -> list[tuple[str, bool, str | None]]:
    """Test, whether the soak alone runs it, engine: of each case in the files or folders."""
    done = subprocess.run([sys.executable, "-c", COLLECT, *paths], cwd=ROOT, check=True, capture_output=True, text=True)
    return [(test, soak, engine) for test, soak, engine in json.loads(done.stdout.strip().splitlines()[-1])]


@pytest.mark.parametrize("page", [REFERENCE / "faults.md", SHOWN], ids=["faults", "store-shown"])
def test_there_are_as_many_cases_as_the_page_tells(page: Path) -> None:
    told = rows(page)
    assert len(told) > 10, "else the table is not read"
    cases = collected(*sorted({test.partition("::")[0] for _, _, tests in told.values() for test in tests}))
    always = Counter(test for test, soak, _ in cases if not soak)
    ever = Counter(test for test, _, _ in cases)
    there = {
        what: (sum(always[test] for test in tests), sum(ever[test] for test in tests), tests)
        for what, (_, _, tests) in told.items()
    }
    assert there == told


def test_a_row_tells_what_is_done_many_times_within_a_case() -> None:
    missing = set(WITHIN)
    for what, (_, _, tests) in rows(SHOWN).items():
        for place in (place for place in WITHIN if tests[0].startswith(place)):
            module = importlib.import_module(place.partition(".py")[0].replace("/", "."))
            for constant in WITHIN[place]:
                assert re.search(rf"\b{getattr(module, constant):,}\b", what), (what, constant)
            missing.discard(place)
    assert missing == set()


def test_the_clients_are_those_that_are_installed() -> None:
    told = {row["name"]: (row["version"], int(row["cases"])) for row in CLIENT.finditer(SHOWN.read_text("utf-8"))}
    package = json.loads((ROOT / "package.json").read_text("utf-8"))
    versions = {name: version(name) for name in ("fhirclient", "fhirpy")}
    versions["fhir-kit-client"] = package["devDependencies"]["fhir-kit-client"]
    cases = collected("tests/conformance/test_real_clients.py")
    assert told == {
        name: (each, sum(f"::test_{name.replace('-', '_')}" in test for test, _, _ in cases))
        for name, each in versions.items()
    }


def test_tests_of_the_store_run_on_each_engine() -> None:
    found = ON_EACH.search(SHOWN.read_text("utf-8"))
    assert found is not None
    by_engine: dict[str | None, Counter[str]] = {}
    for test, _, engine in collected("tests/unit/store", "tests/unit/record"):
        by_engine.setdefault(engine, Counter())[test] += 1
    assert by_engine["sqlite"] == by_engine["postgresql"]
    assert by_engine["sqlite"].total() > int(found[1])
