"""Breaking the glass, or claiming to care for the person: a page of its own, so that nobody does it in passing."""

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from concord.base import Incorrect, PersonId
from concord.governance import REASONS
from concord.portals.professional.portal import Portal
from concord.portals.visits import Visit, go


async def own_word_page(portal: Portal, visit: Visit) -> Response:
    """What it opens, for how long, and the form; or what is in force, and the button that ends it."""
    return await _show(portal, visit, error="")


async def begin(portal: Portal, visit: Visit) -> Response:
    person, fields = _person(visit), visit.fields
    kind, reason, words = (fields.get(name, "") for name in ("kind", "reason", "words"))
    try:
        asserted = await run_in_threadpool(portal.door.assert_access, person, visit.who.viewer, kind, reason, words)
        await asserted.released()
    except Incorrect as error:
        return await _show(portal, visit, error=str(error))
    return go(f"/person/{person}")


async def end(portal: Portal, visit: Visit) -> Response:
    """The next request is without it."""
    person = _person(visit)
    await run_in_threadpool(portal.door.end_assertions, person, visit.who.viewer)
    return go(f"/person/{person}")


async def _show(portal: Portal, visit: Visit, error: str) -> Response:
    asking = await portal.door.may_assert(_person(visit), visit.who.viewer).released()
    typed = {name: visit.fields.get(name, "") for name in ("kind", "reason", "words")}
    return visit.show(
        "own_word.jinja", status=400 if error else 200, asking=asking, why_list=REASONS, error=error, typed=typed
    )


def _person(visit: Visit) -> PersonId:
    return PersonId(visit.request.path_params["person"])
