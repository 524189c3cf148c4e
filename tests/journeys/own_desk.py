"""A desk in a Northfield of its own, since these journeys change what is in force."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Served, served
from tests.journeys.professional.steps import Desk


@pytest.fixture
def own_northfield(northfield: Served, tmp_path: Path) -> Iterator[Served]:
    """A copy of the demo, as it was made."""
    data = tmp_path / "data"
    shutil.copytree(northfield.made, data)
    yield from served(data)


@pytest.fixture
def desk(page: Page, own_northfield: Served, axe: Callable[[Page], None]) -> Desk:
    return Desk(page=page, northfield=own_northfield, axe=axe)
