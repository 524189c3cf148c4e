"""How connections are read and written: one that says too little too slowly, or too much before it asks anything, is
closed; an answer's head goes out together with what follows it."""

import asyncio
from typing import Any, cast

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0
LONGEST_HEAD = 64 * 1024
_TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Length: 54\r\nConnection: close\r\n\r\nAddress and headers are larger than 65,536 bytes here.\n"
)


_GATHERED = 64 * 1024  # bytes up to which copying two pieces into one takes less than sending them apart


class Gathering:
    """A transport that sends two pieces, written one right after the other, as one: each that is sent wakes whoever
    waits for it, which takes longer than the sending. A piece that nothing follows goes out in the loop's next turn."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""
        self._turn: asyncio.Handle | None = None

    def write(self, data: bytes) -> None:
        if self._turn is None and len(data) <= _GATHERED:
            self._held, self._turn = data, self._loop.call_soon(self._send)
        elif len(self._held) + len(data) <= _GATHERED:
            self._held += data
            self._send()
        else:
            self._send()
            self._transport.write(data)

    def close(self) -> None:
        self._send()
        self._transport.close()

    def _send(self) -> None:
        if self._turn is not None:
            self._turn.cancel()
            held, self._held, self._turn = self._held, b"", None
            self._transport.write(held)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class PatientConnection(HttpToolsProtocol):
    """uvicorn's own, which waits for ever for the head of a request, with an end to its patience (slow loris)."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self._patience: asyncio.TimerHandle | None = None
        self._head = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # narrower than asyncio's, as uvicorn has it
        super().connection_made(cast("asyncio.Transport", Gathering(transport, self.loop)))
        self._wait_for_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._patience is not None:
            self._head += len(data)
        super().data_received(data)
        if self._patience is not None and self._head > LONGEST_HEAD:
            self.transport.write(_TOO_LONG)
            self._give_up()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._patience is None:
            self._wait_for_head()

    def on_headers_complete(self) -> None:
        self._stop_waiting()
        super().on_headers_complete()

    def _wait_for_head(self) -> None:
        self._head = 0
        self._patience = self.loop.call_later(HEAD_SECONDS, self._give_up)

    def _stop_waiting(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _give_up(self) -> None:
        self._stop_waiting()
        if not self.transport.is_closing():
            self.transport.close()
