"""A desk at which a journey begins."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Served
from tests.journeys.professional.steps import Desk


@pytest.fixture(scope="session")
def axe_once(axe: Callable[[Page], None]) -> Callable[[Page], None]:
    """`axe`, once for each page as one user sees it at one width and in one room: it takes longer than the page."""
    looked_over: set[str] = set()

    def check(page: Page) -> None:
        who = page.locator(".c-who").all_inner_texts()
        seen = f"{page.title()} {who} {page.viewport_size} {page.locator('html').get_attribute('data-display')}"
        if seen not in looked_over:
            axe(page)
            looked_over.add(seen)

    return check


@pytest.fixture
def desk(page: Page, northfield: Served, axe_once: Callable[[Page], None]) -> Desk:
    return Desk(page=page, northfield=northfield, axe=axe_once)
