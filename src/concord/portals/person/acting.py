"""The pages of somebody who acts for others: for whom, and the record of one of them."""

from starlette.responses import Response

from concord.base import NotFound, PersonId
from concord.portals.person.parts import parts_of
from concord.portals.person.portal import Portal, patient
from concord.portals.visits import Visit
from concord.record import ShutRecord


async def acting_page(portal: Portal, visit: Visit) -> Response:
    people = await portal.door.acted_for(patient(visit)).released()
    return visit.show("acting.jinja", people=people)


async def acting_record_page(portal: Portal, visit: Visit) -> Response:
    opened = await portal.door.open_for(PersonId(visit.request.path_params["person"]), patient(visit)).released()
    if isinstance(opened, ShutRecord):
        raise NotFound(opened.because)
    parts = list(parts_of(opened.summary, own=False))
    return visit.show(
        "acting_record.jinja", identity=opened.summary.identity, parts=parts, link=opened.link,
        choices=f"{visit.request.url.path}/choices" if opened.may_choose else "",
    )  # fmt: skip
