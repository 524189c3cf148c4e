"""An API over stand-ins, and a client for it."""

from collections.abc import Iterator

import pytest
from starlette.applications import Starlette

from concord.api import edge, fhir_routes, health_routes
from tests.unit.api.client import Client
from tests.unit.api.stand_ins import AS_DOCTOR, Accounts, Item, Records


@pytest.fixture
def records() -> Records:
    return Records(Item("Patient", "p1"), Item("Observation", "o1", version="v7"))


@pytest.fixture
def ask(records: Records) -> Iterator[Client]:
    """Asks as the doctor unless a request says otherwise."""
    app = edge(Starlette(routes=[*fhir_routes(records, Accounts()), *health_routes(lambda: None)]))
    with Client(app, AS_DOCTOR) as client:
        yield client
