"""Where the database is another process, no route waits for it on the event loop: it would hold everybody else up."""

import threading
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from concord.store import PostgresqlStore
from tests.postgresql_server import Lease
from tests.twin_worlds.catalogue import catalogue
from tests.twin_worlds.comparing import known_to_viewer
from tests.twin_worlds.scenarios import SCENARIOS
from tests.twin_worlds.test_twin_worlds import twins

EACH = 4  # requests of a route


def test_no_route_waits_for_the_database_on_the_event_loop(
    postgresql: Lease, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: Counter[str] = Counter()
    waited: set[str] = set()
    now = ""
    lent = PostgresqlStore._lent

    def watched(store: PostgresqlStore, begin: str) -> Any:
        if threading.current_thread() is threading.main_thread():
            waited.add(now)
        return lent(store, begin)

    with twins(SCENARIOS[0], tmp_path, postgresql) as (world, _), world.client() as client:
        requests = list(catalogue(known_to_viewer(SCENARIOS[0], world, client)))
        monkeypatch.setattr(PostgresqlStore, "_lent", watched)
        for request in requests:
            asked[request.route] += 1
            if asked[request.route] <= EACH:
                now = str(request)
                client(request.method, request.path, headers=dict(request.headers), content=request.body)
        now = "this test, beside the server"
        world.app.published()
        monkeypatch.undo()
    assert waited == {now}, "this test alone"
