"""Serving an installation."""

import gc
import logging
import os
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated

import typer
import uvicorn

from concord.api import JsonLines, Measures, PatientConnection
from concord.app import compose_installation
from concord.base import Busy, Incorrect, SystemIds
from concord.cli.terminal import Data, out
from concord.installation import Installation, find


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
    if workers > 1:
        raise Incorrect("SQLite is served by one process: leave --workers at 1.")
    if log_format not in ("text", "json"):
        raise Incorrect("--log-format is text or json.")
    installation = find(data)
    told = f"Concord serves http://{host}:{port} (FHIR at /fhir). Stop it with Ctrl-C."
    run_server(installation, host, port, told, metrics_port=metrics_port, json_lines=log_format == "json")


def run_server(
    installation: Installation, host: str, port: int, told: str, *, metrics_port: int | None = None,
    json_lines: bool = False,
) -> None:  # fmt: skip
    """Serve until stopped, and tell so once the port is ours. Raises Busy when it is taken.

    Access logs are Concord's own, which name nobody.
    """
    with _listening(host, port) as listener:
        out.print(told, markup=False)
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
        if json_lines:
            for handler in logging.getLogger().handlers:
                handler.setFormatter(JsonLines())
        app = compose_installation(installation, SystemIds())
        try:
            config = uvicorn.Config(
                app.asgi(), access_log=False, log_config=None, log_level="warning", server_header=False,
                timeout_graceful_shutdown=5, http=PatientConnection,
            )  # fmt: skip
            app.store.keep_reserve()
            gc.freeze()  # what stands now stays: collecting it again and again would hold a page up
            with _metrics(app.measures, metrics_port):
                uvicorn.Server(config).run(sockets=[listener])
        finally:
            app.close()


@contextmanager
def _metrics(measures: Measures, port: int | None) -> Iterator[None]:
    """Raises Busy when the port is taken."""
    if port is None:
        yield
        return
    with ExitStack() as stack:
        try:
            stack.enter_context(measures.told_on(port))
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise Busy(f"Port {port} cannot be used for metrics ({why}). Choose another --metrics-port.") from error
        out.print(f"Metrics at http://127.0.0.1:{port}/metrics, for this machine alone.", markup=False)
        yield


def _listening(host: str, port: int) -> socket.socket:
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise Busy(f"Port {port} of {host} cannot be listened on ({why}). Choose another with --port.") from error
