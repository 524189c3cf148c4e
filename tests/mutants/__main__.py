"""Try every mutant of the decision core against the tests that speak of it.

    python -m tests.mutants [--only TEXT] [--every 3] [--jobs 2] [--list]

A mutant that every test passes has survived: what it changed, nothing holds to. Each that may is explained in
docs/reference/surviving-mutants.md; exit status 1 if another does, or if one of those no longer does.
"""

import argparse
import contextlib
import importlib
import inspect
import io
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.mutants.mutating import mutants
from tests.mutants.trial import Candidate, Trial, say

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "surviving-mutants.md"
CORE = ("relationships", "seats", "wishes", "own_record", "decision")
TESTS = (
    "tests/spec/governance/test_decision.py",
    "tests/spec/governance/test_override.py",
    "tests/spec/governance/test_consent.py",
    "tests/spec/governance/test_telling.py",
    "tests/spec/governance/test_proxies.py",
    "tests/spec/governance/test_succession.py",
    "tests/unit/governance/test_relationships.py",
    "tests/unit/governance/test_wishes.py",
    "tests/properties/test_decision_laws.py",
    "tests/properties/test_override_laws.py",
    "tests/properties/test_own_access_laws.py",
    "tests/properties/test_replay_laws.py",
    "tests/properties/test_succession_laws.py",
)
# Not what is asked of the generators. The same cases in every run, of whatever hash.
ARGUMENTS = ("-q", "-s", "-p", "no:cacheprovider", "-k", "not the_cases")
_ROW = re.compile(r"\| `(.+)` \| (.+) \|")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", action="append", help="those whose name holds this; may be repeated")
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options.add_argument("--every", type=int, default=1, help="one in so many, for a look")
    options.add_argument("--list", action="store_true", help="name the mutants and try none")
    asked = options.parse_args()
    every = [each for module in CORE for each in candidates(module)]
    wanted = [one for one in every if not asked.only or any(each in one.name for each in asked.only)]
    chosen = wanted[:: asked.every]
    if asked.list:
        say(*(one.name for one in chosen))
        return 0
    trial = Trial(chosen, explained=explanations(), jobs=asked.jobs)
    with contextlib.redirect_stdout(io.StringIO()):
        status = pytest.main([*TESTS, *ARGUMENTS], plugins=[trial])
    if trial.survived is None:
        say(f"The tests fail of the code as it is (status {int(status)}). To mend: make test")
        return 2
    return verdict({one.name for one in chosen}, trial.survived)


def verdict(tried: set[str], survived: set[str]) -> int:
    explained = explanations()
    unexplained, stale = survived - set(explained), (tried & set(explained)) - survived
    say(
        f"{len(tried)} mutants, {len(tried) - len(survived)} killed, {len(survived)} survived",
        *(f"survived, and nothing explains it: {name}" for name in sorted(unexplained)),
        *(f"explained in {PAGE.name}, and does not survive: {name}" for name in sorted(stale)),
    )
    return 1 if unexplained or stale else 0


def explanations() -> dict[str, str]:
    """The rows of the page: mutant and why it may live. A bar inside a cell is written `\\|`."""
    rows = (_ROW.fullmatch(line) for line in PAGE.read_text(encoding="utf-8").splitlines())
    return {row[1].replace("\\|", "|"): row[2] for row in rows if row}


def candidates(name: str) -> Iterator[Candidate]:
    module = importlib.import_module(f"concord.governance.{name}")
    for mutant in mutants(inspect.getsource(module), str(module.__file__)):
        yield Candidate(name=f"{name}.{mutant.name}", module=module, mutant=mutant)


if __name__ == "__main__":
    sys.exit(main())
