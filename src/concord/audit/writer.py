"""The audit writer: rows that wait are committed as one group, and whoever waits for them is released together."""

import asyncio
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Generic, TypeVar

from concord.audit.event import AuditEvent, append
from concord.base import Unavailable
from concord.store import SqliteStore, Writing

T = TypeVar("T")
_LARGEST_GROUP = 256


class Audited(Generic[T]):
    """A value about a person, locked until its audit row is durable."""

    def __init__(self, value: T, durable: Future[None], timings: Mapping[str, float]) -> None:
        self._value = value
        self._durable = durable
        self.timings = timings
        """Milliseconds spent on named parts of the work ("decide")."""

    async def released(self) -> T:
        """The value, once its row is on disk. Unavailable when the row could not be written."""
        await asyncio.wrap_future(self._durable)
        return self._value

    def wait(self) -> T:
        """The same for code that may block."""
        self._durable.result()
        return self._value


class AuditWriter:
    """One thread that commits audit rows. Stop it with `close`; rows handed in before are written first."""

    def __init__(self, store: SqliteStore) -> None:
        self._store = store
        self._waiting: SimpleQueue[tuple[Sequence[AuditEvent], Future[None]] | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="audit-writer", daemon=True)
        self._thread.start()

    def record(
        self, value: T, events: Sequence[AuditEvent], timings: Mapping[str, float] | None = None
    ) -> Audited[T]:
        """Lock `value` until `events` are durable."""
        durable: Future[None] = Future()
        self._waiting.put((events, durable))
        return Audited(value, durable, timings or {})

    def append(self, writing: Writing, events: Sequence[AuditEvent]) -> None:
        """For a write: the rows go into its own transaction."""
        append(writing, list(events))

    def close(self) -> None:
        self._waiting.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            entry = self._waiting.get()
            group = []
            while entry is not None:
                group.append(entry)
                if len(group) == _LARGEST_GROUP or self._waiting.empty():
                    break
                entry = self._waiting.get()
            if group:
                self._commit(group)
            if entry is None:
                return

    def _commit(self, group: list[tuple[Sequence[AuditEvent], Future[None]]]) -> None:
        try:
            with self._store.writing() as writing:
                append(writing, [event for events, _ in group for event in events])
        except Exception as error:  # whatever stops the row stops the reads that wait for it
            for _, durable in group:
                durable.set_exception(
                    Unavailable("The audit row could not be written, so nothing is shown. Tell whoever runs Concord.")
                )
            if not isinstance(error, Unavailable):
                threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
            return
        for _, durable in group:
            durable.set_result(None)
