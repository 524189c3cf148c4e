"""Signing in, signing out, and the look that someone chose for this browser."""

from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response

from concord.base import Incorrect, Unauthenticated
from concord.portals import ui
from concord.portals.professional.portal import Portal
from concord.portals.visits import DISPLAY_COOKIE, DISPLAYS, SESSION_COOKIE, Visit, go, show_signed_out

_FORM_COOKIE = "form"  # before there is a session, its forms are bound to this
_A_YEAR = 365 * 24 * 3600


async def sign_in_page(portal: Portal, request: Request) -> Response:
    users = sorted(await portal.accounts.demo_users(), key=lambda user: (user.job.lower(), user.name))
    jobs = [(job, list(of_job)) for job, of_job in groupby(users, key=lambda user: user.job)]
    return _with_form(portal, request, "sign_in.jinja", jobs=jobs)


async def pick_user(portal: Portal, request: Request) -> Response:
    fields = await ui.read_form(request)
    ui.check_form(fields, ui.cookie(request, _FORM_COOKIE))
    return _enter(request, await portal.accounts.sign_in_as(fields.get("user", "")))


async def link_page(portal: Portal, request: Request) -> Response:
    """Only shows a button: programs that look at links in a letter must not use the link up."""
    return _with_form(portal, request, "sign_in_link.jinja", failed=False)


async def use_link(portal: Portal, request: Request) -> Response:
    ui.check_form(await ui.read_form(request), ui.cookie(request, _FORM_COOKIE))
    try:
        secret = await portal.accounts.sign_in_by_link(request.path_params["token"])
    except Unauthenticated:
        return _with_form(portal, request, "sign_in_link.jinja", status=401, failed=True)
    return _enter(request, secret)


async def sign_out(portal: Portal, visit: Visit) -> Response:
    await portal.accounts.sign_out(visit.secret)
    response = go("/sign-in")
    ui.drop_cookie(visit.request, response, SESSION_COOKIE)
    return response


async def choose_display(_: Portal, visit: Visit) -> Response:
    display, back = visit.fields.get("display", ""), visit.fields.get("back", "")
    if display not in DISPLAYS:
        raise Incorrect("Choose one of the ways to show pages")
    response = go(back if back.startswith(("/person/", "/lists/", "/agreements", "/drafts/", "/my-record")) else "/")
    ui.set_cookie(visit.request, response, DISPLAY_COOKIE, display, max_age=_A_YEAR)
    return response


def _with_form(portal: Portal, request: Request, template: str, *, status: int = 200, **context: object) -> Response:
    known = ui.cookie(request, _FORM_COOKIE)
    secret = known or portal.ids.fresh()
    response = show_signed_out(
        portal.pages, request, template, status=status, form_token=ui.form_token(secret), **context
    )
    if not known:
        ui.set_cookie(request, response, _FORM_COOKIE, secret)
    return response


def _enter(request: Request, secret: str) -> Response:
    response = go("/")
    ui.set_cookie(request, response, SESSION_COOKIE, secret)
    ui.drop_cookie(request, response, _FORM_COOKIE)
    return response
