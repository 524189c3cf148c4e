"""A file's decompressed bytes, read from front to back by head, line or rest."""

from collections.abc import Iterator

from concord.base import Incorrect

LARGEST_DOCUMENT = 512 * 1024 * 1024  # bytes of one document or line: what is held in memory at once
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


class Stream:
    """Bytes that come in blocks. A byte order mark at the front is passed over."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._held = b""
        self._at = 0
        self._begun = False

    def head(self, size: int) -> bytes:
        """The next `size` bytes, fewer at the end or before a failure; they stay to be read. To be asked for first."""
        wanted = size + len(_BYTE_ORDER_MARK)
        try:
            while len(self._held) - self._at < wanted and (block := next(self._blocks, b"")):
                self._held = self._held[self._at :] + block
                self._at = 0
        except Incorrect as error:
            self._blocks = _failing(error)  # what came before it is still to be read
        if not self._begun and self._held.startswith(_BYTE_ORDER_MARK):
            self._at = len(_BYTE_ORDER_MARK)
        self._begun = True
        return self._held[self._at : self._at + size]

    def line(self) -> bytes | None:
        """The next line with its LF, or None at the end. Raises Incorrect when it is larger than LARGEST_DOCUMENT."""
        end = self._held.find(b"\n", self._at)
        if end >= 0:
            line = self._held[self._at : end + 1]
            self._at = end + 1
        else:
            line = self._long_line()
        return line or None

    def rest(self) -> bytes:
        """All that is left. Raises Incorrect when that is more than LARGEST_DOCUMENT."""
        parts = [self._held[self._at :]]
        size = len(parts[0])
        self._held, self._at = b"", 0
        for block in self._blocks:
            parts.append(block)
            size += len(block)
            if size > LARGEST_DOCUMENT:
                raise _too_large()
        return b"".join(parts)

    def blocks(self) -> Iterator[bytes]:
        """What is left, in blocks."""
        yield self._held[self._at :]
        self._held, self._at = b"", 0
        yield from self._blocks

    def _long_line(self) -> bytes:
        parts = [self._held[self._at :]]
        size = len(parts[0])
        self._held, self._at = b"", 0
        for block in self._blocks:
            end = block.find(b"\n") + 1
            parts.append(block[:end] if end else block)
            size += len(parts[-1])
            if size > LARGEST_DOCUMENT:
                raise _too_large()
            if end:
                self._held, self._at = block, end
                break
        return b"".join(parts)


def _failing(error: Incorrect) -> Iterator[bytes]:
    raise error
    yield b""


def _too_large() -> Incorrect:
    return Incorrect(f"One document of the file is larger than {LARGEST_DOCUMENT >> 20} MiB. Send it in parts.")
