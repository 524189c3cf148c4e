"""How a resource lies in a row: its JSON without what the server says of it, compressed.

A stored body is the tail of the resource: everything after the place where the server's own `versionId`,
`lastUpdated` and `source` stand, so that serving is gluing a head on.
"""

import threading
from datetime import UTC, datetime, timedelta
from functools import cache
from hashlib import sha256
from importlib.resources import files

import zstandard

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LEVEL = 3


class Codec(threading.local):
    """Compressor and decompressor of one thread, with the dictionary trained on synthetic data (see README.md)."""

    def __init__(self) -> None:
        dictionary = _dictionary()
        self._compressor = zstandard.ZstdCompressor(
            level=_LEVEL, dict_data=dictionary, write_checksum=False, write_content_size=True, write_dict_id=False
        )
        self._decompressor = zstandard.ZstdDecompressor(dict_data=dictionary)
        self.compress = self._compressor.compress
        self.decompress = self._decompressor.decompress


@cache
def _dictionary() -> zstandard.ZstdCompressionDict:
    return zstandard.ZstdCompressionDict(_dictionary_bytes())


@cache
def dictionary_name() -> str:
    """What tells this dictionary from any other: bodies written with one can be read with no other."""
    return sha256(_dictionary_bytes()).hexdigest()[:16]


def _dictionary_bytes() -> bytes:
    return files("concord.store").joinpath("bodies.dict").read_bytes()


def microseconds(instant: datetime) -> int:
    """Microseconds since 1970 UTC."""
    return (instant - _EPOCH) // timedelta(microseconds=1)


def instant(value: int) -> datetime:
    return _EPOCH + timedelta(microseconds=value)


@cache
def _day(days: int) -> str:
    return (_EPOCH + timedelta(days=days)).strftime("%Y-%m-%d")


def fhir_instant(value: int) -> str:
    """FHIR `instant` with milliseconds, from microseconds since 1970 UTC."""
    milliseconds, (seconds, days) = value // 1000 % 1000, (value // 1_000_000 % 86400, value // 86_400_000_000)
    return f"{_day(days)}T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{milliseconds:03}Z"
