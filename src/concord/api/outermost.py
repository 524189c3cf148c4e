"""Around the whole application: time every answer, log it without naming anyone, let no error out as itself."""

import logging
import time

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from concord.api.admission import Admission, Limits, Page
from concord.api.log_lines import REQUEST, new_request
from concord.api.measures import Measures
from concord.api.problems import PRIVATE, place_of, problem
from concord.api.timing import ServerTiming

_access = logging.getLogger("concord.access")
_faults = logging.getLogger("concord.api")
_FAULT = "Concord made a mistake, and nothing can be shown. Tell your administrator when it happened.\n"


def edge(
    app: ASGIApp, *, measures: Measures | None = None, page: Page | None = None, limits: Limits | None = None
) -> ASGIApp:
    """The application as it is served. Run the server with its own access log off: that one has paths in it.

    `page` makes the page of a refusal outside the FHIR API.
    """
    measured = measures or Measures()
    shielded = FaultShield(app)
    admitted = Admission(shielded, measured, page or (lambda _, error: problem(error)), limits or Limits())
    return AccessLog(ServerTiming(admitted), measured)


class FaultShield:
    """Answers for an error that nobody caught. Logs its type and place, never its message."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception as error:
            if scope["type"] != "http":
                raise
            _faults.error("fault: %s", place_of(error))
            if not started:  # else the server sees an unfinished answer, and breaks the connection off
                await PlainTextResponse(_FAULT, 500, PRIVATE)(scope, receive, send)


class AccessLog:
    """One line a request, and its count: method, route with its parameters unfilled, status, milliseconds, bytes.

    No path, no query, no address, nothing that was sent: an id in a log is a fact about a person.
    """

    def __init__(self, app: ASGIApp, measures: Measures) -> None:
        self._app = app
        self._measures = measures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_at, status, size = time.perf_counter(), 0, 0

        async def sending(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        named = REQUEST.set(new_request())
        try:
            await self._app(scope, receive, sending)
        finally:
            method, route, took = _method(scope), _template(scope), time.perf_counter() - started_at
            self._measures.answered(method, route, status, took, size)
            if _access.isEnabledFor(logging.INFO):
                _access.handle(_line(method, route, status, took * 1000, size))
            REQUEST.reset(named)


def _line(method: str, route: str, status: int, ms: float, size: int) -> logging.LogRecord:
    """Made here, since `Logger.info` would look through the stack for who calls it, at each request."""
    fields = {"method": method, "route": route, "status": status, "ms": round(ms, 1), "bytes": size}
    said = (method, route, status or "aborted", ms)
    return _access.makeRecord(
        _access.name, logging.INFO, __file__, 0, "%s %s %s %.1f", said, None, extra={"fields": fields}
    )


def _method(scope: Scope) -> str:
    """The method if it is a usual one: an unusual one is text of the client's choosing."""
    method: str = scope["method"]
    return method if method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS") else "OTHER"


def _template(scope: Scope) -> str:
    """The path as its route spells it, `/fhir/{type}/{id}`; a path that no route knows is left out."""
    return getattr(scope.get("route"), "path", "-")
