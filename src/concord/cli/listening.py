"""Listening for the messages of one feed."""

import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from concord.app import App
from concord.base import Busy, Incorrect
from concord.cli.terminal import Data, opened, out
from concord.ingest import Listener, MessageFeed, Receiver, read_feed


def listen(
    data: Data,
    feed: Annotated[Path, typer.Option(help="The file that describes the feed.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 2575,
) -> None:
    """Listen for HL7 v2 messages (MLLP) and acknowledge each when it is safe. Stop it with Ctrl-C."""
    described = read_feed(feed)
    if described.tls is not None:
        described.tls.context()  # certificates that cannot be used are said at once
    with opened(data) as app:
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
        receiver = Receiver(described, app.records, services=services_of(app, described), clock=app.clock, ids=app.ids)
        try:
            asyncio.run(_listen(Listener(described, receiver.answer), host, port))
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise Busy(f"Port {port} of {host} cannot be listened on ({why}). Choose another with --port.") from error
        app.store.checkpoint()


def services_of(app: App, feed: MessageFeed) -> frozenset[str]:
    """The services that the directory knows of the feed's organisation. Raises Incorrect when it knows none such."""
    with app.store.reading() as reading:
        known = app.gate.policy(reading).directory.organisations.get(feed.organisation)
    if known is None:
        raise Incorrect(
            f"There is no organisation {feed.organisation} in the directory. "
            "`concord organisations` lists and adds them."
        )
    services = frozenset(each.service for each in known.services)
    if feed.service is not None and services and feed.service not in services:
        has = ", ".join(sorted(services))
        raise Incorrect(f"{feed.organisation} has no service {feed.service} in the directory. It has: {has}.")
    return services


async def _listen(listener: Listener, host: str, port: int) -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)

    def started(on: int) -> None:
        out.print(f"Concord listens for HL7 v2 on {host}:{on}. Stop it with Ctrl-C.")

    await listener.serve(host, port, stop=stop, started=started)
