"""Signing: what there is to sign, who has signed, and taking in what was signed elsewhere with a key of one's own."""

from starlette.responses import PlainTextResponse, Response

from concord.base import Incorrect, NotFound, OdsCode
from concord.governance import Intent, StatementRefused
from concord.portals.governance.portal import Portal
from concord.portals.visits import Visit, go


async def sign_page(portal: Portal, visit: Visit) -> Response:
    """An agreement in force: who has signed, and how a party signs, suspends or withdraws."""
    return await _agreement(portal, visit, visit.request.path_params["agreement"])


async def sign_draft_page(portal: Portal, visit: Visit) -> Response:
    """A draft: what proposing it does; or, once it is proposed, who has signed and for whom it waits."""
    return await _draft(portal, visit, visit.request.path_params["reference"])


async def propose_draft(portal: Portal, visit: Visit) -> Response:
    reference = visit.request.path_params["reference"]
    try:
        await portal.ask(portal.desk.propose, visit.who.viewer, reference)
    except Incorrect as error:
        return await _draft(portal, visit, reference, error=error.message)
    return go(f"/drafts/{reference}/sign")


async def take_back_draft(portal: Portal, visit: Visit) -> Response:
    reference = visit.request.path_params["reference"]
    await portal.ask(portal.desk.take_back, visit.who.viewer, reference)
    return go(f"/drafts/{reference}/sign")


async def statement(portal: Portal, visit: Visit) -> Response:
    """The text that a party's signatory signs, as a file."""
    given, intent = visit.request.path_params, visit.request.query_params.get("intent", Intent.SIGN)
    if not given["version"].isdecimal() or intent not in set(Intent):
        raise NotFound("There is no such statement.")
    name, version, party = given["agreement"], int(given["version"]), OdsCode(given["party"])
    text = await portal.ask(portal.desk.statement, visit.who.viewer, name, version, party, Intent(intent))
    file = f"{intent}-{name}-{version}-{party}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{file}"', "Cache-Control": "no-store"}
    return PlainTextResponse(text, headers=headers)


async def receive_signature(portal: Portal, visit: Visit) -> Response:
    """Take in a signed statement, and show where its agreement stands now."""
    fields = visit.fields
    draft, agreement = fields.get("draft", ""), fields.get("agreement", "")
    text = fields.get("file", "").strip() or fields.get("signed", "")
    try:
        taken = await portal.ask(portal.desk.receive, visit.who.viewer, text)
    except StatementRefused as refused:
        if draft:
            return await _draft(portal, visit, draft, error=refused.message)
        return await _agreement(portal, visit, agreement, error=refused.message)
    proposed = await portal.ask(portal.desk.proposed, visit.who.viewer)
    if any(each.standing.agreement.digest == taken.hash for each in proposed):
        return go(f"/drafts/{draft}/sign" if draft else "/agreements")
    return go(f"/agreements/{taken.agreement}/sign")


async def _agreement(portal: Portal, visit: Visit, agreement: str, error: str = "") -> Response:
    standing = await portal.ask(portal.desk.standing, visit.who.viewer, agreement)
    directory = (await portal.ask(portal.desk.policy, visit.who.viewer)).directory
    status = 400 if error else 200
    return visit.show("sign.jinja", status=status, standing=standing, directory=directory, error=error)


async def _draft(portal: Portal, visit: Visit, reference: str, error: str = "") -> Response:
    viewer = visit.who.viewer
    draft, trial = await portal.ask(portal.desk.try_draft, viewer, reference)
    if trial.agreement is None:
        return go(f"/drafts/{reference}")
    proposed = await portal.ask(portal.desk.proposed, viewer)
    return visit.show(
        "sign_draft.jinja",
        status=400 if error else 200,
        draft=draft,
        trial=trial,
        proposed=next((each for each in proposed if each.reference == reference), None),
        mine=draft.organisation == viewer.organisation,
        directory=(await portal.ask(portal.desk.policy, viewer)).directory,
        error=error,
    )
