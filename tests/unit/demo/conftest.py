"""One Northfield for the tests of this folder: telling 300 lives takes seconds."""

from collections.abc import Sequence
from datetime import date

import pytest

from concord.demo.life import Life
from concord.demo.northfield import lives

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="session")
def everyone() -> Sequence[Life]:
    return lives(300, 1, TODAY, lambda done, total: None)


@pytest.fixture(scope="session")
def by_key(everyone: Sequence[Life]) -> dict[str, Life]:
    return {each.person.key: each for each in everyone}
