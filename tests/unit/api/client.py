"""Requests to an ASGI application in this process, without a server."""

import asyncio
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

import httpx
from starlette.types import ASGIApp

ADDRESS = "http://concord.test"


class Client:
    """`with Client(app) as ask: ask("GET", "/fhir/metadata")`; all requests of one client share an event loop."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] | None = None) -> None:
        self._runner = asyncio.Runner()
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url=ADDRESS, headers=dict(headers or {}), timeout=30
        )

    def __call__(self, method: str, path: str, **how: Any) -> httpx.Response:
        return self._runner.run(self._http.request(method, path, **how))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.run(self._http.aclose())
        self._runner.close()
