"""The privacy officer's worklist: what colleagues opened by their own word, or nothing explains, to review."""

from datetime import timedelta

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from concord.base import Incorrect
from concord.portals.professional.portal import Portal
from concord.portals.visits import Visit, go
from concord.record import OUTCOMES

_KINDS = {"override": "Broke the glass", "self-claim": "Claimed a relationship", "access": "Looked at a record"}
_DID = {"override": "broke the glass", "self-claim": "claimed a relationship", "access": "looked at a record"}
_FIGURES_OF = timedelta(days=91)


async def alerts_page(portal: Portal, visit: Visit) -> Response:
    """The list and the figures by team. Nothing on it names a person."""
    viewer = visit.who.viewer
    alerts, since = portal.door.alerts, portal.clock.now() - _FIGURES_OF
    rows = await (await run_in_threadpool(alerts.worklist, viewer)).released()
    figures = await run_in_threadpool(alerts.figures, viewer.organisation, since)
    return visit.show("alerts.jinja", kinds=_KINDS, rows=rows, figures=figures)


async def alert_page(portal: Portal, visit: Visit) -> Response:
    return await _show(portal, visit, error="")


async def review_alert(portal: Portal, visit: Visit) -> Response:
    reference, fields = visit.request.path_params["reference"], visit.fields
    outcome = None if fields.get("act") == "escalate" else fields.get("outcome", "")
    review, note = portal.door.alerts.review, fields.get("note", "")
    try:
        done = await run_in_threadpool(lambda: review(reference, visit.who.viewer, outcome=outcome, note=note))
        await done.released()
    except Incorrect as error:
        return await _show(portal, visit, error=str(error))
    return go("/alerts")


async def _show(portal: Portal, visit: Visit, error: str) -> Response:
    one, reference = portal.door.alerts.one, visit.request.path_params["reference"]
    alert = await (await run_in_threadpool(one, reference, visit.who.viewer)).released()
    note = visit.fields.get("note", "")
    return visit.show(
        "alert.jinja", status=400 if error else 200, alert=alert, did=_DID, outcomes=OUTCOMES, error=error, note=note
    )
