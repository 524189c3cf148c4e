"""Who may not know of a thing cannot tell by the clock either whether it is there."""

import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from concord.store.sqlite import SqliteReading
from tests.twin_worlds.asking import RANDOM_ID, Request
from tests.twin_worlds.comparing import known_to_viewer
from tests.twin_worlds.scenario import Scenario
from tests.twin_worlds.scenarios import SCENARIOS
from tests.twin_worlds.test_twin_worlds import LABELLED, twins
from tests.twin_worlds.timing import Timed, rank_p, significant, telling, timed, worth_timing
from tests.unit.api.client import Client

PAIRS = 2_000
ONE_IN = 4  # of some 1,600 templates: all would take hours
PLANTED_S = 200e-6
WHO = "SELECT person FROM link"  # whom it is about; for what is not there, somebody
PRESENT = SCENARIOS[[each.hides for each in SCENARIOS].index(LABELLED)]


# -- the statistics ----------------------------------------------------------------------------------------------------


def drawn(seed: int, *, slower: float = 0.0, pairs: int = PAIRS) -> Timed:
    """Times of about a millisecond, a tail of long ones among them."""
    chance = random.Random(seed)
    times = [[chance.gauss(1e-3, 1e-4) + chance.expovariate(1e4) for _ in range(pairs)] for _ in range(2)]
    return Timed(request="drawn", one=times[0], other=[each + slower for each in times[1]])


def test_what_takes_longer_is_told_and_what_does_not_is_not() -> None:
    alike = [drawn(seed) for seed in range(30)]
    assert telling(alike) == []
    slower, faster = drawn(31, slower=PLANTED_S), drawn(32, slower=-PLANTED_S)
    assert telling([*alike, slower, faster]) == [slower, faster]


def test_what_is_slower_by_less_than_matters_is_not_told_though_it_is_certain() -> None:
    slightly = drawn(1, slower=40e-6)
    assert rank_p(slightly) < 1e-6
    assert telling([slightly]) == []


def test_the_ranks_of_a_known_example() -> None:
    """Differences 1 to 8, of which 1 and 2 point the other way: the sum of ranks above is 33 of 36."""
    one = [0.0] * 8
    assert rank_p(Timed(request="", one=one, other=[-1, -2, 3, 4, 5, 6, 7, 8])) == pytest.approx(0.0357, abs=1e-3)
    assert rank_p(Timed(request="", one=one, other=one)) == 1.0


def test_holm_corrects_for_how_many_were_looked_at() -> None:
    assert significant([0.004, 0.2, 0.006, 0.001], alpha=0.01) == {3}
    assert significant([0.0024, 0.2, 0.003, 0.001], alpha=0.01) == {0, 2, 3}


# -- the same work -----------------------------------------------------------------------------------------------------


@contextmanager
def asking_the_database(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """What the database is asked, statement by statement."""
    asked: list[str] = []

    def noted(name: str) -> Any:
        whole = getattr(SqliteReading, name)

        def note(self: SqliteReading, sql: str, *rest: Any, **named: Any) -> Any:
            asked.append(sql)
            return whole(self, sql, *rest, **named)

        return note

    with monkeypatch.context() as patch:
        for name in ("row", "rows"):
            patch.setattr(SqliteReading, name, noted(name))
        yield asked


@pytest.mark.parametrize("path", ["{id}", "{id}/_history", "?_id={id}", "{id}/_history/1"])
def test_what_is_hidden_takes_the_same_questions_as_what_is_not_there(
    path: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with twins(PRESENT, tmp_path) as (_, hiding), hiding.client() as client:
        ((code, type_, name),) = PRESENT.hidden
        asked = []
        for id_ in (hiding.logical_id(code, type_, name), RANDOM_ID):
            address = f"/fhir/Condition{'' if path[0] == '?' else '/'}{path.format(id=id_)}"
            client("GET", address)
            with asking_the_database(monkeypatch) as statements:
                client("GET", address)
            asked.append(statements)
    hidden, absent = ([each for each in one if not each.startswith(WHO)] for one in asked)
    assert len(hidden) > 5
    assert hidden == absent


# -- by the clock: `make soak-timing` ----------------------------------------------------------------------------------


def timed_in(scenario: Scenario, folder: Path, nth: int, *, every: int, planted: float = 0.0) -> Sequence[Timed]:
    """Of the requests worth timing every so many, and always those that ask for what is hidden by its id alone."""
    found: list[Timed] = []
    with twins(scenario, folder) as (plain, hiding), plain.client() as one, hiding.client() as other:
        known = known_to_viewer(scenario, plain, one)
        by_id = {f"/fhir/{address}" for address in known.guessed}
        for number, request in enumerate(worth_timing(known)):
            if number % every == nth % every or (request.path in by_id and not request.headers):
                asks = partial(ask, one, request), partial(ask, other, request, planted)
                found.append(timed(str(request), *asks, pairs=PAIRS))
                sys.stdout.write(f"{found[-1]}\n")
    return found


def ask(client: Client, request: Request, more: float = 0.0) -> None:
    client(request.method, request.path, headers=dict(request.headers), content=request.body)
    until = time.perf_counter() + more
    while time.perf_counter() < until:
        pass


@pytest.mark.soak
@pytest.mark.parametrize("number", range(len(SCENARIOS)), ids=lambda number: SCENARIOS[number].hides)
def test_no_answer_takes_longer_for_what_is_hidden(number: int, tmp_path: Path) -> None:
    """Each scenario is asked a part of the requests, and all together some four hundred of them."""
    found = timed_in(SCENARIOS[number], tmp_path, ONE_IN * number, every=ONE_IN * len(SCENARIOS))
    assert telling(found) == []


@pytest.mark.soak
def test_a_planted_delay_is_found_and_where_nothing_is_hidden_nothing(tmp_path: Path) -> None:
    alike = replace(PRESENT, hide=lambda _: None)
    for planted in (0.0, PLANTED_S):
        folder = tmp_path / str(planted)
        folder.mkdir()
        found = timed_in(alike, folder, 0, every=60, planted=planted)
        assert len(found) >= 5
        assert telling(found) == (found if planted else []), "\n".join(map(str, found))
