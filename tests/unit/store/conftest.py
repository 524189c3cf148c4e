"""The drawers on each engine and in dictionaries, for what the face promises whichever stands behind it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from concord.store import open_store
from tests.conftest import new_database
from tests.store_drawers import Drawers, OnStore
from tests.store_reference import Reference


@pytest.fixture(scope="session", params=["sqlite", "postgresql", "reference"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def drawers(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Drawers]:
    """Empty ones."""
    with new_drawers(kind, request, tmp_path) as empty:
        yield empty


@contextmanager
def new_drawers(kind: str, request: pytest.FixtureRequest, folder: Path) -> Iterator[Drawers]:
    """For fixtures of a wider scope than a test."""
    if kind == "reference":
        yield Reference()
        return
    with new_database(kind, request, folder) as where:
        store = open_store(where)
        yield OnStore(store)
        store.close()
