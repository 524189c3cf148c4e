"""Listening for the messages of one feed."""

import asyncio
import logging
import os
import signal
from typing import Annotated

import typer

from concord.base import Busy, Incorrect
from concord.cli.feeds import check_feed, feed_of, services_of
from concord.cli.terminal import Data, opened, out
from concord.ingest import Listener, Receiver


def listen(
    data: Data,
    feed: Annotated[str, typer.Option(help="The feed: its name in feeds/, or the file that describes it.")],
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 2575,
) -> None:
    """Listen for HL7 v2 messages (MLLP) and acknowledge each when it is safe. Stop it with Ctrl-C."""
    described = feed_of(data, feed)
    if described.transport != "mllp":
        raise Incorrect(f"The feed {described.name} does not come by connections. `concord feed run` takes in files.")
    with opened(data) as app:
        check_feed(app, described)
        logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
        receiver = Receiver(described, app.records, services=services_of(app, described), clock=app.clock, ids=app.ids)
        try:
            asyncio.run(_listen(Listener(described, receiver.answer), host, port))
        except OSError as error:
            why = os.strerror(error.errno or 0)
            raise Busy(f"Port {port} of {host} cannot be listened on ({why}). Choose another with --port.") from error
        app.store.checkpoint()


async def _listen(listener: Listener, host: str, port: int) -> None:
    stop = asyncio.Event()
    for sign in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(sign, stop.set)

    def started(on: int) -> None:
        out.print(f"Concord listens for HL7 v2 on {host}:{on}. Stop it with Ctrl-C.")

    await listener.serve(host, port, stop=stop, started=started)
