"""The listener: connections in, one message at a time to the receiver, answers out in their order."""

import asyncio
import contextlib
import logging
import socket
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from concord.ingest.feeds import FeedDescription
from concord.ingest.mllp.framing import LARGEST_MESSAGE, Frame, Frames, framed
from concord.ingest.mllp.handshakes import Refusals, noting_failed_handshakes

_LOG = logging.getLogger("concord.mllp")
_BLOCK = 64 * 1024
_PAUSE_AFTER_FAULT_S = 5.0
_HANDSHAKE_S = 10.0
_PARTING_S = 2.0


class Listener:
    """Serves one feed. `answer` is called in one thread, so that each message sees what those before it left.

    A fault that `answer` raises closes the connection without an answer, after a pause: the sender repeats, and not
    at once.
    """

    def __init__(
        self,
        feed: FeedDescription,
        answer: Callable[[Frame], bytes],
        *,
        largest: int = LARGEST_MESSAGE,
        pause_after_fault_s: float = _PAUSE_AFTER_FAULT_S,
    ) -> None:
        self._feed = feed
        self._answer = answer
        self._largest = largest
        self._pause_s = pause_after_fault_s
        self._one_at_a_time = ThreadPoolExecutor(max_workers=1, thread_name_prefix="mllp")
        self._connections: set[asyncio.Task[None]] = set()
        self._refusals = Refusals(feed.name)

    async def serve(self, host: str, port: int, *, stop: asyncio.Event, started: Callable[[int], None]) -> None:
        """Listen until `stop`; what was begun by then is answered. `started` is told the port. Raises OSError."""
        secure: dict[str, Any] = {}
        if self._feed.tls is not None:
            context = noting_failed_handshakes(self._feed.tls.context(), self._refusals)
            secure = {"ssl": context, "ssl_handshake_timeout": _HANDSHAKE_S}
        server = await asyncio.start_server(self._connected, host, port, **secure)
        try:
            started(server.sockets[0].getsockname()[1])
            await stop.wait()
        finally:
            server.close()
            for task in self._connections:
                task.cancel()
            await asyncio.gather(*self._connections, return_exceptions=True)
            self._one_at_a_time.shutdown()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            if (connection := writer.get_extra_info("socket")) is not None:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)  # notice a peer that is gone
            if self._may_speak(writer):
                await self._converse(reader, writer)
        except (OSError, ssl.SSLError):
            _LOG.info("%s: a connection was lost; what it was not told is safe it will send again", self._feed.name)
        except asyncio.CancelledError:
            pass  # the listener stops
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(OSError, ssl.SSLError, TimeoutError):
                await asyncio.wait_for(writer.wait_closed(), _PARTING_S)  # an answer on its way arrives

    def _may_speak(self, writer: asyncio.StreamWriter) -> bool:
        """Whether the certificate of the other side bears a name that the feed allows."""
        allowed = self._feed.tls.clients if self._feed.tls is not None else frozenset()
        if not allowed or names_in(writer.get_extra_info("peercert") or {}) & allowed:
            return True
        self._refusals.note("its certificate bears no name that the feed allows")
        return False

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = Frames(self._largest)
        while data := await reader.read(_BLOCK):
            for frame in frames.add(data):
                answering = asyncio.get_running_loop().run_in_executor(self._one_at_a_time, self._answer, frame)
                try:
                    answer = await asyncio.shield(answering)
                except asyncio.CancelledError:
                    writer.write(framed(await answering))  # the message in hand is still answered
                    raise
                except Exception as error:  # noqa: BLE001 - whatever it was, it must not be told as an answer
                    # The words of an unknown error might tell of a person: its name alone is logged.
                    _LOG.error("%s: a message got no answer: %s", self._feed.name, type(error).__name__)
                    await asyncio.sleep(self._pause_s)
                    return
                writer.write(framed(answer))
                await writer.drain()


def names_in(certificate: dict[str, Any]) -> frozenset[str]:
    """The common name and the DNS names of a certificate, as `ssl` gives it."""
    subject = [pair for part in certificate.get("subject", ()) for pair in part]
    common = [value for name, value in subject if name == "commonName"]
    return frozenset([*common, *(value for kind, value in certificate.get("subjectAltName", ()) if kind == "DNS")])
