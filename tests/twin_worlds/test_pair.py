"""The runner for two servers at their addresses: two of `concord serve`, and a pair that leaks."""

import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.types import ASGIApp

from concord.app import App, compose_installation
from concord.base import FixedClock, Incorrect, OdsCode, SystemIds
from concord.installation import Installation, create, find
from tests.small_system import ED_DOCTOR, NOW, PRACTICE, enforce, send
from tests.twin_worlds import leaks, pair
from tests.twin_worlds.comparing import seeded
from tests.twin_worlds.scenarios import SCENARIOS
from tests.twin_worlds.stories import CANARY, SEAL, secret, seed, tagged
from tests.twin_worlds.worlds import IdStreams, World, world

CONCORD = Path(sys.executable).parent / "concord"
LABELLED = "an item with a label that the clause does not allow"
EVERY = "12"  # of the catalogue; the whole is asked of the worlds in this process


def test_two_servers_that_differ_in_what_is_hidden_answer_alike(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    installation = create(tmp_path / "plain", organisation=OdsCode("ZZA"), demo_day=NOW.date() + timedelta(days=1))
    with _open(installation) as app:
        enforce(app)
        of = World(app=app, ids=IdStreams(), clock=FixedClock(NOW))
        seed(of)
        of.admit(ED_DOCTOR)
        hidden = installation.keys.logical_id(OdsCode("ZZP01"), "Condition", "gp-x1")
    shutil.copytree(tmp_path / "plain", tmp_path / "hiding")
    with _open(find(tmp_path / "hiding")) as app:
        send(app, PRACTICE, secret("gp-x1", meta=tagged(SEAL, "locked")))
    with _served(tmp_path / "plain") as one, _served(tmp_path / "hiding") as other:
        asked = [one, other, "--token", of.token, "--guess", f"Condition/{hidden}", "--canary", CANARY]
        assert pair.main([*asked, "--every", EVERY]) == 0, capsys.readouterr().out
    assert " 0 leaks" in capsys.readouterr().out


@pytest.mark.parametrize("leak", [leaks.ToldWhetherHiddenOrAbsent, leaks.TotalOfEverything])
def test_a_pair_that_leaks_is_told_of(
    leak: type[leaks.Leaky], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (scenario,) = (each for each in SCENARIOS if each.hides == LABELLED)
    with world(tmp_path / "plain.db") as plain, world(tmp_path / "hiding.db") as hiding, ExitStack() as stack:
        seeded(scenario, plain, hiding)
        one, other = (stack.enter_context(_listening(leaks.leaking(leak)(of))) for of in (plain, hiding))
        guess = f"Condition/{hiding.logical_id('ZZP01', 'Condition', 'gp-x1')}"
        assert pair.main([one, other, "--token", plain.token, "--guess", guess, "--every", EVERY]) == 1
    told = capsys.readouterr().out
    assert "LEAK GET /fhir/" in told


def test_a_token_that_is_shown_nothing_compares_nothing(tmp_path: Path) -> None:
    with world(tmp_path / "a.db") as of, _listening(of.app.asgi()) as url, pytest.raises(Incorrect, match="nothing"):
        pair.main([url, url, "--token", "x"])


@contextmanager
def _open(installation: Installation) -> Iterator[App]:
    app = compose_installation(installation, SystemIds())
    try:
        yield app
    finally:
        app.close()


@contextmanager
def _served(data: Path) -> Iterator[str]:
    port = _free_port()
    url = f"http://127.0.0.1:{port}"
    command = [str(CONCORD), "serve", "--data", str(data), "--port", str(port)]
    with (data / "server.log").open("w") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
        try:
            _wait(lambda: httpx.get(f"{url}/health/ready").is_success)
            yield f"{url}/fhir"
        finally:
            server.terminate()
            server.wait(timeout=20)


@contextmanager
def _listening(asgi: ASGIApp) -> Iterator[str]:
    port = _free_port()
    server = uvicorn.Server(uvicorn.Config(asgi, port=port, log_config=None, access_log=False))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        _wait(lambda: server.started)
        yield f"http://127.0.0.1:{port}/fhir"
    finally:
        server.should_exit = True
        thread.join(timeout=20)


def _wait(until: Callable[[], bool]) -> None:
    by = time.monotonic() + 90
    while time.monotonic() < by:
        try:
            if until():
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    pytest.fail("the server did not start")


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
