"""docs/reference/faults.md tells how many cases are tried: as many as there are."""

import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "faults.md"
ROW = re.compile(r"^\| (?P<what>.+?) \| (?P<cases>\d+) \| (?P<soaked>\d+) \| (?P<tests>`.*::.*`) \|$", re.MULTILINE)
COLLECT = """
import json, sys, pytest
class Told:
    def pytest_collection_modifyitems(self, items):
        self.items = [(item.nodeid.partition("[")[0], item.get_closest_marker("soak") is not None) for item in items]
told = Told()
code = pytest.main(["--collect-only", "-q", "-m", "", "-p", "no:cacheprovider", *sys.argv[1:]], plugins=[told])
print("\\n" + json.dumps(told.items))
sys.exit(code)
"""


def rows() -> dict[str, tuple[int, int, list[str]]]:
    """By what happens: cases, cases with the soak's, tests. A name without a file is of the one before it."""
    found: dict[str, tuple[int, int, list[str]]] = {}
    for row in ROW.finditer(PAGE.read_text(encoding="utf-8")):
        tests: list[str] = []
        for name in re.findall(r"`([^`]+)`", row["tests"]):
            file, _, test = name.partition("::")
            tests.append(f"{file or tests[-1].partition('::')[0]}::{test}")
        found[row["what"]] = int(row["cases"]), int(row["soaked"]), tests
    return found


def test_there_are_as_many_cases_as_the_page_tells() -> None:
    told = rows()
    assert len(told) > 10, "else the table is not read"
    files = sorted({test.partition("::")[0] for _, _, tests in told.values() for test in tests})
    command = [sys.executable, "-c", COLLECT, *files]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    collected = json.loads(done.stdout.strip().splitlines()[-1])
    always = Counter(test for test, soak in collected if not soak)
    ever = Counter(test for test, _ in collected)
    there = {
        what: (sum(always[test] for test in tests), sum(ever[test] for test in tests), tests)
        for what, (_, _, tests) in told.items()
    }
    assert there == told
