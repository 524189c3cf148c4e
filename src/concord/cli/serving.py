"""Serving an installation."""

import atexit
import gc
import logging
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer
import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from concord.api import JsonLines, Measures, PatientConnection
from concord.app import App, compose_installation
from concord.base import Busy, Incorrect, SystemIds
from concord.cli.terminal import Data, installation_in, out
from concord.installation import Installation

_COUNTED_IN = "PROMETHEUS_MULTIPROC_DIR"  # by it prometheus_client, in a process that starts, knows where to count


def serve(
    data: Data,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; SQLite is served by one.", min=1)] = 1,
    metrics_port: Annotated[
        int | None, typer.Option(help="Tell metrics on this port, to this machine alone; by default nowhere.")
    ] = None,
    log_format: Annotated[str, typer.Option(help="text, or json for one JSON object a line.")] = "text",
) -> None:
    """Serve the FHIR API (at /fhir) and the portal."""
    installation = installation_in(data)
    if workers > 1 and isinstance(installation.database, Path):
        raise Incorrect("SQLite is served by one process: leave --workers at 1, or keep the record on PostgreSQL.")
    if log_format not in ("text", "json"):
        raise Incorrect("--log-format is text or json.")
    told = f"Concord serves http://{host}:{port} (FHIR at /fhir). Stop it with Ctrl-C."
    run_server(installation, host, port, told, workers, metrics_port=metrics_port, json_lines=log_format == "json")


def run_server(
    installation: Installation, host: str, port: int, told: str, workers: int = 1, *, metrics_port: int | None = None,
    json_lines: bool = False,
) -> None:  # fmt: skip
    """Serve until stopped, and tell so once the port is ours. Raises Busy when it is taken."""
    with _listening(host, port) as listener:
        out.print(told, markup=False)
        if workers > 1:
            _run_several(installation, json_lines, workers, listener, metrics_port)
            return
        app = _composed(installation, json_lines)
        try:
            with _metrics(app.measures, metrics_port):
                uvicorn.Server(_config(app.asgi())).run(sockets=[listener])
        finally:
            app.close()


def _run_several(
    installation: Installation, json_lines: bool, workers: int, listener: socket.socket, metrics_port: int | None
) -> None:
    """This process serves nothing: it replaces those that end, and tells what they count together."""
    with TemporaryDirectory(prefix="concord-metrics-") as counts:
        app = compose_installation(installation, SystemIds())  # what is wrong is said once, and here
        try:
            if metrics_port is not None:
                os.environ[_COUNTED_IN] = counts
            with _metrics(app.measures, metrics_port, Path(counts)):
                Multiprocess(_config(partial(_worker, installation, json_lines), workers), [listener]).run()
        finally:
            app.close()


@contextmanager
def _metrics(measures: Measures, port: int | None, shared: Path | None = None) -> Iterator[None]:
    """Raises Busy when the port is taken."""
    if port is None:
        yield
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(measures.told_on(port, shared=shared))
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise Busy(f"Port {port} cannot be used for metrics ({why}). Choose another --metrics-port.") from error
        out.print(f"Metrics at http://127.0.0.1:{port}/metrics, for this machine alone.", markup=False)
        yield


def _worker(installation: Installation, json_lines: bool) -> ASGIApp:
    """What each of several processes serves."""
    app = _composed(installation, json_lines)
    atexit.register(app.close)
    return app.asgi()


def _composed(installation: Installation, json_lines: bool) -> App:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    if json_lines:
        for handler in logging.getLogger().handlers:
            handler.setFormatter(JsonLines())
    app = compose_installation(installation, SystemIds())
    app.store.keep_reserve()
    gc.freeze()  # what stands now stays: collecting it again and again would hold a page up
    return app


def _config(app: ASGIApp | Callable[[], ASGIApp], workers: int = 1) -> uvicorn.Config:
    """Access logs are Concord's own, which name nobody. Of several processes one that does not answer is replaced, but
    not while it starts on a busy machine."""
    return uvicorn.Config(
        app, factory=workers > 1, workers=workers, access_log=False, log_config=None, log_level="warning",
        server_header=False, timeout_graceful_shutdown=5, http=PatientConnection,
        timeout_worker_healthcheck=60,
    )  # fmt: skip


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise Busy(f"Port {port} of {host} cannot be listened on ({why}). Choose another with --port.") from error
