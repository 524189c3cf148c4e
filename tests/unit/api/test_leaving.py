"""A client that leaves frees the thread that worked for it; one that stays is answered, and a write is finished."""

import asyncio
import threading
import time
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.types import ASGIApp, Message

from concord.api import Bulk, edge, fhir_routes
from concord.base import STOP, Abandoned
from concord.fhir import Search
from concord.governance import Asker
from tests.unit.api.stand_ins import Accounts, Records


class Slow(Records):
    """A record whose search works until it is told to stop."""

    def __init__(self) -> None:
        super().__init__()
        self.working = threading.Semaphore(0)
        self.stopped: list[str] = []

    def search(self, search: Search, asker: Asker) -> Any:
        self.working.release()
        stop = STOP.get()
        assert stop is not None
        until = time.monotonic() + 60
        while time.monotonic() < until:
            try:
                stop.check()
            except Abandoned:
                self.stopped.append(search.type)
                raise
            time.sleep(0.005)
        pytest.fail("nobody said that the client had left")


async def leaves(app: ASGIApp, leaving: asyncio.Event, method: str = "GET") -> int:
    """The status of a search whose client sends it whole, and leaves when told."""
    path = "/fhir/Observation" if method == "GET" else "/fhir/Observation/_search"
    form = [(b"content-type", b"application/x-www-form-urlencoded")] if method == "POST" else []
    scope = {
        "type": "http", "method": method, "path": path, "raw_path": path.encode(), "query_string": b"",
        "headers": [(b"authorization", b"Bearer concord_doctor"), (b"host", b"t"), *form], "root_path": "",
        "scheme": "http", "server": ("t", 80), "client": ("t", 1),
    }  # fmt: skip
    asked, status = False, 0

    async def receive() -> Message:
        nonlocal asked
        if not asked:
            asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await leaving.wait()
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        nonlocal status
        status = message.get("status", status)

    await app(scope, receive, send)
    return status


async def entered(records: Slow, number: int) -> None:
    for _ in range(number):
        assert await asyncio.to_thread(records.working.acquire, timeout=30)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_search_whose_client_left_is_stopped(bulk: Bulk, method: str) -> None:
    records = Slow()
    app = edge(Starlette(routes=fhir_routes(records, records, Accounts(), bulk)))

    async def story() -> None:
        leaving, leaving_first = asyncio.Event(), asyncio.Event()
        asked = [asyncio.create_task(leaves(app, leaving, method)) for _ in range(4)]
        await entered(records, 4)
        # Four threads search; the fifth waits for one of them, and has left before it could begin.
        asked.append(asyncio.create_task(leaves(app, leaving_first, method)))
        leaving_first.set()
        await asyncio.sleep(1)
        leaving.set()
        assert await asyncio.wait_for(asyncio.gather(*asked), 30) == [503] * 5

    asyncio.run(story())
    assert len(records.stopped) == 4
    assert not records.working.acquire(blocking=False)


def test_the_thread_is_free_for_who_stays(bulk: Bulk) -> None:
    records = Slow()
    app = edge(Starlette(routes=fhir_routes(records, records, Accounts(), bulk)))

    async def story() -> None:
        for _ in range(3):
            leaving = asyncio.Event()
            asked = [asyncio.create_task(leaves(app, leaving)) for _ in range(4)]
            await entered(records, 4)
            leaving.set()
            await asyncio.wait_for(asyncio.gather(*asked), 30)

    asyncio.run(story())
    assert len(records.stopped) == 12
