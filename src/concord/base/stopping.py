"""Work that nobody waits for any more is stopped: whoever asked has left."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from concord.base.errors import Busy


class Abandoned(Busy):
    """Whoever asked has left before the answer was ready."""


class Stop:
    """One piece of work's sign to stop. Given from any thread, obeyed by what carries the work out."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._acts: list[Callable[[], None]] = []
        self.given = False

    def give(self) -> None:
        """From now on `check` raises, and what is under way is told."""
        with self._lock:
            self.given = True
            for act in self._acts:
                act()

    def check(self) -> None:
        """Raises Abandoned once the sign is given."""
        if self.given:
            raise Abandoned("Nobody waits for this answer any more, so it was left unfinished.")

    @contextmanager
    def telling(self, act: Callable[[], None]) -> Iterator[None]:
        """`act` is called when the sign is given, as long as the block lasts and not a moment longer."""
        self.check()
        with self._lock:
            self._acts.append(act)
        try:
            yield
        finally:
            with self._lock:
                self._acts.remove(act)


STOP: ContextVar[Stop | None] = ContextVar("concord.stop", default=None)
"""The sign of the work in hand; None for work that is always finished."""
