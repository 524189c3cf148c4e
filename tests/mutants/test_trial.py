"""What a trial of mutants stands on: which tests ran a line, and that a mutant that never ends is taken for noticed."""

import inspect
import os
import signal

from concord.governance import spans
from tests.mutants.mutating import mutants
from tests.mutants.trial import Candidate, Fork, noting

FILE = str(spans.__file__)


def candidates() -> list[Candidate]:
    found = mutants(inspect.getsource(spans), FILE)
    return [Candidate(name=each.name, module=spans, mutant=each) for each in found]


def test_a_mutant_is_tried_by_the_tests_that_ran_its_line() -> None:
    with noting({FILE}) as nothing:
        pass
    with noting({FILE}) as ran:
        spans.instant_of("2026", end=True)
    assert nothing == set()
    reached = {each.name: each.reached({0: nothing, 1: ran}) for each in candidates()}
    assert [1] in reached.values()
    assert [] in reached.values()
    assert all(tests in ([], [1]) for tests in reached.values())


def test_what_is_worked_out_apart_comes_back() -> None:
    assert Fork(lambda: {"killer": 3}).result() == {"killer": 3}


def test_what_never_ends_or_falls_over_comes_to_nothing() -> None:
    def endless() -> None:
        signal.setitimer(signal.ITIMER_PROF, 0.05)
        while True:
            pass

    assert Fork(endless).result() is None
    assert Fork(lambda: os._exit(3)).result() is None
