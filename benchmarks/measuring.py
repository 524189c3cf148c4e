"""What the benchmarks share: running `concord`, finding what to measure with, figures and tables."""

import json
import os
import platform
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psycopg
from rich.console import Console
from rich.table import Table

_TIMING = re.compile(r"(\w+);dur=([\d.]+)")
ROOT = Path(__file__).resolve().parent.parent
SYNTHEA = ROOT.parent / "shared/data/synthea"
CONCORD = Path(sys.executable).with_name("concord")
ORGANISATION = "ZZZ01"
_ADDRESS = "address-of-database"
_DURABLE = ("shared_buffers=256MB", "max_connections=100", "listen_addresses=", "logging_collector=off")


@dataclass(frozen=True, kw_only=True)
class Run:
    """One program that ended: seconds of wall, of the processor in user and system mode, and peak memory in MB."""

    wall: float
    user: float
    system: float
    peak_mb: float
    output: str


# -- which database ----------------------------------------------------------------------------------------------------


class _Engine:
    """What installations are made on: SQLite, unless a PostgreSQL server of `on` runs."""

    def __init__(self) -> None:
        self.server: Any = None


_engine = _Engine()


@contextmanager
def on(*, postgresql: bool) -> Iterator[None]:
    """Make installations on PostgreSQL within the block, on a server of its own, with the settings that keep what is
    committed; or on SQLite."""
    if not postgresql:
        yield
        return
    sys.path.append(str(ROOT))
    from tests.postgresql_server import Server  # noqa: PLC0415 - it needs what only tests have

    folder = Path(tempfile.mkdtemp(prefix="concord-bench-"))
    _engine.server = Server(folder, _DURABLE)
    try:
        _engine.server.make()
        _engine.server.start()
        yield
    finally:
        _engine.server.stop(signal.SIGINT)
        _engine.server = None
        shutil.rmtree(folder)


def new(data: Path, *words: str) -> Run:
    """Make an installation: `concord init` with what it takes besides."""
    if _engine.server is None:
        return run("init", data, *words)
    name = "b" + sha256(str(data.resolve()).encode()).hexdigest()[:16]
    with psycopg.connect(_engine.server.url("postgres"), autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}".encode())
    done = _run(["init", data, *words], _engine.server.url(name))
    (data / _ADDRESS).write_text(_engine.server.url(name), encoding="utf-8")
    return done


def database_of(data: Path) -> str | None:
    """The address of the PostgreSQL database on which an installation lies, if it does."""
    kept = data / _ADDRESS
    return kept.read_text(encoding="utf-8") if kept.exists() else None


# -- running and looking -----------------------------------------------------------------------------------------------


def run(*arguments: str | Path) -> Run:
    """Run `concord` to its end, on the database of the installation that it names. Raises SystemExit with what it said
    when it fails."""
    addresses = [address for each in arguments if isinstance(each, Path) and (address := database_of(each))]
    return _run(arguments, next(iter(addresses), None))


def _run(arguments: Sequence[str | Path], database: str | None) -> Run:
    began = time.perf_counter()
    process = subprocess.Popen(
        [CONCORD, *map(str, arguments)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=_environment(database)
    )
    assert process.stdout is not None
    output = process.stdout.read().decode()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"concord {' '.join(map(str, arguments))}: exit {process.returncode}\n{output}")
    return Run(
        wall=time.perf_counter() - began,
        user=used.ru_utime,
        system=used.ru_stime,
        peak_mb=used.ru_maxrss / 1024,
        output=output,
    )


def _environment(database: str | None) -> dict[str, str]:
    return dict(os.environ) if database is None else {**os.environ, "CONCORD_DATABASE": database}


def synthea_or_exit() -> Path:
    if not SYNTHEA.is_dir():
        raise SystemExit(f"{SYNTHEA.relative_to(ROOT.parent)} is not here: this benchmark has nothing to load.")
    return SYNTHEA


def load_synthea(data: Path, report: Path) -> tuple[Run, dict[str, Any]]:
    """Load the Synthea files into an installation; the run and the load's own report."""
    done = run("load", "--data", data, "--organisation", ORGANISATION, "--report", report, synthea_or_exit())
    return done, json.loads(report.read_text(encoding="utf-8"))


def bytes_of(folder: Path) -> int:
    """What the database takes on disk."""
    if database_of(folder):
        ((size,),) = rows(folder, "SELECT pg_database_size(current_database())")
        return int(size)
    return sum(path.stat().st_size for path in folder.glob("concord.db*"))


def rows(data: Path, sql: str, values: Sequence[object] = ()) -> list[tuple[Any, ...]]:
    """Read the database directly: to choose whom to measure with, never to measure."""
    address = database_of(data)
    if address is not None:
        with psycopg.connect(address) as connection:
            return connection.execute(sql.replace("%", "%%").replace("?", "%s").encode(), values).fetchall()
    lite = sqlite3.connect(f"file:{data / 'concord.db'}?mode=ro", uri=True)
    try:
        return lite.execute(sql, values).fetchall()
    finally:
        lite.close()


class Address(str):
    """Where a server answers, and which process it is."""

    __slots__ = ("process",)
    process: int

    def cpu_s(self) -> float:
        """Seconds of processor time that the server has used."""
        fields = Path(f"/proc/{self.process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory_mb(self) -> float:
        """What it holds in memory now."""
        text = Path(f"/proc/{self.process}/status").read_text(encoding="utf-8")
        return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def timing_of(headers: Mapping[str, str]) -> dict[str, float]:
    """Milliseconds by the parts that the server names."""
    return {name: float(spent) for name, spent in _TIMING.findall(headers.get("server-timing", ""))}


@contextmanager
def server(data: Path) -> Iterator[Address]:
    """A server of its own on a free port of this machine; its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address = Address(f"http://127.0.0.1:{port}")
    process = subprocess.Popen(
        [CONCORD, "serve", "--data", data, "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment(database_of(data)),
    )  # fmt: skip
    address.process = process.pid
    try:
        for _ in range(600):
            try:
                with urlopen(f"{address}/health/ready"):
                    break
            except (URLError, OSError):
                time.sleep(0.05)
        yield address
    finally:
        process.terminate()
        process.wait()


def tell(done: str) -> None:
    """Say how far a program has come, beside what it prints."""
    print(f"{time.strftime('%H:%M:%S')} {done}", file=sys.stderr, flush=True)


def percentile(values: Sequence[float], share: float) -> float:
    """Between the two nearest ranks."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def machine() -> dict[str, Any]:
    """What the figures were taken on: nothing that names the machine."""
    text = Path("/proc/cpuinfo").read_text(encoding="utf-8") if Path("/proc/cpuinfo").exists() else ""
    models = [line.partition(":")[2].strip() for line in text.splitlines() if line.startswith("model name")]
    return {
        "processor": models[0] if models else platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 1),
    }


def show(title: str, found: Sequence[dict[str, Any]], target: Path | None) -> None:
    """A table on the terminal; the same as JSON into `target`."""
    about = machine()
    table = Table(*(str(name) for name in found[0]), title=title)
    for row in found:
        table.add_row(*map(shown, row.values()))
    console = Console(width=max(150, Console().width))
    console.print(table)
    console.print(", ".join(f"{name} {value}" for name, value in about.items()))
    if target is not None:
        target.write_text(json.dumps({"machine": about, "rows": found}, indent=2) + "\n", encoding="utf-8")


def shown(value: object) -> str:
    """Three figures of what is small, whole numbers of what is large."""
    if isinstance(value, float):
        return f"{value:.3f}" if value < 1 else f"{value:.1f}" if value < 1000 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)
