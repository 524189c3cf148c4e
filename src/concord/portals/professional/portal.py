"""One request of one person at a screen: who it is, whether the form is theirs, and the page that answers."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from concord.base import Clock, ConcordError, IdSource
from concord.portals import ui
from concord.portals.professional.doors import AccountsDoor, ProfessionalDoor, SignedIn
from concord.portals.professional.reasons import reasons

SESSION_COOKIE = "session"
DISPLAY_COOKIE = "display"
DISPLAYS = {"device": "As this device", "light": "Light", "dark": "Dark room"}


@dataclass(frozen=True, kw_only=True)
class Portal:
    """What the pages stand on."""

    door: ProfessionalDoor
    accounts: AccountsDoor
    clock: Clock
    ids: IdSource


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request of someone who is signed in. `fields` is the checked form of a POST, else empty."""

    request: Request
    who: SignedIn
    secret: str
    fields: Mapping[str, str]

    def show(self, template: str, *, status: int = 200, **context: Any) -> Response:
        everywhere = {"who": self.who, "form_token": ui.form_token(self.secret), "path": self.request.url.path}
        return _show(self.request, template, everywhere | context, status)


View = Callable[[Portal, Visit], Awaitable[Response]]
Endpoint = Callable[[Request], Awaitable[Response]]


def signed_in(portal: Portal, view: View) -> Endpoint:
    """`view` for whoever is signed in, its forms checked; anyone else is sent to sign in."""

    async def endpoint(request: Request) -> Response:
        secret = ui.cookie(request, SESSION_COOKIE)
        who = await portal.accounts.signed_in(secret) if secret else None
        if secret is None or who is None:
            return RedirectResponse("/sign-in", status_code=303, headers={"Cache-Control": "no-store"})
        fields: Mapping[str, str] = {}
        try:
            if request.method == "POST":
                fields = await ui.read_form(request)
                ui.check_form(fields, secret)
            return await view(portal, Visit(request=request, who=who, secret=secret, fields=fields))
        except ConcordError as error:
            return error_page(request, error)

    return endpoint


def anyone(portal: Portal, view: Callable[[Portal, Request], Awaitable[Response]]) -> Endpoint:
    """`view` for whoever comes."""

    async def endpoint(request: Request) -> Response:
        try:
            return await view(portal, request)
        except ConcordError as error:
            return error_page(request, error)

    return endpoint


def show_signed_out(request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    return _show(request, template, {"who": None} | context, status)


def error_page(request: Request, error: Exception) -> Response:
    """The page for `error`; the same for what is absent and what is hidden. Also for addresses that no route knows."""
    problem = _problem(error)
    return show_signed_out(request, "problem.jinja", status=problem.status, problem=problem)


def assets() -> ui.Assets:
    return _assets()


def _problem(error: Exception) -> ui.Problem:
    if isinstance(error, HTTPException):
        known = {404: ui.NOT_FOUND, 405: ui.NOT_ALLOWED_METHOD}
        return known.get(error.status_code, ui.FAULT)
    return ui.problem_of(error)


def _show(request: Request, template: str, context: Mapping[str, Any], status: int) -> Response:
    chosen = ui.cookie(request, DISPLAY_COOKIE)
    everywhere = {"display": chosen if chosen in DISPLAYS else "device", "displays": DISPLAYS}
    return _pages().show(template, everywhere | dict(context), status=status)


@cache
def _assets() -> ui.Assets:
    return ui.load_assets()


@cache
def _pages() -> ui.Pages:
    return ui.Pages(Path(__file__).parent / "templates", _assets(), {"reasons": reasons})
