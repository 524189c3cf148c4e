"""`concord ...`: every command of an installation.

Promises: each says what it did, or what went wrong, where, and what to do next; exit 0 when done, 2 for a wrong use, 3
for a load with rejects, 1 for all else. Refuses: doing anything that a room below does not offer.
"""

from concord.cli.commands import cli, main

__all__ = ["cli", "main"]
