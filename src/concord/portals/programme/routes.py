"""The addresses of the programme portal. No address in it is of a person."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from concord.base import NotFound, OdsCode
from concord.governance import Directory
from concord.governance.agreements import Page
from concord.ingest import FeedsInHealth, Measured, Step, quality_csv, quality_page
from concord.portals import ui, visits
from concord.portals.governance import on_paper
from concord.portals.visits import AccountsDoor, Visit, signed_in


class FeedsDoor(Protocol):
    def health(self) -> FeedsInHealth: ...


class OnboardingDoor(Protocol):
    def of(self, feed: str) -> Sequence[Step]: ...


class OriginalsDoor(Protocol):
    def unmapped(self, feed: str) -> Mapping[str, int]:
        """How often nothing was made of each field of a feed's messages, what occurs most first."""
        ...


class QualityDoor(Protocol):
    """Figures of organisations' data, by the day on which they were measured."""

    def newest(self) -> Sequence[Measured]: ...
    def trend(self, organisation: OdsCode) -> Sequence[Measured]: ...


@dataclass(frozen=True, kw_only=True)
class Portal:
    feeds: FeedsDoor
    onboarding: OnboardingDoor
    originals: OriginalsDoor
    quality: QualityDoor
    directory: Callable[[], Directory]
    accounts: AccountsDoor

    @property
    def pages(self) -> ui.Pages:
        return _pages()


def programme_routes(
    feeds: FeedsDoor,
    onboarding: OnboardingDoor,
    originals: OriginalsDoor,
    quality: QualityDoor,
    directory: Callable[[], Directory],
    accounts: AccountsDoor,
) -> list[BaseRoute]:
    """All pages of the portal."""
    portal = Portal(
        feeds=feeds, onboarding=onboarding, originals=originals, quality=quality, directory=directory,
        accounts=accounts,
    )  # fmt: skip
    return [
        Route("/programme", signed_in(portal, feeds_page), methods=["GET"]),
        Route("/programme/feeds/{feed}", signed_in(portal, feed_page), methods=["GET"]),
        Route("/programme/quality", signed_in(portal, quality_list), methods=["GET"]),
        Route("/programme/quality/{organisation}", signed_in(portal, quality_of_one), methods=["GET"]),
        Route("/programme/quality/{organisation}/page", signed_in(portal, quality_to_print), methods=["GET"]),
        Route("/programme/quality/{organisation}/figures", signed_in(portal, quality_as_csv), methods=["GET"]),
    ]


async def feeds_page(portal: Portal, visit: Visit) -> Response:
    """How each feed does: first those that somebody should ask after."""
    _refuse_others(visit)
    health = await run_in_threadpool(portal.feeds.health)
    feeds = sorted(health.feeds, key=lambda each: (not each.is_overdue, each.state != "slow", each.feed.name))
    directory = await run_in_threadpool(portal.directory)
    return visit.show("feeds.jinja", feeds=feeds, refused=health.refused, directory=directory)


async def feed_page(portal: Portal, visit: Visit) -> Response:
    """How far a feed has come on its way to its first day, and of which fields of its messages nothing is made."""
    _refuse_others(visit)
    feed = visit.request.path_params["feed"]
    steps = await run_in_threadpool(portal.onboarding.of, feed)
    unmapped = await run_in_threadpool(portal.originals.unmapped, feed)
    return visit.show("feed.jinja", feed=feed, steps=steps, unmapped=unmapped)


async def quality_list(portal: Portal, visit: Visit) -> Response:
    """What the data of each organisation are like, as measured last."""
    _refuse_others(visit)
    newest = await run_in_threadpool(portal.quality.newest)
    directory = await run_in_threadpool(portal.directory)
    pages = {each.organisation: quality_page(each, directory.name(each.organisation), ()) for each in newest}
    return visit.show("quality.jinja", newest=newest, pages=pages, directory=directory)


async def quality_of_one(portal: Portal, visit: Visit) -> Response:
    """The same of one organisation, whole, and day by day: what `concord quality write` writes."""
    page, measured = await _told(portal, visit)
    return visit.show("quality_of_one.jinja", read_out=page, organisation=measured.organisation)


async def quality_to_print(portal: Portal, visit: Visit) -> Response:
    """The same as a file for a browser or a printer, which needs no other file."""
    page, measured = await _told(portal, visit)
    return _file(on_paper([page]), "text/html", f"{_name(measured)}.html")


async def quality_as_csv(portal: Portal, visit: Visit) -> Response:
    """Its figures, for a spreadsheet."""
    _, measured = await _told(portal, visit)
    return _file(f"\ufeff{quality_csv(measured)}", "text/csv", f"{_name(measured)}.csv")


async def _told(portal: Portal, visit: Visit) -> tuple[Page, Measured]:
    """What was measured of an organisation last, as it may leave. NotFound for one that was not measured."""
    _refuse_others(visit)
    organisation = OdsCode(visit.request.path_params["organisation"])
    days = await run_in_threadpool(portal.quality.trend, organisation)
    if not days:
        raise NotFound("There is no such page.")
    directory = await run_in_threadpool(portal.directory)
    return quality_page(days[0], directory.name(organisation), days[1:]), days[0]


def _name(measured: Measured) -> str:
    return f"data-quality-{measured.organisation}-{measured.day}"


def _file(text: str, type_: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
    return Response(text, 200, headers, type_)


def _refuse_others(visit: Visit) -> None:
    if not visit.who.runs_programme:
        raise NotFound("There is no such page.")


@cache
def _pages() -> ui.Pages:
    return ui.Pages(Path(__file__).parent / "templates", visits.assets(), {})
