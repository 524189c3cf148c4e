"""The only place where the rooms are put together.

Promises: clock, ids, keys and database come in as arguments, so that a test composes what `concord serve` does.
Refuses: to decide anything itself.
"""

from concord.app.composing import compose, compose_installation, restore_database
from concord.app.system import App

__all__ = ["App", "compose", "compose_installation", "restore_database"]
