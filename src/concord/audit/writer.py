"""The audit writer: rows that wait are committed as one group, and whoever waits for them is released together.

While nobody else writes, whoever hands rows in commits them: a thread its own, an event loop all those of one turn. To
wake another thread, and to be woken by it, takes longer than the loop stands still. What finds somebody writing, or the
disk slow, is left to a thread of the writer's own, which takes together all that came meanwhile.
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
from concord.base import Busy, ConcordError, IdSource, Keys, SystemIds, Unavailable
from concord.store import Store, Writing

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
_LARGEST_GROUP = 256
_CHECKPOINT_EVERY_S = 60.0
_SLOW_S = 0.01  # a loop does not stand still for longer twice in a row
_log = logging.getLogger("concord.audit")
_Rows = list[Prepared]
_Entry = tuple[_Rows, Future[None]]
_STOPPING = "Concord is stopping, so nothing is shown. Try again in a moment."


class Audited(Generic[T_co]):
    """A value about a person, or the refusal of one, locked until its audit row is durable."""

    def __init__(
        self,
        value: T_co | None,
        durable: Future[None],
        timings: Mapping[str, float],
        refusal: ConcordError | None = None,
        *,
        hasten: Callable[[], None],
    ) -> None:
        self._hasten = hasten
        self._value = value
        self._refusal = refusal
        self._durable = durable
        self.timings = timings
        """Milliseconds spent on named parts of the work ("decide")."""

    async def released(self) -> T_co:
        """The value, once its row is on disk; a refusal is raised. Unavailable when the row could not be written."""
        if not self._durable.done():
            await asyncio.sleep(0)  # the turn of the loop at the end of which it is written, if nobody else writes
        if not self._durable.done():
            await asyncio.wrap_future(self._durable)
        return self._unlocked()

    def wait(self) -> T_co:
        """The same for code that may block."""
        self._hasten()  # the loop whose turn should end first may be the one that is blocked here
        return self._unlocked()

    def _unlocked(self) -> T_co:
        self._durable.result()
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
        self._waiting: SimpleQueue[_Entry | None] = SimpleQueue()
        self._handed_over = 0  # entries that the thread has not written yet
        self._of_this_turn: list[_Entry] = []
        self._took_s = 0.0
        self._closed = False
        self._closing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="audit-writer", daemon=True)
        self._thread.start()

    def record(self, value: T, events: Sequence[AuditEvent], timings: Mapping[str, float] | None = None) -> Audited[T]:
        """Lock `value` until `events` are durable. Raises Unavailable after `close`."""
        return Audited(value, self._durably(events), timings or {}, hasten=self._end_turn)

    def refuse(self, refusal: ConcordError, events: Sequence[AuditEvent]) -> Audited[Never]:
        """The same for an answer that is an error: it, too, leaves only when the row that tells of it is durable."""
        return Audited(None, self._durably(events), {}, refusal, hasten=self._end_turn)

    def append(self, writing: Writing, events: Sequence[AuditEvent]) -> None:
        """For a write: the rows go into its own transaction, as a link of this thread's own chain."""
        self._chains.append(writing, [self._chains.prepare(event) for event in events])

    def close(self) -> None:
        with self._closing:
            if not self._closed:
                self._hand_over(self._of_this_turn)
                self._of_this_turn = []
                self._waiting.put(None)
            self._closed = True
        self._thread.join()

    def _durably(self, events: Sequence[AuditEvent]) -> Future[None]:
        rows = [self._chains.prepare(event) for event in events]
        durable: Future[None] = Future()
        durable.set_running_or_notify_cancel()  # whoever waits may be cancelled; the row may not
        loop = _running_loop()
        with self._closing:
            if self._closed:
                raise Unavailable(_STOPPING)
            if loop is not None:
                self._of_this_turn.append((rows, durable))
                loop.call_soon(self._end_turn)
        if loop is None:
            self._write([(rows, durable)])
        return durable

    def _end_turn(self) -> None:
        """Write what came in this turn of an event loop."""
        with self._closing:
            group, self._of_this_turn = self._of_this_turn, []
        if group:
            self._write(group)

    def _write(self, group: Sequence[_Entry]) -> None:
        """Here, unless that would be to wait."""
        waits = self._store.waits or self._handed_over or self._took_s > _SLOW_S
        if waits or not self._commit(group, at_once=True):
            with self._closing:
                self._hand_over(group)

    def _hand_over(self, entries: Sequence[_Entry]) -> None:
        """To the thread. Whoever calls holds `_closing`."""
        for entry in entries:
            if self._closed:
                entry[1].set_exception(Unavailable(_STOPPING))
            else:
                self._handed_over += 1
                self._waiting.put(entry)

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
                with self._closing:
                    self._handed_over -= len(group)
            if entry is None:
                self._sign()
                return

    def _sign(self) -> None:
        """Where it cannot be written, the next one holds what this one would have."""
        try:
            self._checkpoints.sign()
        except Exception as error:  # noqa: BLE001 - the rows are durable, and go on being written
            _log.error("no audit checkpoint could be signed: %s", type(error).__name__)

    def _commit(self, group: Sequence[_Entry], *, at_once: bool = False) -> bool:
        """Release those who wait, or refuse them. False: it was somebody else's turn to write, and nothing is done."""
        all_rows = [row for rows, _ in group for row in rows]
        started = time.perf_counter()
        try:
            with self._store.appending(at_once=at_once) as writing:
                self._chains.append(writing, all_rows, one_at_a_time=True)
        except Exception as error:  # noqa: BLE001 - whatever stops the row stops the reads that wait for it
            if at_once and isinstance(error, Busy):
                return False
            for _, durable in group:
                durable.set_exception(
                    Unavailable(
                        "The audit row could not be written, so nothing is shown. Ring whoever runs Concord here."
                    )
                )
            if not isinstance(error, Unavailable):
                threading.excepthook(threading.ExceptHookArgs((type(error), error, error.__traceback__, None)))
            return True
        for _, durable in group:
            durable.set_result(None)
        self._took_s = time.perf_counter() - started
        if self._measured is not None:
            self._measured(len(all_rows), self._took_s)
        return True


def _running_loop() -> asyncio.AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
