"""Northfield, small, made by the command that a newcomer types, and served on a port of this machine."""

import fcntl
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

PEOPLE = 40  # those who have a story, and a few more
CONCORD = Path(sys.executable).parent / "concord"


@dataclass(frozen=True)
class Served:
    """An installation that is being served: its address and its folder; and the demo as it was made, if it is one."""

    url: str
    data: Path
    made: Path


@pytest.fixture(scope="session")
def northfield(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[Served]:
    """The demo, made once a run; each process that tests serves a copy of its own."""
    ours = tmp_path_factory.mktemp("northfield") / "data"
    base = tmp_path_factory.getbasetemp()
    shared = (base if worker_id == "master" else base.parent) / "northfield-made"
    with (shared.parent / "northfield.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not shared.exists():
            concord("init", str(shared), "--demo", "--people", str(PEOPLE))
        shutil.copytree(shared, ours)
    yield from served(ours, shared)


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Served]:
    """A new installation that is no demo."""
    data = tmp_path / "installation"
    concord("init", str(data))
    yield from served(data)


@pytest.fixture(scope="session")
def command() -> Callable[..., str]:
    """Runs `concord ...` as a newcomer does; gives what it prints."""
    return concord


def concord(*arguments: str) -> str:
    done = subprocess.run([CONCORD, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"concord {arguments[0]}: {done.stdout[-2000:]}{done.stderr[-2000:]}"
    return done.stdout


def served(data: Path, made: Path | None = None) -> Iterator[Served]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with (data / "server.log").open("w") as log:
        server = subprocess.Popen(
            [CONCORD, "serve", "--data", str(data), "--port", str(port)], stdout=log, stderr=subprocess.STDOUT
        )
        try:
            _wait_for(url, server, data / "server.log")
            yield Served(url=url, data=data, made=made or data)
        finally:
            server.terminate()
            server.wait(timeout=10)


def _wait_for(url: str, server: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        assert server.poll() is None, log.read_text(encoding="utf-8")[-2000:]
        try:
            if httpx.get(f"{url}/health/ready", timeout=2).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    pytest.fail(f"the server was not ready within 30 seconds: {log.read_text(encoding='utf-8')[-2000:]}")
