"""The page of the messages behind an item: what it says, in its sender's words."""

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from concord.portals.professional.portal import Portal
from concord.portals.visits import Visit


async def message_page(portal: Portal, visit: Visit) -> Response:
    """Raises NotFound for what is absent, not open to the viewer, another organisation's, or came by no message."""
    params = visit.request.path_params
    asked = portal.messages.behind
    behind = await (await run_in_threadpool(asked, params["type"], params["id"], visit.who.viewer)).released()
    return visit.show("message.jinja", behind=behind)
