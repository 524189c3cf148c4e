"""What comes out of a door only when its audit row is durable."""

from collections.abc import Awaitable
from typing import Protocol, TypeVar

T_co = TypeVar("T_co", covariant=True)


class Audited(Protocol[T_co]):
    """A value that comes out only when its audit row is durable."""

    def released(self) -> Awaitable[T_co]: ...
