"""What came by which feed, and which messages a source system was told that they are safe: so that the same again is
known for what it is."""

from concord.base import Clock
from concord.governance import SourceSystem
from concord.record.traffic import Arrival, note
from concord.store import Store, body, registers

Receipt = tuple[bytes, bytes]
"""The hashes of a message's name, and of its content."""


class Receipts:
    """Kept apart from what the messages said."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def keep(self, arrival: Arrival, receipt: Receipt | None, by: SourceSystem) -> None:
        """Note durably that something came; with a receipt, that it was taken in as what the receipt says."""
        now = self._clock.now()
        with self._store.writing() as writing:
            if receipt is not None:
                registers.receive(writing, by.organisation, *receipt, body.microseconds(now))
            note(writing, arrival, now)

    def content(self, message: bytes, by: SourceSystem) -> bytes | None:
        """The content that `message` was taken in with; None when it was not."""
        with self._store.reading() as reading:
            return registers.received(reading, by.organisation, message)
