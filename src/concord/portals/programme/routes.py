"""The addresses of the programme portal. No address in it is of a person."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from concord.base import NotFound
from concord.governance import Directory
from concord.ingest import FeedsInHealth
from concord.portals import ui, visits
from concord.portals.visits import AccountsDoor, Visit, signed_in


class FeedsDoor(Protocol):
    def health(self) -> FeedsInHealth: ...


@dataclass(frozen=True, kw_only=True)
class Portal:
    feeds: FeedsDoor
    directory: Callable[[], Directory]
    accounts: AccountsDoor

    @property
    def pages(self) -> ui.Pages:
        return _pages()


def programme_routes(feeds: FeedsDoor, directory: Callable[[], Directory], accounts: AccountsDoor) -> list[BaseRoute]:
    """All pages of the portal."""
    portal = Portal(feeds=feeds, directory=directory, accounts=accounts)
    return [Route("/programme", signed_in(portal, feeds_page), methods=["GET"])]


async def feeds_page(portal: Portal, visit: Visit) -> Response:
    """How each feed does: first those that somebody should ask after."""
    if not visit.who.runs_programme:
        raise NotFound("There is no such page.")
    health = await run_in_threadpool(portal.feeds.health)
    feeds = sorted(health.feeds, key=lambda each: (not each.is_overdue, each.state != "slow", each.feed.name))
    directory = await run_in_threadpool(portal.directory)
    return visit.show("feeds.jinja", feeds=feeds, refused=health.refused, directory=directory)


@cache
def _pages() -> ui.Pages:
    return ui.Pages(Path(__file__).parent / "templates", visits.assets(), {})
