"""The addresses of a person's own portal. Nothing in them is of a person: whose record it is says who is signed in."""

from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from concord.base import NotFound
from concord.portals.person.acting import acting_page, acting_record_page
from concord.portals.person.choices import check_page, choices_page, consents, make, take_back
from concord.portals.person.parts import parts_of
from concord.portals.person.portal import ChoosingDoor, OwnDoor, Portal, SeersDoor, patient
from concord.portals.person.seers import item_page, kind_page, kinds_page
from concord.portals.visits import AccountsDoor, Visit, go, signed_in
from concord.record import ShutRecord


def person_routes(door: OwnDoor, choosing: ChoosingDoor, seers: SeersDoor, accounts: AccountsDoor) -> list[BaseRoute]:
    portal = Portal(door=door, choosing=choosing, seers=seers, accounts=accounts)
    return [
        Route("/my-record", signed_in(portal, record_page), methods=["GET"]),
        Route("/my-record/who-looked", signed_in(portal, looks_page), methods=["GET"]),
        Route("/my-record/who-can-see", signed_in(portal, kinds_page), methods=["GET"]),
        Route("/my-record/who-can-see/{heading}", signed_in(portal, kind_page), methods=["GET"]),
        Route("/my-record/{type}/{id}/who-can-see", signed_in(portal, item_page), methods=["GET"]),
        Route("/my-record/acting-for", signed_in(portal, acting_page), methods=["GET"]),
        Route("/my-record/acting-for/{person}", signed_in(portal, acting_record_page), methods=["GET"]),
        *_choices(portal, "/my-record/choices"),
        *_choices(portal, "/my-record/acting-for/{person}/choices"),
    ]


def _choices(portal: Portal, address: str) -> list[BaseRoute]:
    """One's own, and of somebody for whom one acts."""
    return [
        Route(address, signed_in(portal, choices_page), methods=["GET"]),
        Route(address, signed_in(portal, make), methods=["POST"]),
        Route(f"{address}/consents", signed_in(portal, consents), methods=["GET"]),
        Route(f"{address}/check", signed_in(portal, check_page), methods=["POST"]),
        Route(f"{address}/take-back", signed_in(portal, take_back), methods=["POST"]),
    ]


async def record_page(portal: Portal, visit: Visit) -> Response:
    viewer = patient(visit)
    try:
        opened = await portal.door.open(viewer).released()
    except NotFound as nothing:
        # Who acts for somebody need not be known here themselves.
        if await portal.door.acted_for(viewer).released():
            return go("/my-record/acting-for")
        return visit.show("own_nothing.jinja", status=404, words=str(nothing))
    if isinstance(opened, ShutRecord):
        raise NotFound(opened.because)
    return visit.show("own_record.jinja", identity=opened.summary.identity, parts=list(parts_of(opened.summary)))


async def looks_page(portal: Portal, visit: Visit) -> Response:
    looks = await portal.door.looks(patient(visit)).released()
    return visit.show("own_looks.jinja", looks=looks)
