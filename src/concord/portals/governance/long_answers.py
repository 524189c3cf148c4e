"""Answers that take longer than a page should: worked on beside, and asked for again until they are there.

What is under way is of one user and this process, and ends with it: asked for again, it begins anew. A user has two at
a time; one more leaves the oldest unfinished.
"""

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future, wait
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from starlette.concurrency import run_in_threadpool

from concord.base import STOP, Stop
from concord.portals.audited import Audited

T = TypeVar("T")
_KEPT_S = 600.0
Progress = Callable[[int, int], None]
"""Hears how much of how much is done."""


@dataclass(frozen=True, kw_only=True, slots=True)
class UnderWay:
    """How far an answer has come: `done` of about `of`, which is of nothing while that is not known."""

    done: int
    of: int

    @property
    def per_cent(self) -> int:
        """In tens, since what is told exactly tells how many are held."""
        return 0 if self.of == 0 else min(90, 10 * (10 * self.done // self.of))


@dataclass(kw_only=True)
class _Making(Generic[T]):
    stop: Stop = field(default_factory=Stop)
    answer: Future[Audited[T]] = field(default_factory=Future)
    so_far: UnderWay = UnderWay(done=0, of=0)
    ended: float | None = None

    @property
    def is_old(self) -> bool:
        """Whether nobody has come for it until it was out of date."""
        return self.ended is not None and time.monotonic() - self.ended > _KEPT_S

    def heard(self, done: int, of: int) -> None:
        self.stop.check()
        self.so_far = UnderWay(done=done, of=of)


class LongAnswers:
    """`PATIENCE_S`: for so long a page waits before it says how far the answer has come."""

    PATIENCE_S = 2.0
    _AT_ONCE = 2  # whoever they are of
    _MOST = 2  # of one user

    def __init__(self) -> None:
        self._made: dict[tuple[str, Hashable], _Making[Any]] = {}
        self._room = threading.BoundedSemaphore(self._AT_ONCE)

    async def ask(self, user: str, question: Hashable, work: Callable[[Progress], Audited[T]]) -> T | UnderWay:
        """The answer, audited by now, or how far it has come. Once given it is forgotten. Raises what `work` raises."""
        known: _Making[T] | None = self._made.get((user, question))
        making = self._begun(user, question, work) if known is None or known.is_old else known
        await run_in_threadpool(wait, [making.answer], self.PATIENCE_S)
        if not making.answer.done():
            return making.so_far
        if self._made.get((user, question)) is making:
            del self._made[user, question]
        return await making.answer.result().released()

    def _begun(self, user: str, question: Hashable, work: Callable[[Progress], Audited[T]]) -> _Making[T]:
        earlier = [key for key in self._made if key[0] == user and key[1] != question]
        for key in earlier[: len(earlier) + 1 - self._MOST]:
            self._made.pop(key).stop.give()
        making = self._made[user, question] = _Making()
        threading.Thread(target=self._carry_out, args=(making, work), name="long-answer", daemon=True).start()
        return making

    def _carry_out(self, making: _Making[T], work: Callable[[Progress], Audited[T]]) -> None:
        STOP.set(making.stop)  # of this thread alone
        try:
            with self._room:
                making.stop.check()
                making.answer.set_result(work(making.heard))
        except BaseException as error:  # noqa: BLE001 - it is raised where the answer is asked for
            making.answer.set_exception(error)
        making.ended = time.monotonic()
