"""Files from paths: walked in order of name, decompressed, and read ahead by a thread.

Decompressing (bz2 above all) lets go of the interpreter's lock, so that the next file is decompressed while the
last one is being stored. What is read ahead is bounded in bytes, not in files.
"""

import bz2
import gzip
import queue
import threading
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import zstandard

from concord.base import Incorrect
from concord.ingest.stream import Stream

_BLOCK = 256 * 1024
_BLOCKS_AHEAD = 64
_PACKED_BLOCK = 16 * 1024
_BROKEN = (EOFError, OSError, zlib.error, zstandard.ZstdError)


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that `paths` name, folders' files and subfolders in order of name. Hidden names are passed over.

    What stands in a folder and is no file is named too: reading it says why it cannot be read. Raises Incorrect for
    a path that does not exist, and for a folder that cannot be listed.
    """
    for path in paths:
        try:
            if not path.is_dir() and not path.is_file():
                raise Incorrect(f"{path} is no file and no folder. Name what exists.")
            yield from _within(path)
        except OSError as error:
            raise Incorrect(f"{error.filename} cannot be read: {error.strerror}.") from None


def _within(path: Path) -> Iterator[Path]:
    if path.is_dir():
        for each in sorted(each for each in path.iterdir() if not each.name.startswith(".")):
            yield from _within(each)
    else:
        yield path


def opened(paths: Iterable[Path]) -> Iterator[tuple[Path, Stream]]:
    """Each file with its decompressed content. A stream is good until the next one is asked for.

    Reading a stream raises Incorrect where the file cannot be read or decompressed.
    """
    ahead: queue.Queue[Path | bytes | Exception | None] = queue.Queue(_BLOCKS_AHEAD)
    stopped = threading.Event()
    threading.Thread(target=_read, args=(paths, ahead, stopped), name="ingest reading ahead", daemon=True).start()
    try:
        while (path := ahead.get()) is not None:
            if isinstance(path, Exception):
                raise path
            assert isinstance(path, Path)
            blocks = _blocks_of_one(ahead)
            yield path, Stream(blocks)
            for _ in blocks:  # what the reader left unread
                pass
    finally:
        stopped.set()


def _blocks_of_one(ahead: "queue.Queue[Path | bytes | Exception | None]") -> Iterator[bytes]:
    failure: Exception | None = None
    while item := ahead.get():
        if isinstance(item, Exception):
            failure = item
        elif isinstance(item, bytes):
            yield item
    if failure is not None:
        raise failure


def _read(
    paths: Iterable[Path], ahead: "queue.Queue[Path | bytes | Exception | None]", stopped: threading.Event
) -> None:
    """Put path, blocks, b"" for each file; an exception in the place of what could not be had; None at the end."""

    def put(item: Path | bytes | Exception | None) -> None:
        while not stopped.is_set():
            try:
                ahead.put(item, timeout=0.2)
            except queue.Full:
                continue
            return

    try:
        for path in paths:
            put(path)
            try:
                for block in _blocks(path):
                    put(block)
                    if stopped.is_set():
                        return
            except Exception as error:  # noqa: BLE001 - whatever it is, the reading side raises it
                put(error)
            put(b"")
    except Exception as error:  # noqa: BLE001 - whatever it is, the reading side raises it
        put(error)
    put(None)


def _blocks(path: Path) -> Iterator[bytes]:
    """The content in blocks, decompressed as its first bytes say. Raises Incorrect."""
    try:
        if path.exists() and not path.is_file():
            raise Incorrect("This is no file that can be read from front to back.")  # a pipe would never answer
        file = path.open("rb")
    except OSError as error:
        raise Incorrect(f"The file cannot be opened: {error.strerror}.") from None
    with file:
        try:
            magic = file.read(4)
            file.seek(0)
            if magic.startswith(b"\x1f\x8b"):
                with gzip.GzipFile(fileobj=file) as unpacked:
                    yield from iter(lambda: unpacked.read1(_BLOCK), b"")
            elif magic.startswith(b"BZh"):
                with bz2.BZ2File(file) as decompressed:
                    yield from iter(lambda: decompressed.read1(_BLOCK), b"")
            elif magic == b"\x28\xb5\x2f\xfd":
                yield from _zstandard(file)
            else:
                yield from iter(lambda: file.read(_BLOCK), b"")
        except _BROKEN as error:
            raise Incorrect(
                f"The file is cut short or damaged: it cannot be read on after byte {file.tell()} of it ({error})."
            ) from None


def _zstandard(file: BinaryIO) -> Iterator[bytes]:
    """Frame after frame; unlike the library's own reader this one notices a frame that is cut short."""
    packed = file.read(_PACKED_BLOCK)
    while packed:
        frame = zstandard.ZstdDecompressor().decompressobj()
        while True:
            if block := frame.decompress(packed):
                yield block
            if frame.eof:
                packed = frame.unused_data or file.read(_PACKED_BLOCK)
                break
            if not (packed := file.read(_PACKED_BLOCK)):
                raise EOFError("a frame ends too early")
