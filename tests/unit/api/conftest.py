"""An API over stand-ins, and a client for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette

from concord.api import Bulk, edge, fhir_routes, health_routes
from tests.unit.api.client import Client
from tests.unit.api.stand_ins import AS_DOCTOR, Accounts, Imports, Item, Jobs, Records


@pytest.fixture
def records() -> Records:
    return Records(Item("Patient", "p1"), Item("Observation", "o1", version="v7"))


@pytest.fixture
def jobs(tmp_path: Path) -> Jobs:
    return Jobs(tmp_path)


@pytest.fixture
def bulk(jobs: Jobs) -> Bulk:
    return Bulk(jobs=jobs, exports=jobs, imports=Imports(jobs))


@pytest.fixture
def ask(records: Records, bulk: Bulk) -> Iterator[Client]:
    """Asks as the doctor unless a request says otherwise."""
    app = edge(Starlette(routes=[*fhir_routes(records, records, Accounts(), bulk), *health_routes(lambda: None)]))
    with Client(app, AS_DOCTOR) as client:
        yield client
