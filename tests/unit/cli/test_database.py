"""An installation whose record lies on PostgreSQL: named to each command, never written down."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from concord.installation import find
from tests.postgresql_server import Lease
from tests.unit.cli.commanding import Concord

CONCORD = [sys.executable, "-c", "from concord.cli import main; main()"]


@pytest.fixture
def address(postgresql: Lease) -> Iterator[str]:
    with postgresql.database() as url:
        yield url


def test_the_folder_says_that_there_is_a_database_and_not_where(concord: Concord, address: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert concord("--database", address, "init", data, "--organisation", "ZZP01")[0] == 0
    kept = {path.name: path.read_bytes() for path in data.rglob("*") if path.is_file()}
    assert "concord.db" not in kept
    assert b'database = "postgresql"' in kept["concord.toml"]
    assert not [name for name, content in kept.items() if address.encode() in content]
    assert address not in repr(find(data, address))
    assert "ZZP01" in concord("--database", address, "organisations", "--data", data)[1]


def test_the_variable_names_it_too(
    concord: Concord, address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONCORD_DATABASE", address)
    assert concord("init", tmp_path / "data")[0] == 0
    assert "admin" in concord("users", "--data", tmp_path / "data")[1]


def test_a_folder_and_a_database_that_do_not_belong_together_are_refused(
    concord: Concord, address: str, tmp_path: Path
) -> None:
    on_postgresql, in_a_file = tmp_path / "one", tmp_path / "other"
    assert concord("--database", address, "init", on_postgresql)[0] == 0
    assert concord("init", in_a_file)[0] == 0
    told = concord("users", "--data", on_postgresql)
    assert told[0] == 2
    assert "CONCORD_DATABASE" in told[1]
    told = concord("--database", address, "users", "--data", in_a_file)
    assert told[0] == 2
    assert "concord.db" in told[1]
    told = concord("--database", address, "init", tmp_path / "third")
    assert told[0] == 1
    assert "another installation" in told[1]


def test_a_backup_moves_from_one_engine_to_the_other_and_is_equal(
    concord: Concord, address: str, tmp_path: Path
) -> None:
    one, backup, other = tmp_path / "one", tmp_path / "backup", tmp_path / "other"
    assert concord("init", one, "--organisation", "ZZP01")[0] == 0
    told = concord("backup", backup, "--data", one)[1]
    content = next(line for line in told.splitlines() if line.startswith("content "))
    told = concord("--database", address, "restore", backup, "--data", other)[1]
    assert f"{content}, equal to what was backed up" in told
    assert "admin" in concord("--database", address, "users", "--data", other)[1]
    assert not (other / "concord.db").exists()


@pytest.mark.parametrize(
    ("odd", "said"),
    [
        ("mysql://here/concord", "named like postgresql://"),
        ("postgresql://nobody@/none?host=/no/such/folder", "does not answer"),
    ],
)
def test_a_database_that_is_none_is_told(concord: Concord, tmp_path: Path, odd: str, said: str) -> None:
    code, told = concord("--database", odd, "init", tmp_path / "data")
    assert code in {1, 2}
    assert said in told
    assert not (tmp_path / "data" / "concord.toml").exists()


def test_sqlite_is_served_by_one_process(concord: Concord, tmp_path: Path) -> None:
    assert concord("init", tmp_path / "data")[0] == 0
    code, told = concord("serve", "--data", tmp_path / "data", "--workers", 2)
    assert code == 2
    assert "one process" in told


def test_several_processes_serve_and_one_that_dies_is_replaced(concord: Concord, address: str, tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert concord("--database", address, "init", data, "--organisation", "ZZP01")[0] == 0
    token = concord("--database", address, "token", "--data", data, "--system", "ZZP01")[1].split()[-1]
    port, metrics = _free_port(), _free_port()
    answered = 'concord_requests_total{method="GET",route="/fhir/{type}/{id}/_history/{version}",status="200"}'

    def told() -> str:
        return httpx.get(f"http://127.0.0.1:{metrics}/metrics").text

    words = ["--database", address, "serve", "--data", str(data), "--port", str(port), "--workers", "2"]
    words += ["--metrics-port", str(metrics)]
    with subprocess.Popen([*CONCORD, *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _until(lambda: _connects(port))
            headers = {"Authorization": f"Bearer {token}", "Connection": "close"}
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=30) as ask:
                made = ask.post("/fhir/Patient", json={"resourceType": "Patient", "name": [{"family": "Holroyd"}]})
                assert made.status_code == 201
                assert {ask.get(made.headers["location"]).status_code for _ in range(10)} == {200}
                _until(lambda: f"{answered} 10.0" in told())  # an answer is counted once it has gone out
                _until(lambda: len(_workers(server.pid)) == 2)
                before = _workers(server.pid)
                os.kill(min(before), signal.SIGKILL)
                _until(lambda: len(_workers(server.pid) - before) == 1)
                assert {ask.get(made.headers["location"]).status_code for _ in range(10)} == {200}
                _until(lambda: f"{answered} 20.0" in told())  # those by the one that was killed, too
                _until(lambda: "concord_requests_in_flight 0.0" in told())
                assert "concord_database_bytes" in told()
        finally:
            server.send_signal(signal.SIGINT)
            server.wait(30)


def _workers(server: int) -> set[int]:
    children = Path(f"/proc/{server}/task/{server}/children").read_text("ascii").split()
    return {int(pid) for pid in children if b"spawn_main" in _words_of(pid)}


def _words_of(pid: str) -> bytes:
    """What a process was started with; nothing of one that has ended since."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except (FileNotFoundError, ProcessLookupError):
        return b""


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _connects(port: int) -> bool:
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 90  # each process starts anew, on a machine that may be busy
    while not true():
        assert time.monotonic() < until, "it takes too long"
        time.sleep(0.05)
