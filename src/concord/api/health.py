"""Is it running, and can it answer? For whoever restarts it or sends requests to it."""

from collections.abc import Callable

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from concord.api.problems import PRIVATE
from concord.base import ConcordError


def health_routes(check: Callable[[], str | None]) -> list[Route]:
    """`/health/live` and `/health/ready`. `check` raises when what Concord needs (its database) does not answer, and
    gives what somebody must be rung for though it does."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "live"}, headers=PRIVATE)

    async def ready(_: Request) -> Response:
        try:
            alarm = await run_in_threadpool(check)
        except ConcordError:
            return JSONResponse({"status": "unavailable"}, 503, PRIVATE)
        return JSONResponse({"status": "ready"} | ({"alarm": alarm} if alarm else {}), headers=PRIVATE)

    return [Route("/health/live", live), Route("/health/ready", ready)]
