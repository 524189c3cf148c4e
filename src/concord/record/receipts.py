"""Which messages a source system was told that they are safe: so that the same again is known for what it is."""

from concord.base import Clock
from concord.governance import SourceSystem
from concord.store import Store, body, registers


class Receipts:
    """Kept apart from what the messages said. Names and contents come as hashes."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def keep(self, message: bytes, content: bytes, by: SourceSystem) -> None:
        """Keep durably that `message` was taken in with `content`."""
        with self._store.writing() as writing:
            registers.receive(writing, by.organisation, message, content, body.microseconds(self._clock.now()))

    def content(self, message: bytes, by: SourceSystem) -> bytes | None:
        """The content that `message` was taken in with; None when it was not."""
        with self._store.reading() as reading:
            return registers.received(reading, by.organisation, message)
