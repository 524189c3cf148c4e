"""MLLP frames out of bytes: VT, the message, FS, CR (HL7 v2.4, appendix C)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

START, END, AFTER_END = b"\x0b", b"\x1c", b"\r"
LARGEST_MESSAGE = 32 * 1024 * 1024
_HEAD_KEPT = 16 * 1024


@dataclass(frozen=True, slots=True)
class Frame:
    """One message as sent. Of one that is longer than may be, only the beginning was kept (`too_long`)."""

    message: bytes = field(repr=False)
    too_long: bool = False


class Frames:
    """Feeds on bytes as they come. What stands between frames is passed over; so is a frame that is begun anew."""

    def __init__(self, largest: int = LARGEST_MESSAGE) -> None:
        self._largest = largest
        self._held = bytearray()
        self._inside = False
        self._too_long = False

    def add(self, data: bytes) -> Iterator[Frame]:
        """The frames that `data` completes."""
        while data:
            if not self._inside:
                begins = data.find(START)
                if begins < 0:
                    return
                data = data[begins + 1 :]
                self._inside, self._too_long = True, False
                self._held.clear()
            ends, begins = data.find(END), data.find(START)
            if begins >= 0 and (ends < 0 or begins < ends):  # the sender gave up on the frame before
                self._inside = False
                data = data[begins:]
            elif ends < 0:
                self._keep(data)
                return
            else:
                self._keep(data[:ends])
                self._inside = False
                data = data[ends + 1 :]
                yield Frame(bytes(self._held), self._too_long)
                self._held.clear()

    def _keep(self, data: bytes) -> None:
        if self._too_long:
            return
        self._held += data
        if len(self._held) > self._largest:
            self._too_long = True
            del self._held[_HEAD_KEPT:]


def framed(message: bytes) -> bytes:
    """A message in its frame."""
    return START + message + END + AFTER_END
