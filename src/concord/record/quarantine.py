"""What could not be taken in, kept whole until somebody has looked at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from concord.base import Clock, NotFound, OdsCode
from concord.governance import SourceSystem
from concord.store import Store, body, registers


class Reject(Protocol):
    """A reject on its way into quarantine. `original` is what was sent, byte for byte."""

    @property
    def file(self) -> str: ...
    @property
    def entry(self) -> int | None: ...
    @property
    def position(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def original(self) -> bytes: ...


@dataclass(frozen=True, kw_only=True, slots=True)
class Held:
    """One line of the quarantine. `size` of the original in bytes."""

    number: int
    organisation: OdsCode
    kind: str
    file: str
    entry: str
    position: str
    reason: str
    held_at: datetime
    size: int


class Quarantine:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def hold(self, rejects: Sequence[Reject], by: SourceSystem) -> None:
        """Keep rejects durably; the same bytes for the same reason once."""
        held_at = body.microseconds(self._clock.now())
        with self._store.writing() as writing:
            for reject in rejects:
                registers.quarantine(
                    writing,
                    (
                        by.organisation, reject.kind, reject.file, "" if reject.entry is None else str(reject.entry),
                        reject.position, reject.reason, held_at, sha256(reject.original).hexdigest(), reject.original,
                    ),
                )  # fmt: skip

    def held(self) -> list[Held]:
        """Everything in quarantine, oldest first; without the originals, which may name people."""
        with self._store.reading() as reading:
            rows = registers.quarantined(reading)
        return [
            Held(
                number=number, organisation=OdsCode(organisation), kind=kind, file=file, entry=entry, position=position,
                reason=reason, held_at=body.instant(held_at), size=size,
            )
            for number, organisation, kind, file, entry, position, reason, held_at, size in rows
        ]  # fmt: skip

    def original(self, number: int) -> bytes:
        """A reject as it was sent, byte for byte. NotFound when there is none of that number."""
        with self._store.reading() as reading:
            found = registers.quarantined_original(reading, number)
        if found is None:
            raise NotFound(f"Nothing is held under the number {number}. `concord quarantine` lists what is.")
        return found
