"""What an answer showed, as its audit row keeps it: which versions of which items, by number, and what was sent."""

import struct
from base64 import b64encode
from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import groupby
from typing import Any

from concord.store.items import StoredItem
from concord.terminology import HEADINGS

_SIZE = 16  # bytes kept of a hash: enough that nobody finds another answer with the same


class Seen:
    """Gathers the items of an answer about one person, and the bytes in which they went out.

    `past`: versions that need not be the current ones, so that their numbers are kept too.
    """

    def __init__(self, shown: Iterable[tuple[StoredItem, bytes]] = (), *, past: bool = False) -> None:
        self._past = past
        self._shown: list[tuple[int, int, int, bytes]] = []
        self._headings: set[int] = set()
        for item, wire in shown:
            self.add(item, wire)

    def add(self, item: StoredItem, wire: bytes = b"") -> None:
        """`wire`: the resource as sent; nothing where the item was only counted."""
        self._shown.append((item.source_patient, item.item, item.version, wire))
        self._headings.add(item.heading)

    @property
    def headings(self) -> list[str]:
        return sorted(HEADINGS[number] for number in self._headings)

    def facts(self) -> dict[str, Any]:
        """`count`, and of what was shown the places, the hash of its versions, and the hash of its bytes."""
        if not self._shown:
            return {"count": 0}
        self._shown.sort()
        sent = sha256()
        for _, _, _, wire in self._shown:
            sent.update(wire)
        return {
            "count": len(self._shown),
            "shown": written((each[0], each[1], each[2] if self._past else None) for each in self._shown),
            "versions": versions_hash((patient, item, version) for patient, item, version, _ in self._shown),
            "sent": _short(sent.digest()),
        }


def versions_hash(rows: Iterable[tuple[int, int, int]]) -> str:
    """Of (source patient, item, version), in order."""
    flat = [number for row in rows for number in row]
    return _short(sha256(struct.pack(f"<{len(flat)}q", *flat)).digest())


def written(places: Iterable[tuple[int, int, int | None]]) -> str:
    """Places (source patient, item, version if it may be a past one) in order: "41:1-310,312;52:7" or "41:7@1,7@2"."""
    return ";".join(
        f"{patient}:{','.join(_parts([(item, version) for _, item, version in group]))}"
        for patient, group in groupby(places, key=lambda place: place[0])
    )


def places(text: str) -> list[tuple[int, int, int | None]]:
    """What `written` wrote."""
    found: list[tuple[int, int, int | None]] = []
    for part in filter(None, text.split(";")):
        patient, _, ranges = part.partition(":")
        for each in ranges.split(","):
            span, _, version = each.partition("@")
            first, _, last = span.partition("-")
            found += [
                (int(patient), item, int(version) if version else None)
                for item in range(int(first), int(last or first) + 1)
            ]
    return found


def _parts(items: Sequence[tuple[int, int | None]]) -> Iterator[str]:
    if items[0][1] is None:
        yield from _ranges(item for item, _ in items)
    else:
        yield from (f"{item}@{version}" for item, version in items)


def _ranges(items: Iterable[int]) -> Iterator[str]:
    first = last = None
    for item in items:
        if last is not None and item == last + 1:
            last = item
            continue
        if first is not None:
            yield f"{first}" if first == last else f"{first}-{last}"
        first = last = item
    if first is not None:
        yield f"{first}" if first == last else f"{first}-{last}"


def _short(digest: bytes) -> str:
    return b64encode(digest[:_SIZE]).decode().rstrip("=")
