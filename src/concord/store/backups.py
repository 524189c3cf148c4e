"""Copies of the whole database: a file a table, written from one snapshot while others write, read by either engine.

A file holds portions of rows one after another, compressed: the length in four bytes, then a MessagePack array. The
manifest is written last: where it stands, the copy is whole.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
import zstandard

from concord.base import Conflict, Incorrect, Unavailable
from concord.store.body import dictionary_name
from concord.store.contents import Contents, Held, Table, Tally, contents, portions, rows_of, tables
from concord.store.face import Reading, Row, Writing
from concord.store.layouts import NEWEST

MANIFEST = "manifest.json"
_FORM = 1  # of the files below
_LEVEL = 3
_LONGEST_PORTION = 1 << 30
_BEFORE_ANYTHING = ("audit", "policy", "source_patient", "account_user")
_DAMAGED = "The backup is damaged: {}. Take another one; what is served now is untouched."


class Manifest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a backup says of itself. `taken_at` is ISO 8601; `tables` names rows and fingerprint of each."""

    form: int
    taken_at: str
    layout: int
    dictionary: str
    content: str
    tables: dict[str, Held]


def write_backup(reading: Reading, folder: Path, taken_at: str) -> Contents:
    """Copy everything that a snapshot holds into a new folder, and say what it was."""
    folder.mkdir()
    held: dict[str, Held] = {}
    for table in tables():
        with (folder / _file_of(table)).open("xb") as file:
            held[table.name] = _write_table(reading, table, file)
    copied = Contents(layout=NEWEST, tables=held)
    manifest = Manifest(
        form=_FORM, taken_at=taken_at, layout=NEWEST, dictionary=dictionary_name(), content=copied.fingerprint,
        tables=held,
    )  # fmt: skip
    (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(manifest)) + b"\n")
    return copied


def read_manifest(folder: Path) -> Manifest:
    """Raises Incorrect where no backup lies, or one that this version does not read."""
    try:
        manifest = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=Manifest)
    except (FileNotFoundError, NotADirectoryError):
        raise Incorrect(f"There is no backup in {folder}: it has no {MANIFEST}, which is written last.") from None
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise Incorrect(f"{folder / MANIFEST} is no manifest of a backup, or of a later version of Concord.") from None
    if manifest.layout > NEWEST or manifest.form > _FORM:
        raise Incorrect(
            f"The backup has layout {manifest.layout}, of a later version of Concord than this, which restores layout "
            f"{NEWEST}. Restore it with the version that took it, or a later one."
        )
    if (manifest.form, manifest.layout, manifest.dictionary) != (_FORM, NEWEST, dictionary_name()):
        raise Incorrect(
            f"The backup has layout {manifest.layout}; this version of Concord restores layout {NEWEST}. Restore it "
            "with the version that took it, then open the folder with this one, which brings it forward."
        )
    return manifest


def read_backup(writing: Writing, folder: Path, manifest: Manifest) -> Contents:
    """Put a backup into an empty database, and prove that it then holds the same; else nothing is kept.

    Raises Conflict when the database is not empty, Unavailable when the backup is damaged.
    """
    if any(writing.row(f"SELECT 1 FROM {name} LIMIT 1") for name in _BEFORE_ANYTHING):
        raise Conflict("The database to restore into is not empty. Name an empty one.")
    for table in tables():
        markers = ",".join("?" * len(table.columns))
        insert = f"INSERT INTO {table.name} ({', '.join(table.columns)}) VALUES ({markers})"
        for portion in _read_table(folder / _file_of(table)):
            writing.run_many(insert, portion)
        if table.numbered:
            writing.number_on(table.name, table.key[0])
    restored = contents(writing)
    for name, held in manifest.tables.items():
        if restored.tables.get(name) != held:
            raise Unavailable(_DAMAGED.format(f"its table {name} does not have the content that its manifest tells"))
    if restored.fingerprint != manifest.content:
        raise Unavailable(_DAMAGED.format("what was restored is not what was backed up"))
    return restored


def _file_of(table: Table) -> str:
    return f"{table.name}.rows.zst"


def _write_table(reading: Reading, table: Table, file: BinaryIO) -> Held:
    tally = Tally()
    compressor = zstandard.ZstdCompressor(level=_LEVEL, write_checksum=True)
    with compressor.stream_writer(file, closefd=False) as out:
        for portion in portions(rows_of(reading, table)):
            packed = tally.pack(portion)
            out.write(struct.pack(">I", len(packed)) + packed)
    return tally.held()


def _read_table(path: Path) -> Iterator[list[Row]]:
    decode = msgspec.msgpack.Decoder(list[tuple[Any, ...]]).decode
    try:
        with path.open("rb") as file, zstandard.ZstdDecompressor().stream_reader(file) as stream:
            while head := _exactly(stream, 4):
                (length,) = struct.unpack(">I", head)
                if length > _LONGEST_PORTION:
                    raise Unavailable(_DAMAGED.format(f"{path.name} holds no rows"))
                yield decode(_exactly(stream, length))
    except FileNotFoundError:
        raise Unavailable(_DAMAGED.format(f"{path.name} is missing")) from None
    except (zstandard.ZstdError, ValueError, struct.error, EOFError):  # ValueError: no MessagePack, or no UTF-8
        raise Unavailable(_DAMAGED.format(f"{path.name} cannot be read to its end")) from None


def _exactly(stream: zstandard.ZstdDecompressionReader, wanted: int) -> bytes:
    """So many bytes; none at the end. Raises EOFError in between."""
    parts: list[bytes] = []
    left = wanted
    while left:
        part = stream.read(left)
        if not part:
            if left < wanted:
                raise EOFError
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)
