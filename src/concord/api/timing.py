"""`Server-Timing` on every response: how long the server took, from request read to last byte ready.

`total` stands first; the parts that an answer noted with `note_timings` follow. Of a response that is
streamed the time is that of its first part, since headers leave before the rest is ready.
"""

import time
from collections.abc import Mapping, MutableMapping
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PARTS = "concord.timings"


def note_timings(scope: MutableMapping[str, Any], parts: Mapping[str, float]) -> None:
    """Add milliseconds spent on named parts of the answer to `scope`; the same name adds up."""
    noted = scope.setdefault(_PARTS, {})
    for name, milliseconds in parts.items():
        noted[name] = noted.get(name, 0.0) + milliseconds


class ServerTiming:
    """ASGI middleware, outside everything that may answer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        read_at = time.perf_counter()
        held: Message | None = None

        async def receiving() -> Message:
            nonlocal read_at
            message = await receive()
            if message["type"] == "http.request" and held is None:
                read_at = time.perf_counter()  # the last time this happens, the request has been read
            return message

        async def sending(message: Message) -> None:
            nonlocal held
            if message["type"] == "http.response.start":
                held = message
                return
            if held is not None:
                start, held = held, None
                header = _header((time.perf_counter() - read_at) * 1000, scope.get(_PARTS, {}))
                await send({**start, "headers": [*start.get("headers", ()), (b"server-timing", header)]})
            await send(message)

        await self._app(scope, receiving, sending)


def _header(total_ms: float, parts: Mapping[str, float]) -> bytes:
    return ", ".join(f"{name};dur={ms:.3f}" for name, ms in (("total", total_ms), *parts.items())).encode()
