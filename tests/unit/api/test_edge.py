"""Around every answer: its time, its line in the log, and no error that gets out as itself."""

import asyncio
import logging
import re
from collections.abc import AsyncIterator

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Message

from concord.api import edge, health_routes
from concord.api.timing import note_timings
from concord.base import Unavailable
from tests.unit.api.client import Client

CANARY = "canary-9990003114"
TIMING = re.compile(r"total;dur=(\d+\.\d{3})((?:, [a-z]+;dur=\d+\.\d{3})*)")


async def slow(request: Request) -> Response:
    await asyncio.sleep(0.03)
    note_timings(request.scope, {"decide": 1.5})
    note_timings(request.scope, {"decide": 0.25, "audit": 2})
    return PlainTextResponse("done")


async def streamed(_: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one"
        yield b"two"

    return StreamingResponse(parts())


async def broken(_: Request) -> Response:
    raise KeyError(CANARY)


async def broken_off(_: Request) -> Response:
    async def parts() -> AsyncIterator[bytes]:
        yield b"one"
        raise KeyError(CANARY)

    return StreamingResponse(parts())


def unready() -> None:
    raise Unavailable("no disk")


@pytest.fixture
def app() -> Starlette:
    routes = [
        Route("/slow", slow), Route("/streamed", streamed), Route("/people/{number}", slow),
        Route("/broken", broken), Route("/broken-off", broken_off), *health_routes(lambda: None),
    ]  # fmt: skip
    return Starlette(routes=routes)


def test_every_response_says_how_long_it_took_total_first(app: Starlette, caplog: pytest.LogCaptureFixture) -> None:
    with Client(edge(app)) as ask:
        for path in ("/slow", "/streamed", "/broken", "/nowhere", "/health/live", "/health/ready"):
            answer = ask("GET", path)
            assert len(answer.headers.get_list("server-timing")) == 1, path
            assert TIMING.fullmatch(answer.headers["server-timing"]), path


def test_the_time_is_that_of_the_work_and_its_parts_follow(app: Starlette) -> None:
    with Client(edge(app)) as ask:
        found = TIMING.fullmatch(ask("GET", "/slow").headers["server-timing"])
    assert found is not None
    assert float(found[1]) >= 30
    assert found[2] == ", decide;dur=1.750, audit;dur=2.000"


def test_waiting_for_the_body_is_not_the_servers_time(app: Starlette) -> None:
    async def reads(request: Request) -> Response:
        await request.body()
        return PlainTextResponse("done")

    async def late() -> AsyncIterator[bytes]:
        await asyncio.sleep(0.2)
        yield b"body"

    with Client(edge(Starlette(routes=[Route("/", reads, methods=["POST"])]))) as ask:
        answer = ask("POST", "/", content=late())
    found = TIMING.fullmatch(answer.headers["server-timing"])
    assert found is not None
    assert float(found[1]) < 150


def test_a_stream_arrives_whole(app: Starlette) -> None:
    with Client(edge(app)) as ask:
        assert ask("GET", "/streamed").content == b"onetwo"


def test_the_log_names_the_route_and_nobody(app: Starlette, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, "concord"), Client(edge(app)) as ask:
        ask("GET", f"/people/{CANARY}?name={CANARY}", headers={"User-Agent": CANARY, "Referer": CANARY})
        ask("GET", f"/nowhere/{CANARY}")
        ask("CANARY", "/slow")
    lines = [record.getMessage() for record in caplog.records if record.name == "concord.access"]
    assert [line.rpartition(" ")[0] for line in lines] == ["GET /people/{number} 200", "GET - 404", "OTHER /slow 405"]
    assert CANARY not in caplog.text


def test_an_error_that_nobody_caught_leaves_its_place_and_no_message(
    app: Starlette, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), Client(edge(app)) as ask:
        answer = ask("GET", "/broken")
    assert CANARY not in answer.text + caplog.text
    assert "KeyError at tests.unit.api.test_edge:" in caplog.text


def test_an_answer_that_breaks_off_is_left_unfinished(app: Starlette, caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.Event().wait()
        raise AssertionError("the client stays")

    async def send(message: Message) -> None:
        sent.append(message)

    async def serve() -> None:
        scope = {"type": "http", "method": "GET", "path": "/broken-off", "query_string": b"", "headers": []}
        await edge(app)(scope, receive, send)

    with caplog.at_level(logging.DEBUG):
        asyncio.run(serve())
    assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
    assert sent[-1]["more_body"] is True
    assert CANARY not in caplog.text


def test_an_error_before_any_answer_is_a_500() -> None:
    async def app(*_: object) -> None:
        raise KeyError(CANARY)

    with Client(edge(app)) as ask:
        answer = ask("GET", "/")
    assert answer.status_code == 500
    assert CANARY not in answer.text


def test_health_tells_running_from_able(app: Starlette) -> None:
    with Client(edge(app)) as ask:
        assert [ask("GET", f"/health/{kind}").status_code for kind in ("live", "ready")] == [200, 200]
    with Client(edge(Starlette(routes=health_routes(unready)))) as ask:
        assert [ask("GET", f"/health/{kind}").status_code for kind in ("live", "ready")] == [200, 503]
