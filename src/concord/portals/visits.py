"""One request of one person at a screen: who it is, whether the form is theirs, and the page that answers."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from concord.base import ConcordError
from concord.governance import Viewer
from concord.portals import ui

SESSION_COOKIE = "session"
DISPLAY_COOKIE = "display"
DISPLAYS = {"device": "As this device", "light": "Light", "dark": "Dark room"}


@dataclass(frozen=True, kw_only=True, slots=True)
class DemoUser:
    """A user of a demo directory, as the sign-in page lists them. `job` is the title of the role."""

    user: str
    name: str
    job: str
    organisation: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SignedIn:
    """Who is at the screen. `organisation` is its name; `may_trace` may find a person, `may_audit` see who looked,
    `reads_agreements` and `drafts_agreements` what they say, `reviews_links` say whose records belong together,
    `runs_programme` see how the feeds do, `counts_people` how many people there are, `reviews_labels` what their
    organisation's items are labelled and why."""

    viewer: Viewer
    organisation: str
    may_trace: bool
    may_audit: bool
    reads_agreements: bool = False
    drafts_agreements: bool = False
    reviews_links: bool = False
    runs_programme: bool = False
    counts_people: bool = False
    reviews_labels: bool = False


class AccountsDoor(Protocol):
    """Sessions. A session's secret is the value of its cookie, unguessable, and never logged."""

    async def demo_users(self) -> Sequence[DemoUser]:
        """Those who may be picked from a list: in demo directories all users, elsewhere none."""
        ...

    async def sign_in_as(self, user: str) -> str:
        """The secret of a new session. Raises Forbidden outside demo directories and for whoever is not listed."""
        ...

    async def sign_in_by_link(self, token: str) -> str:
        """The secret of a new session. Raises Unauthenticated when the link was used, is too old or never was."""
        ...

    async def sign_out(self, secret: str) -> None:
        """Ends the session at once; nothing happens when there is none."""
        ...

    async def signed_in(self, secret: str) -> SignedIn | None: ...


class Staffed(Protocol):
    """A portal, as far as a visit needs it."""

    @property
    def accounts(self) -> AccountsDoor: ...
    @property
    def pages(self) -> ui.Pages: ...


P = TypeVar("P", bound=Staffed)
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, kw_only=True)
class Visit:
    """A request of someone who is signed in. `fields` is the checked form of a POST, else empty."""

    request: Request
    who: SignedIn
    secret: str
    fields: Mapping[str, str]
    pages: ui.Pages

    def show(self, template: str, *, status: int = 200, **context: Any) -> Response:
        everywhere = {"who": self.who, "form_token": ui.form_token(self.secret), "path": self.request.url.path}
        return _show(self.pages, self.request, template, everywhere | context, status)


def signed_in(
    portal: P, view: Callable[[P, Visit], Awaitable[Response]], *, largest_form: int = ui.LARGEST_FORM
) -> Endpoint:
    """`view` for whoever is signed in, its forms checked; anyone else is sent to sign in."""

    async def endpoint(request: Request) -> Response:
        secret = ui.cookie(request, SESSION_COOKIE)
        who = await portal.accounts.signed_in(secret) if secret else None
        if secret is None or who is None:
            return go("/sign-in")
        fields: Mapping[str, str] = {}
        try:
            if request.method == "POST":
                fields = await ui.read_form(request, largest=largest_form)
                ui.check_form(fields, secret)
            return await view(portal, Visit(request=request, who=who, secret=secret, fields=fields, pages=portal.pages))
        except ConcordError as error:
            return error_page(portal.pages, request, error)

    return endpoint


def anyone(portal: P, view: Callable[[P, Request], Awaitable[Response]]) -> Endpoint:
    """`view` for whoever comes."""

    async def endpoint(request: Request) -> Response:
        try:
            return await view(portal, request)
        except ConcordError as error:
            return error_page(portal.pages, request, error)

    return endpoint


def show_signed_out(pages: ui.Pages, request: Request, template: str, *, status: int = 200, **context: Any) -> Response:
    return _show(pages, request, template, {"who": None} | context, status)


def error_page(pages: ui.Pages, request: Request, error: Exception) -> Response:
    """The page for `error`; the same for what is absent and what is hidden. Also for addresses that no route knows."""
    problem = _problem(error)
    return show_signed_out(pages, request, "problem.jinja", status=problem.status, problem=problem)


def go(path: str) -> Response:
    """Sent on after a form, so that reloading the page sends nothing twice."""
    return RedirectResponse(path, status_code=303, headers={"Cache-Control": "no-store"})


@cache
def assets() -> ui.Assets:
    """Raises Unavailable when set-up has not fetched a style sheet."""
    return ui.load_assets()


def _problem(error: Exception) -> ui.Problem:
    if isinstance(error, HTTPException):
        known = {404: ui.NOT_FOUND, 405: ui.NOT_ALLOWED_METHOD}
        return known.get(error.status_code, ui.FAULT)
    return ui.problem_of(error)


def _show(pages: ui.Pages, request: Request, template: str, context: Mapping[str, Any], status: int) -> Response:
    chosen = ui.cookie(request, DISPLAY_COOKIE)
    everywhere = {"display": chosen if chosen in DISPLAYS else "device", "displays": DISPLAYS}
    return pages.show(template, everywhere | dict(context), status=status)
