"""What the server counts of itself, and that it tells nothing of anybody."""

import asyncio
import json
import logging
import socket
import urllib.request
from collections.abc import Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from concord.api import Bulk, JsonLines, Measures, edge, fhir_routes
from tests.unit.api.client import Client
from tests.unit.api.stand_ins import AS_DOCTOR, Accounts, Item, Records

CANARY = "canary-9990003114"


def told(measures: Measures) -> str:
    with measures.told_on(0) as port:
        answer: bytes = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read()
    return answer.decode()


async def fails(_: Request) -> Response:
    raise KeyError(CANARY)


@pytest.fixture
def measures(bulk: Bulk) -> Iterator[Measures]:
    measures = Measures(lambda: {"items_waiting": 3})
    routes = [*fhir_routes(Records(Item("Patient", CANARY)), Records(), Accounts(), bulk), Route("/fails/{id}", fails)]
    with Client(edge(Starlette(routes=routes), measures=measures), AS_DOCTOR) as ask:
        assert ask("GET", f"/fhir/Patient/{CANARY}").status_code == 200
        ask("GET", f"/fhir/Patient?family={CANARY}")
        ask("GET", f"/{CANARY}?{CANARY}", headers={"User-Agent": CANARY})
        ask(CANARY, "/fhir/Patient")
        ask("GET", f"/fails/{CANARY}")
        yield measures


def test_requests_are_counted_by_route_and_nobody_is_named(measures: Measures) -> None:
    text = told(measures)
    assert 'concord_requests_total{method="GET",route="/fhir/{type}/{id}",status="200"} 1.0' in text
    assert 'concord_requests_total{method="GET",route="/fails/{id}",status="500"} 1.0' in text
    assert 'concord_requests_total{method="OTHER",route="/fhir/{type}",status="405"} 1.0' in text
    assert 'concord_request_seconds_count{method="GET",route="/fhir/{type}/{id}"} 1.0' in text
    assert "concord_requests_in_flight 0.0" in text
    assert "concord_items_waiting 3.0" in text
    assert CANARY not in text


def test_audit_groups_and_writes_are_measured() -> None:
    measures = Measures()
    measures.audited(rows=7, seconds=0.002)
    measures.written(items=40)
    text = told(measures)
    assert 'concord_audit_group_rows_bucket{le="4.0"} 0.0' in text
    assert 'concord_audit_group_rows_bucket{le="8.0"} 1.0' in text
    assert "concord_audit_commit_seconds_count 1.0" in text
    assert "concord_write_items_sum 40.0" in text


def test_metrics_are_told_to_this_machine_alone_and_end_with_the_server() -> None:
    with Measures().told_on(0) as port, socket.socket() as taken:
        with pytest.raises(OSError, match="in use"):
            taken.bind(("127.0.0.1", port))
        with pytest.raises(OSError, match="refused"), socket.create_connection(("127.0.0.2", port), timeout=5):
            pass  # another address of this machine
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5)


class Lines(logging.Handler):
    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []
        self.setFormatter(JsonLines())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))


@pytest.fixture
def lines() -> Iterator[list[str]]:
    handler, logger = Lines(), logging.getLogger("concord")
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    yield handler.lines
    logger.removeHandler(handler)
    logger.setLevel(before)


def test_a_request_is_one_line_of_json_and_its_fault_carries_its_number(lines: list[str], measures: Measures) -> None:
    logged = [json.loads(line) for line in lines]
    requests = [line for line in logged if line["logger"] == "concord.access"]
    assert [(line["method"], line["route"], line["status"]) for line in requests] == [
        ("GET", "/fhir/{type}/{id}", 200), ("GET", "/fhir/{type}", 200), ("GET", "-", 404),
        ("OTHER", "/fhir/{type}", 405), ("GET", "/fails/{id}", 500),
    ]  # fmt: skip
    assert set(requests[0]) == {"at", "level", "logger", "request", "method", "route", "status", "ms", "bytes"}
    assert requests[0]["bytes"] > 20
    (fault,) = [line for line in logged if line["level"] == "error"]
    assert fault["request"] == requests[-1]["request"]
    assert len({line["request"] for line in requests}) == 5
    assert CANARY not in "".join(lines)


def test_an_error_in_a_line_is_its_kind_alone(lines: list[str]) -> None:
    try:
        raise KeyError(CANARY)
    except KeyError:
        logging.getLogger("concord.test").exception("went wrong")
    (line,) = lines
    assert json.loads(line)["error"] == "KeyError"
    assert CANARY not in line


def test_requests_at_once_keep_their_own_numbers(lines: list[str]) -> None:
    async def answers(request: Request) -> Response:
        await asyncio.sleep(0.01)
        logging.getLogger("concord.test").info("%s", request.path_params["n"])
        return PlainTextResponse("done")

    app = edge(Starlette(routes=[Route("/{n}", answers)]))

    async def story() -> None:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
            await asyncio.gather(*(client.get(f"/{n}") for n in range(5)))

    asyncio.run(story())
    by_request: dict[str, int] = {}
    for line in map(json.loads, lines):
        if line["logger"].startswith("concord"):
            by_request[line["request"]] = by_request.get(line["request"], 0) + 1
    assert sorted(by_request.values()) == [2] * 5
