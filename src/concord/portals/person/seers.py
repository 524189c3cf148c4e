"""Who can see what of one's record: by kind of information, and of one item."""

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from concord.portals.person.portal import Portal, patient
from concord.portals.visits import Visit


async def kinds_page(portal: Portal, visit: Visit) -> Response:
    told = await (await run_in_threadpool(portal.seers.kinds, patient(visit))).released()
    return visit.show("own_seers.jinja", everything=told.everything)


async def kind_page(portal: Portal, visit: Visit) -> Response:
    heading = visit.request.path_params["heading"]
    told = await (await run_in_threadpool(portal.seers.kinds, patient(visit), heading)).released()
    return visit.show("own_seers_of_one.jinja", told=told, what=told.one)


async def item_page(portal: Portal, visit: Visit) -> Response:
    of = visit.request.path_params
    told = await (await run_in_threadpool(portal.seers.item, patient(visit), of["type"], of["id"])).released()
    return visit.show("own_seers_of_one.jinja", told=told, what="this part of your record")
