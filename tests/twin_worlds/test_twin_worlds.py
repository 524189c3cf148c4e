"""Whoever may not know of a thing cannot tell a world that has it from one that has not, by any route."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.routing import Route
from starlette.types import ASGIApp

from tests.postgresql_server import Lease
from tests.twin_worlds import leaks
from tests.twin_worlds.arrivals import CONCERNS, OPEN_ENTRY, ROWS, SEALED_ENTRY, brings_record, extracts
from tests.twin_worlds.catalogue import catalogue
from tests.twin_worlds.comparing import REWRITES, WHOLE, Part, Report, compared, known_to_viewer, seeded
from tests.twin_worlds.random_stories import random_scenario
from tests.twin_worlds.scenario import Scenario
from tests.twin_worlds.scenarios import SCENARIOS
from tests.twin_worlds.stories import CANARY
from tests.twin_worlds.worlds import World, world

Serve = Callable[[World], ASGIApp]


def whole(of: World) -> ASGIApp:
    return of.app.asgi()


@contextmanager
def twins(scenario: Scenario, folder: Path, lease: Lease | None = None) -> Iterator[tuple[World, World]]:
    """On SQLite, or on the PostgreSQL server that is leased."""
    with (
        lease.database() if lease else nullcontext(folder / "plain.db") as one,
        lease.database() if lease else nullcontext(folder / "hiding.db") as other,
        world(one) as plain,
        world(other) as hiding,
    ):
        seeded(scenario, plain, hiding)
        yield plain, hiding


def asked(
    scenario: Scenario, folder: Path, serve: Serve = whole, part: Part = WHOLE, lease: Lease | None = None
) -> Report:
    with (
        twins(scenario, folder, lease) as (plain, hiding),
        plain.client(serve(plain)) as one,
        hiding.client(serve(hiding)) as other,
    ):
        return compared(scenario, plain, hiding, (one, other), part)


# In a quick run each scenario is asked a part of the catalogue, and all of them together the whole; on PostgreSQL a
# few, for what differs there is how rows come, not which. `make soak-worlds` asks each everything, on both.
QUICK = 4
RANDOM_WORLDS, ON_POSTGRESQL_TOO = 150, 30


@pytest.mark.parametrize("number", range(len(SCENARIOS)), ids=lambda number: SCENARIOS[number].hides)
def test_two_worlds_answer_alike(number: int, tmp_path: Path) -> None:
    nothing_leaks(SCENARIOS[number], Part(every=QUICK, nth=number), tmp_path)


@pytest.mark.parametrize("seed", range(8))
def test_two_random_worlds_answer_alike(seed: int, tmp_path: Path) -> None:
    nothing_leaks(random_scenario(seed), Part(every=2 * QUICK, nth=seed), tmp_path)


@pytest.mark.parametrize("number", range(0, len(SCENARIOS), 7))
def test_two_worlds_answer_alike_on_postgresql(number: int, tmp_path: Path, postgresql: Lease) -> None:
    nothing_leaks(SCENARIOS[number], Part(every=2 * QUICK, nth=number), tmp_path, postgresql)


@pytest.mark.soak
@pytest.mark.parametrize("number", range(len(SCENARIOS)), ids=lambda number: SCENARIOS[number].hides)
def test_two_worlds_answer_everything_alike(engine: str, number: int, tmp_path: Path, lease: Lease | None) -> None:
    nothing_leaks(SCENARIOS[number], WHOLE, tmp_path, lease)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(RANDOM_WORLDS))
def test_two_random_worlds_answer_everything_alike(seed: int, tmp_path: Path) -> None:
    nothing_leaks(random_scenario(seed), WHOLE, tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(ON_POSTGRESQL_TOO))
def test_two_random_worlds_answer_everything_alike_on_postgresql(seed: int, tmp_path: Path, postgresql: Lease) -> None:
    nothing_leaks(random_scenario(seed), WHOLE, tmp_path, postgresql)


@pytest.fixture
def lease(engine: str, request: pytest.FixtureRequest) -> Lease | None:
    """The PostgreSQL server, when it is its turn."""
    return request.getfixturevalue("postgresql") if engine == "postgresql" else None


def nothing_leaks(scenario: Scenario, part: Part, folder: Path, lease: Lease | None = None) -> None:
    report = asked(scenario, folder, part=part, lease=lease)
    assert len(report.asked) > 200
    assert not report.leaks, "\n".join(report.leaks[:10])


def test_the_hidden_thing_is_there_and_the_viewer_sees_the_rest(tmp_path: Path) -> None:
    """Else equal answers would prove nothing."""
    for number, scenario in enumerate((*SCENARIOS, *map(random_scenario, range(8)))):
        (tmp_path / str(number)).mkdir()
        with twins(scenario, tmp_path / str(number)) as (plain, hiding):
            assert rows(hiding) > rows(plain) or versions(hiding) > versions(plain), scenario.hides
            with hiding.client() as client:
                seen = client("GET", "/fhir/Condition").text
            random_nurse = scenario.viewer.role == "district-nurse" and number >= len(SCENARIOS)
            assert ("Heart failure" in seen) is (scenario.viewer.role == "doctor" or random_nurse), scenario.hides


@pytest.mark.parametrize(
    ("brings", "type_", "source_id", "field"),
    [
        (brings_record(OPEN_ENTRY, SEALED_ENTRY), "Condition", "hx-c9", "assertedDate"),
        (extracts(ROWS, CONCERNS), "Patient", "hx-8", "family_name"),
    ],
)
def test_what_was_sent_of_an_open_item_is_on_its_page(
    brings: Callable[[World], None], type_: str, source_id: str, field: str, tmp_path: Path
) -> None:
    with twins(replace(SCENARIOS[0], before=brings), tmp_path) as (plain, _), plain.client() as client:
        page = client("GET", f"/messages/{type_}/{plain.logical_id('ZZA', type_, source_id)}").text
    assert field in page
    assert CANARY not in page


def test_the_catalogue_asks_in_hundreds_of_ways(tmp_path: Path) -> None:
    with twins(SCENARIOS[0], tmp_path) as (plain, _), plain.client() as client:
        templates = {request.template for request in catalogue(known_to_viewer(SCENARIOS[0], plain, client))}
    assert len(templates) >= 300


def test_every_route_is_in_the_catalogue(tmp_path: Path) -> None:
    with twins(SCENARIOS[0], tmp_path) as (plain, _), plain.client() as client:
        known = known_to_viewer(SCENARIOS[0], plain, client)
        routes = {route.path for route in leaks.routes_of(plain.app.asgi()) if isinstance(route, Route)}
    assert known.shown
    assert known.persons
    assert known.guessed
    assert routes
    assert routes <= {request.route for request in catalogue(known)}


def test_the_list_of_rewrites_is_short() -> None:
    assert len(REWRITES) <= 10


# -- positive controls: a leak that is planted is found ----------------------------------------------------------------


LABELLED = "an item with a label that the clause does not allow"
LOCKED_LATER = "that an item could be seen before the person locked it"
PLANTED: tuple[tuple[type[leaks.Leaky], str, str], ...] = (
    (leaks.PostFiltering, "/fhir/{type}", LABELLED),
    (leaks.TotalOfEverything, "/fhir/{type}/_search", LABELLED),
    (leaks.UnfilteredInclude, "/fhir/{type}", "what a visible item refers to"),
    (leaks.SearchBySecurityLabel, "/fhir/{type}", "an item that the person has locked"),
    (leaks.EverythingHops, "/fhir/Patient/{id}/$everything", LABELLED),
    (leaks.StaleCache, "/fhir/{type}/{id}", LOCKED_LATER),
    (leaks.ToldWhetherHiddenOrAbsent, "/fhir/{type}/{id}", LABELLED),
    (leaks.GoneForWhatWasDeleted, "/fhir/{type}/{id}", "an item that was deleted"),
    (leaks.HistoryFromBeforeASeal, "/fhir/{type}/{id}/_history", "a version between two that the viewer may see"),
    (leaks.LogOfWhatWasRead, "/fhir/{type}/{id}", LABELLED),
)


@pytest.mark.parametrize(("leak", "route", "hides"), PLANTED, ids=[leak.__name__ for leak, _, _ in PLANTED])
def test_a_planted_leak_is_found(leak: type[leaks.Leaky], route: str, hides: str, tmp_path: Path) -> None:
    (scenario,) = (each for each in SCENARIOS if each.hides == hides)
    assert asked(scenario, tmp_path, leaks.leaking(leak), Part(route=route)).leaks


# ----------------------------------------------------------------------------------------------------------------------


def rows(of: World) -> int:
    """How many items are held or wait, how many drafts, and choices of people themselves, whoever may see them."""
    with of.app.store.reading() as reading:
        counted = [reading.row(f"SELECT count(*) FROM {table}") for table in ("item", "waiting", "draft", "own_choice")]
    return sum(int(row[0]) for row in counted if row is not None)


def versions(of: World) -> int:
    with of.app.store.reading() as reading:
        held, earlier = (reading.row(f"SELECT count(*) FROM {table}") for table in ("item", "item_version"))
    assert held is not None
    assert earlier is not None
    return int(held[0] + earlier[0])
