"""`concord ...`: every command of an installation. Each says what went wrong, where, and what to do next."""

from concord.cli.main import cli, main

__all__ = ["cli", "main"]
