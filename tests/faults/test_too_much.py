"""What is far too much, sent to a served installation: refused in bounded memory, and everybody else is answered."""

import json
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.small_system import NHS_NUMBER, patient

CONCORD = [sys.executable, "-c", "from concord.cli import main; main()"]
MEGABYTE = 1024 * 1024
ROOM = 600 * MEGABYTE  # for the server itself, and the largest bundle that is taken, twice in hand and once parsed
JSON = {"Content-Type": "application/fhir+json"}


@dataclass
class Serving:
    """`log`: what the server wrote so far."""

    url: str
    metrics: int
    log: Path
    system: httpx.Client
    process: int

    def peak(self) -> int | None:
        """Bytes of memory that the server ever had at once, where the system tells."""
        status = Path(f"/proc/{self.process}/status")
        found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="utf-8") if status.exists() else "")
        return None if found is None else int(found[1]) * 1024


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as found:
        return int(found.getsockname()[1])


def concord(*words: object) -> str:
    command = [*CONCORD, *map(str, words)]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("too-much")
    data, log = folder / "data", folder / "log"
    concord("init", data)
    token = concord("token", "--data", data, "--system", "ZZZ01").strip()
    port, metrics = free_port(), free_port()
    words = ["serve", "--data", data, "--port", port, "--metrics-port", metrics, "--log-format", "json"]
    with log.open("wb") as said:
        process = subprocess.Popen([*CONCORD, *map(str, words)], stdout=said, stderr=said)
    url = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 30
        while time.monotonic() < until:
            try:
                httpx.get(f"{url}/health/ready", timeout=2)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        headers = {"Authorization": f"Bearer {token}"}
        with httpx.Client(base_url=f"{url}/fhir", headers=headers, timeout=60) as system:
            yield Serving(url=url, metrics=metrics, log=log, system=system, process=process.pid)
    finally:
        process.terminate()
        process.wait(timeout=15)


def zeros(total: int) -> Iterator[bytes]:
    yield b'{"resourceType":"Observation","status":"final","code":{"text":"'
    for _ in range(total // MEGABYTE):
        yield b"x" * MEGABYTE
    yield b'"}}'


def test_bombs_are_refused_in_bounded_memory(serving: Serving) -> None:
    bundle = b'{"resourceType":"Bundle","type":"transaction","entry":[%s{}]}'
    sent: dict[str, tuple[str, bytes | Iterator[bytes], int]] = {
        "a resource of 50 MB": ("/Observation", zeros(50 * MEGABYTE), 413),
        "a resource of 50 MB that says so": ("/Observation", b" " * (50 * MEGABYTE), 413),
        "a bundle of 200 MB": ("", zeros(200 * MEGABYTE), 413),
        "20 million entries": ("", bundle % (b"{}," * 20_000_000), 413),
        "a million entries": ("", bundle % (b"{}," * 1_000_000), 413),
        "nested 30 million deep": ("", b"[" * 30_000_000, 413),
        "nested 2 million deep": ("", b'{"a":' * 400_000, 400),
        "one string of 60 MB": ("", bundle % (b'{"resource":{"id":"%s"}},' % (b"x" * 60_000_000)), 400),
    }
    answered = {}
    for name, (path, body, _) in sent.items():
        answered[name] = serving.system.post(path, content=body, headers=JSON).status_code
    assert answered == {name: status for name, (_, _, status) in sent.items()}
    if (peak := serving.peak()) is not None:
        assert peak < ROOM, f"{peak / MEGABYTE:.0f} MB"
    assert serving.system.post("/Patient", content=json.dumps(patient("p1")), headers=JSON).status_code == 201


def test_logs_and_metrics_say_what_was_done_and_not_to_whom(serving: Serving) -> None:
    made = serving.system.post("/Patient", content=json.dumps(patient("p9")), headers=JSON).json()["id"]
    for path in (f"/Patient/{made}", f"/Patient?identifier={NHS_NUMBER}&family=Holroyd", f"/nowhere/{NHS_NUMBER}"):
        serving.system.get(path)
    metrics = urllib.request.urlopen(f"http://127.0.0.1:{serving.metrics}/metrics", timeout=5).read().decode()
    time.sleep(0.2)
    log = serving.log.read_text(encoding="utf-8")
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    assert {"method", "route", "status", "ms", "bytes", "request", "at"} <= set(lines[-1])
    assert any(line.get("route") == "/fhir/{type}/{id}" and line["status"] == 200 for line in lines)
    assert re.search(
        r'concord_requests_total\{method="GET",route="/fhir/\{type\}/\{id\}",status="200"\} [1-9]', metrics
    )
    assert re.search(r"concord_audit_group_rows_count [1-9]", metrics)
    assert re.search(r"concord_write_items_count [1-9]", metrics)
    assert re.search(r"concord_database_bytes [1-9]", metrics)
    assert re.search(r"process_resident_memory_bytes [1-9]", metrics)
    for fact in (made, NHS_NUMBER, "Holroyd", "holroyd", "1942", "p9", "NF4"):
        assert fact not in log
        assert fact not in metrics


def test_metrics_are_at_no_address_of_the_server(serving: Serving) -> None:
    assert httpx.get(f"{serving.url}/metrics").status_code == 404
