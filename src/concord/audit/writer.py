"""The audit writer: rows that wait are committed as one group, and whoever waits for them is released together.

A group is a link of the writer's chain. Once a minute, and when it stops, it signs where all chains stand.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from queue import Empty, SimpleQueue
from typing import Generic, Never, TypeVar, cast

from concord.audit.chain import Chains, Prepared
from concord.audit.checkpoints import Checkpoints
from concord.audit.event import AuditEvent
from concord.base import ConcordError, IdSource, Keys, SystemIds, Unavailable
from concord.store import Store, Writing

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_LARGEST_GROUP = 256
_CHECKPOINT_EVERY_S = 60.0
_log = logging.getLogger("concord.audit")
_Rows = list[Prepared]
_Entry = tuple[_Rows, Future[None]] | None


class Audited(Generic[T_co]):
    """A value about a person, or the refusal of one, locked until its audit row is durable."""

    def __init__(
        self,
        value: T_co | None,
        durable: Future[None],
        timings: Mapping[str, float],
        refusal: ConcordError | None = None,
    ) -> None:
        self._value = value
        self._refusal = refusal
        self._durable = durable
        self.timings = timings
        """Milliseconds spent on named parts of the work ("decide")."""

    async def released(self) -> T_co:
        """The value, once its row is on disk; a refusal is raised. Unavailable when the row could not be written."""
        await asyncio.wrap_future(self._durable)
        return self._unlocked()

    def wait(self) -> T_co:
        """The same for code that may block."""
        self._durable.result()
        return self._unlocked()

    def _unlocked(self) -> T_co:
        if self._refusal is not None:
            raise self._refusal
        return cast("T_co", self._value)


class AuditWriter:
    """One thread that commits audit rows. Stop it with `close`; rows handed in before are written first.

    `ids` names chains and salts details; neither is part of any answer. `measured` hears of each group: its rows, and
    how many seconds they took to become durable.
    """

    def __init__(
        self,
        store: Store,
        keys: Keys,
        checkpoints: Checkpoints,
        *,
        ids: IdSource | None = None,
        measured: Callable[[int, float], None] | None = None,
    ) -> None:
        self._store = store
        self._measured = measured
        self._checkpoints = checkpoints
        self._chains = Chains(keys, ids or SystemIds())
        self._waiting: SimpleQueue[_Entry] = SimpleQueue()
        self._closed = False
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="audit-writer", daemon=True)
        self._thread.start()

    def record(self, value: T, events: Sequence[AuditEvent], timings: Mapping[str, float] | None = None) -> Audited[T]:
        """Lock `value` until `events` are durable. Raises Unavailable after `close`."""
        return Audited(value, self._durably(events), timings or {})

    def refuse(self, refusal: ConcordError, events: Sequence[AuditEvent]) -> Audited[Never]:
        """The same for an answer that is an error: it, too, leaves only when the row that tells of it is durable."""
        return Audited(None, self._durably(events), {}, refusal)

    def append(self, writing: Writing, events: Sequence[AuditEvent]) -> None:
        """For a write: the rows go into its own transaction, as a link of this thread's own chain."""
        self._chains.append(writing, [self._chains.prepare(event) for event in events])

    def close(self) -> None:
        with self._closing:
            if not self._closed:
                self._waiting.put(None)
            self._closed = True
        self._thread.join()

    def _durably(self, events: Sequence[AuditEvent]) -> Future[None]:
        rows = [self._chains.prepare(event) for event in events]
        durable: Future[None] = Future()
        durable.set_running_or_notify_cancel()  # whoever waits may be cancelled; the row may not
        with self._closing:
            if self._closed:
                raise Unavailable("Concord is stopping, so nothing is shown. Try again in a moment.")
            self._waiting.put((rows, durable))
        return durable

    def _run(self) -> None:
        due = time.monotonic() + _CHECKPOINT_EVERY_S
        while True:
            if time.monotonic() >= due:
                self._sign()
                due = time.monotonic() + _CHECKPOINT_EVERY_S
            try:
                entry = self._waiting.get(timeout=_CHECKPOINT_EVERY_S)
            except Empty:
                continue
            group = []
            while entry is not None:
                group.append(entry)
                if len(group) == _LARGEST_GROUP or self._waiting.empty():
                    break
                entry = self._waiting.get()
            if group:
                self._commit(group)
            if entry is None:
                self._sign()
                return

    def _sign(self) -> None:
        """Where it cannot be written, the next one holds what this one would have."""
        try:
            self._checkpoints.sign()
        except Exception as error:  # noqa: BLE001 - the rows are durable, and go on being written
            _log.error("no audit checkpoint could be signed: %s", type(error).__name__)

    def _commit(self, group: list[tuple[_Rows, Future[None]]]) -> None:
        all_rows = [row for rows, _ in group for row in rows]
        started = time.perf_counter()
        try:
            with self._store.appending() as writing:
                self._chains.append(writing, all_rows)
        except Exception as error:  # noqa: BLE001 - whatever stops the row stops the reads that wait for it
            for _, durable in group:
                durable.set_exception(
                    Unavailable(
                        "The audit row could not be written, so nothing is shown. Ring whoever runs Concord here."
                    )
                )
            if not isinstance(error, Unavailable):
                threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
            return
        for _, durable in group:
            durable.set_result(None)
        if self._measured is not None:
            self._measured(len(all_rows), time.perf_counter() - started)
