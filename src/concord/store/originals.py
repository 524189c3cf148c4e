"""What came as it came (messages, entries, rows), with the source patients that it told of; and how often nothing was
made of a field."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import zstandard

from concord.store import body
from concord.store.face import Reading, Writing
from concord.store.items import Place
from concord.store.people import Source

_AT_ONCE = 50
_LEVEL = 3
_NAMES_AT_ONCE = 200
_COLUMNS = "name, digest, kind, feed, received_at, body, place"


class OriginalRow(NamedTuple):
    """What it is, by which feed it came ("" for none), when, where it stood ("people.csv:12"; "" for what came by
    itself), and its bytes."""

    kind: str
    feed: str
    received_at: int
    place: str
    content: bytes


Under = tuple[Source, str]
"""With which source patient something is kept, and under which name it is found there: what items call it by, or the
item itself ("Type/id")."""


def keep(writing: Writing, kept: Iterable[tuple[OriginalRow, Iterable[Under]]], codec: body.Codec) -> int:
    """Keep each under each name, once however often it comes, line ends around it apart; how many rows are new."""
    rows: dict[tuple[object, ...], tuple[object, ...]] = {}
    for original, places in kept:
        content = original.content
        digest = hashlib.blake2b(content.strip(), digest_size=16).digest()
        rest = (writing.word(original.kind), original.feed, original.received_at)
        packed: bytes | None = None
        for source, name in places:
            packed = _packed(content, codec) if packed is None else packed
            rows.setdefault((*source, name, digest), (*rest, packed, original.place))
    flat = [(*key, *row) for key, row in rows.items()]
    return sum(_insert(writing, flat[first : first + _AT_ONCE]) for first in range(0, len(flat), _AT_ONCE))


def _packed(content: bytes, codec: body.Codec) -> bytes:
    """By the dictionary of bodies where it is FHIR. That makes messages larger; nor does one of their own pay: learned
    from one hospital's it saves nothing on another's."""
    return codec.compress(content) if content.startswith(b"{") else zstandard.compress(content, _LEVEL)


def _insert(writing: Writing, rows: Sequence[Sequence[object]]) -> int:
    one = "(?,?,?,?,?,?,?,?,?)"
    sql = f"INSERT INTO original VALUES {', '.join([one] * len(rows))} ON CONFLICT DO NOTHING"
    return writing.run(sql, [value for row in rows for value in row])


def move(writing: Writing, one: Source, other: Source, names: Sequence[str]) -> None:
    """What is kept with one source patient under these names is kept with the other."""
    for first in range(0, len(names), _NAMES_AT_ONCE):
        some = names[first : first + _NAMES_AT_ONCE]
        writing.run(
            f"INSERT INTO original (home, source_patient, {_COLUMNS}) SELECT ?, ?, {_COLUMNS} FROM original "
            f"WHERE home = ? AND source_patient = ? AND name IN ({_marks(some)}) ON CONFLICT DO NOTHING",
            (*other, *one, *some),
        )
        forget(writing, one, some)


def forget(writing: Writing, source: Source, names: Sequence[str]) -> None:
    """What is kept under these few names goes."""
    sql = f"DELETE FROM original WHERE home = ? AND source_patient = ? AND name IN ({_marks(names)})"
    writing.run(sql, (*source, *names))


def held_of(reading: Reading, source: Source) -> frozenset[str]:
    """The names under which anything is kept with a source patient."""
    rows = reading.rows("SELECT DISTINCT name FROM original WHERE home = ? AND source_patient = ?", source)
    return frozenset(str(name) for (name,) in rows)


def of_item(reading: Reading, places: Sequence[Place], names: Sequence[str], codec: body.Codec) -> list[OriginalRow]:
    """What is held under these names with the source patients of an item's places, the newest first."""
    found = {}
    for home, source_patient in {place.source for place in places}:
        for name in names:
            for row in reading.rows(
                f"SELECT {_COLUMNS} FROM original WHERE home = ? AND source_patient = ? AND name = ?",
                (home, source_patient, name),
            ):
                found[name, bytes(row[1])] = _row(reading, row, codec)
    return [found[key] for key in sorted(found, key=lambda key: (-found[key].received_at, key))]


def numbered(reading: Reading, control_id: str, codec: body.Codec) -> list[tuple[Source, OriginalRow]]:
    """The messages of a number ("M123" of "ADT^A01 M123"), with whomever, the newest first; reads all that is kept."""
    ending = control_id.replace("!", "!!").replace("%", "!%").replace("_", "!_")
    found = _anywhere(reading, "name LIKE ? ESCAPE '!'", f"% {ending}", codec)
    return [(source, row) for name, source, row in found if name.partition(" ")[2] == control_id]  # LIKE knows no case


def at_place(reading: Reading, place: str, codec: body.Codec) -> list[tuple[Source, OriginalRow]]:
    """What stood at a place ("people.csv:12"), with whomever, the newest first; reads all that is kept."""
    return [(source, row) for _, source, row in _anywhere(reading, "place = ?", place, codec)]


def _anywhere(reading: Reading, where: str, value: str, codec: body.Codec) -> list[tuple[str, Source, OriginalRow]]:
    rows = reading.rows(
        f"SELECT home, source_patient, {_COLUMNS} FROM original WHERE {where} "
        "ORDER BY received_at DESC, home, source_patient, name, digest",
        (value,),
    )
    return [(row[0], (home, source_patient), _row(reading, row, codec)) for home, source_patient, *row in rows]


def _marks(values: Sequence[object]) -> str:
    return ",".join("?" * len(values))


def _row(reading: Reading, row: Sequence[Any], codec: body.Codec) -> OriginalRow:
    _, _, kind, feed, received_at, packed, place = row
    content = codec.decompress(bytes(packed))
    return OriginalRow(reading.words.text(reading, kind), feed, received_at, place, content)


def count_unmapped(writing: Writing, feed: str, times: Mapping[str, int]) -> None:
    """Add to how often nothing was made of each field (such as "PID-18")."""
    counted = sorted(times.items())
    for first in range(0, len(counted), _NAMES_AT_ONCE):
        some = counted[first : first + _NAMES_AT_ONCE]
        writing.run(
            f"INSERT INTO unmapped VALUES {', '.join(['(?,?,?)'] * len(some))} "
            "ON CONFLICT (feed, field) DO UPDATE SET times = unmapped.times + excluded.times",
            [value for field, number in some for value in (feed, field, number)],
        )


def unmapped(reading: Reading, feed: str) -> dict[str, int]:
    """How often nothing was made of each field of a feed's messages, what occurs most first."""
    rows = reading.rows("SELECT field, times FROM unmapped WHERE feed = ? ORDER BY times DESC, field", (feed,))
    return {str(field): int(times) for field, times in rows}
