"""Serving an installation."""

import logging
from typing import Annotated

import typer
import uvicorn

from concord.app import compose_installation
from concord.base import Incorrect, SystemIds
from concord.cli.terminal import Data, out
from concord.installation import Installation, find


def serve(
    data: Data,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option(help="Processes; SQLite is served by one.", min=1)] = 1,
) -> None:
    """Serve the FHIR API (at /fhir) and the portal."""
    if workers > 1:
        raise Incorrect("SQLite is served by one process: leave --workers at 1.")
    installation = find(data)
    out.print(f"Concord listens on http://{host}:{port} (FHIR at /fhir). Stop it with Ctrl-C.")
    run_server(installation, host, port)


def run_server(installation: Installation, host: str, port: int) -> None:
    """Serve until stopped. Access logs are Concord's own, which name nobody."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    app = compose_installation(installation, SystemIds())
    try:
        uvicorn.Server(
            uvicorn.Config(
                app.asgi(),
                host=host,
                port=port,
                access_log=False,
                log_config=None,
                log_level="warning",
                server_header=False,
                timeout_graceful_shutdown=5,
            )
        ).run()
    finally:
        app.close()
