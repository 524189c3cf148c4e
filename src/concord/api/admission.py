"""How much is taken on at once: requests in hand, bytes of bodies in hand, and how long a body may take to arrive.

What is beyond is told to come back, at once and in few bytes: the server stays as large as it is, and what it has taken
on it answers. Sizes are counted while the bytes come in, so a body that is too large is never whole in memory.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from concord.api.measures import Measures
from concord.api.problems import Refused, problem
from concord.base import STOP, Busy, ConcordError, Stop

MEGABYTE = 1024 * 1024
Page = Callable[[Request, ConcordError], Response]
_FHIR = "/fhir"
_OF_BUNDLES = (_FHIR, f"{_FHIR}/", f"{_FHIR}/$process-message")
_LOOK_AFTER_S = 0.2
_WRITES = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one server process takes on. Bytes, seconds, and requests at one time."""

    reads: int = 256
    writes: int = 16
    bundle: int = 64 * MEGABYTE
    resource: int = 16 * MEGABYTE
    form: int = MEGABYTE // 4
    bodies: int = 256 * MEGABYTE
    address: int = 8 * 1024
    body_seconds: float = 60.0


class Admission:
    """ASGI middleware. A refusal is an OperationOutcome under /fhir, elsewhere what `page` makes of it."""

    def __init__(self, app: ASGIApp, measures: Measures, page: Page, limits: Limits) -> None:
        self._app = app
        self._measures = measures
        self._page = page
        self._limits = limits
        self._in_hand = {"reads": 0, "writes": 0}
        self._bytes = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"].startswith("/health/"):
            await self._app(scope, receive, send)
            return
        kind = _kind(scope)
        refusal = self._refusal(scope, kind)
        if refusal is not None:
            await self._refuse(refusal, scope, receive, send)
            return
        body = _Body(self, receive, _largest(scope, self._limits))
        self._in_hand[kind] += 1
        self._measures.in_flight.inc()
        try:
            if kind == "reads":
                with _left_alone(body, bodiless=scope["method"] in ("GET", "HEAD")):
                    await self._app(scope, body.receive, send)
            else:  # what is written is written, whether or not anybody waits to hear of it
                await self._app(scope, body.receive, send)
        finally:
            self._in_hand[kind] -= 1
            self._measures.in_flight.dec()
            self._bytes -= body.taken

    def take(self, size: int) -> None:
        """Have so many bytes more of a body in hand. Raises Busy when all bodies together are too much."""
        if self._bytes + size > self._limits.bodies:
            self._measures.refused.labels("bodies").inc()
            raise Busy("Too much is being sent at once. Send this again in a moment.")
        self._bytes += size

    @property
    def body_seconds(self) -> float:
        return self._limits.body_seconds

    def _refusal(self, scope: Scope, kind: str) -> ConcordError | None:
        longest, largest = self._limits.address, _largest(scope, self._limits)
        if len(scope["path"]) + len(scope["query_string"]) > longest:
            more = "Send a search as a form: POST [type]/_search. Of the link to its next page, send `_page` so."
            return Refused(414, "too-long", f"The address is longer than {longest:,} bytes. {more}")
        if largest is not None and _declared(scope) > largest:
            return _too_large(largest)
        if self._in_hand[kind] >= getattr(self._limits, kind):
            self._measures.refused.labels(kind).inc()
            return Busy("Concord is asked too much at once. Ask again in a moment.")
        return None

    async def _refuse(self, error: ConcordError, scope: Scope, receive: Receive, send: Send) -> None:
        answer = problem(error) if _is_fhir(scope) else self._page(Request(scope), error)
        if isinstance(error, Busy):
            answer.headers["retry-after"] = "1"
        await answer(scope, receive, send)


@contextmanager
def _left_alone(body: "_Body", *, bodiless: bool) -> Iterator[None]:
    """Within the block the work has a sign to stop (`base.STOP`), which is given when the client leaves."""
    stop, watching = Stop(), set[asyncio.Task[None]]()
    before = STOP.set(stop)
    loop = asyncio.get_running_loop()
    # Most answers are out before it is worth while to look.
    timer = loop.call_later(_LOOK_AFTER_S, lambda: watching.add(loop.create_task(body.client_left(stop, bodiless))))
    try:
        yield
    finally:
        timer.cancel()
        for task in watching:
            task.cancel()
        STOP.reset(before)


class _Body:
    """The body of one request as it comes in, counted. `largest` None: whoever reads it keeps none of it in memory, so
    that it may be of any size and take any time, as long as it goes on."""

    def __init__(self, admission: Admission, receive: Receive, largest: int | None) -> None:
        self._admission = admission
        self._receive = receive
        self._largest = largest
        self._until: float | None = None
        self._more = True
        self._whole = asyncio.Event()
        self.taken = 0

    async def receive(self) -> Message:
        if not self._more:
            return await self._receive()  # that the client has left
        now = asyncio.get_running_loop().time
        if self._until is None or self._largest is None:
            self._until = now() + self._admission.body_seconds
        try:
            async with asyncio.timeout_at(self._until):
                message = await self._receive()
        except TimeoutError:
            raise Refused(
                408, "timeout", f"The body took longer than {self._admission.body_seconds:.0f} seconds to arrive.",
                {"Connection": "close"},
            ) from None  # fmt: skip
        self._more = message.get("more_body", False)
        if not self._more:
            self._whole.set()
        size = len(message.get("body", b""))
        if size and self._largest is not None:
            if self.taken + size > self._largest:
                raise _too_large(self._largest)
            self._admission.take(size)
            self.taken += size
        return message

    async def client_left(self, stop: Stop, bodiless: bool) -> None:
        """Give the sign when the client has left, once its body is read; of a GET nobody else reads it."""
        if not bodiless:
            await self._whole.wait()
        while (await self._receive())["type"] != "http.disconnect":
            pass
        await asyncio.to_thread(stop.give)  # of a database on another machine, this takes a round trip


def _too_large(largest: int) -> Refused:
    how = "Send it in parts, or load it from a file (`concord load`)."
    return Refused(413, "too-long", f"The body is larger than the {largest:,} bytes that are taken here. {how}")


def _declared(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _is_fhir(scope: Scope) -> bool:
    path: str = scope["path"]
    return path == _FHIR or path.startswith(f"{_FHIR}/")


def _kind(scope: Scope) -> str:
    written = scope["method"] in _WRITES and _is_fhir(scope) and not scope["path"].endswith("/_search")
    return "writes" if written else "reads"


def _largest(scope: Scope, limits: Limits) -> int | None:
    if scope["path"] == f"{_FHIR}/$import":
        return None
    if not _is_fhir(scope) or scope["path"].endswith("/_search"):
        return limits.form
    return limits.bundle if scope["path"] in _OF_BUNDLES else limits.resource
