"""What is too much is told to come back, in few bytes; what has been taken on is answered."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from concord.api import Bulk, Limits, Measures, edge, fhir_routes
from concord.api.addresses import MOST_ENTRIES, MOST_VALUES
from tests.unit.api.client import Client
from tests.unit.api.stand_ins import AS_SYSTEM, Accounts, Records

MEGABYTE = 1024 * 1024


@pytest.fixture
def ask(bulk: Bulk) -> Iterator[Client]:
    with Client(edge(Starlette(routes=fhir_routes(Records(), Records(), Accounts(), bulk))), AS_SYSTEM) as client:
        yield client


class Gate:
    """An application that answers when it is told to."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self._came: asyncio.Queue[None] = asyncio.Queue()
        self._inside = 0

    async def answer(self, request: Request) -> Response:
        self._came.put_nowait(None)
        await self.open.wait()
        return PlainTextResponse("done")

    async def reached(self, number: int) -> None:
        """Wait until so many have come in."""
        while self._inside < number:
            await asyncio.wait_for(self._came.get(), 5)
            self._inside += 1

    def app(self, limits: Limits, measures: Measures | None = None) -> ASGIApp:
        paths = ("/fhir/{type}", "/fhir/{type}/_search", "/page", "/health/live")
        routes = [Route(path, self.answer, methods=["GET", "POST"]) for path in paths]
        return edge(Starlette(routes=routes), limits=limits, page=a_page, measures=measures)


def a_page(_: Request, error: Exception) -> Response:
    return PlainTextResponse(f"page: {error}", 503)


async def sent(app: ASGIApp, method: str, path: str) -> httpx.Response:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        return await client.request(method, path)


async def full(gate: Gate, app: ASGIApp, *asked: tuple[str, str]) -> list[asyncio.Task[httpx.Response]]:
    tasks = [asyncio.create_task(sent(app, *each)) for each in asked]
    await gate.reached(len(asked))
    return tasks


def test_beyond_what_is_taken_on_the_answer_is_to_come_back() -> None:
    async def story() -> None:
        gate, measures = Gate(), Measures()
        app = gate.app(Limits(reads=2, writes=1), measures)
        taken = await full(gate, app, ("GET", "/fhir/Patient"), ("POST", "/fhir/Patient/_search"))
        refused = await sent(app, "GET", "/fhir/Patient")
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "1")
        assert refused.json()["issue"][0]["code"] == "throttled"
        page = await sent(app, "GET", "/page")
        assert (page.status_code, page.headers["retry-after"]) == (503, "1")
        assert page.text.startswith("page: Concord is asked too much at once")

        write = asyncio.create_task(sent(app, "POST", "/fhir/Patient"))  # writes are counted apart
        await gate.reached(3)
        assert (await sent(app, "POST", "/fhir/Patient")).status_code == 503
        health = asyncio.create_task(sent(app, "GET", "/health/live"))  # and whether it runs can always be asked
        await gate.reached(4)
        gate.open.set()
        assert [answer.status_code for answer in await asyncio.gather(*taken, write, health)] == [200] * 4
        assert (await sent(app, "GET", "/fhir/Patient")).status_code == 200

    asyncio.run(story())


class Parts:
    """A body of so many parts, which remembers how many were fetched."""

    def __init__(self, number: int, size: int) -> None:
        self.fetched = 0
        self._number = number
        self._part = b"x" * size

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for _ in range(self._number):
            self.fetched += 1
            yield self._part


JSON = {"content-type": "application/fhir+json"}


@pytest.mark.parametrize(("path", "most"), [("/fhir/Observation", 16), ("/fhir", 64)])
def test_a_body_that_is_too_large_is_given_up_while_it_comes_in(ask: Client, path: str, most: int) -> None:
    body = Parts(200, MEGABYTE)
    answer = ask("POST", path, headers=JSON, content=body)
    assert answer.status_code == 413
    assert "Send it in parts" in answer.json()["issue"][0]["diagnostics"]
    assert body.fetched == most + 1


def test_a_body_that_says_that_it_is_too_large_is_not_read(ask: Client) -> None:
    body = Parts(1, 1)
    answer = ask("POST", "/fhir/Observation", headers=JSON | {"content-length": str(50 * MEGABYTE)}, content=body)
    assert (answer.status_code, body.fetched) == (413, 0)


async def reads_it(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


def test_a_body_that_does_not_arrive_is_not_waited_for(bulk: Bulk) -> None:
    async def late() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(30)

    app = edge(Starlette(routes=fhir_routes(Records(), Records(), Accounts(), bulk)), limits=Limits(body_seconds=0.1))
    with Client(app, AS_SYSTEM) as ask:
        answer = ask("POST", "/fhir/Observation", headers=JSON, content=late())
    assert (answer.status_code, answer.headers["connection"]) == (408, "close")
    assert "longer than" in answer.json()["issue"][0]["diagnostics"]


def test_bodies_in_hand_are_bounded_together(bulk: Bulk) -> None:
    async def story() -> list[int]:
        routes = fhir_routes(Records(), Records(), Accounts(), bulk)
        app = edge(Starlette(routes=routes), limits=Limits(bodies=3 * MEGABYTE))
        hold = asyncio.Event()

        async def body(size: int, waits: bool) -> AsyncIterator[bytes]:
            yield b" " * size
            if waits:
                await hold.wait()

        async def post(size: int, waits: bool) -> int:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
                sent = await client.post("/fhir", content=body(size, waits), headers=JSON | AS_SYSTEM)
            return sent.status_code

        first = asyncio.create_task(post(2 * MEGABYTE, waits=True))
        await asyncio.sleep(0.05)
        refused = await post(2 * MEGABYTE, waits=False)
        hold.set()
        return [await first, refused, await post(2 * MEGABYTE, waits=False)]

    assert asyncio.run(story()) == [400, 503, 400]  # 400: blanks are no JSON


def test_an_address_that_is_too_long_says_how_to_ask(ask: Client) -> None:
    answer = ask("GET", f"/fhir/Observation?code={'x' * 9_000}")
    assert answer.status_code == 414
    assert "POST [type]/_search" in answer.json()["issue"][0]["diagnostics"]


BOMBS: dict[str, Callable[[], bytes]] = {
    "entries": lambda: b'{"resourceType":"Bundle","type":"batch","entry":[%s{}]}' % (b"{}," * MOST_ENTRIES),
    "values": lambda: b'{"resourceType":"Bundle","type":"batch","entry":[{"x":[%s0]}]}' % (b"0," * MOST_VALUES),
    "depth": lambda: b'{"resourceType":"Bundle","type":"batch","entry":%s' % (b"[" * 1_000_000),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_few_bytes_that_would_be_very_much_are_refused(ask: Client, bomb: str) -> None:
    answer = ask("POST", "/fhir", headers=JSON, content=BOMBS[bomb]())
    expected = {"entries": 413, "values": 413, "depth": 400}
    assert answer.status_code == expected[bomb]
    said: dict[str, Any] = answer.json()["issue"][0]
    assert {"entries": "50,000 entries", "values": "2,500,000 values", "depth": "nested"}[bomb] in said["diagnostics"]


def test_what_is_compressed_is_not_unpacked(ask: Client) -> None:
    answer = ask("POST", "/fhir", headers=JSON | {"content-encoding": "gzip"}, content=b"\x1f\x8b" + b"0" * 1000)
    assert answer.status_code == 415
    assert "uncompressed" in answer.json()["issue"][0]["diagnostics"]


def test_an_import_may_be_of_any_size_since_none_of_it_stays_in_memory() -> None:
    async def counted(request: Request) -> Response:
        return PlainTextResponse(str(sum([len(part) async for part in request.stream()])))

    app = edge(Starlette(routes=[Route("/fhir/$import", counted, methods=["POST"])]), limits=Limits(bodies=MEGABYTE))
    with Client(app) as ask:
        assert ask("POST", "/fhir/$import", content=Parts(100, MEGABYTE)).text == str(100 * MEGABYTE)
