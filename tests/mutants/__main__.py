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
import signal
import sys
import time
from collections.abc import Iterator
from itertools import zip_longest
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

from tests.mutants.mutating import Mutant, mutants

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "reference" / "surviving-mutants.md"
CORE = ("relationships", "wishes", "own_record", "decision")
TESTS = (  # the quickest first
    "tests/spec/governance/test_decision.py",
    "tests/spec/governance/test_override.py",
    "tests/spec/governance/test_consent.py",
    "tests/spec/governance/test_telling.py",
    "tests/spec/governance/test_proxies.py",
    "tests/unit/governance/test_relationships.py",
    "tests/unit/governance/test_wishes.py",
    "tests/properties/test_decision_laws.py",
    "tests/properties/test_override_laws.py",
    "tests/properties/test_own_access_laws.py",
    "tests/properties/test_replay_laws.py",
)
_LAWS = "not the_cases"  # not what is asked of the generators
ARGUMENTS = ("-q", "-s", "-p", "no:cacheprovider", "-k", _LAWS)
_ROUNDS = (4, 40)  # cases of each law: few, then more for what is left
_ROW = re.compile(r"\| `(.+)` \| (.+) \|")
_GIVEN = "_hypothesis_internal_use_settings"  # where Hypothesis keeps what a law was given
_TERMINAL = sys.stdout  # pytest's own words go elsewhere
_PATIENCE = 5  # times as long as the tests take of the code as it is


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--only", action="append", help="those whose name holds this; may be repeated")
    options.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options.add_argument("--every", type=int, default=1, help="one in so many, for a look")
    options.add_argument("--list", action="store_true", help="name the mutants and try none")
    asked = options.parse_args()
    every = [(module, each) for module in CORE for each in mutants_of(module)]
    wanted = [pair for pair in every if not asked.only or any(each in named(*pair) for each in asked.only)]
    chosen = wanted[:: asked.every]
    if asked.list:
        say(*(named(*pair) for pair in chosen))
        return 0
    trial = Trial(chosen, jobs=asked.jobs)
    with contextlib.redirect_stdout(io.StringIO()):
        status = pytest.main([*TESTS, *ARGUMENTS], plugins=[trial])
    if trial.survived is None:
        say(f"The tests fail of the code as it is (status {int(status)}). To mend: make test")
        return 2
    return verdict({named(*pair) for pair in chosen}, trial.survived)


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


def mutants_of(name: str) -> Iterator[Mutant]:
    module = module_of(name)
    yield from mutants(inspect.getsource(module), str(module.__file__))


def named(module: str, mutant: Mutant) -> str:
    return f"{module}.{mutant.name}"


def module_of(name: str) -> ModuleType:
    return importlib.import_module(f"concord.governance.{name}")


class Trial:
    """Takes the place of pytest's loop over the tests, so that they are collected once, for all mutants.

    `survived`: None until the tests have passed of the code as it is.
    """

    def __init__(self, chosen: list[tuple[str, Mutant]], *, jobs: int) -> None:
        self._waiting = list(reversed(chosen))
        self._jobs = jobs
        self.survived: set[str] | None = None

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        began = time.monotonic()
        if os.waitpid(born(session, None, 0), 0)[1] != 0:
            return True
        patience = _PATIENCE * int(time.monotonic() - began + 1)
        say(f"{len(self._waiting)} mutants, {len(session.items)} tests, at most {patience} s each")
        self.survived = set()
        running: dict[int, str] = {}
        tried = 0
        while self._waiting or running:
            while self._waiting and len(running) < self._jobs:
                name, mutant = self._waiting.pop()
                running[born(session, (name, mutant), patience)] = named(name, mutant)
            process, status = os.wait()
            name = running.pop(process)
            tried += 1
            if tried % 25 == 0:
                say(f"{tried} tried")
            if status == 0:
                say(f"survived: {name}")
                self.survived.add(name)
        return True


def born(session: pytest.Session, mutant: tuple[str, Mutant] | None, patience: int) -> int:
    """A process in which the tests are run of one mutant, up to the first that fails; it ends with 0 if none does."""
    process = os.fork()
    if process:
        return process
    status = 1
    try:
        signal.alarm(patience)  # one that never ends is noticed too
        if mutant is not None:
            function_of(module_of(mutant[0]), mutant[1].function).__code__ = mutant[1].code
        status = 1 if any(fails(session, each) for each in _ROUNDS) else 0
    finally:
        os._exit(status)


def fails(session: pytest.Session, cases: int) -> bool:
    """Whether some test does, of so many cases of each law; that one fails is enough, whichever is the smallest."""
    for item, following in zip_longest(session.items, session.items[1:]):
        law = getattr(item, "obj", None)
        given = getattr(law, _GIVEN, None)
        if law is not None and given is not None:
            without_shrinking = [phase for phase in given.phases if phase.name in {"explicit", "generate"}]
            fewer = type(given)(given, max_examples=min(cases, given.max_examples), phases=without_shrinking)
            setattr(law, _GIVEN, fewer)
        session.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        if given is not None:
            setattr(law, _GIVEN, given)
        if session.testsfailed:
            return True
    return False


def function_of(module: ModuleType, path: str) -> FunctionType:
    found: object = module
    for name in path.split("."):
        found = inspect.getattr_static(found, name)
    if isinstance(found, property):
        found = found.fget
    elif isinstance(found, staticmethod | classmethod):
        found = found.__func__
    found = inspect.unwrap(found) if callable(found) else getattr(found, "func", None)  # of a cached property
    assert isinstance(found, FunctionType), path
    return found


def say(*lines: str) -> None:
    for line in lines:
        _TERMINAL.write(f"{line}\n")
    _TERMINAL.flush()


if __name__ == "__main__":
    sys.exit(main())
