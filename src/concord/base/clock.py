"""Time comes from a clock that is handed in, so that tests and twin worlds can hold it still."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The present instant, aware, in UTC."""
        ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass
class FixedClock:
    """Stands still until it is told otherwise."""

    instant: datetime

    def now(self) -> datetime:
        return self.instant
