"""Requests to an ASGI application in this process: no server, and nothing of a client's own between."""

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Mapping
from types import TracebackType
from typing import Self
from urllib.parse import unquote, urlencode

import httpx
from starlette.types import ASGIApp, Message, Scope

HOST = "concord.test"
ADDRESS = f"http://{HOST}"


class Client:
    """`with Client(app) as ask: ask("GET", "/fhir/metadata")`; all requests of one client share an event loop."""

    def __init__(self, app: ASGIApp, headers: Mapping[str, str] | None = None) -> None:
        self._app = app
        self._runner = asyncio.Runner()
        self._headers = {"host": HOST, "accept": "*/*", **_lowered(headers or {})}

    def __call__(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | AsyncIterable[bytes] | None = None,
        data: Mapping[str, str] | None = None,
    ) -> httpx.Response:
        """Ask, with a body of `content` or a form of `data`. Raises what the application lets out."""
        sent = self._headers | _lowered(headers or {})
        if data is not None:
            content = urlencode(data).encode()
            sent["content-type"] = "application/x-www-form-urlencoded"
        if isinstance(content, bytes):
            sent["content-length"] = str(len(content))
        raw, _, query = path.partition("?")
        scope: Scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": unquote(raw), "raw_path": raw.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
            "client": ("127.0.0.1", 1), "server": (HOST, 80),
        }  # fmt: skip
        return self._runner.run(self._answer(scope, _parts(content)))

    async def _answer(self, scope: Scope, parts: AsyncIterator[bytes]) -> httpx.Response:
        start: Message = {}
        body = bytearray()
        more, sent = True, False

        async def receive() -> Message:
            nonlocal sent
            if sent:
                await asyncio.Event().wait()  # the client stays on the line until it is answered
            part = await anext(parts, None)
            sent = part is None
            return {"type": "http.request", "body": part or b"", "more_body": part is not None}

        async def send(message: Message) -> None:
            nonlocal start, more
            if message["type"] == "http.response.start":
                start = message
            else:
                body.extend(message.get("body", b""))
                more = message.get("more_body", False)

        await self._app(scope, receive, send)
        assert not more, "the answer was left unfinished"
        return httpx.Response(start["status"], headers=list(start["headers"]), content=bytes(body))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._runner.close()


async def _parts(content: bytes | AsyncIterable[bytes] | None) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        yield content
    elif content is not None:
        async for part in content:
            yield part


def _lowered(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
