"""The trial of mutants: each in a process of its own, against the tests that run what it changed.

The tests are collected once and run once of the code as it is, noting which lines of the core each runs and how long it
takes. Of a mutant those are tried that ran its line, whoever killed last first, then the quickest; a test that never
came to the line does now what it did before. One that these let live is tried against every test, since what one test
has worked out and left behind may have kept another from the line.
"""

import gc
import os
import pickle
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from inspect import getattr_static, unwrap
from itertools import zip_longest
from types import FrameType, FunctionType, ModuleType
from typing import Any, Generic, TypeVar

import pytest

from tests.mutants.mutating import Mutant

T = TypeVar("T")
Line = tuple[str, int]
CASES = (4, 40, 10**9)  # of each law: few, then more for what is left, at last as many as `make test` tries
_GIVEN = "_hypothesis_internal_use_settings"  # where Hypothesis keeps what a law was given
_TERMINAL = sys.stdout  # pytest's own words go elsewhere
_PATIENCE = 100  # times as long as a test takes of the code as it is; a law's last cases take some ten times as long


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A mutant with the module that it is of. `name` is what the page of survivors calls it."""

    name: str
    module: ModuleType
    mutant: Mutant

    def put_in(self) -> None:
        function_of(self.module, self.mutant.function).__code__ = self.mutant.code

    def reached(self, lines: dict[int, set[Line]]) -> list[int]:
        """Which tests ran the line; those that ran the function where no test tells of the line itself."""
        code, file = function_of(self.module, self.mutant.function).__code__, str(self.module.__file__)
        of_line = [test for test, ran in lines.items() if (file, self.mutant.line) in ran]
        first, last = code.co_firstlineno, max(line for _, _, line in code.co_lines() if line is not None)
        return of_line or [
            test for test, ran in lines.items() if any((file, at) in ran for at in range(first, last + 1))
        ]


@dataclass(frozen=True, kw_only=True)
class AsItIs:
    """What the tests did of the code as it is, by their number: seconds of processor, and lines of the core."""

    seconds: dict[int, float]
    lines: dict[int, set[Line]]


class Trial:
    """Takes the place of pytest's loop over the tests.

    `survived`: None until the tests have passed of the code as it is.
    """

    def __init__(self, chosen: Sequence[Candidate], *, explained: Collection[str], jobs: int) -> None:
        """`explained`: names of those that may live; they are tried less long, since they are expected to."""
        self._chosen = chosen
        self._explained = explained
        self._jobs = jobs
        self.survived: set[str] | None = None

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        files = {str(each.module.__file__) for each in self._chosen}
        as_it_is = Fork(lambda: passed(session, files)).result()
        if as_it_is is None or not session.items:
            return True
        gc.freeze()  # what is loaded is shared by all processes, and collected in none
        say(f"{len(self._chosen)} mutants, {len(session.items)} tests, {sum(as_it_is.seconds.values()):.0f} s")
        shares = [self._chosen[share :: self._jobs] for share in range(self._jobs)]
        workers = [Fork(partial(survivors, session, share, self._explained, as_it_is)) for share in shares]
        found = [each.result() for each in workers]
        if None not in found:
            self.survived = {name for names in found for name in names or ()}
        return True


def passed(session: pytest.Session, files: set[str]) -> AsItIs | None:
    """None if some test fails."""
    seconds: dict[int, float] = {}
    lines: dict[int, set[Line]] = {}
    for number, (item, following) in enumerate(zip_longest(session.items, session.items[1:])):
        began = time.process_time()
        with noting(files) as lines[number]:
            run(item, following, CASES[1])
        seconds[number] = time.process_time() - began
        if session.testsfailed:
            return None
    return AsItIs(seconds=seconds, lines=lines)


@contextmanager
def noting(files: set[str]) -> Iterator[set[Line]]:
    """The lines of `files` that are run meanwhile."""
    ran: set[Line] = set()

    def called(frame: FrameType, event: str, _: Any) -> Any:
        return line if frame.f_code.co_filename in files else None

    def line(frame: FrameType, event: str, _: Any) -> Any:
        if event == "line":
            ran.add((frame.f_code.co_filename, frame.f_lineno))
        return line

    sys.settrace(called)
    try:
        yield ran
    finally:
        sys.settrace(None)


def survivors(
    session: pytest.Session, share: Sequence[Candidate], explained: Collection[str], as_it_is: AsItIs
) -> list[str]:
    """The names of those that no test notices."""
    found: list[str] = []
    parent = os.getppid()
    killed_at = dict.fromkeys(as_it_is.seconds, 0)  # by test, the last mutant that it killed
    for number, each in enumerate(share, start=1):
        reached = each.reached(as_it_is.lines)
        reached.sort(key=lambda test: (-killed_at[test], as_it_is.seconds[test]))
        rest = [test for test in as_it_is.seconds if test not in reached]
        killer = killer_of(session, each, reached, CASES[:2] if each.name in explained else CASES, as_it_is)
        if killer == -1:
            killer = killer_of(session, each, rest, CASES[:1], as_it_is)
        if killer == -1:
            say(f"survived: {each.name}")
            found.append(each.name)
        elif killer is not None:
            killed_at[killer] = number
        if os.getppid() != parent:
            break  # whoever asked is gone
        if number % 50 == 0:
            say(f"{number} of {len(share)} tried")
    return found


def killer_of(
    session: pytest.Session, each: Candidate, tests: Sequence[int], rounds: Sequence[int], as_it_is: AsItIs
) -> int | None:
    """The number of the test that fails of the mutant; -1 if none does, None if one never ends."""

    def tried() -> int:
        each.put_in()
        return next(failing(session, tests, rounds, as_it_is), -1)

    return Fork(tried).result()


def failing(session: pytest.Session, tests: Sequence[int], rounds: Sequence[int], as_it_is: AsItIs) -> Iterator[int]:
    laws = [test for test in tests if hasattr(getattr(session.items[test], "obj", None), _GIVEN)]
    for cases in rounds:
        chosen = tests if cases == rounds[0] else laws
        for test, following in zip_longest(chosen, chosen[1:]):
            signal.setitimer(signal.ITIMER_PROF, _PATIENCE * as_it_is.seconds[test])  # one that never ends is noticed
            run(session.items[test], None if following is None else session.items[following], cases)
            if session.testsfailed:
                yield test


def run(item: pytest.Item, following: pytest.Item | None, cases: int) -> None:
    """With so many cases if it is a law; that one fails is enough, whichever is the smallest."""
    law = getattr(item, "obj", None)
    given = getattr(law, _GIVEN, None)
    if given is not None:
        without_shrinking = [phase for phase in given.phases if phase.name in {"explicit", "generate"}]
        fewer = type(given)(given, max_examples=min(cases, given.max_examples), phases=without_shrinking)
        setattr(law, _GIVEN, fewer)
    item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
    if given is not None:
        setattr(law, _GIVEN, given)


class Fork(Generic[T]):
    """Work that is done in a process of its own, with all that is loaded here."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._read, write = os.pipe()
        self._process = os.fork()
        if self._process:
            os.close(write)
            return
        try:
            result = pickle.dumps(work())
            with os.fdopen(write, "wb") as told:
                told.write(result)
        finally:
            os._exit(0)

    def result(self) -> T | None:
        """None if it came to no end."""
        with os.fdopen(self._read, "rb") as heard:
            told = heard.read()
        os.waitpid(self._process, 0)
        return pickle.loads(told) if told else None


def function_of(module: ModuleType, path: str) -> FunctionType:
    found: object = module
    for name in path.split("."):
        found = getattr_static(found, name)
    if isinstance(found, property):
        found = found.fget
    elif isinstance(found, staticmethod | classmethod):
        found = found.__func__
    found = unwrap(found) if callable(found) else getattr(found, "func", None)  # of a cached property
    assert isinstance(found, FunctionType), path
    return found


def say(*lines: str) -> None:
    for line in lines:
        _TERMINAL.write(f"{line}\n")
    _TERMINAL.flush()
