"""Slow and endless heads of requests, against the server itself; and in which pieces answers go out."""

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any, cast

import pytest
import uvicorn
from starlette.applications import Starlette

from concord.api import PatientConnection, connections, edge, health_routes
from concord.api.connections import Gathering


@pytest.fixture
def port(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    config = uvicorn.Config(
        edge(Starlette(routes=health_routes(lambda: None))), http=PatientConnection, log_config=None,
        timeout_keep_alive=30, loop="asyncio",
    )  # fmt: skip
    server = uvicorn.Server(config)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()


def connected(port: int) -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=5)
    made.settimeout(5)
    return made


WHOLE = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@pytest.mark.parametrize("before", [b"", WHOLE])
def test_a_head_that_dribbles_in_is_not_waited_for(port: int, before: bytes) -> None:
    """On a new connection, and on one that has been answered already."""
    with connected(port) as client:
        if before:
            client.sendall(before)
            assert client.recv(4096).startswith(b"HTTP/1.1 200")
        started = time.monotonic()
        closed = False
        while not closed and time.monotonic() - started < 4:
            client.settimeout(0.1)
            try:
                client.sendall(b"G")
                closed = client.recv(4096) == b""
            except TimeoutError:
                continue
            except OSError:
                closed = True
        assert closed


def test_a_head_without_end_is_refused(port: int) -> None:
    with connected(port) as client:
        answer = b""
        try:
            client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")
            for number in range(10_000):
                client.sendall(b"X-%d: %s\r\n" % (number, b"y" * 1000))
        except OSError:
            pass  # closed while we wrote
        try:
            answer = client.recv(4096)
        except ConnectionResetError:
            return
        assert answer == b"" or answer.startswith(b"HTTP/1.1 431")


def test_usual_requests_are_answered_one_after_another(port: int) -> None:
    with connected(port) as client:
        for _ in range(3):
            client.sendall(WHOLE)
            answer = b""
            while not answer.endswith(b'"live"}'):
                answer += client.recv(4096)
            assert answer.startswith(b"HTTP/1.1 200")
            time.sleep(0.3)


class Wire:
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        self.written: list[bytes | str] = []

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def close(self) -> None:
        self.written.append("closed")

    def is_closing(self) -> bool:
        return "closed" in self.written


LARGE = b"x" * 100_000


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ([b"head", b"body"], [b"headbody"]),
        ([b"head", None], [b"head"]),
        ([b"head", None, b"body", None], [b"head", b"body"]),
        ([b"head", b"body", b"more", b"still", b"last", None], [b"headbody", b"morestill", b"last"]),
        ([b"head", LARGE, LARGE, b"last", None], [b"head", LARGE, LARGE, b"last"]),
        ([b"head", "close"], [b"head", "closed"]),
        ([b"head", b"", "close"], [b"head", "closed"]),
        (["close"], ["closed"]),
    ],
    ids=["both", "one", "apart", "many", "large", "closed", "bodiless", "nothing"],
)
def test_what_is_written_goes_out_in_order_and_two_pieces_as_one(said: list[Any], sent: list[Any]) -> None:
    """None: the loop has its turn."""

    async def writing() -> Wire:
        wire = Wire()
        gathering = Gathering(cast("asyncio.Transport", wire), asyncio.get_running_loop())
        for each in said:
            if each is None:
                await asyncio.sleep(0)
            elif each == "close":
                gathering.close()
                assert gathering.is_closing()
            else:
                gathering.write(each)
        return wire

    assert asyncio.run(writing()).written == sent
