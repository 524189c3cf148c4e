"""Drafting a change: writing it, checking it, and seeing what it would open and close."""

from datetime import timedelta
from functools import partial
from typing import TypeVar

from starlette.responses import Response

from concord.base import Conflict, Incorrect
from concord.governance.agreements import Draft, Trial, agreement_page
from concord.portals.governance.excerpts import Line, changed_lines, marked
from concord.portals.governance.long_answers import UnderWay
from concord.portals.governance.portal import Portal
from concord.portals.visits import Visit, go

PERIODS = {"7": "The last 7 days", "30": "The last 30 days", "90": "The last 90 days"}
T = TypeVar("T")
_AGAIN_S = "3"
_EMPTY = "Choose a file, or begin with an agreement that is in force"


async def begin_draft(portal: Portal, visit: Visit) -> Response:
    """From the agreement that is named, as its next version, or from a file that was sent."""
    viewer, fields = visit.who.viewer, visit.fields
    agreement, text = fields.get("agreement", ""), fields.get("file", "")
    begin, given = (portal.desk.begin_with, agreement) if agreement else (portal.desk.begin, text)
    if not given.strip():
        raise Incorrect(_EMPTY)
    return go(f"/drafts/{await portal.ask(begin, viewer, fields.get('title', ''), given)}")


async def draft_page(portal: Portal, visit: Visit) -> Response:
    """The text, and what is to be mended in it."""
    draft, trial = await _tried(portal, visit)
    return _editor(visit, draft, trial)


async def keep_draft(portal: Portal, visit: Visit) -> Response:
    """Keep what was typed, or the file that was sent in its place, and check it."""
    fields, reference = visit.fields, visit.request.path_params["reference"]
    text = fields.get("file", "") or fields.get("text", "")
    revision = int(fields["revision"]) if fields.get("revision", "").isdecimal() else 0
    keep, title = portal.desk.keep, fields.get("title", "")
    try:
        await portal.ask(keep, visit.who.viewer, reference, title=title, text=text, revision=revision)
    except (Conflict, Incorrect) as error:
        draft, trial = await _tried(portal, visit)
        status = 409 if isinstance(error, Conflict) else 400
        return _editor(visit, draft, trial, error=error.message, typed=(title, text), status=status)
    return go(f"/drafts/{reference}")


async def discard_draft(portal: Portal, visit: Visit) -> Response:
    await portal.ask(portal.desk.discard, visit.who.viewer, visit.request.path_params["reference"])
    return go("/agreements")


async def read_draft_page(portal: Portal, visit: Visit) -> Response:
    """The draft in plain English."""
    draft, trial = await _tried(portal, visit)
    if trial.agreement is None or trial.after is None:
        return go(f"/drafts/{draft.reference}")
    read_out = await portal.ask(agreement_page, trial.agreement, trial.after.directory)
    return visit.show("draft_read.jinja", draft=draft, trial=trial, read_out=read_out)


async def compare_page(portal: Portal, visit: Visit) -> Response:
    """What the draft opens and closes beside what is in force, and whether it keeps what was promised."""
    draft, trial = await _tried(portal, visit)
    if trial.after is None:
        return go(f"/drafts/{draft.reference}")
    viewer, counted, under_way = visit.who.viewer, None, None
    if visit.request.query_params.get("counted") == "yes":
        before = await portal.ask(portal.desk.policy, viewer)
        question = ("count", draft.reference, before.version, trial.after.version)
        run = partial(portal.counting.compared, before, trial.after, by=viewer)
        answer = await portal.long_answers.ask(viewer.user, question, lambda heard: run(progress=heard))
        counted, under_way = _either(answer)
    page = visit.show(
        "compare.jinja",
        draft=draft,
        trial=trial,
        changes=await portal.ask(portal.desk.changes, viewer, trial.after, counted),
        lines=await _lines(portal, visit, draft, trial),
        under_way=under_way,
    )
    return _again(page, under_way)


async def simulate_page(portal: Portal, visit: Visit) -> Response:
    """The accesses of the past as the draft would have had them, when a period is chosen."""
    draft, trial = await _tried(portal, visit)
    if trial.agreement is None:
        return go(f"/drafts/{draft.reference}")
    days, simulated, under_way = visit.request.query_params.get("days", ""), None, None
    if days:
        if days not in PERIODS:
            raise Incorrect("Choose one of the periods")
        viewer = visit.who.viewer
        run = partial(portal.simulator.simulate, [trial.agreement], within=timedelta(days=int(days)), by=viewer)
        question = ("simulate", draft.reference, trial.agreement.digest, days)
        answer = await portal.long_answers.ask(viewer.user, question, lambda heard: run(progress=heard))
        simulated, under_way = _either(answer)
    page = visit.show(
        "simulate.jinja",
        draft=draft,
        trial=trial,
        days=days,
        periods=PERIODS,
        read_out=simulated and simulated.page(),
        under_way=under_way,
    )
    return _again(page, under_way)


def _either(answer: T | UnderWay) -> tuple[T | None, UnderWay | None]:
    return (None, answer) if isinstance(answer, UnderWay) else (answer, None)


def _again(page: Response, under_way: UnderWay | None) -> Response:
    """The browser asks again by itself, without a script, as long as the answer is not there."""
    if under_way is not None:
        page.headers["Refresh"] = _AGAIN_S
    return page


async def _tried(portal: Portal, visit: Visit) -> tuple[Draft, Trial]:
    return await portal.ask(portal.desk.try_draft, visit.who.viewer, visit.request.path_params["reference"])


async def _lines(portal: Portal, visit: Visit, draft: Draft, trial: Trial) -> list[list[Line]]:
    """How the text differs from that of the version in force; empty for an agreement that is new."""
    if trial.replaced is None:
        return []
    return changed_lines(await portal.ask(portal.desk.text, visit.who.viewer, trial.replaced.agreement), draft.text)


def _editor(
    visit: Visit,
    draft: Draft,
    trial: Trial,
    *,
    error: str = "",
    typed: tuple[str, str] | None = None,
    status: int = 200,
) -> Response:
    title, text = typed or (draft.title, draft.text)
    return visit.show(
        "draft.jinja",
        status=status,
        draft=draft,
        trial=trial,
        title=title,
        text=text,
        error=error,
        marked=marked(draft.text, trial),
        may_write=visit.who.drafts_agreements
        and draft.proposed_at is None
        and draft.organisation == visit.who.viewer.organisation,
    )
