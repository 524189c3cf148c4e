"""Tells the audit from where each request came, before anything is done for it."""

from starlette.types import ASGIApp, Receive, Scope, Send

from concord.audit import Via, came_from
from concord.base import Keys

_FHIR = "/fhir"


class Origins:
    """By which face of the server, and a keyed hash of the client's address and program."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            address = (scope.get("client") or ("",))[0]
            programs = [value for name, value in scope["headers"] if name == b"user-agent"]
            via: Via = "fhir" if scope["path"].startswith(_FHIR) else "portal"
            came_from(self._keys, via, address, b" ".join(programs).decode("latin-1"))
        await self._app(scope, receive, send)
