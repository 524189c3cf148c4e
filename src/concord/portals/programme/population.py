"""How many people there are, for whoever the agreements let count them. No address in it is of a person."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from concord.governance import Viewer
from concord.governance.agreements import Page
from concord.portals import ui, visits
from concord.portals.audited import Audited
from concord.portals.visits import AccountsDoor, Visit, signed_in


class PopulationDoor(Protocol):
    def counted(self, viewer: Viewer, purpose: str | None = None) -> Audited[tuple[list[str], Page]]:
        """The purposes for which the viewer may count, and the counts for one. NotFound for whoever may not."""
        ...


@dataclass(frozen=True, kw_only=True)
class Portal:
    population: PopulationDoor
    accounts: AccountsDoor

    @property
    def pages(self) -> ui.Pages:
        return _pages()


def population_routes(population: PopulationDoor, accounts: AccountsDoor) -> list[BaseRoute]:
    portal = Portal(population=population, accounts=accounts)
    return [Route("/population", signed_in(portal, population_page), methods=["GET"])]


async def population_page(portal: Portal, visit: Visit) -> Response:
    asked = visit.request.query_params.get("purpose")
    counted = await run_in_threadpool(portal.population.counted, visit.who.viewer, asked)
    purposes, page = await counted.released()
    return visit.show("population.jinja", purposes=purposes, chosen=asked or purposes[0], read_out=page)


@cache
def _pages() -> ui.Pages:
    return ui.Pages(Path(__file__).parent / "templates", visits.assets(), {})
