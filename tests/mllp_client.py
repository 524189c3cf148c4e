"""A sender of HL7 v2 over MLLP, for tests: a socket, frames, and what the other side answers."""

import socket
import ssl
from types import TracebackType
from typing import Self

VT, FS_CR = b"\x0b", b"\x1c\r"


class Sender:
    """One connection. `wait_s`: how long it waits for an answer."""

    def __init__(self, port: int, *, secure: ssl.SSLContext | None = None, wait_s: float = 10.0) -> None:
        self.connection: socket.socket = socket.create_connection(("127.0.0.1", port), timeout=wait_s)
        if secure is not None:
            self.connection = secure.wrap_socket(self.connection, server_hostname="localhost")
        self._held = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.connection.close()

    def write(self, data: bytes) -> None:
        self.connection.sendall(data)

    def send(self, message: bytes) -> list[list[str]]:
        """Send a message and wait; the fields of MSH and MSA of the answer. Raises EOFError when there is none."""
        self.write(VT + message + FS_CR)
        return self.answer()

    def answer(self) -> list[list[str]]:
        while FS_CR not in self._held:
            data = self.connection.recv(65536)
            if not data:
                raise EOFError("the connection was closed without an answer")
            self._held += data
        answer, _, self._held = self._held.partition(FS_CR)
        assert answer.startswith(VT)
        return [segment.split("|") for segment in answer[1:].decode().rstrip("\r").split("\r")]

    def code(self, message: bytes) -> str:
        """What MSA-1 says to a message."""
        return self.send(message)[1][1]


def admission(
    number: int, *, control: str = "", at: str = "20240110090000", family: str = "Holroyd", extra: str = ""
) -> bytes:
    """An admission of patient `number`, in a visit of its own."""
    header = f"MSH|^~\\&|PAS|ZZA|CONCORD|NN|{at}||ADT^A01|{control or f'C{number}'}|P|2.4"
    pv1 = "|".join(["PV1", "1", "I", "Ash^1^A", *[""] * 15, f"V{number}"])
    return "\r".join(
        [header, f"EVN|A01|{at}", f"PID|1||{70000 + number}^^^PAS^MR||{family}^Margaret", pv1 + extra]
    ).encode()


def result(number: int, of: int, *, value: str = "138") -> bytes:
    """A sodium, known by its own number."""
    header = f"MSH|^~\\&|LAB|ZZA|CONCORD|NN|20240110100000||ORU^R01|R{number}|P|2.4"
    pid = f"PID|1||{70000 + of}^^^PAS^MR||Holroyd^Margaret"
    obr = f"OBR|1||F{number}|UE^Urea and electrolytes^L|||20240110093000|||||||||||||||20240110095900||LAB|F"
    return "\r".join([header, pid, obr, f"OBX|1|NM|NA^Sodium^L||{value}|mmol/L|||||F"]).encode()
