"""A stream read by head, line and rest, however its blocks fall."""

import pytest

from concord.base import Incorrect
from concord.ingest import stream as streams
from concord.ingest.stream import Stream
from tests.unit.ingest.fake_records import in_blocks

TEXT = b"first\nsecond line\r\n\nfourth"


@pytest.mark.parametrize("size", [1, 2, 3, 5, 7, 100])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_however_the_blocks_fall(size: int, mark: bytes) -> None:
    stream = Stream(in_blocks(mark + TEXT, size))
    assert stream.head(4) == b"firs"
    assert stream.line() == b"first\n"
    assert stream.line() == b"second line\r\n"
    assert stream.line() == b"\n"
    assert stream.rest() == b"fourth"
    assert stream.line() is None


def test_blocks_that_are_left() -> None:
    stream = Stream(iter([b"ab", b"cdef", b"gh"]))
    stream.head(1)
    assert b"".join(stream.blocks()) == b"abcdefgh"


@pytest.mark.parametrize("read", ["line", "rest"])
def test_one_document_is_bounded(monkeypatch: pytest.MonkeyPatch, read: str) -> None:
    monkeypatch.setattr(streams, "LARGEST_DOCUMENT", 10)
    stream = Stream(iter([b"xxxxxxxx", b"xxxx", b"xxxx"]))
    stream.head(1)
    with pytest.raises(Incorrect, match="Send it in parts"):
        getattr(stream, read)()
