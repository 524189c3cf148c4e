"""The face of the record's database, whichever engine stands behind it."""

from contextlib import AbstractContextManager
from typing import Protocol

from concord.store.sqlite import Reading, Writing


class Store(Protocol):
    """Safe to use from several threads."""

    def reading(self) -> AbstractContextManager[Reading]:
        """A snapshot; inside one already open on this thread, that same snapshot."""
        ...

    def writing(self) -> AbstractContextManager[Writing]:
        """A transaction: committed and durable when the block ends, undone when it raises.

        Raises Busy when no turn comes, Unavailable when the disk does not take it.
        """
        ...

    def checkpoint(self) -> None:
        """Tidy up after much was written."""
        ...

    def close(self) -> None: ...
