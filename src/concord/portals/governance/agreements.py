"""The agreements in force: the list, one of them in plain English, and who sees what by them."""

from starlette.responses import PlainTextResponse, Response

from concord.base import Incorrect
from concord.governance.agreements import agreement_page, explanation, promises_page
from concord.portals.governance.portal import Portal
from concord.portals.governance.question import FIELDS, choices, read_question
from concord.portals.visits import Visit


async def list_page(portal: Portal, visit: Visit) -> Response:
    """Every agreement and how it stands, the promises of all, and the drafts of the viewer's organisation."""
    viewer = visit.who.viewer
    policy = await portal.ask(portal.desk.policy, viewer)
    return visit.show(
        "agreements.jinja",
        standings=await portal.ask(portal.desk.standings, viewer),
        promises=await portal.ask(promises_page, policy),
        proposed=await portal.ask(portal.desk.proposed, viewer),
        drafts=await portal.ask(portal.desk.drafts, viewer),
    )


async def read_page(portal: Portal, visit: Visit) -> Response:
    name, viewer = visit.request.path_params["agreement"], visit.who.viewer
    standing = await portal.ask(portal.desk.standing, viewer, name)
    directory = (await portal.ask(portal.desk.policy, viewer)).directory
    return visit.show(
        "agreement.jinja",
        standing=standing,
        directory=directory,
        read_out=await portal.ask(agreement_page, standing.agreement, directory),
        history=await portal.ask(portal.desk.history, viewer, name),
    )


async def agreement_file(portal: Portal, visit: Visit) -> Response:
    """The agreement as it was written, to keep or to change."""
    name = visit.request.path_params["agreement"]
    text = await portal.ask(portal.desk.text, visit.who.viewer, name)
    headers = {"Content-Disposition": f'attachment; filename="{name}.yaml"', "Cache-Control": "no-store"}
    return PlainTextResponse(text, headers=headers)


async def explain_page(portal: Portal, visit: Visit) -> Response:
    """Who sees this, what does this role see, why does it or does it not: whatever is left open is not asked about."""
    policy = await portal.ask(portal.desk.policy, visit.who.viewer)
    typed = {name: visit.request.query_params.get(name, "") for name in FIELDS}
    error, answer = "", None
    try:
        asked = read_question(typed, policy.directory)
        if asked is not None:
            answer = await portal.ask(explanation, policy, asked, lay=typed["words"] == "lay")
    except Incorrect as refused:
        error = refused.message
    return visit.show(
        "explain.jinja",
        status=400 if error else 200,
        typed=typed,
        choices=choices(policy.directory),
        error=error,
        answer=answer,
    )
