"""A whole small system, on each engine."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from concord.app import App
from tests.small_system import small_system


@pytest.fixture
def app(database: Path | str) -> Iterator[App]:
    with small_system(database) as system:
        yield system
