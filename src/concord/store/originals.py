"""Messages as they came, with the source patients that they told of; and how often nothing was made of a field."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import zstandard

from concord.store.face import Reading, Writing
from concord.store.items import Place
from concord.store.people import Source

_FIELDS_AT_ONCE = 200
# A dictionary does not pay: one learned from one hospital's messages saves nothing on another's.
_LEVEL = 3


class OriginalRow(NamedTuple):
    """One message: what items call it by, what it is, by which feed it came ("" for none), when, and its bytes."""

    name: str
    kind: str
    feed: str
    received_at: int
    content: bytes


def keep(writing: Writing, sources: Iterable[Source], original: OriginalRow) -> bool:
    """Keep a message with each source patient, once however often it comes, line ends around it apart; whether it was
    new to any."""
    content = original.content
    digest = hashlib.blake2b(content.strip(), digest_size=16).digest()
    rest = (original.name, digest, writing.word(original.kind), original.feed, original.received_at)
    packed = zstandard.compress(content, _LEVEL)
    sql = "INSERT INTO original VALUES (?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING"
    return sum(writing.run(sql, (*source, *rest, packed)) for source in sources) > 0


def of_item(reading: Reading, places: Sequence[Place], names: Sequence[str]) -> list[OriginalRow]:
    """The messages of these names that are held with the source patients of an item's places, the newest first."""
    found = {}
    for home, source_patient in {place.source for place in places}:
        for name in names:
            for digest, kind, *row in reading.rows(
                "SELECT digest, kind, feed, received_at, body FROM original "
                "WHERE home = ? AND source_patient = ? AND name = ?",
                (home, source_patient, name),
            ):
                found[name, bytes(digest)] = _row(name, reading.words.text(reading, kind), *row)
    return [found[key] for key in sorted(found, key=lambda key: (-found[key].received_at, key))]


def _row(name: str, kind: str, feed: str, received_at: int, body: bytes) -> OriginalRow:
    return OriginalRow(name, kind, feed, received_at, zstandard.decompress(bytes(body)))


def count_unmapped(writing: Writing, feed: str, times: Mapping[str, int]) -> None:
    """Add to how often nothing was made of each field (such as "PID-18")."""
    counted = sorted(times.items())
    for first in range(0, len(counted), _FIELDS_AT_ONCE):
        some = counted[first : first + _FIELDS_AT_ONCE]
        writing.run(
            f"INSERT INTO unmapped VALUES {', '.join(['(?,?,?)'] * len(some))} "
            "ON CONFLICT (feed, field) DO UPDATE SET times = unmapped.times + excluded.times",
            [value for field, number in some for value in (feed, field, number)],
        )


def unmapped(reading: Reading, feed: str) -> dict[str, int]:
    """How often nothing was made of each field of a feed's messages, what occurs most first."""
    rows = reading.rows("SELECT field, times FROM unmapped WHERE feed = ? ORDER BY times DESC, field", (feed,))
    return {str(field): int(times) for field, times in rows}
