"""A desk at which a journey begins."""

import re
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Served
from tests.journeys.professional.steps import Desk


@pytest.fixture(scope="session")
def axe_once(axe: Callable[[Page], None]) -> Callable[[Page], None]:
    """`axe`, once for each distinct page (kind, cards, width, room): it takes longer than the page itself."""
    looked_over: set[str] = set()

    def check(page: Page) -> None:
        kind = re.sub(r"\d+", "", page.title().partition(":")[0])
        parts = page.evaluate(
            "[...document.querySelectorAll('section[id], .c-notice, .c-idwarn')].map(e => e.id || e.className)"
        )
        seen = f"{kind} {parts} {page.viewport_size} {page.locator('html').get_attribute('data-display')}"
        if seen not in looked_over:
            axe(page)
            looked_over.add(seen)

    return check


@pytest.fixture(scope="session")
def sessions() -> dict[str, Sequence[Any]]:
    return {}


@pytest.fixture
def desk(page: Page, northfield: Served, axe_once: Callable[[Page], None], sessions: dict[str, Sequence[Any]]) -> Desk:
    return Desk(page=page, northfield=northfield, axe=axe_once, sessions=sessions)
